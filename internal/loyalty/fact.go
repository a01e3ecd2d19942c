package loyalty

import (
	"cmp"
	"crypto/sha256"
	"encoding/json"
	"strings"

	"cagnotte/internal/id"
	"cagnotte/internal/moment"
)

// Kinds of facts. docs/facts.md has their fields, subjects and ranks.
const (
	LinkClicked      = "link_clicked"
	InvitationSent   = "invitation_sent"
	MemberJoined     = "member_joined"
	MemberUpdated    = "member_updated"
	PortalActivated  = "portal_activated"
	NewsletterJoined = "newsletter_joined"
	ConsentGiven     = "consent_given"
	ConsentWithdrawn = "consent_withdrawn"
	StaffBond        = "staff_bond"
	StaffGroup       = "staff_group"
	StaffTag         = "staff_tag"
	StaffBlock       = "staff_block"
	StaffHousehold   = "staff_household" // who lives or works with others is not suspected for it
	CartUpdated      = "cart_updated"
	OrderPlaced      = "order_placed"
	OrderPaid        = "order_paid"
	OrderFulfilled   = "order_fulfilled"
	OrderCancelled   = "order_cancelled"
	Refunded         = "refunded"
	StaffAdjust      = "staff_adjust"
	StaffReview      = "staff_review"
	StaffMerge       = "staff_merge"
	StaffGift        = "staff_gift"   // an entry of the catalogue, whole
	StaffStock       = "staff_stock"  // pieces put in stock or taken out
	GiftClaimed      = "gift_claimed" // a member asks for gifts of the catalogue
	PoolFilled       = "pool_filled"  // codes were added to a pool: whoever waits gets his
	Transferred      = "transferred"
	ExchangeAsked    = "exchange_asked"
	ChoiceMade       = "choice_made"
	ClaimUpdated     = "claim_updated"
	VoucherRedeemed  = "voucher_redeemed"
	VoucherReleased  = "voucher_released" // one such use is given back
	StaffVoucher     = "staff_voucher"    // a code of a batch is withdrawn
	CartHeld         = "cart_held"        // what it takes is kept from others for a while
	CartRedeemed     = "cart_redeemed"    // what it takes is used up for its order
	CartReleased     = "cart_released"    // a hold is given up, a redemption rolled back
	ScenarioStep     = "scenario_step"
	CustomEvent      = "custom_event"
	ClockDue         = "clock_due"
)

// rank orders facts of the same instant: who somebody is comes before what he bought, that
// before what came back, and that before what he does with what he has.
var rank = map[string]int{
	LinkClicked: 0, InvitationSent: 0, MemberJoined: 1, MemberUpdated: 1, PortalActivated: 1, NewsletterJoined: 1, ConsentGiven: 1, ConsentWithdrawn: 1,
	StaffGift: 2, StaffStock: 2, StaffBond: 2, StaffGroup: 2, StaffTag: 2, StaffBlock: 2, StaffHousehold: 2, CartUpdated: 2, OrderPlaced: 2, OrderPaid: 3, OrderFulfilled: 3,
	OrderCancelled: 4, Refunded: 4, StaffAdjust: 5, StaffReview: 5, StaffVoucher: 5, Transferred: 6, ExchangeAsked: 6, ChoiceMade: 6,
	ClaimUpdated: 6, GiftClaimed: 6, PoolFilled: 6, VoucherRedeemed: 6, VoucherReleased: 6, CartHeld: 6, CartRedeemed: 6, CartReleased: 6, ScenarioStep: 6, CustomEvent: 6, StaffMerge: 7, ClockDue: 8,
}

// Kinds lists every kind of fact that comes from outside, in the order of their rank.
var Kinds = []string{
	LinkClicked, InvitationSent, MemberJoined, MemberUpdated, PortalActivated, NewsletterJoined, ConsentGiven, ConsentWithdrawn, StaffGift, StaffStock, StaffBond, StaffGroup, StaffTag,
	StaffBlock, StaffHousehold, CartUpdated, OrderPlaced, OrderPaid, OrderFulfilled, OrderCancelled, Refunded, StaffAdjust, StaffReview, StaffVoucher,
	Transferred, ExchangeAsked, ChoiceMade, ClaimUpdated, GiftClaimed, PoolFilled, VoucherRedeemed, VoucherReleased, CartHeld, CartRedeemed, CartReleased, ScenarioStep, CustomEvent, StaffMerge,
}

// ByStaff tells whether a kind is a decision of the shop's people.
func ByStaff(kind string) bool { return strings.HasPrefix(kind, "staff_") }

// Origins of a fact.
const (
	FromLive   = "live"
	FromImport = "import" // history: counts for "already a buyer", gives no reward
	FromClock  = "clock"
	FromStaff  = "staff"
)

// Fact is something that happened, as it is kept for ever: ids and figures, no personal
// data. Feed and ExternalID are its permanent identity; the feed names the system of
// record, never the messenger.
type Fact struct {
	ID         id.Event    `json:"-"`
	Feed       string      `json:"-"`
	ExternalID string      `json:"-"`
	Via        string      `json:"-"` // the messenger: api, import, clock
	Origin     string      `json:"-"`
	RecordedAt moment.Time `json:"-"` // the now of its decision
	FoldAt     moment.Time `json:"-"` // where it stands in its member's history

	Kind       string      `json:"kind"`
	OccurredAt moment.Time `json:"occurred_at"`
	Member     Who         `json:"member,omitzero"`
	Referrer   Who         `json:"referrer,omitzero"`
	Touch      string      `json:"touch,omitempty"` // how the referrer became known: staff, code, link
	Order      *Order      `json:"order,omitempty"`
	Refund     *Refund     `json:"refund,omitempty"`
	Adjust     *Adjust     `json:"adjust,omitempty"`
	Other      Who         `json:"other,omitzero"` // the second member: who receives a transfer, who is merged into the first
	Staff      *Staff      `json:"staff,omitempty"`
	Transfer   *Transfer   `json:"transfer,omitempty"`
	Use        *Use        `json:"use,omitempty"`
	Happening  *Happening  `json:"happening,omitempty"`
	Consent    *Consent    `json:"consent,omitempty"`
	Gift       *Gift       `json:"gift,omitempty"`
	Stock      *GiftStock  `json:"stock,omitempty"`
	Claim      *GiftClaim  `json:"claim,omitempty"`
	Pool       string      `json:"pool,omitempty"`         // of PoolFilled
	Cart       *Cart       `json:"cart,omitempty"`         // of CartHeld and CartRedeemed the whole cart, or its name alone
	HoldFor    int64       `json:"hold_seconds,omitempty"` // of CartHeld; 0: HoldSeconds
	Birthday   string      `json:"birthday,omitempty"`     // MM-DD
	Signals    Signals     `json:"signals,omitempty"`
	Forgets    []Key       `json:"forgets,omitempty"` // of MemberUpdated: addresses that are the member's no more

	Address  *Address    `json:"-"` // where a claim's parcel goes; sealed, never part of the fact
	Person   *Person     `json:"-"` // names the member; sealed, never part of the fact
	Absorb   []id.Member `json:"-"` // prospects whose keys the fact names too: they are the same person
	MemberID id.Member   `json:"-"` // resolved by intake; zero for a guest without keys
}

// Adjust is value given or taken by hand.
type Adjust struct {
	Unit      string      `json:"unit"`
	Amount    int64       `json:"amount"`
	Reason    string      `json:"reason"`
	Actor     string      `json:"actor"`
	OpensAt   moment.Time `json:"opens_at,omitzero"`
	ExpiresAt moment.Time `json:"expires_at,omitzero"`
	Undoes    string      `json:"undoes,omitempty"` // the correction that this one takes back, as feed/id: what it gave goes first
}

// Staff is what the shop's people decided about a member, and why.
type Staff struct {
	Actor  string   `json:"actor"`
	Reason string   `json:"reason,omitempty"`
	Group  string   `json:"group,omitempty"`  // of StaffGroup; empty: none
	Add    []string `json:"add,omitempty"`    // tags, of StaffTag
	Remove []string `json:"remove,omitempty"` // tags, of StaffTag
	No     bool     `json:"no,omitempty"`     // unblock; refuse a review; end a bond; out of the household

	Household string `json:"household,omitempty"` // of StaffHousehold: its name, the same for all who belong to it
}

// Transfer moves open value from the member to the other one, with its dates.
type Transfer struct {
	Unit   string `json:"unit"`
	Amount int64  `json:"amount"`
}

// Use is what a member does with what he has: exchange, choose, claim, redeem.
type Use struct {
	Program id.Program `json:"program,omitzero"` // of an exchange, with its Rule
	Rule    string     `json:"rule,omitempty"`
	Times   int64      `json:"times,omitempty"`  // of an exchange; 0: once
	Reward  id.Reward  `json:"reward,omitzero"`  // of a choice or a claim
	Option  int        `json:"option,omitempty"` // of a choice, from 1
	State   string     `json:"state,omitempty"`  // of a claim
	Code    string     `json:"code,omitempty"`   // of a voucher, canonical

	Carrier  string `json:"carrier,omitempty"` // of a claim that is shipped
	Tracking string `json:"tracking,omitempty"`

	Redemption id.Event `json:"redemption,omitzero"` // of VoucherReleased: the fact whose use is given back
}

// Happening is something that a member did, or that happened to him, which programs may
// answer to: a step of a scenario, an event of the shop's own.
type Happening struct {
	Name       string            `json:"name,omitempty"`
	Channel    string            `json:"channel,omitempty"`
	Site       string            `json:"site,omitempty"`
	Source     string            `json:"source,omitempty"`
	Amount     int64             `json:"amount,omitempty"` // minor units that a rule may measure
	Items      int64             `json:"items,omitempty"`
	Attributes map[string]string `json:"attributes,omitempty"`
}

// Signals are what two people may have in common, each a keyed hash: device, ip, address,
// payment. A sign without a value, such as disposable_email, is "1".
type Signals map[string]string

// Kinds of signals.
const (
	SignDevice     = "device"
	SignIP         = "ip"
	SignAddress    = "address"
	SignPayment    = "payment"
	SignDisposable = "disposable_email"
	SignSimilar    = "similar_email" // the name part of an address, without digits

	// Household is no sign: it says that staff has confirmed with whom the member lives or works.
	Household = "household"
)

// Canonical is the one form of a fact that is stored, digested and replayed.
func (f *Fact) Canonical() []byte {
	b, err := json.Marshal(f)
	if err != nil {
		panic(err) // only plain values inside
	}
	return b
}

// Digest is what decides whether the same identity came again with another body.
func Digest(canonical []byte) []byte {
	sum := sha256.Sum256(canonical)
	return sum[:]
}

// Clock tells whether the fact is the clock's own.
func (f *Fact) Clock() bool { return f.Kind == ClockDue }

// Spends tells whether the fact uses up what the member has: that is never judged again,
// and needs all of his lots.
func (f *Fact) Spends() bool {
	return f.Kind == Transferred || f.Kind == ExchangeAsked || f.Kind == StaffAdjust && f.Adjust != nil && f.Adjust.Amount < 0
}

// Takes tells whether the fact is about a cart that takes value.
func (f *Fact) Takes() bool {
	return f.Kind == CartHeld || f.Kind == CartRedeemed || f.Kind == CartReleased
}

// Arrives tells whether the fact stands where it was recorded, after all that was judged
// before: what it takes is what is there by then.
func (f *Fact) Arrives() bool { return f.Takes() || f.Kind == GiftClaimed || f.Kind == VoucherReleased }

// History tells whether the fact is imported history, which gives no reward.
func (f *Fact) History() bool { return f.Origin == FromImport }

// Position is a place in fold order: by time, then kind, then identity. It never depends
// on the order of arrival.
type Position struct {
	At  moment.Time
	Key string // rank, feed, external id
}

// Position of the fact in its member's history.
func (f *Fact) Position() Position {
	return Position{f.FoldAt, string(rune('0'+rank[f.Kind])) + f.Feed + "\x1f" + f.ExternalID}
}

// Compare orders positions.
func (p Position) Compare(q Position) int {
	return cmp.Or(cmp.Compare(p.At, q.At), strings.Compare(p.Key, q.Key))
}
