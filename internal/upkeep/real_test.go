package upkeep_test

import (
	"bytes"
	"log/slog"
	"os"
	"testing"
	"time"

	"cagnotte/internal/imports"
	"cagnotte/internal/intake"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
	"cagnotte/internal/upkeep"
)

const realFile = "../../testdata/online_retail_2010-12-01_to_15.csv.gz"

// retailer makes the shop of the real file, with the programs of examples/.
func retailer(t testing.TB, st *store.Store) *loyalty.Shop {
	t.Helper()
	var programs []byte
	for _, name := range []string{"points.txt", "stamps.txt"} {
		text, err := os.ReadFile("../../examples/" + name)
		if err != nil {
			t.Fatal(err)
		}
		programs = append(programs, text...)
	}
	s := &loyalty.Shop{Slug: "retail", Name: "Online Retail", Currency: "GBP", Decimals: 2, Zone: storetest.Zone(t, "Europe/London")}
	return storetest.Publish(t, st, s, string(programs))
}

func door(t testing.TB, st *store.Store) *intake.Intake {
	t.Helper()
	in := intake.New(st, storetest.Box(t), slog.New(slog.DiscardHandler), intake.Options{})
	t.Cleanup(in.Close)
	return in
}

// imported records the whole real file, judged by the programs.
func imported(t testing.TB, st *store.Store) *loyalty.Shop {
	t.Helper()
	s := retailer(t, st)
	f, err := os.Open(realFile)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	m, err := imports.MappingOf("online-retail")
	if err != nil {
		t.Fatal(err)
	}
	got, err := imports.Orders(t.Context(), door(t, st), s, f, m, imports.Options{Reward: true})
	if err != nil {
		t.Fatal(err)
	}
	if got.Recorded != 1_471 || got.ErrorRows != 0 {
		t.Fatalf("%d facts recorded, %d rows unreadable", got.Recorded, got.ErrorRows)
	}
	return s
}

func holds(t testing.TB, list []upkeep.Check) {
	t.Helper()
	var b bytes.Buffer
	if err := upkeep.Report(&b, list); err != nil {
		t.Fatal(err)
	}
	t.Logf("\n%s", b.String())
	for _, c := range list {
		if c.Broken > 0 || c.Count == 0 {
			t.Errorf("%s: %d broken of %d", c.Name, c.Broken, c.Count)
		}
	}
}

func TestTheRealShopVerifies(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		imported(t, st)
		start := time.Now()
		list, err := upkeep.Verify(t.Context(), st, storetest.Box(t), nil)
		if err != nil {
			t.Fatal(err)
		}
		t.Log(time.Since(start))
		holds(t, list)
	})
}

func TestReplayBetweenEngines(t *testing.T) {
	for _, way := range [][2]string{{"sqlite", "sqlite"}, {"sqlite", "postgres"}, {"postgres", "sqlite"}, {"postgres", "postgres"}} {
		t.Run(way[0]+" to "+way[1], func(t *testing.T) {
			t.Parallel()
			from := storetest.Open(t, storetest.Config(t, way[0]))
			imported(t, from)
			into := storetest.Open(t, storetest.Config(t, way[1]))
			start := time.Now()
			a, b, n, err := upkeep.Replay(t.Context(), from, into, storetest.Box(t), nil)
			if err != nil {
				t.Fatal(err)
			}
			t.Log(time.Since(start), n, a, b)
			if a != b || n != 1_471 {
				t.Errorf("%d facts, digests %s and %s", n, a, b)
			}
			list, err := upkeep.Invariants(t.Context(), into)
			if err != nil {
				t.Fatal(err)
			}
			holds(t, list)
		})
	}
}
