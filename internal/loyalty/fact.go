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
	MemberJoined   = "member_joined"
	MemberUpdated  = "member_updated"
	OrderPlaced    = "order_placed"
	OrderPaid      = "order_paid"
	OrderCancelled = "order_cancelled"
	Refunded       = "refunded"
	StaffAdjust    = "staff_adjust"
	ClockDue       = "clock_due"
)

// Kinds lists every kind of fact that comes from outside.
var Kinds = []string{MemberJoined, MemberUpdated, OrderPlaced, OrderPaid, OrderCancelled, Refunded, StaffAdjust}

// rank orders facts of the same instant: who somebody is comes before what he bought, and
// that before what came back.
var rank = map[string]int{
	MemberJoined: 0, MemberUpdated: 0, OrderPlaced: 2, OrderPaid: 3, OrderCancelled: 4, Refunded: 4,
	StaffAdjust: 5, ClockDue: 8,
}

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

	Person   *Person   `json:"-"` // names the member; sealed, never part of the fact
	MemberID id.Member `json:"-"` // resolved by intake; zero for a guest without keys
}

// Adjust is value given or taken by hand.
type Adjust struct {
	Unit      string      `json:"unit"`
	Amount    int64       `json:"amount"`
	Reason    string      `json:"reason"`
	Actor     string      `json:"actor"`
	OpensAt   moment.Time `json:"opens_at,omitzero"`
	ExpiresAt moment.Time `json:"expires_at,omitzero"`
}

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
