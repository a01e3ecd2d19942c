package signin

import (
	"context"

	"github.com/alexedwards/argon2id"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/store"
)

// A letter shows that somebody reads a mailbox, which is no proof enough for spending (NIST
// SP 800-63B-4 does not count e-mail as one). So who spends gives a second one: a number
// that he chose, four to eight digits, against which few tries are allowed.
const (
	pinTries  = 5
	pinLock   = 15 * moment.Minute
	provenFor = 10 * moment.Minute
)

// pinCost is what one try costs (OWASP's second choice for Argon2id: little memory).
var pinCost = &argon2id.Params{Memory: 19 * 1024, Iterations: 2, Parallelism: 1, SaltLength: 16, KeyLength: 32}

// HasPIN tells whether a member has chosen his second proof.
func (s *SignIn) HasPIN(ctx context.Context, shop loyalty.ShopID, m id.Member) (bool, error) {
	p, err := s.st.Pin(ctx, shop, m)
	return p != nil, err
}

// SetPIN chooses a member's second proof. The session has to be fresh: the problem
// `sign_in_again` when it is not.
func (s *SignIn) SetPIN(ctx context.Context, shop loyalty.ShopID, x *store.Session, pin string) error {
	if !s.Fresh(x) {
		return loyalty.Invalid("pin", "sign_in_again")
	}
	if len(pin) < 4 || len(pin) > 8 || digits(pin) != pin {
		return loyalty.Invalid("pin", "invalid_pin")
	}
	if easy(pin) {
		return loyalty.Invalid("pin", "easy_pin")
	}
	hash, err := argon2id.CreateHash(pin, pinCost)
	if err != nil {
		return err
	}
	return s.st.Write(ctx, func(tx *store.Tx) error { return tx.PutPin(ctx, shop, x.Member, hash) })
}

// easy are the numbers that a thief tries first: one digit alone, or digits in a row.
func easy(pin string) bool {
	same, up, down := true, true, true
	for i := 1; i < len(pin); i++ {
		same = same && pin[i] == pin[i-1]
		up = up && pin[i] == pin[i-1]+1
		down = down && pin[i] == pin[i-1]-1
	}
	return same || up || down
}

// Proven tells whether a session had its second proof within the last minutes.
func (s *SignIn) Proven(x *store.Session) bool { return x.ProvedAt > s.st.Clock()-provenFor }

// Prove takes a second proof: the problem `pin_wrong`, or `pin_locked` after five of them.
func (s *SignIn) Prove(ctx context.Context, shop loyalty.ShopID, secret string, x *store.Session, pin string) error {
	p, err := s.st.Pin(ctx, shop, x.Member)
	if err != nil {
		return err
	}
	if p == nil {
		return loyalty.Invalid("pin", "pin_missing")
	}
	may := false
	err = s.st.Write(ctx, func(tx *store.Tx) (err error) {
		may, err = tx.TryPin(ctx, shop, x.Member, pinTries, tx.Now+pinLock)
		return err
	})
	if err != nil {
		return err
	}
	if !may {
		return loyalty.Invalid("pin", "pin_locked")
	}
	right, err := argon2id.ComparePasswordAndHash(digits(pin), p.Hash)
	if err != nil {
		return err
	}
	if !right {
		return loyalty.Invalid("pin", "pin_wrong")
	}
	return s.st.Write(ctx, func(tx *store.Tx) error {
		if err := tx.PinRight(ctx, shop, x.Member); err != nil {
			return err
		}
		x.ProvedAt = tx.Now
		return tx.ProveSession(ctx, shop, digest(secret), tx.Now)
	})
}
