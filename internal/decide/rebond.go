package decide

import (
	"cmp"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
)

// rebond is staff's: it sets, changes or ends a bond, with a reason. It stands whatever
// excludes the reward; only a circle is impossible. One that is imported stands as it was,
// with its origin: whether it was to be rewarded, another system has decided.
func (c *call) rebond(m *File, f *loyalty.Fact) {
	was, x := m.Bond(), f.Referrer.ID
	if was != nil && !f.Staff.No && was.Referrer == x {
		c.note(m, loyalty.NoteKnown)
		return
	}
	var before loyalty.Referral
	var left []loyalty.Reward
	if was != nil {
		before = *was
		left = c.leave(m, was)
		if f.Staff.No && was.State == loyalty.ReferralFlagged { // the friend's own part waits for the same word
			c.spoken(m, was, true)
		}
		was.State, was.Bond, was.Reason, was.Dirty = loyalty.ReferralCancelled, false, string(loyalty.BlockedByStaff), true
	}
	line := loyalty.ReceiptLine{
		Part: loyalty.AsFriend, Member: m.Member.ID, Rule: ruleBond, Outcome: loyalty.Noted, Code: loyalty.BlockedByStaff,
	}
	if f.Staff.No {
		c.line(line)
		return
	}
	b := m.Touch(x)
	if b == nil {
		b = &loyalty.Referral{ID: mint[id.ReferralKind](c), Friend: m.Member.ID, Referrer: x, TouchedAt: c.at, New: true}
		m.Bonds = append(m.Bonds, b)
	}
	b.Origin, b.Bond, b.Reason, b.LastAt, b.Dirty = loyalty.OriginStaff, true, "", c.at, true
	if f.History() && f.Touch != "" {
		b.Origin = f.Touch
	}
	b.State = loyalty.ReferralJoined
	if m.Member.State == loyalty.Prospect {
		b.State = loyalty.ReferralInvited
	}
	if was != nil {
		b.TouchedAt, b.JoinedAt, b.Order = before.TouchedAt, before.JoinedAt, before.Order
		b.State, b.Reason = cmp.Or(inherited(before.State), b.State), ""
		if inherited(before.State) != "" {
			b.Reason = before.Reason
		}
	}
	if was == nil || before.State == loyalty.ReferralRefused {
		if reason := c.barred(m, b); reason != "" && !f.History() {
			b.State, b.Reason, line.Code = loyalty.ReferralRefused, string(reason), reason
		}
	}
	line.Code = cmp.Or(line.Code, loyalty.BlockedByStaff)
	c.line(line)
	opened := c.succeed(m, b, left)
	if before.State == loyalty.ReferralFlagged { // staff has spoken by naming somebody else
		if c.spoken(m, b, false) || opened {
			c.passed(m, b)
		}
	}
}

// inherited is the state of a referral that stays what it is under another referrer. What was
// refused or held was so because of the two who were thought to be friends, and is looked at
// anew.
func inherited(state string) string {
	switch state {
	case loyalty.ReferralQualified, loyalty.ReferralRewarded, loyalty.ReferralExpired, loyalty.ReferralClawed:
		return state
	}
	return ""
}

// leave takes from a former referrer what still waits for this friend, and the referral
// itself where it was counted; what he has for good stays his. It tells what each of these
// was before.
func (c *call) leave(m *File, was *loyalty.Referral) []loyalty.Reward {
	var left []loyalty.Reward
	for _, x := range c.friendRewards(m, was.Referrer) {
		if r := c.rule(x); r != nil && (x.State == loyalty.RewardWaiting || x.State == loyalty.RewardGiven && isReferrals(x)) {
			left = append(left, *x)
			c.take(x, r, x.Net()-x.Absorbed, loyalty.BlockedByStaff)
			x.State = loyalty.RewardRefused
		}
	}
	return left
}

// succeed judges for the new referrer what was taken from the former one: the friend's side of
// it has held, so what is asked is what lies with the new one, his caps and the budgets. Dates
// stay. It tells whether something that had waited is his at once.
func (c *call) succeed(m *File, b *loyalty.Referral, left []loyalty.Reward) (opened bool) {
	to := c.file(b.Referrer)
	if to == nil || b.State == loyalty.ReferralRefused {
		return false
	}
	for i := range left {
		x := &left[i]
		r := c.rule(x)
		if x.Net()-x.Absorbed <= 0 {
			continue
		}
		if r.Rule.When.Buyer && !c.orderedBefore(b.Referrer) {
			c.line(loyalty.ReceiptLine{
				Program: x.Key.Program, Version: x.Version, Rule: x.Key.Rule, Part: x.Part, Member: b.Referrer, Unit: x.Unit,
				Outcome: loyalty.Refused, Code: loyalty.ConditionNotMet, Figures: map[string]string{"which": "referrer_buyer", "need": "1", "got": "0"},
			})
			continue
		}
		c.give(gift{rule: r, i: giveOf(r, x), to: to, from: m, once: x.Key.Once, cause: x.Cause, order: c.causeOrder(x.Cause), left: x})
		now := to.Rewards[loyalty.RewardKey{Program: x.Key.Program, Rule: x.Key.Rule, Member: b.Referrer, Once: x.Key.Once}]
		opened = opened || x.State == loyalty.RewardWaiting && now != nil && now.State == loyalty.RewardGiven
	}
	c.exchange(to)
	return opened
}
