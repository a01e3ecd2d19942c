// Package loyalty is the vocabulary of the product: members, facts, orders, rewards,
// referrals, vouchers, receipts, and the closed lists of reasons and problems. Every other
// package speaks it. It holds plain values and what can be said about one of them alone;
// it decides nothing about value (decide does) and reads nothing.
//
// Amounts are minor units, times microseconds UTC.
package loyalty

import (
	"time"

	"cagnotte/internal/id"
	"cagnotte/internal/ledger"
	"cagnotte/internal/moment"
)

// ShopID names a shop, the tenant, inside the database; people use its slug.
type ShopID int64

// Shop is one merchant. LiveShop is set on the twin that test keys reach; the twin has a
// clock of its own, ClockAt, which is zero until it is set.
type Shop struct {
	ID            ShopID
	Slug          string
	Name          string
	Currency      string
	Decimals      int
	Zone          *time.Location
	LiveShop      ShopID
	ClockAt       moment.Time
	PointDecimals int // of points: 0 to 4
	PointNames    UnitNames
	BookRev       int64    // rises with every change of programs
	Listens       []string // kinds of outbox rows that somebody reads
}

// Twin tells whether this is the shop that test keys reach.
func (s *Shop) Twin() bool { return s.LiveShop != 0 }

// States of a member.
const (
	Prospect = "prospect" // known by an invitation, a click or a lead: neither account nor order
	Guest    = "guest"    // known by an order, without an account
	Enrolled = "member"   // has joined
	Blocked  = "blocked"  // earns and spends nothing
	Merged   = "merged"   // is somebody else by now
)

// Member is a person the shop knows, as far as decisions need it: no name, no address.
type Member struct {
	ID           id.Member
	State        string
	RegisteredAt moment.Time
	FirstOrderAt moment.Time
	JudgedTo     Position // the last fact judged, in fold order
	Birthday     string   // MM-DD; empty: unknown
	Group        string
	MergedInto   id.Member
	Settled      bool // others were merged into him: his past is not judged again
	Signals      Signals

	New, Dirty bool
}

// Person is what names a member. It never enters a fact: it is sealed under a key of its
// own, and goes with it.
type Person struct {
	FirstName string `json:"first_name,omitempty"`
	LastName  string `json:"last_name,omitempty"`
	Email     string `json:"email,omitempty"`
	Phone     string `json:"phone,omitempty"`
	Locale    string `json:"locale,omitempty"`

	Fields FieldValues `json:"fields,omitempty"` // the shop's own
}

// Key is one way to recognise a member. Number and external id are plain; e-mail and phone
// are keyed hashes of their matching form.
type Key struct {
	Kind string `json:"kind"`
	Key  string `json:"key"`
}

// Kinds of keys.
const (
	ByNumber   = "number"
	ByExternal = "external"
	ByEmail    = "email"
	ByPhone    = "phone"
	ByVisitor  = "visitor" // a browser that nobody has named himself in yet
	ByCode     = "code"    // his personal code, in the links that he shares
)

// Who names a member in a fact: by id, or by keys of which the first known one decides.
type Who struct {
	ID   id.Member `json:"id,omitzero"`
	Keys []Key     `json:"keys,omitempty"`
}

// Named tells whether the fact names anybody at all.
func (w Who) Named() bool { return !w.ID.IsZero() || len(w.Keys) > 0 }

// Part is the role in which somebody is rewarded.
type Part string

// The beneficiaries of a rule.
const (
	AsMember   Part = "member"
	AsReferrer Part = "referrer"
	AsFriend   Part = "friend"
)

// RewardKey is a reward's recurrence: whoever has it cannot get the same reward twice,
// whatever runs at the same time.
type RewardKey struct {
	Program id.Program
	Rule    string
	Member  id.Member
	Once    string
}

// States of a reward.
const (
	RewardWaiting  = "waiting"   // decided later; a timer or a date opens it
	RewardGiven    = "given"     // final unless something comes back
	RewardReturned = "returned"  // taken back whole; keeps its key
	RewardVoid     = "void"      // a late fact showed that it was never due; frees its key
	RewardRefused  = "withdrawn" // the second check refused it, or an exchange was undone
)

// Reward is one thing that a rule gave: the joint between rules, ledger, caps and returns.
type Reward struct {
	ID       id.Reward
	Key      RewardKey
	Version  int
	Part     Part
	Cause    string    // the order ("o:web/1001") or the joining ("j:mem_…") behind it
	From     id.Member // whose fact caused it: the member himself, or his friend
	Event    id.Event
	Unit     ledger.Unit // empty for a voucher, a gift, a choice
	Option   int         // which one of a choice, from 1; 0: no choice
	Amount   int64
	Taken    int64 // taken back so far, 0 to Amount
	Absorbed int64 // should have been taken back, but was spent and is not owed
	Granted  int64 // Amount less what was taken while it waited: what later returns divide
	Basis    int64 // what Granted was computed from: eligible minor units, or items
	Returned int64 // how much of the order's basis had come back when Basis was taken
	State    string
	GivenAt  moment.Time
	DueAt    moment.Time // end of the waiting time
	Spent    []Spent     // exchanges: which lots paid
	Weights  []int64     // what multipliers made of each line of the order, in hundredths

	New, Dirty bool
}

// Spent is a share of a price: the lot that paid it, none where it became a debt. Back is
// how much of it was given back since.
type Spent struct {
	Lot    id.Lot `json:"lot,omitzero"`
	Amount int64  `json:"amount"`
	Back   int64  `json:"back,omitempty"`
}

// Net is what the reward is worth now.
func (r *Reward) Net() int64 { return r.Amount - r.Taken }

// Counter counts towards a cap: the owner's rewards of one rule within one period.
type Counter struct {
	Owner, Name, Period string
	Used                int64

	New, Dirty bool
}

// Kinds of timers.
const (
	TimerConfirm  = "confirm"  // a waiting time ends that only a decision ends: check again
	TimerExchange = "exchange" // units open that may be exchanged by themselves
	TimerRefold   = "refold"   // a long history is judged again in the slow queue
	TimerBirthday = "birthday"
	TimerExpire   = "expire" // a referral that gave nothing expires
)

// Timer is a decision that is due later. It comes back as a fact of the clock.
type Timer struct {
	ID      id.Timer
	DueAt   moment.Time
	Kind    string
	Member  id.Member
	Program id.Program
	Rule    string
	Cause   string
	State   string // waiting, done, void

	New, Dirty bool
}

// States of a timer.
const (
	TimerWaiting = "waiting"
	TimerDone    = "done"
	TimerVoid    = "void"
)

// States of a referral.
const (
	ReferralInvited   = "invited"
	ReferralClicked   = "clicked"
	ReferralJoined    = "joined"
	ReferralQualified = "qualified" // a rule was met; its reward waits
	ReferralRewarded  = "rewarded"
	ReferralFlagged   = "flagged" // staff looks first
	ReferralRefused   = "refused"
	ReferralExpired   = "expired"
	ReferralCancelled = "cancelled" // staff gave the friend another referrer, or none
	ReferralClawed    = "clawed_back"
)

// Origins of a referral, by rank: what stands earlier wins.
const (
	OriginStaff = "staff"
	OriginCode  = "code" // typed at the till or checkout
	OriginLink  = "link"
	OriginEmail = "email" // an invitation to an address
)

// Typed is the touch of a code that came with an order: it may be a friend's, or any code
// of the shop.
const Typed = "typed"

// OriginRank orders origins; a smaller one wins.
func OriginRank(origin string) int {
	switch origin {
	case OriginStaff:
		return 0
	case OriginCode:
		return 1
	case OriginLink, "":
		return 2
	}
	return 3
}

// Referral is what there is between a friend and one referrer: a touch, the bond, or an
// attempt that was refused. Bond is true for the one that counts.
type Referral struct {
	ID        id.Referral
	Referrer  id.Member
	Friend    id.Member
	Origin    string
	State     string
	Reason    string
	Bond      bool
	TouchedAt moment.Time // the first touch: decides which version of a program holds
	LastAt    moment.Time // the last touch
	JoinedAt  moment.Time
	Order     string // the order that qualified it
	Score     int64  // the sum of the signs of fraud

	New, Dirty bool
}

// States of a voucher.
const (
	VoucherWaiting   = "waiting" // a decision opens it
	VoucherActive    = "active"
	VoucherWithdrawn = "withdrawn"
)

// Voucher is a code with value.
type Voucher struct {
	ID        id.Voucher
	Code      string // canonical; empty until store/batch gives it one
	Member    id.Member
	Reward    id.Reward
	Kind      string // product, category, cash, special
	Article   string // the article or category of the first two
	Amount    int64  // units of the article, or minor units of money
	Percent   int64  // hundredths of a per cent, where Amount does not say it
	UsesMax   int64
	Used      int64
	StartsAt  moment.Time
	ExpiresAt moment.Time
	State     string
	Batch     id.Vouchers   // the batch it was issued with; zero for a reward's
	Terms     *VoucherTerms // of the batch, what the columns above do not say; nil for a reward's
	GoneAt    moment.Time   // from when on its whole batch is withdrawn; zero: never
	Changes   BatchChanges  // of the batch, since it was issued

	New, Dirty bool
}

// Gone tells whether the voucher, or the batch that it came with, is withdrawn.
func (v *Voucher) Gone(now moment.Time) bool {
	if v.State == VoucherWithdrawn {
		return true
	}
	gone := v.Changes.Gone(v.GoneAt, now)
	return gone != 0 && gone <= now
}

// EndsAt is when the voucher ends, by what holds of its batch now; exclusive, zero: never.
func (v *Voucher) EndsAt(now moment.Time) moment.Time { return v.Changes.End(v.ExpiresAt, now) }

// VoucherUse is one use of a voucher outside of a cart: by the fact that reported it.
type VoucherUse struct {
	Event   id.Event // the fact
	Voucher id.Voucher
	Code    string
	Member  id.Member // who used it; zero: nobody was named
	Cause   string    // of what rules gave for the use
	UsedAt  moment.Time
	Undone  bool // given back

	New, Dirty bool
}

// Bearer tells whether whoever has the code may use it: it is bound to nobody.
func (v *Voucher) Bearer() bool { return v.Member.IsZero() }

// States of a claim.
const (
	ClaimChoose    = "to_choose" // one of several rewards, at the member's choice
	ClaimWaiting   = "waiting"   // a decision opens it
	ClaimOpen      = "open"      // to be sent, or handed over
	ClaimShipped   = "shipped"
	ClaimHanded    = "handed_over"
	ClaimChosen    = "chosen"
	ClaimWithdrawn = "withdrawn"
	ClaimNoCode    = "waiting_code" // the pool of its codes is empty
	ClaimDelivered = "delivered"    // a voucher or a code, at once; or what was sent, when it has arrived
	ClaimCancelled = "cancelled"    // given up: what it cost came back
)

// Claim is a gift on its way to a member, or a choice that he has.
type Claim struct {
	Reward   id.Reward // whose it is: its name
	Member   id.Member
	Gift     string
	ByHand   bool
	Quantity int64
	State    string
	Since    moment.Time
	DoneAt   moment.Time
	Chosen   int // which option, from 1

	Code     string // of an entry of the catalogue; empty: a program gave it
	Delivery string
	Site     string
	Pool     string
	Detail   ClaimDetail

	New, Dirty bool
}

// Done tells whether the gift has left: it does not come back.
func (c *Claim) Done() bool {
	return c.State == ClaimShipped || c.State == ClaimHanded || c.State == ClaimDelivered
}

// Outbox kinds.
const (
	OutRewardGiven   = "reward.given"
	OutRewardTaken   = "reward.taken_back"
	OutVoucherIssued = "voucher.issued"
	OutReferral      = "referral.changed"
	OutClaim         = "claim.changed"
)

// Terms is what a member under way was promised: the version of a card at its first
// stamp. It ends with the exchange.
type Terms struct {
	Member  id.Member
	Program id.Program
	Version int
	Since   moment.Time

	New, Dirty, Gone bool
}
