package upkeep_test

import (
	"bytes"
	"log/slog"
	"slices"
	"testing"

	"cagnotte/internal/imports"
	"cagnotte/internal/intake"
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
	m, err := imports.MappingOf("online-retail")
	if err != nil {
		t.Fatal(err)
	}
	file, whole := storetest.Retail(t, root)
	got, err := imports.Orders(t.Context(), door(t, st), s, bytes.NewReader(file), m, imports.Options{Reward: true})
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
		holds(t, list, "L10", "L11")
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
			holds(t, list, "L10", "L11")
		})
	}
}
