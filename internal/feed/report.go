package feed

import (
	"cmp"
	"context"
	"slices"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/store"
)

const (
	looksBack = moment.Day
	mostFacts = 300
	mostSeen  = 500
)

// Report is what came from a shop in the last 24 hours.
type Report struct {
	Now    moment.Time
	Lines  []Line // what is waited for, each with its last time
	Faults []Fault
	Counts Counts
	Quiet  *Quiet      // nil: it is not silent
	Trial  *Trial      // nil: none of late
	Last   moment.Time // the last order that a server or a file told of; zero: never
}

// Counts are those of 24 hours.
type Counts struct {
	Orders   int64 // facts of orders placed, paid, fulfilled
	Refunds  int64 // and cancellations
	Clicks   int64 // landings with a code, of which a fact was made
	Browsers int64 // orders that browsers told of; mostSeen: as many or more
	Whole    bool  // false: what browsers told is more than was looked at
}

// Line is one thing that is waited for.
type Line struct {
	Kind   string      // page, landing, cart, order, refund
	At     moment.Time // zero: not yet
	Host   string
	Ref    string
	Amount int64 // minor units; -1: not known
	Event  id.Event
}

// Fault is something wrong with how things are told.
type Fault struct {
	Kind      string
	At        moment.Time // the last time
	Times     int64
	Ref       string // of the order, or the host
	Code      string // the problem of a call that was refused
	Field     string
	Operation string
	By        moment.Time // how late
	Event     id.Event    // zero: no fact was made
}

// orderKinds are facts of which a shop's server, or a file, tells.
var (
	orderKinds  = []string{loyalty.OrderPlaced, loyalty.OrderPaid, loyalty.OrderFulfilled}
	refundKinds = []string{loyalty.Refunded, loyalty.OrderCancelled}
	boughtKinds = []string{loyalty.OrderPlaced, loyalty.OrderPaid}
)

// Report looks at the last 24 hours. It reads a bounded number of rows, however much came.
func (f *Feed) Report(ctx context.Context, shop loyalty.ShopID) (*Report, error) {
	if err := f.Flush(ctx); err != nil {
		return nil, err
	}
	now, err := f.now(ctx, shop)
	if err != nil {
		return nil, err
	}
	r := &Report{Now: now}
	since := id.Mint[id.EventKind](int64(now-looksBack), [8]byte{})
	facts, err := f.st.JournalPage(ctx, shop, store.Journal{Kinds: slices.Concat(orderKinds, refundKinds)}, store.Span{First: since, Limit: mostFacts})
	if err != nil {
		return nil, err
	}
	seen, err := f.st.SightingsSince(ctx, shop, now-looksBack, mostSeen)
	if err != nil {
		return nil, err
	}
	notes, err := f.st.FeedNotes(ctx, shop, noted, now-looksBack, len(noted)*mostNotes)
	if err != nil {
		return nil, err
	}
	strangers, err := f.st.FeedNotes(ctx, house, []string{Unsigned}, f.st.Clock()-looksBack, mostNotes)
	if err != nil {
		return nil, err
	}
	if err := f.counts(ctx, shop, r, since, seen); err != nil {
		return nil, err
	}
	r.Lines = lines(facts, seen, notes)
	for _, n := range slices.Concat(notes, strangers) {
		if n.Kind != PageSeen {
			r.Faults = append(r.Faults, Fault{Kind: n.Kind, At: n.LastAt, Times: n.Times, Ref: n.About, Code: n.Code, Field: n.Field, Operation: n.Operation})
		}
	}
	if err := f.ofFacts(ctx, shop, r, facts); err != nil {
		return nil, err
	}
	if err := f.ofBrowsers(ctx, shop, r, seen); err != nil {
		return nil, err
	}
	slices.SortStableFunc(r.Faults, func(a, b Fault) int { return cmp.Compare(b.At, a.At) })
	if r.Trial, err = f.trial(ctx, shop, now, facts); err != nil {
		return nil, err
	}
	r.Quiet, r.Last, err = f.quiet(ctx, shop, now)
	return r, err
}

func (f *Feed) counts(ctx context.Context, shop loyalty.ShopID, r *Report, since id.Event, seen []*loyalty.Sighting) error {
	n, err := f.st.CountKinds(ctx, shop, slices.Concat(orderKinds, refundKinds, []string{loyalty.LinkClicked}), since)
	for _, k := range orderKinds {
		r.Counts.Orders += n[k]
	}
	for _, k := range refundKinds {
		r.Counts.Refunds += n[k]
	}
	r.Counts.Clicks, r.Counts.Whole = n[loyalty.LinkClicked], len(seen) < mostSeen
	for _, s := range seen {
		if s.Kind == loyalty.SawOrder {
			r.Counts.Browsers++
		}
	}
	return err
}

// lines are what is waited for, each as it came last.
func lines(facts []*store.Event, seen []*loyalty.Sighting, notes []*store.FeedNote) []Line {
	page, order, refund := Line{Kind: "page", Amount: -1}, Line{Kind: "order", Amount: -1}, Line{Kind: "refund", Amount: -1}
	for _, n := range notes {
		if n.Kind == PageSeen && n.LastAt > page.At {
			page.At, page.Host = n.LastAt, n.About
		}
	}
	for _, e := range facts {
		switch {
		case slices.Contains(orderKinds, e.Kind):
			if order.At == 0 && e.Fact.Order != nil {
				order.At, order.Ref, order.Amount, order.Event = e.RecordedAt, e.Fact.Order.Ref, worth(e.Fact.Order), e.ID
			}
		case refund.At == 0:
			refund.At, refund.Event = e.RecordedAt, e.ID
			if e.Refund != nil {
				refund.Ref = e.Refund.Ref
			} else if e.Fact.Order != nil {
				refund.Ref = e.Fact.Order.Ref
			}
		}
	}
	out := []Line{page}
	for _, kind := range []string{loyalty.SawLanding, loyalty.SawCart} {
		l := Line{Kind: kind, Amount: -1}
		for _, s := range seen {
			if s.Kind == kind {
				l.At = s.SeenAt
				if s.Priced {
					l.Amount = s.Amount
				}
				break
			}
		}
		out = append(out, l)
	}
	return append(out, order, refund)
}

// worth is what the lines of an order come to; -1 when it has none.
func worth(o *loyalty.Order) int64 {
	if len(o.Lines) == 0 {
		return -1
	}
	sum := int64(0)
	for _, l := range o.Lines {
		sum += l.Amount
	}
	return sum
}

// ofFacts finds what recorded orders lack. A file may tell of the past; a server tells at once.
func (f *Feed) ofFacts(ctx context.Context, shop loyalty.ShopID, r *Report, facts []*store.Event) error {
	var named []id.Member
	for _, e := range facts {
		if !e.MemberID.IsZero() {
			named = append(named, e.MemberID)
		}
	}
	slices.SortFunc(named, func(a, b id.Member) int { return slices.Compare(a[:], b[:]) })
	reachable, err := f.st.Reachable(ctx, shop, slices.Compact(named))
	if err != nil {
		return err
	}
	for _, e := range facts {
		if e.Fact.Order == nil || e.Via != "api" || !slices.Contains(boughtKinds, e.Kind) {
			continue
		}
		fault := Fault{At: e.RecordedAt, Times: 1, Ref: e.Fact.Order.Ref, Event: e.ID}
		switch {
		case nobody(e.Fact):
			fault.Kind = NoCustomer
		case !reachable[e.MemberID]:
			fault.Kind = NoEmail
		}
		if fault.Kind != "" {
			r.Faults = append(r.Faults, fault)
		}
		if by := e.RecordedAt - e.OccurredAt; by > lateAfter {
			fault.Kind, fault.By = Late, by
			r.Faults = append(r.Faults, fault)
		}
	}
	return nil
}

// nobody tells whether a fact names no customer: a browser or a code is none.
func nobody(f *loyalty.Fact) bool {
	return f.Member.ID.IsZero() && !slices.ContainsFunc(f.Member.Keys, func(k loyalty.Key) bool { return k.Kind != loyalty.ByVisitor && k.Kind != loyalty.ByCode })
}

// ofBrowsers finds orders of which no server has told.
func (f *Feed) ofBrowsers(ctx context.Context, shop loyalty.ShopID, r *Report, seen []*loyalty.Sighting) error {
	var numbers []string
	for _, s := range seen {
		if s.Kind == loyalty.SawOrder && s.Ref != "" {
			numbers = append(numbers, s.Ref)
		}
	}
	slices.Sort(numbers)
	numbers = slices.Compact(numbers)
	known, err := f.st.OrdersKnown(ctx, shop, numbers)
	if err != nil {
		return err
	}
	for _, s := range seen {
		if s.Kind != loyalty.SawOrder || s.Ref != "" && known[s.Ref] {
			continue
		}
		known[s.Ref] = s.Ref != "" // two tabs are one order
		r.Faults = append(r.Faults, Fault{Kind: BrowserOnly, At: s.SeenAt, Times: 1, Ref: plain(s.Ref, refs)})
	}
	return nil
}
