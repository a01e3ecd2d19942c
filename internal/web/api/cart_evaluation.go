package api

import (
	"strconv"

	"cagnotte/internal/cart"
	"cagnotte/internal/checkout"
	"cagnotte/internal/id"
	"cagnotte/internal/ledger"
	"cagnotte/internal/locale"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/rules"
)

// CartQuestion is a cart that is to be evaluated. Nothing is stored.
type CartQuestion struct {
	Feed       string      `json:"feed,omitempty" default:"api"`
	OccurredAt moment.Time `json:"occurred_at,omitzero" format:"date-time" doc:"Now when missing"`
	Member     *Who        `json:"member,omitempty" doc:"Whose cart it is, where that is known"`
	Cart
	Programs []string `json:"programs,omitempty" maxItems:"20" doc:"Only these programs, by name or id"`
	Draft    string   `json:"draft,omitempty" doc:"Programs as text, judged as if they were in force in the place of those of their names"`
	Gifts    bool     `json:"gifts,omitempty" doc:"Also which gifts of the catalogue the member may have, beside what he pays with here"`
}

// CartEvaluation is what a cart comes to. gross = to_pay + paid + reduced + discount - left_over.
type CartEvaluation struct {
	Member    id.Member             `json:"member,omitzero"`
	Lang      string                `json:"lang" doc:"The language of the texts"`
	Lines     []EvaluatedLine       `json:"lines" doc:"In the order of the cart"`
	Delivery  EvaluatedLine         `json:"delivery"`
	Rates     []EvaluatedRate       `json:"tax_rates"`
	Discounts []EvaluatedOffer      `json:"discounts" doc:"In the order in which they were applied"`
	Payments  []EvaluatedPayment    `json:"payments"`
	Refused   []RefusedAsk          `json:"refused" doc:"What the cart asks for in vain: a hold of it would be refused"`
	Missing   []MissingFor          `json:"missing" doc:"What is lacking for an offer"`
	Claimable []ClaimableVoucher    `json:"claimable" doc:"Vouchers that the member has and the cart does not ask for"`
	Gifts     []GiftOffer           `json:"gifts,omitempty" doc:"Where they were asked for: those of the catalogue, what the member may have first"`
	Gross     int64                 `json:"gross" doc:"All lines and the delivery, minor units, tax included"`
	Discount  int64                 `json:"discount"`
	Reduced   int64                 `json:"reduced" doc:"By units that lower the price"`
	Paid      int64                 `json:"paid" doc:"By units that are a means of payment"`
	ToPay     int64                 `json:"to_pay"`
	LeftOver  int64                 `json:"left_over,omitempty" doc:"What lines below zero are worth more than the rest"`
	Earned    []loyalty.ReceiptLine `json:"earned" doc:"What the order would lead to if it were paid now"`
}

// EvaluatedLine is what becomes of a line, or of the delivery.
type EvaluatedLine struct {
	Parts []EvaluatedPart `json:"parts"`
	Free  int64           `json:"free_units,omitempty"`
	ToPay int64           `json:"to_pay" doc:"After discounts and reductions"`
}

// EvaluatedPart is what one offer or reduction takes off a line.
type EvaluatedPart struct {
	By     string `json:"by" doc:"The key of the discount or payment"`
	Amount int64  `json:"amount"`
}

// EvaluatedRate is what a cart comes to at one rate of VAT.
type EvaluatedRate struct {
	Rate     int64 `json:"rate" doc:"Hundredths of a per cent"`
	Gross    int64 `json:"gross"`
	Discount int64 `json:"discount" doc:"Reductions included"`
	Net      int64 `json:"net" doc:"gross less discount, tax included"`
	Tax      int64 `json:"tax" doc:"Inside net"`
}

// EvaluatedOffer is a program's or a voucher's discount.
type EvaluatedOffer struct {
	Key     string     `json:"key"`
	Program id.Program `json:"program,omitzero"`
	Name    string     `json:"program_name,omitempty"`
	Version int        `json:"version,omitempty"`
	Rule    string     `json:"rule,omitempty"`
	Voucher id.Voucher `json:"voucher,omitzero"`
	Code    string     `json:"code,omitempty"`
	Amount  int64      `json:"amount"`
	Free    int64      `json:"free_units,omitempty"`
	Added   []AddedLot `json:"added,omitempty" doc:"Free units on top of what is in the cart"`
	Cut     int64      `json:"cut,omitempty" doc:"What a cap kept it from taking"`
}

// AddedLot is free units of an article.
type AddedLot struct {
	SKU      string `json:"sku"`
	Quantity int64  `json:"quantity"`
}

// EvaluatedPayment is a unit that pays.
type EvaluatedPayment struct {
	Key     string `json:"key"`
	Unit    string `json:"unit"`
	Units   int64  `json:"units" doc:"Minor units of it"`
	Amount  int64  `json:"amount" doc:"What they are worth here"`
	Payment bool   `json:"means_of_payment,omitempty" doc:"It pays; otherwise it lowers the price"`
}

// RefusedAsk is a code, a chosen rule or a payment that gives nothing.
type RefusedAsk struct {
	Field   string            `json:"field" doc:"Where the cart asks for it: codes[0]"`
	Name    string            `json:"name"`
	Code    string            `json:"code"`
	Figures map[string]string `json:"figures,omitempty"`
	Text    string            `json:"text"`
}

// MissingFor is what an offer still wants.
type MissingFor struct {
	Key     string     `json:"key"`
	Program id.Program `json:"program,omitzero"`
	Name    string     `json:"program_name,omitempty"`
	Rule    string     `json:"rule,omitempty"`
	Code    string     `json:"code,omitempty"`
	What    string     `json:"what" enum:"minimum,items,basket,basket_items,units,balance,money,uses"`
	Article string     `json:"article,omitempty"`
	Need    int64      `json:"need"`
	Got     int64      `json:"got"`
	Lacking int64      `json:"lacking"`
	Text    string     `json:"text"`
}

// ClaimableVoucher is a voucher that the member has and may use.
type ClaimableVoucher struct {
	Voucher
	Fits bool `json:"fits" doc:"The cart has what it is for"`
}

type cartAsk struct {
	Lang string `query:"lang" enum:"en,fr,pl" doc:"Accept-Language decides when missing"`
}

func (a *API) evaluate(c *call, p *cartAsk, b *CartQuestion) (*CartEvaluation, error) {
	f := &loyalty.Fact{
		Kind: loyalty.CartHeld, Feed: b.Feed, ExternalID: "evaluation", Via: "api", Origin: loyalty.FromLive, OccurredAt: b.OccurredAt,
	}
	var err error
	if f.Member, _, err = a.people.Who(b.Member.naming(), "member"); err != nil {
		return nil, err
	}
	if f.Cart, err = b.cart(f.Feed); err != nil {
		return nil, door(err, "cart")
	}
	e, err := a.checkout.Evaluate(c.ctx, c.shop(), f, checkout.Choice{Programs: b.Programs, Draft: b.Draft})
	if err != nil {
		return nil, door(err, "cart")
	}
	words, err := a.printer(c, p.Lang)
	if err != nil {
		return nil, err
	}
	out := shownEvaluation(e, f, words)
	if b.Gifts && !f.MemberID.IsZero() {
		spent := map[string]int64{}
		for _, x := range out.Payments {
			spent[string(x.Unit)] += x.Units
		}
		if out.Gifts, err = a.offers(c, f.MemberID, spent, words); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func shownEvaluation(e *checkout.Evaluation, f *loyalty.Fact, words *locale.Printer) *CartEvaluation {
	r := &e.Result
	out := &CartEvaluation{
		Member: f.MemberID, Lang: words.Tag(), Lines: make([]EvaluatedLine, len(r.Lines)), Delivery: evaluatedLine(&r.Delivery),
		Rates: make([]EvaluatedRate, len(r.Rates)), Discounts: []EvaluatedOffer{}, Payments: []EvaluatedPayment{},
		Refused: []RefusedAsk{}, Missing: []MissingFor{}, Claimable: []ClaimableVoucher{}, Gross: r.Gross, Discount: r.Discount,
		Reduced: r.Reduced, Paid: r.Paid, ToPay: r.ToPay, LeftOver: r.LeftOver, Earned: filled(e.Earned),
	}
	for i := range r.Lines {
		out.Lines[i] = evaluatedLine(&r.Lines[i])
	}
	for i, x := range r.Rates {
		out.Rates[i] = EvaluatedRate(x)
	}
	for _, x := range r.Applied {
		o := &e.Input.Offers[x.Offer]
		y := EvaluatedOffer{
			Key: x.Key, Program: o.Program, Name: e.Programs[o.Program], Version: o.Version, Rule: o.Rule, Voucher: o.Voucher, Code: o.Code,
			Amount: x.Total, Free: x.Free, Cut: x.Cut,
		}
		for _, added := range x.Added {
			y.Added = append(y.Added, AddedLot(added))
		}
		out.Discounts = append(out.Discounts, y)
	}
	for _, x := range r.Payments {
		out.Payments = append(out.Payments, EvaluatedPayment{Key: x.Key, Unit: x.Unit, Units: x.Units, Amount: x.Amount, Payment: x.AsPayment})
	}
	for _, x := range e.Refused {
		line := loyalty.ReceiptLine{Outcome: loyalty.Refused, Code: x.Code, Figures: x.Figures}
		out.Refused = append(out.Refused, RefusedAsk{x.Field, x.Name, string(x.Code), x.Figures, words.Why(line)})
	}
	for _, x := range r.Missing {
		out.Missing = append(out.Missing, missing(e, &x, words))
	}
	for _, v := range e.Claimable {
		out.Claimable = append(out.Claimable, ClaimableVoucher{shownVoucher(v.Voucher), v.Fits})
	}
	return out
}

func evaluatedLine(l *cart.Line) EvaluatedLine {
	out := EvaluatedLine{Parts: make([]EvaluatedPart, len(l.Parts)), Free: l.Free, ToPay: l.Left}
	for i, p := range l.Parts {
		out.Parts[i] = EvaluatedPart(p)
	}
	return out
}

// missing words what an offer wants: so much more of something, for what it gives.
func missing(e *checkout.Evaluation, x *cart.Missing, words *locale.Printer) MissingFor {
	o := &e.Input.Offers[x.Offer]
	out := MissingFor{
		Key: x.Key, Program: o.Program, Name: e.Programs[o.Program], Rule: o.Rule, Code: o.Code, What: x.What, Article: x.Article,
		Need: x.Need, Got: x.Got, Lacking: x.Need - x.Got,
	}
	lacking := strconv.FormatInt(out.Lacking, 10)
	switch x.What {
	case cart.OfMinimum, cart.OfBasket, cart.OfMoney:
		lacking = words.Units(ledger.Unit(e.Shop.Currency), out.Lacking)
	case cart.OfUnits:
		lacking += " " + x.Article
	default:
		lacking = words.Items(out.Lacking)
	}
	free := int64(0)
	if o.Discount.Kind == rules.OffFree || o.Discount.Kind == rules.OffOnTop {
		free = o.Discount.Amount
	}
	out.Text = words.Missing(lacking, words.Offer(o.Discount.Percent, o.Discount.Amount, free, o.Discount.Article, e.Shop.Currency))
	return out
}
