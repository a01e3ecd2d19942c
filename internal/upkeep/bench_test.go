package upkeep_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"testing"

	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
	"cagnotte/internal/upkeep"
)

// BenchmarkVerify measures verify without the replay over a book of a million postings, or
// as many as CAGNOTTE_POSTINGS says: a shop that lived through the door, many times over.
// What it checked is printed with -v.
func BenchmarkVerify(b *testing.B) {
	want := 1_000_000
	if n, err := strconv.Atoi(os.Getenv("CAGNOTTE_POSTINGS")); err == nil {
		want = n
	}
	for _, engine := range []string{"sqlite", "postgres"} {
		b.Run(engine, func(b *testing.B) {
			st := storetest.Open(b, storetest.Config(b, engine))
			s := busy(b, st)
			had := storetest.Rows(b, st, s.ID)["postings"]
			storetest.Multiply(b, st, s.ID, want/had)
			for b.Loop() {
				list, err := upkeep.Invariants(b.Context(), st)
				if err != nil {
					b.Fatal(err)
				}
				b.StopTimer()
				holds(b, list)
				b.StartTimer()
			}
		})
	}
}

// busy is a shop of 600 members who recommend each other, collect, exchange and send back,
// and to whom somebody listens.
func busy(t testing.TB, st *store.Store) *loyalty.Shop {
	t.Helper()
	wall := st.Clock
	at := wall() - 40*moment.Day
	st.Clock = func() moment.Time { return at }
	s := storetest.Shop(t, st, small)
	listened(t, st, s)
	var (
		in    = door(t, st)
		rng   = rand.New(rand.NewPCG(7, 7))
		facts []*loyalty.Fact
		who   = func(n int) loyalty.Who {
			return loyalty.Who{Keys: []loyalty.Key{{Kind: loyalty.ByNumber, Key: strconv.Itoa(n)}}}
		}
		add = func(f *loyalty.Fact) {
			at += 10 * moment.Minute
			f.Feed, f.ExternalID, f.Via, f.Origin, f.OccurredAt = "web", fmt.Sprint(len(facts)), "api", loyalty.FromLive, at
			facts = append(facts, f)
		}
	)
	for n := range 600 {
		f := &loyalty.Fact{Kind: loyalty.MemberJoined, Member: who(n)}
		if n%3 == 2 {
			f.Referrer = who(rng.IntN(n))
		}
		add(f)
	}
	for n := range 3_000 {
		m, order := who(rng.IntN(600)), &loyalty.Order{Series: "web", Ref: strconv.Itoa(n), Currency: "EUR", Lines: []loyalty.Line{
			{SKU: "COFFEE", Quantity: 1, Amount: 400}, {SKU: "TEA", Quantity: 1, Amount: int64(500 + rng.IntN(9_000))},
		}}
		add(&loyalty.Fact{Kind: loyalty.OrderPaid, Member: m, Order: order})
		if n%20 == 0 {
			add(&loyalty.Fact{Kind: loyalty.Refunded, Member: m, Refund: &loyalty.Refund{Series: "web", Ref: order.Ref}})
		}
	}
	for part := range slices.Chunk(facts, 64) { // as it happened: what is due comes first
		now := part[len(part)-1].OccurredAt
		st.Clock = func() moment.Time { return now }
		if _, err := in.Due(t.Context(), s.ID, now); err != nil {
			t.Fatal(err)
		}
		got, err := in.Record(t.Context(), s.ID, part...)
		if err != nil {
			t.Fatal(err)
		}
		for i, a := range got {
			if a.Err != nil {
				t.Fatalf("%s: %v", part[i].Canonical(), a.Err)
			}
		}
	}
	st.Clock = wall
	if _, err := in.Due(t.Context(), s.ID, wall()); err != nil {
		t.Fatal(err)
	}
	return s
}
