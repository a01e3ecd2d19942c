package upkeep_test

import (
	"log/slog"
	"strings"
	"testing"

	"cagnotte/internal/intake"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
)

var changes = []*store.Q{
	store.New("tamper.postings.update", `UPDATE postings SET amount = amount + 1`),
	store.New("tamper.postings.delete", `DELETE FROM postings`),
	store.New("tamper.transactions.update", `UPDATE transactions SET actor = 'me'`),
	store.New("tamper.transactions.delete", `DELETE FROM transactions`),
}

// The database itself refuses what the program never does, through the program's own
// login: a row of the book is neither changed nor taken away (M12).
func TestTheBookIsAppendOnly(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := storetest.Shop(t, st, "program \"Points\"\n  earn 1 point per 1.00 EUR\n")
		in := intake.New(st, storetest.Box(t), slog.New(slog.DiscardHandler), intake.Options{})
		defer in.Close()
		who := loyalty.Who{Keys: []loyalty.Key{{Kind: loyalty.ByNumber, Key: "anna"}}}
		_, err := in.Record(t.Context(), s.ID, &loyalty.Fact{
			Kind: loyalty.OrderPaid, Feed: "web", ExternalID: "1", Via: "api", Origin: loyalty.FromLive, OccurredAt: st.Clock() - moment.Day,
			Member: who, Order: &loyalty.Order{Series: "web", Ref: "1", Currency: "EUR", Lines: []loyalty.Line{{SKU: "A", Quantity: 1, Amount: 500}}},
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, q := range changes {
			err := st.Write(t.Context(), func(tx *store.Tx) error { return tx.Exec(t.Context(), q) })
			if err == nil || !strings.Contains(err.Error(), "append-only") {
				t.Errorf("%s: %v, want that the book is append-only", q.Name, err)
			}
		}
		if err := st.LiftAppendOnly(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := st.Write(t.Context(), func(tx *store.Tx) error { return tx.Exec(t.Context(), changes[0]) }); err != nil {
			t.Errorf("after the rule was lifted: %v", err)
		}
	})
}
