package decide

import (
	"slices"
	"strconv"

	"cagnotte/internal/id"
	"cagnotte/internal/ledger"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/rules"
)

// This file: carts that take value. A hold keeps it from others for a while, a redemption
// uses it up for the cart's order, a release gives all of it back. Each is all or nothing.

// rollBackDays is how long a redemption may be rolled back as a whole. A return or a
// cancellation of the order gives back at any time.
const rollBackDays = 90

// cartRow is the row of the cart that the fact is about; nil when it took nothing yet.
func (c *call) cartRow() *loyalty.CartRow { return c.d.Carts[c.f.Cart.Name()] }

// refuseCart finds what makes it impossible that a cart takes all that it asks for, before
// anything changes. What it would take is kept for the decision.
func (c *call) refuseCart(m *File) error {
	row := c.cartRow()
	if m != nil && m.Member.State == loyalty.Merged {
		return loyalty.Conflict("member", "member_merged")
	}
	switch {
	case c.f.Kind == loyalty.CartReleased:
		return c.refuseRelease(row)
	case row != nil && row.State == loyalty.CartUsed:
		return loyalty.Conflict("cart.ref", "cart_redeemed")
	case len(c.f.Cart.Lines) > 0:
		asks := id.Cart{}
		if row != nil {
			asks = row.ID
		}
		out := c.checkout(m, c.f.Cart, asks)
		if len(out.Refused) > 0 {
			return refusedCart(out.Refused[0])
		}
		c.taken = out.Taken
		return nil
	case row == nil:
		return loyalty.NotFound("cart.ref", "cart_unknown")
	case row.State == loyalty.CartGone:
		return loyalty.Conflict("cart.ref", "cart_released")
	}
	return c.refuseHeld(m, row)
}

func refusedCart(r CartRefusal) error {
	var figures []string
	for _, k := range []string{"which", "need", "got", "currency", "what", "cap", "used", "period", "size"} {
		if v, ok := r.Figures[k]; ok {
			figures = append(figures, k, v)
		}
	}
	code := string(r.Code)
	return loyalty.Conflict("cart."+r.Field, code, figures...)
}

// refuseHeld checks that what a cart held is still there: of a hold that has ended, others
// may have taken it, and money may be gone from any.
func (c *call) refuseHeld(m *File, row *loyalty.CartRow) error {
	late := row.ExpiresAt <= c.now
	gone := func(why loyalty.Reason, figures ...string) error {
		code := string(why)
		if late {
			code = string(loyalty.HoldExpired)
		}
		return loyalty.Conflict("cart.ref", code, figures...)
	}
	if m != nil {
		if err := blocked(m); err != nil {
			return err
		}
	}
	for i := range row.Taken {
		t := &row.Taken[i]
		switch t.Kind {
		case loyalty.TakenVoucher:
			v := c.d.Codes[t.Code]
			if v == nil || v.Gone(c.now) {
				return gone(loyalty.CodeUnknown)
			}
			if v.Used+c.d.HeldOf(CodeRef(v.Code), v.Member, row.ID, c.now) >= v.UsesMax {
				return gone(loyalty.CodeUsed)
			}
			if why, _ := c.unusable(v, m, row.ID); late && why != "" {
				return gone(why)
			}
		case loyalty.TakenUnits:
			a := m.Account(t.Unit)
			if !a.Sound() {
				return loyalty.Conflict("member", "wallet_frozen")
			}
			if got := c.spendable(m, a, row.ID, orderKey(row.Name())); got < t.Units {
				return gone(loyalty.InsufficientUnits, "need", c.text(t.Unit, t.Units), "got", c.text(t.Unit, got))
			}
		}
		if late && c.overrun(m, row, t) {
			return gone(loyalty.BudgetExhausted)
		}
	}
	c.taken = row.Taken
	return nil
}

// overrun tells whether a cap or a budget that a hold kept has been taken since it ended.
func (c *call) overrun(m *File, row *loyalty.CartRow, t *loyalty.Taken) bool {
	r := c.ruleOf(t)
	if r == nil {
		return false
	}
	for _, l := range r.Budgets {
		name := budgetName(r, l, c.f.OccurredAt, c.d.Shop)
		used := c.d.HeldOf(BudgetRef(name), id.Member{}, row.ID, c.now)
		if n := c.d.Budgets[name]; n != nil {
			used += n.Used
		}
		if used+cost(l, r, t) > l.Size {
			return true
		}
	}
	if m == nil {
		return false
	}
	for _, l := range r.Caps {
		name := c.capName(l, c.f.OccurredAt)
		used := c.d.HeldOf(capRef(t.Program, name), m.Member.ID, row.ID, c.now)
		if n := m.Counters[name]; n != nil {
			used += n.Used
		}
		if used+cost(l, r, t) > l.Size {
			return true
		}
	}
	return false
}

// ruleOf finds the rule by which a program took something; nil for a voucher, or where no
// program says how a unit pays.
func (c *call) ruleOf(t *loyalty.Taken) *rules.Compiled {
	if t.Program.IsZero() {
		return nil
	}
	return c.rule(&loyalty.Reward{Key: loyalty.RewardKey{Program: t.Program, Rule: t.Rule}, Version: t.Version})
}

// cost is what something that a cart took counts against a cap or a budget.
func cost(l rules.Limit, r *rules.Compiled, t *loyalty.Taken) int64 {
	if l.What == rules.Uses || l.What == rules.Rewards {
		return 1
	}
	return t.Amount + t.Added*r.Worth
}

func (c *call) refuseRelease(row *loyalty.CartRow) error {
	switch {
	case row == nil:
		return loyalty.NotFound("cart.ref", "cart_unknown")
	case row.State == loyalty.CartGone:
		return loyalty.Conflict("cart.ref", string(loyalty.NothingLeftToTake))
	case row.State == loyalty.CartUsed && c.now > row.At+rollBackDays*moment.Day:
		return loyalty.Conflict("cart.ref", string(loyalty.NothingLeftToTake), "days", strconv.Itoa(rollBackDays))
	}
	return nil
}

// carted folds a fact about a cart. A hold and its end move nothing, so a refold has only
// to know of what was used up and stands.
func (c *call) carted(m *File) {
	if c.live != nil {
		c.cartAgain(m)
		return
	}
	row := c.cartRow()
	c.still = c.f.Kind == loyalty.CartHeld || row != nil && row.State == loyalty.CartHolds && c.f.Kind == loyalty.CartReleased
	switch c.f.Kind {
	case loyalty.CartHeld:
		c.hold(m, c.keepCart(m, row))
	case loyalty.CartRedeemed:
		if len(c.f.Cart.Lines) > 0 {
			row = c.keepCart(m, row)
		}
		c.useUp(m, row)
	case loyalty.CartReleased:
		c.release(row)
	}
}

// keepCart enters a cart with what it takes.
func (c *call) keepCart(m *File, row *loyalty.CartRow) *loyalty.CartRow {
	if row == nil {
		row = &loyalty.CartRow{ID: mint[id.CartKind](c), Series: c.f.Cart.Series, Ref: c.f.Cart.Ref, New: true}
		c.d.Carts[row.Name()] = row
	}
	row.Cart, row.Taken, row.Member = *c.f.Cart, c.taken, id.Member{}
	if m != nil {
		row.Member = m.Member.ID
	}
	return row
}

// become moves a cart to another state; what it kept from others is free.
func (c *call) become(row *loyalty.CartRow, state string) {
	row.State, row.Event, row.At, row.ExpiresAt, row.Items = state, c.f.ID, c.at, 0, nil
	row.Dirty, row.ItemsDirty = true, true
	c.d.Held = slices.DeleteFunc(c.d.Held, func(h loyalty.HoldItem) bool { return h.Cart == row.ID })
}

func (c *call) hold(m *File, row *loyalty.CartRow) {
	c.become(row, loyalty.CartHolds)
	seconds := c.f.HoldFor
	if seconds == 0 {
		seconds = loyalty.HoldSeconds
	}
	row.ExpiresAt = c.now + moment.Time(seconds)*moment.Second
	keep := func(ref string, whose id.Member, n int64) {
		if n > 0 {
			row.Items = append(row.Items, loyalty.HoldItem{
				Cart: row.ID, N: int64(len(row.Items)), Ref: ref, Member: whose, Amount: n, EndsAt: row.ExpiresAt,
			})
		}
	}
	for i := range row.Taken {
		t := &row.Taken[i]
		switch t.Kind {
		case loyalty.TakenVoucher:
			v := c.d.Codes[t.Code]
			keep(CodeRef(t.Code), v.Member, 1)
			if m != nil && v.Terms != nil && v.Terms.PerMember > 0 {
				keep(ownRef(t.Code), m.Member.ID, 1)
			}
		case loyalty.TakenUnits:
			keep(loyalty.UnitRef(t.Unit), m.Member.ID, t.Units)
		}
		r := c.ruleOf(t)
		if r == nil {
			continue
		}
		for _, l := range r.Budgets {
			keep(BudgetRef(budgetName(r, l, c.f.OccurredAt, c.d.Shop)), id.Member{}, cost(l, r, t))
		}
		for _, l := range r.Caps {
			if m != nil {
				keep(capRef(t.Program, c.capName(l, c.f.OccurredAt)), m.Member.ID, cost(l, r, t))
			}
		}
	}
	c.d.Held = append(c.d.Held, row.Items...)
	c.line(loyalty.ReceiptLine{
		Member: row.Member, Outcome: loyalty.Noted, Rule: ruleCart, Code: loyalty.NoteCartHeld, Figures: c.toPay(row), At: row.ExpiresAt,
	})
}

func (c *call) toPay(row *loyalty.CartRow) map[string]string {
	return map[string]string{"to_pay": c.text(ledger.Unit(c.d.Shop.Currency), row.ToPay())}
}

// ruleCart stands in the place of a rule where a cart took something.
const ruleCart = "cart"

// useUp uses up what a cart takes.
func (c *call) useUp(m *File, row *loyalty.CartRow) {
	taken := slices.Clone(row.Taken)
	c.become(row, loyalty.CartUsed)
	row.Taken = taken
	c.line(loyalty.ReceiptLine{Member: row.Member, Outcome: loyalty.Noted, Rule: ruleCart, Code: loyalty.NoteCartUsed, Figures: c.toPay(row)})
	for i := range row.Taken {
		t := &row.Taken[i]
		t.ID, t.UsedAt = mint[id.RedemptionKind](c), c.at
		switch t.Kind {
		case loyalty.TakenVoucher:
			v := c.d.Codes[t.Code]
			v.Used, v.Dirty = v.Used+1, true
			c.line(loyalty.ReceiptLine{
				Member: row.Member, Outcome: loyalty.Discounted, Rule: ruleRedeem, Voucher: v.ID, Amount: t.Amount, Figures: free(t),
			})
		case loyalty.TakenProgram:
			c.line(loyalty.ReceiptLine{
				Program: t.Program, Version: t.Version, Rule: t.Rule, Member: row.Member, Outcome: loyalty.Discounted, Amount: t.Amount,
				Figures: free(t),
			})
		case loyalty.TakenUnits:
			t.Reward = c.paid(m, row, t, t.Units).ID
			c.line(loyalty.ReceiptLine{Member: row.Member, Outcome: loyalty.Paid, Rule: rulePay, Unit: t.Unit, Amount: t.Units})
		}
		c.countTaken(m, t, 1)
	}
	if m != nil {
		c.answerUses(m, row)
	}
}

func free(t *loyalty.Taken) map[string]string {
	if t.Free+t.Added == 0 || t.Article == "" { // the cheapest of several articles is only money
		return nil
	}
	return map[string]string{"free": strconv.FormatInt(t.Free+t.Added, 10), "article": t.Article}
}

// payKey is the recurrence key of what paid for an order.
func (c *call) payKey(m *File, row *loyalty.CartRow, u ledger.Unit) loyalty.RewardKey {
	return loyalty.RewardKey{Rule: rulePay, Member: m.Member.ID, Once: "u:" + row.Event.String() + "#" + string(u)}
}

func (c *call) paid(m *File, row *loyalty.CartRow, t *loyalty.Taken, n int64) *loyalty.Reward {
	return c.pay(m, c.payKey(m, row, t.Unit), PayCause(row.Name()), m.Account(t.Unit), n, n, orderKey(row.Name()))
}

// countTaken counts something that a cart took against caps and budgets, once (1) or off
// again (-1).
func (c *call) countTaken(m *File, t *loyalty.Taken, n int64) {
	if m != nil && t.Kind == loyalty.TakenVoucher {
		c.count(m, UsesName(t.Code), n)
	}
	r := c.ruleOf(t)
	if r == nil {
		return
	}
	for _, l := range r.Caps {
		if m != nil {
			c.count(m, c.capName(l, t.UsedAt), n*cost(l, r, t))
		}
	}
	for _, l := range r.Budgets {
		if c.live == nil {
			c.budget(budgetName(r, l, t.UsedAt, c.d.Shop), n*cost(l, r, t))
		}
	}
}

// answerUses lets rules answer to the uses of vouchers.
func (c *call) answerUses(m *File, row *loyalty.CartRow) {
	for i := range row.Taken {
		if row.Taken[i].Kind != loyalty.TakenVoucher {
			continue
		}
		key := eventKey(c.f) + "#" + strconv.Itoa(i)
		c.judge(m, occasion{trigger: rules.OnRedeemed, cause: key, each: key, channel: row.Cart.Channel, site: row.Cart.Site})
	}
	c.exchange(m)
}

// cartAgain folds a redemption that stands into a history that is judged again: it spends
// what it spent, whatever there is by then.
func (c *call) cartAgain(m *File) {
	live := c.live.Carts[c.f.Cart.Name()]
	if c.f.Kind != loyalty.CartRedeemed || live == nil || live.State != loyalty.CartUsed || live.Event != c.f.ID {
		return
	}
	row := *live
	row.Taken = slices.Clone(live.Taken)
	c.d.Carts[row.Name()] = &row
	for i := range row.Taken {
		t := &row.Taken[i]
		t.Back, t.BackUnits, t.Undone = 0, 0, false
		if t.Kind == loyalty.TakenUnits {
			c.paid(m, &row, t, t.Units)
		}
		c.countTaken(m, t, 1)
	}
	c.answerUses(m, &row)
}

// CartLimits lists the counters and budgets that what a cart took counts against: a release
// or a return moves those of the time when it was used.
func CartLimits(b *rules.Book, row *loyalty.CartRow, s *loyalty.Shop) (caps []CounterName, budgets []BudgetName) {
	c := &call{book: b}
	for i := range row.Taken {
		t := &row.Taken[i]
		at := t.UsedAt
		if at == 0 {
			at = row.At
		}
		if t.Kind == loyalty.TakenVoucher {
			caps = append(caps, UsesName(t.Code))
		}
		r := c.ruleOf(t)
		if r == nil {
			continue
		}
		for _, l := range r.Caps {
			caps = append(caps, CounterName{l.Name, periodOf(l.Period, at, s)})
		}
		for _, l := range r.Budgets {
			budgets = append(budgets, budgetName(r, l, at, s))
		}
	}
	return caps, budgets
}
