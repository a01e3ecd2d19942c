package staff

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

// A passkey is both proofs in one: something that somebody has, and his device has seen to it
// that it is he. It answers to one address alone, so nobody can be talked out of it, and it
// cannot be guessed: no wrong try counts. So whoever has one comes in by it alone, needs no app
// for codes, and is fresh afterwards.
const (
	mostPasskeys = 10 // of one person
	maxKeyName   = 60 // runes of what he calls one
	askedFor     = 5 * moment.Minute
)

// What a challenge was made for: an answer to one is worth nothing for another.
const (
	toAdd   = "add"
	toProve = "prove"
	toEnter = "enter"
)

// Passkey is one of somebody's, as he knows it.
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

// challenge is what is sealed for the browser that was asked: nothing is stored for whoever asks.
type challenge struct {
	Staff  string // the word of this package: a member's challenge is none of ours
	To     string
	Text   string
	Bound  []byte // the digest of the session's secret; none: nobody is signed in
	EndsAt moment.Time
	Handle []byte // of toAdd: the owner's
}

// Passkeys lists somebody's, in the order of their making.
func (s *Staff) Passkeys(ctx context.Context, x *Session) ([]Passkey, error) {
	rows, records, err := s.passkeys(ctx, x)
	out := make([]Passkey, len(rows))
	for i, r := range rows {
		out[i] = Passkey{ID: r.ID, Name: records[i].Name, AddedAt: r.CreatedAt, UsedAt: r.UsedAt}
	}
	return out, err
}

func (s *Staff) passkeys(ctx context.Context, x *Session) (rows []*store.StaffPasskey, records []keyRecord, err error) {
	if rows, err = s.st.StaffPasskeys(ctx, x.Shop, x.ID); err != nil {
		return nil, nil, err
	}
	records = make([]keyRecord, len(rows))
	for i, r := range rows {
		if records[i], err = s.keyRecord(r); err != nil {
			return nil, nil, err
		}
	}
	return rows, records, nil
}

func (s *Staff) keyRecord(row *store.StaffPasskey) (out keyRecord, err error) {
	text, err := s.box.OpenAlone(row.Sealed)
	if err == nil {
		err = json.Unmarshal(text, &out)
	}
	if err != nil {
		err = fmt.Errorf("passkey %s: %w", row.ID, err)
	}
	return out, err
}

// mayAdd tells whether a session may add a passkey: the first proof of all by whoever has chosen
// his password, any other one after a fresh proof. The problem `prove_again`.
func (s *Staff) mayAdd(x *Session) error {
	if x.Account.Factor && !s.Fresh(x) {
		return loyalty.Invalid("passkey", "prove_again")
	}
	return nil
}

// AskNewPasskey asks somebody's browser for a new passkey: options for
// navigator.credentials.create, and a ticket that the browser brings back within five minutes.
// shop is the name by which he tells it from those of other shops. The problem `prove_again` when
// he has a proof and has not given it lately, `too_many_passkeys` above ten.
func (s *Staff) AskNewPasskey(ctx context.Context, x *Session, at *passkey.Site, shop string) (options []byte, ticket string, err error) {
	if err := s.mayAdd(x); err != nil {
		return nil, "", err
	}
	rows, records, err := s.passkeys(ctx, x)
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
	options, text, err := at.Register(passkey.Owner{Handle: handle, Name: x.Email + " – " + shop}, texts(records)...)
	if err != nil {
		return nil, "", err
	}
	return s.asked(options, challenge{To: toAdd, Text: text, Bound: digest(x.secret), Handle: handle})
}

// AddPasskey takes what the browser answered. Whoever had no proof yet is in by that, and his
// other sessions end. The problem `passkey_ended` when the ticket is too old, was used or is
// another session's, `passkey_wrong` when the answer is none, `required` or `passkey_name_long`
// for the name, and those of AskNewPasskey.
func (s *Staff) AddPasskey(ctx context.Context, x *Session, at *passkey.Site, ticket, answer, name string) error {
	if err := s.mayAdd(x); err != nil {
		return err
	}
	name = strings.TrimSpace(name)
	if name == "" {
		return loyalty.Invalid("name", "required")
	}
	if utf8.RuneCountInString(name) > maxKeyName {
		return loyalty.Invalid("name", "passkey_name_long")
	}
	c, err := s.brought(toAdd, ticket, digest(x.secret))
	if err != nil {
		return err
	}
	made, err := at.Registered(passkey.Owner{Handle: c.Handle, Name: name}, c.Text, []byte(answer))
	if err != nil {
		return noAnswer(err)
	}
	text, err := json.Marshal(keyRecord{name, made.Text})
	if err != nil {
		return err
	}
	row := &store.StaffPasskey{Shop: x.Shop, Staff: x.ID, Handle: c.Handle, Sealed: s.box.SealAlone(text)}
	fresh, now, first := newSecret(), moment.Time(0), !x.Account.Factor
	err = s.change(ctx, x.Shop, x.ID, func(tx *store.Tx, who *store.Staff) error {
		if first && hasFactor(who) {
			return loyalty.Invalid("passkey", "prove_again") // set up elsewhere meanwhile
		}
		if err := s.spend(ctx, tx, x.Shop, c); err != nil {
			return err
		}
		row.ID, now = id.Mint[id.PasskeyKind](int64(tx.Now), random()), tx.Now
		put, err := tx.PutStaffPasskey(ctx, row, digest(string(made.ID)), mostPasskeys)
		if err == nil && !put { // somebody has that credential, or ten were added at once
			err = loyalty.Invalid("passkey", "passkey_wrong")
		}
		if err != nil || !first {
			return err
		}
		if err := tx.EndStaffSessions(ctx, x.Shop, x.ID, digest(x.secret)); err != nil {
			return err
		}
		if err := tx.SeenStaff(ctx, x.Shop, x.ID); err != nil {
			return err
		}
		return s.prove(ctx, tx, x, fresh)
	})
	if err != nil {
		return err
	}
	x.Passkeys++
	if first {
		x.secret, x.ProvedAt, x.Account.Factor = fresh, now, true
	}
	return nil
}

// RemovePasskey ends one of somebody's, and his other sessions: it may be lost. The problem
// `last_factor` when he would have no proof left, `prove_again` when he has not given one
// lately; what is not there is gone already.
func (s *Staff) RemovePasskey(ctx context.Context, x *Session, which id.Passkey) error {
	if !s.Fresh(x) {
		return loyalty.Invalid("passkey", "prove_again")
	}
	return s.change(ctx, x.Shop, x.ID, func(tx *store.Tx, row *store.Staff) error {
		had, err := tx.DropStaffPasskey(ctx, x.Shop, x.ID, which)
		if err != nil || !had {
			return err
		}
		if row.Passkeys--; !hasFactor(row) {
			return loyalty.Conflict("passkey", "last_factor")
		}
		return tx.EndStaffSessions(ctx, x.Shop, x.ID, digest(x.secret))
	})
}

// RemoveApp ends somebody's app for codes, and his other sessions; problems as RemovePasskey.
func (s *Staff) RemoveApp(ctx context.Context, x *Session) error {
	if !s.Fresh(x) {
		return loyalty.Invalid("app", "prove_again")
	}
	return s.change(ctx, x.Shop, x.ID, func(tx *store.Tx, row *store.Staff) error {
		if row.Factor = nil; !hasFactor(row) {
			return loyalty.Conflict("app", "last_factor")
		}
		return tx.EndStaffSessions(ctx, x.Shop, x.ID, digest(x.secret))
	})
}

// hasFactor tells whether somebody has a second proof of any kind.
func hasFactor(row *store.Staff) bool { return len(row.Factor) > 0 || row.Passkeys > 0 }

// AskProof asks for one of somebody's passkeys as his second proof: options for
// navigator.credentials.get, and a ticket as AskNewPasskey gives it. The problem `passkey_wrong`
// when he has none.
func (s *Staff) AskProof(ctx context.Context, x *Session, at *passkey.Site) (options []byte, ticket string, err error) {
	_, records, err := s.passkeys(ctx, x)
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
	return s.asked(options, challenge{To: toProve, Text: text, Bound: digest(x.secret)})
}

// ProveByPasskey takes a second proof: one of somebody's own passkeys. The session is in, and
// fresh, under another secret. The problem `passkey_ended` or `passkey_wrong`.
func (s *Staff) ProveByPasskey(ctx context.Context, x *Session, at *passkey.Site, ticket, answer string) error {
	c, err := s.brought(toProve, ticket, digest(x.secret))
	if err != nil {
		return err
	}
	row, sealed, err := s.answered(ctx, at, c, answer)
	if err != nil {
		return err
	}
	if row.Shop != x.Shop || row.Staff != x.ID {
		return loyalty.Invalid("passkey", "passkey_wrong")
	}
	fresh, now := newSecret(), moment.Time(0)
	err = s.st.Write(ctx, func(tx *store.Tx) error {
		now = tx.Now
		if err := s.uses(ctx, tx, c, row, sealed); err != nil {
			return err
		}
		return s.prove(ctx, tx, x, fresh)
	})
	if err == nil {
		x.secret, x.ProvedAt = fresh, now
	}
	return err
}

// AskEntry asks whoever sits before a browser for a passkey: options and ticket as AskProof gives
// them. It looks nobody up, so it tells nothing of anybody.
func (s *Staff) AskEntry(at *passkey.Site) (options []byte, ticket string, err error) {
	options, text, err := at.Ask()
	if err != nil {
		return nil, "", err
	}
	return s.asked(options, challenge{To: toEnter, Text: text})
}

// OpenByPasskey lets the owner of a passkey in, in whichever shop he works: he is fresh, and has
// said neither an address nor a password. The problem `passkey_ended` or `passkey_wrong`.
func (s *Staff) OpenByPasskey(ctx context.Context, at *passkey.Site, ticket, answer string) (shop loyalty.ShopID, secret string, err error) {
	c, err := s.brought(toEnter, ticket, nil)
	if err != nil {
		return 0, "", err
	}
	row, sealed, err := s.answered(ctx, at, c, answer)
	if err != nil {
		return 0, "", err
	}
	secret = newSecret()
	err = s.st.Write(ctx, func(tx *store.Tx) error {
		if err := s.uses(ctx, tx, c, row, sealed); err != nil {
			return err
		}
		who, err := tx.HoldStaff(ctx, row.Shop, row.Staff)
		if err == nil && (who == nil || who.State != Active) {
			err = loyalty.Invalid("passkey", "passkey_wrong")
		}
		if err != nil {
			return err
		}
		return tx.PutStaffSession(ctx, row.Shop, digest(secret), &store.StaffSession{Staff: row.Staff, CreatedAt: tx.Now, EndsAt: tx.Now + lasts, ProvedAt: tx.Now})
	})
	return row.Shop, secret, err
}

// answered finds the passkey that an answer comes from and checks it; sealed is what is kept of
// it from then on.
func (s *Staff) answered(ctx context.Context, at *passkey.Site, c *challenge, answer string) (row *store.StaffPasskey, sealed []byte, err error) {
	which, handle, err := passkey.Named([]byte(answer))
	if err != nil {
		return nil, nil, noAnswer(err)
	}
	rows, err := s.st.StaffPasskey(ctx, digest(string(which)))
	if err != nil {
		return nil, nil, err
	}
	if len(rows) != 1 || c.To == toEnter && subtle.ConstantTimeCompare(handle, rows[0].Handle) == 0 {
		return nil, nil, loyalty.Invalid("passkey", "passkey_wrong")
	}
	row = rows[0]
	r, err := s.keyRecord(row)
	if err != nil {
		return nil, nil, err
	}
	next, err := at.Verify(row.Handle, r.Text, c.Text, []byte(answer))
	if err != nil {
		return nil, nil, noAnswer(err)
	}
	r.Text = next.Text
	text, err := json.Marshal(r)
	return row, s.box.SealAlone(text), err
}

// uses uses a challenge up, notes the use of the passkey that answered it, and that its owner
// came.
func (s *Staff) uses(ctx context.Context, tx *store.Tx, c *challenge, row *store.StaffPasskey, sealed []byte) error {
	if err := tx.SeenStaff(ctx, row.Shop, row.Staff); err != nil { // the account's turn comes first
		return err
	}
	if err := s.spend(ctx, tx, row.Shop, c); err != nil {
		return err
	}
	there, err := tx.UsedStaffPasskey(ctx, row, sealed)
	if err == nil && !there { // removed in the meantime
		err = loyalty.Invalid("passkey", "passkey_wrong")
	}
	return err
}

// spend uses a challenge up; the problem `passkey_ended` when it was used before.
func (s *Staff) spend(ctx context.Context, tx *store.Tx, shop loyalty.ShopID, c *challenge) error {
	first, err := tx.UseToken(ctx, shop, digest("staff passkey\x00"+c.Text), c.EndsAt)
	if err == nil && !first {
		err = loyalty.Invalid("passkey", "passkey_ended")
	}
	return err
}

const ours = "staff"

// asked seals a challenge for the browser that is asked.
func (s *Staff) asked(options []byte, c challenge) ([]byte, string, error) {
	c.Staff, c.EndsAt = ours, s.st.Clock()+askedFor
	text, err := json.Marshal(c)
	return options, base64.RawURLEncoding.EncodeToString(s.box.SealAlone(text)), err
}

// brought opens what a browser brings back; the problem `passkey_ended` when it is too old, or
// was made for another session or purpose.
func (s *Staff) brought(to, ticket string, bound []byte) (*challenge, error) {
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
	if err := json.Unmarshal(text, &c); err != nil || c.Staff != ours || c.To != to || subtle.ConstantTimeCompare(c.Bound, bound) == 0 || c.EndsAt <= s.st.Clock() {
		return nil, ended
	}
	return &c, nil
}

// noAnswer turns a wrong answer into the problem that says so.
func noAnswer(err error) error {
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
