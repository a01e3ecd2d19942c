package staff

import (
	"context"
	"fmt"

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
// Its steps are those of internal/passkey; what is here is whose it is, and what it is good for.

// Passkey is one of somebody's, as he knows it.
type Passkey struct {
	ID      id.Passkey
	Name    string
	AddedAt moment.Time
	UsedAt  moment.Time // zero: never
}

// desk asks browsers of the back office: a member's challenge is none of ours.
func (s *Staff) desk() *passkey.Desk {
	return &passkey.Desk{Box: s.box, Clock: s.st.Clock, Side: "staff"}
}

// Passkeys lists somebody's, in the order of their making.
func (s *Staff) Passkeys(ctx context.Context, x *Session) ([]Passkey, error) {
	rows, kept, err := s.passkeys(ctx, x)
	out := make([]Passkey, len(rows))
	for i, r := range rows {
		out[i] = Passkey{ID: r.ID, Name: kept[i].Name, AddedAt: r.CreatedAt, UsedAt: r.UsedAt}
	}
	return out, err
}

func (s *Staff) passkeys(ctx context.Context, x *Session) (rows []*store.StaffPasskey, kept []passkey.Kept, err error) {
	if rows, err = s.st.StaffPasskeys(ctx, x.Shop, x.ID); err != nil {
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

func (s *Staff) kept(row *store.StaffPasskey) (passkey.Kept, error) {
	out := passkey.Kept{Handle: row.Handle}
	text, err := s.box.OpenAlone(row.Sealed)
	if err == nil {
		out.Record, err = passkey.ReadRecord(text)
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
	_, kept, err := s.passkeys(ctx, x)
	if err != nil {
		return nil, "", err
	}
	return s.desk().AskNew(at, digest(x.secret), x.Email+" – "+shop, kept)
}

// AddPasskey takes what the browser answered. Whoever had no proof yet is in by that, and his
// other sessions end. The problem `passkey_ended` when the ticket is too old, was used or is
// another session's, `passkey_wrong` when the answer is none, `required` or `passkey_name_long`
// for the name, and those of AskNewPasskey.
func (s *Staff) AddPasskey(ctx context.Context, x *Session, at *passkey.Site, ticket, answer, name string) error {
	if err := s.mayAdd(x); err != nil {
		return err
	}
	made, err := s.desk().Add(at, digest(x.secret), ticket, answer, name)
	if err != nil {
		return err
	}
	text, err := made.Bytes()
	if err != nil {
		return err
	}
	row := &store.StaffPasskey{Shop: x.Shop, Staff: x.ID, Handle: made.Handle, Sealed: s.box.SealAlone(text)}
	fresh, now, first := newSecret(), moment.Time(0), !x.Account.Factor
	err = s.change(ctx, x.Shop, x.ID, func(tx *store.Tx, who *store.Staff) error {
		if first && hasFactor(who) {
			return loyalty.Invalid("passkey", "prove_again") // set up elsewhere meanwhile
		}
		if err := s.spend(ctx, tx, x.Shop, &made.Challenge); err != nil {
			return err
		}
		row.ID, now = id.Mint[id.PasskeyKind](int64(tx.Now), random()), tx.Now
		put, err := tx.PutStaffPasskey(ctx, row, digest(string(made.Credential)), passkey.Most)
		if err == nil && !put { // somebody has that credential, or ten were added at once
			err = passkey.Wrong()
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
	_, kept, err := s.passkeys(ctx, x)
	if err != nil {
		return nil, "", err
	}
	return s.desk().AskProof(at, digest(x.secret), kept)
}

// ProveByPasskey takes a second proof: one of somebody's own passkeys. The session is in, and
// fresh, under another secret. The problem `passkey_ended` or `passkey_wrong`.
func (s *Staff) ProveByPasskey(ctx context.Context, x *Session, at *passkey.Site, ticket, answer string) error {
	a, err := s.desk().Proof(digest(x.secret), ticket, answer)
	if err != nil {
		return err
	}
	row, sealed, err := s.answered(ctx, at, a)
	if err != nil {
		return err
	}
	if row.Shop != x.Shop || row.Staff != x.ID {
		return passkey.Wrong()
	}
	fresh, now := newSecret(), moment.Time(0)
	err = s.st.Write(ctx, func(tx *store.Tx) error {
		now = tx.Now
		if err := s.uses(ctx, tx, &a.Challenge, row, sealed); err != nil {
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
	return s.desk().AskEntry(at)
}

// OpenByPasskey lets the owner of a passkey in, in whichever shop he works: he is fresh, and has
// said neither an address nor a password. The problem `passkey_ended` or `passkey_wrong`.
func (s *Staff) OpenByPasskey(ctx context.Context, at *passkey.Site, ticket, answer string) (shop loyalty.ShopID, secret string, err error) {
	a, err := s.desk().Entry(ticket, answer)
	if err != nil {
		return 0, "", err
	}
	row, sealed, err := s.answered(ctx, at, a)
	if err != nil {
		return 0, "", err
	}
	secret = newSecret()
	err = s.st.Write(ctx, func(tx *store.Tx) error {
		if err := s.uses(ctx, tx, &a.Challenge, row, sealed); err != nil {
			return err
		}
		who, err := tx.HoldStaff(ctx, row.Shop, row.Staff)
		if err == nil && (who == nil || who.State != Active) {
			err = passkey.Wrong()
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
func (s *Staff) answered(ctx context.Context, at *passkey.Site, a *passkey.Answer) (row *store.StaffPasskey, sealed []byte, err error) {
	rows, err := s.st.StaffPasskey(ctx, digest(string(a.Credential)))
	if err != nil {
		return nil, nil, err
	}
	if len(rows) != 1 {
		return nil, nil, passkey.Wrong()
	}
	kept, err := s.kept(rows[0])
	if err != nil {
		return nil, nil, err
	}
	next, err := a.By(at, kept)
	if err != nil {
		return nil, nil, err
	}
	text, err := next.Bytes()
	return rows[0], s.box.SealAlone(text), err
}

// uses uses a challenge up, notes the use of the passkey that answered it, and that its owner
// came.
func (s *Staff) uses(ctx context.Context, tx *store.Tx, c *passkey.Challenge, row *store.StaffPasskey, sealed []byte) error {
	if err := tx.SeenStaff(ctx, row.Shop, row.Staff); err != nil { // the account's turn comes first
		return err
	}
	if err := s.spend(ctx, tx, row.Shop, c); err != nil {
		return err
	}
	there, err := tx.UsedStaffPasskey(ctx, row, sealed)
	if err == nil && !there { // removed in the meantime
		err = passkey.Wrong()
	}
	return err
}

// spend uses a challenge up; the problem `passkey_ended` when it was used before.
func (s *Staff) spend(ctx context.Context, tx *store.Tx, shop loyalty.ShopID, c *passkey.Challenge) error {
	first, err := tx.UseToken(ctx, shop, digest("staff passkey\x00"+c.Text), c.EndsAt)
	if err == nil && !first {
		err = passkey.Ended()
	}
	return err
}
