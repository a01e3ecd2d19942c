package rules

import (
	"time"

	"cagnotte/internal/id"
	"cagnotte/internal/ledger"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
)

// Program is a program with all its published versions, compiled.
type Program struct {
	ID       id.Program
	Name     string
	Pauses   []Pause
	Versions []*Version
}

// Pause is a time in which a program gives nothing, announced before it begins: like a
// version it never decides about what was recorded before.
type Pause struct {
	From      moment.Time
	Until     moment.Time // exclusive; zero: until further notice
	Announced moment.Time
}

// PausedAt tells whether the program gave nothing at t, for a fact first recorded at
// recorded.
func (p *Program) PausedAt(t, recorded moment.Time) bool {
	t = min(t, recorded)
	for _, x := range p.Pauses {
		if x.Announced <= recorded && x.From <= t && (x.Until == 0 || t < x.Until) {
			return true
		}
	}
	return false
}

// Version is one published version.
type Version struct {
	Program     *Program
	N           int
	StartsAt    moment.Time
	EndsAt      moment.Time // exclusive; zero: open
	PublishedAt moment.Time
	WithdrawnAt moment.Time // taken back before its start, so that it never judges; zero: it was not
	Doc         *Document
	Rules       []*Compiled
	on          map[string][]*Compiled // by trigger
}

// On lists the rules that answer to a trigger.
func (v *Version) On(trigger string) []*Compiled { return v.on[trigger] }

// Compiled is a rule ready to judge.
type Compiled struct {
	*Rule
	Version *Version
	Index   int                      // its place in the document
	counts  func(*loyalty.Line) bool // nil: every line counts
	named   func(*loyalty.Line) bool // of the articles that the rule is about; nil: all
	plain   bool                     // a line's amount counts as it is
	checks  []check
	units   []ledger.Unit // of Gives
	need    ledger.Unit   // of Need or Times
	tally   ledger.Unit   // of Recur.Together

	Caps    []Limit // that are counted: the rule's own, then its program's
	Budgets []Limit // the rule's own, then its program's
	NthName string  // the counter of its occasions; empty: they are not counted
	Steps   string  // the counter of an exchange's steps; empty: it is none
}

// Limit is a cap or a budget with the name of its counter, made once.
type Limit struct {
	Name   string
	Period string
	Size   int64  // how much, in what What says
	What   string // Rewards, Uses, Worth, or a unit
}

// Whats of a budget.
const (
	Uses  = "uses"
	Worth = "worth" // minor units of money
)

func (c *Compiled) limits() {
	p, r, d := c.Version.Program.ID.String(), c.Rule, c.Version.Doc
	if r.Cap.N > 0 && r.Cap.Period != "order" {
		c.Caps = append(c.Caps, Limit{"cap:" + p + "/" + r.Name, r.Cap.Period, r.Cap.N, r.Cap.What})
	}
	if d.Cap.N > 0 && r.Trigger != OnThreshold {
		c.Caps = append(c.Caps, Limit{"cap:" + p, d.Cap.Period, d.Cap.N, d.Cap.What})
	}
	add := func(b Budget, name string) {
		if b.Uses > 0 {
			c.Budgets = append(c.Budgets, Limit{name + "#uses", b.Period, b.Uses, Uses})
		}
		if b.Money > 0 {
			c.Budgets = append(c.Budgets, Limit{name + "#money", b.Period, b.Money, Worth})
		}
	}
	add(r.Budget, "budget/"+r.Name)
	add(d.Budget, "budget")
	if r.Recur.Kind == Nth || r.Recur.Kind == Every {
		c.NthName = "nth:" + p + "/" + r.Name
	}
	if r.Trigger == OnThreshold {
		c.Steps = "steps:" + p + "/" + r.Name
	}
}

// Compile makes a version judge. The document must have come from Parse or from the store.
func Compile(p *Program, n int, starts, ends, published moment.Time, d *Document) *Version {
	v := &Version{Program: p, N: n, StartsAt: starts, EndsAt: ends, PublishedAt: published, Doc: d, on: map[string][]*Compiled{}}
	for i := range d.Rules {
		r := &d.Rules[i]
		c := &Compiled{Rule: r, Version: v, Index: i, counts: matcher(r.Of, r.Except), named: matcher(r.Of, Articles{}), plain: r.Basis == Basis{Rewards: true}}
		for _, g := range r.Gives {
			c.units = append(c.units, p.unit(g.Unit))
		}
		c.need = p.unit(r.Unit)
		if r.Recur.Together > 0 {
			c.tally = ledger.Unit(Tally + ":" + p.ID.String() + ":" + r.Name)
		}
		c.checks = compileChecks(r)
		if r.When.Chosen {
			c.checks = append(c.checks, c.chosen())
		}
		c.limits()
		v.Rules = append(v.Rules, c)
		v.on[r.Trigger] = append(v.on[r.Trigger], c)
	}
	return v
}

// unit gives what a text names "stamps" the name of this program's stamps.
func (p *Program) unit(name string) ledger.Unit {
	if name == Stamps || name == Referrals {
		return ledger.Unit(name + ":" + p.ID.String())
	}
	return ledger.Unit(name)
}

// UnitOf is the ledger's unit of a name in this program's text.
func (p *Program) UnitOf(name string) ledger.Unit { return p.unit(name) }

// Unit is the ledger's unit of the i-th give; empty for a voucher, a gift, a choice.
func (c *Compiled) Unit(i int) ledger.Unit { return c.units[i] }

// Pays is the unit that an exchange consumes, or whose earning a rule waits for.
func (c *Compiled) Pays() ledger.Unit { return c.need }

// Counted is the unit in which orders count together towards the rule; empty: they do not.
func (c *Compiled) Counted() ledger.Unit { return c.tally }

// Concerns tells whether the rule has anything to do with an order: one about certain
// articles has not where none of them was bought, and says nothing about it.
func (c *Compiled) Concerns(o *loyalty.OrderRow) bool {
	if c.named == nil || o == nil {
		return true
	}
	for i := range o.Lines {
		if c.named(&o.Lines[i]) {
			return true
		}
	}
	return false
}

// Multiplies tells whether the rule only scales what others earn.
func (c *Compiled) Multiplies() bool { return c.Times > 0 }

// Card tells whether the rule belongs to a card that members begin: they keep its version.
func (c *Compiled) Card() bool {
	return c.Trigger != OnThreshold && len(c.Gives) > 0 && c.Gives[0].Unit == Stamps
}

// ExpiresAt is the exclusive end of value that opens at t: the whole last day counts.
func (e Expiry) ExpiresAt(t moment.Time, zone *time.Location) moment.Time {
	switch e.Kind {
	case ExpiryDays:
		return t.AddDays(e.N, zone).NextDay(zone)
	case ExpiryMonths:
		return t.AddMonths(e.N, zone).NextDay(zone)
	case ExpiryPeriod:
		return t.EndOfPeriod(e.N, zone)
	case ExpiryDate:
		return e.Date
	}
	return 0
}

// InForce gives the version that judges what happened at t and was first recorded at
// recorded: the latest to have started among those published by then. The first version
// may start before it was published; nil when none was in force. What is dated ahead is
// judged as of its recording: a later version starts ahead of its publication, so that
// whatever was recorded before it was there is judged alike ever after.
func (p *Program) InForce(t, recorded moment.Time) *Version {
	t = min(t, recorded)
	var found *Version
	for _, v := range p.Versions {
		if v.StartsAt <= t && v.PublishedAt <= recorded && v.WithdrawnAt == 0 {
			found = v
		}
	}
	if found == nil || found.EndsAt != 0 && found.EndsAt <= t {
		return nil
	}
	return found
}

// Newest is the version published last, of those that were not withdrawn; nil when there is
// none.
func (p *Program) Newest() *Version {
	for i := len(p.Versions) - 1; i >= 0; i-- {
		if p.Versions[i].WithdrawnAt == 0 {
			return p.Versions[i]
		}
	}
	return nil
}

// Replaced tells whether a later version took a version's place before it began.
func (p *Program) Replaced(v *Version) bool {
	for _, w := range p.Versions {
		if w.N > v.N && w.WithdrawnAt == 0 && w.StartsAt <= v.StartsAt {
			return true
		}
	}
	return false
}

// Version finds a version by its number; nil when there is none.
func (p *Program) Version(n int) *Version {
	for _, v := range p.Versions {
		if v.N == n {
			return v
		}
	}
	return nil
}
