package decide

import (
	"maps"
	"slices"

	"cagnotte/internal/id"
	"cagnotte/internal/ledger"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
)

// This file: after a refold the book adopts what the blank sheets say of the member. What
// they say of others is in foreign.go.

func (c *call) adoptMember(m, s *File) {
	was := *m.Member
	m.Member.State, m.Member.RegisteredAt = s.Member.State, s.Member.RegisteredAt
	m.Member.FirstOrderAt, m.Member.JudgedTo = s.Member.FirstOrderAt, s.Member.JudgedTo
	m.Member.Birthday, m.Member.Group, m.Member.Signals = s.Member.Birthday, s.Member.Group, s.Member.Signals
	if was.JudgedTo.Compare(m.Member.JudgedTo) > 0 {
		m.Member.JudgedTo = was.JudgedTo
	}
	m.Member.Dirty = true
}

func (c *call) adoptOrders(m *File, s *Dossiers) {
	for _, name := range slices.Sorted(maps.Keys(s.Orders)) {
		o, live := s.Orders[name], c.d.Orders[name]
		if live != nil && !live.Member.IsZero() && live.Member != m.Member.ID {
			continue // somebody else's, of which the member only spoke
		}
		if live == nil || live.State == "" {
			o.ID, o.New = mint[id.OrderKind](c), true
			c.d.Orders[name] = o
			continue
		}
		o.ID, o.New, o.Dirty = live.ID, live.New, true
		if o.State == loyalty.OrderNamed {
			o.Member = m.Member.ID
		}
		*live = *o
	}
}

// adoptBonds takes over who touched the member and who counts; rows are recognised by the
// referrer.
func (c *call) adoptBonds(m, s *File) {
	kept := make([]*loyalty.Referral, 0, len(s.Bonds))
	for _, b := range s.Bonds {
		row := m.Touch(b.Referrer)
		if row == nil {
			b.ID, b.New = mint[id.ReferralKind](c), true
			kept = append(kept, b)
			continue
		}
		b.ID, b.New, b.Dirty = row.ID, row.New, true
		*row = *b
		kept = append(kept, row)
	}
	for _, b := range m.Bonds { // what the history does not say any more was never there
		if s.Touch(b.Referrer) == nil {
			b.Bond, b.State, b.Dirty = false, loyalty.ReferralCancelled, true
			kept = append(kept, b)
		}
	}
	m.Bonds = kept
}

func (c *call) adoptTags(m, s *File) {
	for t, x := range s.Tags {
		if m.Tags[t].On != x.On {
			m.Tags[t] = Tag{On: x.On, Dirty: true}
		}
	}
	for t, x := range m.Tags {
		if _, ok := s.Tags[t]; !ok && x.On {
			m.Tags[t] = Tag{Dirty: true}
		}
	}
}

// adoptRewards makes the member's own rewards what the fold says, and books each
// difference. It returns what each of the fold's rewards became.
func (c *call) adoptRewards(m, s *File) map[id.Reward]adoption {
	adopted := map[id.Reward]adoption{}
	for _, x := range sorted(s.Rewards) {
		live := m.Rewards[x.Key]
		was, before := int64(0), loyalty.Reward{}
		scratch := x.ID
		if live == nil {
			x.ID, x.New = mint[id.RewardKind](c), true
			c.d.AddReward(m, x)
			live = x
		} else {
			was, before = live.Net(), *live
			c.forget(live)
			row := *x
			row.ID, row.New, row.Dirty = live.ID, live.New, true
			*live = row
			if live.Cause != "" {
				c.d.Causes[live.Cause] = append(c.d.Causes[live.Cause], live)
			}
		}
		adopted[scratch] = adoption{live, c.price(&before)}
		c.correction(m, live, &before, live.Net()-was)
		if was > 0 { // it may have been given in another month
			c.spendBy(&before, was, 0)
		}
		c.spendBy(live, 0, live.Net())
	}
	for _, live := range sorted(m.Rewards) {
		if live.From != m.Member.ID || live.State == loyalty.RewardVoid || s.Rewards[live.Key] != nil {
			continue
		}
		was := *live
		live.State, live.Taken, live.Absorbed, live.Dirty = loyalty.RewardVoid, live.Amount, 0, true
		c.correction(m, live, &was, -was.Net())
		c.spendBy(live, was.Net(), 0)
		if n := c.price(&was); n > 0 || live.Unit == "" && was.Net() > 0 {
			c.withdrawn(m, live, n)
		}
	}
	return adopted
}

// adoption is the row of the book that a reward of the fold became, and what it had
// consumed as an exchange before.
type adoption struct {
	*loyalty.Reward
	price int64
}

// price is what an exchange that stands cost, from lots or as a debt.
func (c *call) price(x *loyalty.Reward) int64 {
	if x.State != loyalty.RewardGiven || x.Option > 0 || x.Cause != ExchangeCause(x.Key.Member) {
		return 0
	}
	if r := c.rule(x); r != nil {
		return r.Need
	}
	return 0
}

// withdrawn takes a voucher or a gift back that a late fact shows was not due. One that
// was used stays.
func (c *call) withdrawn(m *File, x *loyalty.Reward, price int64) {
	l := loyalty.ReceiptLine{
		Program: x.Key.Program, Version: x.Version, Rule: x.Key.Rule, Part: loyalty.AsMember, Member: m.Member.ID,
		Outcome: loyalty.Undone, Amount: price, Code: loyalty.NoteLate,
	}
	if r := c.rule(x); r != nil && price > 0 {
		l.Unit, l.Exchange = r.Pays(), true
	}
	if v := m.Vouchers[x.ID]; v != nil {
		l.Voucher = v.ID
		if v.State != loyalty.VoucherWithdrawn && v.Used == 0 {
			v.State, v.Dirty = loyalty.VoucherWithdrawn, true
		}
	}
	if k := m.Claims[x.ID]; k != nil {
		l.Gift = k.Gift
		if !k.Done() {
			k.State, k.Dirty = loyalty.ClaimWithdrawn, true
		}
	}
	c.line(l)
}

// correction books and explains what a reward's worth changed by. The lots follow in
// adoptLots.
func (c *call) correction(m *File, x, was *loyalty.Reward, n int64) {
	if n == 0 || x.Unit == "" {
		return
	}
	a := m.Account(x.Unit)
	a.Balance += n
	a.Dirty = true
	c.post(ledger.Correction, a, []ledger.Part{{Amount: n}}, x.Key.Program.String(), x)
	l := loyalty.ReceiptLine{
		Program: x.Key.Program, Version: x.Version, Rule: x.Key.Rule, Part: x.Part, Member: x.Key.Member,
		Outcome: loyalty.Given, Unit: x.Unit, Amount: n, Code: loyalty.NoteLate,
	}
	switch {
	case n < 0 && x.State != loyalty.RewardVoid && x.Amount == was.Amount:
		l.Outcome, l.Amount, l.Code = loyalty.TakenBack, -n, loyalty.OrderReturnedAll
	case n < 0:
		l.Outcome, l.Amount = loyalty.Undone, -n
	case x.State == loyalty.RewardWaiting && x.DueAt > c.now:
		l.Outcome, l.At = loyalty.Waiting, x.DueAt
	}
	if x.Event == c.f.ID && n > 0 {
		l.Code = "" // the late fact's own reward
	}
	c.line(l)
}

// lotName recognises the same lot in the fold and in the book.
type lotName struct {
	reward                id.Reward
	origin                string
	amount                int64
	since, opens, expires moment.Time
}

// adoptLots makes lots and debts what the fold says: what the corrections put beside the
// lots (their postings named none) is moved into the right ones, in one transaction for
// each unit.
func (c *call) adoptLots(m, s *File, adopted map[id.Reward]adoption) map[id.Lot]id.Lot {
	lots := map[id.Lot]id.Lot{}
	units := map[ledger.Unit]bool{}
	for u := range m.Accounts {
		units[u] = true
	}
	for u := range s.Accounts {
		units[u] = true
	}
	for _, u := range slices.Sorted(maps.Keys(units)) {
		c.adoptUnit(m.Account(u), s.Account(u), adopted, lots)
	}
	return lots
}

// adoptUnit does so for one unit, and notes under which id each lot of the fold stands in
// the book.
func (c *call) adoptUnit(a, want *ledger.Account, adopted map[id.Reward]adoption, renamedLots map[id.Lot]id.Lot) {
	name := func(l *ledger.Lot) lotName {
		return lotName{l.Reward, l.Origin, l.Amount, l.Since, l.OpensAt, l.ExpiresAt}
	}
	targets := map[lotName]*ledger.Lot{}
	lots := slices.SortedFunc(slices.Values(want.Lots), ledger.SpendOrder)
	for _, l := range lots {
		if x, ok := adopted[l.Reward]; ok {
			l.Reward = x.ID
		}
		targets[name(l)] = l
	}
	held := int64(0) // what the book has in lots
	var parts []ledger.Part
	move := func(l *ledger.Lot, n int64) {
		held += l.Remaining
		if d := n - l.Remaining; d != 0 {
			l.Remaining, l.Dirty = n, true
			parts = append(parts, ledger.Part{Lot: l, Amount: d})
		}
	}
	for _, l := range a.Lots {
		if t := targets[name(l)]; t != nil {
			move(l, t.Remaining)
			renamedLots[t.ID] = l.ID
			delete(targets, name(l))
			continue
		}
		move(l, 0)
	}
	inLots := int64(0)
	for _, l := range lots {
		inLots += l.Remaining
		if targets[name(l)] != l {
			continue
		}
		fresh := *l
		fresh.ID, fresh.New, fresh.Remaining = mint[id.LotKind](c), true, 0
		renamedLots[l.ID] = fresh.ID
		a.Lots = append(a.Lots, &fresh)
		move(&fresh, l.Remaining)
	}
	// beside the lots: debts, and what the corrections left there
	if d := (want.Balance - inLots) - (a.Balance - held); d != 0 {
		parts = append(parts, ledger.Part{Amount: d})
	}
	a.Balance, a.Earned, a.Dirty = want.Balance, want.Earned, true
	c.post(ledger.Correction, a, parts, "correction", nil)
	a.Settle(c.now)
}

// adoptExchanges keeps the vouchers of exchanges that stand, issues those that are new,
// and withdraws those that were undone. One that was used stays.
func (c *call) adoptExchanges(m, s *File, adopted map[id.Reward]adoption, lots map[id.Lot]id.Lot) {
	for _, scratch := range slices.SortedFunc(maps.Keys(s.Vouchers), compareIDs) {
		v, x := s.Vouchers[scratch], adopted[scratch]
		for i, part := range x.Spent {
			if n, ok := lots[part.Lot]; ok {
				x.Spent[i].Lot = n
			}
		}
		row := m.Vouchers[x.ID]
		fresh := row == nil
		if fresh {
			v.ID, v.Reward, v.New = mint[id.VoucherKind](c), x.ID, true
			m.Vouchers[x.ID], row = v, v
		}
		if n := c.price(x.Reward); n != x.price || fresh && x.Net() > 0 {
			if x.price > 0 {
				c.withdrawn(m, x.Reward, x.price)
			}
			if n == 0 && x.Net() > 0 {
				c.line(loyalty.ReceiptLine{
					Program: x.Key.Program, Version: x.Version, Rule: x.Key.Rule, Part: x.Part, Member: m.Member.ID,
					Outcome: loyalty.Given, Amount: x.Net(), Voucher: row.ID, At: v.ExpiresAt, Code: c.lateCode(x.Reward),
				})
			}
			if n > 0 {
				l := loyalty.ReceiptLine{
					Program: x.Key.Program, Version: x.Version, Rule: x.Key.Rule, Part: loyalty.AsMember, Member: m.Member.ID,
					Outcome: loyalty.Exchanged, Amount: n, Voucher: row.ID, At: v.ExpiresAt, Code: loyalty.NoteLate,
				}
				if r := c.rule(x.Reward); r != nil {
					l.Unit = r.Pays()
				}
				c.line(l)
			}
		}
		if row.Used == 0 && (row.State != v.State || row.StartsAt != v.StartsAt || row.ExpiresAt != v.ExpiresAt || row.UsesMax != v.UsesMax) {
			row.State, row.StartsAt, row.ExpiresAt, row.UsesMax, row.Dirty = v.State, v.StartsAt, v.ExpiresAt, v.UsesMax, true
		}
	}
	c.adoptClaims(m, s, adopted)
	c.adoptPrices(m, adopted, lots)
}

// lateCode says of a line that a late fact made it, unless it is the fact's own reward.
func (c *call) lateCode(x *loyalty.Reward) loyalty.Reason {
	if x.Event == c.f.ID {
		return ""
	}
	return loyalty.NoteLate
}

// adoptClaims keeps the gifts of rewards that stand and puts new ones on the list. What was
// sent or handed over stays.
func (c *call) adoptClaims(m, s *File, adopted map[id.Reward]adoption) {
	for _, scratch := range slices.SortedFunc(maps.Keys(s.Claims), compareIDs) {
		k, x := s.Claims[scratch], adopted[scratch]
		k.Reward = x.ID
		row := m.Claims[x.ID]
		if row == nil {
			k.New = true
			m.Claims[x.ID] = k
			if x.Net() > 0 && c.price(x.Reward) == 0 { // an exchange explains itself
				c.line(loyalty.ReceiptLine{
					Program: x.Key.Program, Version: x.Version, Rule: x.Key.Rule, Part: x.Part, Member: m.Member.ID,
					Outcome: loyalty.Given, Amount: x.Net(), Gift: k.Gift, Code: c.lateCode(x.Reward),
				})
			}
			continue
		}
		if !row.Done() && (row.State != k.State || row.Quantity != k.Quantity || row.Gift != k.Gift) {
			row.State, row.Quantity, row.Chosen, row.Dirty = k.State, k.Quantity, k.Chosen, true
			row.Gift, row.ByHand = k.Gift, k.ByHand
		}
	}
}

// adoptPrices names the lots that paid exchanges of units or gifts as the book does, and
// explains what was paid now or need not have been.
func (c *call) adoptPrices(m *File, adopted map[id.Reward]adoption, lots map[id.Lot]id.Lot) {
	for _, scratch := range slices.SortedFunc(maps.Keys(adopted), compareIDs) {
		x := adopted[scratch]
		if m.Vouchers[x.ID] != nil {
			continue
		}
		for i, part := range x.Spent {
			if n, ok := lots[part.Lot]; ok {
				x.Spent[i].Lot = n
			}
		}
		r := c.rule(x.Reward)
		if n := c.price(x.Reward); r != nil && n != x.price {
			l := loyalty.ReceiptLine{
				Program: x.Key.Program, Version: x.Version, Rule: x.Key.Rule, Part: x.Part, Member: m.Member.ID, Unit: r.Pays(),
				Outcome: loyalty.Undone, Amount: x.price, Exchange: true, Code: loyalty.NoteLate,
			}
			if k := m.Claims[x.ID]; k != nil {
				l.Gift = k.Gift
			}
			if x.price > 0 {
				c.line(l)
			}
			if l.Outcome, l.Amount, l.Exchange, l.Code = loyalty.Exchanged, n, false, c.lateCode(x.Reward); n > 0 {
				c.line(l)
			}
		}
	}
}

func (c *call) adoptCounters(m, s *File) {
	for name, n := range s.Counters {
		c.count(m, name, 0)
		m.Counters[name].Used = n.Used
	}
	for name, n := range m.Counters {
		if s.Counters[name] == nil && n.Used != 0 && name.Name != friendsCounter {
			n.Used, n.Dirty = 0, true
		}
	}
}

func (c *call) adoptTimers(m, s *File) {
	same := func(a, b *loyalty.Timer) bool {
		return a.Kind == b.Kind && a.Cause == b.Cause && a.Program == b.Program && a.Rule == b.Rule
	}
	for _, t := range m.Timers {
		if t.State == loyalty.TimerWaiting && !slices.ContainsFunc(s.Timers, func(x *loyalty.Timer) bool { return same(t, x) }) {
			t.State, t.Dirty = loyalty.TimerVoid, true
		}
	}
	for _, t := range s.Timers {
		i := slices.IndexFunc(m.Timers, func(x *loyalty.Timer) bool { return same(t, x) })
		if i < 0 {
			t.ID, t.New = mint[id.TimerKind](c), true
			m.Timers = append(m.Timers, t)
			continue
		}
		if x := m.Timers[i]; x.State != t.State || x.DueAt != t.DueAt {
			x.State, x.DueAt, x.Dirty = t.State, t.DueAt, true
		}
	}
}

func (c *call) adoptTerms(m, s *File) {
	for p, t := range s.Terms {
		t.New, t.Dirty = m.Terms[p] == nil || m.Terms[p].New, true
		m.Terms[p] = t
	}
	for p, t := range m.Terms {
		if s.Terms[p] == nil {
			t.Gone, t.Dirty = true, true
		}
	}
}

func sorted(m map[loyalty.RewardKey]*loyalty.Reward) []*loyalty.Reward {
	out := make([]*loyalty.Reward, 0, len(m))
	for _, x := range m {
		out = append(out, x)
	}
	slices.SortFunc(out, func(a, b *loyalty.Reward) int { return slices.Compare(a.ID[:], b.ID[:]) })
	return out
}
