package decide

import (
	"strconv"

	"cagnotte/internal/id"
	"cagnotte/internal/ledger"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/rules"
)

// refuse finds what makes the fact impossible here, before anything changes.
func (c *call) refuse(m *File) error {
	f := c.f
	if m.Member.State == loyalty.Merged {
		return loyalty.Conflict("member", "member_merged")
	}
	switch f.Kind {
	case loyalty.StaffAdjust:
		return c.refuseAdjust(m, f)
	case loyalty.Transferred:
		return c.refuseTransfer(m, f)
	case loyalty.ExchangeAsked:
		return c.refuseExchange(m, f.Use)
	case loyalty.ChoiceMade, loyalty.ClaimUpdated:
		return c.refuseClaim(m, f)
	case loyalty.GiftClaimed:
		return c.refuseGifts(m)
	case loyalty.VoucherRedeemed:
		return c.refuseRedemption(m)
	case loyalty.VoucherReleased:
		return c.refuseUseBack()
	case loyalty.CartHeld, loyalty.CartRedeemed, loyalty.CartReleased:
		return c.refuseCart(m)
	case loyalty.StaffBond:
		return c.refuseRebond(m, f)
	case loyalty.StaffMerge:
		return c.refuseMerge(m, f)
	}
	return nil
}

// refuseAdjust checks a correction. An opening balance that was imported may be a debt:
// what is not there is owed.
func (c *call) refuseAdjust(m *File, f *loyalty.Fact) error {
	need, owed := -f.Adjust.Amount, f.History()
	if owed {
		need = min(need, 0)
	}
	err := c.refuseSpend(m, "adjust.unit", "adjust.amount", f.Adjust.Unit, need)
	if err == nil && owed && f.Adjust.Amount < 0 && !m.Account(ledger.Unit(f.Adjust.Unit)).Sound() {
		err = loyalty.Conflict("adjust.unit", "wallet_frozen")
	}
	return err
}

// refuseSpend checks that a unit is known and, where something is taken, that there is
// enough of it.
func (c *call) refuseSpend(m *File, unitField, amountField, name string, n int64) error {
	unit := ledger.Unit(name)
	if !c.known(unit, m) {
		return loyalty.Invalid(unitField, "unknown_unit", "unit", name)
	}
	if n <= 0 {
		return nil
	}
	if !m.Account(unit).Sound() {
		return loyalty.Conflict(unitField, "wallet_frozen")
	}
	if got := c.spendable(m, m.Account(unit), id.Cart{}); got < n {
		return loyalty.Conflict(amountField, string(loyalty.InsufficientUnits), "need", c.text(unit, n), "got", c.text(unit, got))
	}
	return nil
}

func blocked(m *File) error {
	if m.Member.State == loyalty.Blocked {
		return loyalty.Conflict("member", string(loyalty.MemberIsBlocked))
	}
	return nil
}

func (c *call) refuseTransfer(m *File, f *loyalty.Fact) error {
	if err := blocked(m); err != nil {
		return err
	}
	to := c.file(f.Other.ID)
	switch {
	case to == nil:
		return loyalty.NotFound("other", "member_unknown")
	case to == m:
		return loyalty.Invalid("other", "same_member")
	case to.Member.State == loyalty.Blocked || to.Member.State == loyalty.Merged:
		return loyalty.Conflict("other", string(loyalty.MemberIsBlocked))
	}
	return c.refuseSpend(m, "transfer.unit", "transfer.amount", f.Transfer.Unit, f.Transfer.Amount)
}

func (c *call) refuseExchange(m *File, u *loyalty.Use) error {
	if err := blocked(m); err != nil {
		return err
	}
	r := c.askedRule(m, u)
	if r == nil {
		return loyalty.NotFound("use.rule", "exchange_unknown")
	}
	p := r.Version.Program
	if p.PausedAt(c.f.OccurredAt, c.now) {
		return loyalty.Conflict("use.program", string(loyalty.ProgramNotRunning))
	}
	times := max(1, u.Times)
	if times > maxIssued {
		return loyalty.Invalid("use.times", "out_of_range", "max", strconv.Itoa(maxIssued))
	}
	if r.Need > 1<<62/times {
		return loyalty.Invalid("use.times", "out_of_range", "max", strconv.Itoa(maxIssued))
	}
	return c.refuseSpend(m, "use.rule", "use.times", string(r.Pays()), r.Need*times)
}

func (c *call) refuseClaim(m *File, f *loyalty.Fact) error {
	x := c.reward(m, f.Use.Reward)
	if x == nil || m.Claims[x.ID] == nil {
		return loyalty.NotFound("use.reward", "reward_unknown")
	}
	k := m.Claims[x.ID]
	if f.Kind == loyalty.ClaimUpdated {
		if f.Use.State == loyalty.ClaimCancelled && k.Code == "" {
			return loyalty.Conflict("use.state", "claim_of_a_program")
		}
		if k.State == loyalty.ClaimNoCode && f.Use.State == loyalty.ClaimCancelled {
			return nil
		}
		from := loyalty.ClaimOpen
		if f.Use.State == loyalty.ClaimDelivered { // only what is on its way arrives
			from = loyalty.ClaimShipped
		}
		if k.State != from {
			return loyalty.Conflict("use.state", "claim_state", "state", k.State)
		}
		return nil
	}
	if err := blocked(m); err != nil {
		return err
	}
	if k.State != loyalty.ClaimChoose {
		return loyalty.Conflict("use.reward", "claim_state", "state", k.State)
	}
	r := c.rule(x)
	if r == nil || f.Use.Option > len(r.Gives[giveOf(r, x)].Choice) {
		n := 0
		if r != nil {
			n = len(r.Gives[giveOf(r, x)].Choice)
		}
		return loyalty.Invalid("use.option", "out_of_range", "max", strconv.Itoa(n))
	}
	return nil
}

func (c *call) refuseRebond(m *File, f *loyalty.Fact) error {
	switch x := f.Referrer.ID; {
	case f.Staff.No && m.Bond() == nil:
		return loyalty.Conflict("member", "no_bond")
	case f.Staff.No:
	case x.IsZero() || c.file(x) == nil:
		return loyalty.NotFound("referrer", "member_unknown")
	case x == m.Member.ID:
		return loyalty.Conflict("referrer", string(loyalty.SelfReferral))
	case c.circle(m.Member.ID, x):
		return loyalty.Conflict("referrer", string(loyalty.MutualReferral))
	case f.History() && m.Bond() != nil && m.Bond().Referrer != x: // only staff changes who counts
		return loyalty.Conflict("referrer", string(loyalty.AlreadyReferred))
	}
	return nil
}

func (c *call) refuseMerge(m *File, f *loyalty.Fact) error {
	other := c.file(f.Other.ID)
	switch {
	case other == nil:
		return loyalty.NotFound("other", "member_unknown")
	case other == m:
		return loyalty.Invalid("other", "same_member")
	case other.Member.State == loyalty.Merged && other.Member.MergedInto != m.Member.ID:
		return loyalty.Conflict("other", "member_merged")
	}
	return nil
}

// known tells whether a program of the shop gives or takes that unit.
func (c *call) known(u ledger.Unit, m *File) bool {
	if a, ok := m.Accounts[u]; ok && !a.New || string(u) == c.d.Shop.Currency {
		return true
	}
	for _, p := range c.book.Programs {
		for _, v := range p.Versions {
			for _, r := range v.Rules {
				for i := range r.Gives {
					if r.Unit(i) == u && u != "" || r.Trigger == rules.OnThreshold && r.Pays() == u {
						return true
					}
				}
			}
		}
	}
	return false
}
