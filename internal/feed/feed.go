// Package feed looks at what comes from a shop, for whoever connects it: which pages and orders
// were heard of lately, and what is wrong with how they are told. It reads what is recorded
// anyway, and keeps in a bounded place what leaves no fact: calls that were refused or sent
// twice, pages at an address that the shop does not name. It names nobody and decides nothing.
package feed

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"regexp"
	"strings"
	"sync"
	"time"

	"cagnotte/internal/intake"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/store"
)

// Kinds of what is noted.
const (
	PageSeen    = "page"         // a page of the shop, by its host
	NoLineIDs   = "no_line_ids"  // an order whose lines do not say which article they are
	NoLines     = "no_lines"     // an order without lines
	SentTwice   = "sent_twice"   // the same again
	Changed     = "changed"      // the same order with other contents
	ClockAhead  = "clock_ahead"  // told from the future
	Refused     = "refused"      // any other call that was refused
	Unsigned    = "unsigned"     // a call without a valid key
	WrongOrigin = "wrong_origin" // a page that the shop does not name

	// These follow from what is recorded.
	NoCustomer  = "no_customer"  // an order that names nobody
	NoEmail     = "no_email"     // an order of somebody to whom nobody can write
	Late        = "late"         // an order that was told long after it happened
	BrowserOnly = "browser_only" // an order that only a browser told of
)

// noted are the kinds that have notes.
var noted = []string{PageSeen, NoLineIDs, NoLines, SentTwice, Changed, ClockAhead, Refused, WrongOrigin}

const (
	mostNotes   = 60          // of one kind in a shop
	mostPending = 2_000       // of all shops, until they are written
	noteEach    = time.Second // how long they wait
	pageEach    = 5 * moment.Second
	keptFor     = 30 * moment.Day // notes
	lateAfter   = moment.Hour     // how long a shop may take to tell of an order
	trialCached = 2 * moment.Second
	maxAbout    = 80
)

// house is the shop number of calls of which nobody knows whose they are.
const house = loyalty.ShopID(0)

// Feed is the running service; it is safe for many goroutines. A nil one notes nothing.
type Feed struct {
	st  *store.Store
	in  *intake.Intake
	log *slog.Logger

	mu      sync.Mutex
	pending map[name]int64
	pages   map[name]moment.Time // when each was noted
	trials  map[loyalty.ShopID]seenTrial
}

// name is one note in the notebook of a shop.
type name struct {
	shop                                loyalty.ShopID
	kind, code, field, operation, about string
}

// New makes it.
func New(st *store.Store, in *intake.Intake, log *slog.Logger) *Feed {
	return &Feed{st: st, in: in, log: log, pending: map[name]int64{}, pages: map[name]moment.Time{}, trials: map[loyalty.ShopID]seenTrial{}}
}

// note counts something until it is written. When too much waits, what is new is dropped.
func (f *Feed) note(n name) {
	if f == nil {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if _, there := f.pending[n]; there || len(f.pending) < mostPending {
		f.pending[n]++
	}
}

// Page notes that a page of a host was heard of, and whether the shop names that host.
func (f *Feed) Page(shop loyalty.ShopID, host string, ours bool) {
	kind := PageSeen
	if !ours {
		kind = WrongOrigin
	}
	if f == nil {
		return
	}
	n := name{shop: shop, kind: kind, about: plain(strings.ToLower(host), hosts)}
	if n.about == "" || !f.due(n) {
		return
	}
	f.note(n)
}

// due tells whether a page is to be noted: each host once in a few seconds, however many see it.
func (f *Feed) due(n name) bool {
	now := f.st.Clock()
	f.mu.Lock()
	defer f.mu.Unlock()
	if was, there := f.pages[n]; there && now >= was && now < was+pageEach {
		return false
	}
	if len(f.pages) >= mostPending {
		clear(f.pages)
	}
	f.pages[n] = now
	return true
}

// Stranger notes a call whose key is none; code says why.
func (f *Feed) Stranger(operation, code string) {
	f.note(name{shop: house, kind: Unsigned, code: code, operation: operation})
}

// Call notes a call of a shop's server that was refused; ref is the number of the order that it
// was about, if it said one.
func (f *Feed) Call(shop loyalty.ShopID, operation string, err error, ref string) {
	p, ok := errors.AsType[*loyalty.Problem](err)
	if !ok || errors.Is(err, loyalty.ErrUnavailable) {
		return // not the caller's fault
	}
	field := places.ReplaceAllString(p.Field, "[]")
	if strings.HasSuffix(operation, "/orders") {
		field = strings.TrimPrefix(field, "order.") // there the order is the body itself
	}
	n := name{shop: shop, kind: Refused, code: p.Code, field: field, operation: operation, about: plain(ref, refs)}
	switch {
	case lineID.MatchString(p.Field) && p.Code == "required":
		n.kind = NoLineIDs
	case strings.HasSuffix(p.Field, "lines") && p.Code == "required":
		n.kind = NoLines
	case p.Code == "event_conflict":
		n.kind = Changed
	case p.Code == "in_the_future":
		n.kind = ClockAhead
	}
	if n.kind != Refused {
		n.code, n.field = "", ""
	}
	f.note(n)
}

// Again notes that a server told the same twice.
func (f *Feed) Again(shop loyalty.ShopID, operation, ref string) {
	f.note(name{shop: shop, kind: SentTwice, operation: operation, about: plain(ref, refs)})
}

var (
	lineID = regexp.MustCompile(`lines\[\d+\]\.sku$`)
	places = regexp.MustCompile(`\[\d+\]`)
	refs   = regexp.MustCompile(`^[\pL\d #/_.:-]*\d[\pL\d #/_.:-]*$`) // a number, not an address or a name
	hosts  = regexp.MustCompile(`^[a-z\d.:\[\]-]+$`)
)

// plain keeps what looks like what it should be; empty otherwise.
func plain(s string, like *regexp.Regexp) string {
	if len(s) > maxAbout || !like.MatchString(s) {
		return ""
	}
	return s
}

// Run writes notes down until ctx ends.
func (f *Feed) Run(ctx context.Context) {
	tick := time.NewTicker(noteEach)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			if err := f.Flush(context.WithoutCancel(ctx)); err != nil {
				f.log.Warn("notes about the feed are lost", "error", err)
			}
			return
		case <-tick.C:
		}
		if err := f.Flush(ctx); err != nil {
			f.log.Warn("notes about the feed are lost", "error", err)
		}
	}
}

// Flush writes down what was noted. What cannot be written is forgotten: it is a help, no record.
func (f *Feed) Flush(ctx context.Context) error {
	f.mu.Lock()
	pending := f.pending
	if len(pending) > 0 {
		f.pending = map[name]int64{}
	}
	f.mu.Unlock()
	shops := map[loyalty.ShopID][]name{}
	for n := range pending {
		shops[n.shop] = append(shops[n.shop], n)
	}
	var wrong error
	for shop, list := range shops {
		now, err := f.now(ctx, shop)
		if errors.Is(err, loyalty.ErrNotFound) {
			continue // it was removed meanwhile
		}
		if err == nil {
			err = f.st.Write(ctx, func(tx *store.Tx) error {
				for _, n := range list {
					row := &store.FeedNote{Kind: n.kind, Code: n.code, Field: n.field, Operation: n.operation, About: n.about, Times: pending[n], LastAt: now}
					if err := tx.NoteFeed(ctx, shop, row, mostNotes); err != nil {
						return err
					}
				}
				return nil
			})
		}
		wrong = cmp.Or(wrong, err)
	}
	return wrong
}

// now is a shop's time; the machine's for the calls of nobody.
func (f *Feed) now(ctx context.Context, shop loyalty.ShopID) (moment.Time, error) {
	if shop == house {
		return f.st.Clock(), nil
	}
	row, _, err := f.in.Book(ctx, shop)
	if err != nil {
		return 0, err
	}
	return f.in.Now(row), nil
}

// Sweep forgets what is a month old.
func (f *Feed) Sweep(ctx context.Context, shop loyalty.ShopID) error {
	now, err := f.now(ctx, shop)
	if err != nil {
		return err
	}
	return f.st.SweepFeed(ctx, shop, now-keptFor)
}

// SweepHouse does the same for calls of which nobody knows whose they are.
func (f *Feed) SweepHouse(ctx context.Context) error { return f.Sweep(ctx, house) }
