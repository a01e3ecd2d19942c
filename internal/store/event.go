package store

import (
	"context"
	"math"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
)

const eventColumns = `e.id, e.feed, e.external_id, e.via, e.origin, e.recorded_at, e.fold_at, e.member_id, e.order_id, e.fact`

var (
	qEvent       = New("events.one", `SELECT `+eventColumns+` FROM events e WHERE e.shop_id = $1 AND e.id = $2`)
	qEventByName = New("events.name", `SELECT `+eventColumns+` FROM events e WHERE e.shop_id = $1 AND e.feed = $2 AND e.external_id = $3`)
	qEventsOf    = New("events.of", `
		SELECT `+eventColumns+` FROM events e
		WHERE e.shop_id = $1 AND e.member_id = $2 AND (e.fold_at, e.id) < ($3, $4) ORDER BY e.fold_at DESC, e.id DESC LIMIT $5`)
	qEventsOfKinds = New("events.of_kinds", `
		SELECT `+eventColumns+` FROM events e WHERE e.shop_id = $1 AND e.member_id = $2 AND e.kind {{in kind:text}}`)
	qEventsOfOrders = New("events.of_orders", `
		SELECT `+eventColumns+` FROM events e WHERE e.shop_id = $1 AND e.member_id = $2 AND e.order_id {{in ord:bytea}}`)
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

// EventsOf is a page of a member's facts, the last that happened first, before one of them
// (nil: from the last).
func (s *Store) EventsOf(ctx context.Context, shop loyalty.ShopID, m id.Member, before *Event, limit int) ([]*Event, error) {
	at, which := int64(math.MaxInt64), newest(id.Event{})
	if before != nil {
		at, which = int64(before.FoldAt), before.ID.Bytes()
	}
	return s.events(ctx, qEventsOf, 1, int64(shop), m.Bytes(), at, which, int64(limit))
}

// EventsOfKinds lists a member's facts of some kinds, in any order.
func (s *Store) EventsOfKinds(ctx context.Context, shop loyalty.ShopID, m id.Member, kinds ...string) ([]*Event, error) {
	return s.events(ctx, qEventsOfKinds, len(kinds), int64(shop), m.Bytes(), kinds)
}

// EventsOfOrders lists a member's facts about some orders, in any order.
func (s *Store) EventsOfOrders(ctx context.Context, shop loyalty.ShopID, m id.Member, orders []id.Order) ([]*Event, error) {
	list := make([][]byte, len(orders))
	for i, o := range orders {
		list[i] = o.Bytes()
	}
	return s.events(ctx, qEventsOfOrders, len(list), int64(shop), m.Bytes(), list)
}

func (s *Store) events(ctx context.Context, q *Q, n int, args ...any) (out []*Event, err error) {
	err = s.ReadRows(ctx, q, n, func(r Scanner) error {
		e, err := scanEvent(r)
		out = append(out, e)
		return err
	}, args...)
	return out, err
}

func (s *Store) event(ctx context.Context, q *Q, args ...any) (*Event, error) {
	var found *Event
	err := s.Read(ctx, q, func(r Scanner) (err error) {
		found, err = scanEvent(r)
		return err
	}, args...)
	if err == nil && found == nil {
		err = loyalty.NotFound("event", "event_unknown")
	}
	return found, err
}
