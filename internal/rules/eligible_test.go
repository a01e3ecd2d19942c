package rules

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"cagnotte/internal/loyalty"
)

func compiled(t interface{ Fatal(...any) }, text string) []*Compiled {
	zone, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	docs, err := ParseFile("program \"P\"\n  "+text, Setting{Currency: "EUR", Decimals: 2, Zone: zone})
	if err != nil {
		t.Fatal(err)
	}
	return Compile(&Program{Name: "P"}, 1, 0, 0, 0, docs[0]).Rules
}

func order(amounts ...int64) *loyalty.OrderRow {
	o := &loyalty.OrderRow{}
	for _, a := range amounts {
		o.Lines = append(o.Lines, loyalty.Line{SKU: "A", Quantity: 1, Amount: a})
	}
	o.Back = make([]loyalty.Back, len(o.Lines))
	return o
}

// TestNothingIsGainedBySplitting: many small orders never earn more than one large one, and
// lose less than a point each (M11).
func TestNothingIsGainedBySplitting(t *testing.T) {
	t.Parallel()
	r := compiled(t, "earn 3 points per 0.70 EUR")[0]
	rapid.Check(t, func(t *rapid.T) {
		amounts := rapid.SliceOfN(rapid.Int64Range(0, 100_000), 1, 50).Draw(t, "orders")
		var parts, sum int64
		for _, a := range amounts {
			parts += r.Amount(0, r.Left(order(a), nil), nil)
			sum += a
		}
		whole := r.Amount(0, r.Left(order(sum), nil), nil)
		if parts > whole || whole-parts >= int64(len(amounts))+1 {
			t.Fatalf("%v earn %d apart and %d together", amounts, parts, whole)
		}
	})
	var cents int64
	for range 1_000 {
		cents += r.Amount(0, r.Left(order(1), nil), nil)
	}
	if whole := r.Amount(0, r.Left(order(1_000), nil), nil); cents != 0 || whole != 42 {
		t.Errorf("1,000 orders of a cent earn %d, one of 10.00 earns %d, want 0 and 42", cents, whole)
	}
}

// TestPartsThatComeBackSumToTheWhole: whatever basis a rule has, what comes back line by
// line, in any portions, leaves nothing counted at the end, and never less than nothing on
// the way (M5).
func TestPartsThatComeBackSumToTheWhole(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"earn 1 point per 1.00 EUR", "earn 1 point per 1.00 EUR, before tax", "earn 1 point per 1.00 EUR, before discounts",
		"earn 1 point per 1.00 EUR, before tax, before discounts, without gift cards", "earn 1 point per 1.00 EUR, with rewards",
	} {
		r := compiled(t, text)[0]
		rapid.Check(t, func(t *rapid.T) {
			o := &loyalty.OrderRow{}
			for range rapid.IntRange(1, 5).Draw(t, "lines") {
				l := loyalty.Line{SKU: "A", Quantity: rapid.Int64Range(1, 5).Draw(t, "quantity"), Amount: rapid.Int64Range(0, 10_000).Draw(t, "amount")}
				l.Tax = rapid.Int64Range(0, l.Amount).Draw(t, "tax")
				l.Discount = rapid.Int64Range(0, 500).Draw(t, "discount")
				o.Lines = append(o.Lines, l)
			}
			o.Back = make([]loyalty.Back, len(o.Lines))
			o.RewardsPaid = rapid.Int64Range(0, 3_000).Draw(t, "rewards")
			o.GiftCards = rapid.Int64Range(0, 3_000).Draw(t, "gift cards")
			before := r.Left(o, nil)
			if whole := r.Whole(o, nil); before != whole {
				t.Fatalf("nothing came back, yet %v of %v are left", before, whole)
			}
			for !o.Whole() {
				i := rapid.IntRange(0, len(o.Lines)-1).Draw(t, "which")
				l, b := &o.Lines[i], &o.Back[i]
				b.Quantity += rapid.Int64Range(0, l.Quantity-b.Quantity).Draw(t, "pieces")
				b.Amount += rapid.Int64Range(0, l.Amount-b.Amount).Draw(t, "money")
				if rapid.Bool().Draw(t, "rest") {
					*b = loyalty.Back{Quantity: l.Quantity, Amount: l.Amount}
				}
				left := r.Left(o, nil)
				if left.Amount < 0 || left.Amount > before.Amount || left.Items < 0 || left.Items > before.Items {
					t.Fatalf("%v are left after %v", left, before)
				}
				before = left
			}
			if before != (Eligible{}) {
				t.Fatalf("everything came back, yet %v are left", before)
			}
		})
	}
}

func TestMultipliersStack(t *testing.T) {
	t.Parallel()
	rules := compiled(t, "earn 1 point per 1.00 EUR\n  multiply points by 2, of SALE\n  multiply points by 1.5")
	o := order(1_000, 1_000)
	o.Lines[1].SKU = "SALE"
	w := rules[2].Weigh(o, rules[1].Weigh(o, nil))
	if got := rules[0].Amount(0, rules[0].Left(o, w), w); got != 15+30 {
		t.Errorf("10.00 at 1.5 and 10.00 at 3 earn %d points, want 45", got)
	}
	o.Back[1] = loyalty.Back{Quantity: 1, Amount: 1_000}
	if got := rules[0].Amount(0, rules[0].Left(o, w), w); got != 15 {
		t.Errorf("after the return %d points are left, want 15", got)
	}
}

// BenchmarkJudge is the evaluation of a stored rule with three conditions; it allocates
// nothing.
func BenchmarkJudge(b *testing.B) {
	r := compiled(b, "earn 1 point per 1.00 EUR, from 20.00 EUR, except GIFT, in channel web")[0]
	o := order(1_500, 1_500)
	k := &Case{Order: o, Channel: "web", Zone: time.UTC}
	b.ReportAllocs()
	for b.Loop() {
		k.Eligible = r.Left(o, nil)
		if r.Judge(k) >= 0 || r.Amount(0, k.Eligible, nil) != 30 {
			b.Fatal("the rule does not hold")
		}
	}
}
