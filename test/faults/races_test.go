package faults

import (
	"fmt"
	"testing"

	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/store/storetest"
)

const pairsEach = 1_000

// raced runs pairs of facts in two processes on one PostgreSQL, runs both serial orders of
// the same pair for other members, and compares: each raced result must be one of the two.
func raced(t *testing.T, programs string, before func(who string, at moment.Time) []*loyalty.Fact, pair func(who string, at moment.Time) [2]order) {
	t.Parallel()
	c := storetest.Config(t, "postgres")
	st := storetest.Open(t, c)
	s := storetest.Shop(t, st, programs)
	in := open(t, st)
	at := st.Clock() - 10*moment.Day
	var ahead []*loyalty.Fact
	prepare := func(who string) [2]order {
		ahead = append(ahead, before(who, at)...)
		p := pair(who, at)
		p[0].Shop, p[1].Shop = s.ID, s.ID
		return p
	}
	ab, ba := prepare("serial-ab"), prepare("serial-ba")
	bulk(t, in, s.ID, ahead)
	ahead = nil
	record(t, in, s.ID, ab[0].fact(), ab[1].fact(), ba[1].fact(), ba[0].fact())
	var pairs [][2]order
	for i := range pairsEach {
		pairs = append(pairs, prepare(fmt.Sprintf("p%04d", i)))
	}
	bulk(t, in, s.ID, ahead)
	race(t, c.URL, pairs)
	all := states(t, st, s)
	as := func(who string) string { return all[who] + "|" + all["ref-"+who] + "|" + all[who+"-b"] }
	results := map[string]int{}
	for i := range pairsEach {
		who := fmt.Sprintf("p%04d", i)
		results[as(who)]++
		if got := as(who); got != as("serial-ab") && got != as("serial-ba") {
			t.Fatalf("pair %d ended in\n%s\nwhich is neither\n%s\nnor\n%s", i, got, as("serial-ab"), as("serial-ba"))
		}
	}
	t.Logf("%d pairs, results: %v", len(pairs), results)
	if len(all) < pairsEach {
		t.Fatalf("only %d members have anything", len(all))
	}
}

func TestAnOrderAgainstItsRefund(t *testing.T) {
	raced(t, simple, func(who string, at moment.Time) []*loyalty.Fact {
		return []*loyalty.Fact{pays(who+"-0", who, at, 1, 1000)}
	}, func(who string, at moment.Time) [2]order {
		return [2]order{
			{Kind: loyalty.OrderPaid, Ref: who, Member: who, At: at + 1, Coffees: 2, Cents: 4550},
			{Kind: loyalty.Refunded, Ref: who, Member: who, At: at + 2, SKU: "COFFEE"},
		}
	})
}

func TestTwoFirstOrders(t *testing.T) {
	raced(t, simple, func(who string, at moment.Time) []*loyalty.Fact {
		return []*loyalty.Fact{joins("ref-"+who, "", at), joins(who, "ref-"+who, at+1)}
	}, func(who string, at moment.Time) [2]order {
		return [2]order{
			{Kind: loyalty.OrderPaid, Ref: who + "-1", Member: who, At: at + 2, Coffees: 2, Cents: 4550},
			{Kind: loyalty.OrderPaid, Ref: who + "-2", Member: who, At: at + 3, Coffees: 1, Cents: 3000},
		}
	})
}

// last leaves each referrer one place: the cap is one reward.
const last = `program "Points"
  earn 1 point per 1.00 EUR
  refer friend 500 points, referrer 1000 points, on first order, from 20.00 EUR, at most 1 rewards per year
`

// The last place under a referrer's cap is given exactly once.
func TestTwoFriendsOfOneAtHisCap(t *testing.T) {
	raced(t, last, func(who string, at moment.Time) []*loyalty.Fact {
		return []*loyalty.Fact{joins("ref-"+who, "", at), joins(who, "ref-"+who, at+1), joins(who+"-b", "ref-"+who, at+1)}
	}, func(who string, at moment.Time) [2]order {
		return [2]order{
			{Kind: loyalty.OrderPaid, Ref: who + "-1", Member: who, At: at + 2, Coffees: 1, Cents: 2500},
			{Kind: loyalty.OrderPaid, Ref: who + "-2", Member: who + "-b", At: at + 3, Coffees: 1, Cents: 3000},
		}
	})
}

// What a member orders while he is merged into another one is never lost.
func TestAMergeAgainstAnOrder(t *testing.T) {
	raced(t, simple, func(who string, at moment.Time) []*loyalty.Fact {
		return []*loyalty.Fact{pays(who+"-0", who, at, 1, 1000), pays(who+"-1", who+"-b", at, 1, 2000)}
	}, func(who string, at moment.Time) [2]order {
		return [2]order{
			{Kind: loyalty.StaffMerge, Ref: who, Member: who, Other: who + "-b", At: at + 1},
			{Kind: loyalty.OrderPaid, Ref: who + "-2", Member: who + "-b", At: at + 2, Coffees: 2, Cents: 4500},
		}
	})
}
