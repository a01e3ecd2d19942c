package decide

import (
	"cmp"
	"slices"

	"cagnotte/internal/id"
	"cagnotte/internal/ledger"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/money"
	"cagnotte/internal/rules"
)

// returned takes back what a return of a named order undoes.
func (c *call) returned(m *File, r *loyalty.Refund) {
	o := c.order(r.Series, r.Ref)
	if o.Member.IsZero() {
		o.Member = m.Member.ID
	}
	if len(o.Lines) == 0 {
		o.Ahead = append(o.Ahead, r)
		o.Dirty = true
		c.note(m, loyalty.NoteUnknown)
		return
	}
	if !o.Return(r) {
		c.line(loyalty.ReceiptLine{Outcome: loyalty.Refused, Code: loyalty.NothingLeftToTake, Member: m.Member.ID})
		return
	}
	c.giveBack(o)
	c.takeBack(m, o)
}

// takeBack judges what an order gave against what is left of it.
func (c *call) takeBack(m *File, o *loyalty.OrderRow) {
	whole := o.Whole()
	if whole && o.State != loyalty.OrderWithdrawn {
		o.State = loyalty.OrderReturned
	}
	list := slices.Clone(c.d.Causes[orderKey(o.Name())])
	slices.SortFunc(list, func(a, b *loyalty.Reward) int { return slices.Compare(a.ID[:], b.ID[:]) })
	for _, x := range list {
		if x.State != loyalty.RewardWaiting && x.State != loyalty.RewardGiven {
			continue
		}
		if r := c.rule(x); r != nil {
			c.takeBackOne(x, r, o, whole)
		}
	}
	if b := m.Bond(); whole && b != nil && b.Order == o.Name() && b.State != loyalty.ReferralClawed {
		b.State, b.Reason, b.Dirty = loyalty.ReferralClawed, string(loyalty.OrderReturnedAll), true
	}
	c.exchange(m)
}

// takeBackOne computes what one reward should have lost by now, and takes the difference.
// While it waits, the net order is judged again. Afterwards: granted × returned ÷ basis,
// rounded once to the nearest, so that parts sum to the whole whatever their order. What
// cannot be divided, a voucher or a gift, goes back by whole pieces.
func (c *call) takeBackOne(x *loyalty.Reward, r *rules.Compiled, o *loyalty.OrderRow, whole bool) {
	i, g := giveOf(r, x), given(r, x)
	left, all := r.Left(o, x.Weights), r.Whole(o, x.Weights)
	basis, back := left.Basis(g), all.Basis(g)-left.Basis(g)
	if counts(r, x) && r.Recur.Items {
		basis, back = left.Items, all.Items-left.Items
	}
	due := x.Taken + x.Absorbed
	switch waits := x.State == loyalty.RewardWaiting && (x.DueAt > c.at || c.opensByStaff(x)); {
	case whole:
		due = x.Amount
	case waits && x.Option == 0:
		worth := int64(0)
		k := &rules.Case{Order: o, Eligible: r.Left(o, nil), Zone: c.d.Shop.Zone}
		if r.JudgeOrder(k) {
			worth = min(r.Amount(i, left, x.Weights), x.Amount)
		}
		due = max(due, x.Amount-worth)
		x.Granted, x.Basis, x.Returned = x.Amount-due, basis, back
		x.Dirty = true
	case x.Basis > 0:
		round := money.HalfUp
		if x.Unit == "" {
			round = money.Down
		}
		n, _ := money.MulDiv(x.Granted, min(back-x.Returned, x.Basis), x.Basis, round)
		due = max(due, x.Amount-x.Granted+n)
	}
	c.take(x, r, due-x.Taken-x.Absorbed, loyalty.OrderReturnedAll)
}

// opensByStaff tells whether a reward waits for staff's word, whatever its date.
func (c *call) opensByStaff(x *loyalty.Reward) bool {
	f := c.file(x.From)
	return f != nil && f.Bond() != nil && f.Bond().State == loyalty.ReferralFlagged
}

// take takes n of a reward from its owner: from its own lot, from others, at last as a
// debt or, where the rule absorbs it, not at all.
func (c *call) take(x *loyalty.Reward, r *rules.Compiled, n int64, why loyalty.Reason) {
	to := c.file(x.Key.Member)
	if n <= 0 || to == nil {
		return
	}
	before := x.Net()
	line := loyalty.ReceiptLine{
		Program: x.Key.Program, Version: x.Version, Rule: x.Key.Rule, Part: x.Part, Member: x.Key.Member,
		Outcome: loyalty.TakenBack, Unit: x.Unit, Code: why,
	}
	took := int64(0)
	if x.Unit == "" {
		took = c.takePieces(to, x, n, &line)
	} else {
		took = c.takeUnits(to, x, r, n)
	}
	x.Taken += took
	x.Absorbed += n - took
	x.Dirty = true
	if x.Taken+x.Absorbed == x.Amount {
		x.State = loyalty.RewardReturned
	}
	if !to.foreign {
		c.countBy(to, x, before, x.Net())
	}
	c.spendBy(x, before, x.Net())
	line.Amount = took
	c.line(line)
	c.fallen(to, x.Unit)
}

func (c *call) takeUnits(to *File, x *loyalty.Reward, r *rules.Compiled, n int64) (took int64) {
	a := to.Account(x.Unit)
	c.makeRoom(to, a, n)
	var own []*ledger.Lot
	for _, l := range a.Lots {
		if l.Reward == x.ID {
			own = append(own, l)
		}
	}
	parts := a.Take(n, c.at, r.Absorb, own...)
	for _, p := range parts {
		took -= p.Amount
	}
	a.Earned -= n
	c.post(ledger.TakeBack, a, parts, x.Key.Program.String(), x)
	return took
}

// takePieces takes vouchers or gifts back that were not used. What was used is let go.
func (c *call) takePieces(to *File, x *loyalty.Reward, n int64, line *loyalty.ReceiptLine) int64 {
	if v := to.Vouchers[x.ID]; v != nil {
		n = min(n, v.UsesMax-v.Used-c.held(v))
		line.Voucher = v.ID
		if n == 0 {
			return 0
		}
		if v.UsesMax -= n; v.UsesMax == v.Used && v.Used == 0 {
			v.UsesMax, v.State = n, loyalty.VoucherWithdrawn
		}
		v.Dirty = true
		return n
	}
	k := to.Claims[x.ID]
	switch {
	case k == nil:
		return 0
	case k.Done():
		line.Gift = k.Gift
		return 0
	case k.State == loyalty.ClaimChosen:
		return n // what was chosen is a reward of its own
	}
	line.Gift = k.Gift
	if k.Quantity -= n; k.Quantity == 0 {
		k.Quantity, k.State = n, loyalty.ClaimWithdrawn
	}
	k.Dirty = true
	return n
}

// held is how many uses of a voucher carts hold: they are as good as used.
func (c *call) held(v *loyalty.Voucher) int64 {
	d := c.d
	if c.live != nil {
		d = c.live
	}
	return min(d.HeldOf(CodeRef(v.Code), v.Member, id.Cart{}, c.now), v.UsesMax-v.Used)
}

// makeRoom withdraws unused exchanges of a unit while what is left in the lots is less
// than what must be taken.
func (c *call) makeRoom(m *File, a *ledger.Account, n int64) {
	if !c.book.Exchanges(a.Unit) {
		return
	}
	for a.Balance < n && c.undo(m, a) {
	}
}

// unlinked takes back for a return that names no order: first from the member's latest
// orders of that article, then what his programs would have given for the rest on that
// day, never more than he earned.
func (c *call) unlinked(m *File, r *loyalty.Refund) {
	var touched []*loyalty.OrderRow
	rest := &loyalty.OrderRow{Series: "-", Ref: "-"}
	for _, line := range r.Lines {
		left := line
		for _, o := range c.recent(m, c.at) {
			took := o.ReturnLine(left)
			if took == (loyalty.Back{}) {
				continue
			}
			if !slices.Contains(touched, o) {
				touched = append(touched, o)
			}
			left.Quantity -= took.Quantity
			left.Amount = max(0, left.Amount-took.Amount)
			if left.Quantity == 0 {
				break
			}
		}
		if left.Quantity > 0 {
			rest.Lines = append(rest.Lines, loyalty.Line{SKU: left.SKU, Category: left.Category, Quantity: left.Quantity, Amount: left.Amount})
		}
	}
	rest.Back = make([]loyalty.Back, len(rest.Lines))
	for _, o := range touched {
		c.takeBack(m, o)
	}
	if len(rest.Lines) > 0 {
		c.negative(m, rest)
	}
	if c.out != nil && len(c.out.Lines) == 0 {
		c.note(m, loyalty.NoteUnknown)
	}
}

// recent lists the member's paid orders of the last 90 days, latest first.
func (c *call) recent(m *File, at moment.Time) []*loyalty.OrderRow {
	var out []*loyalty.OrderRow
	for _, o := range c.d.Orders {
		if o.Member == m.Member.ID && o.PaidAt != 0 && o.PaidAt <= at && o.PaidAt > at-matchDays*moment.Day {
			out = append(out, o)
		}
	}
	slices.SortFunc(out, func(a, b *loyalty.OrderRow) int {
		return cmp.Or(cmp.Compare(b.PaidAt, a.PaidAt), cmp.Compare(b.Name(), a.Name()))
	})
	return out
}

// negative judges returned lines without an order as an order of less than nothing.
// Fixed bonuses are left alone: they were not given for these lines.
func (c *call) negative(m *File, rest *loyalty.OrderRow) {
	if c.f.History() {
		return
	}
	o := occasion{trigger: rules.OnOrder, order: rest}
	k := c.caseOf(m, &o)
	var multipliers []candidate
	list := c.rulesAt(m, &o)
	for _, r := range list {
		if k.Eligible = r.Left(rest, nil); r.Multiplies() && r.Judge(k) < 0 {
			multipliers = append(multipliers, candidate{rule: r})
		}
	}
	for _, r := range list {
		if r.Refer || r.Multiplies() || r.Gives[0].Measure == rules.Fixed || r.Gives[0].Unit == "" || r.Recur.Together > 0 {
			continue
		}
		x := candidate{rule: r, e: r.Left(rest, nil)}
		if k.Eligible = x.e; !r.JudgeOrder(k) {
			continue
		}
		c.weigh(&x, multipliers, &o)
		a := m.Account(r.Unit(0))
		n := min(r.Amount(0, c.weighted(r, rest, x.e, x.weights), x.weights), max(0, a.Earned))
		if n == 0 {
			continue
		}
		c.makeRoom(m, a, n)
		parts := a.Take(n, c.at, r.Absorb)
		var took int64
		for _, p := range parts {
			took -= p.Amount
		}
		a.Earned -= n
		c.post(ledger.TakeBack, a, parts, r.Version.Program.ID.String(), nil)
		c.line(loyalty.ReceiptLine{
			Program: r.Version.Program.ID, Version: r.Version.N, Rule: r.Name, Part: loyalty.AsMember, Member: m.Member.ID,
			Outcome: loyalty.TakenBack, Unit: a.Unit, Amount: took, Code: loyalty.NoteUnknown,
		})
	}
}
