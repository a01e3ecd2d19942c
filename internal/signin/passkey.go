package signin

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/passkey"
	"cagnotte/internal/store"
)

// A passkey is the better proof: it answers to this site alone, so nobody can be talked out of
// it, and the device has seen to it that its owner holds it. So it lets in and is the second
// proof in one.
const (
	mostPasskeys = 10 // of one member
	maxName      = 60 // runes of what he calls one
	askedFor     = 5 * moment.Minute
)

// What a challenge was made for: an answer to one is worth nothing for another.
const (
	toAdd   = "add"
	toProve = "prove"
	toEnter = "enter"
)

// Passkey is one of a member's, as he knows it.
type Passkey struct {
	ID      id.Passkey
	Name    string
	AddedAt moment.Time
	UsedAt  moment.Time // zero: never
}

// keyRecord is what is sealed of a passkey.
type keyRecord struct {
	Name string
	Text json.RawMessage
}

// challenge is what is sealed for the browser that was asked, so that nothing is stored for whoever asks.
type challenge struct {
	Shop   loyalty.ShopID
	To     string
	Text   string
	Bound  []byte // the digest of the session's secret; none: nobody is signed in
	EndsAt moment.Time
	Handle []byte // of toAdd: the owner's
}

// Passkeys lists a member's, in the order of their making.
func (s *SignIn) Passkeys(ctx context.Context, shop loyalty.ShopID, m id.Member) ([]Passkey, error) {
	rows, records, err := s.passkeys(ctx, shop, m)
	out := make([]Passkey, len(rows))
	for i, r := range rows {
		out[i] = Passkey{ID: r.ID, Name: records[i].Name, AddedAt: r.CreatedAt, UsedAt: r.UsedAt}
	}
	return out, err
}

func (s *SignIn) passkeys(ctx context.Context, shop loyalty.ShopID, m id.Member) (rows []*store.Passkey, records []keyRecord, err error) {
	rows, err = s.st.Passkeys(ctx, shop, m)
	if err != nil {
		return nil, nil, err
	}
	records = make([]keyRecord, len(rows))
	for i, r := range rows {
		if records[i], err = s.record(r); err != nil {
			return nil, nil, err
		}
	}
	return rows, records, nil
}

func (s *SignIn) record(row *store.Passkey) (out keyRecord, err error) {
	text, err := s.box.Open(row.Wrapped, row.Sealed)
	if err == nil {
		err = json.Unmarshal(text, &out)
	}
	if err != nil {
		err = fmt.Errorf("passkey %s: %w", row.ID, err)
	}
	return out, err
}

// AskNewPasskey asks a member's browser for a new passkey that its devices call name: options for
// navigator.credentials.create, and a ticket that the browser brings back within five minutes.
// The problem `sign_in_again` when the session is not fresh, `too_many_passkeys` above ten.
func (s *SignIn) AskNewPasskey(ctx context.Context, shop loyalty.ShopID, at *passkey.Site, x *store.Session, secret, name string) (options []byte, ticket string, err error) {
	if !s.Fresh(x) {
		return nil, "", loyalty.Invalid("passkey", "sign_in_again")
	}
	rows, records, err := s.passkeys(ctx, shop, x.Member)
	if err != nil {
		return nil, "", err
	}
	if len(rows) >= mostPasskeys {
		return nil, "", loyalty.Conflict("passkey", "too_many_passkeys")
	}
	handle := make([]byte, passkey.HandleBytes)
	_, _ = rand.Read(handle) // never fails (crypto/rand)
	if len(rows) > 0 {
		handle = rows[0].Handle
	}
	options, text, err := at.Register(passkey.Owner{Handle: handle, Name: name}, texts(records)...)
	if err != nil {
		return nil, "", err
	}
	return s.asked(options, challenge{Shop: shop, To: toAdd, Text: text, Bound: digest(secret), Handle: handle})
}

// AddPasskey takes what the browser answered. The problem `passkey_ended` when the ticket is too
// old, was used or is another session's, `passkey_wrong` when the answer is none, and those of
// AskNewPasskey.
func (s *SignIn) AddPasskey(ctx context.Context, shop loyalty.ShopID, at *passkey.Site, x *store.Session, secret, ticket, answer, name string) error {
	if !s.Fresh(x) {
		return loyalty.Invalid("passkey", "sign_in_again")
	}
	name = strings.TrimSpace(name)
	if name == "" {
		return loyalty.Invalid("name", "required")
	}
	if utf8.RuneCountInString(name) > maxName {
		return loyalty.Invalid("name", "passkey_name_long")
	}
	c, err := s.brought(shop, toAdd, ticket, digest(secret))
	if err != nil {
		return err
	}
	made, err := at.Registered(passkey.Owner{Handle: c.Handle, Name: name}, c.Text, []byte(answer))
	if err != nil {
		return refused(err)
	}
	wrapped, err := s.st.PersonKey(ctx, shop, x.Member)
	if err != nil {
		return err
	}
	if wrapped == nil {
		return loyalty.Conflict("passkey", "person_erased")
	}
	text, err := json.Marshal(keyRecord{name, made.Text})
	if err != nil {
		return err
	}
	sealed, err := s.box.Seal(wrapped, text)
	if err != nil {
		return err
	}
	return s.st.Write(ctx, func(tx *store.Tx) error {
		if err := s.spend(ctx, tx, shop, c); err != nil {
			return err
		}
		put, err := tx.PutPasskey(ctx, shop, &store.Passkey{
			ID: id.Mint[id.PasskeyKind](int64(tx.Now), random()), Member: x.Member, Handle: c.Handle, Sealed: sealed,
		}, digest(string(made.ID)), mostPasskeys)
		if err == nil && !put { // somebody has that credential, or ten were added at once
			err = loyalty.Invalid("passkey", "passkey_wrong")
		}
		return err
	})
}

// RemovePasskey ends one of a member's: it opens nothing from then on.
func (s *SignIn) RemovePasskey(ctx context.Context, shop loyalty.ShopID, m id.Member, which id.Passkey) error {
	return s.st.Write(ctx, func(tx *store.Tx) error { return tx.DropPasskey(ctx, shop, m, which) })
}

// AskProof asks for one of the member's passkeys as his second proof: options for
// navigator.credentials.get, and a ticket as AskNewPasskey gives it. The problem `passkey_wrong`
// when he has none.
func (s *SignIn) AskProof(ctx context.Context, shop loyalty.ShopID, at *passkey.Site, x *store.Session, secret string) (options []byte, ticket string, err error) {
	_, records, err := s.passkeys(ctx, shop, x.Member)
	if err != nil {
		return nil, "", err
	}
	if len(records) == 0 {
		return nil, "", loyalty.Invalid("passkey", "passkey_wrong")
	}
	options, text, err := at.Ask(texts(records)...)
	if err != nil {
		return nil, "", err
	}
	return s.asked(options, challenge{Shop: shop, To: toProve, Text: text, Bound: digest(secret)})
}

// ProveByPasskey takes a second proof: one of the member's own passkeys. The problem
// `passkey_ended` or `passkey_wrong`.
func (s *SignIn) ProveByPasskey(ctx context.Context, shop loyalty.ShopID, at *passkey.Site, x *store.Session, secret, ticket, answer string) error {
	c, err := s.brought(shop, toProve, ticket, digest(secret))
	if err != nil {
		return err
	}
	row, sealed, err := s.answered(ctx, shop, at, c, answer)
	if err != nil {
		return err
	}
	if row.Member != x.Member {
		return loyalty.Invalid("passkey", "passkey_wrong")
	}
	return s.st.Write(ctx, func(tx *store.Tx) error {
		if err := s.uses(ctx, tx, shop, c, row, sealed); err != nil {
			return err
		}
		x.ProvedAt = tx.Now
		return tx.ProveSession(ctx, shop, digest(secret), tx.Now)
	})
}

// AskEntry asks whoever sits before a browser for a passkey of this shop: options and ticket as
// AskProof gives them. It looks nobody up, so it tells nothing of anybody.
func (s *SignIn) AskEntry(shop loyalty.ShopID, at *passkey.Site) (options []byte, ticket string, err error) {
	options, text, err := at.Ask()
	if err != nil {
		return nil, "", err
	}
	return s.asked(options, challenge{Shop: shop, To: toEnter, Text: text})
}

// OpenByPasskey lets the owner of a passkey in, with his second proof given. The problem
// `passkey_ended` or `passkey_wrong`.
func (s *SignIn) OpenByPasskey(ctx context.Context, shop loyalty.ShopID, at *passkey.Site, ticket, answer string) (secret string, err error) {
	c, err := s.brought(shop, toEnter, ticket, nil)
	if err != nil {
		return "", err
	}
	row, sealed, err := s.answered(ctx, shop, at, c, answer)
	if err != nil {
		return "", err
	}
	secret = rand.Text() + rand.Text()
	err = s.st.Write(ctx, func(tx *store.Tx) error {
		if err := s.uses(ctx, tx, shop, c, row, sealed); err != nil {
			return err
		}
		if err := tx.PutSession(ctx, shop, digest(secret), row.Member, tx.Now+lasts); err != nil {
			return err
		}
		return tx.ProveSession(ctx, shop, digest(secret), tx.Now)
	})
	return secret, err
}

// answered finds the passkey that an answer comes from and checks it; sealed is what is kept of
// it from then on.
func (s *SignIn) answered(ctx context.Context, shop loyalty.ShopID, at *passkey.Site, c *challenge, answer string) (row *store.Passkey, sealed []byte, err error) {
	which, handle, err := passkey.Named([]byte(answer))
	if err != nil {
		return nil, nil, refused(err)
	}
	row, err = s.st.Passkey(ctx, shop, digest(string(which)))
	if err != nil {
		return nil, nil, err
	}
	if row == nil || c.To == toEnter && subtle.ConstantTimeCompare(handle, row.Handle) == 0 {
		return nil, nil, loyalty.Invalid("passkey", "passkey_wrong")
	}
	r, err := s.record(row)
	if err != nil {
		return nil, nil, err
	}
	next, err := at.Verify(row.Handle, r.Text, c.Text, []byte(answer))
	if err != nil {
		return nil, nil, refused(err)
	}
	r.Text = next.Text
	text, err := json.Marshal(r)
	if err != nil {
		return nil, nil, err
	}
	sealed, err = s.box.Seal(row.Wrapped, text)
	return row, sealed, err
}

// uses uses a challenge up, and notes the use of the passkey that answered it.
func (s *SignIn) uses(ctx context.Context, tx *store.Tx, shop loyalty.ShopID, c *challenge, row *store.Passkey, sealed []byte) error {
	if err := s.spend(ctx, tx, shop, c); err != nil {
		return err
	}
	there, err := tx.UsedPasskey(ctx, shop, row, sealed)
	if err == nil && !there { // removed in the meantime
		err = loyalty.Invalid("passkey", "passkey_wrong")
	}
	return err
}

// spend uses a challenge up; the problem `passkey_ended` when it was used before.
func (s *SignIn) spend(ctx context.Context, tx *store.Tx, shop loyalty.ShopID, c *challenge) error {
	first, err := tx.UseToken(ctx, shop, digest("passkey\x00"+c.Text), c.EndsAt)
	if err == nil && !first {
		err = loyalty.Invalid("passkey", "passkey_ended")
	}
	return err
}

// asked seals a challenge for the browser that is asked.
func (s *SignIn) asked(options []byte, c challenge) ([]byte, string, error) {
	c.EndsAt = s.st.Clock() + askedFor
	text, err := json.Marshal(c)
	return options, base64.RawURLEncoding.EncodeToString(s.box.SealAlone(text)), err
}

// brought opens what a browser brings back; the problem `passkey_ended` when it is too old, or
// was made for another shop, session or purpose.
func (s *SignIn) brought(shop loyalty.ShopID, to, ticket string, bound []byte) (*challenge, error) {
	ended := loyalty.Invalid("passkey", "passkey_ended")
	sealed, err := base64.RawURLEncoding.DecodeString(ticket)
	if err != nil {
		return nil, ended
	}
	text, err := s.box.OpenAlone(sealed)
	if err != nil {
		return nil, ended
	}
	var c challenge
	if err := json.Unmarshal(text, &c); err != nil || c.Shop != shop || c.To != to || subtle.ConstantTimeCompare(c.Bound, bound) == 0 || c.EndsAt <= s.st.Clock() {
		return nil, ended
	}
	return &c, nil
}

// refused turns a wrong answer into the problem that says so.
func refused(err error) error {
	if errors.Is(err, passkey.ErrAnswer) {
		return loyalty.Invalid("passkey", "passkey_wrong")
	}
	return err
}

func texts(records []keyRecord) [][]byte {
	out := make([][]byte, len(records))
	for i, r := range records {
		out[i] = r.Text
	}
	return out
}
