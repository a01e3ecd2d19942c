package loyalty

import (
	"cagnotte/internal/id"
	"cagnotte/internal/ledger"
	"cagnotte/internal/moment"
)

// States of a cart that has taken value.
const (
	CartHolds = "held"     // nobody else may take it until ExpiresAt
	CartUsed  = "redeemed" // used up for the order
	CartGone  = "released" // given up, or rolled back
)

// HoldSeconds is how long a cart holds value when nothing is said, MaxHoldSeconds the most
// that may be said.
const (
	HoldSeconds    = 15 * 60
	MaxHoldSeconds = 24 * 60 * 60
)

// CartRow is a cart that has taken value under the name of its order, as it is kept.
type CartRow struct {
	ID        id.Cart
	Series    string
	Ref       string
	Member    id.Member // zero: nobody was named
	State     string
	Event     id.Event    // that made this state
	At        moment.Time // when it did
	ExpiresAt moment.Time // of a hold
	Cart      Cart
	Taken     []Taken
	Items     []HoldItem // what it keeps from others, once ItemsDirty

	New, Dirty, ItemsDirty bool
}

// Name is the permanent name of the cart's order.
func (c *CartRow) Name() string { return OrderName(c.Series, c.Ref) }

// Codes lists the codes of the vouchers that the cart took, each once.
func (c *CartRow) Codes() []string {
	var out []string
	for _, t := range c.Taken {
		if t.Code != "" {
			out = append(out, t.Code)
		}
	}
	return out
}

// ToPay is what is left to pay of the cart after all that it takes, minor units. Units that
// are a means of payment pay, too.
func (c *CartRow) ToPay() int64 {
	n := c.Cart.Delivery
	for _, l := range c.Cart.Lines {
		n += l.Amount
	}
	for _, t := range c.Taken {
		n -= t.Amount
	}
	return max(0, n)
}

// Kinds of what a cart takes.
const (
	TakenVoucher = "voucher"
	TakenProgram = "program" // a discount that a program gives in the cart
	TakenUnits   = "units"   // points or wallet money that paid
)

// Taken is one thing that a cart takes: a use of a voucher, a program's discount, units that
// pay. Lines are its shares of the cart's lines, in the cart's order, Delivery that of the
// delivery; they sum to Amount, unless the units are a means of payment (Pays), which has no
// share of lines. Money is minor units.
type Taken struct {
	ID       id.Redemption `json:"id,omitzero"`      // once it is used
	UsedAt   moment.Time   `json:"used_at,omitzero"` // likewise
	Kind     string        `json:"kind"`
	Program  id.Program    `json:"program,omitzero"`
	Version  int           `json:"version,omitempty"`
	Rule     string        `json:"rule,omitempty"`
	Voucher  id.Voucher    `json:"voucher,omitzero"`
	Code     string        `json:"code,omitempty"`
	Unit     ledger.Unit   `json:"unit,omitempty"`
	Units    int64         `json:"units,omitempty"`
	Pays     bool          `json:"pays,omitempty"`
	Amount   int64         `json:"amount"`
	Lines    []int64       `json:"lines,omitempty"`
	Delivery int64         `json:"delivery,omitempty"`
	Free     int64         `json:"free,omitempty"`  // free units of an article
	Added    int64         `json:"added,omitempty"` // of them, those added on top
	Article  string        `json:"article,omitempty"`

	Back      int64     `json:"back,omitempty"`       // of Amount, given back so far
	BackUnits int64     `json:"back_units,omitempty"` // of Units
	Undone    bool      `json:"undone,omitempty"`     // the use itself was given back
	Reward    id.Reward `json:"reward,omitzero"`      // the row that knows which lots paid
}

// UnitRef names units of a member in a HoldItem.
func UnitRef(u ledger.Unit) string { return "u:" + string(u) }

// HoldItem is something that a held cart keeps from others: a use of a voucher, money of a
// budget, units of a member.
type HoldItem struct {
	Cart   id.Cart
	N      int64 // its place among what the cart keeps
	Ref    string
	Member id.Member // whose units; zero for what is nobody's
	Amount int64
	EndsAt moment.Time
}
