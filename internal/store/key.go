package store

import (
	"context"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
)

var (
	qKeyList = New("keys.list", `
		SELECT k.id, k.prefix, k.scopes FROM keys k WHERE k.shop_id = $1 AND k.revoked_at IS NULL ORDER BY k.id`)
	qRevokeKey = New("keys.revoke", `UPDATE keys SET revoked_at = $3 WHERE shop_id = $1 AND id = $2 AND revoked_at IS NULL`)
)

// Keys lists the live keys of a shop; their hashes stay where they are.
func (s *Store) Keys(ctx context.Context, shop loyalty.ShopID) ([]Key, error) {
	var out []Key
	err := s.Read(ctx, qKeyList, func(r Scanner) error {
		k := Key{Shop: shop}
		err := r.Scan(&k.ID, &k.Prefix, &k.Scopes)
		out = append(out, k)
		return err
	}, int64(shop))
	return out, err
}

// RevokeKey ends a key; ending it again changes nothing.
func (t *Tx) RevokeKey(ctx context.Context, shop loyalty.ShopID, k id.Key) error {
	return t.Exec(ctx, qRevokeKey, int64(shop), k.Bytes(), int64(t.Now))
}
