package cart

import (
	"cmp"
	"slices"
	"strings"

	"cagnotte/internal/loyalty"
	"cagnotte/internal/money"
)

// means lets the units pay that the cart asks for, in the order of their priority.
func (e *evaluation) means() {
	order := make([]int, len(e.in.Means))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int {
		x, y := &e.in.Means[a], &e.in.Means[b]
		return cmp.Or(cmp.Compare(y.Priority, x.Priority), strings.Compare(x.Key, y.Key))
	})
	asked := map[string]int64{}
	for _, p := range e.in.Cart.Pay {
		asked[p.Unit] += p.Amount
	}
	no := map[string]Refusal{} // why a unit does not pay, by the first means that was asked
	paid := map[string]bool{}
	for _, i := range order {
		unit := e.in.Means[i].Pay.Unit
		if asked[unit] == 0 || paid[unit] {
			continue
		}
		r, ok := e.payBy(i, asked[unit])
		if paid[unit] = ok; ok {
			delete(no, unit)
		} else if _, known := no[unit]; !known {
			no[unit] = r
		}
	}
	for _, p := range e.in.Cart.Pay {
		if r, ok := no[p.Unit]; ok {
			e.refuse(r)
		} else if !paid[p.Unit] { // nothing lets it pay
			e.refuse(Refusal{Offer: -1, Unit: p.Unit, Code: loyalty.ConditionNotMet})
		}
	}
}

// payBy lets one means pay as much of what is asked as there is to pay.
func (e *evaluation) payBy(i int, asked int64) (Refusal, bool) {
	m := &e.in.Means[i]
	no := Refusal{Offer: -1, Unit: m.Pay.Unit, Key: m.Key}
	e.look(m.Counts)
	if what, need, got := e.below(minima{m.Minimum, m.Items, m.Basket, m.Baskets, m.After}); what != "" {
		no.Code, no.What, no.Need, no.Got = loyalty.BelowMinimum, what, need, got
		return no, false
	}
	if m.Available < asked {
		no.Code, no.What, no.Need, no.Got = loyalty.InsufficientUnits, OfBalance, asked, m.Available
		return no, false
	}
	lines := e.counted()
	lefts := make([]int64, 0, len(lines)+1)
	var payable int64
	for _, l := range lines {
		lefts = append(lefts, l.left)
		payable += l.left
	}
	if m.Counts == nil {
		lefts = append(lefts, e.delivery.left)
		payable += e.delivery.left
	}
	payable = min(payable, max(0, e.total()))
	if m.Pay.Share > 0 {
		share, _ := money.MulDiv(max(0, e.total()), m.Pay.Share, 100*100, money.Down)
		payable = min(payable, share)
	}
	if m.PerOrder > 0 {
		payable = min(payable, m.PerOrder)
	}
	for _, l := range m.Caps {
		left := e.limits[l.Name]
		if left <= 0 {
			no.Code, no.What, no.Got = loyalty.CapReached, OfMoney, left
			if no.Need = max(1, min(payable, m.Pay.Value(asked))); l.Uses {
				no.What, no.Need = OfUses, 1
			}
			return no, false
		}
		if !l.Uses {
			payable = min(payable, left)
		}
	}
	amount := min(payable, m.Pay.Value(asked))
	units := asked
	if amount < m.Pay.Value(asked) { // no more units than what they pay
		units, _ = money.MulDiv(amount, m.Pay.Amount, m.Pay.Worth, money.Up)
		units = min(units, asked)
	}
	if amount <= 0 || units <= 0 {
		no.Code = loyalty.ExcludedItems
		return no, false
	}
	for _, l := range m.Budgets {
		need, what := amount, OfMoney
		if l.Uses {
			need, what = 1, OfUses
		}
		if need > e.limits[l.Name] {
			no.Code, no.What, no.Need, no.Got = loyalty.BudgetExhausted, what, need, e.limits[l.Name]
			return no, false
		}
	}
	e.use(m.Caps, amount)
	e.use(m.Budgets, amount)
	e.out.Payments = append(e.out.Payments, Paid{
		Means: i, Key: m.Key, Unit: m.Pay.Unit, Units: units, Amount: amount, AsPayment: m.Pay.AsPayment,
	})
	if m.Pay.AsPayment {
		e.out.Paid += amount
		return no, true
	}
	e.out.Reduced += amount
	for k, n := range money.Split(amount, lefts) {
		l := &e.delivery
		if k < len(lines) {
			l = lines[k]
		}
		if n > 0 {
			l.left -= n
			l.parts = append(l.parts, Part{m.Key, n})
		}
	}
	return no, true
}
