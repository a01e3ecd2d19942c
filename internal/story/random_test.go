package story

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"cagnotte/internal/moment"
)

// Programs that the random histories run: everything that waits, ends, is capped,
// exchanged, absorbed or shared meets everything else. Where the referrer's cap or his
// exchange go by arrival (refer referrer), only the friend must end alike.
var randomPrograms = []string{`
program "Points"
  earn 1 point per 1.00 EUR, at most 60 points per month, valid 1 month
  bonus: earn 50 points on first order from 20.00 EUR, after 7 days
  item: earn 2 points per item of TEA, at most 3 rewards per month
  refer friend 500 points, referrer 1000 points, on first order from 30.00 EUR, after 14 days
`, `
program "Points"
  earn 3 points per 2.00 EUR, round nearest, after 10 days, valid until the end of the month
  hello: refer friend 40 points, referrer 60 points, on sign-up
  refer referrer 1 point per 10.00 EUR, at most 8 points per month
  exchange 40 points for cash voucher of 2.00 EUR, valid 30 days
`, `
program "Cash"
  earn 0.10 EUR per 1.00 EUR, returns absorbed, valid 20 days
  refer friend 5.00 EUR, referrer 10.00 EUR, on first order from 20.00 EUR
  welcome: earn 1.00 EUR on sign-up
`, `
program "Slow"
  earn 2 points per item, at most 5 points per order
  refer referrer 30 points, friend 20 points, from 15.00 EUR, after 5 days, valid 40 days
  exchange 50 points for cash voucher of 3.00 EUR
`, `
program "Changing" earn 1 point per 1.00 EUR
  stamp 1 per order
  exchange 2 stamps for product voucher of 1 TEA
at 2026-02-15 program "Changing" starts 2026-03-20
  earn 2 points per 1.00 EUR, after 3 days, from 5.00 EUR
  stamp 1 per item
  exchange 5 stamps for product voucher of 1 MUG
`, `
program "Mix"
  earn 1 point per 1.00 EUR, after 5 days, at most 60 points per month, valid 1 month
  multiply points by 2, of MUG, weekdays sat sun mon
  third: earn 100 points on order 3, from 10.00 EUR
  pair: earn cash voucher of 2.00 EUR on every 2 orders, after 3 days, valid 30 days
  sum: earn cash voucher of 5.00 EUR on orders of 60.00 EUR together, valid 30 days
  items: earn 1.00 EUR on orders of 6 items together, of MUG, at most 1 reward per month
  hundred: earn 1.00 EUR on reaching 100 points
`, `
program "Chain"
  stamp 1 per item of TEA
  full: exchange 3 stamps for 60 points
  cash: exchange 100 points for cash voucher of 5.00 EUR, valid 30 days
  earn 5 % in EUR, at most 2.00 EUR per order, round up to 10
  small: earn 30 points, from 20.00 EUR, worth 0.01 EUR, exclusive in offer
  large: earn 1 % in EUR, from 20.00 EUR, exclusive in offer
  cup: earn gift "Cup" on very first order, from 15.00 EUR, after 4 days
  free: earn product voucher of MUG per 3 items, of MUG, valid 20 days
`, `
program "Steps"
  earn 1 point per 1.00 EUR, on each placed order, for group gold
  sent: earn 2 points per item, on each fulfilled order, within 20 days, after 2 days
  multiply points by 3, for group gold
  pick: earn choice of gift "Mug" or 50 points, from 40.00 EUR, once
  review: earn 7 points on event "review", every 2 times, valid 15 days
  birthday: earn 9 points on birthday
  goal: earn gift "Mug" on reaching 50 points
`}

const randomCard = `
program "Card"
  stamp 1 per item of MUG
  exchange 3 stamps for product voucher of 1 MUG, valid 30 days`

const randomPeople = `
guest anna
guest bela
guest carl
guest dora
at 2026-03-01 anna joins
at 2026-03-01 dora joins
at 2026-03-01 bela places 1.00 EUR as ref 0
at 2026-03-01 staff gives anna 0.50 EUR because before
at 2026-03-01 staff gives bela 0.50 EUR because before
`

const randomPoints = `at 2026-03-01 staff gives anna 5 points because before
at 2026-03-01 staff gives bela 5 points because before
`

// randomHistory draws what bela does in two months.
func randomHistory(t *rapid.T) string {
	var b strings.Builder
	b.WriteString(randomCard)
	programs := rapid.SampledFrom(randomPrograms).Draw(t, "programs")
	b.WriteString(programs)
	b.WriteString(randomPeople)
	if strings.Contains(programs, "point") { // accounts that are there before, with lots that a fact may not need
		b.WriteString(randomPoints)
	}
	n := rapid.IntRange(2, 9).Draw(t, "facts")
	day := 2
	for i := range n {
		day += rapid.IntRange(0, 9).Draw(t, "days")
		at := fmt.Sprintf("at %s ", moment.Of(monthStart.AddDate(0, 0, day)).Date(monthStart.Location()))
		ref := rapid.IntRange(1, 4).Draw(t, "ref")
		switch rapid.IntRange(0, 17).Draw(t, "kind") {
		case 0:
			fmt.Fprintf(&b, "%sbela joins invited by anna\n", at)
		case 1, 2, 3, 4:
			fmt.Fprintf(&b, "%sbela orders %d MUG for %d.50, %d TEA for %d.00 as ref %d\n", at,
				rapid.IntRange(1, 4).Draw(t, "mugs"), rapid.IntRange(0, 60).Draw(t, "price"),
				rapid.IntRange(1, 3).Draw(t, "teas"), rapid.IntRange(0, 20).Draw(t, "price"), ref)
		case 5:
			fmt.Fprintf(&b, "%sbela returns %d MUG of order %d\n", at, rapid.IntRange(1, 3).Draw(t, "mugs"), ref)
		case 6:
			fmt.Fprintf(&b, "%sbela returns %d.00 EUR of order %d\n", at, rapid.IntRange(1, 40).Draw(t, "back"), ref)
		case 7:
			fmt.Fprintf(&b, "%sbela returns %d MUG for %d.00\n", at, rapid.IntRange(1, 2).Draw(t, "mugs"), rapid.IntRange(1, 20).Draw(t, "back"))
		case 8:
			fmt.Fprintf(&b, "%sbela %s order %d\n", at, rapid.SampledFrom([]string{"returns", "cancels"}).Draw(t, "how"), ref)
		case 9: // carl's facts come on time: what they give bela is hers
			fmt.Fprintf(&b, "%scarl joins invited by bela\n", at)
		case 10:
			fmt.Fprintf(&b, "%scarl orders 1 MUG for %d.00 as ref 1%d\n", at, rapid.IntRange(10, 90).Draw(t, "price"), ref)
		case 11:
			fmt.Fprintf(&b, "%scarl returns %d.00 EUR of order 1%d\n", at, rapid.IntRange(1, 60).Draw(t, "back"), ref)
		case 12:
			fmt.Fprintf(&b, "%sstaff gives bela %d.00 EUR because fact %d\n", at, rapid.IntRange(1, 50).Draw(t, "gift"), i)
		case 13:
			fmt.Fprintf(&b, "%sbela receives order %d\n", at, ref)
		case 14:
			fmt.Fprintf(&b, "%sstaff groups bela in %s\n", at, rapid.SampledFrom([]string{"gold", "silver"}).Draw(t, "group"))
		case 15:
			fmt.Fprintf(&b, "%sbela does \"review\"\n", at)
		case 16:
			fmt.Fprintf(&b, "%sbela updates born 03-%d\n", at, rapid.IntRange(10, 31).Draw(t, "birthday"))
		case 17:
			fmt.Fprintf(&b, "%sstaff bonds bela to %s because fact %d\n", at, rapid.SampledFrom([]string{"anna", "dora"}).Draw(t, "referrer"), i)
		}
	}
	return b.String()
}

// TestRandomHistories tells histories in the order in which they happened and in another
// one: both must end alike, and each step's receipts must add up to its balances.
func TestRandomHistories(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		text := randomHistory(rt)
		s, err := Parse("random", text)
		if err != nil {
			rt.Fatal(err)
		}
		onTime, facts := split(s)
		inOrder := make([]int, len(facts))
		for i := range inOrder {
			inOrder[i] = i
		}
		first, _ := tell(t, s, onTime, facts, inOrder, arrivals[1])
		if strings.Contains(text, "refer referrer") {
			s.Members = []string{"bela"}
		}
		want := state(t, first, s)
		order := rapid.Permutation(slices.Clone(inOrder)).Draw(rt, "order")
		a := rapid.SampledFrom(arrivals).Draw(rt, "arrival")
		other, name := tell(t, s, onTime, facts, order, a)
		if got := state(t, other, s); got != want {
			rt.Fatalf("%s\narrival %s, %s, ends in\n%s\nin order of time it ends in\n%s", text, name, a.name, got, want)
		}
		for _, d := range []*Decider{first, other} {
			if err := d.Verify(); err != nil {
				rt.Fatalf("%s\narrival %s, %s: %v", text, name, a.name, err)
			}
		}
	})
}

var monthStart = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
