package store

import (
	"context"
	"encoding/json"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
)

const claimColumns = `k.reward_id, k.member_id, k.gift, k.by_hand, k.quantity, k.state, k.since, COALESCE(k.done_at, 0), k.chosen, k.code, k.delivery, k.site, k.pool, k.detail,
		  w.program_id, w.rule, w.version, w.part`

const claimTables = `claims k JOIN rewards w ON w.shop_id = $1 AND w.id = k.reward_id`

var (
	qClaimsOf = New("claims.of", `SELECT `+claimColumns+` FROM `+claimTables+` WHERE k.shop_id = $1 AND k.member_id = $2`)
	qClaim    = New("claims.one", `SELECT `+claimColumns+` FROM `+claimTables+` WHERE k.shop_id = $1 AND k.reward_id = $2`)
	qClaims   = New("claims.state", `
		SELECT `+claimColumns+` FROM `+claimTables+`
		WHERE k.shop_id = $1 AND k.state = $2 AND k.reward_id > $3 AND ($5 = '' OR k.delivery = $5) AND ($6 = '' OR k.site = $6)
		ORDER BY k.reward_id LIMIT $4`)
)

// ClaimRow is a gift or a choice with the rule that gave it.
type ClaimRow struct {
	loyalty.Claim
	Program id.Program
	Rule    string
	Version int
	Part    loyalty.Part
}

func (s *Store) claims(ctx context.Context, q *Q, args ...any) ([]ClaimRow, error) {
	var out []ClaimRow
	err := s.Read(ctx, q, func(r Scanner) error {
		var k ClaimRow
		var detail string
		err := r.Scan(&k.Reward, &k.Member, &k.Gift, &k.ByHand, &k.Quantity, &k.State, &k.Since, &k.DoneAt, &k.Chosen, &k.Code, &k.Delivery, &k.Site, &k.Pool, &detail,
			&k.Program, &k.Rule, &k.Version, &k.Part)
		if err == nil && detail != "" {
			err = json.Unmarshal([]byte(detail), &k.Detail)
		}
		out = append(out, k)
		return err
	}, args...)
	return out, err
}

// Claim finds a gift or a choice by its reward; loyalty.ErrNotFound when there is none.
func (s *Store) Claim(ctx context.Context, shop loyalty.ShopID, x id.Reward) (*ClaimRow, error) {
	list, err := s.claims(ctx, qClaim, int64(shop), x.Bytes())
	switch {
	case err != nil:
		return nil, err
	case len(list) == 0:
		return nil, loyalty.NotFound("reward_id", "reward_unknown")
	}
	return &list[0], nil
}

// ClaimsOf lists a member's gifts and choices, in any order.
func (s *Store) ClaimsOf(ctx context.Context, shop loyalty.ShopID, m id.Member) ([]ClaimRow, error) {
	return s.claims(ctx, qClaimsOf, int64(shop), m.Bytes())
}

// Claims is a page of the gifts and choices of a shop in one state, by one delivery and at one
// site where they are named, after a cursor.
func (s *Store) Claims(ctx context.Context, shop loyalty.ShopID, state, delivery, site string, after id.Reward, limit int) ([]ClaimRow, error) {
	return s.claims(ctx, qClaims, int64(shop), state, after[:], int64(limit), delivery, site)
}
