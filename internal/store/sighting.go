package store

import (
	"context"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
)

const sightingColumns = `g.id, g.kind, g.source, g.ref, g.visitor, g.code, g.currency, g.amount, g.seen_at, g.event_id`

var (
	// The first word about an order stands; a cart is what it was last.
	qPutSighting = New("sightings.put", `
		INSERT INTO sightings (shop_id, id, kind, source, ref, visitor, code, currency, amount, seen_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
		ON CONFLICT (shop_id, kind, ref, visitor, code) DO UPDATE SET amount = excluded.amount, seen_at = excluded.seen_at
		WHERE sightings.shop_id = $1 AND sightings.ref = ''`)
	qSightingsOf = New("sightings.refs", `
		SELECT `+sightingColumns+` FROM sightings g WHERE g.shop_id = $1 AND g.kind = $2 AND g.ref {{in ref:text}}`)
	qSightings = New("sightings.page", `
		SELECT `+sightingColumns+` FROM sightings g WHERE g.shop_id = $1 AND g.id < $2 ORDER BY g.id DESC LIMIT $3`)
	qTakeSighting   = New("sightings.take", `UPDATE sightings SET event_id = $3 WHERE shop_id = $1 AND id = $2 AND event_id IS NULL`)
	qSweepSightings = New("sightings.sweep", `DELETE FROM sightings WHERE shop_id = $1 AND seen_at < $2`)
)

func scanSighting(r Scanner) (*loyalty.Sighting, error) {
	s := &loyalty.Sighting{}
	var amount *int64
	err := r.Scan(&s.ID, &s.Kind, &s.Source, &s.Ref, &s.Visitor, &s.Code, &s.Currency, &amount, &s.SeenAt, &s.Event)
	if amount != nil {
		s.Priced, s.Amount = true, *amount
	}
	return s, err
}

// PutSighting stores what a browser told; the same browser tells of an order once.
func (t *Tx) PutSighting(ctx context.Context, shop loyalty.ShopID, s *loyalty.Sighting) error {
	var amount any
	if s.Priced {
		amount = s.Amount
	}
	return t.Exec(ctx, qPutSighting, int64(shop), s.ID.Bytes(), s.Kind, s.Source, s.Ref, s.Visitor, s.Code, s.Currency, amount, int64(s.SeenAt))
}

// SightingsOf are those of one kind that name one of some orders.
func (s *Store) SightingsOf(ctx context.Context, shop loyalty.ShopID, kind string, refs []string) ([]*loyalty.Sighting, error) {
	var out []*loyalty.Sighting
	err := s.ReadRows(ctx, qSightingsOf, len(refs), func(r Scanner) error {
		x, err := scanSighting(r)
		out = append(out, x)
		return err
	}, int64(shop), kind, refs)
	return out, err
}

// Sightings is a page of a shop's sightings, the newest first, from before one on (zero:
// from the newest).
func (s *Store) Sightings(ctx context.Context, shop loyalty.ShopID, before id.Sighting, limit int) ([]*loyalty.Sighting, error) {
	if before.IsZero() {
		for i := range before {
			before[i] = 0xff
		}
	}
	var out []*loyalty.Sighting
	err := s.Read(ctx, qSightings, func(r Scanner) error {
		x, err := scanSighting(r)
		out = append(out, x)
		return err
	}, int64(shop), before[:], int64(limit))
	return out, err
}

// TakeSighting notes which report took a browser over.
func (t *Tx) TakeSighting(ctx context.Context, shop loyalty.ShopID, which id.Sighting, by id.Event) error {
	return t.Exec(ctx, qTakeSighting, int64(shop), which.Bytes(), by.Bytes())
}

// SweepSightings forgets what browsers told before an instant.
func (s *Store) SweepSightings(ctx context.Context, shop loyalty.ShopID, before moment.Time) error {
	return s.Write(ctx, func(t *Tx) error { return t.Exec(ctx, qSweepSightings, int64(shop), int64(before)) })
}
