// Package decide is where value is decided, and nothing else decides about it: one pure
// function, One, takes the programs of a shop, the dossiers of whoever a fact concerns and
// the fact, and says what follows. Live traffic, dry runs, imports, stories, replay all
// call it.
//
// It has no clock, no randomness, no database: now is an argument, the ids of new rows
// derive from the fact's own. It changes the dossiers it is given; store/batch writes what
// is marked new or dirty in them.
//
// The promise that shapes it: one member's facts end in the same balances and open lots
// whatever the order of their arrival. A fact that stands before what was already judged
// makes the member's history be judged again from its start (refold.go), and the
// difference is posted.
package decide

import (
	"strings"

	"cagnotte/internal/id"
	"cagnotte/internal/ledger"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
)

// Dossiers is everything that the facts of one batch may read: loaded by store/batch,
// kept in maps by stories.
type Dossiers struct {
	Shop    *loyalty.Shop
	Files   map[id.Member]*File
	Orders  map[string]*loyalty.OrderRow // by name
	Causes  map[string][]*loyalty.Reward // the loaded rewards by what caused them
	Budgets map[BudgetName]*loyalty.Counter
	Uplines map[id.Member][]id.Member // who recommended a referrer, whom, and so on
	Merged  map[id.Member]id.Member   // who became somebody else in this batch
	Codes   map[string]*loyalty.Voucher
	Carts   map[string]*loyalty.CartRow      // by the name of their order
	Gifts   map[string]*loyalty.GiftRow      // of the catalogue, by code
	Pools   map[string][]*loyalty.PoolCode   // codes that are free, in their order
	Held    []loyalty.HoldItem               // what held carts keep, of what the facts may take
	Uses    map[id.Event]*loyalty.VoucherUse // of codes, outside of carts, that the facts give back or add
}

// HeldOf is how much of something held carts keep at t, but one of them. Member is whose it
// is: zero for what is nobody's.
func (d *Dossiers) HeldOf(ref string, m id.Member, but id.Cart, t moment.Time) (n int64) {
	for _, h := range d.Held {
		if h.Ref == ref && h.Member == m && h.Cart != but && h.EndsAt > t {
			n += h.Amount
		}
	}
	return n
}

// What held carts keep from others, by name: units of a member (loyalty.UnitRef), uses of a
// code, of which each member may have so many, and what is left of a cap or a budget.

// CodeRef names the uses of a code; they are held under the member to whom it is bound.
func CodeRef(code string) string { return "v:" + code }

// ownRef names the uses of a code by one member.
func ownRef(code string) string { return "n:" + code }

// UsesName is the counter of a member's uses of a code.
func UsesName(code string) CounterName { return CounterName{CodeRef(code), "ever"} }

func capRef(p id.Program, n CounterName) string {
	return "c:" + p.String() + "/" + n.Name + "/" + n.Period
}

// BudgetRef names a budget.
func BudgetRef(n BudgetName) string { return "b:" + n.Program.String() + "/" + n.Name + "/" + n.Period }

// BudgetName is a counter that all members compete for.
type BudgetName struct {
	Program id.Program
	CounterName
}

// NewDossiers makes empty ones.
func NewDossiers(s *loyalty.Shop) *Dossiers {
	return &Dossiers{
		Shop: s, Files: map[id.Member]*File{}, Orders: map[string]*loyalty.OrderRow{},
		Causes: map[string][]*loyalty.Reward{}, Budgets: map[BudgetName]*loyalty.Counter{},
		Uplines: map[id.Member][]id.Member{}, Merged: map[id.Member]id.Member{},
		Codes: map[string]*loyalty.Voucher{}, Carts: map[string]*loyalty.CartRow{},
		Gifts: map[string]*loyalty.GiftRow{}, Pools: map[string][]*loyalty.PoolCode{}, Uses: map[id.Event]*loyalty.VoucherUse{},
	}
}

// File is the dossier of one member. What is not loaded is not there: Full says that all
// rewards, lots, counters, timers and orders are.
type File struct {
	Member   *loyalty.Member
	Accounts map[ledger.Unit]*ledger.Account
	Rewards  map[loyalty.RewardKey]*loyalty.Reward
	Counters map[CounterName]*loyalty.Counter
	Terms    map[id.Program]*loyalty.Terms
	Vouchers map[id.Reward]*loyalty.Voucher
	Claims   map[id.Reward]*loyalty.Claim
	Timers   []*loyalty.Timer
	Bonds    []*loyalty.Referral // as friend: every referrer who touched him
	Tags     map[string]Tag

	Full    bool
	Past    []*loyalty.Fact // the facts judged so far, when Full and asked for
	foreign bool            // in a refold: somebody else, of whom only the differences count
}

// Tag is a label that a member has, or had before this batch.
type Tag struct{ On, Dirty bool }

// Bond is what there is between the member and the referrer who counts; nil when there is
// none.
func (f *File) Bond() *loyalty.Referral {
	for _, b := range f.Bonds {
		if b.Bond {
			return b
		}
	}
	return nil
}

// Touch is what there is between the member and one referrer; nil when there is nothing.
func (f *File) Touch(referrer id.Member) *loyalty.Referral {
	for _, b := range f.Bonds {
		if b.Referrer == referrer {
			return b
		}
	}
	return nil
}

// CounterName is a counter of a member.
type CounterName struct{ Name, Period string }

// NewFile makes the dossier of a member about whom nothing is known yet.
func NewFile(m *loyalty.Member) *File {
	return &File{
		Member: m, Accounts: map[ledger.Unit]*ledger.Account{}, Rewards: map[loyalty.RewardKey]*loyalty.Reward{},
		Counters: map[CounterName]*loyalty.Counter{}, Terms: map[id.Program]*loyalty.Terms{},
		Vouchers: map[id.Reward]*loyalty.Voucher{}, Claims: map[id.Reward]*loyalty.Claim{}, Tags: map[string]Tag{},
	}
}

// Account gives the member's account of a unit, empty if there was none.
func (f *File) Account(u ledger.Unit) *ledger.Account {
	a := f.Accounts[u]
	if a == nil {
		a = &ledger.Account{Member: f.Member.ID, Unit: u, LotsLoaded: true, New: true}
		f.Accounts[u] = a
	}
	return a
}

// AddReward enters a loaded or new reward.
func (d *Dossiers) AddReward(f *File, r *loyalty.Reward) {
	f.Rewards[r.Key] = r
	if r.Cause != "" {
		d.Causes[r.Cause] = append(d.Causes[r.Cause], r)
	}
}

// File gives the dossier of a member, nil when it was not loaded.
func (d *Dossiers) File(m id.Member) *File { return d.Files[m] }

// Recurrence keys and causes.
const onceEver = "once"

func orderKey(name string) string       { return "o:" + name }
func friendKey(friend id.Member) string { return "r:" + friend.String() }
func joinKey(m id.Member) string        { return "j:" + m.String() }
func eventKey(f *loyalty.Fact) string   { return "e:" + f.Feed + "/" + f.ExternalID }

// OrderCause is the cause and recurrence key of what an order gives.
func OrderCause(name string) string { return orderKey(name) }

// CartCause is the cause and recurrence key of what a cart gives.
func CartCause(name string) string { return "c:" + name }

// BirthdayCause is the cause of what a birthday gives.
func BirthdayCause(t *loyalty.Timer, m id.Member) string { return t.Cause + "@" + m.String() }

// ReferralKey is the recurrence key of what a friend's first order or sign-up gives.
func ReferralKey(friend id.Member) string { return friendKey(friend) }

// ExchangeCause is the cause of what a member's units were exchanged for.
func ExchangeCause(m id.Member) string { return "x:" + m.String() }

// OnceEver is the recurrence key of what is given once in a member's life.
const OnceEver = onceEver

// Late windows: how far back a late fact judges the rest again, and how long a history may
// be judged at once, in the slow queue, or not at all.
const (
	LateDays    = 90
	FoldAtOnce  = 200
	FoldAtMost  = 5_000
	matchDays   = 90 // how far back a return that names no order looks for one
	maxOrdinals = 60_000
	maxIssued   = 1_000     // vouchers that one fact makes: a mistyped quantity must not hold up the others
	maxScratch  = 1_000_000 // rows of a whole history, in a refold
)

func lateFrom(judged moment.Time) moment.Time { return judged - LateDays*moment.Day }

// CauseOrder gives the order behind a cause; ok is false for another one.
func CauseOrder(cause string) (series, ref string, ok bool) {
	name, ok := strings.CutPrefix(cause, "o:")
	series, ref, cut := strings.Cut(name, "/")
	return series, ref, ok && cut
}
