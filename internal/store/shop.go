package store

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/money"
)

const shopColumns = `s.shop_id, s.slug, s.name, s.currency, s.zone, COALESCE(s.live_shop, 0), COALESCE(s.clock_at, 0), s.book_rev, s.listens, s.point_decimals, s.point_names`

// Statements about shops and keys cross shops where a person names one by its slug: they
// belong to the operator's own list.
var (
	qShops      = New("shops", `SELECT `+shopColumns+` FROM shops s WHERE s.removed_at IS NULL ORDER BY s.shop_id`)
	qShop       = New("shops.one", `SELECT `+shopColumns+` FROM shops s WHERE s.shop_id = $1 AND s.removed_at IS NULL`)
	qShopBySlug = New("shops.slug", `SELECT `+shopColumns+` FROM shops s WHERE s.slug = $1 AND s.removed_at IS NULL`)
	qNextShop   = New("shops.next", `SELECT COALESCE(MAX(s.shop_id), 0) + 1 FROM shops s`)
	qPutShop    = New("shops.put", `
		INSERT INTO shops (shop_id, slug, name, currency, zone, live_shop, clock_at, book_rev, listens, created_at, point_decimals,
		  point_names)
		VALUES ($1, $2, $3, $4, $5, NULLIF(CAST($6 AS BIGINT), 0), NULLIF(CAST($7 AS BIGINT), 0), $8, $9, $10, $11, $12)`)
	qNamePoints = New("shops.point_names", `UPDATE shops SET point_names = $2, book_rev = book_rev + 1 WHERE shop_id = $1`)
	qSetClock   = New("shops.clock", `UPDATE shops SET clock_at = $2 WHERE shop_id = $1 AND COALESCE(clock_at, 0) <= $2`)
	qForceClock = New("shops.clock.free", `UPDATE shops SET clock_at = $2 WHERE shop_id = $1`)
	qSetListens = New("shops.listens", `UPDATE shops SET listens = $2 WHERE shop_id = $1`)
	qBumpBook   = New("shops.book", `UPDATE shops SET book_rev = book_rev + 1 WHERE shop_id = $1`)
	qAnyEvent   = New("events.any", `SELECT e.id FROM events e WHERE e.shop_id = $1 LIMIT 1`)
)

func scanShop(r Scanner) (*loyalty.Shop, error) {
	s := &loyalty.Shop{}
	var zone, listens, names string
	if err := r.Scan(&s.ID, &s.Slug, &s.Name, &s.Currency, &zone, &s.LiveShop, &s.ClockAt, &s.BookRev, &listens, &s.PointDecimals, &names); err != nil {
		return nil, err
	}
	var err error
	if s.Zone, err = time.LoadLocation(zone); err != nil {
		return nil, fmt.Errorf("zone of shop %s: %w", s.Slug, err)
	}
	if names != "" {
		if err := json.Unmarshal([]byte(names), &s.PointNames); err != nil {
			return nil, fmt.Errorf("names of points of shop %s: %w", s.Slug, err)
		}
	}
	s.Decimals, _ = money.Decimals(s.Currency)
	s.Listens = strings.Fields(listens)
	return s, nil
}

// Shops lists every shop, twins included, in the order of their making. Here as everywhere
// shops that were removed are not there.
func (s *Store) Shops(ctx context.Context) ([]*loyalty.Shop, error) { return shops(ctx, s.Read) }

// Shops lists the shops that there are in the view.
func (v *View) Shops(ctx context.Context) ([]*loyalty.Shop, error) { return shops(ctx, v.Read) }

func shops(ctx context.Context, read reader) ([]*loyalty.Shop, error) {
	var out []*loyalty.Shop
	err := read(ctx, qShops, func(r Scanner) error {
		shop, err := scanShop(r)
		out = append(out, shop)
		return err
	})
	return out, err
}

// Shop finds a shop by its number; loyalty.ErrNotFound when there is none.
func (s *Store) Shop(ctx context.Context, n loyalty.ShopID) (*loyalty.Shop, error) {
	return s.oneShop(ctx, qShop, int64(n))
}

// ShopBySlug finds a shop by the name people use; loyalty.ErrNotFound when there is none.
func (s *Store) ShopBySlug(ctx context.Context, slug string) (*loyalty.Shop, error) {
	return s.oneShop(ctx, qShopBySlug, slug)
}

func (s *Store) oneShop(ctx context.Context, q *Q, arg any) (*loyalty.Shop, error) {
	var out *loyalty.Shop
	err := s.Read(ctx, q, func(r Scanner) (err error) {
		out, err = scanShop(r)
		return err
	}, arg)
	if err == nil && out == nil {
		err = loyalty.NotFound("shop", "shop_unknown")
	}
	return out, err
}

// InsertShop stores a new shop under the next free number, which it sets.
func (t *Tx) InsertShop(ctx context.Context, s *loyalty.Shop) error {
	if s.ID == 0 {
		t.Query(qNextShop, 1, func(r Scanner) error { return r.Scan(&s.ID) })
		if err := t.Flush(ctx); err != nil {
			return err
		}
	}
	names, err := unitNames(s.PointNames)
	if err != nil {
		return err
	}
	return t.Exec(ctx, qPutShop, int64(s.ID), s.Slug, s.Name, s.Currency, s.Zone.String(), int64(s.LiveShop), int64(s.ClockAt),
		max(s.BookRev, 1), strings.Join(s.Listens, " "), int64(t.Now), int64(s.PointDecimals), names)
}

// unitNames writes names of a unit as they are stored: nothing where there are none.
func unitNames(n loyalty.UnitNames) (string, error) {
	if len(n) == 0 {
		return "", nil
	}
	b, err := json.Marshal(n)
	return string(b), err
}

// NamePoints says what a shop calls its points; every process looks at the shop again.
func (t *Tx) NamePoints(ctx context.Context, shop loyalty.ShopID, n loyalty.UnitNames) error {
	names, err := unitNames(n)
	if err != nil {
		return err
	}
	return t.Exec(ctx, qNamePoints, int64(shop), names)
}

// SetClock moves a twin's clock forward; with free it may be set anywhere.
func (t *Tx) SetClock(ctx context.Context, shop loyalty.ShopID, at moment.Time, free bool) error {
	if free {
		return t.Exec(ctx, qForceClock, int64(shop), int64(at))
	}
	return t.Exec(ctx, qSetClock, int64(shop), int64(at))
}

// SetListens says which outbox rows somebody reads.
func (t *Tx) SetListens(ctx context.Context, shop loyalty.ShopID, kinds []string) error {
	return t.Exec(ctx, qSetListens, int64(shop), strings.Join(kinds, " "))
}

// HasEvents tells whether anything was ever recorded for the shop.
func (s *Store) HasEvents(ctx context.Context, shop loyalty.ShopID) (bool, error) {
	found := false
	err := s.Read(ctx, qAnyEvent, func(Scanner) error { found = true; return nil }, int64(shop))
	return found, err
}
