// Package id holds the identifiers of everything the product stores: 16 bytes made
// outside the database, ordered by time (UUIDv7), bytes in the tables and prefixed text
// (`mem_…`) at every edge, one Go type for each meaning.
//
// Ids are never random here: Mint takes its time and its random bytes as arguments, and
// Nth derives the ids of all rows that one event makes from the id of that event. So a
// replay of the same facts names the same rows.
package id

import (
	"encoding/base32"
	"errors"
	"fmt"
	"strings"
)

// Kind gives an id type its prefix in text.
type Kind interface{ prefix() string }

// ID identifies one row. The zero value means "none".
type ID[K Kind] [16]byte

// The kinds of ids: markers without a value.
type (
	MemberKind      struct{}
	EventKind       struct{}
	OrderKind       struct{}
	ProgramKind     struct{}
	RewardKind      struct{}
	TransactionKind struct{}
	LotKind         struct{}
	VoucherKind     struct{}
	ReferralKind    struct{}
	TimerKind       struct{}
	OutboxKind      struct{}
	BatchKind       struct{}
	KeyKind         struct{}
	CartKind        struct{}
	VouchersKind    struct{}
	RedemptionKind  struct{}
	DraftKind       struct{}
	MessageKind     struct{}
	SignInKind      struct{}
	SightingKind    struct{}
	InvitationKind  struct{}
	StaffKind       struct{}
	AuditKind       struct{}
	ViewKind        struct{}
	BulkKind        struct{}
	NoteKind        struct{}
	AppealKind      struct{}
	PasskeyKind     struct{}
)

func (MemberKind) prefix() string      { return "mem" }
func (EventKind) prefix() string       { return "evt" }
func (OrderKind) prefix() string       { return "ord" }
func (ProgramKind) prefix() string     { return "prg" }
func (RewardKind) prefix() string      { return "rwd" }
func (TransactionKind) prefix() string { return "txn" }
func (LotKind) prefix() string         { return "lot" }
func (VoucherKind) prefix() string     { return "vch" }
func (ReferralKind) prefix() string    { return "ref" }
func (TimerKind) prefix() string       { return "tmr" }
func (OutboxKind) prefix() string      { return "out" }
func (BatchKind) prefix() string       { return "bat" }
func (KeyKind) prefix() string         { return "key" }
func (CartKind) prefix() string        { return "crt" }
func (VouchersKind) prefix() string    { return "vbt" }
func (RedemptionKind) prefix() string  { return "rdm" }
func (DraftKind) prefix() string       { return "drf" }
func (MessageKind) prefix() string     { return "msg" }
func (SignInKind) prefix() string      { return "sgn" }
func (SightingKind) prefix() string    { return "sgt" }
func (InvitationKind) prefix() string  { return "inv" }
func (StaffKind) prefix() string       { return "stf" }
func (AuditKind) prefix() string       { return "aud" }
func (ViewKind) prefix() string        { return "viw" }
func (BulkKind) prefix() string        { return "blk" }
func (NoteKind) prefix() string        { return "nte" }
func (AppealKind) prefix() string      { return "apl" }
func (PasskeyKind) prefix() string     { return "psk" }

// One type for each noun that has a row of its own.
type (
	Member      = ID[MemberKind]
	Event       = ID[EventKind]
	Order       = ID[OrderKind]
	Program     = ID[ProgramKind]
	Reward      = ID[RewardKind]
	Transaction = ID[TransactionKind]
	Lot         = ID[LotKind]
	Voucher     = ID[VoucherKind]
	Referral    = ID[ReferralKind]
	Timer       = ID[TimerKind]
	Outbox      = ID[OutboxKind]
	Batch       = ID[BatchKind]
	Key         = ID[KeyKind]
	Cart        = ID[CartKind]
	Vouchers    = ID[VouchersKind] // a batch of them
	Redemption  = ID[RedemptionKind]
	Draft       = ID[DraftKind]
	Message     = ID[MessageKind]
	SignIn      = ID[SignInKind]
	Sighting    = ID[SightingKind]
	Invitation  = ID[InvitationKind]
	Staff       = ID[StaffKind]
	Audit       = ID[AuditKind]
	View        = ID[ViewKind]
	Bulk        = ID[BulkKind]
	Note        = ID[NoteKind]
	Appeal      = ID[AppealKind]
	Passkey     = ID[PasskeyKind]
)

// ErrForm is returned for text that is not an id of the kind asked for.
var ErrForm = errors.New("not an id of this kind")

var text32 = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

// Mint makes a UUIDv7 from a time in microseconds UTC and 8 random bytes. Its last 16
// bits are zero: they belong to the rows that Nth derives from it.
func Mint[K Kind](micros int64, random [8]byte) ID[K] {
	var n ID[K]
	ms := uint64(micros / 1000)
	for i := range 6 {
		n[i] = byte(ms >> (40 - 8*i))
	}
	sub := uint64(micros%1000) * 4 // the time within the millisecond, in the 12 bits of rand_a
	n[6] = 0x70 | byte(sub>>8)
	n[7] = byte(sub)
	n[8] = 0x80 | random[0]&0x3f
	copy(n[9:14], random[1:6])
	return n
}

// Nth derives the n-th row id (1 to 65,535) of an event. The rows of one event share the
// event's first 14 bytes, so they lie together in every index.
func Nth[K Kind, E Kind](of ID[E], n int) ID[K] {
	out := ID[K](of)
	out[14], out[15] = byte(n>>8), byte(n)
	return out
}

// IsZero tells whether no id was given.
func (i ID[K]) IsZero() bool { return i == ID[K]{} }

// Bytes gives the form in the database; nil for none, which is stored as NULL.
func (i ID[K]) Bytes() []byte {
	if i.IsZero() {
		return nil
	}
	return i[:]
}

// String gives the text at every edge: the prefix and 26 lower-case base-32 characters.
func (i ID[K]) String() string {
	if i.IsZero() {
		return ""
	}
	var k K
	return k.prefix() + "_" + text32.EncodeToString(i[:])
}

// Parse reads the text form; ErrForm when it is another kind of id or none at all.
func Parse[K Kind](s string) (ID[K], error) {
	var (
		k K
		n ID[K]
	)
	rest, ok := strings.CutPrefix(s, k.prefix()+"_")
	if !ok || len(rest) != 26 {
		return n, fmt.Errorf("%w: want %s_ and 26 characters", ErrForm, k.prefix())
	}
	// the decoder skips line breaks and the last two bits: an id has one text only
	if _, err := text32.Decode(n[:], []byte(rest)); err != nil || n.String() != s {
		return ID[K]{}, fmt.Errorf("%w: want %s_ and 26 characters", ErrForm, k.prefix())
	}
	return n, nil
}

// Text writes 16 bytes as an id whose kind is known by its prefix alone, where a program
// reads tables whatever they hold; false for anything that is not 16 bytes.
func Text(prefix string, b []byte) (string, bool) {
	if len(b) != 16 {
		return "", false
	}
	return prefix + "_" + text32.EncodeToString(b), true
}

// Bytes reads what Text wrote.
func Bytes(prefix, s string) ([]byte, error) {
	var b [16]byte
	rest, ok := strings.CutPrefix(s, prefix+"_")
	if ok && len(rest) == 26 {
		if _, err := text32.Decode(b[:], []byte(rest)); err == nil && text32.EncodeToString(b[:]) == rest {
			return b[:], nil
		}
	}
	return nil, fmt.Errorf("%w: want %s_ and 26 characters", ErrForm, prefix)
}

// MarshalText writes the text form; none is the empty string.
func (i ID[K]) MarshalText() ([]byte, error) { return []byte(i.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (i *ID[K]) UnmarshalText(b []byte) error {
	if len(b) == 0 {
		*i = ID[K]{}
		return nil
	}
	n, err := Parse[K](string(b))
	if err != nil {
		return err
	}
	*i = n
	return nil
}

// Scan reads the 16 bytes of a column; NULL is the zero id.
func (i *ID[K]) Scan(src any) error {
	switch b := src.(type) {
	case nil:
		*i = ID[K]{}
		return nil
	case []byte:
		if len(b) == 16 {
			copy(i[:], b)
			return nil
		}
	}
	return fmt.Errorf("%w: column holds %T", ErrForm, src)
}
