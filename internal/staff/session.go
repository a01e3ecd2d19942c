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

// Secret is what the browser of a session carries. It changes when the second factor is proved.
func (x *Session) Secret() string { return x.secret }

// In tells whether the second factor was proved.
func (x *Session) In() bool { return x != nil && x.ProvedAt != 0 }

// Fresh tells whether the second factor was proved within the last minutes, so that value may
// be given and secrets be made.
func (s *Staff) Fresh(x *Session) bool { return x.ProvedAt > s.st.Clock()-freshFor }

// SignIn takes an address and a password, and opens a session that waits for the second
// factor. The problem `password_wrong` when one of them is wrong, or too many were wrong before
// from where he is and he has to wait; whether there is such an account is not told, by the time it takes
// neither.
func (s *Staff) SignIn(ctx context.Context, shop loyalty.ShopID, email, password string, from From) (secret string, err error) {
	_, key, err := s.key(email)
	if err != nil {
		return "", err
	}
	row, err := s.st.StaffByEmail(ctx, shop, key)
	if err != nil {
		return "", err
	}
	if row == nil {
		row = &store.Staff{} // as long a way as everybody's
	}
	var t tried
	err = s.st.Write(ctx, func(tx *store.Tx) (err error) {
		t, err = s.try(ctx, tx, shop, row.ID, from)
		return err
	})
	if err != nil {
		return "", err
	}
	ok, err := s.matches(ctx, password, row.Password)
	if err != nil {
		return "", err
	}
	if !ok || !t.counts() || row.State != Active {
		return "", loyalty.Invalid("password", "password_wrong")
	}
	if err := s.st.Write(ctx, func(tx *store.Tx) error { return s.untry(ctx, tx, shop, row.ID, t) }); err != nil {
		return "", err
	}
	return s.open(ctx, shop, row.ID, 0)
}

// prove lets a session in, under a new secret: what somebody planted or saw before is worth
// nothing. The problem `session_over` when it was ended meanwhile.
func (s *Staff) prove(ctx context.Context, tx *store.Tx, x *Session, fresh string) error {
	there, err := tx.ProveStaffSession(ctx, x.Shop, digest(x.secret), digest(fresh))
	if err == nil && !there {
		err = loyalty.Conflict("code", "session_over")
	}
	return err
}

// open makes a session; proved is when the second factor was proved.
func (s *Staff) open(ctx context.Context, shop loyalty.ShopID, who id.Staff, proved moment.Time) (string, error) {
	secret := newSecret()
	err := s.st.Write(ctx, func(tx *store.Tx) error {
		return tx.PutStaffSession(ctx, shop, digest(secret), &store.StaffSession{Staff: who, CreatedAt: tx.Now, EndsAt: tx.Now + lasts, ProvedAt: proved})
	})
	return secret, err
}

func newSecret() string { return rand.Text() + rand.Text() }

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
	return s.st.Write(ctx, func(tx *store.Tx) error {
		if err := tx.SweepStaffLooks(ctx, shop, tx.Now-looksKept); err != nil {
			return err
		}
		return tx.SweepStaff(ctx, shop, tx.Now-moment.Day)
	})
}
