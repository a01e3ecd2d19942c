package decide

import (
	"slices"

	"cagnotte/internal/ledger"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/rules"
)

// due decides everything of a member that is due by t, in the order of the dates. What is
// due at an instant stands before the facts of that instant: an end is exclusive.
func (c *call) due(m *File, t moment.Time) {
	for {
		timer, account, at := nextDue(m, t)
		switch {
		case timer != nil && timer.Kind == loyalty.TimerRefold:
			timer.State, timer.Dirty = loyalty.TimerDone, true
			c.refold(m, nil)
		case timer != nil:
			c.at = at
			c.judged(m, loyalty.Position{At: at})
			timer.State, timer.Dirty = loyalty.TimerDone, true
			c.ripe(m, timer)
			c.exchange(m)
		case account != nil:
			c.at = at
			c.judged(m, loyalty.Position{At: at})
			c.lapse(account, at)
		default:
			return
		}
	}
}

// nextDue finds what is due first; a timer comes before an end at the same instant.
func nextDue(m *File, t moment.Time) (timer *loyalty.Timer, account *ledger.Account, at moment.Time) {
	at = t + 1
	for _, x := range m.Timers {
		if x.State == loyalty.TimerWaiting && x.DueAt < at {
			timer, at = x, x.DueAt
		}
	}
	for _, a := range m.Accounts {
		if !a.LotsLoaded {
			continue
		}
		for _, l := range a.Lots {
			if l.Remaining > 0 && l.ExpiresAt != 0 && (l.ExpiresAt < at || l.ExpiresAt == at && account != nil && a.Unit < account.Unit) {
				timer, account, at = nil, a, l.ExpiresAt
			}
		}
	}
	return timer, account, at
}

// lapse posts the end of lots.
func (c *call) lapse(a *ledger.Account, at moment.Time) {
	parts := a.Ended(at)
	var n int64
	for _, p := range parts {
		n -= p.Amount
	}
	c.post(ledger.Lapse, a, parts, "lapsed", nil)
	c.line(loyalty.ReceiptLine{Outcome: loyalty.Expired, Member: a.Member, Unit: a.Unit, Amount: n, At: at})
}

// ripe does what a timer was set for.
func (c *call) ripe(m *File, t *loyalty.Timer) {
	switch t.Kind {
	case loyalty.TimerConfirm:
		c.confirm(m, t)
	case loyalty.TimerExpire:
		c.expire(m)
	case loyalty.TimerBirthday:
		c.judge(m, occasion{trigger: rules.OnBirthday, cause: BirthdayCause(t, m.Member.ID), each: t.Cause})
		c.nextBirthday(m)
	case loyalty.TimerExchange:
		for _, u := range c.book.LotUnits() {
			c.reached(m, u)
		}
	}
}

// confirm opens what waited. A referral's rewards are checked a second time: history that
// came late may exclude the friend.
func (c *call) confirm(m *File, t *loyalty.Timer) {
	opened, refused := false, loyalty.Reason("")
	for _, x := range slices.Clone(c.d.Causes[t.Cause]) {
		if x.Key.Program != t.Program || x.Key.Rule != t.Rule || x.State != loyalty.RewardWaiting || x.From != m.Member.ID {
			continue
		}
		r := c.rule(x)
		if r == nil {
			continue
		}
		if reason := c.excluded(m); r.Refer && reason != "" {
			refused = reason
			c.take(x, r, x.Net()-x.Absorbed, reason)
			x.State = loyalty.RewardRefused
			continue
		}
		c.open(x)
		opened = opened || r.Refer
	}
	if b := m.Bond(); b != nil && b.State == loyalty.ReferralQualified {
		switch {
		case refused != "":
			b.State, b.Reason, b.Dirty = loyalty.ReferralRefused, string(refused), true
		case opened && (c.causeOrder(t.Cause) != nil || !c.ordersValidate(m)):
			c.validated(m, t.Cause)
		}
	}
}

// open lets the owner use what waited.
func (c *call) open(x *loyalty.Reward) {
	to := c.file(x.Key.Member)
	if to == nil {
		return
	}
	x.State, x.Dirty = loyalty.RewardGiven, true
	r := c.rule(x)
	line := loyalty.ReceiptLine{
		Program: x.Key.Program, Version: x.Version, Rule: x.Key.Rule, Part: x.Part, Member: x.Key.Member,
		Outcome: loyalty.Opened, Unit: x.Unit, Amount: x.Net(), At: x.DueAt,
	}
	if v := to.Vouchers[x.ID]; v != nil && v.State == loyalty.VoucherWaiting {
		v.State, v.StartsAt, v.Dirty = loyalty.VoucherActive, x.DueAt, true
		v.ExpiresAt = r.Expiry.ExpiresAt(x.DueAt, c.d.Shop.Zone)
		line.Voucher = v.ID
	}
	if k := to.Claims[x.ID]; k != nil && k.State == loyalty.ClaimWaiting {
		k.State, k.Dirty = loyalty.ClaimOpen, true
		if k.Gift == "" {
			k.State = loyalty.ClaimChoose
		}
		line.Gift = k.Gift
	}
	if x.Unit != "" {
		a := to.Account(x.Unit)
		for _, l := range a.Lots {
			if l.Reward == x.ID && l.OpensAt == 0 {
				l.OpensAt, l.ExpiresAt, l.Dirty = x.DueAt, r.Expiry.ExpiresAt(x.DueAt, c.d.Shop.Zone), true
				a.Dirty = true
			}
		}
	}
	c.line(line)
	c.reached(to, x.Unit)
	if to.Member.ID != c.f.MemberID {
		c.credited(to, x)
		c.exchange(to)
	}
}

// NextDue is when something of a member is due next, a timer or the end of a lot; zero
// when nothing is.
func NextDue(m *File) moment.Time {
	const never = moment.Time(1<<62 - 1)
	if _, _, at := nextDue(m, never); at <= never {
		return at
	}
	return 0
}
