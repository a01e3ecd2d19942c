package cart

import (
	"time"

	"cagnotte/internal/loyalty"
	"cagnotte/internal/money"
	"cagnotte/internal/rules"
)

func OfferOfRule(r *rules.Compiled, z *time.Location) Offer {
	return Offer{Key: "p:" + r.Name, Rule: r.Name, Program: r.Version.Program.ID, Version: r.Version.N}
}
func OfferOf(v *loyalty.Voucher) Offer {
	return Offer{Key: "v:" + v.Code, Code: v.Code, Voucher: v.ID, Discount: rules.Discount{Kind: rules.OffAmount, Amount: v.Amount}}
}
func MeansOfRule(r *rules.Compiled) Means { panic("shim") }
func OwnMoney(unit string) Means {
	return Means{Key: "m:" + unit, Pay: rules.Pay{Unit: unit, Amount: 1, Worth: 1}}
}
func Evaluate(in Input) Result {
	r := Result{Lines: make([]Line, len(in.Cart.Lines))}
	var lefts []int64
	for i, l := range in.Cart.Lines {
		r.Lines[i].Left = l.Amount
		r.Gross += l.Amount
		lefts = append(lefts, l.Amount)
	}
	take := func(key string, n int64) int64 {
		var sum int64
		for _, x := range lefts {
			sum += x
		}
		n = min(n, sum)
		for i, p := range money.Split(n, lefts) {
			r.Lines[i].Parts = append(r.Lines[i].Parts, Part{key, p})
			r.Lines[i].Left -= p
			lefts[i] -= p
		}
		return n
	}
	for i, o := range in.Offers {
		n := take(o.Key, o.Discount.Amount)
		r.Applied = append(r.Applied, Applied{Offer: i, Key: o.Key, Total: n})
		r.Discount += n
	}
	for i, m := range in.Means {
		for _, p := range in.Cart.Pay {
			if p.Unit != m.Pay.Unit {
				continue
			}
			if p.Amount > m.Available {
				r.Refused = append(r.Refused, Refusal{Offer: -1, Unit: p.Unit, Code: loyalty.InsufficientUnits, What: OfBalance, Need: p.Amount, Got: m.Available})
				continue
			}
			n := take(m.Key, p.Amount)
			r.Payments = append(r.Payments, Paid{Means: i, Key: m.Key, Unit: p.Unit, Units: n, Amount: n})
			r.Reduced += n
		}
	}
	for _, l := range r.Lines {
		r.ToPay += l.Left
	}
	return r
}
