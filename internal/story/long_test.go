package story

import (
	"fmt"
	"strings"
	"testing"

	"cagnotte/internal/decide"
)

// TestLongHistoryWaitsForTheSlowQueue: a late fact before more than decide.FoldAtOnce
// others is only accepted; the clock judges the history again, and it ends as if the fact
// had come in time.
func TestLongHistoryWaitsForTheSlowQueue(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString(`program "Points" earn 1 point per 1.00 EUR, at most 60 points per month, valid 1 month
  first: earn 50 points on first order
  stamp 1 per item
  exchange 10 stamps for product voucher of 1 MUG
member bela
at 2026-03-02 bela orders 33.00 EUR
`)
	for i := range decide.FoldAtOnce + 5 {
		fmt.Fprintf(&b, "at 2026-04-%02dT10:%02d bela orders %d.00 EUR\n", 1+i/30, i%30, 1+i%3)
	}
	s, err := Parse("long", b.String())
	if err != nil {
		t.Fatal(err)
	}
	var onTime, facts []*Step
	inOrder := []int{}
	for _, step := range s.Steps {
		if step.Fact == nil || !strings.HasPrefix(step.Text, "at ") {
			onTime = append(onTime, step)
			continue
		}
		inOrder = append(inOrder, len(facts))
		facts = append(facts, step)
	}
	first, _ := tell(t, s, onTime, facts, inOrder, arrivals[1])
	last, _ := tell(t, s, onTime, facts, append(append([]int{}, inOrder[1:]...), 0), arrivals[1])
	if a, b := state(t, first, s), state(t, last, s); a != b {
		t.Errorf("in order it ends in\n%s\nwith the first fact last in\n%s", a, b)
	}
	for _, d := range []*Decider{first, last} {
		if err := d.Verify(); err != nil {
			t.Error(err)
		}
	}
}
