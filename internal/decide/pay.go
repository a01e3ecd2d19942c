package decide

import (
	"slices"

	"cagnotte/internal/id"
	"cagnotte/internal/ledger"
	"cagnotte/internal/loyalty"
)

// This file: units that a member spends on something that is not collected, money off a
// cart or a gift of the catalogue. No program stands behind such a spend; a reward row
// without a unit of its own keeps which lots paid, so that what is given back has the dates
// that it had.

// Names in the place of a rule, for what no rule gave.
const (
	rulePay  = "pay"
	ruleGift = "gift"
)

// PayCause is the cause of what paid for an order.
func PayCause(order string) string { return "p:" + order }

// pay takes n of a unit from what is open, and keeps which lots paid. The amount of the row
// is quantity: of a gift its pieces, of money what was paid. In a refold it stands whatever
// the history says by then: what is missing becomes a debt. Lots that one of the causes
// brought are left alone: an order does not spend what it earns itself.
func (c *call) pay(m *File, key loyalty.RewardKey, cause string, a *ledger.Account, n, quantity int64, not ...string) *loyalty.Reward {
	x := &loyalty.Reward{
		ID: mint[id.RewardKind](c), Key: key, Part: loyalty.AsMember, Cause: cause, From: m.Member.ID, Event: c.f.ID, Amount: quantity,
		Granted: quantity, State: loyalty.RewardGiven, GivenAt: c.at, New: true,
	}
	if was := m.Rewards[key]; was != nil {
		x.ID, x.New, x.Dirty = was.ID, was.New, true
		c.forget(was)
	}
	var parts []ledger.Part
	c.without(a, not, func() { parts = a.Take(n, c.at, false) })
	for _, p := range parts {
		if p.Lot != nil {
			x.Spent = append(x.Spent, loyalty.Spent{Lot: p.Lot.ID, Amount: -p.Amount})
		} else {
			x.Spent = append(x.Spent, loyalty.Spent{Amount: -p.Amount}) // a debt
		}
	}
	c.d.AddReward(m, x)
	c.post(ledger.Redeem, a, parts, key.Rule, x)
	return x
}

// without hides the lots that some causes brought while fn runs.
func (c *call) without(a *ledger.Account, causes []string, fn func()) {
	own := map[id.Reward]bool{}
	for _, cause := range causes {
		for _, x := range c.d.Causes[cause] {
			own[x.ID] = true
		}
	}
	if len(own) == 0 {
		fn()
		return
	}
	all := a.Lots
	a.Lots = nil
	for _, l := range all {
		if !own[l.Reward] {
			a.Lots = append(a.Lots, l)
		}
	}
	fn()
	a.Lots = all
}

// spendable is what a member may spend of a unit: what is open, less what his held carts
// keep, but the one that asks, and less what the causes brought.
func (c *call) spendable(m *File, a *ledger.Account, asks id.Cart, not ...string) int64 {
	var n int64
	c.without(a, not, func() { n = a.AvailableAt(c.now) })
	return n - c.d.HeldOf(loyalty.UnitRef(a.Unit), m.Member.ID, asks, c.now)
}

// payBack gives n of what a row paid back to the lots that paid it, what was taken last
// first, with the dates that they had.
func (c *call) payBack(m *File, x *loyalty.Reward, a *ledger.Account, n int64) {
	var parts []ledger.Part
	for i := len(x.Spent) - 1; i >= 0 && n > 0; i-- {
		s := &x.Spent[i]
		take := min(n, s.Amount-s.Back)
		if take == 0 {
			continue
		}
		s.Back += take
		n -= take
		x.Taken += take
		if i := slices.IndexFunc(a.Lots, func(l *ledger.Lot) bool { return l.ID == s.Lot }); i >= 0 && !s.Lot.IsZero() {
			parts = append(parts, a.Restore([]ledger.Part{{Lot: a.Lots[i], Amount: take}})...)
			continue
		}
		// It was spent as a debt, in a history that was judged again.
		parts = append(parts, a.Credit(&ledger.Lot{
			ID: mint[id.LotKind](c), Member: m.Member.ID, Unit: a.Unit, Reward: x.ID, Origin: x.Key.Once, Amount: take, Since: c.at, OpensAt: c.at,
		}, c.now)...)
	}
	if x.Dirty = true; x.Taken == x.Amount {
		x.State = loyalty.RewardReturned
	}
	c.post(ledger.GiveBack, a, parts, x.Key.Rule, x)
}
