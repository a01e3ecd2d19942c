package upkeep_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
	"cagnotte/internal/upkeep"
)

var qStopPrograms = store.New("tamper.stop", `UPDATE program_versions SET starts_at = 9000000000000000`)

func TestReplayFindsAProgramThatChangedInPlace(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		lived(t, st)
		list, err := upkeep.Verify(t.Context(), st, storetest.Box(t), nil)
		if err != nil {
			t.Fatal(err)
		}
		holds(t, list)
		if err := st.Write(t.Context(), func(tx *store.Tx) error { return tx.Exec(t.Context(), qStopPrograms) }); err != nil {
			t.Fatal(err)
		}
		if list, err = upkeep.Verify(t.Context(), st, storetest.Box(t), nil); err != nil {
			t.Fatal(err)
		}
		if got := red(list); got != "L14" || upkeep.Holds(list) {
			t.Errorf("red are %q, want L14", got)
		}
	})
}

func TestReplayWantsAFreshDestination(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		lived(t, st)
		used := storetest.Open(t, storetest.Config(t, "sqlite"))
		begun := storetest.Open(t, storetest.Config(t, "sqlite"))
		lived(t, used)
		storetest.Shop(t, begun, small)
		for into, want := range map[*store.Store]string{used: "destination_has_events", begun: "destination_has_shops"} {
			_, _, _, err := upkeep.Replay(t.Context(), st, into, storetest.Box(t), nil)
			if !errors.Is(err, loyalty.ErrConflict) || !strings.Contains(err.Error(), want) {
				t.Errorf("got %v, want %s", err, want)
			}
		}
	})
}

// Facts of the clock are recorded facts: they are played again, at their own now.
func TestReplayPlaysTheClock(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := lived(t, st)
		later := st.Clock() + 20*moment.Day
		st.Clock = func() moment.Time { return later }
		if n, err := door(t, st).Due(t.Context(), s.ID, later); err != nil || n != 1 {
			t.Fatal(n, err)
		}
		into := storetest.Open(t, storetest.Config(t, "sqlite"))
		var last int64
		a, b, n, err := upkeep.Replay(t.Context(), st, into, storetest.Box(t), func(done, total int64) {
			if last = done; total != 11 {
				t.Errorf("%d of %d", done, total)
			}
		})
		if err != nil || a != b || n != 11 || last != 11 {
			t.Errorf("%d facts, %d shown, digests %s and %s, %v", n, last, a, b, err)
		}
		at, err := st.LastRecorded(t.Context(), s.ID)
		if err != nil {
			t.Fatal(err)
		}
		var csv bytes.Buffer
		if err := upkeep.ExportBalances(t.Context(), into, s, at, &csv); err != nil {
			t.Fatal(err)
		}
		if sum := sha256.Sum256(csv.Bytes()); hex.EncodeToString(sum[:]) != a {
			t.Errorf("the export's digest is not %s:\n%s", a, csv.String())
		}
		for _, want := range []string{",points,1000,1000,0,0,0,1000\n", ",points,545,545,0,0,0,545\n", ",points,-20,0,0,0,20,0\n"} {
			if !strings.Contains(csv.String(), want) {
				t.Errorf("no %q in\n%s", want, csv.String())
			}
		}
	})
}

// A clock that is set back, or another process whose clock is behind, must not record what
// follows from a fact before that fact.
func TestReplayAfterTheClockWentBack(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := storetest.Shop(t, st, small)
		in := door(t, st)
		wall := st.Clock()
		who := loyalty.Who{Keys: []loyalty.Key{{Kind: loyalty.ByNumber, Key: "anna"}}}
		for i, back := range []moment.Time{0, moment.Minute, 2 * moment.Minute} {
			st.Clock = func() moment.Time { return wall - back }
			got, err := in.Record(t.Context(), s.ID, &loyalty.Fact{
				Kind: loyalty.OrderPaid, Feed: "web", ExternalID: strings.Repeat("x", i+1), Via: "api", Origin: loyalty.FromLive,
				OccurredAt: wall - moment.Hour, Member: who,
				Order: &loyalty.Order{Series: "web", Ref: strings.Repeat("x", i+1), Currency: "EUR", Lines: []loyalty.Line{{SKU: "TEA", Quantity: 1, Amount: 500}}},
			})
			if err != nil || got[0].Err != nil {
				t.Fatal(err, got)
			}
		}
		a, b, n, err := upkeep.Replay(t.Context(), st, storetest.Open(t, storetest.Config(t, "sqlite")), storetest.Box(t), nil)
		if err != nil || a != b || n != 3 {
			t.Errorf("%d facts, digests %s and %s, %v", n, a, b, err)
		}
	})
}

// A history too long to be judged again at once waits for the slow queue, whose turn is a
// fact of the clock like any other.
func TestReplayOfALongHistory(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := storetest.Shop(t, st, small)
		in := door(t, st)
		start := st.Clock() - 20*moment.Day
		who := loyalty.Who{Keys: []loyalty.Key{{Kind: loyalty.ByNumber, Key: "anna"}}}
		var facts []*loyalty.Fact
		for n := range 230 {
			f := &loyalty.Fact{
				Kind: loyalty.OrderPaid, Feed: "web", ExternalID: strconv.Itoa(n), Via: "api", Origin: loyalty.FromLive,
				OccurredAt: start + moment.Time(n)*moment.Hour, Member: who,
			}
			if n%9 == 5 {
				f.Kind, f.Refund = loyalty.Refunded, &loyalty.Refund{Lines: []loyalty.RefundLine{{SKU: "COFFEE", Quantity: 1, Amount: 400}}}
			} else {
				f.Order = &loyalty.Order{Series: "web", Ref: f.ExternalID, Currency: "EUR", Lines: []loyalty.Line{
					{SKU: []string{"TEA", "COFFEE"}[n%2], Quantity: 1, Amount: int64(500 + n)},
				}}
			}
			facts = append(facts, f)
		}
		rng := rand.New(rand.NewPCG(3, 3))
		rng.Shuffle(len(facts), func(i, j int) { facts[i], facts[j] = facts[j], facts[i] })
		slow := 0
		for part := range slices.Chunk(facts, 23) {
			got, err := in.Record(t.Context(), s.ID, part...)
			if err != nil {
				t.Fatal(err)
			}
			for _, a := range got {
				if a.Err != nil {
					t.Fatal(a.Err)
				}
			}
			n, err := in.Due(t.Context(), s.ID, st.Clock())
			if err != nil {
				t.Fatal(err)
			}
			slow += n
		}
		if slow == 0 {
			t.Error("the slow queue never had a turn")
		}
		list, err := upkeep.Verify(t.Context(), st, storetest.Box(t), nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range list {
			if c.Broken > 0 {
				t.Errorf("%+v", c)
			}
		}
	})
}

// An address that staff took away from a member finds somebody else afterwards: in a replay,
// too.
func TestReplayOfACorrectedAddress(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := storetest.Shop(t, st, "program \"Points\"\n  earn 1 point per 1.00 EUR\n")
		in := door(t, st)
		wrong, right := loyalty.Key{Kind: loyalty.ByEmail, Key: "wrong"}, loyalty.Key{Kind: loyalty.ByEmail, Key: "right"}
		record := func(f *loyalty.Fact) id.Member {
			t.Helper()
			f.Feed, f.Via, f.Origin, f.OccurredAt = "api", "api", loyalty.FromLive, st.Clock()
			a, err := in.Record(t.Context(), s.ID, f)
			if err != nil || a[0].Err != nil {
				t.Fatal(err, a)
			}
			return a[0].Member
		}
		order := func(ref string, k loyalty.Key) id.Member {
			return record(&loyalty.Fact{Kind: loyalty.OrderPaid, ExternalID: ref, Member: loyalty.Who{Keys: []loyalty.Key{k}},
				Order: &loyalty.Order{Series: "web", Ref: ref, Currency: "EUR", Lines: []loyalty.Line{{SKU: "A", Quantity: 1, Amount: 1000}}}})
		}
		m := record(&loyalty.Fact{Kind: loyalty.MemberJoined, ExternalID: "join", Member: loyalty.Who{Keys: []loyalty.Key{wrong}}})
		record(&loyalty.Fact{Kind: loyalty.MemberUpdated, ExternalID: "u", Member: loyalty.Who{ID: m, Keys: []loyalty.Key{right}}, Forgets: []loyalty.Key{wrong}})
		if other := order("1", wrong); other == m || other.IsZero() {
			t.Errorf("the wrong address is still %s", m)
		}
		if got := order("2", right); got != m {
			t.Errorf("the right address is %s, want %s", got, m)
		}
		into := storetest.Open(t, storetest.Config(t, "sqlite"))
		if a, b, n, err := upkeep.Replay(t.Context(), st, into, storetest.Box(t), nil); err != nil || a != b || n != 4 {
			t.Errorf("%d facts, digests %s and %s, %v", n, a, b, err)
		}
	})
}
