package intake_test

import (
	"log/slog"
	"testing"

	"cagnotte/internal/intake"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
)

// A fact that would make more rows than one fact can name (a million stamps, a voucher for
// three of them) is parked alone: its batch is recorded, nothing of it is, the next one
// finds the door open.
func TestAFactThatCannotBeDecidedIsParkedAlone(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := storetest.Shop(t, st, firstLight)
		in := intake.New(st, storetest.Box(t), slog.New(slog.DiscardHandler), intake.Options{})
		defer in.Close()
		at := st.Clock() - moment.Day
		facts := []*loyalty.Fact{
			paid("1", "anna", at, loyalty.Line{SKU: "TEA", Quantity: 1, Amount: 500}),
			paid("2", "bela", at+1, loyalty.Line{SKU: "COFFEE", Quantity: 1_000_000, Amount: 500}),
			paid("3", "bela", at+2, loyalty.Line{SKU: "TEA", Quantity: 1, Amount: 500}),
		}
		for range 2 {
			got, err := in.Record(t.Context(), s.ID, facts...)
			if err != nil {
				t.Fatal(err)
			}
			if got[0].Err != nil || got[1].Err == nil || got[2].Err != nil {
				t.Errorf("answers %v, %v, %v", got[0].Err, got[1].Err, got[2].Err)
			}
		}
		if _, err := in.Try(t.Context(), s.ID, paid("2", "bela", at+1, facts[1].Order.Lines...)); err == nil {
			t.Error("a dry run decided it")
		}
		if n, err := st.CountFacts(t.Context(), s.ID); err != nil || n != 2 {
			t.Errorf("%d facts are stored, %v", n, err)
		}
	})
}
