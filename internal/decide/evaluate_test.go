package decide

import (
	"fmt"
	"testing"
	"time"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/rules"
)

// bigCart is a cart of thirty lines, and fifty programs and vouchers that look at it.
func bigCart(tb testing.TB) (*rules.Book, func() *Dossiers, *loyalty.Fact) {
	tb.Helper()
	set := rules.Setting{Currency: "EUR", Decimals: 2, Zone: time.UTC}
	var list []*rules.Program
	for i := range 40 {
		text := fmt.Sprintf("program \"P%d\"\n  starts 2020-01-01\n  discount %d %%, of categories season-%d, from %d.00 EUR, priority %d\n", i, 1+i%9, i%20, 1+i%7, 1+i%3)
		docs, err := rules.ParseFile(text, set)
		if err != nil {
			tb.Fatal(err)
		}
		p := &rules.Program{ID: id.Mint[id.ProgramKind](int64(i+1), [8]byte{1}), Name: docs[0].Name}
		p.Versions = []*rules.Version{rules.Compile(p, 1, docs[0].Starts, 0, 0, docs[0])}
		list = append(list, p)
	}
	now := moment.Of(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC))
	m := id.Mint[id.MemberKind](1, [8]byte{2})
	f := &loyalty.Fact{Kind: loyalty.CartHeld, Feed: "web", ExternalID: "x", OccurredAt: now, FoldAt: now, MemberID: m}
	f.Cart = &loyalty.Cart{Series: "web", Ref: "C", Currency: "EUR", Delivery: 490}
	for i := range 30 {
		f.Cart.Lines = append(f.Cart.Lines, loyalty.CartLine{
			SKU: fmt.Sprintf("A-%d", i), Category: fmt.Sprintf("season-%d", i%25), Quantity: int64(1 + i%3), Amount: int64(199 + 50*i), TaxRate: 2000,
		})
	}
	var vouchers []*loyalty.Voucher
	for i := range 10 {
		code := fmt.Sprintf("CODE%d", i)
		f.Cart.Codes = append(f.Cart.Codes, code)
		vouchers = append(vouchers, &loyalty.Voucher{ID: id.Mint[id.VoucherKind](int64(i+1), [8]byte{3}), Code: code, Kind: "cash", Amount: 50, UsesMax: 1, State: loyalty.VoucherActive})
	}
	shop := &loyalty.Shop{ID: 1, Currency: "EUR", Decimals: 2, Zone: time.UTC}
	return rules.NewBook(1, list), func() *Dossiers {
		d := NewDossiers(shop)
		d.Files[m] = NewFile(&loyalty.Member{ID: m, State: loyalty.Enrolled})
		for _, v := range vouchers {
			d.Codes[v.Code] = v
		}
		return d
	}, f
}

// What the benchmark measures is a cart that gets what it should.
func TestABigCartIsEvaluated(t *testing.T) {
	t.Parallel()
	b, dossiers, f := bigCart(t)
	e := Evaluate(b, dossiers(), f, f.OccurredAt)
	if len(e.Refused) > 0 || len(e.Taken) < 25 || e.Result.ToPay <= 0 || e.Result.Discount < 500 {
		t.Errorf("%d are taken, %d refused, %d to pay, %d off", len(e.Taken), len(e.Refused), e.Result.ToPay, e.Result.Discount)
	}
}

func BenchmarkEvaluate(b *testing.B) {
	book, dossiers, f := bigCart(b)
	d := dossiers()
	b.ReportAllocs()
	for b.Loop() {
		c := &call{book: book, d: d, f: f, now: f.OccurredAt, at: f.OccurredAt, out: &Decision{}}
		if out := c.checkout(d.Files[f.MemberID], f.Cart, id.Cart{}); out.Result.Discount == 0 {
			b.Fatal("nothing was taken")
		}
	}
}
