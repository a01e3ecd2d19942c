package store

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
)

var (
	qRecorded = New("events.recorded", `
		SELECT e.id, e.feed, e.external_id, e.via, e.origin, e.recorded_at, e.digest, e.fact, e.batch_id
		FROM events e WHERE e.shop_id = $1 AND e.id > $2 ORDER BY e.id`)
	qCountEvents = New("events.count", `SELECT COUNT(*) FROM events e WHERE e.shop_id = $1`)
)

// Recorded is a fact as it stands in the book: with its id, its now and its batch.
type Recorded struct {
	Fact   *loyalty.Fact
	Digest []byte
	Batch  id.Batch
}

// Facts reads the recorded facts of a shop behind an event, oldest first. The ids of
// events are made from the now of their decision, so their order is the order of time.
func (s *Store) Facts(ctx context.Context, shop loyalty.ShopID, behind id.Event, each func(Recorded) error) error {
	return s.Read(ctx, qRecorded, func(row Scanner) error {
		r := Recorded{Fact: &loyalty.Fact{}}
		var text string
		// The fact's own fields come from its text; what stands beside it is set after.
		var event id.Event
		var feed, external, via, origin string
		var at moment.Time
		if err := row.Scan(&event, &feed, &external, &via, &origin, &at, &r.Digest, &text, &r.Batch); err != nil {
			return err
		}
		if err := json.Unmarshal([]byte(text), r.Fact); err != nil {
			return fmt.Errorf("fact of %s: %w", event, err)
		}
		f := r.Fact
		f.ID, f.Feed, f.ExternalID, f.Via, f.Origin, f.RecordedAt = event, feed, external, via, origin, at
		return each(r)
	}, int64(shop), behind[:])
}

// CountFacts tells how many facts a shop has recorded.
func (s *Store) CountFacts(ctx context.Context, shop loyalty.ShopID) (int, error) {
	n := 0
	err := s.Read(ctx, qCountEvents, func(r Scanner) error { return r.Scan(&n) }, int64(shop))
	return n, err
}

// CopyShops writes the shops of another database, with their programs, versions and batches of vouchers, under
// the numbers and ids that they have there. Keys, persons, settings and pages stay behind: a
// replay needs none of them.
func (s *Store) CopyShops(ctx context.Context, from *Store) ([]*loyalty.Shop, error) {
	shops, err := from.Shops(ctx)
	if err != nil {
		return nil, err
	}
	return shops, s.Write(ctx, func(t *Tx) error {
		for _, shop := range shops {
			names, err := unitNames(shop.PointNames)
			if err != nil {
				return err
			}
			t.Rows(qPutShop, 1, int64(shop.ID), shop.Slug, shop.Name, shop.Currency, shop.Zone.String(), int64(shop.LiveShop),
				int64(shop.ClockAt), shop.BookRev, strings.Join(shop.Listens, " "), int64(t.Now), int64(shop.PointDecimals), names)
			if err := t.copyPrograms(ctx, from, shop.ID); err != nil {
				return err
			}
			if err := t.copyPools(ctx, from, shop.ID); err != nil {
				return err
			}
			if err := t.copyVouchers(ctx, from, shop.ID); err != nil {
				return err
			}
		}
		return t.Flush(ctx)
	})
}

func (t *Tx) copyPrograms(ctx context.Context, from *Store, shop loyalty.ShopID) error {
	err := from.Read(ctx, qPrograms, func(r Scanner) error {
		var p id.Program
		var name string
		if err := r.Scan(&p, &name); err != nil {
			return err
		}
		t.Rows(qPutProgram, 1, int64(shop), p.Bytes(), name)
		return nil
	}, int64(shop))
	if err != nil {
		return err
	}
	err = from.Read(ctx, qPauses, func(r Scanner) error {
		var p id.Program
		var starts, ends, announced int64
		if err := r.Scan(&p, &starts, &ends, &announced); err != nil {
			return err
		}
		t.Rows(qPutPause, 1, int64(shop), p.Bytes(), starts, ends, announced)
		return nil
	}, int64(shop))
	if err != nil {
		return err
	}
	return from.Read(ctx, qVersions, func(r Scanner) error {
		var p id.Program
		var n int64
		var starts, ends, published, withdrawn moment.Time
		var document string
		if err := r.Scan(&p, &n, &starts, &ends, &published, &document, &withdrawn); err != nil {
			return err
		}
		t.Rows(qPutVersion, 1, int64(shop), p.Bytes(), n, int64(starts), int64(ends), int64(published), document, int64(withdrawn))
		return nil
	}, int64(shop))
}
