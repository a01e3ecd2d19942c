package faults

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"cagnotte/internal/intake"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
)

const wallets = `program "Wallet"
  earn 5.00 EUR on sign-up
`

// Money that covers one cart pays for one, however many are redeemed at the same time by
// any number of processes; and a hold that many ask for is one's.
func TestManyCartsOfOneWallet(t *testing.T) {
	const members, carts = 100, 16
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := storetest.Shop(t, st, wallets)
		doors := []*intake.Intake{open(t, st), open(t, st)}
		at := st.Clock() - moment.Hour
		var ahead []*loyalty.Fact
		for i := range members {
			ahead = append(ahead, joins(fmt.Sprintf("m%03d", i), "", at))
		}
		bulk(t, doors[0], s.ID, ahead)
		var taken, refused atomic.Int64
		var group sync.WaitGroup
		for i := range members {
			for k := range carts {
				group.Go(func() {
					who := fmt.Sprintf("m%03d", i)
					kind := loyalty.CartRedeemed
					if i%2 == 1 {
						kind = loyalty.CartHeld
					}
					f := fact(kind, fmt.Sprintf("%s-%d", who, k), who, st.Clock())
					f.Cart = &loyalty.Cart{
						Series: "web", Ref: f.ExternalID, Currency: "EUR", Lines: []loyalty.CartLine{{SKU: "TEA", Quantity: 1, Amount: 900}},
						Pay: []loyalty.Payment{{Unit: "EUR", Amount: 500}},
					}
					got, err := doors[(i+k)%2].Record(t.Context(), s.ID, f)
					if err == nil {
						err = got[0].Err
					}
					problem, _ := errors.AsType[*loyalty.Problem](err)
					switch {
					case err == nil:
						taken.Add(1)
					case problem != nil && problem.Code == string(loyalty.InsufficientUnits):
						refused.Add(1)
					default:
						t.Errorf("%s: %v", f.ExternalID, err)
					}
				})
			}
		}
		group.Wait()
		if taken.Load() != members || refused.Load() != members*(carts-1) {
			t.Fatalf("%d carts took money that covers %d; %d were refused", taken.Load(), members, refused.Load())
		}
	})
}
