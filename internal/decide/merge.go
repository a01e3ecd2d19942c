package decide

import (
	"maps"
	"slices"

	"cagnotte/internal/id"
	"cagnotte/internal/ledger"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
)

// merge makes another member's file part of this one's: what is open, waiting or owed comes
// over with its dates, and sums are kept. Both histories stay. After staff merged two
// members their past is settled: it is not judged again, a late fact is judged on arrival.
// A prospect, who is only a browser or an address so far, comes over with his past: it is
// judged as if it had always been one person's.
func (c *call) merge(m, other *File, settles bool) {
	if other.Member.State == loyalty.Merged {
		c.note(m, loyalty.NoteKnown)
		return
	}
	c.d.Merged[other.Member.ID] = m.Member.ID
	c.mergeRewards(m, other)
	moved := c.mergeAccounts(m, other)
	c.mergeBonds(m, other)
	for _, x := range sorted(other.Rewards) {
		c.mergeReward(m, other, x, moved)
	}
	clear(other.Rewards)
	for name, n := range other.Counters {
		c.count(m, name, n.Used)
		n.Used, n.Dirty = 0, true
	}
	for _, t := range other.Timers {
		t.Member, t.Dirty = m.Member.ID, true
		if t.Kind == loyalty.TimerBirthday && t.State == loyalty.TimerWaiting && m.Member.Birthday != "" {
			t.State = loyalty.TimerVoid
		}
		t.Cause = renamed(t.Cause, other.Member.ID, m.Member.ID)
		m.Timers = append(m.Timers, t)
	}
	other.Timers = nil
	for p, t := range other.Terms {
		if was := m.Terms[p]; !t.Gone && (was == nil || was.Gone) {
			m.Terms[p] = &loyalty.Terms{
				Member: m.Member.ID, Program: p, Version: t.Version, Since: t.Since, New: was == nil || was.New, Dirty: true,
			}
		}
		t.Gone, t.Dirty = true, true
	}
	for t, x := range other.Tags {
		if x.On {
			m.Tags[t] = Tag{On: true, Dirty: true}
		}
	}
	for _, o := range c.d.Orders {
		if o.Member == other.Member.ID {
			o.Member, o.Dirty = m.Member.ID, true
		}
	}
	for i := range c.d.Held {
		if c.d.Held[i].Member == other.Member.ID {
			c.d.Held[i].Member = m.Member.ID
		}
	}
	for _, t := range c.d.Carts {
		if t.Member == other.Member.ID {
			t.Member, t.Dirty = m.Member.ID, true
		}
	}
	for _, v := range c.d.Codes {
		if v.Member == other.Member.ID && !v.Batch.IsZero() {
			v.Member, v.Dirty = m.Member.ID, true
		}
	}
	for _, u := range c.d.Uses {
		if u.Member == other.Member.ID {
			u.Member, u.Dirty = m.Member.ID, true
		}
	}
	c.mergeMember(m, other, settles)
	if settles {
		c.note(m, loyalty.NoteMerged)
		c.exchange(m)
	}
}

func (c *call) mergeMember(m, other *File, settles bool) {
	a, b := m.Member, other.Member
	earlier := func(x, y moment.Time) moment.Time {
		if x == 0 || y != 0 && y < x {
			return y
		}
		return x
	}
	a.RegisteredAt, a.FirstOrderAt = earlier(a.RegisteredAt, b.RegisteredAt), earlier(a.FirstOrderAt, b.FirstOrderAt)
	if a.RegisteredAt != 0 && a.State != loyalty.Blocked {
		a.State = loyalty.Enrolled
	}
	if b.State == loyalty.Blocked {
		a.State = loyalty.Blocked
	}
	if a.Birthday == "" {
		a.Birthday = b.Birthday
	}
	if a.Group == "" {
		a.Group = b.Group
	}
	for k, v := range b.Signals {
		if a.Signals == nil {
			a.Signals = loyalty.Signals{}
		}
		if a.Signals[k] == "" {
			a.Signals[k] = v
		}
	}
	if settles {
		a.Settled = true
		c.judged(m, b.JudgedTo)
	} else {
		m.Past = append(m.Past, other.Past...)
		for _, f := range other.Past {
			f.MemberID = a.ID
		}
	}
	a.Settled = a.Settled || b.Settled
	a.Dirty = true
	b.State, b.MergedInto, b.Dirty = loyalty.Merged, a.ID, true
	other.Past = nil
}

// mergeAccounts moves every lot with its dates, and what is owed, in one transaction for
// each unit. It tells under which id each lot stands now.
func (c *call) mergeAccounts(m, other *File) map[id.Lot]id.Lot {
	moved, spent := map[id.Lot]id.Lot{}, spentLots(other)
	for _, u := range slices.Sorted(maps.Keys(other.Accounts)) {
		b := other.Accounts[u]
		a := m.Account(u)
		a.LotsLoaded = true
		t := &ledger.Transaction{
			ID: mint[id.TransactionKind](c), Kind: ledger.Merge, Event: c.f.ID, Actor: c.f.Feed, EffectiveAt: c.at,
		}
		owed := b.Debt()
		for _, l := range slices.SortedFunc(slices.Values(b.Lots), ledger.SpendOrder) {
			if l.Remaining == 0 && !spent[l.ID] {
				continue
			}
			copied := *l
			copied.ID, copied.Member, copied.Amount = mint[id.LotKind](c), m.Member.ID, l.Remaining
			moved[l.ID] = copied.ID
			if l.Remaining > 0 {
				t.Postings = append(t.Postings, b.Sides([]ledger.Part{{Lot: l, Amount: -l.Remaining}})...)
			}
			b.Balance -= l.Remaining
			l.Remaining, l.Dirty = 0, true
			t.Postings = append(t.Postings, a.Sides(a.Credit(&copied, c.now))...)
			copied.Amount = l.Amount // an exchange that is undone puts back what it took
		}
		if owed > 0 {
			b.Balance += owed
			t.Postings = append(t.Postings, b.Sides([]ledger.Part{{Amount: owed}})...)
			t.Postings = append(t.Postings, a.Sides(a.Take(owed, c.at, false))...)
		}
		if n := moves(t, m.Member.ID); n != 0 {
			given, taken := loyalty.Given, loyalty.TakenBack
			if n < 0 {
				given, taken, n = taken, given, -n
			}
			c.line(loyalty.ReceiptLine{Member: other.Member.ID, Unit: u, Amount: n, Outcome: taken, Rule: ruleMerge})
			c.line(loyalty.ReceiptLine{Member: m.Member.ID, Unit: u, Amount: n, Outcome: given, Rule: ruleMerge})
		}
		a.Earned += b.Earned
		b.Earned = 0
		a.Held += b.Held
		b.Held = 0
		a.Dirty, b.Dirty = true, true
		a.Settle(c.now)
		b.Settle(c.now)
		if len(t.Postings) > 0 {
			c.out.Entries = append(c.out.Entries, t)
		}
	}
	return moved
}

// ruleMerge stands in the place of a rule where two members became one.
const ruleMerge = "merge"

// moves is what a transaction moves to a member.
func moves(t *ledger.Transaction, m id.Member) (n int64) {
	for _, p := range t.Postings {
		if p.Member == m {
			n += p.Amount
		}
	}
	return n
}

// spentLots are the lots to which an exchange that is undone would give back.
func spentLots(f *File) map[id.Lot]bool {
	out := map[id.Lot]bool{}
	for _, x := range f.Rewards {
		for _, s := range x.Spent {
			out[s.Lot] = out[s.Lot] || x.State == loyalty.RewardGiven
		}
	}
	return out
}

// mergeRewards makes what the other one's facts gave to third parties this member's.
func (c *call) mergeRewards(m, other *File) {
	was, is := friendKey(other.Member.ID), friendKey(m.Member.ID)
	for _, f := range c.d.Files {
		for _, x := range sorted(f.Rewards) {
			if x.From != other.Member.ID || f == other {
				continue
			}
			x.From, x.Dirty = m.Member.ID, true
			key := x.Key
			if key.Once = renamed(key.Once, other.Member.ID, m.Member.ID); x.Key.Once == was {
				key.Once = is
			}
			if key != x.Key && f.Rewards[key] == nil {
				delete(f.Rewards, x.Key)
				x.Key = key
				f.Rewards[key] = x
			}
		}
	}
}

// mergeReward moves one reward of the other one's. Where both have had the same once in
// their lives, his is kept beside it, as given by the one he was.
func (c *call) mergeReward(m, other *File, x *loyalty.Reward, moved map[id.Lot]id.Lot) {
	v, k := other.Vouchers[x.ID], other.Claims[x.ID]
	c.forget(x)
	x.Key.Member = m.Member.ID
	x.Key.Once = renamed(x.Key.Once, other.Member.ID, m.Member.ID)
	x.Cause = renamed(x.Cause, other.Member.ID, m.Member.ID)
	if x.From == other.Member.ID {
		x.From = m.Member.ID
	}
	if m.Rewards[x.Key] != nil && c.f.Kind != loyalty.StaffMerge { // a prospect's: it is judged again
		x.From = other.Member.ID
	}
	for m.Rewards[x.Key] != nil {
		x.Key.Once += "~" + other.Member.ID.String()
	}
	for i := range x.Spent {
		if n, ok := moved[x.Spent[i].Lot]; ok {
			x.Spent[i].Lot = n
		}
	}
	x.Dirty = true
	c.d.AddReward(m, x)
	if v != nil {
		v.Member, v.Dirty = m.Member.ID, true
		m.Vouchers[x.ID] = v
		delete(other.Vouchers, x.ID)
	}
	if k != nil {
		k.Member, k.Dirty = m.Member.ID, true
		m.Claims[x.ID] = k
		delete(other.Claims, x.ID)
	}
}

// mergeBonds keeps one referrer: this member's own, or else the other one's. A bond between
// the two ends.
func (c *call) mergeBonds(m, other *File) {
	end := func(b *loyalty.Referral) {
		b.Bond, b.State, b.Dirty = false, loyalty.ReferralCancelled, true
	}
	for _, f := range c.d.Files { // the other one's friends have this referrer now
		for _, b := range f.Bonds {
			if b.Referrer != other.Member.ID {
				continue
			}
			mine := f.Touch(m.Member.ID)
			if b.Bond && mine != nil {
				f.Bonds = slices.DeleteFunc(slices.Clone(f.Bonds), func(x *loyalty.Referral) bool { return x == mine })
				mine = nil
			}
			if mine == nil {
				b.Referrer, b.Dirty = m.Member.ID, true
			} else {
				end(b)
			}
		}
	}
	bond := m.Bond()
	for _, b := range other.Bonds {
		mine := m.Touch(b.Referrer)
		switch {
		case b.Referrer == m.Member.ID:
			end(b)
			continue
		case mine == nil:
			b.Friend, b.Dirty = m.Member.ID, true
			m.Bonds = append(m.Bonds, b)
		case b.Bond && bond == nil:
			mine.Bond, mine.State, mine.TouchedAt, mine.Dirty = true, b.State, min(mine.TouchedAt, b.TouchedAt), true
			end(b)
		default:
			mine.TouchedAt, mine.LastAt, mine.Dirty = min(mine.TouchedAt, b.TouchedAt), max(mine.LastAt, b.LastAt), true
			end(b)
			continue
		}
		if b.Bond && bond != nil {
			end(b)
		}
	}
	other.Bonds = slices.DeleteFunc(other.Bonds, func(b *loyalty.Referral) bool { return b.Friend == m.Member.ID })
	for _, b := range m.Bonds { // nobody may stand above himself
		above := slices.Contains(c.d.Uplines[b.Referrer], other.Member.ID)
		if b.Bond && (b.Referrer == m.Member.ID || above || c.circle(m.Member.ID, b.Referrer)) {
			end(b)
		}
	}
}

// renamed puts one member's id in the place of another's in a key or a cause.
func renamed(key string, from, to id.Member) string {
	old := from.String()
	if i := len(key) - len(old); i >= 0 && key[i:] == old {
		return key[:i] + to.String()
	}
	return key
}
