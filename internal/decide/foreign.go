package decide

import (
	"maps"
	"slices"

	"cagnotte/internal/id"
	"cagnotte/internal/ledger"
	"cagnotte/internal/loyalty"
)

// adoptForeign gives or takes what the member's facts now mean for somebody else.
func (c *call) adoptForeign(s *File) {
	to := c.d.Files[s.Member.ID]
	for _, x := range sorted(s.Rewards) {
		var want *ledger.Lot
		if x.Unit != "" {
			for _, l := range s.Account(x.Unit).Lots {
				if l.Reward == x.ID {
					want = l
				}
			}
		}
		live := to.Rewards[x.Key]
		if live != nil && live.State != loyalty.RewardVoid {
			if c.sameReward(to, live, x, want) {
				continue
			}
			c.withdraw(to, live)
		}
		row, scratch := *x, x.ID
		if live != nil {
			row.ID, row.New = live.ID, live.New
			c.forget(live)
			*live = row
			x = live
			c.d.Causes[x.Cause] = append(c.d.Causes[x.Cause], x)
		} else {
			row.ID, row.New = mint[id.RewardKind](c), true
			x = &row
			c.d.AddReward(to, x)
		}
		x.Dirty = true
		if x.Net() == 0 {
			continue
		}
		c.countBy(to, x, 0, x.Net())
		c.spendBy(x, 0, x.Net())
		if x.Unit == "" {
			c.foreignPieces(to, s, x, scratch)
			continue
		}
		lot := &ledger.Lot{
			ID: mint[id.LotKind](c), Member: to.Member.ID, Unit: x.Unit, Reward: x.ID, Origin: x.Key.Once, Amount: x.Net(), Since: x.GivenAt,
		}
		if want != nil {
			lot.OpensAt, lot.ExpiresAt = want.OpensAt, want.ExpiresAt
		}
		a := to.Account(x.Unit)
		a.Earned += x.Net()
		c.post(ledger.Correction, a, a.Credit(lot, c.now), x.Key.Program.String(), x)
		c.reached(to, x.Unit)
		l := loyalty.ReceiptLine{
			Program: x.Key.Program, Version: x.Version, Rule: x.Key.Rule, Part: x.Part, Member: x.Key.Member,
			Outcome: loyalty.Given, Unit: x.Unit, Amount: x.Net(), Code: loyalty.NoteLate,
		}
		if x.State == loyalty.RewardWaiting && x.DueAt > c.now {
			l.Outcome, l.At = loyalty.Waiting, x.DueAt
		}
		if x.Event == c.f.ID {
			l.Code = ""
		}
		c.line(l)
	}
	c.exchange(to)
}

// sameReward tells whether a reward of somebody else needs no booking; its state and the
// opening of its lot may still follow.
func (c *call) sameReward(to *File, live, x *loyalty.Reward, want *ledger.Lot) bool {
	if live.Unit != x.Unit || live.Amount-live.Taken-live.Absorbed != x.Amount-x.Taken-x.Absorbed {
		return false
	}
	if x.Unit == "" {
		c.samePieces(to, live, x)
		return true
	}
	a := to.Account(x.Unit)
	if want != nil && slices.ContainsFunc(a.Lots, func(l *ledger.Lot) bool {
		return l.Reward == live.ID && l.Remaining > 0 && l.Since != want.Since
	}) {
		return false // it would be spent in another turn
	}
	for _, l := range a.Lots {
		if l.Reward != live.ID || l.Remaining == 0 || want == nil {
			continue
		}
		if l.OpensAt != want.OpensAt || l.ExpiresAt != want.ExpiresAt {
			l.OpensAt, l.ExpiresAt, l.Dirty, a.Dirty = want.OpensAt, want.ExpiresAt, true, true
		}
	}
	row := *x
	row.ID, row.New, row.Dirty = live.ID, live.New, true
	if live.Amount == x.Amount {
		row.Taken, row.Absorbed = live.Taken, live.Absorbed
	}
	if !sameRow(live, &row) {
		c.forget(live)
		*live = row
		c.d.Causes[live.Cause] = append(c.d.Causes[live.Cause], live)
	}
	return true
}

// foreignPieces gives somebody else the voucher or gift of a reward that is now due.
func (c *call) foreignPieces(to, s *File, x *loyalty.Reward, scratch id.Reward) {
	l := loyalty.ReceiptLine{
		Program: x.Key.Program, Version: x.Version, Rule: x.Key.Rule, Part: x.Part, Member: x.Key.Member,
		Outcome: loyalty.Given, Amount: x.Net(), Code: c.lateCode(x),
	}
	if v := s.Vouchers[scratch]; v != nil {
		fresh := *v
		fresh.ID, fresh.Reward, fresh.New = mint[id.VoucherKind](c), x.ID, true
		if was := to.Vouchers[x.ID]; was != nil {
			fresh.ID, fresh.Code, fresh.New, fresh.Dirty, fresh.Used = was.ID, was.Code, was.New, true, was.Used
		}
		to.Vouchers[x.ID], l.Voucher = &fresh, fresh.ID
	}
	if k := s.Claims[scratch]; k != nil {
		fresh := *k
		fresh.Reward, fresh.New = x.ID, true
		if was := to.Claims[x.ID]; was != nil {
			fresh.New, fresh.Dirty = was.New, true
		}
		to.Claims[x.ID], l.Gift = &fresh, fresh.Gift
	}
	if x.State == loyalty.RewardWaiting {
		l.Outcome, l.At = loyalty.Waiting, x.DueAt
	}
	c.line(l)
}

// samePieces lets the state of somebody else's voucher or gift follow its reward.
func (c *call) samePieces(to *File, live, x *loyalty.Reward) {
	opened := live.State == loyalty.RewardWaiting && x.State == loyalty.RewardGiven
	row := *x
	row.ID, row.New, row.Dirty, row.Taken, row.Absorbed = live.ID, live.New, true, live.Taken, live.Absorbed
	if !sameRow(live, &row) {
		c.forget(live)
		*live = row
		c.d.Causes[live.Cause] = append(c.d.Causes[live.Cause], live)
	}
	if opened {
		live.State = loyalty.RewardWaiting
		c.open(live)
	}
}

// sameRow tells whether two rewards say the same, down to what later returns divide.
func sameRow(a, b *loyalty.Reward) bool {
	return a.Version == b.Version && a.Part == b.Part && a.Cause == b.Cause && a.State == b.State && a.Event == b.Event &&
		a.Amount == b.Amount && a.Taken == b.Taken && a.Absorbed == b.Absorbed && a.Granted == b.Granted &&
		a.Basis == b.Basis && a.Returned == b.Returned && a.GivenAt == b.GivenAt && a.DueAt == b.DueAt
}

// withdraw takes all of somebody's reward back that a late fact shows was not due.
func (c *call) withdraw(to *File, x *loyalty.Reward) {
	if r := c.rule(x); r != nil {
		c.take(x, r, x.Amount-x.Taken-x.Absorbed, loyalty.NoteLate)
	}
	x.State, x.Dirty = loyalty.RewardVoid, true
}

// voidForeign withdraws what the history gave to others and, judged again, does not.
func (c *call) voidForeign(m *File, s *Dossiers) {
	for _, cause := range slices.Sorted(maps.Keys(c.d.Causes)) {
		for _, x := range slices.Clone(c.d.Causes[cause]) {
			if x.From != m.Member.ID || x.Key.Member == m.Member.ID || x.State == loyalty.RewardVoid || x.Key.Rule == ruleTransfer {
				continue
			}
			if f := s.Files[x.Key.Member]; f == nil || f.Rewards[x.Key] == nil {
				c.withdraw(c.d.Files[x.Key.Member], x)
			}
		}
	}
}
