package plan

import (
	"cmp"
	"slices"

	"cagnotte/internal/rules"
)

// Objectives of a referral: what validates it.
const (
	BySignUp = "sign_up"
	ByOrder  = "order"
	ByBoth   = "both"
)

// Objectives lists them.
var Objectives = []string{ByOrder, BySignUp, ByBoth}

// Objective is what validates a referral: that the friend joins, that he orders, or each for
// itself.
func (a *Answers) Objective() string {
	joins := a.Rows[Joined].some() || a.Counts == Moments[Joined]
	switch {
	case joins && a.Orders():
		return ByBoth
	case joins:
		return BySignUp
	}
	return ByOrder
}

// Aim changes what validates a referral. What was given at a moment that counts no more is
// given at the one that does.
func (a *Answers) Aim(objective string) {
	first, joined := &a.Rows[Ordered], &a.Rows[Joined]
	orders := first.some() || a.Rows[Again].some()
	small := Row{Referrer: Reward{Kind: Points, Amount: 50}, Once: true} // a thank-you for a friend who joins
	switch objective {
	case BySignUp:
		if !joined.some() {
			*joined = Row{Friend: fixed(cmp.Or(first.Friend, a.Rows[Again].Friend)), Referrer: fixed(cmp.Or(first.Referrer, a.Rows[Again].Referrer)), Once: true}
		}
		if !joined.some() {
			*joined = small
		}
		*first, a.Rows[Again] = Row{}, Row{}
	case ByOrder:
		if !orders {
			*first = Row{Friend: joined.Friend, Referrer: joined.Referrer}
		}
		*joined = Row{}
	case ByBoth:
		if !joined.some() {
			*joined = small
		}
		if !orders {
			*first = Row{Friend: joined.Friend, Referrer: joined.Referrer}
		}
	}
	if a.Counts != "" {
		a.Counts = Moments[Ordered]
		if objective == BySignUp {
			a.Counts = Moments[Joined]
		}
	}
}

// fixed is a reward that needs no order to be measured.
func fixed(r Reward) Reward {
	if r.Kind == Percent {
		return Reward{Kind: Points, Amount: 100}
	}
	return r
}

// Tidy takes away what the answers say and nobody asked for: the figure beside a kind that has
// none, the orders of a program that looks at none.
func (a *Answers) Tidy(s rules.Setting) {
	if a.Kind == Referral {
		a.tidyReferral()
	} else {
		a.tidyMember()
	}
	if !a.Orders() {
		a.Trigger = ""
		a.Minimum, a.Items, a.Basket, a.BasketItems, a.Within, a.Wait = 0, 0, 0, 0, 0, 0
		a.Except, a.Basis, a.Codes = rules.Articles{}, rules.Basis{}, nil
		if a.Kind == Referral || !slices.Contains(channelled, a.Event) {
			a.Channels = nil
		}
	} else {
		a.Trigger = cmp.Or(a.Trigger, rules.OnOrder)
	}
	a.Tiers = slices.DeleteFunc(a.Tiers, func(t Tier) bool { return t.Need == 0 && t.Reward.None() })
	if a.Swap.Need == 0 && a.Swap.Reward.None() {
		a.Swap = Swap{}
	}
	for _, r := range a.all() {
		r.tidy(s)
	}
	if a.Cap.N == 0 {
		a.Cap = rules.Cap{}
	}
	if a.StampCap.N == 0 {
		a.StampCap = rules.Cap{}
	}
	if a.Budget.None() {
		a.Budget = rules.Budget{}
	}
}

func (a *Answers) tidyReferral() {
	a.Things, a.Event, a.EventName, a.Groups, a.Segments = nil, "", "", nil, nil
	a.Reward, a.Bonus, a.Often = Reward{}, Reward{}, rules.Recurrence{}
	a.Per, a.PerN, a.Stamps, a.StampPer, a.Card, a.StampCap, a.Asked = "", 0, 0, 0, 0, rules.Cap{}, false
	if a.First.Together == 0 && a.First.Kind != rules.Very {
		a.First = rules.Recurrence{Kind: rules.First}
	}
	if (a.Swap.Need > 0 || len(a.Tiers) > 0) && a.Counts == "" {
		a.Counts = Moments[Ordered]
		if a.Objective() == BySignUp {
			a.Counts = Moments[Joined]
		}
	}
	if !a.Rows[Ordered].some() && a.Counts != Moments[Ordered] {
		a.First = rules.Recurrence{}
	}
	if !a.Rows[Again].some() {
		a.Each = rules.Recurrence{}
	}
	for i := range a.Rows {
		row := &a.Rows[i]
		if i >= Ordered || !row.some() && a.Counts != Moments[i] {
			row.Once = false
		}
		if row.Apart { // only where one rule would do
			row.Apart = false
			row.Apart = !row.Friend.None() && !row.Referrer.None() && !row.apart()
		}
	}
}

func (a *Answers) tidyMember() {
	a.Rows, a.First, a.Each, a.Counts, a.Referrals, a.Buyer = [4]Row{}, rules.Recurrence{}, rules.Recurrence{}, "", rules.Referral{}, false
	if a.Kind != Article && a.Kind != Category {
		a.Things = nil
	}
	if a.Kind != Event {
		a.Event, a.EventName, a.Bonus = "", "", Reward{}
	} else if a.Event != rules.OnCustomEvent {
		a.EventName = ""
	}
	if a.Per != PerSum && a.Per != PerItem {
		a.PerN = 0
	}
	if a.Per != Stamped {
		a.Stamps, a.StampPer, a.Card, a.StampCap, a.Asked = 0, 0, 0, rules.Cap{}, false
	} else {
		a.Swap, a.Tiers = Swap{}, nil
	}
}

// all are the rewards, given or not.
func (a *Answers) all() []*Reward {
	out := []*Reward{&a.Reward, &a.Bonus, &a.Swap.Reward}
	for i := range a.Rows {
		out = append(out, &a.Rows[i].Friend, &a.Rows[i].Referrer)
	}
	for i := range a.Tiers {
		out = append(out, &a.Tiers[i].Reward)
	}
	return out
}

func (r *Reward) tidy(s rules.Setting) {
	if r.None() {
		*r = Reward{}
		return
	}
	if r.Kind == Gift || r.Kind == ByHand {
		r.Amount = 0
	} else if r.Kind != Product && r.Kind != InCategory {
		r.Name = ""
	}
	if r.Kind != InCategory {
		r.Off = 0
	}
	if !r.Unpriced() {
		r.Worth = 0
	}
	if r.Limit.N == 0 {
		r.Limit = rules.Cap{}
	} else if r.Limit.What != rules.Rewards {
		r.Limit.What = r.unit(s)
	}
	if r.Valid.N == 0 && r.Valid.Kind != rules.ExpiryDate {
		r.Valid = rules.Expiry{}
	}
}

// unit is what an amount of the reward is of; rewards where it is none of a unit.
func (r *Reward) unit(s rules.Setting) string {
	switch r.Kind {
	case Money, Percent:
		return s.Currency
	case Points:
		return rules.Points
	}
	return rules.Rewards
}
