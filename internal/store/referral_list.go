package store

import (
	"context"

	"cagnotte/internal/id"
	"cagnotte/internal/ledger"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
)

// rewardedBy asks whether a program gave somebody something for a referral: the referrer for
// this friend, or the friend himself.
const rewardedBy = `(EXISTS (SELECT 1 FROM rewards w WHERE w.shop_id = $1 AND w.from_member = f.friend_id AND w.from_member <> w.member_id
		    AND w.member_id = f.referrer_id AND w.program_id = $6)
		  OR EXISTS (SELECT 1 FROM rewards w WHERE w.shop_id = $1 AND w.member_id = f.friend_id AND w.from_member = f.friend_id
		    AND w.part = 'friend' AND w.program_id = $6))`

const (
	listed = `f.shop_id = $1 AND f.touched_at >= $2 AND f.touched_at < $3
		  AND (CAST($4 AS TEXT) = '' OR f.origin = $4)
		  AND (CAST($5 AS BIGINT) = 0 OR ` + rewardedBy + `)`
	listedIn = listed + ` AND (CAST($7 AS TEXT) = '' OR f.state = $7) AND (f.touched_at, f.id) < ($8, $9)
		ORDER BY f.touched_at DESC, f.id DESC LIMIT $10`
)

var (
	qReferralList   = New("referrals.list", `SELECT `+referralColumns+` FROM referrals f WHERE `+listedIn)
	qReferralFunnel = New("referrals.funnel", `
		SELECT f.state, `+steps("$3")+` FROM referrals f WHERE `+listed+` GROUP BY f.state`)
	qReferralScores = New("referrals.scores", `
		SELECT f.score, f.state, COUNT(*) FROM referrals f
		WHERE f.shop_id = $1 AND f.touched_at >= $2 AND f.touched_at < $3 AND f.score > 0 AND f.bond
		GROUP BY f.score, f.state`)
	qFlagged = New("referrals.flagged", `
		SELECT `+referralColumns+` FROM referrals f
		WHERE f.shop_id = $1 AND f.state = 'flagged' AND f.bond AND f.id > $2 ORDER BY f.id LIMIT $3`)
	qFlaggedBefore = New("referrals.flagged.before", `
		SELECT `+referralColumns+` FROM referrals f
		WHERE f.shop_id = $1 AND f.state = 'flagged' AND f.bond AND f.id < $2 ORDER BY f.id DESC LIMIT $3`)
	qFlaggedCount = New("referrals.flagged.count", `
		SELECT COUNT(*) FROM (SELECT f.id FROM referrals f WHERE f.shop_id = $1 AND f.state = 'flagged' AND f.bond AND f.id > $2 LIMIT $3) AS x`)
	qRewardsFor = New("rewards.for.friends", `
		SELECT w.from_member, w.member_id, w.part, w.unit, w.amount - w.taken, w.state FROM rewards w
		WHERE w.shop_id = $1 AND w.from_member <> w.member_id AND w.from_member {{in friend:bytea}}`)
	qRewardsOwn = New("rewards.of.friends", `
		SELECT w.from_member, w.member_id, w.part, w.unit, w.amount - w.taken, w.state FROM rewards w
		WHERE w.shop_id = $1 AND w.part = 'friend' AND w.member_id {{in friend:bytea}}`)
	qFriendsFrom = New("referrals.of.day", `
		SELECT COUNT(*) FROM referrals f
		WHERE f.shop_id = $1 AND f.referrer_id = $2 AND f.bond AND f.joined_at >= $3 AND f.joined_at < $4`)
)

// ReferralFilter says which referrals a list has, by their first touch; what is zero does
// not matter, except From and Until, which bound it.
type ReferralFilter struct {
	From, Until moment.Time // the first touch; Until exclusive
	Origin      string
	Program     id.Program // that gave something for it
	State       string
}

func (f ReferralFilter) args(shop loyalty.ShopID) []any {
	asks := int64(0)
	if !f.Program.IsZero() {
		asks = 1
	}
	return []any{int64(shop), int64(f.From), int64(f.Until), f.Origin, asks, f.Program[:]}
}

// ReferralList is a page of referrals, the latest first touch first, behind a place (zero:
// from the latest).
func (s *Store) ReferralList(ctx context.Context, shop loyalty.ShopID, f ReferralFilter, at moment.Time, behind id.Referral, limit int) ([]*loyalty.Referral, error) {
	if behind.IsZero() {
		at = f.Until
	}
	return s.referrals(ctx, qReferralList, append(f.args(shop), f.State, int64(at), newest(behind), int64(limit))...)
}

// FunnelRow is how far the referrals of one state came.
type FunnelRow struct {
	State string
	Touches
}

// ReferralFunnel counts the referrals of a filter, without its state.
func (s *Store) ReferralFunnel(ctx context.Context, shop loyalty.ShopID, f ReferralFilter) (out []FunnelRow, err error) {
	err = s.Read(ctx, qReferralFunnel, func(r Scanner) error {
		var x FunnelRow
		err := r.Scan(append([]any{&x.State}, x.places()...)...)
		out = append(out, x)
		return err
	}, f.args(shop)...)
	return out, err
}

// ScoreRow is how many bonds of one score are in one state.
type ScoreRow struct {
	Score int64
	State string
	N     int64
}

// ReferralScores counts bonds with signs of fraud, by score and state.
func (s *Store) ReferralScores(ctx context.Context, shop loyalty.ShopID, from, until moment.Time) (out []ScoreRow, err error) {
	err = s.Read(ctx, qReferralScores, func(r Scanner) error {
		var x ScoreRow
		err := r.Scan(&x.Score, &x.State, &x.N)
		out = append(out, x)
		return err
	}, int64(shop), int64(from), int64(until))
	return out, err
}

// Flagged lists bonds that wait for staff, the oldest first, behind one.
func (s *Store) Flagged(ctx context.Context, shop loyalty.ShopID, behind id.Referral, limit int) ([]*loyalty.Referral, error) {
	return s.referrals(ctx, qFlagged, int64(shop), behind[:], int64(limit))
}

// FlaggedBefore lists those before one, the nearest first.
func (s *Store) FlaggedBefore(ctx context.Context, shop loyalty.ShopID, before id.Referral, limit int) ([]*loyalty.Referral, error) {
	return s.referrals(ctx, qFlaggedBefore, int64(shop), before[:], int64(limit))
}

// FlaggedCount tells how many wait behind one, up to a limit.
func (s *Store) FlaggedCount(ctx context.Context, shop loyalty.ShopID, behind id.Referral, limit int) (n int64, err error) {
	err = s.Read(ctx, qFlaggedCount, func(r Scanner) error { return r.Scan(&n) }, int64(shop), behind[:], int64(limit))
	return n, err
}

// FriendReward is what somebody has for a friend.
type FriendReward struct {
	Friend, Member id.Member
	Part           loyalty.Part
	Unit           ledger.Unit
	Amount         int64
	State          string
}

// RewardsForFriends gives what was given for some friends: to their referrers, and to
// themselves as friends.
func (s *Store) RewardsForFriends(ctx context.Context, shop loyalty.ShopID, friends []id.Member) (out []FriendReward, err error) {
	into := func(r Scanner) error {
		var x FriendReward
		err := r.Scan(&x.Friend, &x.Member, &x.Part, &x.Unit, &x.Amount, &x.State)
		out = append(out, x)
		return err
	}
	for _, q := range []*Q{qRewardsFor, qRewardsOwn} {
		if err := s.ReadRows(ctx, q, len(friends), into, int64(shop), allBytes(friends)); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// FriendsBetween tells how many friends were tied to a referrer in a stretch of time.
func (s *Store) FriendsBetween(ctx context.Context, shop loyalty.ShopID, referrer id.Member, from, until moment.Time) (n int64, err error) {
	err = s.Read(ctx, qFriendsFrom, func(r Scanner) error { return r.Scan(&n) }, int64(shop), referrer.Bytes(), int64(from), int64(until))
	return n, err
}
