package imports_test

import (
	"bytes"
	"log/slog"
	"os"
	"testing"
	"time"

	"cagnotte/internal/id"
	"cagnotte/internal/imports"
	"cagnotte/internal/intake"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/rules"
	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
)

const realFile = "../../testdata/online_retail_2010-12-01_to_15.csv.gz"

// retailer makes a shop in pounds with the programs of examples/.
func retailer(t testing.TB, st *store.Store, files ...string) *loyalty.Shop {
	t.Helper()
	zone, err := time.LoadLocation("Europe/London")
	if err != nil {
		t.Fatal(err)
	}
	s := &loyalty.Shop{Slug: "retail", Name: "Online Retail", Currency: "GBP", Decimals: 2, Zone: zone}
	err = st.Write(t.Context(), func(tx *store.Tx) error {
		if err := tx.InsertShop(t.Context(), s); err != nil {
			return err
		}
		for i, file := range files {
			text, err := os.ReadFile("../../examples/" + file)
			if err != nil {
				return err
			}
			docs, err := rules.ParseFile(string(text), rules.SettingOf(s))
			if err != nil {
				return err
			}
			p := &rules.Program{ID: id.Mint[id.ProgramKind](int64(tx.Now), [8]byte{byte(i)}), Name: docs[0].Name}
			if err := tx.InsertProgram(t.Context(), s.ID, p.ID, p.Name); err != nil {
				return err
			}
			v := &rules.Version{Program: p, N: 1, StartsAt: docs[0].Starts, PublishedAt: tx.Now, Doc: docs[0]}
			if err := tx.InsertVersion(t.Context(), s.ID, v); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func door(t testing.TB, st *store.Store) *intake.Intake {
	t.Helper()
	in := intake.New(st, storetest.Box(t), slog.New(slog.DiscardHandler), intake.Options{})
	t.Cleanup(in.Close)
	return in
}

func mapping(t testing.TB) imports.Mapping {
	t.Helper()
	m, err := imports.MappingOf("online-retail")
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func load(t testing.TB, in *intake.Intake, s *loyalty.Shop, o imports.Options) imports.Totals {
	t.Helper()
	f, err := os.Open(realFile)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	start := time.Now()
	got, err := imports.Orders(t.Context(), in, s, f, mapping(t), o)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := got.Report(&b); err != nil {
		t.Fatal(err)
	}
	t.Logf("%s\n%s", time.Since(start), b.String())
	return got
}

func TestProbe(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := retailer(t, st, "points.txt", "stamps.txt")
		in := door(t, st)
		load(t, in, s, imports.Options{Reward: true})
		load(t, in, s, imports.Options{Reward: true})
	})
}
func TestProbeHistory(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := retailer(t, st, "points.txt", "stamps.txt")
		in := door(t, st)
		load(t, in, s, imports.Options{})
		load(t, in, s, imports.Options{Reward: true})
	})
}
