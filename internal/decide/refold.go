package decide

import (
	"cmp"
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

	explained := len(c.out.Lines)
	before := map[ledger.Unit]int64{}
	for u, a := range m.Accounts {
		before[u] = a.Balance
	}

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
		s.f = f
		kept = s.credit(sheet, kept, f.FoldAt)
		s.due(sheet, f.FoldAt)
		if f == late {
			s.out = &Decision{}
		}
		s.fold(sheet, f)
		s.judged(sheet, f.Position())
		if f == late {
			c.own(s.out.Lines)
			s.out = nil
		}
	}
	s.f = c.f
	s.credit(sheet, kept, c.now)
	s.due(sheet, c.now)
	for _, a := range sheet.Accounts {
		a.Settle(c.now)
	}

	c.at = c.now
	c.adoptMember(m, sheet)
	c.adoptOrders(m, s.d)
	c.adoptBond(m, sheet)
	adopted := c.adoptRewards(m, sheet)
	lots := c.adoptLots(m, sheet, adopted)
	c.adoptExchanges(m, sheet, adopted, lots)
	c.adoptCounters(m, sheet)
	c.adoptTimers(m, sheet)
	c.adoptTerms(m, sheet)
	c.explainRest(m, before, explained)
	for _, x := range slices.SortedFunc(maps.Keys(s.d.Files), compareIDs) {
		if f := s.d.Files[x]; f.foreign {
			c.adoptForeign(f)
		}
	}
	c.voidForeign(m, s.d)
}

func compareIDs[K id.Kind](a, b id.ID[K]) int { return slices.Compare(a[:], b[:]) }

// own keeps what the late fact itself says: refusals, notes, and what no reward stands
// for. The rewards explain themselves when their difference is booked.
func (c *call) own(lines []loyalty.ReceiptLine) {
	for _, l := range lines {
		if l.Outcome == loyalty.Refused || l.Outcome == loyalty.Noted || l.Rule == "adjust" ||
			l.Outcome == loyalty.TakenBack && l.Code == loyalty.NoteUnknown {
			c.line(l)
		}
	}
}

// explainRest adds what the lines of a refold leave unsaid of a balance: ends and returns
// that fell otherwise.
func (c *call) explainRest(m *File, before map[ledger.Unit]int64, from int) {
	rest := map[ledger.Unit]int64{}
	for u, a := range m.Accounts {
		rest[u] = a.Balance - before[u]
	}
	for _, l := range c.out.Lines[from:] {
		if l.Member != m.Member.ID || l.Unit == "" {
			continue
		}
		switch l.Outcome {
		case loyalty.Given, loyalty.Waiting:
			rest[l.Unit] -= l.Amount
		case loyalty.TakenBack, loyalty.Exchanged:
			rest[l.Unit] += l.Amount
		case loyalty.Undone:
			if l.Voucher.IsZero() {
				rest[l.Unit] += l.Amount
			} else {
				rest[l.Unit] -= l.Amount
			}
		}
	}
	for _, u := range slices.Sorted(maps.Keys(rest)) {
		l := loyalty.ReceiptLine{Member: m.Member.ID, Unit: u, Amount: rest[u], Outcome: loyalty.Given, Code: loyalty.NoteLate}
		if l.Amount < 0 {
			l.Outcome, l.Amount = loyalty.Undone, -l.Amount
		}
		if l.Amount != 0 {
			c.line(l)
		}
	}
}

// credits that somebody else's facts gave to the member stay as they are; the fold only
// has to know of them when value is exchanged or taken. Each comes up when it was given,
// and again when it opened.
type keptCredit struct {
	at     moment.Time
	reward *loyalty.Reward // nil: the lot opens
	lot    ledger.Lot
	given  int64 // the lot as it stands in the book
}

func (c *call) keptCredits(m *File) []keptCredit {
	var out []keptCredit
	for _, x := range m.Rewards {
		if x.From == m.Member.ID || x.Unit == "" || x.Net() == 0 {
			continue
		}
		k := keptCredit{at: x.GivenAt, reward: x, given: x.Net(), lot: ledger.Lot{
			Member: m.Member.ID, Unit: x.Unit, Reward: x.ID, Origin: x.Key.Once, Amount: x.Net(), Since: x.GivenAt, OpensAt: x.GivenAt,
		}}
		for _, l := range m.Account(x.Unit).Lots {
			if l.Reward == x.ID {
				k.lot.ID, k.lot.OpensAt, k.lot.ExpiresAt, k.given = l.ID, l.OpensAt, l.ExpiresAt, l.Amount
			}
		}
		out = append(out, k)
		if k.lot.OpensAt > k.lot.Since {
			out = append(out, keptCredit{at: k.lot.OpensAt, lot: k.lot})
		}
	}
	slices.SortFunc(out, func(a, b keptCredit) int {
		return cmp.Or(cmp.Compare(a.at, b.at), ledger.SpendOrder(&a.lot, &b.lot))
	})
	return out
}

// credit enters the kept credits up to t.
func (s *call) credit(m *File, kept []keptCredit, t moment.Time) []keptCredit {
	for len(kept) > 0 && kept[0].at <= t {
		k := kept[0]
		kept = kept[1:]
		s.due(m, k.at)
		s.at = k.at
		if k.reward == nil {
			s.exchange(m)
			continue
		}
		lot := k.lot
		a := m.Account(lot.Unit)
		a.Credit(&lot, s.now)
		a.Earned += lot.Amount - k.reward.Absorbed
		lot.Amount = k.given
		if r := s.rule(k.reward); r != nil && r.Cap.N > 0 && r.Cap.Period != "order" {
			s.count(m, capName(r, k.reward.GivenAt, s.d), s.counted(k.reward))
		}
		s.exchange(m)
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
		adopted[scratch] = adoption{live, price(&before)}
		c.correction(m, live, &before, live.Net()-was)
	}
	for _, live := range sorted(m.Rewards) {
		if live.From != m.Member.ID || live.State == loyalty.RewardVoid || s.Rewards[live.Key] != nil {
			continue
		}
		was := *live
		live.State, live.Taken, live.Absorbed, live.Dirty = loyalty.RewardVoid, live.Amount, 0, true
		c.correction(m, live, &was, -was.Net())
		if n := price(&was); n > 0 {
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

// price is what an exchange that stands consumed.
func price(x *loyalty.Reward) (n int64) {
	if x.State == loyalty.RewardGiven {
		for _, s := range x.Spent {
			n += s.Amount
		}
	}
	return n
}

// withdrawn takes an exchange's voucher back that a late fact shows was not due. One that
// was used stays.
func (c *call) withdrawn(m *File, x *loyalty.Reward, price int64) {
	l := loyalty.ReceiptLine{
		Program: x.Key.Program, Version: x.Version, Rule: x.Key.Rule, Part: loyalty.AsMember, Member: m.Member.ID,
		Outcome: loyalty.Undone, Amount: price, Code: loyalty.NoteLate,
	}
	if r := c.rule(x); r != nil {
		l.Unit = r.Pays()
	}
	if v := m.Vouchers[x.ID]; v != nil {
		l.Voucher = v.ID
		if v.State == loyalty.VoucherActive && v.Used == 0 {
			v.State, v.Dirty = loyalty.VoucherWithdrawn, true
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
		if row == nil {
			v.ID, v.Reward, v.New = mint[id.VoucherKind](c), x.ID, true
			m.Vouchers[x.ID], row = v, v
		}
		if n := price(x.Reward); n != x.price {
			if x.price > 0 {
				c.withdrawn(m, x.Reward, x.price)
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
		if row.Used == 0 && (row.State != v.State || row.StartsAt != v.StartsAt || row.ExpiresAt != v.ExpiresAt) {
			row.State, row.StartsAt, row.ExpiresAt, row.Dirty = v.State, v.StartsAt, v.ExpiresAt, true
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
func (c *call) adoptForeign(s *File) {
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
