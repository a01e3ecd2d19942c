package storetest

import (
	"testing"
	"time"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/rules"
	"cagnotte/internal/store"
)

// Shop makes a shop in euros, in Paris, with the programs of a text; they are in force
// since 2020 unless they name another day.
func Shop(t testing.TB, st *store.Store, programs string) *loyalty.Shop {
	t.Helper()
	return Publish(t, st, &loyalty.Shop{Slug: "s", Name: "S", Currency: "EUR", Decimals: 2, Zone: Zone(t, "Europe/Paris")}, programs)
}

// Publish stores a shop with the programs of a text, published now.
func Publish(t testing.TB, st *store.Store, s *loyalty.Shop, programs string) *loyalty.Shop {
	t.Helper()
	docs, err := rules.ParseFile(programs, rules.SettingOf(s))
	if err != nil {
		t.Fatal(err)
	}
	err = st.Write(t.Context(), func(tx *store.Tx) error {
		if err := tx.InsertShop(t.Context(), s); err != nil {
			return err
		}
		for i, d := range docs {
			p := &rules.Program{ID: id.Mint[id.ProgramKind](int64(tx.Now), [8]byte{1: byte(i)}), Name: d.Name}
			if err := tx.InsertProgram(t.Context(), s.ID, p.ID, d.Name); err != nil {
				return err
			}
			starts := d.Starts
			if starts == 0 {
				starts = moment.Of(time.Date(2020, 1, 1, 0, 0, 0, 0, s.Zone))
			}
			v := &rules.Version{Program: p, N: 1, StartsAt: starts, EndsAt: d.Ends, PublishedAt: tx.Now, Doc: d}
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

// Zone loads a time zone.
func Zone(t testing.TB, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}
