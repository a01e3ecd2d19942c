package cart_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"cagnotte/internal/cart"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/rules"
)

// drawCart draws a cart of few articles, so that offers meet them.
func drawCart(t *rapid.T) *loyalty.Cart {
	k := &loyalty.Cart{Series: "web", Ref: "C", Currency: "EUR"}
	for range rapid.IntRange(1, 8).Draw(t, "lines") {
		l := loyalty.CartLine{
			SKU: rapid.SampledFrom([]string{"TEA", "MUG", "CAKE", "POT"}).Draw(t, "sku"), Quantity: rapid.Int64Range(1, 5).Draw(t, "quantity"),
			Amount: rapid.Int64Range(0, 5_000).Draw(t, "amount"), TaxRate: rapid.SampledFrom([]int64{0, 550, 1000, 2000}).Draw(t, "rate"),
			Category: rapid.SampledFrom([]string{"", "drinks", "food"}).Draw(t, "category"),
		}
		if rapid.IntRange(0, 7).Draw(t, "below zero") == 0 {
			l.Amount = -l.Amount
		}
		k.Lines = append(k.Lines, l)
	}
	if rapid.Bool().Draw(t, "delivered") {
		k.Delivery, k.DeliveryTaxRate = rapid.Int64Range(0, 900).Draw(t, "delivery"), 2000
	}
	if rapid.Bool().Draw(t, "pays") {
		k.Pay = append(k.Pay, loyalty.Payment{Unit: "EUR", Amount: rapid.Int64Range(1, 3_000).Draw(t, "euros")})
	}
	if rapid.Bool().Draw(t, "pays points") {
		k.Pay = append(k.Pay, loyalty.Payment{Unit: "points", Amount: rapid.Int64Range(1, 3_000).Draw(t, "points")})
	}
	return k
}

var kinds = []string{
	rules.OffFree, rules.OffCheapest, rules.OffUnit, rules.OffLine, rules.OffPercent, rules.OffAmount, rules.OffDelivery, rules.OffOnTop,
}

func drawOffer(t *rapid.T, n int, capped, budget int64) cart.Offer {
	o := cart.Offer{
		Key: fmt.Sprintf("offer %d", n), Priority: rapid.IntRange(0, 2).Draw(t, "priority"),
		Minimum: rapid.SampledFrom([]int64{0, 0, 0, 2_000}).Draw(t, "minimum"), Basket: rapid.SampledFrom([]int64{0, 0, 3_000}).Draw(t, "basket"),
		After: rapid.Bool().Draw(t, "after"), Exclusive: rapid.SampledFrom([]string{"", "", "", "group", rules.AloneGroup}).Draw(t, "exclusive"),
		Last: rapid.IntRange(0, 5).Draw(t, "last") == 0, PerOrder: rapid.SampledFrom([]int64{0, 0, 150}).Draw(t, "per order"),
	}
	d := &o.Discount
	d.Kind = rapid.SampledFrom(kinds).Draw(t, "kind")
	switch d.Kind {
	case rules.OffFree, rules.OffOnTop:
		d.Amount, d.Article = rapid.Int64Range(1, 3).Draw(t, "units"), rapid.SampledFrom([]string{"TEA", "MUG"}).Draw(t, "article")
	case rules.OffCheapest, rules.OffPercent:
		d.Percent, d.Each = rapid.Int64Range(1, 10_000).Draw(t, "percent"), rapid.SampledFrom([]int64{0, 0, 3}).Draw(t, "each")
	default:
		d.Amount = rapid.Int64Range(1, 2_000).Draw(t, "off")
	}
	if want := rapid.SampledFrom([]string{"", "", "drinks"}).Draw(t, "of"); want != "" {
		o.Counts = func(l *loyalty.Line) bool { return strings.EqualFold(l.Category, want) }
	}
	if rapid.IntRange(0, 3).Draw(t, "capped") == 0 {
		o.Caps = []cart.Limit{{Name: "cap", Left: capped}}
	}
	if rapid.IntRange(0, 3).Draw(t, "budgeted") == 0 {
		o.Budgets = []cart.Limit{{Name: "budget", Left: budget}}
	}
	return o
}

func drawInput(t *rapid.T) cart.Input {
	in := cart.Input{Cart: drawCart(t)}
	capped, budget := rapid.Int64Range(0, 500).Draw(t, "cap"), rapid.Int64Range(0, 1_500).Draw(t, "budget")
	for i := range rapid.IntRange(0, 7).Draw(t, "offers") {
		in.Offers = append(in.Offers, drawOffer(t, i, capped, budget))
	}
	money := cart.OwnMoney("EUR")
	money.Available = rapid.Int64Range(0, 4_000).Draw(t, "available")
	points := cart.Means{
		Key: "points", Available: rapid.Int64Range(0, 4_000).Draw(t, "points available"),
		Pay: rules.Pay{Unit: "points", Amount: rapid.Int64Range(1, 10).Draw(t, "rate amount"), Worth: rapid.Int64Range(1, 10).Draw(t, "rate worth"),
			AsPayment: rapid.Bool().Draw(t, "as payment"), Share: rapid.SampledFrom([]int64{0, 5_000}).Draw(t, "share")},
	}
	in.Means = []cart.Means{money, points}
	return in
}

// Whatever is offered and asked for: every cent of a cart is to pay, paid or taken off, once;
// no line costs less than nothing; sums over lines, offers and rates are the same sum.
func TestEveryCentIsAccountedFor(t *testing.T) {
	t.Parallel()
	seen := map[string]int{}
	for range 30 { // a check is a hundred draws
		rapid.Check(t, func(t *rapid.T) { accounted(t, seen) })
	}
	for _, k := range append(slices.Clone(kinds), "pay") {
		if seen[k] < 50 {
			t.Errorf("%s gave only %d times: %v", k, seen[k], seen)
		}
	}
}

func accounted(t *rapid.T, seen map[string]int) {
	in := drawInput(t)
	r := cart.Evaluate(in)
	if r.Gross != r.ToPay+r.Paid+r.Reduced+r.Discount-r.LeftOver {
		t.Fatalf("%d is not %d to pay + %d paid + %d reduced + %d off - %d left over", r.Gross, r.ToPay, r.Paid, r.Reduced, r.Discount, r.LeftOver)
	}
	by := map[string]int64{}
	for i := range r.Lines {
		l, was := &r.Lines[i], in.Cart.Lines[i]
		left := was.Amount
		for _, p := range l.Parts {
			if p.Amount <= 0 {
				t.Fatalf("line %d: %s takes %d", i, p.By, p.Amount)
			}
			left -= p.Amount
			by[p.By] += p.Amount
		}
		if left != l.Left || was.Amount >= 0 && left < 0 || was.Amount < 0 && len(l.Parts) > 0 || l.Free > was.Quantity {
			t.Fatalf("line %d of %d: %+v", i, was.Amount, l)
		}
	}
	for _, p := range r.Delivery.Parts {
		by[p.By] += p.Amount
	}
	if r.Delivery.Left < 0 {
		t.Fatalf("delivery costs %d", r.Delivery.Left)
	}
	var off int64
	for _, a := range r.Applied {
		if by[a.Key] != a.Total {
			t.Fatalf("%s takes %d, its parts are %d", a.Key, a.Total, by[a.Key])
		}
		off += a.Total
		o := in.Offers[a.Offer]
		seen[o.Discount.Kind]++
		if o.PerOrder > 0 && a.Total > o.PerOrder {
			t.Fatalf("%s takes %d of at most %d", a.Key, a.Total, o.PerOrder)
		}
	}
	var reduced, paid int64
	for _, p := range r.Payments {
		seen["pay"]++
		m := in.Means[p.Means]
		if p.Units > m.Available || p.Amount > m.Pay.Value(p.Units) {
			t.Fatalf("%d of %s pay %d, there are %d", p.Units, p.Unit, p.Amount, m.Available)
		}
		if p.AsPayment {
			paid += p.Amount
		} else {
			reduced += p.Amount
		}
	}
	if off != r.Discount || reduced != r.Reduced || paid != r.Paid {
		t.Fatalf("sums: %d off, %d reduced, %d paid; said %d, %d, %d", off, reduced, paid, r.Discount, r.Reduced, r.Paid)
	}
	var gross, net int64
	for _, x := range r.Rates {
		gross += x.Gross
		net += x.Net
		if x.Net != x.Gross-x.Discount || x.Tax*x.Net < 0 {
			t.Fatalf("rate %+v", x)
		}
	}
	if gross != r.Gross || net != r.Gross-r.Discount-r.Reduced {
		t.Fatalf("rates sum to %d and %d", gross, net)
	}
	used, left := map[string]int64{}, map[string]int64{}
	for _, a := range r.Applied {
		for _, l := range slices.Concat(in.Offers[a.Offer].Caps, in.Offers[a.Offer].Budgets) {
			used[l.Name] += a.Total
			left[l.Name] = l.Left
		}
	}
	for name, n := range used {
		if n > left[name] {
			t.Fatalf("%d of what is left of %s, %d", n, name, left[name])
		}
	}
	groups := map[string]int{}
	for _, a := range r.Applied {
		if g := in.Offers[a.Offer].Exclusive; g != "" {
			groups[g]++
		}
	}
	for g, n := range groups {
		if n > 1 {
			t.Fatalf("%d of the group %q give", n, g)
		}
	}
}

// The order of lines, codes and offers never matters, and asking twice is asking once.
func TestNoOrderMatters(t *testing.T) {
	t.Parallel()
	for range 20 {
		rapid.Check(t, sameInAnyOrder)
	}
}

func sameInAnyOrder(t *rapid.T) {
	in := drawInput(t)
	was := cart.Evaluate(in)
	if again := cart.Evaluate(in); !cmp.Equal(was, again) {
		t.Fatal(cmp.Diff(was, again))
	}
	other := in
	k := *in.Cart
	lines := rapid.Permutation(indices(len(k.Lines))).Draw(t, "order of lines")
	k.Lines = nil
	for _, i := range lines {
		k.Lines = append(k.Lines, in.Cart.Lines[i])
	}
	k.Pay = rapid.Permutation(in.Cart.Pay).Draw(t, "order of payments")
	other.Cart = &k
	offers := rapid.Permutation(indices(len(in.Offers))).Draw(t, "order of offers")
	other.Offers = nil
	for _, i := range offers {
		other.Offers = append(other.Offers, in.Offers[i])
	}
	is := cart.Evaluate(other)
	if a, b := told(in, was), told(other, is); !cmp.Equal(a, b) {
		t.Fatal(cmp.Diff(a, b))
	}
}

func indices(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}

// told is a result without the places at which things stood: what becomes of each line, as
// often as it is there, and what each offer gives.
func told(in cart.Input, r cart.Result) map[string]int64 {
	out := map[string]int64{"to pay": r.ToPay, "left over": r.LeftOver, "discount": r.Discount, "reduced": r.Reduced, "paid": r.Paid}
	for i, l := range r.Lines {
		out[fmt.Sprintf("%+v %+v", in.Cart.Lines[i], l)]++
	}
	out[fmt.Sprintf("delivery %+v", r.Delivery)]++
	for _, a := range r.Applied {
		out[fmt.Sprintf("%s gives %d %d %v %d", a.Key, a.Total, a.Free, a.Added, a.Cut)]++
	}
	for _, x := range r.Refused {
		out[fmt.Sprintf("%s%s refused %s %s %d %d %s", x.Key, x.Unit, x.Code, x.What, x.Need, x.Got, x.Which)]++
	}
	for _, x := range r.Missing {
		out[fmt.Sprintf("%s misses %s %d %d", x.Key, x.What, x.Need, x.Got)]++
	}
	for _, x := range r.Rates {
		out[fmt.Sprintf("%+v", x)]++
	}
	return maps.Clone(out)
}

// A cart of thirty lines against fifty programs and vouchers.
func BenchmarkEvaluate(b *testing.B) {
	k := &loyalty.Cart{Series: "web", Ref: "C", Currency: "EUR", Delivery: 490, Pay: []loyalty.Payment{{Unit: "EUR", Amount: 500}}}
	for i := range 30 {
		k.Lines = append(k.Lines, loyalty.CartLine{
			SKU: fmt.Sprintf("A-%d", i*7%30), Category: fmt.Sprintf("season-%d", i%10), Quantity: int64(1 + i%3), Amount: int64(199 + 50*i), TaxRate: 2000,
		})
	}
	in := cart.Input{Cart: k, Means: []cart.Means{cart.OwnMoney("EUR")}}
	in.Means[0].Available = 1_000
	for i := range 50 {
		category := fmt.Sprintf("season-%d", i%20)
		o := cart.Offer{
			Key: fmt.Sprintf("offer %02d", i), Priority: i % 4, Minimum: int64(500 * (i % 5)),
			Discount: rules.Discount{Kind: kinds[i%6], Percent: 500, Amount: 2, Each: 3},
			Counts:   func(l *loyalty.Line) bool { return strings.EqualFold(l.Category, category) },
		}
		in.Offers = append(in.Offers, o)
	}
	b.ReportAllocs()
	for b.Loop() {
		if r := cart.Evaluate(in); r.Discount == 0 || r.Reduced == 0 {
			b.Fatal("nothing was taken")
		}
	}
}
