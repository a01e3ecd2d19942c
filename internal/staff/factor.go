package staff

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"strings"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"
	"github.com/pquerna/otp/totp"

	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/store"
)

// The second factor is a code of six digits that changes every 30 seconds (RFC 6238). One
// that was used opens nothing more, and neither does an older one.
const period = 30 * moment.Second

// Factor is a second factor that somebody is about to set up.
type Factor struct {
	Secret string // in base 32, as people type it
	URL    string // otpauth://, for the QR code
}

// NewFactor draws a secret for somebody of a shop. Nothing is stored until he has shown a
// code of it (SetFactor); until then the page carries it.
func NewFactor(a Account, shop string) (Factor, error) {
	raw := make([]byte, 20)
	_, _ = rand.Read(raw) // never fails
	secret := base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(raw)
	return factorOf(secret, a, shop)
}

// ShowFactor gives a drawn secret again, for a page that is shown again.
func ShowFactor(secret string, a Account, shop string) (Factor, error) {
	return factorOf(secret, a, shop)
}

func factorOf(secret string, a Account, shop string) (Factor, error) {
	raw, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(secret)
	if err != nil || len(raw) != 20 {
		return Factor{}, loyalty.Invalid("code", "factor_wrong")
	}
	k, err := totp.Generate(totp.GenerateOpts{Issuer: "Cagnotte " + shop, AccountName: a.Email, Secret: raw})
	if err != nil {
		return Factor{}, err
	}
	return Factor{Secret: secret, URL: k.URL()}, nil
}

// step finds which time step a code belongs to: the present one or its neighbours. Zero:
// none.
func step(secret, code string, now moment.Time) int64 {
	code = digits(code)
	at := int64(now / period)
	for _, n := range []int64{at, at - 1, at + 1} {
		ok, err := hotp.ValidateCustom(code, uint64(n), secret, hotp.ValidateOpts{Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1})
		if err == nil && ok {
			return n
		}
	}
	return 0
}

// Code gives the code of a secret at a time: what somebody's phone shows. For tests and the
// demo.
func Code(secret string, at time.Time) (string, error) { return totp.GenerateCode(secret, at) }

// SetFactor stores a drawn secret once a code of it was shown, and lets the session in. The
// problem `factor_wrong` when the code is another one; somebody who has a factor must have
// proved it lately: the problem `prove_again`.
func (s *Staff) SetFactor(ctx context.Context, x *Session, secret, code string) error {
	if x.Account.Factor && !s.Fresh(x) {
		return loyalty.Invalid("code", "prove_again")
	}
	if _, err := factorOf(secret, x.Account, ""); err != nil {
		return err
	}
	at := step(secret, code, s.st.Clock())
	if at == 0 {
		return loyalty.Invalid("code", "factor_wrong")
	}
	fresh, now := newSecret(), moment.Time(0)
	err := s.change(ctx, x.Shop, x.ID, func(tx *store.Tx, row *store.Staff) error {
		if hasFactor(row) && !x.Account.Factor {
			return loyalty.Invalid("code", "prove_again") // set up elsewhere meanwhile
		}
		row.Factor, now = s.box.SealAlone([]byte(secret)), tx.Now
		if _, err := tx.StaffStep(ctx, x.Shop, x.ID, at); err != nil {
			return err
		}
		if err := tx.EndStaffSessions(ctx, x.Shop, x.ID, digest(x.secret)); err != nil {
			return err
		}
		return s.prove(ctx, tx, x, fresh)
	})
	if err == nil {
		x.secret, x.ProvedAt, x.Account.Factor, x.App = fresh, now, true, true
	}
	return err
}

// Prove takes the code of the second factor: the session is in, and fresh, under another
// secret. The problem `factor_wrong` when the code is wrong or was used before; `wait` after
// too many wrong ones from where he is.
func (s *Staff) Prove(ctx context.Context, x *Session, code string, from From) error {
	row, err := s.row(ctx, x.Shop, x.ID)
	if err != nil {
		return err
	}
	if len(row.Factor) == 0 {
		return loyalty.Invalid("code", "factor_missing")
	}
	secret, err := s.box.OpenAlone(row.Factor)
	if err != nil {
		return err
	}
	at, first := step(string(secret), code, s.st.Clock()), false
	fresh, now := newSecret(), moment.Time(0)
	err = s.st.Write(ctx, func(tx *store.Tx) error {
		first, now = false, tx.Now
		t, err := s.try(ctx, tx, x.Shop, x.ID, from)
		if err == nil && !t.counts() {
			err = t.problem("code")
		}
		if err != nil {
			return err
		}
		if at != 0 {
			if first, err = tx.StaffStep(ctx, x.Shop, x.ID, at); err != nil {
				return err
			}
		}
		if !first {
			return nil // the try counts
		}
		if err := s.right(ctx, tx, x.Shop, x.ID, t); err != nil {
			return err
		}
		return s.prove(ctx, tx, x, fresh)
	})
	switch {
	case err != nil:
		return err
	case !first:
		return loyalty.Invalid("code", "factor_wrong")
	}
	x.secret, x.ProvedAt = fresh, now
	return nil
}

func digits(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, s)
}
