package passkey

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/seal"
)

// Most is how many passkeys one person may have.
const Most = 10

const (
	maxName  = 60 // runes of what somebody calls one
	askedFor = 5 * moment.Minute
)

// What a challenge was made for: an answer to one is worth nothing for another.
const (
	toAdd   = "add"
	toProve = "prove"
	toEnter = "enter"
)

// Record is what is kept of a passkey, sealed by whoever keeps it.
type Record struct {
	Name string // as its owner calls it
	Text json.RawMessage
}

// ReadRecord reads what Bytes wrote.
func ReadRecord(text []byte) (r Record, err error) {
	err = json.Unmarshal(text, &r)
	return r, err
}

// Bytes is what is to be sealed of a record.
func (r Record) Bytes() ([]byte, error) { return json.Marshal(r) }

// Kept is one of somebody's passkeys.
type Kept struct {
	Handle []byte // of its owner, the same for all of his
	Record
}

// Challenge is what was asked. It lies sealed with the browser that was asked, so that nothing is stored for
// whoever asks; the caller sees to it that Text is answered once, until EndsAt.
type Challenge struct {
	Side   string
	To     string
	Text   string
	Bound  []byte // to a session: the digest of its secret; none: nobody is signed in
	EndsAt moment.Time
	Handle []byte // of toAdd: the owner's
}

// Desk asks browsers on one side, and reads what they answer. Its problems are `passkey_ended` when a
// ticket is too old, or another side's, session's or purpose's, and `passkey_wrong` when an answer is none.
type Desk struct {
	Box   *seal.Box
	Clock func() moment.Time
	Side  string // a challenge of one side is worth nothing on another: staff's, or those of a shop's members
}

// AskNew asks the browser of somebody who has some passkeys for a new one: options for
// navigator.credentials.create, and a ticket that the browser brings back within five minutes. His
// devices call it owner. The problem `too_many_passkeys` when he has Most.
func (d *Desk) AskNew(at *Site, bound []byte, owner string, have []Kept) (options []byte, ticket string, err error) {
	if len(have) >= Most {
		return nil, "", loyalty.Conflict("passkey", "too_many_passkeys")
	}
	handle := make([]byte, HandleBytes)
	_, _ = rand.Read(handle) // never fails (crypto/rand)
	if len(have) > 0 {
		handle = have[0].Handle
	}
	options, text, err := at.Register(Owner{Handle: handle, Name: owner}, texts(have)...)
	if err != nil {
		return nil, "", err
	}
	return d.asked(options, Challenge{To: toAdd, Text: text, Bound: bound, Handle: handle})
}

// Made is a new passkey.
type Made struct {
	Challenge
	Record
	Credential []byte
}

// Add reads the answer to AskNew. The problems `required` and `passkey_name_long` for the name.
func (d *Desk) Add(at *Site, bound []byte, ticket, answer, name string) (*Made, error) {
	if name = strings.TrimSpace(name); name == "" {
		return nil, loyalty.Invalid("name", "required")
	}
	if utf8.RuneCountInString(name) > maxName {
		return nil, loyalty.Invalid("name", "passkey_name_long")
	}
	c, err := d.brought(toAdd, ticket, bound)
	if err != nil {
		return nil, err
	}
	made, err := at.Registered(Owner{Handle: c.Handle, Name: name}, c.Text, []byte(answer))
	if err != nil {
		return nil, refused(err)
	}
	return &Made{*c, Record{name, made.Text}, made.ID}, nil
}

// AskProof asks for one of somebody's passkeys as his second proof: options for
// navigator.credentials.get, and a ticket as of AskNew. The problem `passkey_wrong` when he has none.
func (d *Desk) AskProof(at *Site, bound []byte, have []Kept) (options []byte, ticket string, err error) {
	if len(have) == 0 {
		return nil, "", Wrong()
	}
	options, text, err := at.Ask(texts(have)...)
	if err != nil {
		return nil, "", err
	}
	return d.asked(options, Challenge{To: toProve, Text: text, Bound: bound})
}

// AskEntry asks whoever sits before a browser for a passkey: options and ticket as of AskProof. It looks
// nobody up, so it tells nothing of anybody.
func (d *Desk) AskEntry(at *Site) (options []byte, ticket string, err error) {
	options, text, err := at.Ask()
	if err != nil {
		return nil, "", err
	}
	return d.asked(options, Challenge{To: toEnter, Text: text})
}

// Answer is an answer whose passkey is to be looked up. Nothing of it is shown before By.
type Answer struct {
	Challenge
	Credential []byte
	handle     []byte
	text       string
}

// Proof reads the answer to AskProof.
func (d *Desk) Proof(bound []byte, ticket, answer string) (*Answer, error) {
	return d.answer(toProve, bound, ticket, answer)
}

// Entry reads the answer to AskEntry.
func (d *Desk) Entry(ticket, answer string) (*Answer, error) {
	return d.answer(toEnter, nil, ticket, answer)
}

func (d *Desk) answer(to string, bound []byte, ticket, answer string) (*Answer, error) {
	c, err := d.brought(to, ticket, bound)
	if err != nil {
		return nil, err
	}
	which, handle, err := Named([]byte(answer))
	if err != nil {
		return nil, refused(err)
	}
	return &Answer{*c, which, handle, answer}, nil
}

// By checks that the passkey that was looked up has answered, and gives its record from then on. Whoever
// was not known before must have said whose it is.
func (a *Answer) By(at *Site, k Kept) (Record, error) {
	if a.To == toEnter && subtle.ConstantTimeCompare(a.handle, k.Handle) == 0 {
		return k.Record, Wrong()
	}
	next, err := at.Verify(k.Handle, k.Text, a.Challenge.Text, []byte(a.text))
	if err != nil {
		return k.Record, refused(err)
	}
	return Record{k.Name, next.Text}, nil
}

// asked seals a challenge for the browser that is asked.
func (d *Desk) asked(options []byte, c Challenge) ([]byte, string, error) {
	c.Side, c.EndsAt = d.Side, d.Clock()+askedFor
	text, err := json.Marshal(c)
	return options, base64.RawURLEncoding.EncodeToString(d.Box.SealAlone(text)), err
}

// brought opens what a browser brings back.
func (d *Desk) brought(to, ticket string, bound []byte) (*Challenge, error) {
	sealed, err := base64.RawURLEncoding.DecodeString(ticket)
	if err != nil {
		return nil, Ended()
	}
	text, err := d.Box.OpenAlone(sealed)
	if err != nil {
		return nil, Ended()
	}
	var c Challenge
	if err := json.Unmarshal(text, &c); err != nil || c.Side != d.Side || c.To != to || subtle.ConstantTimeCompare(c.Bound, bound) == 0 || c.EndsAt <= d.Clock() {
		return nil, Ended()
	}
	return &c, nil
}

// Wrong is the problem of an answer that is none.
func Wrong() error { return loyalty.Invalid("passkey", "passkey_wrong") }

// Ended is the problem of a ticket that is worth nothing any more.
func Ended() error { return loyalty.Invalid("passkey", "passkey_ended") }

// refused turns a wrong answer into the problem that says so.
func refused(err error) error {
	if errors.Is(err, ErrAnswer) {
		return Wrong()
	}
	return err
}

// Side names the side of a shop's members.
func Side(shop loyalty.ShopID) string { return fmt.Sprint("members of ", int64(shop)) }

func texts(have []Kept) [][]byte {
	out := make([][]byte, len(have))
	for i, k := range have {
		out[i] = k.Text
	}
	return out
}
