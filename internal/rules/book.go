package rules

import (
	"maps"
	"slices"
	"strings"

	"cagnotte/internal/id"
	"cagnotte/internal/ledger"
)

// Book is every program of a shop, as of one revision, with what loading must know of it.
type Book struct {
	Rev      int64
	Programs []*Program
	pays     map[ledger.Unit]bool // exchanged by themselves or when asked
	reached  map[ledger.Unit]bool // earning so much of them gives something
	once     bool
	tags     bool
	budgets  []*Program
	answers  map[string]bool // triggers that some rule answers to
	counters []*Compiled     // rules that read counters
}

// NewBook indexes the programs.
func NewBook(rev int64, programs []*Program) *Book {
	b := &Book{Rev: rev, Programs: programs, pays: map[ledger.Unit]bool{}, reached: map[ledger.Unit]bool{}, answers: map[string]bool{}}
	for _, p := range programs {
		slices.SortFunc(p.Versions, func(a, b *Version) int { return a.N - b.N })
		limited := false
		for _, v := range p.Versions {
			limited = limited || !v.Doc.Budget.None()
			for _, r := range v.Rules {
				b.answers[r.Trigger] = true
				if len(r.Caps) > 0 || r.NthName != "" || r.Steps != "" {
					b.counters = append(b.counters, r)
				}
				switch r.Trigger {
				case OnThreshold:
					b.pays[r.need] = true
				case OnReaching:
					b.reached[r.need] = true
				}
				if r.tally != "" {
					b.reached[r.tally] = true
				}
				limited = limited || !r.Budget.None()
				b.once = b.once || r.Recur != (Recurrence{}) || r.Trigger == OnSignUp || r.Trigger == OnReaching || r.Refer
				b.tags = b.tags || len(r.When.Segments) > 0
			}
		}
		if limited {
			b.budgets = append(b.budgets, p)
		}
	}
	return b
}

// Exchanges tells whether a unit is exchanged somewhere, by itself or when asked.
func (b *Book) Exchanges(u ledger.Unit) bool { return b.pays[u] }

// Reaches tells whether earning so much of a unit gives something somewhere.
func (b *Book) Reaches(u ledger.Unit) bool { return b.reached[u] }

// Once tells whether any rule gives something only once in a life or a referral: a first
// order, a sign-up, a milestone.
func (b *Book) Once() bool { return b.once }

// Tags tells whether any rule asks for a segment.
func (b *Book) Tags() bool { return b.tags }

// Answers tells whether any rule answers to a trigger.
func (b *Book) Answers(trigger string) bool { return b.answers[trigger] }

// Counting lists the rules that read counters of a member.
func (b *Book) Counting() []*Compiled { return b.counters }

// Limited lists the programs with a budget, which all their members compete for.
func (b *Book) Limited() []*Program { return b.budgets }

// NeedsLots tells whether decisions look at every lot of a unit: it is exchanged, or
// reaching so much of it gives something.
func (b *Book) NeedsLots(u ledger.Unit) bool {
	return b.pays[u] || b.reached[u] && !strings.HasPrefix(string(u), Tally+":")
}

// LotUnits lists the units of which decisions look at every lot.
func (b *Book) LotUnits() []ledger.Unit {
	var out []ledger.Unit
	for u := range b.reached {
		if !b.pays[u] && b.NeedsLots(u) {
			out = append(out, u)
		}
	}
	out = slices.AppendSeq(out, maps.Keys(b.pays))
	slices.Sort(out)
	return out
}

// ReachedUnits lists the units of which reaching so much gives something.
func (b *Book) ReachedUnits() []ledger.Unit { return slices.Sorted(maps.Keys(b.reached)) }

// Program finds a program by id; nil when there is none.
func (b *Book) Program(p id.Program) *Program {
	for _, x := range b.Programs {
		if x.ID == p {
			return x
		}
	}
	return nil
}
