package people

import (
	"context"
	"slices"
	"strings"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/store"
)

// Span is a stretch of what was recorded, the newest first.
type Span = store.Span

// JournalFilter says which facts of the journal are meant; what is zero does not matter.
type JournalFilter struct {
	Span
	Member  id.Member
	Text    string   // the number of an order, or the id of a report, exactly
	Kinds   []string // any of these
	Refused bool     // only what was refused
	Cause   string   // only what was refused for this reason; with Refused
}

// Entry is one fact of the journal with all that it led to.
type Entry struct {
	*Event
	Lines []loyalty.ReceiptLine
}

// mostRefused is how many refusals a page of the journal looks through at most where a filter
// leaves few of them.
const mostRefused = 2_000

// Journal is a page of a shop's facts in the order in which they were recorded, the newest
// first, with what each led to. next is where the page after it begins; zero: there is none.
func (p *People) Journal(ctx context.Context, shop loyalty.ShopID, f JournalFilter) (out []Entry, next [16]byte, err error) {
	var list []*Event
	if f.Refused {
		list, next, err = p.refused(ctx, shop, f)
	} else {
		list, next, err = p.recorded(ctx, shop, f)
	}
	if err != nil || len(list) == 0 {
		return nil, next, err
	}
	ids := make([]id.Event, len(list))
	for i, e := range list {
		ids[i] = e.ID
	}
	receipts, err := p.st.ReceiptsOfEvents(ctx, shop, ids)
	if err != nil {
		return nil, next, err
	}
	for _, e := range list {
		x := Entry{Event: e}
		for _, r := range receipts[e.ID] {
			x.Lines = append(x.Lines, r.Lines...)
		}
		out = append(out, x)
	}
	return out, next, nil
}

func (p *People) recorded(ctx context.Context, shop loyalty.ShopID, f JournalFilter) (list []*Event, next [16]byte, err error) {
	span := f.Span
	span.Limit++
	of := store.Journal{Member: f.Member, Kinds: f.Kinds}
	if f.Text != "" {
		of = store.Journal{Order: f.Text}
	}
	list, err = p.st.JournalPage(ctx, shop, of, span)
	if err == nil && len(list) == 0 && f.Text != "" {
		list, err = p.st.JournalPage(ctx, shop, store.Journal{Named: f.Text}, span)
	}
	if len(list) > f.Limit {
		list = list[:f.Limit]
		next = list[f.Limit-1].ID
	}
	return list, next, err
}

// refused looks through receipts that refuse something, a portion at a time, until a page is
// full.
func (p *People) refused(ctx context.Context, shop loyalty.ShopID, f JournalFilter) (list []*Event, next [16]byte, err error) {
	span, seen := f.Span, 0
	span.Limit = max(4*f.Limit, 200)
	for seen < mostRefused {
		receipts, err := p.st.RefusedReceipts(ctx, shop, span)
		if err != nil || len(receipts) == 0 {
			return list, [16]byte{}, err
		}
		full := len(receipts) == span.Limit
		last := receipts[len(receipts)-1].Event
		// An event's receipts may go on behind the portion: all of them come with the next one.
		if first := receipts[0].Event; full && first != last {
			receipts = slices.DeleteFunc(receipts, func(r loyalty.Receipt) bool { return r.Event == last })
		}
		seen += len(receipts)
		var ids []id.Event
		for _, r := range receipts {
			if f.Cause != "" && !slices.ContainsFunc(r.Lines, func(l loyalty.ReceiptLine) bool { return Refuses(l) && string(l.Code) == f.Cause }) {
				continue
			}
			if !slices.Contains(ids, r.Event) {
				ids = append(ids, r.Event)
			}
		}
		rows, err := p.st.EventsByID(ctx, shop, ids)
		if err != nil {
			return nil, next, err
		}
		for _, e := range ids {
			x := rows[e]
			if x == nil || len(f.Kinds) > 0 && !slices.Contains(f.Kinds, x.Kind) || !f.Member.IsZero() && x.MemberID != f.Member {
				continue
			}
			if len(list) == f.Limit {
				return list, list[f.Limit-1].ID, nil
			}
			list = append(list, x)
		}
		span.Before = receipts[len(receipts)-1].Event
		if !full {
			return list, [16]byte{}, nil
		}
	}
	return list, span.Before, nil // there may be more: the reader asks on
}

// Refuses tells whether a line of a receipt refuses something.
func Refuses(l loyalty.ReceiptLine) bool { return l.Outcome == loyalty.Refused }

// Cause is a reason for which things were refused, and how often.
type Cause struct {
	Code loyalty.Reason
	N    int
}

// Causes counts why things were refused, the most frequent first, among the newest refusals
// of a stretch; whole is false when there are older ones that were not looked at.
func (p *People) Causes(ctx context.Context, shop loyalty.ShopID, span Span) (out []Cause, whole bool, err error) {
	span.Limit = mostRefused
	list, err := p.st.RefusedReceipts(ctx, shop, span)
	if err != nil {
		return nil, false, err
	}
	at := map[loyalty.Reason]int{}
	for _, r := range list {
		var had []loyalty.Reason // an event that three rules refuse for one reason counts once
		for _, l := range r.Lines {
			if !Refuses(l) || slices.Contains(had, l.Code) {
				continue
			}
			had = append(had, l.Code)
			if _, ok := at[l.Code]; !ok {
				at[l.Code] = len(out)
				out = append(out, Cause{Code: l.Code})
			}
			out[at[l.Code]].N++
		}
	}
	slices.SortStableFunc(out, func(a, b Cause) int {
		if a.N != b.N {
			return b.N - a.N
		}
		return strings.Compare(string(a.Code), string(b.Code))
	})
	return out, len(list) < mostRefused, nil
}

// Several finds members by their ids in one read; whoever is not there is missing.
func (p *People) Several(ctx context.Context, shop loyalty.ShopID, ids []id.Member) (map[id.Member]*Member, error) {
	slices.SortFunc(ids, func(a, b id.Member) int { return slices.Compare(a[:], b[:]) })
	ids = slices.DeleteFunc(slices.Compact(ids), func(m id.Member) bool { return m.IsZero() })
	rows, err := p.st.MembersByID(ctx, shop, ids)
	out := make(map[id.Member]*Member, len(rows))
	for m, row := range rows {
		if out[m], err = p.open(row); err != nil {
			return nil, err
		}
	}
	return out, err
}

// Signs are what a member's facts said of his device, network, address and means of payment,
// as keyed hashes.
func (p *People) Signs(ctx context.Context, shop loyalty.ShopID, m id.Member) (loyalty.Signals, error) {
	return p.st.MemberSignals(ctx, shop, m)
}

// Repeat gives what a recorded fact would be if it were reported anew now: the same person
// and content under a name of its own, an order under a number of its own. It is only there to
// be tried. ok is false for facts that happen once, such as joining, and for those that
// speak of something before, such as a return.
func (p *People) Repeat(ctx context.Context, shop loyalty.ShopID, e *Event, name string) (f *loyalty.Fact, ok bool, err error) {
	again := *e.Fact
	again.ID, again.RecordedAt, again.FoldAt, again.OccurredAt = id.Event{}, 0, 0, 0
	again.ExternalID, again.Origin, again.Via = name, loyalty.FromLive, "office"
	switch e.Kind {
	case loyalty.OrderPlaced, loyalty.OrderPaid, loyalty.OrderFulfilled:
		o := *again.Order
		if len(o.Lines) == 0 {
			row, err := p.st.OrderByName(ctx, shop, o.Series, o.Ref)
			if err != nil {
				return nil, false, err
			}
			o.Lines, o.Currency = row.Lines, row.Currency
		}
		o.Ref = name
		again.Kind, again.Order = loyalty.OrderPaid, &o
		if again.Member.ID.IsZero() && !e.MemberID.IsZero() {
			again.Member = loyalty.Who{ID: e.MemberID}
		}
		return &again, true, nil
	case loyalty.CustomEvent, loyalty.ScenarioStep, loyalty.NewsletterJoined:
		return &again, true, nil
	}
	return nil, false, nil
}
