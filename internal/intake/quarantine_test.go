package intake

import (
	"log/slog"
	"testing"

	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
)

// In quarantine facts are recorded as always, but time does nothing by itself: what is due
// happens when the quarantine ends.
func TestTheClockStandsInQuarantine(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		wall, begun := st.Clock, st.Clock()-20*moment.Day
		st.Clock = func() moment.Time { return begun }
		s := storetest.Shop(t, st, "program \"Points\"\n  earn 1 point per 1.00 EUR\n"+
			"  refer friend 500 points, referrer 1000 points, on first order, after 14 days\n")
		in := New(st, storetest.Box(t), slog.New(slog.DiscardHandler), Options{})
		defer in.Close()
		who := func(number string) loyalty.Who {
			return loyalty.Who{Keys: []loyalty.Key{{Kind: loyalty.ByNumber, Key: number}}}
		}
		record := func(f *loyalty.Fact) {
			t.Helper()
			f.Feed, f.Via, f.Origin = "web", "api", loyalty.FromLive
			if got, err := in.Record(t.Context(), s.ID, f); err != nil || got[0].Err != nil {
				t.Fatal(err, got)
			}
		}
		order := func(member, ref string, at moment.Time) {
			t.Helper()
			record(&loyalty.Fact{Kind: loyalty.OrderPaid, ExternalID: ref, OccurredAt: at, Member: who(member), Order: &loyalty.Order{
				Series: "web", Ref: ref, Currency: "EUR", Lines: []loyalty.Line{{SKU: "TEA", Quantity: 1, Amount: 500}},
			}})
		}
		facts := func() int {
			t.Helper()
			n, err := st.CountFacts(t.Context(), s.ID)
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
		record(&loyalty.Fact{Kind: loyalty.MemberJoined, ExternalID: "a", OccurredAt: begun, Member: who("anna")})
		record(&loyalty.Fact{Kind: loyalty.MemberJoined, ExternalID: "j", OccurredAt: begun, Member: who("bela"), Referrer: who("anna")})
		order("bela", "1", begun)
		st.Clock = wall

		if err := st.BeginQuarantine(t.Context()); err != nil {
			t.Fatal(err)
		}
		in.tick(t.Context())
		order("cleo", "2", st.Clock())
		if n := facts(); n != 4 {
			t.Errorf("%d facts in quarantine, want two joins and two orders", n)
		}
		if err := st.EndQuarantine(t.Context()); err != nil {
			t.Fatal(err)
		}
		in.tick(t.Context())
		if n := facts(); n != 5 {
			t.Errorf("%d facts afterwards, want one of the clock, too", n)
		}
	})
}
