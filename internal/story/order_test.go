package story

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"cagnotte/internal/ledger"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
)

// history is what bela does in the test of arrival orders: a join, four orders, a return.
// %s is what the first order costs: with 80.00 the referral survives the return while it
// waits, with 40.00 it does not.
const history = `
program "Points"
  earn 1 point per 1.00 EUR, at most 60 points per month, valid 12 months
  bonus: earn 50 points on first order from 20.00 EUR
  refer friend 500 points, referrer 1000 points, on first order from 30.00 EUR, after 14 days
program "Card"
  stamp 1 per item of MUG
  exchange 3 stamps for product voucher of 1 MUG, valid 30 days
guest anna
guest bela
at 2026-03-01 anna joins
at 2026-03-02 bela joins invited by anna
at 2026-03-05 bela orders 2 MUG for %s as ref 1
at 2026-03-10 bela orders 2 MUG for 35.00, 1 TEA for 4.50 as ref 2
at 2026-03-18 bela returns 1 MUG of order 1
at 2026-03-28 bela orders 1 MUG for 25.00 as ref 3
at 2026-04-03 bela orders 1 MUG for 19.00, 2 TEA for 9.00 as ref 4
`

// The other histories mix what looks at several orders with what each one earns.
var mixed = []struct{ name, text string }{{"factors, third order, sum", `
program "Mix"
  earn 1 point per 1.00 EUR, after 5 days, at most 200 points per month, valid 12 months
  weekend: multiply points by 2, of MUG, weekdays sat sun
  third: earn 100 points on order 3, from 10.00 EUR
  pair: earn cash voucher of 2.00 EUR on every 2 orders, valid 30 days
  sum: earn cash voucher of 5.00 EUR on orders of 100.00 EUR together, valid 30 days
  hundred: earn 1.00 EUR on reaching 100 points
guest anna
guest bela
at 2026-03-01 anna joins
at 2026-03-02 bela joins
at 2026-03-06 bela orders 2 MUG for 30.00, 1 TEA for 5.00 as ref 1
at 2026-03-07 bela orders 1 MUG for 20.00 as ref 2
at 2026-03-12 bela returns 1 MUG of order 1
at 2026-03-14 bela orders 3 MUG for 45.00 as ref 3
at 2026-03-20 bela orders 1 TEA for 25.00 as ref 4
`}, {"choice, chain, exclusive offers, budget", `
program "Mix"
  budget 100 uses
  stamp 1 per item of MUG
  card: exchange 3 stamps for 60 points
  cash: exchange 100 points for cash voucher of 5.00 EUR, valid 30 days
  pick: earn choice of gift "Mug" or 50 points, from 40.00 EUR, after 10 days, budget 50 uses per month
  small: earn 30 points, from 20.00 EUR, worth 0.01 EUR, exclusive in offer
  large: earn 1 % in EUR, from 20.00 EUR, exclusive in offer
  mug: earn gift "Cup" on very first order, from 30.00 EUR
  free: earn product voucher of MUG per 3 items, of MUG, valid 20 days
guest anna
guest bela
at 2026-03-01 anna joins
at 2026-03-02 bela orders 1 MUG for 60.00 as ref 1
at 2026-03-05 bela orders 4 MUG for 40.00 as ref 2
at 2026-03-06 bela joins
at 2026-03-08 bela orders 3 MUG for 25.00 as ref 3
at 2026-03-11 bela returns 2 MUG of order 2
at 2026-03-20 bela returns order 3
`}, {"placed and fulfilled, groups, birthday", `
program "Mix"
  earn 1 point per 1.00 EUR, on each placed order, for group gold
  sent: earn 2 points per item, on each fulfilled order, within 20 days
  birthday: earn 40 points on birthday, valid 10 days
  double: multiply points by 3, for group gold
  items: earn gift "Mug" on orders of 5 items together
guest anna
guest bela
at 2026-03-01 anna joins
at 2026-03-02 bela joins born 03-09
at 2026-03-04 staff groups bela in gold
at 2026-03-05 bela places 3 MUG for 31.00 as ref 1
at 2026-03-06 bela receives order 1
at 2026-03-07 bela pays order 1
at 2026-03-25 bela orders 2 MUG for 20.00, 3 TEA for 9.00 as ref 2
`}}

// arrival says when the facts of a permutation are recorded.
type arrival struct {
	name string
	now  func(last moment.Time, f *loyalty.Fact) moment.Time
}

var arrivals = []arrival{
	{"all at the end", func(last moment.Time, f *loyalty.Fact) moment.Time {
		return max(last+moment.Second, f.OccurredAt+40*moment.Day)
	}},
	{"as soon as possible", func(last moment.Time, f *loyalty.Fact) moment.Time { return max(last+1, f.OccurredAt) }},
	{"a day late each", func(last moment.Time, f *loyalty.Fact) moment.Time { return max(last, f.OccurredAt) + moment.Day }},
}

// TestArrivalOrder tells the same history in each of its 720 orders of arrival: balances
// and open lots of friend and referrer must be the same, after the clock has run to the
// same instant.
func TestArrivalOrder(t *testing.T) {
	t.Parallel()
	for _, price := range []string{"80.00", "40.00"} {
		s, err := Parse("history", fmt.Sprintf(history, price))
		if err != nil {
			t.Fatal(err)
		}
		onTime, facts := split(s)
		for _, a := range arrivals {
			t.Run(price+" "+a.name, func(t *testing.T) {
				t.Parallel()
				allOrders(t, s, onTime, facts, a)
			})
		}
	}
}

// TestArrivalOrderOfMixedRules does the same with rules that look at several orders.
func TestArrivalOrderOfMixedRules(t *testing.T) {
	t.Parallel()
	for _, h := range mixed {
		s, err := Parse("history", h.text)
		if err != nil {
			t.Fatal(err)
		}
		onTime, facts := split(s)
		if len(facts) != 6 {
			t.Fatalf("%s: %d facts, want 6", h.name, len(facts))
		}
		for _, a := range arrivals {
			t.Run(h.name+" "+a.name, func(t *testing.T) {
				t.Parallel()
				allOrders(t, s, onTime, facts, a)
			})
		}
	}
}

func allOrders(t *testing.T, s *Story, onTime, facts []*Step, a arrival) {
	t.Helper()
	results := map[string][]string{}
	for order := range permutations(len(facts)) {
		d, name := tell(t, s, onTime, facts, order, a)
		if err := d.Verify(); err != nil {
			t.Fatalf("arrival %s: %v", name, err)
		}
		end := state(t, d, s)
		results[end] = append(results[end], name)
	}
	if len(results) > 1 {
		t.Errorf("%d different ends\n%s", len(results), ends(results))
	}
}

func ends(results map[string][]string) string {
	var out strings.Builder
	for end, names := range results {
		fmt.Fprintf(&out, "%d orders of arrival, such as %s, end in\n%s\n", len(names), names[0], end)
	}
	return out.String()
}

// permutations yields every order of n things; the same slice each time.
func permutations(n int) func(func([]int) bool) {
	return func(yield func([]int) bool) {
		p := make([]int, n)
		for i := range p {
			p[i] = i
		}
		var next func(int) bool
		next = func(k int) bool {
			if k == n {
				return yield(p)
			}
			for i := k; i < n; i++ {
				p[k], p[i] = p[i], p[k]
				ok := next(k + 1)
				p[k], p[i] = p[i], p[k]
				if !ok {
					return false
				}
			}
			return true
		}
		next(0)
	}
}

// split parts what bela does from her second day on, which comes in any order, from all
// the rest, which comes on time.
func split(s *Story) (onTime, facts []*Step) {
	for _, step := range s.Steps {
		if step.Fact != nil && step.Fact.Member.Keys[0].Key == "bela" && !strings.HasPrefix(step.Text, "at 2026-03-01 ") {
			facts = append(facts, step)
		} else {
			onTime = append(onTime, step)
		}
	}
	return onTime, facts
}

// tell records the facts in one order of arrival, and runs the clock to the end.
func tell(t *testing.T, s *Story, onTime, facts []*Step, order []int, a arrival) (*Decider, string) {
	t.Helper()
	d := NewDecider(s.Shop)
	told, name := tellOn(t, d, s, onTime, facts, order, a)
	addUp(t, d, s, slices.Concat(told...), name)
	return d, name
}

// asserter is a test, or a draw of a random one.
type asserter interface {
	Helper()
	Context() context.Context
	Fatal(args ...any)
}

// tellOn does so on any engine, and gives the receipts of each step.
func tellOn(t asserter, e Engine, s *Story, onTime, facts []*Step, order []int, a arrival) ([][]loyalty.ReceiptLine, string) {
	t.Helper()
	steps := slices.Clone(onTime)
	name, last := "", moment.Time(0)
	for _, i := range order {
		step := *facts[i]
		last = a.now(last, step.Fact)
		step.Now = last
		steps = append(steps, &step)
		name += fmt.Sprint(i)
	}
	slices.SortStableFunc(steps, func(a, b *Step) int { return cmp.Compare(a.Now, b.Now) })
	var told [][]loyalty.ReceiptLine
	clock := func(until moment.Time) []loyalty.ReceiptLine {
		lines, err := e.Clock(t.Context(), until)
		if err != nil {
			t.Fatal(err)
		}
		return lines
	}
	for _, step := range steps {
		lines := clock(step.Now)
		if step.Program != nil {
			if _, err := e.Publish(t.Context(), step.Program, step.Now); err != nil {
				t.Fatal(err)
			}
			told = append(told, lines)
			continue
		}
		f := *step.Fact
		more, err := e.Record(t.Context(), &f, step.Now)
		if err != nil {
			t.Fatal(err)
		}
		told = append(told, append(lines, more...))
	}
	return append(told, clock(s.Steps[len(s.Steps)-1].Now+60*moment.Day)), name
}

// addUp holds what all receipts told against the balances.
func addUp(t *testing.T, d Engine, s *Story, told []loyalty.ReceiptLine, name string) {
	t.Helper()
	for _, m := range s.Members {
		w, err := d.Wallet(t.Context(), m)
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range w.Accounts {
			sum := a.Balance
			for _, l := range told {
				if l.Member == w.Member && l.Unit == a.Unit {
					sum -= signed(l)
				}
			}
			if sum != 0 {
				t.Errorf("arrival %s: %d %s of %s are in no receipt", name, sum, a.Unit, m)
			}
		}
	}
}

// state writes down every balance and open lot.
func state(t *testing.T, d Engine, s *Story) string {
	t.Helper()
	var lines []string
	for _, m := range s.Members {
		w, err := d.Wallet(t.Context(), m)
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range w.Accounts {
			if a.Balance == 0 && a.Earned == 0 && a.Debt() == 0 {
				continue
			}
			end := s.Steps[len(s.Steps)-1].Now + 60*moment.Day
			lines = append(lines, fmt.Sprintf("%s %s balance %d earned %d available %d", m, a.Unit, a.Balance, a.Earned, a.AvailableAt(end)))
			for _, l := range slices.SortedFunc(slices.Values(a.Lots), ledger.SpendOrder) {
				if l.Remaining > 0 {
					lines = append(lines, fmt.Sprintf("  %d opens %s ends %s", l.Remaining, l.OpensAt, l.ExpiresAt))
				}
			}
		}
		active := map[string]int{}
		for _, v := range w.Vouchers {
			if v.State == loyalty.VoucherActive {
				active[fmt.Sprintf("%s %d %s until %s", v.Kind, v.Amount, v.Article, v.ExpiresAt)]++
			}
		}
		lines = append(lines, fmt.Sprintf("%s vouchers %v", m, active))
		for _, k := range w.Claims {
			if k.State != loyalty.ClaimWithdrawn {
				lines = append(lines, fmt.Sprintf("%s gift %s of %s %s", m, k.Gift, k.Rule, k.State))
			}
		}
	}
	if d, ok := d.(*Decider); ok { // only there they can be read
		for b, n := range d.dossiers.Budgets {
			if n.Used != 0 {
				lines = append(lines, fmt.Sprintf("budget %s %s %d", b.Name, b.Period, n.Used))
			}
		}
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}
