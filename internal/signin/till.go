package signin

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"fmt"
	"math/big"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/store"
)

// At a till somebody sees the member. What he then types into his own page shows that the one
// before the till is the one before the page.
const (
	tillCodeFor = 5 * moment.Minute
	tillTries   = 5
)

// TillCode makes a code of six digits that is a member's second proof once, within five minutes;
// by is the key that asks for it. A code that he was given before is worthless from then on.
func (s *SignIn) TillCode(ctx context.Context, shop loyalty.ShopID, m id.Member, by id.Key) (code string, ends moment.Time, err error) {
	n, err := rand.Int(rand.Reader, big.NewInt(1_000_000))
	if err != nil {
		return "", 0, err
	}
	code = fmt.Sprintf("%06d", n)
	err = s.st.Write(ctx, func(tx *store.Tx) error {
		ends = tx.Now + tillCodeFor
		return tx.PutTillCode(ctx, shop, m, s.tillHash(m, code), by, ends)
	})
	return code, ends, err
}

// ProveByTill takes a second proof: the code that a till gave. Everything that is wrong is the
// problem `till_code_wrong`; five wrong ones end the code.
func (s *SignIn) ProveByTill(ctx context.Context, shop loyalty.ShopID, x *store.Session, secret, code string) error {
	right := false
	err := s.st.Write(ctx, func(tx *store.Tx) error {
		hash, err := tx.TryTillCode(ctx, shop, x.Member, tillTries)
		if err != nil {
			return err
		}
		right = hash != "" && subtle.ConstantTimeCompare([]byte(hash), []byte(s.tillHash(x.Member, digits(code)))) == 1
		if !right {
			return nil // the try counts
		}
		if err := tx.UsedTillCode(ctx, shop, x.Member); err != nil {
			return err
		}
		x.ProvedAt = tx.Now
		return tx.ProveSession(ctx, shop, digest(secret), tx.Now)
	})
	if err == nil && !right {
		err = loyalty.Invalid("till", "till_code_wrong")
	}
	return err
}

// tillHash is keyed: six digits alone are soon tried by who reads the database.
func (s *SignIn) tillHash(m id.Member, code string) string {
	return s.box.Match("till_code", m.String()+"/"+code)
}
