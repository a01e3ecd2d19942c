package faults

import (
	"fmt"
	"testing"

	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/store/storetest"
)

// publish is what a worker does that is no fact: a program gets a new version.
const publish = "publish"

const (
	single = `program "Points"
  earn 1 point per 1.00 EUR
`
	double = `program "Points"
  earn 2 points per 1.00 EUR
`
)

// A new version of a program and an order, in a thousand shops: the order is judged by the
// old version or by the new one, and what either process is told afterwards by the new one.
func TestAnEditAgainstAnOrder(t *testing.T) {
	t.Parallel()
	c := storetest.Config(t, "postgres")
	st := storetest.Open(t, c)
	at := st.Clock() + 2*moment.Minute // judged by what is in force when they are recorded
	var before, meanwhile, after [][2]order
	var shops []*loyalty.Shop
	pairs := pairsEach
	if planted() {
		pairs = 50 // the bug shows at once
	}
	for i := range pairs {
		s := storetest.Publish(t, st, &loyalty.Shop{
			Slug: fmt.Sprintf("s%04d", i), Name: "S", Currency: "EUR", Decimals: 2, Zone: storetest.Zone(t, "Europe/Paris"),
		}, single)
		pays := func(ref, who string) order {
			return order{Shop: s.ID, Kind: loyalty.OrderPaid, Ref: ref, Member: who, At: at, Coffees: 1, Cents: 1000}
		}
		before = append(before, [2]order{pays("1", "anna"), pays("2", "bela")})
		meanwhile = append(meanwhile, [2]order{{Shop: s.ID, Kind: publish}, pays("3", "cleo")})
		after = append(after, [2]order{pays("4", "dora"), pays("5", "emil")})
		shops = append(shops, s)
	}
	two := both(t, c.URL)
	two.race(t, before)
	two.race(t, meanwhile)
	two.race(t, after)
	two.end(t)
	results := map[string]int{}
	for _, s := range shops {
		all := states(t, st, s)
		points := func(who string) (n int) {
			if _, err := fmt.Sscanf(all[who], "points %d", &n); err != nil {
				t.Fatalf("shop %s: %s has %q", s.Slug, who, all[who])
			}
			return n
		}
		got := fmt.Sprint(points("anna"), points("bela"), points("cleo"), points("dora"), points("emil"))
		results[got]++
		if got != "10 10 10 20 20" && got != "10 10 20 20 20" {
			t.Fatalf("shop %s gave %s", s.Slug, got)
		}
	}
	t.Logf("%d pairs, results: %v", len(shops), results)
}
