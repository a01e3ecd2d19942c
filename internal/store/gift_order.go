package store

import (
	"context"
	"encoding/json"
	"fmt"

	"cagnotte/internal/loyalty"
)

// giftOrder is the setting that holds the order of the catalogue: codes of its entries, as the
// shop arranged them. Entries that are not in it follow in the order of their codes.
const giftOrder = "gift_order"

var qHoldSetting = New("settings.hold", `UPDATE settings SET value = value WHERE shop_id = $1 AND name = $2 RETURNING value`)

// GiftOrder gives the codes of the catalogue as the shop arranged them; none when it did not.
func (s *Store) GiftOrder(ctx context.Context, shop loyalty.ShopID) (codes []string, err error) {
	err = s.Read(ctx, qSetting, func(r Scanner) error { return scanGiftOrder(r, &codes) }, int64(shop), giftOrder)
	return codes, err
}

// HoldGiftOrder gives the order of the catalogue, which nobody else changes before the end of
// the transaction.
func (t *Tx) HoldGiftOrder(ctx context.Context, shop loyalty.ShopID) (codes []string, err error) {
	if err := t.Exec(ctx, qAddSetting, int64(shop), giftOrder, "[]"); err != nil {
		return nil, err
	}
	t.Query(qHoldSetting, 1, func(r Scanner) error { return scanGiftOrder(r, &codes) }, int64(shop), giftOrder)
	return codes, t.Flush(ctx)
}

// PutGiftOrder stores the order of the catalogue.
func (t *Tx) PutGiftOrder(ctx context.Context, shop loyalty.ShopID, codes []string) error {
	b, err := json.Marshal(codes)
	if err != nil {
		return err
	}
	return t.Exec(ctx, qPutSetting, int64(shop), giftOrder, string(b))
}

func scanGiftOrder(r Scanner, into *[]string) error {
	var text string
	if err := r.Scan(&text); err != nil {
		return err
	}
	if err := json.Unmarshal([]byte(text), into); err != nil {
		return fmt.Errorf("order of gifts: %w", err)
	}
	return nil
}
