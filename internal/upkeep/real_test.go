package upkeep_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"testing"

	"cagnotte/internal/imports"
	"cagnotte/internal/intake"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
	"cagnotte/internal/upkeep"
)

const root = "../.."

func door(t testing.TB, st *store.Store) *intake.Intake {
	t.Helper()
	in := intake.New(st, storetest.Box(t), slog.New(slog.DiscardHandler), intake.Options{})
	t.Cleanup(in.Close)
	return in
}

// imported records the real file, judged by the programs, and tells how many facts it is.
func imported(t testing.TB, st *store.Store) int {
	t.Helper()
	s := storetest.Retailer(t, st, root)
	m, err := imports.MappingOf(imports.ReadsOrders, "online-retail")
	if err != nil {
		t.Fatal(err)
	}
	file, whole := storetest.Retail(t, root)
	got, err := (&imports.Desk{Intake: door(t, st)}).Orders(t.Context(), s, bytes.NewReader(file), m, imports.Options{Reward: true})
	if err != nil {
		t.Fatal(err)
	}
	want := int64(308)
	if whole {
		want = 1_471
	}
	if got.Recorded != want || got.ErrorRows != 0 {
		t.Fatalf("%d facts recorded, %d rows unreadable", got.Recorded, got.ErrorRows)
	}
	return int(want)
}

// holds wants every check to hold and none to be empty, but those that are named: nobody
// in the real file was recommended, and nobody listens to its shop.
func holds(t testing.TB, list []upkeep.Check, empty ...string) {
	t.Helper()
	var b bytes.Buffer
	if err := upkeep.Report(&b, list); err != nil {
		t.Fatal(err)
	}
	t.Logf("\n%s", b.String())
	for _, c := range list {
		if c.Broken > 0 || (c.Count == 0) != slices.Contains(empty, c.Name) {
			t.Errorf("%s: %d broken of %d", c.Name, c.Broken, c.Count)
		}
	}
}

func TestTheRealShopVerifies(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		imported(t, st)
		list, err := upkeep.Verify(t.Context(), st, storetest.Box(t), nil)
		if err != nil {
			t.Fatal(err)
		}
		holds(t, list, "L10", "L11", "L15")
	})
}

func TestReplayBetweenEngines(t *testing.T) {
	for _, way := range [][2]string{{"sqlite", "sqlite"}, {"sqlite", "postgres"}, {"postgres", "sqlite"}, {"postgres", "postgres"}} {
		t.Run(way[0]+" to "+way[1], func(t *testing.T) {
			t.Parallel()
			from := storetest.Open(t, storetest.Config(t, way[0]))
			facts := imported(t, from)
			into := storetest.Open(t, storetest.Config(t, way[1]))
			a, b, n, err := upkeep.Replay(t.Context(), from, into, storetest.Box(t), nil)
			if err != nil {
				t.Fatal(err)
			}
			if a != b || n != facts {
				t.Errorf("%d facts, digests %s and %s", n, a, b)
			}
			list, err := upkeep.Invariants(t.Context(), into)
			if err != nil {
				t.Fatal(err)
			}
			holds(t, list, "L10", "L11", "L15")
		})
	}
}

// A server goes on recording while verify looks: what it reads is of one instant, so
// nothing is half there.
func TestVerifyBesideAServer(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := storetest.Shop(t, st, small)
		listened(t, st, s)
		in := door(t, st)
		ctx, stop := context.WithCancel(t.Context())
		var sellers sync.WaitGroup
		for seller := range 4 {
			sellers.Go(func() {
				for n := 0; ctx.Err() == nil; n++ {
					f := &loyalty.Fact{
						Kind: loyalty.OrderPaid, Feed: "web", ExternalID: fmt.Sprint(seller, "-", n), Via: "api", Origin: loyalty.FromLive,
						OccurredAt: st.Clock(), Member: loyalty.Who{Keys: []loyalty.Key{{Kind: loyalty.ByNumber, Key: fmt.Sprint(n % 9)}}},
						Order: &loyalty.Order{Series: "web", Ref: fmt.Sprint(seller, "-", n), Currency: "EUR", Lines: []loyalty.Line{
							{SKU: "COFFEE", Quantity: 1, Amount: 400},
						}},
					}
					if got, err := in.Record(t.Context(), s.ID, f); err != nil || got[0].Err != nil {
						t.Error(err, got)
						return
					}
				}
			})
		}
		looked := 0
		for range 15 {
			list, err := upkeep.Invariants(t.Context(), st)
			if err != nil {
				t.Error(err)
				break
			}
			if !upkeep.Holds(list) {
				t.Errorf("broken beside a server: %+v", list)
			}
			looked = max(looked, list[0].Count)
		}
		stop()
		sellers.Wait()
		if looked == 0 {
			t.Error("verify never saw a transaction")
		}
	})
}
