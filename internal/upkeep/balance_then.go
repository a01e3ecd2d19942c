package upkeep

import (
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"strconv"

	"cagnotte/internal/ledger"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/store"
)

// ExportBalancesAt writes what every member had, or will have if nothing else happens, at
// an instant, as CSV sorted by member and unit. An instant before now is read from the
// book, by the dates on which its postings took effect, as a wallet of the past is; what is
// held for a cart is not dated, so it counts from now on.
func ExportBalancesAt(ctx context.Context, st *store.Store, shop *loyalty.Shop, at, now moment.Time, w io.Writer) error {
	c := csv.NewWriter(w)
	write := func(m fmt.Stringer, unit ledger.Unit, available, pending, debt int64) error {
		row := []string{m.String(), string(unit)}
		for _, n := range []int64{available, pending, debt} {
			row = append(row, strconv.FormatInt(n, 10))
		}
		return c.Write(row)
	}
	if err := c.Write([]string{"member", "unit", "available", "pending", "debt"}); err != nil {
		return err
	}
	var err error
	if at < now {
		err = st.AccountsThen(ctx, shop.ID, at, func(a *ledger.Account) error {
			pending := int64(0)
			for _, l := range a.Lots {
				if !l.OpenAt(at) && !l.EndedAt(at) {
					pending += l.Remaining
				}
			}
			return write(a.Member, a.Unit, a.AvailableAt(at), pending, a.Debt())
		})
	} else {
		err = st.Balances(ctx, shop.ID, at, func(b store.Balance) error {
			return write(b.Member, b.Unit, b.Available, b.Pending, b.Debt)
		})
	}
	if err != nil {
		return fmt.Errorf("balances of %s: %w", shop.Slug, err)
	}
	c.Flush()
	return c.Error()
}
