package decide

import (
	"slices"
	"strconv"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/rules"
)

// This file: vouchers that are used without a cart, and given back, and codes that staff
// withdraws. How often a code may be used is what several compete for, so its uses go by
// arrival and are never judged again; what rules give for a use belongs to the member's
// history like anything else.

// refuseNobody finds what makes a fact impossible that names nobody.
func (c *call) refuseNobody() error {
	switch c.f.Kind {
	case loyalty.CartHeld, loyalty.CartRedeemed, loyalty.CartReleased:
		return c.refuseCart(nil)
	case loyalty.StaffGift, loyalty.StaffStock:
		return c.refuseCatalogue()
	case loyalty.VoucherRedeemed:
		return c.refuseRedemption(nil)
	case loyalty.VoucherReleased:
		return c.refuseUseBack()
	case loyalty.StaffVoucher:
		return c.refuseWithdrawal()
	}
	return nil
}

// refuseRedemption tells why a code cannot be used once more; nobody may be named.
func (c *call) refuseRedemption(m *File) error {
	v := c.d.Codes[c.f.Use.Code]
	if m != nil && m.Member.State == loyalty.Blocked {
		return loyalty.Conflict("use.code", string(loyalty.MemberIsBlocked))
	}
	if v == nil {
		return loyalty.Conflict("use.code", string(loyalty.CodeUnknown))
	}
	why, figures := c.unusable(v, m, id.Cart{})
	if why == "" {
		return nil
	}
	var args []string
	for _, k := range []string{"which", "what", "cap", "used", "period"} {
		if x, ok := figures[k]; ok {
			args = append(args, k, x)
		}
	}
	code := string(why)
	return loyalty.Conflict("use.code", code, args...)
}

// refuseUseBack tells why a use cannot be given back.
func (c *call) refuseUseBack() error {
	u := c.d.Uses[c.f.Use.Redemption]
	switch {
	case u == nil || c.d.Codes[u.Code] == nil:
		return loyalty.NotFound("use.redemption", "redemption_unknown")
	case u.Undone:
		return loyalty.Conflict("use.redemption", string(loyalty.NothingLeftToTake))
	case c.now > u.UsedAt+rollBackDays*moment.Day:
		return loyalty.Conflict("use.redemption", string(loyalty.NothingLeftToTake), "days", strconv.Itoa(rollBackDays))
	}
	return nil
}

// refuseWithdrawal tells why a code cannot be withdrawn: that of a reward goes back with it.
func (c *call) refuseWithdrawal() error {
	v := c.d.Codes[c.f.Use.Code]
	switch {
	case v == nil:
		return loyalty.Conflict("use.code", string(loyalty.CodeUnknown))
	case v.Batch.IsZero():
		return loyalty.Conflict("use.code", "voucher_of_a_reward")
	case v.Gone(c.now):
		return loyalty.Conflict("use.code", "voucher_withdrawn")
	}
	return nil
}

// uses counts one use of a code, as soon as it is certain that the fact will be kept.
func (c *call) uses(m *File) {
	if c.f.Kind != loyalty.VoucherRedeemed {
		return
	}
	v := c.d.Codes[c.f.Use.Code]
	v.Used, v.Dirty = v.Used+1, true
	u := &loyalty.VoucherUse{Event: c.f.ID, Voucher: v.ID, Code: v.Code, Cause: eventKey(c.f), UsedAt: c.now, New: true}
	line := loyalty.ReceiptLine{Outcome: loyalty.Noted, Rule: ruleRedeem, Voucher: v.ID}
	if m != nil {
		u.Member, line.Member = m.Member.ID, m.Member.ID
	}
	c.d.Uses[c.f.ID] = u
	c.line(line)
}

// ruleRedeem stands in the place of a rule where a voucher was used.
const ruleRedeem = "redeem"

// redeemed lets rules answer to the use of a voucher.
func (c *call) redeemed(m *File, f *loyalty.Fact) {
	key := eventKey(f)
	if c.live != nil { // the sheet knows the use by the fact itself
		c.d.Uses[f.ID] = &loyalty.VoucherUse{Event: f.ID, Code: f.Use.Code, Cause: key}
	}
	c.count(m, UsesName(f.Use.Code), 1)
	h := f.Happening
	if h == nil {
		h = &loyalty.Happening{}
	}
	c.judge(m, occasion{trigger: rules.OnRedeemed, cause: key, each: key, channel: h.Channel, site: h.Site})
	c.exchange(m)
}

// released gives a use back, and takes back what rules gave for it.
func (c *call) released(m *File) {
	u := c.d.Uses[c.f.Use.Redemption]
	if u == nil || u.Undone { // in a history that was somebody else's before a merge
		return
	}
	u.Undone, u.Dirty = true, true
	if c.live == nil {
		v := c.d.Codes[u.Code]
		v.Used, v.Dirty = max(0, v.Used-1), true
		c.line(loyalty.ReceiptLine{Member: u.Member, Outcome: loyalty.Noted, Rule: ruleRedeem, Code: loyalty.NoteUseBack, Voucher: v.ID})
	}
	if m == nil {
		return
	}
	c.count(m, UsesName(u.Code), -1)
	list := slices.Clone(c.d.Causes[u.Cause])
	slices.SortFunc(list, func(a, b *loyalty.Reward) int { return slices.Compare(a.ID[:], b.ID[:]) })
	for _, x := range list {
		if x.State != loyalty.RewardWaiting && x.State != loyalty.RewardGiven {
			continue
		}
		if r := c.rule(x); r != nil {
			c.take(x, r, x.Amount-x.Taken-x.Absorbed, loyalty.NoteUseBack)
		}
	}
	c.exchange(m)
}

// withdrawCode withdraws a code of a batch: nobody can use it from now on.
func (c *call) withdrawCode() {
	v := c.d.Codes[c.f.Use.Code]
	v.State, v.Dirty = loyalty.VoucherWithdrawn, true
	c.line(loyalty.ReceiptLine{Member: v.Member, Outcome: loyalty.Noted, Rule: loyalty.StaffVoucher, Voucher: v.ID})
}
