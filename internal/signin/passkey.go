package signin

import (
	"context"
	"crypto/rand"
	"fmt"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/passkey"
	"cagnotte/internal/store"
)

// A passkey is the better proof: it answers to this site alone, so nobody can be talked out of
// it, and the device has seen to it that its owner holds it. So it lets in and is the second
// proof in one.
// Its steps are those of internal/passkey; what is here is whose it is, and what it is good for.

// Passkey is one of a member's, as he knows it.
type Passkey struct {
	ID      id.Passkey
	Name    string
	AddedAt moment.Time
	UsedAt  moment.Time // zero: never
}

// desk asks browsers of a shop's members.
func (s *SignIn) desk(shop loyalty.ShopID) *passkey.Desk {
	return &passkey.Desk{Box: s.box, Clock: s.st.Clock, Side: passkey.Side(shop)}
}

// Passkeys lists a member's, in the order of their making.
func (s *SignIn) Passkeys(ctx context.Context, shop loyalty.ShopID, m id.Member) ([]Passkey, error) {
	rows, kept, err := s.passkeys(ctx, shop, m)
	out := make([]Passkey, len(rows))
	for i, r := range rows {
		out[i] = Passkey{ID: r.ID, Name: kept[i].Name, AddedAt: r.CreatedAt, UsedAt: r.UsedAt}
	}
	return out, err
}

func (s *SignIn) passkeys(ctx context.Context, shop loyalty.ShopID, m id.Member) (rows []*store.Passkey, kept []passkey.Kept, err error) {
	if rows, err = s.st.Passkeys(ctx, shop, m); err != nil {
		return nil, nil, err
	}
	kept = make([]passkey.Kept, len(rows))
	for i, r := range rows {
		if kept[i], err = s.kept(r); err != nil {
			return nil, nil, err
		}
	}
	return rows, kept, nil
}

func (s *SignIn) kept(row *store.Passkey) (passkey.Kept, error) {
	out := passkey.Kept{Handle: row.Handle}
	text, err := s.box.Open(row.Wrapped, row.Sealed)
	if err == nil {
		out.Record, err = passkey.ReadRecord(text)
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
	_, kept, err := s.passkeys(ctx, shop, x.Member)
	if err != nil {
		return nil, "", err
	}
	return s.desk(shop).AskNew(at, digest(secret), name, kept)
}

// AddPasskey takes what the browser answered. The problem `passkey_ended` when the ticket is too
// old, was used or is another session's, `passkey_wrong` when the answer is none, and those of
// AskNewPasskey.
func (s *SignIn) AddPasskey(ctx context.Context, shop loyalty.ShopID, at *passkey.Site, x *store.Session, secret, ticket, answer, name string) error {
	if !s.Fresh(x) {
		return loyalty.Invalid("passkey", "sign_in_again")
	}
	made, err := s.desk(shop).Add(at, digest(secret), ticket, answer, name)
	if err != nil {
		return err
	}
	wrapped, err := s.st.PersonKey(ctx, shop, x.Member)
	if err != nil {
		return err
	}
	if wrapped == nil {
		return loyalty.Conflict("passkey", "person_erased")
	}
	text, err := made.Bytes()
	if err != nil {
		return err
	}
	sealed, err := s.box.Seal(wrapped, text)
	if err != nil {
		return err
	}
	return s.st.Write(ctx, func(tx *store.Tx) error {
		if err := s.spend(ctx, tx, shop, &made.Challenge); err != nil {
			return err
		}
		put, err := tx.PutPasskey(ctx, shop, &store.Passkey{
			ID: id.Mint[id.PasskeyKind](int64(tx.Now), random()), Member: x.Member, Handle: made.Handle, Sealed: sealed,
		}, digest(string(made.Credential)), passkey.Most)
		if err == nil && !put { // somebody has that credential, or ten were added at once
			err = passkey.Wrong()
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
	_, kept, err := s.passkeys(ctx, shop, x.Member)
	if err != nil {
		return nil, "", err
	}
	return s.desk(shop).AskProof(at, digest(secret), kept)
}

// ProveByPasskey takes a second proof: one of the member's own passkeys. The problem
// `passkey_ended` or `passkey_wrong`.
func (s *SignIn) ProveByPasskey(ctx context.Context, shop loyalty.ShopID, at *passkey.Site, x *store.Session, secret, ticket, answer string) error {
	a, err := s.desk(shop).Proof(digest(secret), ticket, answer)
	if err != nil {
		return err
	}
	row, sealed, err := s.answered(ctx, shop, at, a)
	if err != nil {
		return err
	}
	if row.Member != x.Member {
		return passkey.Wrong()
	}
	return s.st.Write(ctx, func(tx *store.Tx) error {
		if err := s.uses(ctx, tx, shop, &a.Challenge, row, sealed); err != nil {
			return err
		}
		x.ProvedAt = tx.Now
		return tx.ProveSession(ctx, shop, digest(secret), tx.Now)
	})
}

// AskEntry asks whoever sits before a browser for a passkey of this shop: options and ticket as
// AskProof gives them. It looks nobody up, so it tells nothing of anybody.
func (s *SignIn) AskEntry(shop loyalty.ShopID, at *passkey.Site) (options []byte, ticket string, err error) {
	return s.desk(shop).AskEntry(at)
}

// OpenByPasskey lets the owner of a passkey in, with his second proof given. The problem
// `passkey_ended` or `passkey_wrong`.
func (s *SignIn) OpenByPasskey(ctx context.Context, shop loyalty.ShopID, at *passkey.Site, ticket, answer string) (secret string, err error) {
	a, err := s.desk(shop).Entry(ticket, answer)
	if err != nil {
		return "", err
	}
	row, sealed, err := s.answered(ctx, shop, at, a)
	if err != nil {
		return "", err
	}
	secret = rand.Text() + rand.Text()
	err = s.st.Write(ctx, func(tx *store.Tx) error {
		if err := s.uses(ctx, tx, shop, &a.Challenge, row, sealed); err != nil {
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
func (s *SignIn) answered(ctx context.Context, shop loyalty.ShopID, at *passkey.Site, a *passkey.Answer) (row *store.Passkey, sealed []byte, err error) {
	row, err = s.st.Passkey(ctx, shop, digest(string(a.Credential)))
	if err != nil {
		return nil, nil, err
	}
	if row == nil {
		return nil, nil, passkey.Wrong()
	}
	kept, err := s.kept(row)
	if err != nil {
		return nil, nil, err
	}
	next, err := a.By(at, kept)
	if err != nil {
		return nil, nil, err
	}
	text, err := next.Bytes()
	if err != nil {
		return nil, nil, err
	}
	sealed, err = s.box.Seal(row.Wrapped, text)
	return row, sealed, err
}

// uses uses a challenge up, and notes the use of the passkey that answered it.
func (s *SignIn) uses(ctx context.Context, tx *store.Tx, shop loyalty.ShopID, c *passkey.Challenge, row *store.Passkey, sealed []byte) error {
	if err := s.spend(ctx, tx, shop, c); err != nil {
		return err
	}
	there, err := tx.UsedPasskey(ctx, shop, row, sealed)
	if err == nil && !there { // removed in the meantime
		err = passkey.Wrong()
	}
	return err
}

// spend uses a challenge up; the problem `passkey_ended` when it was used before.
func (s *SignIn) spend(ctx context.Context, tx *store.Tx, shop loyalty.ShopID, c *passkey.Challenge) error {
	first, err := tx.UseToken(ctx, shop, digest("passkey\x00"+c.Text), c.EndsAt)
	if err == nil && !first {
		err = passkey.Ended()
	}
	return err
}
