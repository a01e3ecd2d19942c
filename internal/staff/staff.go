// Package staff is who works in a shop's back office: how they come in (a password and a
// second factor), what their role lets them do, and the record of what they did.
//
// Nothing that it stores opens anything: passwords are slow hashes, of links and sessions
// there are digests, the secrets of second factors are sealed. Staff belongs to a live shop;
// in its twin the same people do the same.
package staff

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net/mail"
	"strconv"
	"strings"

	"github.com/alexedwards/argon2id"

	"cagnotte/internal/id"
	"cagnotte/internal/locale"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/seal"
	"cagnotte/internal/store"
)

const (
	idle     = 30 * moment.Minute // after which an unused session is over (ASVS 7.3)
	lasts    = 12 * moment.Hour   // a session at most
	freshFor = 15 * moment.Minute // for which a proof holds where value or secrets are at stake
	seenEach = moment.Minute
	atOnce   = 2 // slow hashes
)

// Staff is the running service; it is safe for many goroutines.
type Staff struct {
	st     *store.Store
	box    *seal.Box
	busy   chan struct{}
	cost   *argon2id.Params
	nobody string // the hash of a password that nobody has
}

// New makes it.
func New(st *store.Store, box *seal.Box) *Staff {
	nobody, err := argon2id.CreateHash(rand.Text(), cost)
	if err != nil {
		panic(err) // our own parameters
	}
	return &Staff{st: st, box: box, busy: make(chan struct{}, atOnce), cost: cost, nobody: nobody}
}

// States of an account.
const (
	Invited = "invited" // a link is on its way
	Active  = "active"
)

// Account is somebody of the staff, as people see him.
type Account struct {
	ID        id.Staff
	Name      string
	Email     string
	Locale    string
	Role      Role
	State     string
	Factor    bool // he has a second factor, of either kind
	App       bool // an app for codes
	Passkeys  int64
	CreatedAt moment.Time
	SeenAt    moment.Time // when he came in last; zero: never
}

// person is what is sealed of an account.
type person struct{ Name, Email string }

func (s *Staff) shown(x *store.Staff) (Account, error) {
	a := Account{
		ID: x.ID, Locale: x.Locale, Role: Role(x.Role), State: x.State, Factor: hasFactor(x), App: len(x.Factor) > 0, Passkeys: x.Passkeys,
		CreatedAt: x.CreatedAt, SeenAt: x.SeenAt,
	}
	var p person
	text, err := s.box.OpenAlone(x.Sealed)
	if err == nil {
		err = json.Unmarshal(text, &p)
	}
	if err != nil {
		return a, fmt.Errorf("staff %s: %w", x.ID, err)
	}
	a.Name, a.Email = p.Name, p.Email
	return a, nil
}

func (s *Staff) sealed(p person) ([]byte, error) {
	text, err := json.Marshal(p)
	return s.box.SealAlone(text), err
}

// key is the matching form of an address; the problem `invalid_email` when it is none.
func (s *Staff) key(email string) (address, key string, err error) {
	email = strings.TrimSpace(email)
	a, err := mail.ParseAddress(email)
	if err != nil || a.Address != email || len(email) > loyalty.MaxText {
		if email == "" {
			return "", "", loyalty.Invalid("email", "required")
		}
		return "", "", loyalty.Invalid("email", "invalid_email")
	}
	return email, s.box.Match("staff", strings.ToLower(email)), nil
}

func nameOf(name string) (string, error) {
	name = strings.TrimSpace(name)
	switch {
	case name == "":
		return "", loyalty.Invalid("name", "required")
	case len(name) > loyalty.MaxText:
		return "", loyalty.Invalid("name", "too_long", "max", strconv.Itoa(loyalty.MaxText))
	}
	return name, nil
}

func speaks(tag string) string {
	for _, t := range locale.Tags {
		if t == tag {
			return t
		}
	}
	return locale.Fallback
}

func (s *Staff) row(ctx context.Context, shop loyalty.ShopID, which id.Staff) (*store.Staff, error) {
	row, err := s.st.Staff(ctx, shop, which)
	if err == nil && row == nil {
		err = loyalty.NotFound("", "staff_unknown")
	}
	return row, err
}

// List gives everybody of a shop.
func (s *Staff) List(ctx context.Context, shop loyalty.ShopID) ([]Account, error) {
	rows, err := s.st.AllStaff(ctx, shop)
	if err != nil {
		return nil, err
	}
	out := make([]Account, len(rows))
	for i, r := range rows {
		if out[i], err = s.shown(r); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// change reads somebody, lets fn change him, and stores that, while nobody else changes anybody
// of the shop.
func (s *Staff) change(ctx context.Context, shop loyalty.ShopID, which id.Staff, fn func(*store.Tx, *store.Staff) error) error {
	return s.st.Write(ctx, func(tx *store.Tx) error {
		if err := tx.HoldOwners(ctx, shop); err != nil { // first of all: two who wait for one another would wait for ever
			return err
		}
		row, err := tx.HoldStaff(ctx, shop, which)
		if err == nil && row == nil {
			err = loyalty.NotFound("", "staff_unknown")
		}
		if err != nil {
			return err
		}
		if err := fn(tx, row); err != nil {
			return err
		}
		return tx.ChangeStaff(ctx, shop, row)
	})
}

func digest(secret string) []byte {
	h := sha256.Sum256([]byte(secret))
	return h[:]
}

func random() (r [8]byte) {
	_, _ = rand.Read(r[:]) // never fails (crypto/rand)
	return r
}
