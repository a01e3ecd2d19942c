package programs_test

import (
	"log/slog"
	"testing"

	"cagnotte/internal/intake"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/programs"
	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
	"cagnotte/internal/upkeep"
)

// A version that was withdrawn never judges: not what comes after its start, not what is
// reported late, and not in a replay.
func TestAWithdrawnVersionNeverJudges(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		begin := st.Clock()
		now := begin
		st.Clock = func() moment.Time { return now }
		shop := storetest.Shop(t, st, "program \"Points\"\n  earn 1 point per 1.00 EUR\n")
		in := intake.New(st, storetest.Box(t), slog.New(slog.DiscardHandler), intake.Options{})
		t.Cleanup(in.Close)
		p := programs.New(st, in)
		list, err := p.List(t.Context(), shop.ID)
		if err != nil {
			t.Fatal(err)
		}
		which := list[0].ID
		order := func(ref string, at moment.Time, want int64) {
			t.Helper()
			fact := &loyalty.Fact{
				Kind: loyalty.OrderPaid, Feed: "web", ExternalID: ref, Via: "api", Origin: loyalty.FromLive, OccurredAt: at,
				Member: loyalty.Who{Keys: []loyalty.Key{{Kind: loyalty.ByNumber, Key: "bela"}}},
				Order:  &loyalty.Order{Series: "web", Ref: ref, Currency: "EUR", Lines: []loyalty.Line{{SKU: "MUG", Quantity: 1, Amount: 1000}}},
			}
			got, err := in.Record(t.Context(), shop.ID, fact)
			if err != nil || got[0].Err != nil || len(got[0].Lines) == 0 || got[0].Lines[0].Amount != want {
				t.Fatalf("order %s: %v %+v, want %d", ref, err, got, want)
			}
		}
		publish := func(text string, at moment.Time) {
			t.Helper()
			if _, err := p.Apply(t.Context(), shop.ID, "program \"Points\"\n  starts "+at.String()+"\n  "+text, false); err != nil {
				t.Fatal(err)
			}
		}
		states := func(want ...string) {
			t.Helper()
			x, err := p.Program(t.Context(), shop.ID, which)
			if err != nil || len(x.Versions) != len(want) {
				t.Fatalf("%v %+v", err, x)
			}
			for i, v := range x.Versions {
				if v.State != want[i] {
					t.Errorf("version %d is %s, want %s", v.N, v.State, want[i])
				}
			}
		}
		order("1", now, 10)
		publish("earn 5 points per 1.00 EUR", begin+2*moment.Day)
		states("in_force", "scheduled")
		if _, err := p.Withdraw(t.Context(), shop.ID, which, 1, false); code(err) != "version version_begun" {
			t.Errorf("%v", err)
		}
		if _, err := p.Withdraw(t.Context(), shop.ID, which, 3, false); code(err) != "version version_unknown" {
			t.Errorf("%v", err)
		}
		now = begin + 2*moment.Day - programs.Ahead/2
		if _, err := p.Withdraw(t.Context(), shop.ID, which, 2, false); code(err) != "version version_begun" {
			t.Errorf("taken back when another machine may use it already: %v", err)
		}
		now = begin + 2*moment.Day - programs.Ahead
		if _, err := p.Withdraw(t.Context(), shop.ID, which, 2, true); err != nil {
			t.Error(err)
		}
		states("in_force", "scheduled")
		if _, err := p.Withdraw(t.Context(), shop.ID, which, 2, false); err != nil {
			t.Fatal(err)
		}
		states("in_force", "withdrawn")
		if _, err := p.Withdraw(t.Context(), shop.ID, which, 2, false); code(err) != "version version_withdrawn" {
			t.Errorf("%v", err)
		}
		now = begin + 3*moment.Day
		order("2", now, 10)
		order("3", begin+2*moment.Day+moment.Hour, 10) // late, of after its start

		publish("earn 5 points per 1.00 EUR", begin+5*moment.Day) // the same text is a version of its own
		states("in_force", "withdrawn", "scheduled")
		publish("earn 2 points per 1.00 EUR", begin+4*moment.Day) // before the other one begins
		states("in_force", "withdrawn", "replaced", "scheduled")
		if _, err := p.Withdraw(t.Context(), shop.ID, which, 3, false); code(err) != "version version_replaced" {
			t.Errorf("%v", err)
		}
		now = begin + 6*moment.Day
		states("ended", "withdrawn", "replaced", "in_force")
		order("4", now, 20)

		into := storetest.Open(t, storetest.Config(t, "sqlite"))
		a, b, n, err := upkeep.Replay(t.Context(), st, into, storetest.Box(t), nil)
		if err != nil || a != b || n == 0 {
			t.Errorf("a replay of %d facts ends in %s, the original in %s: %v", n, b, a, err)
		}
	})
}

// All versions withdrawn: the program judges nothing, and begins anew with the next one.
func TestAProgramWithdrawnWhole(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		p, shop := studio(t, st)
		at := st.Clock() + 9*moment.Day
		text := "program \"Spring\"\n  starts " + at.String() + "\n  earn 3 points per order"
		a, err := p.Apply(t.Context(), shop.ID, text, false)
		if err != nil {
			t.Fatal(err)
		}
		x, err := p.Withdraw(t.Context(), shop.ID, a[0].ID, 1, false)
		if err != nil || x.State != programs.Withdrawn || x.Newest().N != 1 {
			t.Errorf("%v %+v", err, x)
		}
		if _, err := p.Copy(t.Context(), shop.ID, a[0].ID, "Summer", false); code(err) != "id version_withdrawn" {
			t.Errorf("%v", err)
		}
		if a, err = p.Apply(t.Context(), shop.ID, text, false); err != nil || a[0].Version != 2 || a[0].Outcome != programs.NewVersion {
			t.Errorf("%v %+v", err, a)
		}
	})
}
