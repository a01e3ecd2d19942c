package api

import (
	"cmp"
	"fmt"
	"strconv"

	"cagnotte/internal/id"
	"cagnotte/internal/ledger"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/money"
)

// Cart is what somebody is about to buy. Series and ref are the name that the order will
// have. Amounts are minor units, tax included.
type Cart struct {
	Series          string     `json:"series,omitempty" doc:"Who numbers the orders; the feed when missing"`
	Ref             string     `json:"ref" doc:"The order's number, or the cart's own where there is none yet"`
	Currency        string     `json:"currency,omitempty" example:"EUR"`
	Lines           []CartLine `json:"lines,omitempty" maxItems:"2000"`
	Delivery        int64      `json:"delivery,omitempty" doc:"Minor units, beside the lines"`
	DeliveryTaxRate int64      `json:"delivery_tax_rate,omitempty" doc:"Hundredths of a per cent"`
	Codes           []string   `json:"codes,omitempty" maxItems:"20" doc:"Typed or scanned: of vouchers and of programs"`
	Chosen          []string   `json:"chosen,omitempty" maxItems:"20" doc:"Rules that apply only when chosen: the rule's name, or PROGRAM/RULE"`
	Pay             []Payment  `json:"pay,omitempty" maxItems:"20" doc:"What the member wants to pay with"`
	Channel         string     `json:"channel,omitempty" example:"web"`
	Source          string     `json:"source,omitempty" doc:"Of the channel"`
	Site            string     `json:"site,omitempty"`
}

// CartLine is one line of a cart. Its total is given, or a price for each piece. Below zero
// it is a manual discount or a returned article: it lowers the total, earns nothing and is
// never discounted.
type CartLine struct {
	SKU        string            `json:"sku"`
	Category   string            `json:"category,omitempty"`
	Quantity   int64             `json:"quantity,omitempty" default:"1"`
	Amount     *int64            `json:"amount,omitempty" doc:"The line's total in minor units, tax included"`
	UnitPrice  *int64            `json:"unit_price,omitempty" doc:"Instead of amount: for one piece"`
	TaxRate    int64             `json:"tax_rate,omitempty" doc:"Hundredths of a per cent: 2000 is 20 %"`
	Attributes map[string]string `json:"attributes,omitempty" doc:"brand, label, tag …: what programs may ask for"`
}

// Payment is so much of a unit that is to pay.
type Payment struct {
	Unit   string `json:"unit" doc:"points, or the shop's currency: money of the wallet"`
	Amount int64  `json:"amount" doc:"Minor units of it"`
}

// cart makes the cart of a fact. Codes come into the one form in which they are compared.
func (k *Cart) cart(feed string) (*loyalty.Cart, error) {
	if k == nil {
		return nil, nil
	}
	out := &loyalty.Cart{
		Series: cmp.Or(k.Series, feed), Ref: k.Ref, Currency: k.Currency, Delivery: k.Delivery, DeliveryTaxRate: k.DeliveryTaxRate,
		Chosen: k.Chosen, Channel: k.Channel, Source: k.Source, Site: k.Site,
	}
	for _, c := range k.Codes {
		out.Codes = append(out.Codes, loyalty.TypedCode(c))
	}
	for _, p := range k.Pay {
		out.Pay = append(out.Pay, loyalty.Payment(p))
	}
	for i, l := range k.Lines {
		amount, err := l.total(fmt.Sprintf("cart.lines[%d].", i))
		if err != nil {
			return nil, err
		}
		out.Lines = append(out.Lines, loyalty.CartLine{
			SKU: l.SKU, Category: l.Category, Quantity: l.Quantity, Amount: amount, TaxRate: l.TaxRate, Attributes: l.Attributes,
		})
	}
	return out, nil
}

func (l *CartLine) total(at string) (int64, error) {
	switch {
	case l.Amount == nil && l.UnitPrice == nil:
		return 0, loyalty.Invalid(at+"amount", "required")
	case l.Amount != nil && l.UnitPrice != nil:
		return 0, loyalty.Invalid(at+"unit_price", "price_or_amount")
	case l.Amount != nil:
		return *l.Amount, nil
	}
	n, err := money.MulDiv(*l.UnitPrice, l.Quantity, 1, money.Down)
	if err != nil || n > money.Max || n < -money.Max {
		return 0, loyalty.Invalid(at+"unit_price", "out_of_range", "max", strconv.FormatInt(money.Max, 10))
	}
	return n, nil
}

func shownCart(k *loyalty.Cart) *Cart {
	if k == nil {
		return nil
	}
	out := &Cart{
		Series: k.Series, Ref: k.Ref, Currency: k.Currency, Delivery: k.Delivery, DeliveryTaxRate: k.DeliveryTaxRate, Codes: k.Codes,
		Chosen: k.Chosen, Channel: k.Channel, Source: k.Source, Site: k.Site,
	}
	for _, p := range k.Pay {
		out.Pay = append(out.Pay, Payment(p))
	}
	for _, l := range k.Lines {
		out.Lines = append(out.Lines, CartLine{
			SKU: l.SKU, Category: l.Category, Quantity: l.Quantity, Amount: new(l.Amount), TaxRate: l.TaxRate, Attributes: l.Attributes,
		})
	}
	return out
}

// CartReport says that a cart takes value: held or redeemed, all or nothing.
type CartReport struct {
	Report
	Member *Who `json:"member,omitempty" doc:"Whose cart it is, where that is known"`
	Cart
	HoldSeconds int64 `json:"hold_seconds,omitempty" doc:"Of a hold: how long; 900 when missing, at most 86400"`
}

// CartRelease gives up a hold, or rolls a redemption back.
type CartRelease struct {
	Report
	Series string `json:"series,omitempty" doc:"The feed when missing"`
	Ref    string `json:"ref" doc:"The order's number"`
}

// CartState is what became of a cart that takes value.
type CartState struct {
	Result
	Cart *TakenCart `json:"cart,omitempty" doc:"What it takes; missing in a dry run"`
}

// TakenCart is a cart that took value under the name of its order.
type TakenCart struct {
	ID        id.Cart     `json:"id"`
	Series    string      `json:"series"`
	Ref       string      `json:"ref"`
	Member    id.Member   `json:"member,omitzero"`
	State     string      `json:"state" enum:"held,redeemed,released"`
	At        moment.Time `json:"at" format:"date-time" doc:"Since when it is in that state"`
	ExpiresAt moment.Time `json:"expires_at,omitzero" format:"date-time" doc:"Of a hold"`
	Taken     []Taken     `json:"taken"`
	Cart      *Cart       `json:"cart"`
}

// Taken is one thing that a cart took.
type Taken struct {
	Redemption id.Redemption `json:"redemption_id,omitzero" doc:"Once it is used"`
	Kind       string        `json:"kind" enum:"voucher,program,units"`
	Program    id.Program    `json:"program,omitzero"`
	Version    int           `json:"version,omitempty"`
	Rule       string        `json:"rule,omitempty"`
	Voucher    id.Voucher    `json:"voucher,omitzero"`
	Code       string        `json:"code,omitempty"`
	Unit       ledger.Unit   `json:"unit,omitempty"`
	Units      int64         `json:"units,omitempty" doc:"Minor units of the unit that paid"`
	Payment    bool          `json:"means_of_payment,omitempty" doc:"It pays; otherwise it lowers the price"`
	Amount     int64         `json:"amount" doc:"Minor units of money"`
	Lines      []int64       `json:"lines,omitempty" doc:"Its share of each line"`
	Delivery   int64         `json:"delivery,omitempty"`
	FreeUnits  int64         `json:"free_units,omitempty"`
	AddedUnits int64         `json:"added_units,omitempty" doc:"On top of what is in the cart"`
	Article    string        `json:"article,omitempty"`
	Back       int64         `json:"given_back,omitempty" doc:"Of the amount, so far"`
	BackUnits  int64         `json:"given_back_units,omitempty"`
	Undone     bool          `json:"undone,omitempty" doc:"The use itself was given back"`
}

func shownTaken(t *loyalty.CartRow) *TakenCart {
	out := &TakenCart{
		ID: t.ID, Series: t.Series, Ref: t.Ref, Member: t.Member, State: t.State, At: t.At, ExpiresAt: t.ExpiresAt,
		Taken: make([]Taken, len(t.Taken)), Cart: shownCart(&t.Cart),
	}
	for i, x := range t.Taken {
		out.Taken[i] = Taken{
			Redemption: x.ID, Kind: x.Kind, Program: x.Program, Version: x.Version, Rule: x.Rule, Voucher: x.Voucher, Code: x.Code, Unit: x.Unit,
			Units: x.Units, Payment: x.Pays, Amount: x.Amount, Lines: x.Lines, Delivery: x.Delivery, FreeUnits: x.Free + x.Added,
			AddedUnits: x.Added, Article: x.Article, Back: x.Back, BackUnits: x.BackUnits, Undone: x.Undone,
		}
	}
	return out
}

func (a *API) hold(c *call, p *trial, b *CartReport) (*CartState, error) {
	e := b.event(loyalty.CartHeld)
	e.Member, e.Cart, e.HoldSeconds = b.Member, &b.Cart, b.HoldSeconds
	return a.takes(c, e, p.DryRun)
}

func (a *API) redeemCart(c *call, p *trial, b *CartReport) (*CartState, error) {
	e := b.event(loyalty.CartRedeemed)
	e.Member, e.Cart, e.HoldSeconds = b.Member, &b.Cart, b.HoldSeconds
	return a.takes(c, e, p.DryRun)
}

func (a *API) release(c *call, p *trial, b *CartRelease) (*CartState, error) {
	e := b.event(loyalty.CartReleased)
	e.Cart = &Cart{Series: b.Series, Ref: b.Ref}
	return a.takes(c, e, p.DryRun)
}

// takes reports a cart that takes value, and answers with what it took.
func (a *API) takes(c *call, e *Event, dry bool) (*CartState, error) {
	r, err := a.act(c, e, dry, "cart")
	if err != nil {
		return nil, err
	}
	out := &CartState{Result: *r}
	if dry {
		return out, nil
	}
	t, err := a.checkout.Cart(c.ctx, c.shop(), cmp.Or(e.Cart.Series, e.Feed), e.Cart.Ref)
	if err != nil {
		return nil, err
	}
	out.Cart = shownTaken(t)
	return out, nil
}

type cartQuery struct {
	Ref    string `query:"ref" required:"true" doc:"The order's number"`
	Series string `query:"series" default:"api" doc:"Who numbers the orders"`
}

func (a *API) cart(c *call, p *cartQuery, _ *none) (*TakenCart, error) {
	t, err := a.checkout.Cart(c.ctx, c.shop(), p.Series, p.Ref)
	if err != nil {
		return nil, err
	}
	return shownTaken(t), nil
}
