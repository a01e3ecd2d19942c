package store

import (
	"context"
	"strings"

	"cagnotte/internal/id"
	"cagnotte/internal/ledger"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
)

// What stands beside the rows of a roster: each is read for a whole page at once.

var (
	qWallets = New("wallets.ids", `
		SELECT a.member_id, a.unit, a.balance, a.held, a.earned, l.id, COALESCE(l.remaining, 0), COALESCE(l.since, 0), COALESCE(l.opens_at, 0), COALESCE(l.expires_at, 0)
		FROM accounts a LEFT JOIN lots l ON l.shop_id = $1 AND l.member_id = a.member_id AND l.unit = a.unit AND l.remaining > 0
		WHERE a.shop_id = $1 AND a.member_id {{in member:bytea}} ORDER BY a.member_id, a.unit`)
	qHeldOf = New("hold_items.ids", `
		SELECT h.member_id, h.ref, CAST(SUM(h.amount) AS BIGINT) FROM hold_items h
		WHERE h.shop_id = $1 AND h.ends_at > $2 AND h.member_id {{in member:bytea}} GROUP BY h.member_id, h.ref`)
	qFriendsOf = New("referrals.friends", `
		SELECT f.referrer_id, COUNT(*), CAST(SUM(CASE WHEN f.state = 'rewarded' THEN 1 ELSE 0 END) AS BIGINT) FROM referrals f
		WHERE f.shop_id = $1 AND f.referrer_id {{in member:bytea}} AND f.bond GROUP BY f.referrer_id`)
	qReviewsOf = New("referrals.reviews", `
		SELECT DISTINCT f.friend_id FROM referrals f WHERE f.shop_id = $1 AND f.friend_id {{in member:bytea}} AND f.state = 'flagged'`)
)

// qStates counts from the index of states alone, without looking at a member.
var qStates = New("members.states", func() string {
	count := func(state string) string {
		return `(SELECT COUNT(*) FROM (SELECT m.id FROM members m WHERE m.shop_id = $1 AND m.state = '` + state + `' LIMIT $2) AS x)`
	}
	all := make([]string, len(memberStates))
	for i, s := range memberStates {
		all[i] = count(s)
	}
	return `SELECT ` + strings.Join(all, ", ")
}())

var memberStates = []string{loyalty.Enrolled, loyalty.Guest, loyalty.Prospect, loyalty.Blocked, loyalty.Merged}

// MemberStates counts the members of each state, all who are not somebody else by now (as ""),
// each up to a limit.
func (s *Store) MemberStates(ctx context.Context, shop loyalty.ShopID, limit int) (states map[string]int, err error) {
	states = map[string]int{}
	counts := make([]int, len(memberStates))
	to := make([]any, len(counts))
	for i := range counts {
		to[i] = &counts[i]
	}
	err = s.Read(ctx, qStates, func(r Scanner) error { return r.Scan(to...) }, int64(shop), int64(limit))
	for i, n := range counts {
		if states[memberStates[i]] = n; memberStates[i] != loyalty.Merged {
			states[""] = min(limit, states[""]+n)
		}
	}
	return states, err
}

// WalletsAt reads the accounts of some members as WalletAt does, in the order of units.
func (s *Store) WalletsAt(ctx context.Context, shop loyalty.ShopID, ids []id.Member, at moment.Time) (map[id.Member][]*ledger.Account, error) {
	out := map[id.Member][]*ledger.Account{}
	err := s.ReadRows(ctx, qWallets, len(ids), func(r Scanner) error {
		var (
			a ledger.Account
			l ledger.Lot
		)
		if err := r.Scan(&a.Member, &a.Unit, &a.Balance, &a.Held, &a.Earned, &l.ID, &l.Remaining, &l.Since, &l.OpensAt, &l.ExpiresAt); err != nil {
			return err
		}
		list := out[a.Member]
		if len(list) == 0 || list[len(list)-1].Unit != a.Unit {
			a.LotsLoaded = true
			list = append(list, &a)
			out[a.Member] = list
		}
		if !l.ID.IsZero() {
			l.Member, l.Unit = a.Member, a.Unit
			to := list[len(list)-1]
			to.Lots = append(to.Lots, &l)
		}
		return nil
	}, int64(shop), bytesOfIDs(ids))
	if err != nil {
		return nil, err
	}
	return out, s.ReadRows(ctx, qHeldOf, len(ids), func(r Scanner) error {
		var m id.Member
		var ref string
		var n int64
		if err := r.Scan(&m, &ref, &n); err != nil {
			return err
		}
		for _, a := range out[m] {
			if loyalty.UnitRef(a.Unit) == ref {
				a.Held += n
			}
		}
		return nil
	}, int64(shop), int64(at), bytesOfIDs(ids))
}

// FriendTally is how many friends somebody has: all who are tied to him, and those for whom
// he was rewarded.
type FriendTally struct{ All, Rewarded int64 }

// FriendTallies counts the friends of some members; who has none is missing.
func (s *Store) FriendTallies(ctx context.Context, shop loyalty.ShopID, ids []id.Member) (map[id.Member]FriendTally, error) {
	out := map[id.Member]FriendTally{}
	err := s.ReadRows(ctx, qFriendsOf, len(ids), func(r Scanner) error {
		var m id.Member
		var x FriendTally
		err := r.Scan(&m, &x.All, &x.Rewarded)
		out[m] = x
		return err
	}, int64(shop), bytesOfIDs(ids))
	return out, err
}

// UnderReview tells which of some members have a referral that waits for staff.
func (s *Store) UnderReview(ctx context.Context, shop loyalty.ShopID, ids []id.Member) (map[id.Member]bool, error) {
	out := map[id.Member]bool{}
	err := s.ReadRows(ctx, qReviewsOf, len(ids), func(r Scanner) error {
		var m id.Member
		err := r.Scan(&m)
		out[m] = true
		return err
	}, int64(shop), bytesOfIDs(ids))
	return out, err
}
