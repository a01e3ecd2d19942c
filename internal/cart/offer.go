// Package cart evaluates a cart: what programs and vouchers take off it, what pays in it,
// what is refused and what is lacking. It is stateless: the same input gives the same
// result, whatever the order of lines, codes and offers; who may have what, and what is
// left of caps and budgets, is its caller's business.
//
// docs/decisions/0025-carts.md has its rules.
package cart

import (
	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/rules"
)

// Offer is one discount that a cart may have: of a program's rule or of a voucher. Its
// conditions that do not look at lines hold already. The zero value of every limit is
// none.
type Offer struct {
	Key     string // stable, unique within a cart: OfferOf and OfferOfRule make it
	Program id.Program
	Rule    string
	Version int
	Voucher id.Voucher
	Code    string // of the voucher

	Priority  int
	Discount  rules.Discount
	Counts    func(*loyalty.Line) bool // the lines that count, for minima and for the discount, whose names come in capitals; nil: all
	Minimum   int64                    // of what counts, minor units
	Items     int64                    // of what counts
	Basket    int64                    // of all lines, minor units
	Baskets   int64                    // of all lines, items
	After     bool                     // minima are read after earlier discounts
	Exclusive string                   // one offer of the group gives; rules.AloneGroup: all others give way
	Last      bool                     // offers of less priority give way
	Free      bool                     // nothing limits it: no exclusive group, no Last (a special voucher)

	PerOrder int64   // it takes at most so much of this cart, minor units; the rest is cut
	Worth    int64   // minor units that one added unit is worth to a budget
	Caps     []Limit // cut what it takes, or refuse it
	Budgets  []Limit // refuse whole what they cannot cover
}

// Limit is what is left of a cap or a budget. Offers that share a name share what is left.
type Limit struct {
	Name string
	Left int64
	Uses bool // Left counts uses; otherwise minor units
}

// Means is a unit that may pay in a cart.
type Means struct {
	Key       string // stable, unique within a cart
	Program   id.Program
	Rule      string
	Version   int
	Priority  int
	Pay       rules.Pay
	Available int64                    // of the unit: what the member may spend
	Counts    func(*loyalty.Line) bool // only these lines may be paid with it; nil: all, and the delivery
	Minimum   int64
	Items     int64
	Basket    int64
	Baskets   int64
	After     bool
	PerOrder  int64 // minor units; zero: no limit
	Caps      []Limit
	Budgets   []Limit
}

// Input is all that an evaluation looks at. The cart is one that Check has passed.
type Input struct {
	Cart   *loyalty.Cart
	Offers []Offer
	Means  []Means // of what Cart.Pay asks; of several for one unit the first by priority and key that may pay
}
