package store

import (
	"context"

	"cagnotte/internal/loyalty"
)

var qHabits = New("orders.newest", `
	SELECT COALESCE(o.member_id, $3), o.net FROM orders o WHERE o.shop_id = $1 AND o.paid_at IS NOT NULL ORDER BY o.id DESC LIMIT $2`)

// NewestOrders calls with the member (all zero: nobody known) and the amount of the newest
// paid orders, at most so many.
func (s *Store) NewestOrders(ctx context.Context, shop loyalty.ShopID, most int, each func(member [16]byte, net int64)) error {
	return s.Read(ctx, qHabits, func(r Scanner) error {
		var m []byte
		var net int64
		if err := r.Scan(&m, &net); err != nil {
			return err
		}
		var key [16]byte
		copy(key[:], m)
		each(key, net)
		return nil
	}, int64(shop), most, make([]byte, 16))
}
