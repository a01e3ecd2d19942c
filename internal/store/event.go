package store

import (
	"context"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
)

const eventColumns = `e.id, e.feed, e.external_id, e.via, e.origin, e.recorded_at, e.fold_at, e.member_id, e.order_id, e.fact`

var (
	qEvent       = New("events.one", `SELECT `+eventColumns+` FROM events e WHERE e.shop_id = $1 AND e.id = $2`)
	qEventByName = New("events.name", `SELECT `+eventColumns+` FROM events e WHERE e.shop_id = $1 AND e.feed = $2 AND e.external_id = $3`)
	qEventsNamed = New("events.names", `SELECT e.external_id FROM events e WHERE e.shop_id = $1 AND e.feed = $2 AND e.external_id {{in ext:text}}`)
)

// Event is a recorded fact and the order that it is about.
type Event struct {
	*loyalty.Fact
	Order id.Order
}

// Event finds a recorded fact by its id; loyalty.ErrNotFound when there is none.
func (s *Store) Event(ctx context.Context, shop loyalty.ShopID, e id.Event) (*Event, error) {
	return s.event(ctx, qEvent, int64(shop), e.Bytes())
}

// EventByName finds a recorded fact by its permanent identity; loyalty.ErrNotFound when
// there is none.
func (s *Store) EventByName(ctx context.Context, shop loyalty.ShopID, feed, external string) (*Event, error) {
	return s.event(ctx, qEventByName, int64(shop), feed, external)
}

// EventsNamed tells which of some identities of a feed are recorded.
func (s *Store) EventsNamed(ctx context.Context, shop loyalty.ShopID, feed string, externals []string) (map[string]bool, error) {
	out := map[string]bool{}
	err := s.ReadRows(ctx, qEventsNamed, len(externals), func(r Scanner) error {
		var ext string
		err := r.Scan(&ext)
		out[ext] = true
		return err
	}, int64(shop), feed, externals)
	return out, err
}

func (s *Store) event(ctx context.Context, q *Q, args ...any) (*Event, error) {
	var found *Event
	err := s.Read(ctx, q, func(r Scanner) error {
		e, err := scanEvent(r)
		found = e
		return err
	}, args...)
	if err == nil && found == nil {
		err = loyalty.NotFound("event", "event_unknown")
	}
	return found, err
}
