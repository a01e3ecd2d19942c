package rules

import (
	"maps"
	"slices"
	"strings"
	"time"

	"cagnotte/internal/id"
	"cagnotte/internal/ledger"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/money"
)

// Program is a program with all its published versions, compiled.
type Program struct {
	ID       id.Program
	Name     string
	Running  bool // rewards are not stopped
	Versions []*Version
}

// Version is one published version.
type Version struct {
	Program     *Program
	N           int
	StartsAt    moment.Time
	EndsAt      moment.Time // exclusive; zero: open
	PublishedAt moment.Time
	Doc         *Document
	Rules       []*Compiled
}

// Compiled is a rule ready to judge.
type Compiled struct {
	*Rule
	Version *Version
	counts  func(*loyalty.Line) bool // nil: every line counts
	units   []ledger.Unit            // of Gives
	pays    ledger.Unit              // of an exchange
}

// Compile makes a version judge. The document must have come from Parse or from the store.
func Compile(p *Program, n int, starts, ends, published moment.Time, d *Document) *Version {
	v := &Version{Program: p, N: n, StartsAt: starts, EndsAt: ends, PublishedAt: published, Doc: d}
	for i := range d.Rules {
		r := &d.Rules[i]
		c := &Compiled{Rule: r, Version: v, counts: matcher(r.Of, r.Except)}
		for _, g := range r.Gives {
			c.units = append(c.units, p.unit(g.Unit))
		}
		if r.Trigger == OnThreshold {
			c.pays = p.unit(r.Unit)
		}
		v.Rules = append(v.Rules, c)
	}
	return v
}

// unit gives what a text names "stamps" the name of this program's stamps.
func (p *Program) unit(name string) ledger.Unit {
	if name == Stamps {
		return ledger.Unit(Stamps + ":" + p.ID.String())
	}
	return ledger.Unit(name)
}

// Unit is the ledger's unit of the i-th give.
func (c *Compiled) Unit(i int) ledger.Unit { return c.units[i] }

// Pays is the unit that an exchange consumes.
func (c *Compiled) Pays() ledger.Unit { return c.pays }

func matcher(of, except Articles) func(*loyalty.Line) bool {
	in, out := set(of.SKUs), set(except.SKUs)
	inCat, outCat := set(of.Categories), set(except.Categories)
	if len(in)+len(out)+len(inCat)+len(outCat) == 0 {
		return nil
	}
	all := len(in)+len(inCat) == 0
	return func(l *loyalty.Line) bool {
		if has(out, l.SKU) || has(outCat, l.Category) {
			return false
		}
		return all || has(in, l.SKU) || has(inCat, l.Category)
	}
}

func set(names []string) map[string]struct{} {
	m := make(map[string]struct{}, len(names))
	for _, n := range names {
		m[strings.ToUpper(n)] = struct{}{}
	}
	return m
}

// has compares without regard to case: real article numbers come in both.
func has(m map[string]struct{}, name string) bool {
	if len(m) == 0 || name == "" {
		return false
	}
	_, ok := m[strings.ToUpper(name)] // allocates only when there is lower case in it
	return ok
}

// Eligible is what counts of an order for a rule: minor units and items.
type Eligible struct{ Amount, Items int64 }

// Whole is what counted before anything came back.
func (c *Compiled) Whole(o *loyalty.OrderRow) (e Eligible) {
	for i := range o.Lines {
		if c.counts == nil || c.counts(&o.Lines[i]) {
			e.Amount += o.Lines[i].Amount
			e.Items += o.Lines[i].Quantity
		}
	}
	return e
}

// Left is what counts of what has not come back.
func (c *Compiled) Left(o *loyalty.OrderRow) (e Eligible) {
	for i := range o.Lines {
		if c.counts == nil || c.counts(&o.Lines[i]) {
			e.Amount += o.Lines[i].Amount - o.Back[i].Amount
			e.Items += o.Lines[i].Quantity - o.Back[i].Quantity
		}
	}
	return e
}

// Basis is the measure a give is computed from: items, or the amount.
func (e Eligible) Basis(g *Give) int64 {
	if g.Measure == PerItem {
		return e.Items
	}
	return e.Amount
}

// Amount computes a give from its eligible part; it rounds once.
func (c *Compiled) Amount(i int, e Eligible) int64 {
	g := &c.Gives[i]
	switch g.Measure {
	case PerItem:
		n, err := money.MulDiv(e.Items, g.Amount, 1, money.Down)
		if err != nil {
			return money.Max
		}
		return min(n, money.Max)
	case PerAmount:
		n, err := money.MulDiv(e.Amount, g.Amount, g.Per, c.Round)
		if err != nil {
			return money.Max
		}
		return min(n, money.Max)
	}
	return g.Amount
}

// Judge tells why the rule does not hold for what is left of an order; empty when it
// does.
func (c *Compiled) Judge(e Eligible, o *loyalty.OrderRow) loyalty.Reason {
	switch {
	case e.Amount < c.Minimum:
		return loyalty.BelowMinimum
	case c.counts != nil && e.Items == 0 && e.Amount == 0 && len(o.Lines) > 0:
		return loyalty.ExcludedItems
	}
	return ""
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

// Book is every program of a shop, as of one revision.
type Book struct {
	Rev      int64
	Programs []*Program
	pays     map[ledger.Unit]bool
	once     bool
}

// NewBook indexes the programs.
func NewBook(rev int64, programs []*Program) *Book {
	b := &Book{Rev: rev, Programs: programs, pays: map[ledger.Unit]bool{}}
	for _, p := range programs {
		slices.SortFunc(p.Versions, func(a, b *Version) int { return a.N - b.N })
		for _, v := range p.Versions {
			for _, r := range v.Rules {
				if r.Trigger == OnThreshold {
					b.pays[r.pays] = true
				}
				b.once = b.once || r.First || r.Trigger == OnSignUp
			}
		}
	}
	return b
}

// Exchanges tells whether a unit is exchanged by itself somewhere.
func (b *Book) Exchanges(u ledger.Unit) bool { return b.pays[u] }

// InForce gives the version that judges what happened at t and was first recorded at
// recorded: the latest to have started among those published by then. The first version
// may start before it was published; nil when none was in force.
func (p *Program) InForce(t, recorded moment.Time) *Version {
	var found *Version
	for _, v := range p.Versions {
		if v.StartsAt <= t && v.PublishedAt <= recorded {
			found = v
		}
	}
	if found == nil || found.EndsAt != 0 && found.EndsAt <= t {
		return nil
	}
	return found
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

// Program finds a program by id; nil when there is none.
func (b *Book) Program(p id.Program) *Program {
	for _, x := range b.Programs {
		if x.ID == p {
			return x
		}
	}
	return nil
}

// Once tells whether any rule gives something only once in a life or a referral: a first
// order, a sign-up.
func (b *Book) Once() bool { return b.once }

// ExchangeUnits lists the units that are exchanged by themselves.
func (b *Book) ExchangeUnits() []ledger.Unit { return slices.Sorted(maps.Keys(b.pays)) }
