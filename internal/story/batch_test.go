package story

import (
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"cagnotte/internal/intake"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
)

// TestABacklogToldAtOnceIsTheSame tells random histories months late: fact by fact in memory,
// and in batches of any size on a database. A shop that was cut off sends its backlog so, and
// within one batch what a fact set for later comes due before the next one: both must
// end alike.
func TestABacklogToldAtOnceIsTheSame(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		in := intake.New(st, storetest.Box(t), slog.New(slog.DiscardHandler), intake.Options{})
		defer in.Close()
		told, opened := 0, 0
		rapid.Check(t, func(rt *rapid.T) {
			text := backlog
			if rapid.IntRange(0, 9).Draw(rt, "which") > 0 {
				text = randomHistory(rt)
			}
			s, err := Parse("random", text)
			if err != nil {
				rt.Fatal(err)
			}
			onTime, facts := split(s)
			last := s.Steps[len(s.Steps)-1].Now
			now := last + 40*moment.Day
			d := NewDecider(s.Shop)
			e, err := NewStored(t.Context(), st, in, s.Shop)
			if err != nil {
				rt.Fatal(err)
			}
			tellOn(rt, d, s, onTime, nil, nil, arrivals[0])
			tellOn(rt, e, s, onTime, nil, nil, arrivals[0])
			order := make([]int, len(facts))
			for i := range order {
				order[i] = i
			}
			if rapid.Bool().Draw(rt, "shuffled") {
				order = rapid.Permutation(order).Draw(rt, "order")
			}
			var rest []*loyalty.Fact
			for _, i := range order {
				f := *facts[i].Fact
				rest = append(rest, &f)
				one := f
				if _, err := d.Record(t.Context(), &one, now+20*moment.Day); err != nil && !isProblem(err) {
					rt.Fatal(err)
				}
			}
			if err := e.clock(t.Context(), now+20*moment.Day); err != nil {
				rt.Fatal(err)
			}
			sizes := ""
			for len(rest) > 0 {
				n := min(len(rest), rapid.IntRange(2, 12).Draw(rt, "size"))
				for _, f := range rest[:n] {
					f.Via = "story"
				}
				answers, err := in.Record(t.Context(), e.shop.ID, rest[:n]...)
				if err != nil {
					rt.Fatal(err)
				}
				for _, a := range answers {
					for _, l := range a.Lines {
						if n > 1 && l.Outcome == loyalty.Opened {
							opened++
						}
					}
				}
				sizes += fmt.Sprint(" ", n)
				rest = rest[n:]
				told++
			}
			for _, f := range broken(rt, t, st, in, e.shop.ID) {
				rt.Errorf("%s\norder %v, batches of%s break %v", text, order, sizes, f)
			}
			for _, x := range []Engine{d, e} {
				if _, err := x.Clock(t.Context(), now+80*moment.Day); err != nil {
					rt.Fatal(err)
				}
			}
			if strings.Contains(text, "refer referrer") { // what the referrer has goes by arrival
				s.Members = []string{"bela"}
			}
			wantNames, gotNames := namesOf(t, d, s), namesOf(t, e, s)
			for _, p := range d.programs {
				wantNames[p.ID.String()], gotNames[e.book[p.Name].ID.String()] = p.Name, p.Name
			}
			if w, g := renamed(state(t, d, s), wantNames), renamed(state(t, e, s), gotNames); w != g {
				rt.Fatalf("%s\norder %v, batches of%s: one by one it ends in\n%s\nat once in\n%s", text, order, sizes, w, g)
			}
		})
		if !t.Failed() && (told < 20 || opened < 5) {
			t.Errorf("%d batches were told, in which %d rewards came due: too few to show anything", told, opened)
		}
	})
}

// backlog is a friend who joined before the shop was cut off: what he ordered then, and what it set
// for later, comes with the orders after it.
const backlog = `
program "Cash"
  earn 0.10 EUR per 1.00 EUR
  refer friend 5.00 EUR, referrer 10.00 EUR, on first order from 20.00 EUR, after 14 days, valid 90 days
guest anna
guest bela
at 2026-03-01 anna joins
at 2026-03-01 bela joins invited by anna
at 2026-03-01 staff gives anna 1.00 EUR because before
at 2026-03-01 staff gives bela 1.00 EUR because before
at 2026-03-02 bela orders 1 MUG for 30.00 as ref 1
at 2026-03-25 bela orders 1 MUG for 40.00 as ref 2
at 2026-04-20 bela orders 1 MUG for 20.00 as ref 3
`

// broken runs every sweep of `verify` over a shop: sums that are kept beside the lots must follow them.
// What ended in the backlog is the clock's to post, and it has not run yet.
func broken(rt *rapid.T, t *testing.T, st *store.Store, in *intake.Intake, shop loyalty.ShopID) (found []store.Fault) {
	s, err := st.Shop(t.Context(), shop)
	if err != nil {
		rt.Fatal(err)
	}
	v, err := st.View(t.Context(), 1)
	if err != nil {
		rt.Fatal(err)
	}
	defer v.Close()
	for _, w := range store.Sweeps() {
		if err := v.Sweep(t.Context(), w, shop, in.Now(s), func(f store.Fault) {
			if f.How != "ended_and_not_posted" {
				found = append(found, f)
			}
		}); err != nil {
			rt.Fatal(err)
		}
	}
	return found
}

func isProblem(err error) bool {
	_, ok := err.(*loyalty.Problem)
	return ok
}
