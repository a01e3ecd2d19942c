package store

import (
	"context"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
)

var (
	qPutTillCode = New("till_codes.put", `
		INSERT INTO till_codes (shop_id, member_id, hash, key_id, tries, created_at, ends_at, used_at) VALUES ($1, $2, $3, $4, 0, $5, $6, 0)
		ON CONFLICT (shop_id, member_id) DO UPDATE SET hash = excluded.hash, key_id = excluded.key_id, tries = 0,
		  created_at = excluded.created_at, ends_at = excluded.ends_at, used_at = 0`)
	qTryTillCode = New("till_codes.try", `
		UPDATE till_codes SET tries = tries + 1
		WHERE shop_id = $1 AND member_id = $2 AND tries < $3 AND ends_at > $4 AND used_at = 0 RETURNING hash`)
	qUsedTillCode  = New("till_codes.used", `UPDATE till_codes SET used_at = $3 WHERE shop_id = $1 AND member_id = $2`)
	qSweepTillCode = New("till_codes.sweep", `DELETE FROM till_codes WHERE shop_id = $1 AND ends_at < $2`)
)

// PutTillCode stores the hash of a code that a till's key asked for; an earlier one of the
// member is worthless from then on.
func (t *Tx) PutTillCode(ctx context.Context, shop loyalty.ShopID, m id.Member, hash string, by id.Key, ends moment.Time) error {
	return t.Exec(ctx, qPutTillCode, int64(shop), m.Bytes(), hash, by.Bytes(), int64(t.Now), int64(ends))
}

// TryTillCode counts a try at a member's code, and gives its hash; empty when there is none, it
// ended, was used, or was tried as often as most.
func (t *Tx) TryTillCode(ctx context.Context, shop loyalty.ShopID, m id.Member, most int64) (hash string, err error) {
	err = t.read(ctx, qTryTillCode, func(r Scanner) error { return r.Scan(&hash) }, int64(shop), m.Bytes(), most, int64(t.Now))
	return hash, err
}

// UsedTillCode notes that the code of a member was used.
func (t *Tx) UsedTillCode(ctx context.Context, shop loyalty.ShopID, m id.Member) error {
	return t.Exec(ctx, qUsedTillCode, int64(shop), m.Bytes(), int64(t.Now))
}
