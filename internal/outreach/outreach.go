// Package outreach writes to people: it takes letters (message.Post), keeps each sealed in
// a row of its own until it is delivered, words it in the reader's language, hands it to
// whoever delivers, and makes the letters that follow from what was recorded: welcome,
// reward on its way, reward available.
//
// A letter and the job to deliver it are stored in one transaction. The row says what became
// of it. A crash between the hand-over and its mark can double what was in flight, with the
// same Message-ID; nothing is skipped. It decides nothing about value.
package outreach

import (
	"context"
	"log/slog"
	"sync"

	"cagnotte/internal/intake"
	"cagnotte/internal/locale"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/message"
	"cagnotte/internal/seal"
	"cagnotte/internal/store"
)

// Job is the kind of the jobs that deliver messages; their subject is the message.
const Job = "message"

// Options say how messages leave, and what of a shop they need to know. The functions may
// be nil.
type Options struct {
	From string         // the sender's address
	Mail message.Sender // whoever delivers; nil: nothing leaves the machine
	Kept message.Sender // of test twins, and of everybody while Mail is nil

	// Base is the address of the shop's pages, which links to members begin with; empty: it
	// has none, and messages go without links. It never comes from a request.
	Base func(context.Context, loyalty.ShopID) (string, error)
	// Portal tells whether the shop's members have pages of their own: then it writes to
	// them of itself, unless somebody switched that.
	Portal func(context.Context, loyalty.ShopID) (bool, error)
	// Language is the shop's first one, for readers whose own we do not know.
	Language func(context.Context, loyalty.ShopID) (string, error)
}

// Outreach is the running service; it is safe for many goroutines.
type Outreach struct {
	st    *store.Store
	in    *intake.Intake
	box   *seal.Box
	words *locale.Catalog
	log   *slog.Logger
	o     Options

	mu   sync.Mutex
	read map[loyalty.ShopID]*reading
}

// New makes it.
func New(st *store.Store, in *intake.Intake, box *seal.Box, words *locale.Catalog, log *slog.Logger, o Options) *Outreach {
	return &Outreach{st: st, in: in, box: box, words: words, log: log, o: o, read: map[loyalty.ShopID]*reading{}}
}

// Leaves tells whether messages of a shop leave the machine; else they go to the local outbox.
func (o *Outreach) Leaves(s *loyalty.Shop) bool { return o.o.Mail != nil && !s.Twin() }

// base is the address that links to members begin with; empty: none.
func (o *Outreach) base(ctx context.Context, shop loyalty.ShopID) (string, error) {
	if o.o.Base == nil {
		return "", nil
	}
	return o.o.Base(ctx, shop)
}

// language is the language of a letter: the reader's, where we speak it, else the shop's.
func (o *Outreach) language(ctx context.Context, shop loyalty.ShopID, wanted string) (string, error) {
	if p := o.words.Printer(wanted, nil); wanted != "" && (p.Tag() != locale.Fallback || isFallback(wanted)) {
		return p.Tag(), nil
	}
	if o.o.Language == nil {
		return locale.Fallback, nil
	}
	first, err := o.o.Language(ctx, shop)
	return o.words.Printer(first, nil).Tag(), err
}
