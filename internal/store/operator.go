package store

import (
	"context"

	"cagnotte/internal/loyalty"
)

var (
	qTwin     = New("shops.twin", `SELECT `+shopColumns+` FROM shops s WHERE s.live_shop = $1 AND s.removed_at IS NULL`)
	qShopPage = New("shops.page", `
		SELECT `+shopColumns+` FROM shops s WHERE s.shop_id > $1 AND s.removed_at IS NULL ORDER BY s.shop_id LIMIT $2`)
	qRename = New("shops.rename", `UPDATE shops SET name = $2, book_rev = book_rev + 1 WHERE shop_id = $1`)
)

// ShopPage is a page of all shops, twins included, after a number (zero: from the start).
func (s *Store) ShopPage(ctx context.Context, after loyalty.ShopID, limit int) ([]*loyalty.Shop, error) {
	var out []*loyalty.Shop
	err := s.Read(ctx, qShopPage, func(r Scanner) error {
		shop, err := scanShop(r)
		out = append(out, shop)
		return err
	}, int64(after), int64(limit))
	return out, err
}

// Twin finds the test shop of a live one; loyalty.ErrNotFound when there is none.
func (s *Store) Twin(ctx context.Context, live loyalty.ShopID) (*loyalty.Shop, error) {
	return s.oneShop(ctx, qTwin, int64(live))
}

// Rename gives a shop another name. The book's revision rises with it, so that every
// process looks at the shop again.
func (t *Tx) Rename(ctx context.Context, shop loyalty.ShopID, name string) error {
	return t.Exec(ctx, qRename, int64(shop), name)
}
