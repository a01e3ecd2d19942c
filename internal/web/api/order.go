package api

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/money"
)

// Order is what was bought. Series and ref are its permanent name.
type Order struct {
	Series            string      `json:"series,omitempty" doc:"Who numbers the orders; the feed when missing"`
	Ref               string      `json:"ref" doc:"The order's number"`
	Currency          string      `json:"currency,omitempty" example:"EUR"`
	Lines             []OrderLine `json:"lines,omitempty" maxItems:"2000"`
	Channel           string      `json:"channel,omitempty" example:"web"`
	Source            string      `json:"source,omitempty" doc:"Of the channel"`
	Site              string      `json:"site,omitempty"`
	Codes             []string    `json:"codes,omitempty" maxItems:"20" doc:"Typed or scanned with the order; a member's personal code says who sent the friend"`
	Delivery          int64       `json:"delivery,omitempty" doc:"Minor units, beside the lines"`
	PaidWithRewards   int64       `json:"paid_with_rewards,omitempty" doc:"Of the lines: with points, wallet money, vouchers"`
	PaidWithGiftCards int64       `json:"paid_with_gift_cards,omitempty" doc:"Of the lines: with bought value"`
}

// OrderLine is one line of an order. Its total is given, or a price for each piece.
type OrderLine struct {
	SKU        string            `json:"sku"`
	Category   string            `json:"category,omitempty"`
	Quantity   int64             `json:"quantity,omitempty" default:"1"`
	Amount     *int64            `json:"amount,omitempty" doc:"The line's total in minor units, after its own discounts, tax included"`
	UnitPrice  *int64            `json:"unit_price,omitempty" doc:"Instead of amount: for one piece, before the line's discount"`
	Tax        int64             `json:"tax,omitempty" doc:"The part of the amount that is tax"`
	Discount   int64             `json:"discount,omitempty" doc:"What was taken off before"`
	Attributes map[string]string `json:"attributes,omitempty" doc:"brand, label, tag …: what programs may ask for"`
}

func (o *Order) order(feed string) (*loyalty.Order, error) {
	if o == nil {
		return nil, nil
	}
	lines, err := lines(o.Lines)
	return &loyalty.Order{
		Series: cmp.Or(o.Series, feed), Ref: o.Ref, Currency: o.Currency, Lines: lines,
		Circumstances: loyalty.Circumstances{
			Channel: o.Channel, Source: o.Source, Site: o.Site, Codes: o.Codes, Delivery: o.Delivery,
			RewardsPaid: o.PaidWithRewards, GiftCards: o.PaidWithGiftCards,
		},
	}, err
}

func shownOrder(o *loyalty.Order) *Order {
	if o == nil {
		return nil
	}
	out := &Order{
		Series: o.Series, Ref: o.Ref, Currency: o.Currency, Channel: o.Channel, Source: o.Source, Site: o.Site, Codes: o.Codes,
		Delivery: o.Delivery, PaidWithRewards: o.RewardsPaid, PaidWithGiftCards: o.GiftCards,
	}
	for _, l := range o.Lines {
		out.Lines = append(out.Lines, OrderLine{
			SKU: l.SKU, Category: l.Category, Quantity: l.Quantity, Amount: new(l.Amount), Tax: l.Tax, Discount: l.Discount, Attributes: l.Attributes,
		})
	}
	return out
}

func lines(in []OrderLine) ([]loyalty.Line, error) {
	out := make([]loyalty.Line, len(in))
	for i, l := range in {
		out[i] = loyalty.Line{
			SKU: l.SKU, Category: l.Category, Quantity: l.Quantity, Tax: l.Tax, Discount: l.Discount, Attributes: l.Attributes,
		}
		at := fmt.Sprintf("order.lines[%d].", i)
		switch {
		case l.Amount == nil && l.UnitPrice == nil:
			return nil, loyalty.Invalid(at+"amount", "required")
		case l.Amount != nil && l.UnitPrice != nil:
			return nil, loyalty.Invalid(at+"unit_price", "price_or_amount")
		case l.Amount != nil:
			out[i].Amount = *l.Amount
			continue
		}
		total, err := money.MulDiv(*l.UnitPrice, l.Quantity, 1, money.Down)
		if *l.UnitPrice < 0 || err != nil || total > money.Max {
			return nil, loyalty.Invalid(at+"unit_price", "out_of_range", "max", strconv.FormatInt(money.Max, 10))
		}
		out[i].Amount = total - l.Discount
	}
	return out, nil
}

// OrderReport is the plain way to report one order.
type OrderReport struct {
	ID         string      `json:"id,omitempty" doc:"Of the fact; made of series, ref and state when missing"`
	Feed       string      `json:"feed,omitempty" default:"api"`
	OccurredAt moment.Time `json:"occurred_at,omitzero" format:"date-time" doc:"Now when missing"`
	State      string      `json:"state,omitempty" enum:"paid,placed,fulfilled,cancelled" default:"paid"`
	Member     *Who        `json:"member,omitempty"`
	Referrer   *Who        `json:"referrer,omitempty"`
	Touch      string      `json:"touch,omitempty" enum:"link,code,staff"`
	Order
}

var stateKinds = map[string]string{
	"paid": loyalty.OrderPaid, "placed": loyalty.OrderPlaced, "fulfilled": loyalty.OrderFulfilled, "cancelled": loyalty.OrderCancelled,
}

// recordOrder reports an order. What it is named by is its identity, so that the same
// order reported twice is one, with or without an Idempotency-Key.
func (a *API) recordOrder(c *call, p *trial, b *OrderReport) (*Result, error) {
	kind := stateKinds[b.State]
	name := loyalty.OrderName(cmp.Or(b.Series, b.Feed), b.Ref)
	return a.act(c, &Event{
		Type: kind, ID: cmp.Or(b.ID, factName(kind, name)), Feed: b.Feed, OccurredAt: b.OccurredAt,
		Member: b.Member, Referrer: b.Referrer, Touch: b.Touch, Order: &b.Order,
	}, p.DryRun, "order")
}

// factName names a fact after what it is about; long names are shortened to their digest.
func factName(kind, of string) string {
	s := kind + ":" + of
	if len(s) <= loyalty.MaxRefBytes {
		return s
	}
	sum := sha256.Sum256([]byte(s))
	return kind + ":" + hex.EncodeToString(sum[:])
}

// StoredOrder is an order as it is known, with what has come back of it.
type StoredOrder struct {
	ID       id.Order     `json:"id"`
	Series   string       `json:"series"`
	Ref      string       `json:"ref"`
	Member   id.Member    `json:"member,omitzero"`
	State    string       `json:"state" enum:"named,placed,paid,returned,cancelled"`
	Currency string       `json:"currency"`
	PaidAt   moment.Time  `json:"paid_at,omitzero" format:"date-time"`
	Net      int64        `json:"net" doc:"What is left after returns, minor units"`
	Imported bool         `json:"imported"`
	Lines    []StoredLine `json:"lines"`
}

// StoredLine is a line with what has come back of it.
type StoredLine struct {
	SKU              string `json:"sku"`
	Category         string `json:"category,omitempty"`
	Quantity         int64  `json:"quantity"`
	Amount           int64  `json:"amount"`
	QuantityReturned int64  `json:"quantity_returned"`
	AmountReturned   int64  `json:"amount_returned"`
}

func storedOrder(o *loyalty.OrderRow) *StoredOrder {
	out := &StoredOrder{
		ID: o.ID, Series: o.Series, Ref: o.Ref, Member: o.Member, State: o.State, Currency: o.Currency, PaidAt: o.PaidAt,
		Net: o.Net(), Imported: o.Imported, Lines: make([]StoredLine, len(o.Lines)),
	}
	for i, l := range o.Lines {
		out.Lines[i] = StoredLine{l.SKU, l.Category, l.Quantity, l.Amount, o.Back[i].Quantity, o.Back[i].Amount}
	}
	return out
}

type orderPath struct {
	ID id.Order `path:"id" unknown:"order_unknown"`
}

func (a *API) order(c *call, p *orderPath, _ *none) (*StoredOrder, error) {
	o, err := a.people.Order(c.ctx, c.shop(), p.ID)
	if err != nil {
		return nil, err
	}
	return storedOrder(o), nil
}

type orderName struct {
	Series string `query:"series" doc:"Who numbers the orders"`
	Ref    string `query:"ref" doc:"The order's number"`
}

func (a *API) orders(c *call, p *orderName, _ *none) (*Page[StoredOrder], error) {
	if p.Series == "" {
		return nil, loyalty.Invalid("series", "required")
	}
	if p.Ref == "" {
		return nil, loyalty.Invalid("ref", "required")
	}
	o, err := a.people.OrderByName(c.ctx, c.shop(), p.Series, p.Ref)
	return single(o, err, storedOrder)
}
