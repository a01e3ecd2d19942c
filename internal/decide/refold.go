package decide

import (
	"maps"
	"slices"

	"cagnotte/internal/id"
	"cagnotte/internal/ledger"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
)

// refold judges a member's whole history again with a late fact in its place, on blank
// sheets, and posts the difference to what was given. With no fact it judges the history
// as it stands (the slow queue's turn).
//
// It never refolds a second member: what the history gives to somebody else is compared
// reward by reward, and the difference is given or taken as of now.
func (c *call) refold(m *File, late *loyalty.Fact) {
	blank := *m.Member
	blank.State, blank.RegisteredAt, blank.FirstOrderAt, blank.JudgedTo = loyalty.Guest, 0, 0, loyalty.Position{}
	if m.Member.State == loyalty.Blocked {
		blank.State = loyalty.Blocked
	}
	s := &call{book: c.book, d: NewDossiers(c.d.Shop), f: c.f, now: c.now, live: c.d}
	sheet := NewFile(&blank)
	s.d.Files[blank.ID] = sheet

	history := slices.Clone(m.Past)
	if late != nil {
		history = append(history, late)
	}
	slices.SortStableFunc(history, func(a, b *loyalty.Fact) int { return a.Position().Compare(b.Position()) })
	kept := c.keptCredits(m)
	for _, f := range history {
		if f.Clock() {
			continue
		}
		kept = s.credit(sheet, kept, f.FoldAt)
		s.f, s.out = f, nil
		if f == late {
			s.out = c.out
		}
		s.due(sheet, f.FoldAt)
		s.fold(sheet, f)
		s.judged(sheet, f.Position())
		s.out = nil
	}
	s.credit(sheet, kept, c.now)
	s.f = c.f
	s.due(sheet, c.now)
	for _, a := range sheet.Accounts {
		a.Settle(c.now)
	}

	c.at = c.now
	c.adoptMember(m, sheet)
	c.adoptOrders(m, s.d)
	c.adoptBond(m, sheet)
	renamed := c.adoptRewards(m, sheet)
	lots := c.adoptLots(m, sheet, renamed)
	c.adoptExchanges(m, sheet, renamed, lots)
	c.adoptCounters(m, sheet)
	c.adoptTimers(m, sheet)
	c.adoptTerms(m, sheet)
	for _, f := range s.d.Files {
		if f.foreign {
			c.adoptForeign(m, f)
		}
	}
	c.voidForeign(m, s.d)
}

// credits that somebody else's facts gave to the member stay as they are; the fold only
// has to know of them when value is exchanged or taken.
type keptCredit struct {
	reward *loyalty.Reward
	lot    ledger.Lot
}

func (c *call) keptCredits(m *File) []keptCredit {
	var out []keptCredit
	for _, x := range m.Rewards {
		if x.From == m.Member.ID || x.Unit == "" || x.Net() == 0 {
			continue
		}
		k := keptCredit{reward: x, lot: ledger.Lot{
			Member: m.Member.ID, Unit: x.Unit, Reward: x.ID, Origin: x.Key.Once, Amount: x.Net(), Since: x.GivenAt, OpensAt: x.GivenAt,
		}}
		for _, l := range m.Account(x.Unit).Lots {
			if l.Reward == x.ID {
				k.lot.ID, k.lot.OpensAt, k.lot.ExpiresAt = l.ID, l.OpensAt, l.ExpiresAt
			}
		}
		out = append(out, k)
	}
	slices.SortFunc(out, func(a, b keptCredit) int { return ledger.SpendOrder(&a.lot, &b.lot) })
	slices.SortStableFunc(out, func(a, b keptCredit) int { return int(min(max(a.lot.Since-b.lot.Since, -1), 1)) })
	return out
}

// credit enters the kept credits up to t.
func (s *call) credit(m *File, kept []keptCredit, t moment.Time) []keptCredit {
	for len(kept) > 0 && kept[0].lot.Since <= t {
		k := kept[0]
		kept = kept[1:]
		s.at = k.lot.Since
		lot := k.lot
		a := m.Account(lot.Unit)
		a.Credit(&lot, s.now)
		a.Earned += lot.Amount
		if r := s.rule(k.reward); r != nil && r.Cap.N > 0 && r.Cap.Period != "order" {
			s.count(m, capName(r, k.reward.GivenAt, s.d), s.counted(k.reward))
		}
	}
	return kept
}

func (c *call) adoptMember(m, s *File) {
	was := *m.Member
	m.Member.State, m.Member.RegisteredAt = s.Member.State, s.Member.RegisteredAt
	m.Member.FirstOrderAt, m.Member.JudgedTo = s.Member.FirstOrderAt, s.Member.JudgedTo
	if was.JudgedTo.Compare(m.Member.JudgedTo) > 0 {
		m.Member.JudgedTo = was.JudgedTo
	}
	m.Member.Dirty = true
}

func (c *call) adoptOrders(m *File, s *Dossiers) {
	for name, o := range s.Orders {
		live := c.d.Orders[name]
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

func (c *call) adoptBond(m, s *File) {
	switch {
	case s.Bond == nil:
	case m.Bond == nil:
		s.Bond.ID, s.Bond.New = mint[id.ReferralKind](c), true
		m.Bond = s.Bond
	default:
		s.Bond.ID, s.Bond.New, s.Bond.Dirty = m.Bond.ID, m.Bond.New, true
		*m.Bond = *s.Bond
	}
}

// adoptRewards makes the member's own rewards what the fold says, and books each
// difference. It returns which live row each of the fold's rewards became.
func (c *call) adoptRewards(m, s *File) map[id.Reward]id.Reward {
	renamed := map[id.Reward]id.Reward{}
	for _, x := range sorted(s.Rewards) {
		live := m.Rewards[x.Key]
		was := int64(0)
		scratch := x.ID
		if live == nil {
			x.ID, x.New = mint[id.RewardKind](c), true
			c.d.AddReward(m, x)
			live = x
		} else {
			was = live.Net()
			c.forget(live)
			row := *x
			row.ID, row.New, row.Dirty = live.ID, live.New, true
			*live = row
			if live.Cause != "" {
				c.d.Causes[live.Cause] = append(c.d.Causes[live.Cause], live)
			}
		}
		renamed[scratch] = live.ID
		c.correction(m, live, live.Net()-was)
	}
	for _, live := range sorted(m.Rewards) {
		if live.From != m.Member.ID || live.State == loyalty.RewardVoid || s.Rewards[live.Key] != nil {
			continue
		}
		was := live.Net()
		live.State, live.Taken, live.Absorbed, live.Dirty = loyalty.RewardVoid, live.Amount, 0, true
		c.correction(m, live, -was)
	}
	return renamed
}

// correction books and explains what a reward's worth changed by. The lots follow in
// adoptLots.
func (c *call) correction(m *File, x *loyalty.Reward, n int64) {
	if n == 0 || x.Unit == "" {
		return
	}
	a := m.Account(x.Unit)
	a.Balance += n
	a.Dirty = true
	c.post(ledger.Correction, a, []ledger.Part{{Amount: n}}, x.Key.Program.String(), x)
	if x.Event == c.f.ID && n > 0 {
		return // the late fact's own reward: its line is there already
	}
	l := loyalty.ReceiptLine{
		Program: x.Key.Program, Version: x.Version, Rule: x.Key.Rule, Part: x.Part, Member: x.Key.Member,
		Outcome: loyalty.Given, Unit: x.Unit, Amount: n, Code: loyalty.NoteLate,
	}
	if n < 0 {
		l.Outcome, l.Amount = loyalty.Undone, -n
	}
	c.line(l)
}

// lotName recognises the same lot in the fold and in the book.
type lotName struct {
	reward         id.Reward
	origin         string
	amount         int64
	opens, expires moment.Time
}

// adoptLots makes lots and debts what the fold says: what the corrections put beside the
// lots (their postings named none) is moved into the right ones, in one transaction for
// each unit.
func (c *call) adoptLots(m, s *File, renamed map[id.Reward]id.Reward) map[id.Lot]id.Lot {
	lots := map[id.Lot]id.Lot{}
	units := map[ledger.Unit]bool{}
	for u := range m.Accounts {
		units[u] = true
	}
	for u := range s.Accounts {
		units[u] = true
	}
	for _, u := range slices.Sorted(maps.Keys(units)) {
		c.adoptUnit(m.Account(u), s.Account(u), renamed, lots)
	}
	return lots
}

// adoptUnit does so for one unit, and notes under which id each lot of the fold stands in
// the book.
func (c *call) adoptUnit(a, want *ledger.Account, renamed map[id.Reward]id.Reward, renamedLots map[id.Lot]id.Lot) {
	name := func(l *ledger.Lot) lotName { return lotName{l.Reward, l.Origin, l.Amount, l.OpensAt, l.ExpiresAt} }
	targets := map[lotName]*ledger.Lot{}
	lots := slices.SortedFunc(slices.Values(want.Lots), ledger.SpendOrder)
	for _, l := range lots {
		if r, ok := renamed[l.Reward]; ok {
			l.Reward = r
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
// and withdraws those that were never due. One that was used stays.
func (c *call) adoptExchanges(m, s *File, renamed map[id.Reward]id.Reward, lots map[id.Lot]id.Lot) {
	for _, x := range sorted(s.Rewards) {
		v := s.Vouchers[x.ID]
		for scratch, live := range renamed {
			if live == x.ID && s.Vouchers[scratch] != nil {
				v = s.Vouchers[scratch]
			}
		}
		if v == nil {
			continue
		}
		live := m.Rewards[x.Key]
		for i, part := range live.Spent {
			if n, ok := lots[part.Lot]; ok {
				live.Spent[i].Lot = n
			}
		}
		row := m.Vouchers[live.ID]
		if row == nil {
			v.ID, v.Reward, v.New = mint[id.VoucherKind](c), live.ID, true
			m.Vouchers[live.ID] = v
			c.line(loyalty.ReceiptLine{
				Program: x.Key.Program, Version: x.Version, Rule: x.Key.Rule, Part: loyalty.AsMember, Member: m.Member.ID,
				Outcome: loyalty.Exchanged, Amount: 1, Voucher: v.ID, At: v.ExpiresAt, Code: loyalty.NoteLate,
			})
			continue
		}
		if row.State != v.State || row.StartsAt != v.StartsAt || row.ExpiresAt != v.ExpiresAt {
			row.State, row.StartsAt, row.ExpiresAt, row.Dirty = v.State, v.StartsAt, v.ExpiresAt, true
		}
	}
	for _, x := range sorted(m.Rewards) {
		v := m.Vouchers[x.ID]
		if x.State == loyalty.RewardVoid && v != nil && v.State == loyalty.VoucherActive && v.Used == 0 {
			v.State, v.Dirty = loyalty.VoucherWithdrawn, true
			c.line(loyalty.ReceiptLine{
				Program: x.Key.Program, Version: x.Version, Rule: x.Key.Rule, Part: loyalty.AsMember, Member: m.Member.ID,
				Outcome: loyalty.Undone, Amount: 1, Voucher: v.ID, Code: loyalty.NoteLate,
			})
		}
	}
}

func (c *call) adoptCounters(m, s *File) {
	for name, n := range s.Counters {
		c.count(m, name, 0)
		m.Counters[name].Used = n.Used
	}
	for name, n := range m.Counters {
		if s.Counters[name] == nil && n.Used != 0 {
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

// adoptForeign gives or takes what the member's facts now mean for somebody else.
func (c *call) adoptForeign(m, s *File) {
	to := c.d.Files[s.Member.ID]
	for _, x := range sorted(s.Rewards) {
		var want *ledger.Lot
		for _, l := range s.Account(x.Unit).Lots {
			if l.Reward == x.ID {
				want = l
			}
		}
		live := to.Rewards[x.Key]
		if live != nil && live.State != loyalty.RewardVoid {
			if c.sameReward(to, live, x, want) {
				continue
			}
			c.withdraw(to, live)
		}
		row := *x
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
		lot := &ledger.Lot{
			ID: mint[id.LotKind](c), Member: to.Member.ID, Unit: x.Unit, Reward: x.ID, Origin: x.Key.Once, Amount: x.Net(), Since: x.GivenAt,
		}
		if want != nil {
			lot.OpensAt, lot.ExpiresAt = want.OpensAt, want.ExpiresAt
		}
		a := to.Account(x.Unit)
		a.Earned += x.Net()
		c.post(ledger.Correction, a, a.Credit(lot, c.now), x.Key.Program.String(), x)
		if r := c.rule(x); r != nil && r.Cap.N > 0 && r.Cap.Period != "order" {
			c.count(to, capName(r, x.GivenAt, c.d), c.counted(x))
		}
		if x.Event != c.f.ID {
			c.line(loyalty.ReceiptLine{
				Program: x.Key.Program, Version: x.Version, Rule: x.Key.Rule, Part: x.Part, Member: x.Key.Member,
				Outcome: loyalty.Given, Unit: x.Unit, Amount: x.Net(), Code: loyalty.NoteLate,
			})
		}
	}
	c.exchange(to)
}

// sameReward tells whether a reward of somebody else needs no booking; its state and the
// opening of its lot may still follow.
func (c *call) sameReward(to *File, live, x *loyalty.Reward, want *ledger.Lot) bool {
	if live.Net() != x.Net() || live.Unit != x.Unit {
		return false
	}
	a := to.Account(x.Unit)
	for _, l := range a.Lots {
		if l.Reward != live.ID || l.Remaining == 0 || want == nil {
			continue
		}
		if l.OpensAt != want.OpensAt || l.ExpiresAt != want.ExpiresAt {
			l.OpensAt, l.ExpiresAt, l.Dirty, a.Dirty = want.OpensAt, want.ExpiresAt, true, true
		}
	}
	if live.State != x.State || live.DueAt != x.DueAt || live.Cause != x.Cause || live.Version != x.Version || live.Taken != x.Taken {
		c.forget(live)
		row := *x
		row.ID, row.New, row.Dirty = live.ID, live.New, true
		*live = row
		c.d.Causes[live.Cause] = append(c.d.Causes[live.Cause], live)
	}
	return true
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
	for _, list := range c.d.Causes {
		for _, x := range slices.Clone(list) {
			if x.From != m.Member.ID || x.Key.Member == m.Member.ID || x.State == loyalty.RewardVoid {
				continue
			}
			if f := s.Files[x.Key.Member]; f == nil || f.Rewards[x.Key] == nil {
				c.withdraw(c.d.Files[x.Key.Member], x)
			}
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
