package gifts

import (
	"context"
	"slices"

	"cagnotte/internal/loyalty"
	"cagnotte/internal/store"
)

// MostEntries bounds the catalogue that is read, arranged and shown at once.
const MostEntries = mostOffers

// Catalogue is all of it in the order that the shop gave it; what it did not arrange follows
// in the order of codes. arranged is false where nobody gave it one.
func (g *Gifts) Catalogue(ctx context.Context, shop loyalty.ShopID) (list []*loyalty.GiftRow, arranged bool, err error) {
	if list, err = g.st.Gifts(ctx, shop, "", MostEntries); err != nil {
		return nil, false, err
	}
	order, err := g.st.GiftOrder(ctx, shop)
	arrange(list, order)
	return list, len(order) > 0, err
}

// arrange sorts entries, which come in the order of their codes.
func arrange(list []*loyalty.GiftRow, order []string) {
	place := make(map[string]int, len(order))
	for i, code := range order {
		place[code] = i - len(order) // below zero: before what has no place
	}
	slices.SortStableFunc(list, func(a, b *loyalty.GiftRow) int { return place[a.Gift.Code] - place[b.Gift.Code] })
}

// Place puts an entry of the catalogue right before another one, or right behind it: said again
// it changes nothing. loyalty.ErrNotFound when there is no such entry.
func (g *Gifts) Place(ctx context.Context, shop loyalty.ShopID, code, beside string, behind bool) error {
	return g.reorder(ctx, shop, func(codes []string) ([]string, error) {
		at := slices.Index(codes, code)
		if at < 0 || code == beside || !slices.Contains(codes, beside) {
			return nil, loyalty.NotFound("code", "gift_unknown")
		}
		codes = slices.Delete(codes, at, at+1)
		to := slices.Index(codes, beside)
		if behind {
			to++
		}
		return slices.Insert(codes, to, code), nil
	})
}

// Arrange puts some entries into an order: they take the places that they have, in turn. Codes
// that the catalogue has not are left out.
func (g *Gifts) Arrange(ctx context.Context, shop loyalty.ShopID, some []string) error {
	return g.reorder(ctx, shop, func(codes []string) ([]string, error) {
		var want []string
		for _, code := range some {
			if slices.Contains(codes, code) && !slices.Contains(want, code) {
				want = append(want, code)
			}
		}
		next := 0
		for i, code := range codes {
			if slices.Contains(want, code) {
				codes[i] = want[next]
				next++
			}
		}
		return codes, nil
	})
}

// reorder changes the order of the whole catalogue. Two who do so at once wait for each other.
func (g *Gifts) reorder(ctx context.Context, shop loyalty.ShopID, change func([]string) ([]string, error)) error {
	list, err := g.st.Gifts(ctx, shop, "", MostEntries)
	if err != nil {
		return err
	}
	return g.st.Write(ctx, func(tx *store.Tx) error {
		order, err := tx.HoldGiftOrder(ctx, shop)
		if err != nil {
			return err
		}
		arrange(list, order)
		codes := make([]string, len(list))
		for i, x := range list {
			codes[i] = x.Gift.Code
		}
		if codes, err = change(slices.Clone(codes)); err != nil {
			return err
		}
		return tx.PutGiftOrder(ctx, shop, codes)
	})
}
