package intake_test

import (
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"testing"

	"cagnotte/internal/intake"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
)

// Fifty members have 100 points each, and forty ask at once for 60 of each: exactly one of
// the forty gets them, whatever runs at the same time (M8). A small batch makes many
// transactions of it.
func TestParallelSpendsOfOneBalance(t *testing.T) {
	const members, spends = 50, 40
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := storetest.Shop(t, st, firstLight)
		in := intake.New(st, storetest.Box(t), slog.New(slog.DiscardHandler), intake.Options{Batch: 16})
		defer in.Close()
		at := st.Clock() - 10*moment.Day
		for m := range members {
			f := paid(fmt.Sprint("o", m), fmt.Sprint("m", m), at, loyalty.Line{SKU: "TEA", Quantity: 1, Amount: 10_000})
			if got, err := in.Record(t.Context(), s.ID, f); err != nil || got[0].Err != nil {
				t.Fatal(err, got)
			}
		}
		var (
			wait sync.WaitGroup
			mu   sync.Mutex
			won  = map[int]int{}
			lost int
		)
		for m := range members {
			for n := range spends {
				wait.Go(func() {
					f := fact(loyalty.StaffAdjust, fmt.Sprintf("s%d-%d", m, n), fmt.Sprint("m", m), st.Clock())
					f.Adjust = &loyalty.Adjust{Unit: "points", Amount: -60, Reason: "spent", Actor: "till"}
					got, err := in.Record(t.Context(), s.ID, f)
					mu.Lock()
					defer mu.Unlock()
					p, refused := errors.AsType[*loyalty.Problem](got[0].Err)
					switch {
					case err != nil || got[0].Err != nil && !refused:
						t.Error(err, got)
					case !refused:
						won[m]++
					case p.Code == string(loyalty.InsufficientUnits):
						lost++
					default:
						t.Error(p)
					}
				})
			}
		}
		wait.Wait()
		for m := range members {
			if won[m] != 1 {
				t.Errorf("member %d was paid %d times, want once", m, won[m])
			}
		}
		if want := members * (spends - 1); lost != want {
			t.Errorf("%d were refused, want %d", lost, want)
		}
	})
}
