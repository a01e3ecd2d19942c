package insight

import (
	"slices"

	"cagnotte/internal/decide"
	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
)

// close counts what a member has at the end of the trial, and forgets him.
func (l *life) close(sum *tally) {
	m := l.bought(sum)
	l.rewarded(sum, &m)
	l.left(sum)
	if m.Rewards == 0 {
		return
	}
	sum.reached++
	if l.newcomer() {
		sum.newGot++
	}
	sum.winners = l.t.winner(sum.winners, m)
	l.suspect(sum, m)
}

// newcomer tells whether the member's first order lies in the period.
func (l *life) newcomer() bool { return l.file.Member.FirstOrderAt >= l.t.start }

// bought counts the member's paid orders of the period, and what of them came back.
func (l *life) bought(sum *tally) (m BacktestMember) {
	m.Member = l.member
	for _, o := range l.dossiers.Orders {
		if o.PaidAt < l.t.start {
			continue
		}
		gross := int64(0)
		for i := range o.Lines {
			gross += o.Lines[i].Amount
		}
		m.Orders++
		m.Turnover += o.Net()
		sum.bought += gross
		sum.returned += gross - o.Net()
	}
	m.Turnover -= l.strayed
	sum.returned += l.strayed
	sum.orders += m.Orders
	sum.returns += l.returns
	if l.told > 0 {
		sum.members++
	}
	if l.newcomer() {
		sum.newcomers++
	}
	return m
}

// rewarded counts what the member was given, by rule, and what it costs.
func (l *life) rewarded(sum *tally, m *BacktestMember) {
	spent := l.exchanged()
	for _, x := range l.file.Rewards {
		r := l.rule(x)
		if r == nil || x.State == loyalty.RewardVoid || counting(x.Unit) {
			continue
		}
		y := sum.rule(*r)
		y.rewards++
		y.amount += x.Amount
		if x.Taken > 0 {
			y.returned++
			y.taken += x.Taken
		}
		if x.Unit != "" {
			u := sum.unit(x.Unit)
			u.given += x.Amount
			u.taken += x.Taken
		}
		m.Rewards++
		if 2*(x.Taken+x.Absorbed) > x.Amount {
			m.TakenBack++
		}
		if x.Unit == l.t.ranked {
			m.Units += x.Net()
		}
		if x.State == loyalty.RewardWaiting && x.DueAt > l.t.now && x.Net() > 0 {
			y.waiting++
			y.waitingAmount += x.Net()
			y.opens = max(y.opens, x.DueAt)
		}
		left := x.Net() - spent[x.ID]
		switch {
		case left <= 0:
		case r.Priced(r.give, l.t.shop.Currency):
			worth := r.WorthOf(r.give, left, l.t.shop.Currency)
			y.cost += worth
			m.Value += worth
			sum.cost += worth
		default:
			y.unpriced++
			y.unpricedAmount += left
		}
	}
	m.Value -= l.lost
	m.Units -= l.lostUnits
}

// exchanged tells of each reward what exchanges that stand and have a price consumed of
// it: what it was exchanged for is the cost then, the units are not a second one.
func (l *life) exchanged() map[id.Reward]int64 {
	list := l.dossiers.Causes[decide.ExchangeCause(l.member)]
	if len(list) == 0 {
		return nil
	}
	from := map[id.Lot]id.Reward{}
	for _, a := range l.file.Accounts {
		for _, lot := range a.Lots {
			from[lot.ID] = lot.Reward
		}
	}
	out := map[id.Reward]int64{}
	for _, x := range list {
		if r := l.rule(x); r == nil || x.Net() == 0 || !r.Priced(r.give, l.t.shop.Currency) {
			continue
		}
		for _, s := range x.Spent {
			out[from[s.Lot]] += s.Amount
		}
	}
	return out
}

// left counts what is in the member's accounts at the end.
func (l *life) left(sum *tally) {
	for _, a := range l.file.Accounts {
		if counting(a.Unit) {
			continue
		}
		u := sum.unit(a.Unit)
		u.owed += a.Debt()
		for _, lot := range a.Lots {
			switch {
			case lot.OpenAt(l.t.now):
				u.open += lot.Remaining
			case !lot.EndedAt(l.t.now):
				u.waiting += lot.Remaining
			}
		}
	}
}

// winner enters a member among the biggest winners: by value or, where nothing in the
// draft has a price, by the units that its first rule gives.
func (t *trial) winner(list []BacktestMember, m BacktestMember) []BacktestMember {
	if m.Value <= 0 && m.Units <= 0 {
		return list
	}
	return listed(list, m, func(a, b *BacktestMember) int {
		switch {
		case a.Value != b.Value:
			return order(b.Value, a.Value)
		case a.Units != b.Units:
			return order(b.Units, a.Units)
		}
		return slices.Compare(a.Member[:], b.Member[:])
	})
}

func order(a, b int64) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}
