package loyalty

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
