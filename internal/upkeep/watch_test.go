package upkeep_test

import (
	"errors"
	"log/slog"
	"testing"

	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
	"cagnotte/internal/upkeep"
)

var (
	qDrift   = store.New("tamper.drift", `UPDATE accounts SET balance = balance + 7 WHERE unit = 'points' AND member_id = `+aMember)
	qUndrift = store.New("untamper.drift", `UPDATE accounts SET balance = balance - 7 WHERE unit = 'points' AND member_id = `+aMember)
)

// One changed row turns readiness red at the next look, and its wallet cannot be spent
// from until it is right again (M19).
func TestADriftingBalanceIsSeenAndFrozen(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := lived(t, st)
		in := door(t, st)
		w := upkeep.NewWatch(st, slog.New(slog.DiscardHandler))
		look := func() error {
			if err := w.Look(t.Context()); err != nil {
				t.Fatal(err)
			}
			return w.Ready()
		}
		tamper := func(q *store.Q) {
			if err := st.Write(t.Context(), func(tx *store.Tx) error { return tx.Exec(t.Context(), q) }); err != nil {
				t.Fatal(err)
			}
		}
		spend := func(id string) error {
			for _, number := range []string{"anna", "bela", "cleo", "dora"} {
				f := &loyalty.Fact{
					Kind: loyalty.StaffAdjust, Feed: "web", ExternalID: id + number, Via: "api", Origin: loyalty.FromStaff,
					OccurredAt: st.Clock() - moment.Minute,
					Member:     loyalty.Who{Keys: []loyalty.Key{{Kind: loyalty.ByNumber, Key: number}}},
					Adjust:     &loyalty.Adjust{Unit: "points", Amount: -1, Reason: "a test", Actor: "eva"},
				}
				got, err := in.Try(t.Context(), s.ID, f)
				if err != nil {
					t.Fatal(err)
				}
				if p, ok := errors.AsType[*loyalty.Problem](got[0].Err); ok && p.Code == "wallet_frozen" {
					return p
				}
			}
			return nil
		}
		if err := look(); err != nil {
			t.Fatalf("before: %v", err)
		}
		if err := spend("a"); err != nil {
			t.Fatalf("before: %v", err)
		}
		tamper(qDrift)
		if err := look(); !errors.Is(err, loyalty.ErrUnavailable) {
			t.Errorf("after a row was changed: ready says %v", err)
		}
		if err := spend("b"); err == nil {
			t.Error("a drifting wallet can be spent from")
		}
		tamper(qUndrift)
		if err := look(); err != nil {
			t.Errorf("after it was mended: %v", err)
		}
		if err := spend("c"); err != nil {
			t.Errorf("after it was mended: %v", err)
		}
	})
}
