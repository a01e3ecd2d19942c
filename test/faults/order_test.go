package faults

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
)

// Six facts of a friend (a joining by a referrer, four orders, one partial return) arrive
// in each of their 720 orders: a monthly cap, a first-order bonus, a stamp card and a
// referral with a waiting time end in the same balances, open lots and vouchers.
func TestEveryOrderOfArrivalEndsAlike(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := storetest.Shop(t, st, programs)
		in := open(t, st)
		start := st.Clock() - 60*moment.Day
		day := func(n int) moment.Time { return start + moment.Time(n)*moment.Day }
		history := func(who string) []*loyalty.Fact {
			return []*loyalty.Fact{
				joins(who, "anna"+who, day(1)),
				pays(who+"-1", who, day(2), 2, 1900),
				pays(who+"-2", who, day(5), 2, 4550),
				pays(who+"-3", who, day(9), 1, 2000),
				returns(who+"-2", who, day(20), "COFFEE"),
				pays(who+"-4", who, day(40), 4, 3000),
			}
		}
		var want, wantReferrer string
		n := 0
		var group sync.WaitGroup
		hands := make(chan struct{}, 48) // histories arrive side by side, each in its own order
		permute(6, func(order []int) {
			who := fmt.Sprintf("f%03d", n)
			n++
			arrival := slices.Clone(order)
			hands <- struct{}{}
			group.Go(func() {
				defer func() { <-hands }()
				record(t, in, s.ID, joins("anna"+who, "", day(0)))
				facts := history(who)
				for _, i := range arrival {
					record(t, in, s.ID, facts[i])
				}
			})
		})
		group.Wait()
		if _, err := in.Due(t.Context(), s.ID, st.Clock()); err != nil {
			t.Fatal(err)
		}
		all := states(t, st, s)
		for i := range n {
			who := fmt.Sprintf("f%03d", i)
			if i == 0 {
				want, wantReferrer = all[who], all["anna"+who]
				t.Logf("%s\nreferrer\n%s", want, wantReferrer)
				if !strings.Contains(want, "voucher") || !strings.Contains(wantReferrer, "points 750") {
					t.Fatalf("the history is too poor: %s%s", want, wantReferrer)
				}
			}
			if all[who] != want || all["anna"+who] != wantReferrer {
				t.Fatalf("order %d ends in\n%s%s\nwant\n%s%s", i, all[who], all["anna"+who], want, wantReferrer)
			}
		}
		if n != 720 {
			t.Fatalf("%d orders of arrival, want 720", n)
		}
	})
}

// permute calls f with every order of n things.
func permute(n int, f func([]int)) {
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	var step func(k int)
	step = func(k int) {
		if k == n {
			f(order)
			return
		}
		for i := k; i < n; i++ {
			order[k], order[i] = order[i], order[k]
			step(k + 1)
			order[k], order[i] = order[i], order[k]
		}
	}
	step(0)
}
