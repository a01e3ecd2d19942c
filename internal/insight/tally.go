package insight

import (
	"maps"
	"slices"
	"strings"

	"cagnotte/internal/ledger"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/rules"
)

// ruleOf is a rule and which of its gives a reward came from.
type ruleOf struct {
	*rules.Compiled
	give int
}

// tally is what a worker has counted. Tallies of several workers add up to the whole.
type tally struct {
	facts, impossible                   int64
	guestOrders, guestAmount            int64
	members, reached, newcomers, newGot int64
	orders, returns, bought, returned   int64
	cost                                int64

	rules   map[ruleOf]*ruleTally
	units   map[ledger.Unit]*unitTally
	refused map[loyalty.Reason]int64
	winners []BacktestMember // the biggest, never more than MaxListed
	signs   map[string]*signTally
}

// ruleTally is what one give of a rule did.
type ruleTally struct {
	rewards, amount          int64 // given, whatever became of it
	returned, taken          int64 // rewards of which something went back, and how much
	waiting, waitingAmount   int64 // of what was given and not taken back: not open yet
	cost                     int64
	unpriced, unpricedAmount int64 // given and not taken back, and nothing says what it is worth
	opens                    moment.Time
	refused                  map[loyalty.Reason]int64
}

// unitTally is where the units of one kind have gone, and where they are at the end.
type unitTally struct{ given, taken, exchanged, ended, open, waiting, owed int64 }

type signTally struct {
	members int64
	cases   []BacktestMember // the worst, never more than MaxListed
}

func newTally() *tally {
	return &tally{
		rules: map[ruleOf]*ruleTally{}, units: map[ledger.Unit]*unitTally{}, refused: map[loyalty.Reason]int64{}, signs: map[string]*signTally{},
	}
}

func (s *tally) rule(r ruleOf) *ruleTally {
	x := s.rules[r]
	if x == nil {
		x = &ruleTally{refused: map[loyalty.Reason]int64{}}
		s.rules[r] = x
	}
	return x
}

func (s *tally) unit(u ledger.Unit) *unitTally {
	x := s.units[u]
	if x == nil {
		x = &unitTally{}
		s.units[u] = x
	}
	return x
}

// counting tells whether a unit is only how orders count together towards a rule.
func counting(u ledger.Unit) bool { return strings.HasPrefix(string(u), rules.Tally+":") }

// lines counts what a receipt says and no reward keeps: refusals, exchanges, ends, and
// what a return took that named no order. Of that it gives the worth, and how much it was
// in the unit that winners are ranked by.
func (s *tally) lines(t *trial, list []loyalty.ReceiptLine) (lost, units int64) {
	for i := range list {
		l := &list[i]
		switch {
		case l.Outcome == loyalty.Refused:
			s.refused[l.Code]++
			if r := t.named(l); r.Compiled != nil {
				s.rule(r).refused[l.Code]++
			}
		case l.Unit == "" || counting(l.Unit):
		case l.Outcome == loyalty.Exchanged:
			s.unit(l.Unit).exchanged += l.Amount
		case l.Outcome == loyalty.Undone && l.Exchange:
			s.unit(l.Unit).exchanged -= l.Amount
		case l.Outcome == loyalty.Expired:
			s.unit(l.Unit).ended += l.Amount
		case l.Outcome == loyalty.TakenBack && l.Code == loyalty.NoteUnknown:
			lost += s.strayed(t, l)
			if l.Unit == t.ranked {
				units += l.Amount
			}
		}
	}
	return lost, units
}

// strayed counts units that went back for a return without an order: no reward knows it.
// It gives what they were worth.
func (s *tally) strayed(t *trial, l *loyalty.ReceiptLine) (worth int64) {
	s.unit(l.Unit).taken += l.Amount
	r := t.named(l)
	if r.Compiled == nil {
		return 0
	}
	x := s.rule(r)
	x.returned++
	x.taken += l.Amount
	if r.Priced(r.give, t.shop.Currency) {
		worth = r.WorthOf(r.give, l.Amount, t.shop.Currency)
		x.cost -= worth
		s.cost -= worth
		return worth
	}
	x.unpricedAmount -= l.Amount
	return 0
}

// named finds the rule that a line of a receipt speaks of; none where it speaks of no rule.
func (t *trial) named(l *loyalty.ReceiptLine) ruleOf {
	for _, p := range t.book.Programs {
		if p.ID != l.Program {
			continue
		}
		for _, r := range p.Versions[0].Rules {
			if r.Name != l.Rule {
				continue
			}
			for i, g := range r.Gives {
				if l.Part == "" || g.Part == l.Part && (l.Unit == "" || r.Unit(i) == l.Unit) {
					return ruleOf{r, i}
				}
			}
			return ruleOf{r, 0}
		}
	}
	return ruleOf{}
}

// add takes over what another worker has counted.
func (s *tally) add(o *tally, t *trial) {
	for _, n := range [][2]*int64{
		{&s.facts, &o.facts}, {&s.impossible, &o.impossible}, {&s.guestOrders, &o.guestOrders}, {&s.guestAmount, &o.guestAmount},
		{&s.members, &o.members}, {&s.reached, &o.reached}, {&s.newcomers, &o.newcomers}, {&s.newGot, &o.newGot},
		{&s.orders, &o.orders}, {&s.returns, &o.returns}, {&s.bought, &o.bought}, {&s.returned, &o.returned}, {&s.cost, &o.cost},
	} {
		*n[0] += *n[1]
	}
	for r, x := range o.rules {
		y := s.rule(r)
		for _, n := range [][2]*int64{
			{&y.rewards, &x.rewards}, {&y.amount, &x.amount}, {&y.returned, &x.returned}, {&y.taken, &x.taken}, {&y.waiting, &x.waiting},
			{&y.waitingAmount, &x.waitingAmount}, {&y.cost, &x.cost}, {&y.unpriced, &x.unpriced}, {&y.unpricedAmount, &x.unpricedAmount},
		} {
			*n[0] += *n[1]
		}
		y.opens = max(y.opens, x.opens)
		addCounts(y.refused, x.refused)
	}
	for u, x := range o.units {
		y := s.unit(u)
		for _, n := range [][2]*int64{
			{&y.given, &x.given}, {&y.taken, &x.taken}, {&y.exchanged, &x.exchanged}, {&y.ended, &x.ended}, {&y.open, &x.open},
			{&y.waiting, &x.waiting}, {&y.owed, &x.owed},
		} {
			*n[0] += *n[1]
		}
	}
	addCounts(s.refused, o.refused)
	for _, w := range o.winners {
		s.winners = t.winner(s.winners, w)
	}
	for name, x := range o.signs {
		for _, c := range x.cases {
			s.sign(name, c)
		}
		s.signs[name].members += x.members - int64(len(x.cases))
	}
}

func addCounts(to, from map[loyalty.Reason]int64) {
	for k, n := range from {
		to[k] += n
	}
}

// MaxListed is how many winners, and how many cases of each sign, are named.
const MaxListed = 10

// listed keeps the first MaxListed of a sorted list with one more entry.
func listed(list []BacktestMember, x BacktestMember, compare func(a, b *BacktestMember) int) []BacktestMember {
	at, _ := slices.BinarySearchFunc(list, x, func(a, b BacktestMember) int { return compare(&a, &b) })
	if at == MaxListed {
		return list
	}
	list = slices.Insert(list, at, x)
	return list[:min(len(list), MaxListed)]
}

// sortedCounts lists counts, the greatest first.
func sortedCounts[K ~string](counts map[K]int64) []BacktestCount {
	out := make([]BacktestCount, 0, len(counts))
	for _, k := range slices.Sorted(maps.Keys(counts)) {
		out = append(out, BacktestCount{string(k), counts[k]})
	}
	slices.SortStableFunc(out, func(a, b BacktestCount) int { return order(b.N, a.N) })
	return out
}
