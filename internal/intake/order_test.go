package intake_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"testing"

	"cagnotte/internal/intake"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
)

// Facts that are told together, and so often recorded in one microsecond, have ids in the order
// in which they were told: histories and the journal are read in the order of ids.
func TestIdsFollowTheOrderOfWhatIsToldTogether(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := storetest.Shop(t, st, firstLight)
		in := intake.New(st, storetest.Box(t), slog.New(slog.DiscardHandler), intake.Options{})
		defer in.Close()
		at := st.Clock() - 10*moment.Day
		facts := []*loyalty.Fact{fact(loyalty.MemberJoined, "join", "anna", at)}
		for i := range 40 {
			facts = append(facts, paid(fmt.Sprint(1000+i), "anna", at+moment.Time(i+1), loyalty.Line{SKU: "TEA", Quantity: 1, Amount: 500}))
		}
		answers, err := in.Record(t.Context(), s.ID, facts...)
		if err != nil {
			t.Fatal(err)
		}
		for i, f := range facts {
			if answers[i].Err != nil {
				t.Fatal(answers[i].Err)
			}
			if i > 0 && bytes.Compare(facts[i-1].ID[:], f.ID[:]) >= 0 {
				t.Errorf("%s has an id before that of %s, which was told first", f.ExternalID, facts[i-1].ExternalID)
			}
		}
	})
}
