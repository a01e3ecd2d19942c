package store

import (
	"context"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
)

const trialColumns = `x.code, x.begun_at, x.ends_at, x.visitor, x.host, x.ref, x.landed_at, x.cart_at, x.ordered_at`

var (
	qPutFeedNote = New("feed_notes.put", `
		INSERT INTO feed_notes (shop_id, kind, code, field, operation, about, times, first_at, last_at)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $8)
		ON CONFLICT (shop_id, kind, code, field, operation, about)
		DO UPDATE SET times = feed_notes.times + excluded.times, last_at = excluded.last_at WHERE feed_notes.shop_id = $1`)
	qTrimFeedNotes = New("feed_notes.trim", `
		DELETE FROM feed_notes WHERE shop_id = $1 AND kind = $2 AND last_at <= (
			SELECT x.last_at FROM feed_notes x WHERE x.shop_id = $1 AND x.kind = $2 ORDER BY x.last_at DESC LIMIT 1 OFFSET $3)`)
	qFeedNotes = New("feed_notes.kind", `
		SELECT x.kind, x.code, x.field, x.operation, x.about, x.times, x.first_at, x.last_at FROM feed_notes x
		WHERE x.shop_id = $1 AND x.kind {{in kind:text}} AND x.last_at >= $2 ORDER BY x.last_at DESC LIMIT $3`)
	qSweepFeedNotes = New("feed_notes.sweep", `DELETE FROM feed_notes WHERE shop_id = $1 AND last_at < $2`)

	qPutFeedTrial = New("feed_trials.put", `
		INSERT INTO feed_trials (shop_id, code, begun_at, ends_at, visitor, host, ref, landed_at, cart_at, ordered_at)
		VALUES ($1, $2, $3, $4, '', '', '', 0, 0, 0)`)
	qDropFeedTrials = New("feed_trials.drop", `DELETE FROM feed_trials WHERE shop_id = $1`)
	qFeedTrial      = New("feed_trials.one", `SELECT `+trialColumns+` FROM feed_trials x WHERE x.shop_id = $1 ORDER BY x.begun_at DESC LIMIT 1`)
	qGoFeedTrial    = New("feed_trials.go", `
		UPDATE feed_trials SET visitor = $3, host = $4, ref = $5, landed_at = $6, cart_at = $7, ordered_at = $8 WHERE shop_id = $1 AND code = $2`)
	qSweepFeedTrials = New("feed_trials.sweep", `DELETE FROM feed_trials WHERE shop_id = $1 AND ends_at < $2`)

	qCountKinds = New("events.count.kinds", `
		SELECT e.kind, COUNT(*) FROM events e WHERE e.shop_id = $1 AND e.kind {{in kind:text}} AND e.id >= $2 GROUP BY e.kind`)
	qSeenSince = New("sightings.since", `
		SELECT `+sightingColumns+` FROM sightings g WHERE g.shop_id = $1 AND g.seen_at >= $2 ORDER BY g.seen_at DESC LIMIT $3`)
	qOrdersKnown = New("orders.known", `SELECT o.ref FROM orders o WHERE o.shop_id = $1 AND o.ref {{in ref:text}}`)
	qReachable   = New("member_keys.email", `
		SELECT k.member_id FROM member_keys k WHERE k.shop_id = $1 AND k.kind = 'email' AND k.member_id {{in member:bytea}}`)
)

// FeedNote is one kind of thing that a shop's pages or its server told, and how often. It names
// nobody.
type FeedNote struct {
	Kind, Code, Field, Operation, About string

	Times         int64
	First, LastAt moment.Time
}

// NoteFeed counts what was told of a shop; of each kind only the last so many stay.
func (t *Tx) NoteFeed(ctx context.Context, shop loyalty.ShopID, n *FeedNote, most int64) error {
	t.Rows(qPutFeedNote, 1, int64(shop), n.Kind, n.Code, n.Field, n.Operation, n.About, n.Times, int64(n.LastAt))
	t.Rows(qTrimFeedNotes, 1, int64(shop), n.Kind, most)
	return t.Flush(ctx)
}

// FeedNotes lists what was told of some kinds since a time, each kind with its latest ones.
func (s *Store) FeedNotes(ctx context.Context, shop loyalty.ShopID, kinds []string, since moment.Time, limit int) (out []*FeedNote, err error) {
	err = s.ReadRows(ctx, qFeedNotes, len(kinds), func(r Scanner) error {
		n := &FeedNote{}
		out = append(out, n)
		return r.Scan(&n.Kind, &n.Code, &n.Field, &n.Operation, &n.About, &n.Times, &n.First, &n.LastAt)
	}, int64(shop), int64(since), int64(limit), kinds)
	return out, err
}

// FeedTrial is somebody of the shop on the way of a friend; times are zero while they have not
// come.
type FeedTrial struct {
	Code               string
	BegunAt, EndsAt    moment.Time
	Visitor, Host, Ref string

	LandedAt, CartAt, OrderedAt moment.Time
}

// BeginFeedTrial lets a trial take the place of the one before.
func (t *Tx) BeginFeedTrial(ctx context.Context, shop loyalty.ShopID, x *FeedTrial) error {
	t.Rows(qDropFeedTrials, 1, int64(shop))
	t.Rows(qPutFeedTrial, 1, int64(shop), x.Code, int64(x.BegunAt), int64(x.EndsAt))
	return t.Flush(ctx)
}

// FeedTrial is the trial of a shop; nil when there is none.
func (s *Store) FeedTrial(ctx context.Context, shop loyalty.ShopID) (out *FeedTrial, err error) {
	err = s.Read(ctx, qFeedTrial, func(r Scanner) error {
		out = &FeedTrial{}
		return r.Scan(&out.Code, &out.BegunAt, &out.EndsAt, &out.Visitor, &out.Host, &out.Ref, &out.LandedAt, &out.CartAt, &out.OrderedAt)
	}, int64(shop))
	return out, err
}

// GoFeedTrial stores how far a trial has come.
func (t *Tx) GoFeedTrial(ctx context.Context, shop loyalty.ShopID, x *FeedTrial) error {
	return t.Exec(ctx, qGoFeedTrial, int64(shop), x.Code, x.Visitor, x.Host, x.Ref, int64(x.LandedAt), int64(x.CartAt), int64(x.OrderedAt))
}

// SweepFeed forgets what was told of a shop before a time, and trials that had ended by then.
func (s *Store) SweepFeed(ctx context.Context, shop loyalty.ShopID, before moment.Time) error {
	return s.Write(ctx, func(t *Tx) error {
		t.Rows(qSweepFeedNotes, 1, int64(shop), int64(before))
		t.Rows(qSweepFeedTrials, 1, int64(shop), int64(before))
		return t.Flush(ctx)
	})
}

// CountKinds counts the facts of some kinds from an id on.
func (s *Store) CountKinds(ctx context.Context, shop loyalty.ShopID, kinds []string, since id.Event) (map[string]int64, error) {
	out := map[string]int64{}
	err := s.ReadRows(ctx, qCountKinds, len(kinds), func(r Scanner) error {
		var kind string
		var n int64
		err := r.Scan(&kind, &n)
		out[kind] = n
		return err
	}, int64(shop), since.Bytes(), kinds)
	return out, err
}

// SightingsSince lists what browsers told since a time, the latest first.
func (s *Store) SightingsSince(ctx context.Context, shop loyalty.ShopID, since moment.Time, limit int) (out []*loyalty.Sighting, err error) {
	err = s.Read(ctx, qSeenSince, func(r Scanner) error {
		x, err := scanSighting(r)
		out = append(out, x)
		return err
	}, int64(shop), int64(since), int64(limit))
	return out, err
}

// OrdersKnown tells which of some numbers are those of orders that a server told.
func (s *Store) OrdersKnown(ctx context.Context, shop loyalty.ShopID, refs []string) (map[string]bool, error) {
	out := map[string]bool{}
	err := s.ReadRows(ctx, qOrdersKnown, len(refs), func(r Scanner) error {
		var ref string
		err := r.Scan(&ref)
		out[ref] = true
		return err
	}, int64(shop), refs)
	return out, err
}

// Reachable tells which of some members are known by an e-mail address.
func (s *Store) Reachable(ctx context.Context, shop loyalty.ShopID, members []id.Member) (map[id.Member]bool, error) {
	out := map[id.Member]bool{}
	err := s.ReadRows(ctx, qReachable, len(members), func(r Scanner) error {
		var m id.Member
		err := r.Scan(&m)
		out[m] = true
		return err
	}, int64(shop), allBytes(members))
	return out, err
}
