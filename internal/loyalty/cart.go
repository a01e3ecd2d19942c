package loyalty

import (
	"fmt"
	"strconv"

	"cagnotte/internal/money"
)

// Cart is what somebody is about to buy, before it is an order: the whole of it goes into
// one evaluation, which stores nothing. Series and Ref are the name that the order will
// have. Amounts are minor units, tax included.
type Cart struct {
	Series          string     `json:"series"`
	Ref             string     `json:"ref"`
	Currency        string     `json:"currency,omitempty"`
	Lines           []CartLine `json:"lines,omitempty"`
	Delivery        int64      `json:"delivery,omitempty"`
	DeliveryTaxRate int64      `json:"delivery_tax_rate,omitempty"` // hundredths of a per cent
	Codes           []string   `json:"codes,omitempty"`             // typed or scanned: of vouchers and of programs
	Chosen          []string   `json:"chosen,omitempty"`            // rules that apply only when chosen: "PROGRAM/RULE", or the rule's name
	Pay             []Payment  `json:"pay,omitempty"`
	Channel         string     `json:"channel,omitempty"`
	Source          string     `json:"source,omitempty"` // of the channel
	Site            string     `json:"site,omitempty"`
}

// CartLine is one line of a cart. Amount is its total, tax included; below zero it is a
// manual discount or a returned article, which lowers the total, earns nothing and is
// never discounted.
type CartLine struct {
	SKU        string            `json:"sku"`
	Category   string            `json:"category,omitempty"`
	Quantity   int64             `json:"quantity"`
	Amount     int64             `json:"amount"`
	TaxRate    int64             `json:"tax_rate,omitempty"` // hundredths of a per cent: 2000 is 20 %
	Attributes map[string]string `json:"attributes,omitempty"`
}

// Payment is what the member wants to pay with: so much of a unit that he has.
type Payment struct {
	Unit   string `json:"unit"` // "points", or the shop's currency: money of his wallet
	Amount int64  `json:"amount"`
}

// Name is the permanent name of the order that the cart will be.
func (c *Cart) Name() string { return OrderName(c.Series, c.Ref) }

// Check refuses what a cart cannot mean, naming field and code.
func (c *Cart) Check(s *Shop) error {
	if err := c.checkName(); err != nil {
		return err
	}
	switch {
	case c.Currency == "":
		return Invalid("cart.currency", "required")
	case c.Currency != s.Currency:
		return Invalid("cart.currency", string(WrongCurrency), "want", s.Currency)
	case len(c.Lines) == 0:
		return Invalid("cart.lines", "required")
	case len(c.Lines) > MaxLines:
		return Invalid("cart.lines", "too_many", "max", strconv.Itoa(MaxLines))
	case c.Delivery < 0 || c.Delivery > money.Max:
		return outside("cart.delivery", 0, money.Max)
	case c.DeliveryTaxRate < 0 || c.DeliveryTaxRate > MaxTaxRate:
		return outside("cart.delivery_tax_rate", 0, MaxTaxRate)
	}
	for _, x := range []struct{ field, v string }{{"channel", c.Channel}, {"source", c.Source}, {"site", c.Site}} {
		if x.v != "" {
			if err := text("cart."+x.field, x.v); err != nil {
				return err
			}
		}
	}
	for _, x := range []struct {
		field string
		list  []string
	}{{"codes", c.Codes}, {"chosen", c.Chosen}} {
		if len(x.list) > maxAttributes {
			return Invalid("cart."+x.field, "too_many", "max", strconv.Itoa(maxAttributes))
		}
		for i, v := range x.list {
			if err := text(fmt.Sprintf("cart.%s[%d]", x.field, i), v); err != nil {
				return err
			}
		}
	}
	if err := c.checkPay(); err != nil {
		return err
	}
	return c.checkLines()
}

// MaxTaxRate is the highest rate of VAT that is believed: 100 %, in hundredths of a per cent.
const MaxTaxRate = 100 * 100

func (c *Cart) checkName() error {
	if err := text("cart.ref", c.Ref); err != nil {
		return err
	}
	return series("cart.series", c.Series)
}

func (c *Cart) checkPay() error {
	seen := map[string]bool{}
	if len(c.Pay) > maxAttributes {
		return Invalid("cart.pay", "too_many", "max", strconv.Itoa(maxAttributes))
	}
	for i, p := range c.Pay {
		at := fmt.Sprintf("cart.pay[%d].", i)
		if err := text(at+"unit", p.Unit); err != nil {
			return err
		}
		if p.Amount <= 0 || p.Amount > money.Max {
			return outside(at+"amount", 1, money.Max)
		}
		if seen[p.Unit] {
			return Invalid(at+"unit", "named_twice")
		}
		seen[p.Unit] = true
	}
	return nil
}

func (c *Cart) checkLines() error {
	size := c.Delivery // of the amounts, whatever their sign
	for i, l := range c.Lines {
		at := fmt.Sprintf("cart.lines[%d].", i)
		if err := text(at+"sku", l.SKU); err != nil {
			return err
		}
		if l.Category != "" {
			if err := text(at+"category", l.Category); err != nil {
				return err
			}
		}
		if l.Quantity < 0 || l.Quantity > MaxQuantity {
			return outside(at+"quantity", 0, MaxQuantity)
		}
		if l.Amount < -money.Max || l.Amount > money.Max {
			return outside(at+"amount", -money.Max, money.Max)
		}
		if l.TaxRate < 0 || l.TaxRate > MaxTaxRate {
			return outside(at+"tax_rate", 0, MaxTaxRate)
		}
		if err := attributes(at+"attributes", l.Attributes); err != nil {
			return err
		}
		if size += max(l.Amount, -l.Amount); size > money.Max {
			return outside("cart.lines", 0, money.Max)
		}
	}
	return nil
}

// Row is the cart as conditions of rules look at it: an order of the lines that are bought.
// Lines below zero are not.
func (c *Cart) Row() *OrderRow {
	o := &OrderRow{Series: c.Series, Ref: c.Ref, Currency: c.Currency}
	o.Channel, o.Source, o.Site, o.Codes, o.Delivery = c.Channel, c.Source, c.Site, c.Codes, c.Delivery
	for _, l := range c.Lines {
		if l.Amount < 0 || l.Quantity == 0 {
			continue
		}
		tax, _ := money.MulDiv(l.Amount, l.TaxRate, 100*100+l.TaxRate, money.HalfUp)
		o.Lines = append(o.Lines, Line{
			SKU: l.SKU, Category: l.Category, Quantity: l.Quantity, Amount: l.Amount, Tax: tax, Attributes: l.Attributes,
		})
	}
	o.Back = make([]Back, len(o.Lines))
	return o
}
