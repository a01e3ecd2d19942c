package decide

import (
	"testing"

	"pgregory.net/rapid"

	"cagnotte/internal/loyalty"
	"cagnotte/internal/money"
)

// What a return gives back of what a cart took depends on what has come back alone, never on
// how it came: any split of a return sums to the whole, and nothing comes back twice.
func TestAnySplitOfAReturnGivesBackTheWhole(t *testing.T) {
	t.Parallel()
	whole := 0
	for range 20 {
		rapid.Check(t, func(t *rapid.T) {
			k, o := &loyalty.Cart{}, &loyalty.OrderRow{}
			var shares []int64
			for range rapid.IntRange(1, 5).Draw(t, "lines") {
				q := rapid.Int64Range(1, 4).Draw(t, "quantity")
				gross := rapid.Int64Range(0, 3_000).Draw(t, "gross")
				share := rapid.Int64Range(0, gross).Draw(t, "share")
				sku := rapid.SampledFrom([]string{"A", "B", "C"}).Draw(t, "sku")
				k.Lines = append(k.Lines, loyalty.CartLine{SKU: sku, Quantity: q, Amount: gross})
				o.Lines = append(o.Lines, loyalty.Line{SKU: sku, Quantity: q, Amount: gross - share})
				shares = append(shares, share)
			}
			o.Back = make([]loyalty.Back, len(o.Lines))
			taken := loyalty.Taken{Lines: shares}
			for _, n := range shares {
				taken.Amount += n
			}
			taken.Units = rapid.Int64Range(0, 5_000).Draw(t, "units")
			if rapid.Bool().Draw(t, "means of payment") {
				taken.Lines = nil
			}
			var amount, units int64
			for range rapid.IntRange(0, 6).Draw(t, "parts") {
				r := &loyalty.Refund{}
				if rapid.Bool().Draw(t, "by amount") {
					r.Amount = rapid.Int64Range(1, 2_000).Draw(t, "returned")
				} else {
					i := rapid.IntRange(0, len(o.Lines)-1).Draw(t, "line")
					r.Lines = []loyalty.RefundLine{{Line: i + 1, Quantity: rapid.Int64Range(1, 3).Draw(t, "pieces")}}
				}
				o.Return(r)
				a, u := givenBack(&taken, linesBack(k, o))
				if a < amount || u < units || a > taken.Amount || u > taken.Units {
					t.Fatalf("%d and %d units came back of %d and %d, after %d and %d", a, u, taken.Amount, taken.Units, amount, units)
				}
				amount, units = a, u
				other := &loyalty.OrderRow{Lines: o.Lines, Back: o.Back} // the same in one return
				if a2, u2 := givenBack(&taken, linesBack(k, other)); a2 != a || u2 != u {
					t.Fatalf("%d and %d, in one return %d and %d", a, u, a2, u2)
				}
			}
			o.Return(&loyalty.Refund{})
			if a, u := givenBack(&taken, linesBack(k, o)); o.Whole() && (a != taken.Amount || u != taken.Units && taken.Amount > 0) {
				t.Fatalf("all of it came back, and %d of %d and %d of %d units with it", a, taken.Amount, u, taken.Units)
			}
			whole++
		})
	}
	if whole < 1_000 {
		t.Errorf("only %d returns", whole)
	}
}

// Shares of a whole sum to it whatever the parts.
func TestSharesNeverExceedTheirWhole(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		b := back{rapid.Int64Range(-5, money.Max).Draw(t, "part"), rapid.Int64Range(-5, money.Max).Draw(t, "whole")}
		n := rapid.Int64Range(0, money.Max).Draw(t, "n")
		if got := b.of(n); got < 0 || got > n {
			t.Fatalf("%+v of %d is %d", b, n, got)
		}
	})
}
