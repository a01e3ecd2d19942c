// Package rules is what a program says: its document (stored as JSON, written by people as
// text), and the compiled form that decides in nanoseconds. It judges one order or one
// sign-up by one rule and gives the figures; what to do about it, and who has had what
// before, is decide's business.
//
// A stored rule is compiled to Go closures and sets when a program is loaded; nothing is
// interpreted while an order waits.
package rules

import (
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/money"
)

// Document is one version of a program, as published. It is never edited: a change is a
// new version.
type Document struct {
	Name   string      `json:"name"`
	Starts moment.Time `json:"starts,omitzero"` // zero: when it is published
	Ends   moment.Time `json:"ends,omitzero"`   // exclusive; zero: open
	Rules  []Rule      `json:"rules"`
}

// Triggers of a rule.
const (
	OnOrder     = "order_paid"
	OnSignUp    = "sign_up"
	OnThreshold = "threshold" // enough units are open: exchanged by itself
)

// Rule gives value when its trigger comes and its conditions hold.
type Rule struct {
	Name    string `json:"name"`
	Trigger string `json:"trigger"`
	Gives   []Give `json:"gives"`

	Refer   bool     `json:"refer,omitempty"`   // needs a bond: friend and referrer are rewarded
	First   bool     `json:"first,omitempty"`   // the first order that meets every condition
	Minimum int64    `json:"minimum,omitempty"` // of the eligible amount, minor units
	Of      Articles `json:"of,omitzero"`       // only these lines count; empty: all
	Except  Articles `json:"except,omitzero"`   // these lines never count

	Round    money.Rounding `json:"round,omitempty"`
	WaitDays int            `json:"wait_days,omitempty"`
	Expiry   Expiry         `json:"expiry,omitzero"`
	Cap      Cap            `json:"cap,omitzero"`
	Absorb   bool           `json:"absorb,omitempty"` // what was spent before a return is not owed

	Need    int64   `json:"need,omitempty"` // OnThreshold: the price in Unit
	Unit    string  `json:"unit,omitempty"` // OnThreshold: what pays it
	Voucher Voucher `json:"voucher,omitzero"`
}

// Articles is a set of articles and categories.
type Articles struct {
	SKUs       []string `json:"skus,omitempty"`
	Categories []string `json:"categories,omitempty"`
}

// Measures of a give.
const (
	Fixed     = ""
	PerAmount = "amount" // Amount for each full Per of the eligible amount
	PerItem   = "item"   // Amount for each eligible item
)

// Give is what one beneficiary gets.
type Give struct {
	Part    loyalty.Part `json:"part"`
	Unit    string       `json:"unit"` // "points", "stamps", or a currency
	Amount  int64        `json:"amount"`
	Measure string       `json:"measure,omitempty"`
	Per     int64        `json:"per,omitempty"`
}

// Units that a program text may name beside currencies.
const (
	Points = "points"
	Stamps = "stamps"
)

// Expiry says when earned value ends. Never when Kind is empty.
type Expiry struct {
	Kind string      `json:"kind,omitempty"` // days, months, period, date
	N    int         `json:"n,omitempty"`    // days, months; of a period 1, 3, 6 or 12
	Date moment.Time `json:"date,omitzero"`  // exclusive end
}

// Kinds of expiry.
const (
	ExpiryDays   = "days"
	ExpiryMonths = "months"
	ExpiryPeriod = "period"
	ExpiryDate   = "date"
)

// Cap limits what one beneficiary gets from a rule within a period. None when N is zero.
type Cap struct {
	N      int64  `json:"n,omitempty"`
	What   string `json:"what,omitempty"`   // rewards, or the unit of the give
	Period string `json:"period,omitempty"` // day, month, year, ever
}

// Rewards is the What of a cap that counts rewards instead of units.
const Rewards = "rewards"

// Voucher says what an exchange issues.
type Voucher struct {
	Kind      string `json:"kind,omitempty"` // product, category, cash
	Article   string `json:"article,omitempty"`
	Amount    int64  `json:"amount,omitempty"` // free units, or minor units of money
	ValidDays int    `json:"valid_days,omitempty"`
}
