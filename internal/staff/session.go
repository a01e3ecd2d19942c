package staff

import (
	"context"
	"crypto/rand"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/store"
)

// Session is a browser in which somebody gave his password. He is in once he has proved his
// second factor, too.
type Session struct {
	Account
	Shop      loyalty.ShopID
	CreatedAt moment.Time
	ProvedAt  moment.Time
	secret    string
}

// In tells whether the second factor was proved.
func (x *Session) In() bool { return x != nil && x.ProvedAt != 0 }

// Fresh tells whether the second factor was proved within the last minutes, so that value may
// be given and secrets be made.
func (s *Staff) Fresh(x *Session) bool { return x.ProvedAt > s.st.Clock()-freshFor }

// SignIn takes an address and a password, and opens a session that waits for the second
// factor. The problem `password_wrong` when one of them is wrong, and `wait` after too many
// wrong ones; whether there is such an account is not told, by the time it takes neither.
func (s *Staff) SignIn(ctx context.Context, shop loyalty.ShopID, email, password string) (secret string, err error) {
	_, key, err := s.key(email)
	if err != nil {
		return "", err
	}
	row, err := s.st.StaffByEmail(ctx, shop, key)
	if err != nil {
		return "", err
	}
	hash, wrong := "", loyalty.Invalid("password", "password_wrong")
	if row != nil {
		if err := s.locked(row); err != nil {
			return "", err
		}
		hash = row.Password
	}
	ok, err := s.matches(ctx, password, hash)
	if err != nil {
		return "", err
	}
	if row == nil {
		return "", wrong
	}
	if !ok || row.State != Active {
		err := s.st.Write(ctx, func(tx *store.Tx) error { return tx.StaffWrong(ctx, shop, row.ID, s.until(row)) })
		if err != nil {
			return "", err
		}
		return "", wrong
	}
	return s.open(ctx, shop, row.ID, 0)
}

// open makes a session; proved is when the second factor was proved.
func (s *Staff) open(ctx context.Context, shop loyalty.ShopID, who id.Staff, proved moment.Time) (string, error) {
	secret := rand.Text() + rand.Text()
	err := s.st.Write(ctx, func(tx *store.Tx) error {
		return tx.PutStaffSession(ctx, shop, digest(secret), &store.StaffSession{Staff: who, CreatedAt: tx.Now, EndsAt: tx.Now + lasts, ProvedAt: proved})
	})
	return secret, err
}

// Session finds who is signed in in a browser of a shop; nil when nobody is, or it was not
// used for half an hour.
func (s *Staff) Session(ctx context.Context, shop loyalty.ShopID, secret string) (*Session, error) {
	if secret == "" {
		return nil, nil
	}
	x, err := s.st.StaffSession(ctx, shop, digest(secret))
	now := s.st.Clock()
	if err != nil || x == nil || x.EndsAt <= now || x.SeenAt <= now-idle {
		return nil, err
	}
	row, err := s.st.Staff(ctx, shop, x.Staff)
	if err != nil || row == nil || row.State != Active {
		return nil, err
	}
	a, err := s.shown(row)
	if err != nil {
		return nil, err
	}
	if x.SeenAt <= now-seenEach {
		err = s.st.Write(ctx, func(tx *store.Tx) error { return tx.SeeStaffSession(ctx, shop, digest(secret)) })
	}
	return &Session{Account: a, Shop: shop, CreatedAt: x.CreatedAt, ProvedAt: x.ProvedAt, secret: secret}, err
}

// Leave ends a session.
func (s *Staff) Leave(ctx context.Context, x *Session) error {
	return s.st.Write(ctx, func(tx *store.Tx) error { return tx.EndStaffSession(ctx, x.Shop, digest(x.secret)) })
}

// LeaveOthers ends all other sessions of somebody.
func (s *Staff) LeaveOthers(ctx context.Context, x *Session) error {
	return s.st.Write(ctx, func(tx *store.Tx) error { return tx.EndStaffSessions(ctx, x.Shop, x.ID, digest(x.secret)) })
}

// Sweep forgets what has ended a day ago.
func (s *Staff) Sweep(ctx context.Context, shop loyalty.ShopID) error {
	return s.st.Write(ctx, func(tx *store.Tx) error { return tx.SweepStaff(ctx, shop, tx.Now-moment.Day) })
}
