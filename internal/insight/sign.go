package insight

import (
	"cmp"
	"slices"

	"cagnotte/internal/decide"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/rules"
)

// Signs that a program is taken advantage of. Each is a plain figure about one member,
// and never a proof: docs/backtest.md says what each means and what else it may be.
const (
	SignReturned = "mostly_returned" // most of his rewards went back with returns
	SignTurnover = "above_turnover"  // his rewards are worth more than what he bought and kept
	SignSplit    = "split_orders"    // many orders on one day, each rewarded on its own
	SignMinimum  = "at_the_minimum"  // orders that lie just above what a rule asks for
)

// Signs lists them in the order in which they are shown.
var Signs = []string{SignTurnover, SignReturned, SignSplit, SignMinimum}

// From where a sign is shown.
const (
	signReturned = 2  // rewards that went back, and more than half of all
	signSplit    = 3  // orders of one local day that the same rule rewarded
	signMinimum  = 3  // rewarded orders less than signNear above the minimum, and more than half
	signNear     = 20 // one part in so many: five per cent
)

// suspect looks for signs at the end of a member's trial.
func (l *life) suspect(sum *tally, m BacktestMember) {
	if m.Value > max(0, m.Turnover) {
		c := m
		c.Count = m.Value - m.Turnover
		sum.sign(SignTurnover, c)
	}
	if m.TakenBack >= signReturned && 2*m.TakenBack > m.Rewards {
		c := m
		c.Count = m.TakenBack
		sum.sign(SignReturned, c)
	}
	if c := l.split(m); c.Count >= signSplit {
		sum.sign(SignSplit, c)
	}
	if c := l.near(m); c.Count >= signMinimum {
		sum.sign(SignMinimum, c)
	}
}

// sign enters a case: the worst are those of the greatest count.
func (s *tally) sign(name string, c BacktestMember) {
	x := s.signs[name]
	if x == nil {
		x = &signTally{}
		s.signs[name] = x
	}
	x.members++
	x.cases = listed(x.cases, c, func(a, b *BacktestMember) int {
		return cmp.Or(order(b.Count, a.Count), order(b.Value, a.Value), slices.Compare(a.Member[:], b.Member[:]))
	})
}

// splitPays tells whether two small orders earn more by a rule than a large one: it gives
// the same for any order, at most so much for each, or rounds up.
func splitPays(r ruleOf) bool {
	switch {
	case r.Refer || !ofOrders(r.Compiled) || r.Recur.Together > 0:
		return false
	case r.Recur.Kind == rules.First || r.Recur.Kind == rules.Very || r.Recur.Kind == rules.Once:
		return false
	}
	return r.Gives[r.give].Measure == rules.Fixed || r.Cap.N > 0 && r.Cap.Period == "order" || r.Round != 0
}

func ofOrders(r *rules.Compiled) bool {
	return r.Trigger == rules.OnOrder || r.Trigger == rules.OnPlaced || r.Trigger == rules.OnFulfilled
}

// split finds the day on which one rule rewarded most of the member's orders.
func (l *life) split(m BacktestMember) BacktestMember {
	type day struct {
		rule ruleOf
		date string
	}
	days := map[day]int64{}
	for _, x := range l.file.Rewards {
		if r := l.rule(x); r != nil && x.State != loyalty.RewardVoid && !counting(x.Unit) && splitPays(*r) {
			days[day{*r, x.GivenAt.Date(l.t.shop.Zone)}]++
		}
	}
	for d, n := range days { // the earliest of the worst
		if n > m.Count || n == m.Count && (d.date < m.Day || d.date == m.Day && d.rule.Name < m.Rule) {
			m.Count, m.Day, m.Rule = n, d.date, d.rule.Name
		}
	}
	return m
}

// near counts the rewarded orders of the member that lie just above the minimum of the
// rule that rewarded them.
func (l *life) near(m BacktestMember) BacktestMember {
	type found struct{ near, all int64 }
	by := map[ruleOf]found{}
	for _, x := range l.file.Rewards {
		r := l.rule(x)
		if r == nil || x.State == loyalty.RewardVoid || r.When.Minimum == 0 || !ofOrders(r.Compiled) {
			continue
		}
		series, ref, ok := decide.CauseOrder(x.Cause)
		o := l.dossiers.Orders[loyalty.OrderName(series, ref)]
		if !ok || o == nil {
			continue
		}
		n := by[*r]
		n.all++
		if r.Whole(o, nil).Amount-r.When.Minimum < r.When.Minimum/signNear {
			n.near++
		}
		by[*r] = n
	}
	for r, n := range by {
		if 2*n.near > n.all && (n.near > m.Count || n.near == m.Count && r.Name < m.Rule) {
			m.Count, m.Rule = n.near, r.Name
		}
	}
	return m
}
