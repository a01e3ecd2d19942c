package store

import (
	"context"

	"cagnotte/internal/id"
	"cagnotte/internal/ledger"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
)

var (
	qBalances = New("accounts.balances", `
		SELECT a.member_id, a.unit, a.balance, COALESCE(l.usable, 0) - a.held, COALESCE(l.shut, 0), a.held, a.debt, a.earned
		FROM accounts a
		LEFT JOIN (
		  SELECT l.member_id, l.unit,
		    CAST(SUM(l.remaining) FILTER (WHERE l.opens_at <= $2 AND (l.expires_at IS NULL OR l.expires_at > $2)) AS BIGINT) AS usable,
		    CAST(SUM(l.remaining) FILTER (WHERE l.opens_at IS NULL OR l.opens_at > $2) AS BIGINT) AS shut
		  FROM lots l WHERE l.shop_id = $1 AND l.remaining > 0 GROUP BY l.member_id, l.unit
		) AS l ON l.member_id = a.member_id AND l.unit = a.unit
		WHERE a.shop_id = $1 ORDER BY a.member_id, a.unit`)
	qLastRecorded = New("batches.last", `SELECT COALESCE(MAX(b.recorded_at), 0) FROM batches b WHERE b.shop_id = $1`)
)

// Balance is what one member has of one unit at an instant.
type Balance struct {
	Member    id.Member
	Unit      ledger.Unit
	Balance   int64
	Available int64 // in lots that are open then, less what is held
	Pending   int64 // in lots that open later, by time or by a decision
	Held      int64
	Debt      int64
	Earned    int64
}

// Balances reads every account of a shop, sorted by member and unit. What is available and
// pending follows from the lots and their dates at that instant.
func (s *Store) Balances(ctx context.Context, shop loyalty.ShopID, at moment.Time, each func(Balance) error) error {
	return balances(ctx, s.Read, shop, at, each)
}

// Balances is the same, as it was at the view's instant.
func (v *View) Balances(ctx context.Context, shop loyalty.ShopID, at moment.Time, each func(Balance) error) error {
	return balances(ctx, v.Read, shop, at, each)
}

// Balances is the same, with what the transaction wrote.
func (t *Tx) Balances(ctx context.Context, shop loyalty.ShopID, at moment.Time, each func(Balance) error) error {
	return balances(ctx, t.read, shop, at, each)
}

func balances(ctx context.Context, read reader, shop loyalty.ShopID, at moment.Time, each func(Balance) error) error {
	return read(ctx, qBalances, func(r Scanner) error {
		var b Balance
		err := r.Scan(&b.Member, &b.Unit, &b.Balance, &b.Available, &b.Pending, &b.Held, &b.Debt, &b.Earned)
		if err != nil {
			return err
		}
		return each(b)
	}, int64(shop), int64(at))
}

// LastRecorded is the greatest time at which anything was recorded for a shop; zero when
// nothing was.
func (s *Store) LastRecorded(ctx context.Context, shop loyalty.ShopID) (moment.Time, error) {
	return lastRecorded(ctx, s.Read, shop)
}

// LastRecorded is the same, as it was at the view's instant.
func (v *View) LastRecorded(ctx context.Context, shop loyalty.ShopID) (moment.Time, error) {
	return lastRecorded(ctx, v.Read, shop)
}

func lastRecorded(ctx context.Context, read reader, shop loyalty.ShopID) (moment.Time, error) {
	var t moment.Time
	err := read(ctx, qLastRecorded, func(r Scanner) error { return r.Scan(&t) }, int64(shop))
	return t, err
}
