package decide

import (
	"cagnotte/internal/ledger"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
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
			if timer.Kind == loyalty.TimerConfirm {
				c.confirm(m, timer)
			}
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

// confirm is the second check of a referral's rewards when their waiting time ends:
// history that came late may exclude the friend. What holds is opened.
func (c *call) confirm(friend *File, t *loyalty.Timer) {
	reason := excluded(friend)
	opened := false
	for _, x := range c.d.Causes[t.Cause] {
		if x.Key.Program != t.Program || x.Key.Rule != t.Rule || x.State != loyalty.RewardWaiting {
			continue
		}
		r := c.rule(x)
		if reason != "" {
			c.take(x, r, x.Net()-x.Absorbed, reason)
			x.State = loyalty.RewardRefused
			continue
		}
		c.open(x)
		opened = true
	}
	if b := friend.Bond; b != nil && b.Bond && b.State == loyalty.ReferralQualified && c.causeOrder(t.Cause) != nil {
		b.Dirty = true
		switch {
		case reason != "":
			b.State, b.Reason = loyalty.ReferralRefused, string(reason)
		case opened:
			b.State = loyalty.ReferralRewarded
		}
	}
}

// excluded is the second check of a bond, against what was dated before the first touch.
func excluded(friend *File) loyalty.Reason {
	if b := friend.Bond; b != nil && friend.Member.FirstOrderAt != 0 && friend.Member.FirstOrderAt < b.TouchedAt {
		return loyalty.AlreadyBuyer
	}
	return ""
}

// open lets the owner use what waited.
func (c *call) open(x *loyalty.Reward) {
	to := c.file(x.Key.Member)
	if to == nil {
		return
	}
	x.State, x.Dirty = loyalty.RewardGiven, true
	r := c.rule(x)
	a := to.Account(x.Unit)
	for _, l := range a.Lots {
		if l.Reward == x.ID && l.OpensAt == 0 {
			l.OpensAt, l.ExpiresAt, l.Dirty = x.DueAt, r.Expiry.ExpiresAt(x.DueAt, c.d.Shop.Zone), true
			a.Dirty = true
		}
	}
	c.line(loyalty.ReceiptLine{
		Program: x.Key.Program, Version: x.Version, Rule: x.Key.Rule, Part: x.Part, Member: x.Key.Member,
		Outcome: loyalty.Opened, Unit: x.Unit, Amount: x.Net(), At: x.DueAt,
	})
	if to.Member.ID != c.f.MemberID {
		c.credited(to, x.Unit)
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
