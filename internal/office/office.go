// Package office keeps the shops: making one with its twin and removing it, its keys, its
// settings and reference lists, the twin's clock, and the answers that were given to requests with an Idempotency-Key. It
// touches no value: what decide reads goes through intake alone.
//
// The edges call it first of all: Authenticate says which shop a key reaches.
package office

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"cagnotte/internal/id"
	"cagnotte/internal/intake"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/money"
	"cagnotte/internal/store"
)

// Office is the running service; it is safe for many goroutines.
type Office struct {
	st     *store.Store
	in     *intake.Intake
	known  known
	houses houses
	Look   Looker        // asks about the names of portals
	wake   chan struct{} // a shop was removed: its rows are to be deleted
}

// New makes an office.
func New(st *store.Store, in *intake.Intake) *Office {
	return &Office{st: st, in: in, Look: Outside(), known: newKnown(), wake: make(chan struct{}, 1)}
}

// Opened is a shop that was just made: the only moment at which its keys can be read.
type Opened struct {
	Live, Test       *loyalty.Shop
	LiveKey, TestKey string
}

// CreateShop makes a shop and its twin, with one key for each that may do everything in
// its shop. What is given with it happens in the same transaction.
func (o *Office) CreateShop(ctx context.Context, name, currency, zone string, with ...func(context.Context, *store.Tx, *loyalty.Shop) error) (*Opened, error) {
	live, err := newShop(name, currency, zone)
	if err != nil {
		return nil, err
	}
	out := &Opened{Live: live}
	for range 3 { // another shop made at the same instant takes the same number
		out.Test = twin(live)
		if err = o.free(ctx, live.Slug, out.Test.Slug); err != nil {
			return nil, err
		}
		err = o.st.Write(ctx, func(tx *store.Tx) error {
			if err := open(ctx, tx, out); err != nil {
				return err
			}
			for _, fn := range with {
				if err := fn(ctx, tx, out.Live); err != nil {
					return err
				}
			}
			return nil
		})
		if !errors.Is(err, loyalty.ErrConflict) {
			o.houses.forget()
			return out, err
		}
		live.ID = 0
	}
	return nil, err
}

func open(ctx context.Context, tx *store.Tx, out *Opened) error {
	out.Live.ID, out.Test.ID = 0, 0
	if err := tx.InsertShop(ctx, out.Live); err != nil {
		return err
	}
	out.Test.LiveShop = out.Live.ID
	if err := tx.InsertShop(ctx, out.Test); err != nil {
		return err
	}
	for _, k := range []struct {
		shop  *loyalty.Shop
		token *string
		kind  string
	}{{out.Live, &out.LiveKey, livePrefix}, {out.Test, &out.TestKey, testPrefix}} {
		key, token := newKey(k.shop.ID, k.kind, "", ShopScopes, tx.Now)
		if err := tx.InsertKey(ctx, key); err != nil {
			return err
		}
		*k.token = token
	}
	return nil
}

func newShop(name, currency, zone string) (*loyalty.Shop, error) {
	name, err := nameOf(name)
	if err != nil {
		return nil, err
	}
	slug := slug(name)
	if slug == "" {
		return nil, loyalty.Invalid("name", "name_without_letters")
	}
	decimals, ok := money.Decimals(currency)
	if !ok {
		return nil, loyalty.Invalid("currency", "unknown_currency")
	}
	if zone == "" || zone == "Local" { // "Local" would be the machine's zone
		return nil, loyalty.Invalid("zone", "unknown_zone")
	}
	where, err := time.LoadLocation(zone)
	if err != nil {
		return nil, loyalty.Invalid("zone", "unknown_zone")
	}
	return &loyalty.Shop{Slug: slug, Name: name, Currency: currency, Decimals: decimals, Zone: where}, nil
}

// nameOf checks what people call something.
func nameOf(name string) (string, error) {
	name = strings.TrimSpace(name)
	if name == "" {
		return "", loyalty.Invalid("name", "required")
	}
	return name, plain("name", name, loyalty.MaxText)
}

// plain checks a text that people read, of most bytes; nothing is allowed.
func plain(field, v string, most int) error {
	switch {
	case len(v) > most:
		return loyalty.Invalid(field, "too_long", "max", fmt.Sprint(most))
	case !utf8.ValidString(v) || strings.ContainsFunc(v, unicode.IsControl):
		return loyalty.Invalid(field, "control_character")
	}
	return nil
}

func twin(live *loyalty.Shop) *loyalty.Shop {
	t := *live
	t.Slug += "-test"
	return &t
}

// free refuses slugs that are taken. Somebody may still take one before the shop is
// stored; the unique index finds that.
func (o *Office) free(ctx context.Context, slugs ...string) error {
	for _, s := range slugs {
		switch _, err := o.st.ShopBySlug(ctx, s); {
		case err == nil:
			return loyalty.Conflict("name", "shop_exists")
		case !errors.Is(err, loyalty.ErrNotFound):
			return err
		}
	}
	return nil
}

// slug is the name by which people address a shop: "Café Żółć" is "cafe-zolc".
func slug(name string) string {
	var b strings.Builder
	gap := false
	for _, r := range loyalty.Fold(name) {
		switch {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			if gap && b.Len() > 0 {
				b.WriteByte('-')
			}
			gap = false
			b.WriteRune(r)
		default:
			gap = true
		}
	}
	return b.String()
}

// Shop gives a shop with its settings, and its time.
func (o *Office) Shop(ctx context.Context, shop loyalty.ShopID) (*loyalty.Shop, moment.Time, error) {
	s, _, err := o.in.Book(ctx, shop)
	if err != nil {
		return nil, 0, err
	}
	return s, o.in.Now(s), nil
}

// Rename gives a shop another name for people; its slug stays. Currency and zone stay, too:
// what was decided before rests on them.
func (o *Office) Rename(ctx context.Context, shop loyalty.ShopID, name string) error {
	name, err := nameOf(name)
	if err != nil {
		return err
	}
	err = o.st.Write(ctx, func(tx *store.Tx) error { return tx.Rename(ctx, shop, name) })
	o.forget(shop)
	return err
}

// NamePoints says what the shop calls its points; no names: what everybody does.
func (o *Office) NamePoints(ctx context.Context, shop loyalty.ShopID, names loyalty.UnitNames) error {
	if err := names.Check(); err != nil {
		return err
	}
	err := o.st.Write(ctx, func(tx *store.Tx) error { return tx.NamePoints(ctx, shop, names) })
	o.forget(shop)
	return err
}

// SetClock moves a twin's clock. While the twin has no facts it may be set anywhere; from
// then on it only goes forward, and everything due on the way has happened when SetClock
// returns.
func (o *Office) SetClock(ctx context.Context, shop loyalty.ShopID, at moment.Time) error {
	s, err := o.st.Shop(ctx, shop)
	if err != nil {
		return err
	}
	if !s.Twin() {
		return &loyalty.Problem{Kind: loyalty.ErrForbidden, Code: "live_shop_clock"}
	}
	if at <= 0 || at > lastInstant {
		return loyalty.Invalid("at", "out_of_range", "max", lastInstant.String())
	}
	used, err := o.st.HasEvents(ctx, shop)
	if err != nil {
		return err
	}
	if now := o.in.Now(s); used && at < now {
		return loyalty.Conflict("at", "clock_goes_forward", "now", now.String())
	}
	err = o.in.MoveClock(ctx, shop, at, !used)
	o.houses.forget()
	return err
}

// lastInstant keeps what is computed from a twin's clock (waiting times, expiries of a
// hundred years) within what four-digit years can write.
var lastInstant = moment.Of(time.Date(2999, 12, 31, 0, 0, 0, 0, time.UTC))

// OutboxKinds lists what may be listened to.
var OutboxKinds = []string{loyalty.OutClaim, loyalty.OutReferral, loyalty.OutRewardGiven, loyalty.OutRewardTaken, loyalty.OutVoucherIssued}

// Listen says which notices the outbox keeps from now on; none is allowed.
func (o *Office) Listen(ctx context.Context, shop loyalty.ShopID, kinds []string) error {
	for i, k := range kinds {
		if !slices.Contains(OutboxKinds, k) {
			return loyalty.Invalid(fmt.Sprintf("kinds[%d]", i), "unknown_value", "known", strings.Join(OutboxKinds, " "))
		}
	}
	kinds = slices.Compact(slices.Sorted(slices.Values(kinds)))
	err := o.st.Write(ctx, func(tx *store.Tx) error { return tx.Listen(ctx, shop, kinds) })
	o.forget(shop)
	return err
}

// Notice is a row of the outbox.
type Notice = store.Notice

// Outbox is a page of notices after a cursor, oldest first. While the database is in
// quarantine it is the problem `in_quarantine`: what happened after the backup was told
// already, and must not be told otherwise.
func (o *Office) Outbox(ctx context.Context, shop loyalty.ShopID, after id.Outbox, limit int) ([]Notice, error) {
	since, err := o.st.Quarantine(ctx)
	if err != nil {
		return nil, err
	}
	if since != 0 {
		return nil, &loyalty.Problem{Kind: loyalty.ErrConflict, Code: "in_quarantine"}
	}
	return o.st.Outbox(ctx, shop, after, limit)
}

// forget drops what is kept of a shop, after its settings changed.
func (o *Office) forget(shop loyalty.ShopID) {
	o.in.Forget(shop)
	o.houses.forget()
}

// Clock is the wall clock, as everything here reads it.
func (o *Office) Clock() moment.Time { return o.st.Clock() }

func random() (r [8]byte) {
	_, _ = rand.Read(r[:]) // never fails (crypto/rand)
	return r
}

// LiveShop finds a live shop by its slug; empty: the only one that there is.
// loyalty.ErrNotFound when there is none, or several and none is named.
func (o *Office) LiveShop(ctx context.Context, slug string) (*loyalty.Shop, error) {
	if slug != "" {
		s, err := o.st.ShopBySlug(ctx, slug)
		if err == nil && s.Twin() {
			err = loyalty.NotFound("shop", "shop_unknown")
		}
		return s, err
	}
	some, err := o.st.ShopPage(ctx, 0, 3)
	if err != nil {
		return nil, err
	}
	var only *loyalty.Shop
	for _, s := range some {
		switch {
		case s.Twin():
		case only != nil:
			return nil, loyalty.NotFound("shop", "shop_unknown")
		default:
			only = s
		}
	}
	if only == nil {
		return nil, loyalty.NotFound("shop", "shop_unknown")
	}
	return only, nil
}

// Pair finds a live shop by its number, with its twin.
func (o *Office) Pair(ctx context.Context, live loyalty.ShopID) (s, twin *loyalty.Shop, err error) {
	if s, err = o.st.Shop(ctx, live); err != nil {
		return nil, nil, err
	}
	if s.Twin() {
		return nil, nil, loyalty.NotFound("shop", "shop_unknown")
	}
	twin, err = o.st.Twin(ctx, live)
	return s, twin, err
}

// Empty tells whether there is no shop at all yet.
func (o *Office) Empty(ctx context.Context) (bool, error) {
	some, err := o.st.ShopPage(ctx, 0, 1)
	return len(some) == 0, err
}
