package store

import (
	"context"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
)

const referralColumns = `f.id, f.referrer_id, f.friend_id, f.origin, f.state, f.reason, f.bond, f.touched_at, f.last_at, f.joined_at,
		  f.order_name, f.score`

var (
	qReferral  = New("referrals.one", `SELECT `+referralColumns+` FROM referrals f WHERE f.shop_id = $1 AND f.id = $2`)
	qReferrals = New("referrals.page", `
		SELECT `+referralColumns+` FROM referrals f WHERE f.shop_id = $1 AND f.id > $2 ORDER BY f.id LIMIT $3`)
	qReferralsInState = New("referrals.state", `
		SELECT `+referralColumns+` FROM referrals f WHERE f.shop_id = $1 AND f.state = $2 AND f.id > $3 ORDER BY f.id LIMIT $4`)
	qReferralsFrom = New("referrals.from", `
		SELECT `+referralColumns+` FROM referrals f WHERE f.shop_id = $1 AND f.friend_id = $2`)
	qReferralsBy = New("referrals.by", `
		SELECT `+referralColumns+` FROM referrals f
		WHERE f.shop_id = $1 AND f.referrer_id = $2 AND f.id > $3 AND (CAST($5 AS TEXT) = '' OR f.state = $5) ORDER BY f.id LIMIT $4`)
	qReferralsByMany = New("referrals.by_many", `
		SELECT `+referralColumns+` FROM referrals f WHERE f.shop_id = $1 AND f.referrer_id {{in id:bytea}} AND f.bond`)
	qReferralStates = New("referrals.states", `
		SELECT f.state, COUNT(*) FROM referrals f WHERE f.shop_id = $1 AND f.referrer_id = $2 AND f.bond GROUP BY f.state`)
	qReferralCount = New("referrals.count", `
		SELECT COUNT(*), COALESCE(MAX(f.touched_at), 0) FROM referrals f WHERE f.shop_id = $1 AND f.referrer_id = $2 AND f.bond`)
)

func scanReferral(r Scanner) (*loyalty.Referral, error) {
	f := &loyalty.Referral{}
	err := r.Scan(&f.ID, &f.Referrer, &f.Friend, &f.Origin, &f.State, &f.Reason, &f.Bond, &f.TouchedAt, &f.LastAt, &f.JoinedAt,
		&f.Order, &f.Score)
	return f, err
}

func (s *Store) referrals(ctx context.Context, q *Q, args ...any) ([]*loyalty.Referral, error) {
	var out []*loyalty.Referral
	err := s.Read(ctx, q, func(r Scanner) error {
		f, err := scanReferral(r)
		out = append(out, f)
		return err
	}, args...)
	return out, err
}

// Referral finds a referral; loyalty.ErrNotFound when there is none.
func (s *Store) Referral(ctx context.Context, shop loyalty.ShopID, which id.Referral) (*loyalty.Referral, error) {
	list, err := s.referrals(ctx, qReferral, int64(shop), which.Bytes())
	if err == nil && len(list) == 0 {
		return nil, loyalty.NotFound("id", "referral_unknown")
	}
	if err != nil {
		return nil, err
	}
	return list[0], nil
}

// Referrals is a page of a shop's referrals in the order of their first touch as it was
// recorded, after a cursor: those in one state, or in any ("").
func (s *Store) Referrals(ctx context.Context, shop loyalty.ShopID, state string, after id.Referral, limit int) ([]*loyalty.Referral, error) {
	if state != "" {
		return s.referrals(ctx, qReferralsInState, int64(shop), state, after[:], int64(limit))
	}
	return s.referrals(ctx, qReferrals, int64(shop), after[:], int64(limit))
}

// ReferralsFrom lists who touched a friend, in any order.
func (s *Store) ReferralsFrom(ctx context.Context, shop loyalty.ShopID, friend id.Member) ([]*loyalty.Referral, error) {
	return s.referrals(ctx, qReferralsFrom, int64(shop), friend.Bytes())
}

// ReferralsBy is a page of the friends whom a referrer sent: those in one state, or in any
// ("").
func (s *Store) ReferralsBy(ctx context.Context, shop loyalty.ShopID, referrer id.Member, state string, after id.Referral, limit int) ([]*loyalty.Referral, error) {
	return s.referrals(ctx, qReferralsBy, int64(shop), referrer.Bytes(), after[:], int64(limit), state)
}

// FriendCount tells how many friends are tied to a referrer now, and when the last one was
// first touched (zero: none).
func (s *Store) FriendCount(ctx context.Context, shop loyalty.ShopID, referrer id.Member) (n int64, last int64, err error) {
	err = s.Read(ctx, qReferralCount, func(r Scanner) error { return r.Scan(&n, &last) }, int64(shop), referrer.Bytes())
	return n, last, err
}

// FriendStates counts the friends who are tied to a referrer now, by the state of the bond.
func (s *Store) FriendStates(ctx context.Context, shop loyalty.ShopID, referrer id.Member) (map[string]int64, error) {
	out := map[string]int64{}
	err := s.Read(ctx, qReferralStates, func(r Scanner) error {
		var state string
		var n int64
		err := r.Scan(&state, &n)
		out[state] = n
		return err
	}, int64(shop), referrer.Bytes())
	return out, err
}

// FriendsOfMany lists the friends who are tied to some referrers now, in any order.
func (s *Store) FriendsOfMany(ctx context.Context, shop loyalty.ShopID, referrers []id.Member) (out []*loyalty.Referral, err error) {
	list := make([][]byte, len(referrers))
	for i, m := range referrers {
		list[i] = m.Bytes()
	}
	err = s.ReadRows(ctx, qReferralsByMany, len(list), func(r Scanner) error {
		f, err := scanReferral(r)
		out = append(out, f)
		return err
	}, int64(shop), list)
	return out, err
}
