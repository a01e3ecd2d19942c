package decide

import (
	"cmp"
	"slices"

	"cagnotte/internal/cart"
	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/money"
	"cagnotte/internal/rules"
)

// Evaluation is what a cart comes to, and what its order would lead to if it were paid now.
type Evaluation struct {
	*Checkout
	Claimable []Claimable
	Earned    []loyalty.ReceiptLine // given or waiting, and refused, of the order that the cart would be
}

// Claimable is a voucher that the member may use now and the cart does not name. It fits
// where some line is what it is for.
type Claimable struct {
	Voucher *loyalty.Voucher
	Fits    bool
}

// Evaluate evaluates the cart of a fact of kind CartHeld on dossiers that are used for
// nothing else: it judges the order that the cart would be on them. Nothing is written.
func Evaluate(b *rules.Book, d *Dossiers, f *loyalty.Fact, now moment.Time) *Evaluation {
	c := &call{book: b, d: d, f: f, now: now, at: now, out: &Decision{}}
	f.RecordedAt = now
	m := d.Files[f.MemberID]
	row := d.Carts[f.Cart.Name()]
	asks := id.Cart{}
	if row != nil {
		asks = row.ID
	}
	out := &Evaluation{Checkout: c.checkout(m, f.Cart, asks)}
	if m == nil || m.Member.State == loyalty.Blocked || m.Member.State == loyalty.Merged {
		return out
	}
	out.Claimable = c.claimable(m, f.Cart)
	o := d.Orders[f.Cart.Name()]
	if o != nil && o.State != "" {
		return out // it is an order already: what it earned is known
	}
	order := *f
	order.Kind, order.Cart, order.Order = loyalty.OrderPaid, nil, c.orderOf(f.Cart, out.Checkout)
	if len(order.Order.Lines) == 0 {
		return out
	}
	order.OccurredAt = max(f.OccurredAt, m.Member.JudgedTo.At+1)
	order.FoldAt = order.OccurredAt
	m.Full = false // the history is not loaded: the order stands at its end
	decision := One(b, d, &order, now)
	for _, l := range decision.Lines {
		switch l.Outcome {
		case loyalty.Given, loyalty.Waiting, loyalty.Exchanged, loyalty.Refused:
			out.Earned = append(out.Earned, l)
		}
	}
	return out
}

// claimable lists what the member might still use, what ends first at the front.
func (c *call) claimable(m *File, k *loyalty.Cart) []Claimable {
	var out []Claimable
	row := k.Row()
	for _, v := range m.Vouchers {
		if why, _ := c.unusable(v, m, id.Cart{}); why != "" || slices.Contains(k.Codes, v.Code) {
			continue
		}
		counts := cart.OfferOf(v).Counts
		fits := slices.ContainsFunc(row.Lines, func(l loyalty.Line) bool { return counts == nil || counts(&l) })
		out = append(out, Claimable{v, fits})
	}
	end := func(v *loyalty.Voucher) moment.Time {
		if at := v.EndsAt(c.now); at != 0 {
			return at
		}
		return 1<<63 - 1
	}
	slices.SortFunc(out, func(a, b Claimable) int {
		return cmp.Or(cmp.Compare(end(a.Voucher), end(b.Voucher)), slices.Compare(a.Voucher.ID[:], b.Voucher.ID[:]))
	})
	return out
}

// orderOf is the order that a cart would be: its lines less what was taken off them. Units
// that pay as a means of payment are said beside the lines, as a shop would report them.
func (c *call) orderOf(k *loyalty.Cart, out *Checkout) *loyalty.Order {
	o := &loyalty.Order{Series: k.Series, Ref: k.Ref, Currency: k.Currency}
	o.Channel, o.Source, o.Site, o.Codes, o.Delivery = k.Channel, k.Source, k.Site, k.Codes, max(0, out.Result.Delivery.Left)
	for i, l := range k.Lines {
		if l.Amount < 0 || l.Quantity <= 0 {
			continue
		}
		left := out.Result.Lines[i].Left
		tax, _ := money.MulDiv(left, l.TaxRate, 10_000+l.TaxRate, money.HalfUp)
		o.Lines = append(o.Lines, loyalty.Line{
			SKU: l.SKU, Category: l.Category, Quantity: l.Quantity, Amount: left, Tax: tax, Discount: l.Amount - left, Attributes: l.Attributes,
		})
	}
	o.RewardsPaid = out.Result.Paid
	return o
}
