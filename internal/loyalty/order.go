package loyalty

import (
	"strings"

	"cagnotte/internal/id"
	"cagnotte/internal/moment"
	"cagnotte/internal/money"
)

// Order is what was bought. Series and Ref are its permanent name: who numbers the orders
// (`web`, `till:3`), and the number.
type Order struct {
	Series   string `json:"series"`
	Ref      string `json:"ref"`
	Currency string `json:"currency,omitempty"`
	Lines    []Line `json:"lines,omitempty"`
	Circumstances
}

// Circumstances are what is known of an order beside its lines. Amounts are minor units,
// tax included.
type Circumstances struct {
	Channel     string   `json:"channel,omitempty"`
	Source      string   `json:"source,omitempty"` // of the channel
	Site        string   `json:"site,omitempty"`
	Codes       []string `json:"codes,omitempty"`                // typed or scanned with it
	Delivery    int64    `json:"delivery,omitempty"`             // beside the lines
	RewardsPaid int64    `json:"paid_with_rewards,omitempty"`    // of the lines: by points, wallet money, vouchers
	GiftCards   int64    `json:"paid_with_gift_cards,omitempty"` // of the lines: by bought value
}

// Line is one line of an order. Amount is the line's total in minor units, after its own
// discounts, tax included; Tax is the part of it that is tax, Discount what was taken off
// before.
type Line struct {
	SKU        string            `json:"sku"`
	Category   string            `json:"category,omitempty"`
	Quantity   int64             `json:"quantity"`
	Amount     int64             `json:"amount"`
	Tax        int64             `json:"tax,omitempty"`
	Discount   int64             `json:"discount,omitempty"`
	Attributes map[string]string `json:"attributes,omitempty"` // brand, label, tag …
}

// HasAny tells whether the line has one of these attributes, written name=value. The case
// of letters does not matter.
func (l *Line) HasAny(pairs []string) bool {
	for _, p := range pairs {
		name, want, _ := strings.Cut(p, "=")
		if got, ok := l.Attributes[name]; ok && strings.EqualFold(got, want) {
			return true
		}
	}
	return false
}

// Name is the order's permanent name in keys and texts.
func (o *Order) Name() string { return OrderName(o.Series, o.Ref) }

// OrderName joins a series and a reference.
func OrderName(series, ref string) string { return series + "/" + ref }

// Refund is what came back. It names lines, an amount, or (neither) the whole order; with
// no Ref it names no order at all, and its lines say what was returned.
type Refund struct {
	Series string       `json:"series,omitempty"`
	Ref    string       `json:"ref,omitempty"`
	Lines  []RefundLine `json:"lines,omitempty"`
	Amount int64        `json:"amount,omitempty"`
}

// RefundLine returns Quantity items of an article for Amount minor units, both positive.
// Line (from 1) names the order's line where the shop knows it. Amount zero: in
// proportion to the quantity.
type RefundLine struct {
	Line     int    `json:"line,omitempty"`
	SKU      string `json:"sku,omitempty"`
	Category string `json:"category,omitempty"`
	Quantity int64  `json:"quantity"`
	Amount   int64  `json:"amount,omitempty"`
}

// States of an order.
const (
	OrderNamed     = "named" // only a refund or a cancellation has named it so far
	OrderOpen      = "placed"
	OrderSettled   = "paid"
	OrderReturned  = "returned"
	OrderWithdrawn = "cancelled"
)

// OrderRow is an order as it is kept: its lines and what has come back of each.
type OrderRow struct {
	ID       id.Order
	Series   string
	Ref      string
	Member   id.Member
	State    string
	Currency string
	PaidAt   moment.Time
	Imported bool
	Lines    []Line
	Back     []Back    // per line, same length as Lines
	Ahead    []*Refund // returns dated before the order itself was known
	Circumstances
	FulfilledAt moment.Time

	New, Dirty bool
}

// Back is what has come back of one line.
type Back struct {
	Quantity int64 `json:"quantity"`
	Amount   int64 `json:"amount"`
}

// Name is the order's permanent name.
func (o *OrderRow) Name() string { return OrderName(o.Series, o.Ref) }

// Net is what is left of the order in minor units.
func (o *OrderRow) Net() int64 {
	var sum int64
	for i, l := range o.Lines {
		sum += l.Amount - o.Back[i].Amount
	}
	return sum
}

// PaidShare is a line's part of an amount that paid for all lines, by largest remainder.
func (o *OrderRow) PaidShare(paid int64, line int) int64 {
	amounts := make([]int64, len(o.Lines))
	var sum int64
	for i, l := range o.Lines {
		amounts[i] = l.Amount
		sum += l.Amount
	}
	return money.Split(min(paid, sum), amounts)[line]
}

// Whole tells whether everything of the order has come back.
func (o *OrderRow) Whole() bool {
	for i, l := range o.Lines {
		if l.Quantity != o.Back[i].Quantity || l.Amount != o.Back[i].Amount {
			return false
		}
	}
	return len(o.Lines) > 0
}

// SetLines takes the order's lines as reported, and the returns that came ahead of them.
func (o *OrderRow) SetLines(lines []Line) {
	o.Lines = lines
	o.Back = make([]Back, len(lines))
	for _, r := range o.Ahead {
		o.Return(r)
	}
	o.Ahead = nil
	o.Dirty = true
}

// Return takes back what the refund names, never more than is left, and tells whether
// anything was. An amount is divided over what is left of the lines, largest remainder
// first.
func (o *OrderRow) Return(r *Refund) bool {
	before := o.Net()
	var items int64
	switch {
	case len(r.Lines) > 0:
		for _, rl := range r.Lines {
			items += o.ReturnLine(rl).Quantity
		}
	case r.Amount > 0:
		left := make([]int64, len(o.Lines))
		for i, l := range o.Lines {
			left[i] = max(0, l.Amount-o.Back[i].Amount)
		}
		for i, part := range money.Split(min(r.Amount, max(0, before)), left) {
			o.Back[i].Amount += part
			if o.Back[i].Amount == o.Lines[i].Amount && r.Amount >= before {
				o.Back[i].Quantity = o.Lines[i].Quantity
			}
		}
	default:
		for i, l := range o.Lines {
			items += l.Quantity - o.Back[i].Quantity
			o.Back[i] = Back{l.Quantity, l.Amount}
		}
	}
	o.Dirty = o.Dirty || o.Net() != before || items != 0
	return o.Net() != before || items != 0
}

// ReturnLine takes one returned line back from the lines it fits, and tells how much of it
// found a place. Without an amount the value goes with the quantity.
func (o *OrderRow) ReturnLine(r RefundLine) (took Back) {
	for i := range o.Lines {
		l, b := &o.Lines[i], &o.Back[i]
		if r.Line != 0 && r.Line != i+1 || r.Line == 0 && l.SKU != r.SKU || r.Quantity == took.Quantity && r.Quantity > 0 {
			continue
		}
		q := min(r.Quantity-took.Quantity, l.Quantity-b.Quantity)
		if q < 0 || r.Quantity > 0 && q == 0 {
			continue
		}
		a := l.Amount - b.Amount
		if r.Amount > 0 {
			share := r.Amount - took.Amount
			if q < r.Quantity-took.Quantity { // the rest of the quantity goes to other lines
				share, _ = money.MulDiv(share, q, r.Quantity-took.Quantity, money.HalfUp)
			}
			a = min(a, share)
		} else if l.Quantity > b.Quantity {
			a, _ = money.MulDiv(a, q, l.Quantity-b.Quantity, money.HalfUp)
		}
		b.Quantity += q
		b.Amount += a
		took.Quantity += q
		took.Amount += a
		if q != 0 || a != 0 {
			o.Dirty = true
		}
	}
	return took
}
