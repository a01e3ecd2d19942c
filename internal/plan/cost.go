package plan

import (
	"cagnotte/internal/money"
	"cagnotte/internal/rules"
)

// Cost is what the shop gives, as far as it can be told before anything has happened: in minor
// units, for one new customer of a referral or one order or event of any other program. Points
// are worth what they are exchanged for. The figure leaves out what has no price, and says so.
type Cost struct {
	Sum      int64
	Unpriced bool
}

// Cost tells it, where an order is of so much.
func (a *Answers) Cost(order int64) Cost {
	var c Cost
	if a.Kind == Referral {
		for i := range a.Rows[:Again] {
			a.add(&c, &a.Rows[i].Friend, order, 1, 1)
			a.add(&c, &a.Rows[i].Referrer, order, 1, 1)
		}
		if a.Swap.Need > 0 {
			a.add(&c, &a.Swap.Reward, order, 1, a.Swap.Need)
		}
		if n := len(a.Tiers); n > 0 { // all tiers, spread over the friends that the last one takes
			for i := range a.Tiers {
				a.add(&c, &a.Tiers[i].Reward, order, 1, a.Tiers[n-1].Need)
			}
		}
		return c
	}
	switch a.Per {
	case PerSum:
		a.add(&c, &a.Reward, order, order, a.PerN)
	case PerItem:
		a.add(&c, &a.Reward, order, 1, a.PerN)
	case Stamped:
		a.add(&c, &a.Reward, order, a.Stamps, a.Card)
	default:
		a.add(&c, &a.Reward, order, 1, 1)
	}
	return c
}

// add adds times ÷ of what a reward costs.
func (a *Answers) add(c *Cost, r *Reward, order, times, of int64) {
	one, priced := a.price(r, order)
	if !priced {
		c.Unpriced = c.Unpriced || !r.None()
		return
	}
	n, err := money.MulDiv(one, times, max(1, of)*thousand, money.HalfUp)
	if err != nil {
		n = money.Max
	}
	c.Sum = min(money.Max, c.Sum+n)
}

// thousand are the parts of a minor unit in which prices are reckoned: a point is worth less
// than one.
const thousand = 1_000

// price is what one reward costs, in thousandths of a minor unit; false where nothing says so.
func (a *Answers) price(r *Reward, order int64) (int64, bool) {
	whole := func(n, num, den int64) (int64, bool) {
		x, err := money.MulDiv(min(n, money.Max)*thousand, num, den, money.HalfUp)
		return x, err == nil
	}
	switch {
	case r.None():
		return 0, false
	case r.Kind == Money || r.Kind == Cash || r.Kind == Special:
		return whole(r.Amount, 1, 1)
	case r.Kind == Points && r.Worth > 0:
		return whole(r.Worth, r.Amount, 1)
	case r.Worth > 0:
		return whole(r.Worth, 1, 1)
	case r.Kind == Percent || r.Kind == CashPercent || r.Kind == SpecialPercent:
		n, ok := whole(order, r.Amount, 100_00)
		if x := r.Limit; x.N > 0 && x.Period == "order" && x.What != rules.Rewards {
			n = min(n, x.N*thousand)
		}
		return n, ok && order > 0
	case r.Kind == Points && a.Unit() == rules.Points && a.Swap.Need > 0 && a.Swap.Reward.Kind != Points:
		one, ok := a.price(&a.Swap.Reward, order)
		if !ok {
			return 0, false
		}
		n, err := money.MulDiv(one, r.Amount, a.Swap.Need, money.HalfUp)
		return n, err == nil
	}
	return 0, false
}

// Bound tells whether a reward is of use only with another purchase in the shop: discounts,
// vouchers, points and money in the wallet that only the shop takes.
func (r *Reward) Bound() bool { return !r.None() && r.Kind != Gift && r.Kind != ByHand }
