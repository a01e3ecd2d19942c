package upkeep

import (
	"context"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"fmt"
	"io"
	"strconv"

	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/store"
)

var balanceHeader = []string{"shop", "member", "unit", "balance", "available", "pending", "held", "debt", "earned"}

// ExportBalances writes every account of a shop as CSV, sorted by member and unit, as of
// an instant. Its SHA-256 is the digest that Replay compares when the database has no
// other shop with accounts.
func ExportBalances(ctx context.Context, st *store.Store, shop *loyalty.Shop, at moment.Time, w io.Writer) error {
	c := csv.NewWriter(w)
	if err := c.Write(balanceHeader); err != nil {
		return err
	}
	if err := balances(ctx, st, shop, at, c); err != nil {
		return err
	}
	c.Flush()
	return c.Error()
}

func balances(ctx context.Context, st ledgerOf, shop *loyalty.Shop, at moment.Time, c *csv.Writer) error {
	err := st.Balances(ctx, shop.ID, at, func(b store.Balance) error {
		row := []string{shop.Slug, b.Member.String(), string(b.Unit)}
		for _, n := range []int64{b.Balance, b.Available, b.Pending, b.Held, b.Debt, b.Earned} {
			row = append(row, strconv.FormatInt(n, 10))
		}
		return c.Write(row)
	})
	if err != nil {
		return fmt.Errorf("balances of %s: %w", shop.Slug, err)
	}
	return nil
}

// Digest is the SHA-256, in hexadecimal, of the balances of all shops: each as of the
// instant given for it.
func Digest(ctx context.Context, st *store.Store, shops []*loyalty.Shop, at map[loyalty.ShopID]moment.Time) (string, error) {
	sum := sha256.New()
	c := csv.NewWriter(sum)
	if err := c.Write(balanceHeader); err != nil {
		return "", err
	}
	for _, s := range shops {
		if err := balances(ctx, st, s, at[s.ID], c); err != nil {
			return "", err
		}
	}
	c.Flush()
	return hex.EncodeToString(sum.Sum(nil)), c.Error()
}

// lastRecorded is the instant of the latest decision of each shop.
func lastRecorded(ctx context.Context, st *store.Store, shops []*loyalty.Shop) (map[loyalty.ShopID]moment.Time, error) {
	at := map[loyalty.ShopID]moment.Time{}
	for _, s := range shops {
		t, err := st.LastRecorded(ctx, s.ID)
		if err != nil {
			return nil, err
		}
		at[s.ID] = t
	}
	return at, nil
}
