package store

import (
	"context"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
)

// The facts of a shop's past that a program can be tried over: what people did. What they
// or the staff did with the value of other programs is not among them, nor who sent whom.
const triedKinds = `('member_joined', 'member_updated', 'portal_activated', 'newsletter_joined', 'staff_group', 'staff_tag', 'staff_block',
	'cart_updated', 'order_placed', 'order_paid', 'order_fulfilled', 'order_cancelled', 'refunded', 'scenario_step', 'custom_event')`

const (
	historyColumns = `e.id, e.feed, e.external_id, e.origin, e.kind, e.member_id, e.occurred_at, e.fact`
	historyRows    = `events e WHERE e.shop_id = $1 AND e.origin IN ('import', $2, $3) AND e.occurred_at < $4 AND e.kind IN ` + triedKinds
)

var (
	qHistorySize = New("history.size", `
		SELECT COUNT(*), COALESCE(MIN(e.occurred_at), 0), COALESCE(MAX(e.occurred_at), 0) FROM `+historyRows)
	qHistoryByMember = New("history.members", `SELECT `+historyColumns+` FROM `+historyRows+` ORDER BY e.member_id`)
	qHistoryByTime   = New("history.times", `SELECT `+historyColumns+` FROM `+historyRows+` ORDER BY e.occurred_at`)
	// Facts of nobody about an order that has found its owner since are the owner's.
	qHistoryFound = New("history.found", `
		SELECT e.id, o.member_id FROM events e JOIN orders o ON o.shop_id = $1 AND o.id = e.order_id
		WHERE e.shop_id = $1 AND e.member_id IS NULL AND o.member_id IS NOT NULL`)
	qHistoryLeft = New("history.left", `
		SELECT e.kind, COUNT(*) FROM events e
		WHERE e.shop_id = $1 AND e.origin IN ('import', $2, $3) AND e.occurred_at < $4 AND e.kind NOT IN `+triedKinds+`
		GROUP BY e.kind ORDER BY e.kind`)
)

// History says which facts of a shop's past are meant: what was imported and, with Live,
// what the shop recorded since, both before Until.
type History struct {
	Shop  loyalty.ShopID
	Live  bool
	Until moment.Time // exclusive
}

func (h History) args() []any {
	live, staff := loyalty.FromImport, loyalty.FromImport
	if h.Live {
		live, staff = loyalty.FromLive, loyalty.FromStaff
	}
	return []any{int64(h.Shop), live, staff, int64(h.Until)}
}

// Told is one fact of a history. Text is its canonical form.
type Told struct {
	ID         id.Event
	Feed       string
	ExternalID string
	Origin     string
	Kind       string
	Member     id.Member // zero: nobody
	OccurredAt moment.Time
	Text       []byte
}

// Extent is how many facts a history has, and when the first and the last happened.
func (v *View) Extent(ctx context.Context, h History) (n int64, first, last moment.Time, err error) {
	err = v.Read(ctx, qHistorySize, func(r Scanner) error { return r.Scan(&n, &first, &last) }, h.args()...)
	return n, first, last, err
}

// LeftOut counts the facts of a past that no program is tried over, by kind.
func (v *View) LeftOut(ctx context.Context, h History) (map[string]int64, error) {
	out := map[string]int64{}
	err := v.Read(ctx, qHistoryLeft, func(r Scanner) error {
		var kind string
		var n int64
		err := r.Scan(&kind, &n)
		out[kind] = n
		return err
	}, h.args()...)
	return out, err
}

// Owners tells whose facts those are that were recorded of nobody: an order was reported
// before it was known who had bought.
func (v *View) Owners(ctx context.Context, shop loyalty.ShopID) (map[id.Event]id.Member, error) {
	out := map[id.Event]id.Member{}
	err := v.Read(ctx, qHistoryFound, func(r Scanner) error {
		var e id.Event
		var m id.Member
		err := r.Scan(&e, &m)
		out[e] = m
		return err
	}, int64(shop))
	return out, err
}

// ByMember reads a history member by member: all facts of one stand together, in no
// particular order; those of nobody stand together too.
func (v *View) ByMember(ctx context.Context, h History, each func(Told) error) error {
	return v.tell(ctx, qHistoryByMember, h, each)
}

// ByTime reads a history in the order of time; facts of one instant come in no particular
// order.
func (v *View) ByTime(ctx context.Context, h History, each func(Told) error) error {
	return v.tell(ctx, qHistoryByTime, h, each)
}

func (v *View) tell(ctx context.Context, q *Q, h History, each func(Told) error) error {
	return v.look(ctx, q, func(c cells) error {
		t := Told{
			Feed: c.text(1), ExternalID: string(c.bytes(2)), Origin: c.text(3), Kind: c.text(4),
			OccurredAt: moment.Time(c.int(6)), Text: c.kept(7),
		}
		copy(t.ID[:], c.bytes(0))
		copy(t.Member[:], c.bytes(5))
		return each(t)
	}, h.args()...)
}
