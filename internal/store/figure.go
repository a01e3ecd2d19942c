package store

import (
	"context"

	"cagnotte/internal/id"
	"cagnotte/internal/ledger"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
)

// The figures of a dashboard. A friend is who has a bond that was not refused; his orders
// count from the first touch on. An order counts with what is left of it after returns, at the
// time when it was paid; one that went back whole, or was cancelled, is none.
const (
	friendOf   = `f.shop_id = $1 AND f.bond AND f.state <> 'refused'`
	friendsBuy = `o.shop_id = $1 AND o.member_id = f.friend_id AND +o.paid_at >= f.touched_at AND o.net > 0`
)

// The statements begin with what is bounded: SQLite takes the tables of a CROSS JOIN in the
// order in which they are written. A column with a plus before it is only compared, never looked
// up.
var (
	qSales = New("figures.sales", `
		SELECT CAST(COALESCE(SUM(o.net), 0) AS BIGINT) FROM orders o WHERE o.shop_id = $1 AND o.paid_at >= $2 AND o.paid_at < $3`)
	qFriendOrders = New("figures.friend_orders", `
		SELECT o.paid_at, o.net, f.friend_id, f.referrer_id FROM orders o CROSS JOIN referrals f
		WHERE `+friendOf+` AND `+friendsBuy+` AND o.paid_at >= $2 AND o.paid_at < $3`)
	// The same where a period is so long that there are fewer friends than orders in it.
	qFriendsBought = New("figures.friends_bought", `
		SELECT o.paid_at, o.net, f.friend_id, f.referrer_id FROM referrals f CROSS JOIN orders o
		WHERE `+friendOf+` AND f.joined_at < $3 AND `+friendsBuy+` AND +o.paid_at >= $2 AND +o.paid_at < $3`)
	qFriendsJoined = New("figures.joined", `
		SELECT COUNT(*), COUNT(*) FILTER (WHERE EXISTS (SELECT 1 FROM orders o WHERE `+friendsBuy+` AND o.paid_at < $4))
		FROM referrals f WHERE `+friendOf+` AND f.joined_at >= $2 AND f.joined_at < $3`)
	qTouches = New("figures.touches", `
		SELECT `+steps("$4")+`
		FROM referrals f WHERE f.shop_id = $1 AND f.touched_at >= $2 AND f.touched_at < $3 AND f.state <> 'cancelled'`)
	qReturning = New("figures.returning", `
		SELECT f.friend_id, f.joined_at, COALESCE(o.paid_at, 0) FROM referrals f LEFT JOIN orders o ON `+friendsBuy+` AND o.paid_at < $3
		WHERE `+friendOf+` AND f.joined_at >= $2 AND f.joined_at < $3`)
	qGivenForFriends = New("figures.given", `
		SELECT w.program_id, w.version, w.rule, w.part, w.unit, CAST(SUM(w.amount - w.taken) AS BIGINT)
		FROM referrals f CROSS JOIN rewards w
		WHERE `+friendOf+` AND f.joined_at >= $2 AND f.joined_at < $3
		  AND w.shop_id = $1 AND w.from_member = f.friend_id AND w.part <> 'member' AND w.state <> 'void' AND w.amount > w.taken
		GROUP BY w.program_id, w.version, w.rule, w.part, w.unit`)
	qOwed = New("figures.owed", `
		SELECT a.unit, CAST(SUM(a.balance + a.debt) AS BIGINT) FROM accounts a WHERE a.shop_id = $1 GROUP BY a.unit`)
	qOwedLater = New("figures.pending", `
		SELECT l.unit, CAST(SUM(l.remaining) AS BIGINT) FROM lots l WHERE l.shop_id = $1 AND l.opens_at > $2 AND l.remaining > 0 GROUP BY l.unit
		UNION ALL
		SELECT l.unit, CAST(SUM(l.remaining) AS BIGINT) FROM lots l WHERE l.shop_id = $1 AND l.opens_at IS NULL AND l.remaining > 0 GROUP BY l.unit`)
	qMoved = New("figures.moved", `
		SELECT p.unit, CAST(SUM(p.amount) AS BIGINT) FROM postings p
		WHERE p.shop_id = $1 AND p.effective_at >= $2 AND p.effective_at < $3 AND p.lot_id IS NOT NULL GROUP BY p.unit`)
	qLatest = New("figures.latest", `
		SELECT `+eventColumns+` FROM events e WHERE e.shop_id = $1 AND e.id < $2 ORDER BY e.id DESC LIMIT $3`)
	qLastSighting = New("figures.seen", `
		SELECT g.seen_at FROM sightings g WHERE g.shop_id = $1 AND g.seen_at > 0 ORDER BY g.seen_at DESC LIMIT 1`)
	qFirstOrders = New("figures.orders.first", `
		SELECT o.paid_at, o.imported FROM orders o WHERE o.shop_id = $1 AND o.paid_at > 0 ORDER BY o.paid_at LIMIT $2`)
	qLastOrders = New("figures.orders.last", `
		SELECT o.paid_at, o.imported FROM orders o WHERE o.shop_id = $1 AND o.paid_at > 0 ORDER BY o.paid_at DESC LIMIT $2`)
)

// steps counts referrals by how far they came as of an instant: in this order, the fields of
// Touches. It is the one definition of a funnel. A touch by an invitation that nobody followed has
// no later touch than its first.
func steps(asof string) string {
	return `COUNT(*), COUNT(*) FILTER (WHERE f.origin <> 'email' OR f.last_at > f.touched_at OR f.joined_at > 0 AND f.joined_at < ` + asof + `),
		  COUNT(*) FILTER (WHERE f.bond AND f.state <> 'refused' AND f.joined_at > 0 AND f.joined_at < ` + asof + `),
		  COUNT(*) FILTER (WHERE f.bond AND f.state <> 'refused' AND EXISTS (SELECT 1 FROM orders o WHERE ` + friendsBuy + ` AND o.paid_at < ` + asof + `)),
		  COUNT(*) FILTER (WHERE f.bond AND f.state = 'rewarded')`
}

// places are where a row of steps is read to.
func (t *Touches) places() []any {
	return []any{&t.Touched, &t.Opened, &t.Joined, &t.Ordered, &t.Rewarded}
}

// Add adds what another count found.
func (t *Touches) Add(x Touches) {
	t.Touched += x.Touched
	t.Opened += x.Opened
	t.Joined += x.Joined
	t.Ordered += x.Ordered
	t.Rewarded += x.Rewarded
}

// Stretch is a stretch of time that is counted for itself, from Since to before Until. What came
// of those who are counted in it is looked at as of AsOf.
type Stretch struct{ Since, Until, AsOf moment.Time }

// each counts one span after the other. One statement for all of them would be grouped by span, for which SQLite
// sorts every row that is counted: that took as long as reading them, or longer.
func (s *Store) each(ctx context.Context, q *Q, shop loyalty.ShopID, list []Stretch, asof bool, scan func(int, Scanner) error) error {
	for i, x := range list {
		args := []any{int64(shop), int64(x.Since), int64(x.Until)}
		if asof {
			args = append(args, int64(x.AsOf))
		}
		if err := s.Read(ctx, q, func(r Scanner) error { return scan(i, r) }, args...); err != nil {
			return err
		}
	}
	return nil
}

// Sales is what a shop sold in each of some spans, minor units, less what came back.
func (s *Store) Sales(ctx context.Context, shop loyalty.ShopID, list []Stretch) ([]int64, error) {
	out := make([]int64, len(list))
	err := s.each(ctx, qSales, shop, list, false, func(i int, r Scanner) error { return r.Scan(&out[i]) })
	return out, err
}

// FriendOrder is a paid order of a friend, of which something is left.
type FriendOrder struct {
	PaidAt   moment.Time
	Net      int64
	Friend   id.Member
	Referrer id.Member
}

// FriendOrders gives every order of friends that was paid in a stretch of time, in no
// particular order. Long says that there are probably more orders in it than friends.
func (s *Store) FriendOrders(ctx context.Context, shop loyalty.ShopID, since, until moment.Time, long bool, each func(FriendOrder)) error {
	q := qFriendOrders
	if long {
		q = qFriendsBought
	}
	return s.Read(ctx, q, func(r Scanner) error {
		var o FriendOrder
		err := r.Scan(&o.PaidAt, &o.Net, &o.Friend, &o.Referrer)
		each(o)
		return err
	}, int64(shop), int64(since), int64(until))
}

// FriendsJoined counts the friends who were tied to a referrer in each of some spans, and how
// many of those have ordered.
func (s *Store) FriendsJoined(ctx context.Context, shop loyalty.ShopID, list []Stretch) (joined, ordered []int64, err error) {
	joined, ordered = make([]int64, len(list)), make([]int64, len(list))
	err = s.each(ctx, qFriendsJoined, shop, list, true, func(i int, r Scanner) error { return r.Scan(&joined[i], &ordered[i]) })
	return joined, ordered, err
}

// Touches counts referrals by how far they came: each number contains the later ones, except
// that a reward may be for joining alone.
type Touches struct{ Touched, Opened, Joined, Ordered, Rewarded int64 }

// Touches counts the referrals that began in each of some spans.
func (s *Store) Touches(ctx context.Context, shop loyalty.ShopID, list []Stretch) ([]Touches, error) {
	out := make([]Touches, len(list))
	err := s.each(ctx, qTouches, shop, list, true, func(i int, r Scanner) error { return r.Scan(out[i].places()...) })
	return out, err
}

// Returning gives the friends who were tied to a referrer in a stretch of time, each once for
// every order until its end, and once with zero where there is none.
func (s *Store) Returning(ctx context.Context, shop loyalty.ShopID, since, until moment.Time, each func(friend id.Member, joined, paid moment.Time)) error {
	return s.Read(ctx, qReturning, func(r Scanner) error {
		var friend id.Member
		var joined, paid moment.Time
		err := r.Scan(&friend, &joined, &paid)
		each(friend, joined, paid)
		return err
	}, int64(shop), int64(since), int64(until))
}

// RuleGave is what one rule gave in one unit, less what was taken back; without a unit vouchers
// or gifts.
type RuleGave struct {
	Program id.Program
	Version int
	Rule    string
	Part    loyalty.Part
	Unit    ledger.Unit
	Amount  int64
}

// GivenForFriends sums what was given, to friend and referrer, for the friends who were tied
// in a stretch of time.
func (s *Store) GivenForFriends(ctx context.Context, shop loyalty.ShopID, since, until moment.Time) ([]RuleGave, error) {
	var out []RuleGave
	err := s.Read(ctx, qGivenForFriends, func(r Scanner) error {
		var g RuleGave
		err := r.Scan(&g.Program, &g.Version, &g.Rule, &g.Part, &g.Unit, &g.Amount)
		out = append(out, g)
		return err
	}, int64(shop), int64(since), int64(until))
	return out, err
}

// Owed is what members have, by unit: everything that is left of what they were given, and
// how much of it is not open yet at an instant.
func (s *Store) Owed(ctx context.Context, shop loyalty.ShopID, now moment.Time) (all, later map[ledger.Unit]int64, err error) {
	all, later = map[ledger.Unit]int64{}, map[ledger.Unit]int64{}
	sum := func(into map[ledger.Unit]int64) func(Scanner) error {
		return func(r Scanner) error {
			var u ledger.Unit
			var n int64
			err := r.Scan(&u, &n)
			into[u] += n
			return err
		}
	}
	if err = s.Read(ctx, qOwed, sum(all), int64(shop)); err == nil {
		err = s.Read(ctx, qOwedLater, sum(later), int64(shop), int64(now))
	}
	return all, later, err
}

// Moved is by how much what members have changed in each of some spans, by unit.
func (s *Store) Moved(ctx context.Context, shop loyalty.ShopID, list []Stretch) ([]map[ledger.Unit]int64, error) {
	out := make([]map[ledger.Unit]int64, len(list))
	for i := range out {
		out[i] = map[ledger.Unit]int64{}
	}
	err := s.each(ctx, qMoved, shop, list, false, func(i int, r Scanner) error {
		var u ledger.Unit
		var n int64
		err := r.Scan(&u, &n)
		out[i][u] = n
		return err
	})
	return out, err
}

// Latest gives the facts that were recorded last, the newest first.
func (s *Store) Latest(ctx context.Context, shop loyalty.ShopID, limit int) ([]*Event, error) {
	var out []*Event
	err := s.Read(ctx, qLatest, func(r Scanner) error {
		e, err := scanEvent(r)
		out = append(out, e)
		return err
	}, int64(shop), newest(id.Event{}), int64(limit))
	return out, err
}

// LastSighting is when a browser last told anything; zero: never, as far as it is kept.
func (s *Store) LastSighting(ctx context.Context, shop loyalty.ShopID) (at moment.Time, err error) {
	err = s.Read(ctx, qLastSighting, func(r Scanner) error { return r.Scan(&at) }, int64(shop))
	return at, err
}

// edge is how many orders at each end of a shop's past are looked at for where they came from.
const edge = 100

// Flow tells where a shop's orders come from: whether its oldest were imported, and when the
// newest that was reported was paid (zero: none). Only the ends of its past are looked at.
func (s *Store) Flow(ctx context.Context, shop loyalty.ShopID) (any, imported bool, reported moment.Time, err error) {
	err = s.Read(ctx, qFirstOrders, func(r Scanner) error {
		var at moment.Time
		var past bool
		err := r.Scan(&at, &past)
		any, imported = true, imported || past
		return err
	}, int64(shop), int64(edge))
	if err != nil {
		return any, imported, reported, err
	}
	err = s.Read(ctx, qLastOrders, func(r Scanner) error {
		var at moment.Time
		var past bool
		err := r.Scan(&at, &past)
		if !past {
			reported = max(reported, at)
		}
		return err
	}, int64(shop), int64(edge))
	return any, imported, reported, err
}
