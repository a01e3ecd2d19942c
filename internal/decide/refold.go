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
	blank := loyalty.Member{ID: m.Member.ID, State: loyalty.Prospect}
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
		s.f, s.issued = f, 0
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
	s.f, s.issued = c.f, 0
	s.credit(sheet, kept, c.now)
	s.due(sheet, c.now)
	for _, a := range sheet.Accounts {
		a.Settle(c.now)
	}

	c.at = c.now
	c.adoptMember(m, sheet)
	c.adoptOrders(m, s.d)
	c.adoptBonds(m, sheet)
	c.adoptTags(m, sheet)
	adopted := c.adoptRewards(m, sheet)
	lots := c.adoptLots(m, sheet, adopted)
	c.adoptExchanges(m, sheet, adopted, lots)
	c.adoptCarts(m, s.d)
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
		if l.Outcome == loyalty.Refused || l.Outcome == loyalty.Noted || l.Rule == "adjust" || l.Rule == ruleTransfer || l.Outcome == loyalty.Held ||
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
			if l.Exchange {
				rest[l.Unit] -= l.Amount
			} else {
				rest[l.Unit] += l.Amount
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
		s.countBy(m, k.reward, 0, k.reward.Net())
		s.reached(m, lot.Unit)
		s.exchange(m)
	}
	return kept
}
