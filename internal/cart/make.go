package cart

import (
	"strings"

	"cagnotte/internal/loyalty"
	"cagnotte/internal/rules"
)

// OfferOfRule is what a rule offers a cart. What is left of its caps and budgets is for the
// caller to add.
func OfferOfRule(r *rules.Compiled) Offer {
	w := &r.When
	o := Offer{
		Key: keyOf(r), Program: r.Version.Program.ID, Rule: r.Name, Version: r.Version.N, Priority: r.Priority, Discount: *r.Discount,
		Counts: r.Counts(), Minimum: w.Minimum, Items: w.Items, Basket: w.Basket, Baskets: w.BasketItems, After: w.Discounted,
		Exclusive: r.Exclusive, Last: r.Last, Worth: r.Worth,
	}
	if r.Cap.Period == "order" {
		o.PerOrder = r.Cap.N
	}
	return o
}

func keyOf(r *rules.Compiled) string { return "rule:" + r.Version.Program.ID.String() + "/" + r.Name }

// OfferOf is what a voucher offers a cart: of a product so many units of an article, of a
// category so many units of any article in it, free or reduced, the cheapest first; cash and
// special money or a per cent off. Nothing limits a special one but its own terms.
func OfferOf(v *loyalty.Voucher) Offer {
	o := Offer{Key: "voucher:" + v.Code, Voucher: v.ID, Code: v.Code, Free: v.Kind == "special"}
	switch v.Kind {
	case "product":
		o.Discount = rules.Discount{Kind: rules.OffFree, Amount: v.Amount, Article: v.Article}
		o.Counts = func(l *loyalty.Line) bool { return strings.EqualFold(l.SKU, v.Article) }
	case "category":
		o.Discount = rules.Discount{Kind: rules.OffFree, Amount: v.Amount, Percent: v.Percent}
		o.Counts = func(l *loyalty.Line) bool { return strings.EqualFold(l.Category, v.Article) }
	default:
		o.Discount = rules.Discount{Kind: rules.OffAmount, Amount: v.Amount}
		if v.Percent > 0 {
			o.Discount = rules.Discount{Kind: rules.OffPercent, Percent: v.Percent}
		}
	}
	if t := v.Terms; t != nil {
		o.Minimum, o.Priority, o.Exclusive = t.Minimum, t.Priority, t.Exclusive
	}
	return o
}

// MeansOfRule is how a rule lets a unit pay. What the member has of it, and what is left of
// caps and budgets, is for the caller to add.
func MeansOfRule(r *rules.Compiled) Means {
	w := &r.When
	m := Means{
		Key: keyOf(r), Program: r.Version.Program.ID, Rule: r.Name, Version: r.Version.N, Priority: r.Priority, Pay: *r.Pay,
		Counts: r.Counts(), Minimum: w.Minimum, Items: w.Items, Basket: w.Basket, Baskets: w.BasketItems, After: w.Discounted,
	}
	if r.Cap.Period == "order" {
		m.PerOrder = r.Cap.N
	}
	return m
}

// OwnMoney lets money of the wallet pay one to one, as a price reduction: what holds where no
// program says otherwise.
func OwnMoney(unit string) Means {
	return Means{Key: "wallet:" + unit, Pay: rules.Pay{Unit: unit, Amount: 1, Worth: 1}}
}
