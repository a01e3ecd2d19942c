// Package rules is what a program says: its document (stored as JSON, written by people as
// text), and the compiled form that decides in nanoseconds. It judges one occasion by one
// rule and gives the figures; what to do about it, and who has had what before, is
// decide's business.
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
// new version. Its JSON is what the API takes and gives; the text says the same.
type Document struct {
	Name     string      `json:"name"`
	Starts   moment.Time `json:"starts,omitzero"` // zero: when it is published
	Ends     moment.Time `json:"ends,omitzero"`   // exclusive; zero: open
	Referral Referral    `json:"referral,omitzero"`
	Cap      Cap         `json:"cap,omitzero"`    // of one member, over all rules: in rewards
	Budget   Budget      `json:"budget,omitzero"` // of everybody, over all rules
	Rules    []Rule      `json:"rules"`
}

// Referral says how a friend finds his referrer, for every rule that needs a bond.
type Referral struct {
	WindowDays int   `json:"window_days,omitempty"` // how long a touch counts; zero: for ever
	LastTouch  bool  `json:"last_touch,omitempty"`  // within a rank the last touch wins, not the first
	ExpireDays int   `json:"expire_days,omitempty"` // a referral that gave nothing by then expires
	HoldScore  int64 `json:"hold_score,omitempty"`  // from this sum of signs staff looks first; zero: never
	Buyers     bool  `json:"buyers,omitempty"`      // who has ordered before may be recommended, too
	Members    bool  `json:"members,omitempty"`     // and who has an account
}

// Triggers of a rule.
const (
	OnOrder       = "order_paid"
	OnPlaced      = "order_placed"
	OnFulfilled   = "order_fulfilled"
	OnCart        = "cart_updated"
	OnSignUp      = "sign_up"
	OnInvitation  = "invitation"
	OnClick       = "link_clicked"
	OnValidated   = "referral_validated"
	OnThreshold   = "threshold" // enough units are open: exchanged by itself, or when asked
	OnReaching    = "reached"   // so much was earned in all: referrals, points, stamps, money
	OnClaimMade   = "claim_made"
	OnClaimSent   = "claim_shipped"
	OnRedeemed    = "voucher_redeemed"
	OnPortal      = "portal_activated"
	OnNewsletter  = "newsletter_joined"
	OnBirthday    = "birthday"
	OnStep        = "scenario_step"
	OnCustomEvent = "custom_event"
	OnCheckout    = "checkout" // a cart is evaluated: a discount, or a means of payment; never on orders
)

// Rule gives value when its trigger comes and its conditions hold. Amounts are minor
// units of the shop's currency, or of the unit that is named beside them.
type Rule struct {
	Name    string `json:"name"`
	Trigger string `json:"trigger"`
	Event   string `json:"event,omitempty"` // OnCustomEvent, OnStep: its name
	Refer   bool   `json:"refer,omitempty"` // needs a bond: friend and referrer are rewarded
	Gives   []Give `json:"gives,omitempty"`

	Discount *Discount `json:"discount,omitempty"` // OnCheckout: what it takes off a cart
	Pay      *Pay      `json:"pay,omitempty"`      // OnCheckout: what may pay in a cart

	Recur  Recurrence `json:"recur,omitzero"`
	Of     Articles   `json:"of,omitzero"`     // only these lines count; empty: all
	Except Articles   `json:"except,omitzero"` // these lines never count
	Basis  Basis      `json:"basis,omitzero"`  // which amount of a line counts
	When   Conditions `json:"when,omitzero"`

	Round    money.Rounding `json:"round,omitempty"`
	Step     int64          `json:"step,omitempty"` // amounts are multiples of it
	WaitDays int            `json:"wait_days,omitempty"`
	Expiry   Expiry         `json:"expiry,omitzero"`
	Cap      Cap            `json:"cap,omitzero"`
	Budget   Budget         `json:"budget,omitzero"`
	Absorb   bool           `json:"absorb,omitempty"` // what was spent before a return is not owed

	Priority  int    `json:"priority,omitempty"`
	Exclusive string `json:"exclusive,omitempty"` // one rule of a group of that name wins; AloneGroup: all others give way
	Last      bool   `json:"last,omitempty"`      // rules of less priority do not look any more
	Worth     int64  `json:"worth,omitempty"`     // minor units of money that one unit given is worth

	Times int64  `json:"times,omitempty"` // a multiplier, in hundredths: what it makes of Unit
	Need  int64  `json:"need,omitempty"`  // OnThreshold: the price; OnReaching: how much
	Unit  string `json:"unit,omitempty"`  // of Need or Times
	Asked bool   `json:"asked,omitempty"` // OnThreshold: only when the member asks
}

// AloneGroup is the Exclusive of a rule beside which no other one gives anything.
const AloneGroup = "*"

// Kinds of recurrence. Each is what an order or event rule does when nothing is said.
const (
	Each  = ""
	First = "first" // the first that meets every condition
	Very  = "very"  // the very first order of all, or none
	Nth   = "nth"   // the N-th that meets every condition
	Every = "every" // every N-th
	Once  = "once"  // once in a life: of any trigger
)

// Recurrence says how often a rule gives to the same person.
type Recurrence struct {
	Kind     string `json:"kind,omitempty"`
	N        int64  `json:"n,omitempty"`
	Together int64  `json:"together,omitempty"` // orders count together: minor units, or items
	Items    bool   `json:"items,omitempty"`    // of Together
}

// Articles is a set of articles, categories and line attributes ("brand=Acme").
type Articles struct {
	SKUs       []string `json:"articles,omitempty"`
	Categories []string `json:"categories,omitempty"`
	Attributes []string `json:"attributes,omitempty"`
}

// Empty tells whether the set names nothing.
func (a Articles) Empty() bool { return len(a.SKUs)+len(a.Categories)+len(a.Attributes) == 0 }

// Basis says which amount of an order counts. The zero value: with tax, after discounts,
// without delivery, without what points, wallet money or vouchers paid.
type Basis struct {
	BeforeTax       bool `json:"before_tax,omitempty"`
	BeforeDiscounts bool `json:"before_discounts,omitempty"`
	Delivery        bool `json:"with_delivery,omitempty"`
	Rewards         bool `json:"with_rewards,omitempty"`       // what rewards paid counts too
	NoGiftCards     bool `json:"without_gift_cards,omitempty"` // what bought gift cards paid does not
}

// Conditions must all hold. The zero value holds always.
type Conditions struct {
	Minimum     int64       `json:"minimum,omitempty"`      // of the eligible amount
	Items       int64       `json:"items,omitempty"`        // eligible items
	Basket      int64       `json:"basket,omitempty"`       // the whole basket's amount
	BasketItems int64       `json:"basket_items,omitempty"` // the whole basket's items
	Channels    []string    `json:"channels,omitempty"`
	Sites       []string    `json:"sites,omitempty"`
	Groups      []string    `json:"groups,omitempty"`
	Segments    []string    `json:"segments,omitempty"` // tags: one of them is enough
	Codes       []string    `json:"codes,omitempty"`    // one of them was used with the order
	Where       []string    `json:"where,omitempty"`    // attributes of an event, "plan=gold": all of them
	From        moment.Time `json:"from,omitzero"`
	Until       moment.Time `json:"until,omitzero"`        // exclusive
	Weekdays    []int       `json:"weekdays,omitempty"`    // 0 is Sunday
	FromMinute  int         `json:"from_minute,omitempty"` // of the local day
	ToMinute    int         `json:"to_minute,omitempty"`   // exclusive; smaller than From: over midnight
	WithinDays  int         `json:"within_days,omitempty"` // of joining; of a rule that refers: of the first touch
	Buyer       bool        `json:"buyer,omitempty"`       // the referrer has ordered before
	Chosen      bool        `json:"chosen,omitempty"`      // OnCheckout: the cart names the rule
	Discounted  bool        `json:"discounted,omitempty"`  // OnCheckout: minima are read after earlier discounts
}

// Measures of a give.
const (
	Fixed     = ""
	PerAmount = "amount"  // Amount for each full Per of the eligible amount
	PerItem   = "item"    // Amount for each Per eligible items
	Percent   = "percent" // Amount hundredths of a per cent of the eligible amount
)

// Give is what one beneficiary gets: an amount of a unit, a voucher, a gift, or one of
// several at his choice.
type Give struct {
	Part    loyalty.Part `json:"part"`
	Unit    string       `json:"unit,omitempty"` // "points", "stamps", "referrals", or a currency
	Amount  int64        `json:"amount,omitempty"`
	Measure string       `json:"measure,omitempty"`
	Per     int64        `json:"per,omitempty"`
	Voucher *Voucher     `json:"voucher,omitempty"`
	Gift    *Gift        `json:"gift,omitempty"`
	Choice  []Give       `json:"choice,omitempty"`
}

// Units that a program text may name beside currencies.
const (
	Points    = "points"
	Stamps    = "stamps"    // of this program's card
	Referrals = "referrals" // validated ones, counted by this program
	Tally     = "tally"     // what orders count together towards a rule: never named in a text
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

// Cap limits what one beneficiary gets from a rule, or from a program, within a period.
// None when N is zero.
type Cap struct {
	N      int64  `json:"n,omitempty"`
	What   string `json:"what,omitempty"`   // rewards, or the unit of the give
	Period string `json:"period,omitempty"` // order, day, month, year, ever
}

// Rewards is the What of a cap that counts rewards instead of units.
const Rewards = "rewards"

// Budget limits what all members together get, in uses or in money (by what the rewards
// are worth), within a period. What it cannot cover whole is refused.
type Budget struct {
	Uses   int64  `json:"uses,omitempty"`
	Money  int64  `json:"money,omitempty"`
	Period string `json:"period,omitempty"` // day, month, year, ever
}

// None tells whether there is no limit.
func (b Budget) None() bool { return b.Uses == 0 && b.Money == 0 }

// Voucher says what a voucher is for. Product: Amount free units of Article. Category:
// Amount units of any article of the category, free or reduced by Percent. Cash: Amount
// off the basket, or Percent of it. Special: the same, and nothing limits its use.
type Voucher struct {
	Kind    string `json:"kind"` // product, category, cash, special
	Article string `json:"article,omitempty"`
	Amount  int64  `json:"amount,omitempty"`
	Percent int64  `json:"percent,omitempty"` // hundredths of a per cent
}

// Gift is an entry of the catalogue by its name, or one that staff hands over.
type Gift struct {
	Name   string `json:"name"`
	ByHand bool   `json:"by_hand,omitempty"`
}

// Discount is what a rule takes off the cart at hand. Amount is minor units of money, or
// units of an article.
type Discount struct {
	Kind    string `json:"kind"`
	Percent int64  `json:"percent,omitempty"` // hundredths of a per cent; of free units zero: wholly free
	Amount  int64  `json:"amount,omitempty"`
	Article string `json:"article,omitempty"` // of free units; empty: of whatever counts
	Each    int64  `json:"each,omitempty"`    // of the cheapest: one unit for so many that count; zero: one of all
}

// Kinds of discounts. A cart takes them in this order among those of one priority.
const (
	OffFree     = "free"        // Amount units of the article that are in the cart, cheapest first
	OffCheapest = "cheapest"    // Percent of the cheapest unit that counts
	OffUnit     = "unit"        // Amount of each unit that counts
	OffLine     = "line"        // Amount of each line that counts
	OffPercent  = "percent"     // Percent of each line that counts
	OffAmount   = "amount"      // Amount, across the lines that count
	OffDelivery = "delivery"    // Amount or Percent of the delivery
	OffOnTop    = "free_on_top" // Amount units of the article, added to what is in the cart
)

// Pay says that a unit may pay in a cart, and what it is worth there: Amount of the unit
// for Worth minor units of money.
type Pay struct {
	Unit      string `json:"unit"` // Points, or the shop's currency
	Amount    int64  `json:"amount"`
	Worth     int64  `json:"worth"`
	AsPayment bool   `json:"as_payment,omitempty"` // a means of payment; otherwise a price reduction
	Share     int64  `json:"share,omitempty"`      // at most so much of what is to pay, in hundredths of a per cent; zero: all
}
