package store

import (
	"context"
	"encoding/json"
	"fmt"

	"cagnotte/internal/loyalty"
)

var qCart = New("carts.one", `
	SELECT t.id, t.series, t.ref, t.member_id, t.state, t.event_id, t.at, COALESCE(t.expires_at, 0), t.cart, t.taken
	FROM carts t WHERE t.shop_id = $1 AND t.ref = $2 AND t.series = $3`)

// ScanCart reads a row of a cart: its columns in the order of the table, without codes.
func ScanCart(r Scanner) (*loyalty.CartRow, error) {
	t := &loyalty.CartRow{}
	var cart, taken string
	err := r.Scan(&t.ID, &t.Series, &t.Ref, &t.Member, &t.State, &t.Event, &t.At, &t.ExpiresAt, &cart, &taken)
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal([]byte(cart), &t.Cart); err != nil {
		return nil, fmt.Errorf("cart %s: %w", t.ID, err)
	}
	if err := json.Unmarshal([]byte(taken), &t.Taken); err != nil {
		return nil, fmt.Errorf("what cart %s took: %w", t.ID, err)
	}
	return t, nil
}

// Cart is what a cart took under the name of its order; loyalty.ErrNotFound when it took
// nothing.
func (s *Store) Cart(ctx context.Context, shop loyalty.ShopID, series, ref string) (*loyalty.CartRow, error) {
	var out *loyalty.CartRow
	err := s.Read(ctx, qCart, func(r Scanner) (err error) {
		out, err = ScanCart(r)
		return err
	}, int64(shop), ref, series)
	if err == nil && out == nil {
		err = loyalty.NotFound("ref", "cart_unknown")
	}
	return out, err
}
