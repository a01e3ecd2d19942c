package cart

import (
	"cagnotte/internal/loyalty"
)

// Result is what becomes of a cart. Amounts are minor units, tax included.
//
//	Gross = ToPay + Paid + Reduced + Discount - LeftOver
type Result struct {
	Lines    []Line // in the caller's order
	Delivery Line
	Rates    []Rate    // by rate, the lowest first
	Applied  []Applied // what gives, in the order in which it was applied
	Payments []Paid    // in the order in which they were applied
	Refused  []Refusal
	Missing  []Missing

	Gross    int64 // all lines, those below zero too, and the delivery
	Discount int64 // what offers take
	Reduced  int64 // what payments take that are price reductions
	Paid     int64 // what payments take that are means of payment
	ToPay    int64
	LeftOver int64 // lines below zero are worth more than the rest: nothing here pays it out
}

// Line is what becomes of a line, or of the delivery.
type Line struct {
	Parts []Part
	Free  int64 // units of it that cost nothing any more
	Left  int64 // what it costs after discounts and reductions
}

// Part is what one offer, or one reduction, takes off a line.
type Part struct {
	By     string // the Key of the offer or of the means
	Amount int64
}

// Rate is what a cart comes to at one VAT rate.
type Rate struct {
	Rate     int64 // hundredths of a per cent
	Gross    int64
	Discount int64 // reductions included
	Net      int64 // Gross less Discount
	Tax      int64 // inside Net
}

// Applied is an offer that gives.
type Applied struct {
	Offer int    // its place in Input.Offers
	Key   string // of the offer
	Total int64  // minor units that it takes
	Free  int64  // units in the cart that it makes free
	Added []Added
	Cut   int64 // minor units that a cap kept it from taking
}

// Added are free units on top of what is in the cart. They have no price.
type Added struct {
	SKU      string
	Quantity int64
}

// Paid is a unit that pays.
type Paid struct {
	Means     int // its place in Input.Means
	Key       string
	Unit      string
	Units     int64 // what is spent of it
	Amount    int64 // the money that it is worth here
	AsPayment bool
}

// Refusal is an offer or a payment that gives nothing, with the figures that led to it.
type Refusal struct {
	Offer int    // its place in Input.Offers; -1: of a payment
	Unit  string // of a payment
	Key   string // of the offer or means; empty: nothing lets the unit pay
	Code  loyalty.Reason
	What  string // which measure Need and Got are of
	Need  int64
	Got   int64
	Which string // the Key of the better offer
}

// Measures of Refusal and Missing.
const (
	OfMinimum     = "minimum"      // minor units of what counts
	OfItems       = "items"        // items that count
	OfBasket      = "basket"       // minor units of all lines
	OfBasketItems = "basket_items" // items of all lines
	OfUnits       = "units"        // units of an article, or of what the offer is for
	OfBalance     = "balance"      // of a unit that pays
	OfMoney       = "money"        // minor units of a budget or a cap
	OfUses        = "uses"         // of a budget or a cap
)

// Missing is what an offer still wants: "2.10 more for a free coffee".
type Missing struct {
	Offer   int
	Key     string
	What    string
	Article string // of OfUnits
	Need    int64
	Got     int64
}
