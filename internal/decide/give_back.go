package decide

import (
	"maps"
	"slices"

	"cagnotte/internal/loyalty"
	"cagnotte/internal/money"
)

// release gives up what a cart holds, or gives back all that it used.
func (c *call) release(row *loyalty.CartRow) {
	used := row.State == loyalty.CartUsed
	if used {
		for i := range row.Taken {
			c.returnTaken(row, &row.Taken[i], row.Taken[i].Amount, row.Taken[i].Units, true)
		}
	}
	c.become(row, loyalty.CartGone)
	c.line(loyalty.ReceiptLine{Member: row.Member, Outcome: loyalty.Noted, Rule: ruleCart, Code: loyalty.NoteCartGone})
	if m := c.file(row.Member); used && m != nil {
		c.exchange(m)
	}
}

// giveBack gives back what the cart of an order took, in proportion to what has come back
// of the order so far: what was paid to the lots that paid it, the use of a voucher or of a
// program once all that it took off has come back. Path-free, so that the parts of a return
// sum to the whole.
func (c *call) giveBack(o *loyalty.OrderRow) {
	row := c.d.Carts[o.Name()]
	cancelled := o.State == loyalty.OrderWithdrawn
	switch {
	case row == nil:
		return
	case row.State == loyalty.CartHolds && cancelled && c.live == nil:
		c.release(row)
		return
	case row.State != loyalty.CartUsed:
		return
	}
	whole := cancelled || o.Whole()
	back := linesBack(&row.Cart, o)
	for i := range row.Taken {
		t := &row.Taken[i]
		amount, units := t.Amount, t.Units
		if !whole {
			amount, units = givenBack(t, back)
		}
		c.returnTaken(row, t, amount, units, whole || amount == t.Amount && amount > 0)
	}
}

// returnTaken brings what was given back of something to so much, and gives the use itself
// back where all of it has come back.
func (c *call) returnTaken(row *loyalty.CartRow, t *loyalty.Taken, amount, units int64, use bool) {
	m := c.file(row.Member)
	more, moreUnits := amount-t.Back, units-t.BackUnits
	if more <= 0 && moreUnits <= 0 && (!use || t.Undone) {
		return
	}
	row.Dirty = true
	t.Back += max(0, more)
	if t.Kind == loyalty.TakenUnits && moreUnits > 0 && m != nil {
		t.BackUnits += moreUnits
		a := m.Account(t.Unit)
		if x := c.payRow(m, row, t); x != nil {
			c.payBack(m, x, a, moreUnits)
		}
		c.line(loyalty.ReceiptLine{Member: row.Member, Outcome: loyalty.PaidBack, Rule: rulePay, Unit: t.Unit, Amount: moreUnits})
	}
	if !use || t.Undone {
		return
	}
	t.Undone = true
	c.countTaken(m, t, -1)
	if t.Kind == loyalty.TakenVoucher && c.live == nil {
		c.useBack(t)
	}
}

// useBack gives the use of a voucher back.
func (c *call) useBack(t *loyalty.Taken) {
	v := c.d.Codes[t.Code]
	if v == nil || v.Used == 0 {
		return
	}
	v.Used, v.Dirty = v.Used-1, true
	c.line(loyalty.ReceiptLine{Member: v.Member, Outcome: loyalty.Noted, Rule: ruleRedeem, Code: loyalty.NoteUseBack, Voucher: v.ID})
}

// payRow is the row that knows which lots paid: in a refold, the blank sheet's.
func (c *call) payRow(m *File, row *loyalty.CartRow, t *loyalty.Taken) *loyalty.Reward {
	return m.Rewards[c.payKey(m, row, t.Unit)]
}

// adoptCarts makes what was given back of carts what the fold says. What they took stays.
func (c *call) adoptCarts(m *File, s *Dossiers) {
	for _, name := range slices.Sorted(maps.Keys(s.Carts)) {
		live, want := c.d.Carts[name], s.Carts[name]
		if live == nil {
			continue
		}
		for i := range live.Taken {
			x, y := &live.Taken[i], &want.Taken[i]
			if x.Back == y.Back && x.BackUnits == y.BackUnits && x.Undone == y.Undone {
				continue
			}
			if x.Kind == loyalty.TakenVoucher && x.Undone != y.Undone {
				if v := c.d.Codes[x.Code]; v != nil && y.Undone {
					c.useBack(x)
				} else if v != nil && v.Used < v.UsesMax {
					v.Used, v.Dirty = v.Used+1, true
				}
			}
			if r := c.ruleOf(x); r != nil && x.Undone != y.Undone {
				for _, l := range r.Budgets {
					n := cost(l, r, x)
					if y.Undone {
						n = -n
					}
					c.budget(budgetName(r, l, x.UsedAt, c.d.Shop), n)
				}
			}
			x.Back, x.BackUnits, x.Undone, live.Dirty = y.Back, y.BackUnits, y.Undone, true
		}
	}
}

// back is how much of something has come back: of the whole, so many parts.
type back struct{ part, whole int64 }

// of is the share of n that has come back, rounded once.
func (b back) of(n int64) int64 {
	if b.whole <= 0 || b.part <= 0 {
		return 0
	}
	share, _ := money.MulDiv(n, min(b.part, b.whole), b.whole, money.HalfUp)
	return share
}

// linesBack tells of each line of a cart, and at last of the whole of it, how much has come
// back with the order. A line is found again by its place or, where the shop sends other
// lines, by its article; what is not found follows the whole.
func linesBack(k *loyalty.Cart, o *loyalty.OrderRow) []back {
	out := make([]back, len(k.Lines)+1)
	all := &out[len(k.Lines)]
	for i, l := range o.Lines {
		all.whole += l.Amount
		all.part += o.Back[i].Amount
	}
	if all.whole == 0 { // all of it was free: by the pieces
		for i, l := range o.Lines {
			all.whole += l.Quantity
			all.part += o.Back[i].Quantity
		}
	}
	taken := make([]bool, len(o.Lines))
	find := func(i int) int {
		if i < len(o.Lines) && !taken[i] && o.Lines[i].SKU == k.Lines[i].SKU {
			return i
		}
		for j := range o.Lines {
			if !taken[j] && o.Lines[j].SKU == k.Lines[i].SKU {
				return j
			}
		}
		return -1
	}
	for i := range k.Lines {
		j := find(i)
		if j < 0 {
			out[i] = *all
			continue
		}
		taken[j] = true
		l, b := o.Lines[j], o.Back[j]
		if out[i] = (back{b.Amount, l.Amount}); l.Amount == 0 {
			out[i] = back{b.Quantity, l.Quantity}
		}
	}
	return out
}

// givenBack is how much of what a cart took comes back, in money and in units. What has no
// share of lines, a means of payment, follows the whole order.
func givenBack(t *loyalty.Taken, lines []back) (amount, units int64) {
	all := lines[len(lines)-1]
	if t.Lines == nil {
		amount = all.of(t.Amount)
		return amount, all.of(t.Units)
	}
	for i, n := range t.Lines {
		amount += lines[i].of(n)
	}
	if t.Amount > 0 {
		units = back{amount, t.Amount}.of(t.Units)
	}
	return amount, units
}
