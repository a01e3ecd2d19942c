// Package plan is a program as answers to questions, one after the other: whom it is for,
// what is given, how it is earned. It is what a wizard shows. Answers become a document of
// rules and are read back from one; a document that says more than the questions ask is left
// to its text.
//
// It stores nothing and decides nothing.
package plan

import (
	"cagnotte/internal/moment"
	"cagnotte/internal/rules"
)

// Kinds of programs: what somebody is rewarded for.
const (
	Referral = "referral" // a friend who was sent
	Article  = "article"  // buying certain articles
	Category = "category" // buying anything of certain categories
	Basket   = "basket"   // any order
	Event    = "event"    // joining, a birthday, a visit
)

// Kinds lists them in the order in which they are offered.
var Kinds = []string{Referral, Article, Category, Basket, Event}

// Events that a program may be about, beside orders.
var Events = []string{rules.OnSignUp, rules.OnBirthday, rules.OnNewsletter, rules.OnPortal, rules.OnCustomEvent}

// Triggers are the states of an order that may count.
var Triggers = []string{rules.OnOrder, rules.OnPlaced, rules.OnFulfilled}

// Moments at which a referral may reward: the rows of a table whose columns are the friend
// and the referrer.
const (
	Invited = iota // his address was entered
	Joined
	Ordered // for the first time
	Again   // orders as they come
)

// Moments names the rows, as rules are named after them.
var Moments = [4]string{"invited", "joined", "ordered", "again"}

// Ways in which something is earned.
const (
	Fixed   = ""       // the reward, each time
	PerSum  = "amount" // the reward for each full amount
	PerItem = "item"   // the reward for each item, or each so many
	Stamped = "stamp"  // stamps are collected, and a full card is the reward
)

// Answers are a program. Amounts are minor units of the shop's currency, of points in the
// shop's decimals; per cents are hundredths.
type Answers struct {
	Name         string
	Starts, Ends moment.Time // Ends is exclusive

	Kind      string
	Trigger   string   // which state of an order counts
	Things    []string // of Article and Category
	Event     string   // of Event
	EventName string   // of an event of the shop's own

	// Of a referral.
	Rows      [4]Row
	First     rules.Recurrence // what Ordered means: first, very first, so much together
	Each      rules.Recurrence // what Again means: each, every N, the Nth
	Counts    string           // the moment from which a friend counts towards Swap and Tiers: joined, ordered; empty: they do not
	Referrals rules.Referral
	Buyer     bool // the referrer has ordered himself

	// Of every other one.
	Reward   Reward
	Per      string
	PerN     int64 // minor units of PerSum, items of PerItem
	Stamps   int64 // of Stamped: so many
	StampPer int64 // for each order or event (zero), each item, each so many items
	Card     int64 // that fill a card
	StampCap rules.Cap
	Asked    bool // a full card is exchanged only when the member asks
	Often    rules.Recurrence
	Bonus    Reward   // of Event: also for the first order
	Groups   []string // for members of these alone
	Segments []string

	Swap  Swap   // points, or counted friends, exchanged for something
	Tiers []Tier // something on reaching so many

	// Which orders count.
	Minimum, Items      int64 // of what counts
	Basket, BasketItems int64 // of the whole basket
	Except              rules.Articles
	Basis               rules.Basis
	Codes               []string // one of them was used; none: the link is enough
	Channels            []string
	Within              int // days of joining, or of the friend's first touch
	Wait                int // days

	Cap    rules.Cap // of one member, over all rules
	Budget rules.Budget

	Names map[string]string // what rules are called, where it is not what they would be
}

// Row is what the two sides of a referral get at one moment.
type Row struct {
	Friend, Referrer Reward
	Once             bool // is written beside a moment that comes once anyway
	Apart            bool // written as two rules where one would do
}

// Kinds of rewards.
const (
	None           = ""
	Money          = "money"
	Points         = "points"
	Percent        = "percent" // of the order, in the wallet
	Cash           = "cash"    // a voucher off a basket
	CashPercent    = "cash_percent"
	Special        = "special" // the same, and nothing limits its use
	SpecialPercent = "special_percent"
	Product        = "product" // a voucher for free units of an article
	InCategory     = "category"
	Gift           = "gift" // of the catalogue
	ByHand         = "by_hand"
)

// Rewards lists the kinds in the order in which they are offered.
var Rewards = []string{Money, Points, Percent, Cash, CashPercent, Special, SpecialPercent, Product, InCategory, Gift, ByHand}

// Reward is what somebody gets, and what holds for it.
type Reward struct {
	Kind   string
	Amount int64  // minor units, points, hundredths of a per cent, or units of an article
	Off    int64  // of InCategory: reduced by so much; zero: free
	Name   string // of the article, the category, the gift
	Valid  rules.Expiry
	Limit  rules.Cap
	Worth  int64 // what one of it costs the shop, where nothing else says so
}

// None tells whether nothing is given.
func (r *Reward) None() bool { return r.Kind == None }

// Units tells whether the reward is an amount of something that wallets hold.
func (r *Reward) Units() bool { return r.Kind == Money || r.Kind == Points || r.Kind == Percent }

// Unpriced tells whether nothing but Worth says what the reward costs.
func (r *Reward) Unpriced() bool {
	return !r.None() && r.Kind != Money && r.Kind != Percent && r.Kind != Cash && r.Kind != Special
}

// Swap is so much of a unit for a reward.
type Swap struct {
	Need   int64 // zero: there is none
	Reward Reward
	Asked  bool
}

// Tier is a reward on reaching so many.
type Tier struct {
	Need   int64
	Reward Reward
}

// MaxTiers is how many tiers a wizard shows.
const MaxTiers = 5

// Orders tells whether orders have anything to do with what is given.
func (a *Answers) Orders() bool {
	switch a.Kind {
	case Referral:
		return a.Rows[Ordered].some() || a.Rows[Again].some() || a.Counts == Moments[Ordered]
	case Event:
		return !a.Bonus.None()
	}
	return true
}

// Unit is what Swap and Tiers are counted in.
func (a *Answers) Unit() string {
	if a.Kind == Referral {
		return rules.Referrals
	}
	return rules.Points
}

func (r *Row) some() bool { return !r.Friend.None() || !r.Referrer.None() }

// apart tells whether the two sides need a rule each.
func (r *Row) apart() bool {
	f, x := &r.Friend, &r.Referrer
	if f.None() || x.None() {
		return false
	}
	return r.Apart || f.Valid != x.Valid || f.Worth+x.Worth > 0 || f.Limit != x.Limit || f.Limit.N > 0 && f.Limit.What != rules.Rewards
}

// every gives all rewards that are given.
func (a *Answers) every() []*Reward {
	var out []*Reward
	add := func(r *Reward) {
		if !r.None() {
			out = append(out, r)
		}
	}
	if a.Kind == Referral {
		for i := range a.Rows {
			add(&a.Rows[i].Friend)
			add(&a.Rows[i].Referrer)
		}
	} else {
		add(&a.Reward)
		add(&a.Bonus)
	}
	if a.Swap.Need > 0 {
		add(&a.Swap.Reward)
	}
	for i := range a.Tiers {
		add(&a.Tiers[i].Reward)
	}
	return out
}

// Gives lists what is given, for advice about it.
func (a *Answers) Gives() []Reward {
	var out []Reward
	for _, r := range a.every() {
		out = append(out, *r)
	}
	return out
}
