package staff

import (
	"context"
	"crypto/rand"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/store"
)

// Kinds of links, each opens once.
const (
	linkFirst  = "first"  // makes the first shop of an installation
	linkInvite = "invite" // somebody chooses his password
	linkEnter  = "enter"  // whoever has the shell lets somebody in
)

// InviteFor is how long an invitation opens.
const InviteFor = 7 * moment.Day

const (
	firstFor = moment.Day
	enterFor = moment.Hour
)

// Newcomer is somebody who is let in.
type Newcomer struct {
	Name, Email, Locale string
	Role                Role
}

// FirstLink makes the link that opens the first shop of an installation. The links before it
// open nothing any more.
func (s *Staff) FirstLink(ctx context.Context) (token string, err error) {
	token = rand.Text()
	err = s.st.Write(ctx, func(tx *store.Tx) error {
		if err := tx.VoidStaffLinks(ctx, 0, id.Staff{}); err != nil {
			return err
		}
		return tx.PutStaffLink(ctx, 0, digest(token), &store.StaffLink{Kind: linkFirst, EndsAt: tx.Now + firstFor})
	})
	return token, err
}

// First tells whether a token is the one of the first link: the problem `link_used` else.
func (s *Staff) First(ctx context.Context, token string) error {
	l, err := s.st.StaffLink(ctx, 0, digest(token))
	if err == nil && (l == nil || l.Kind != linkFirst) {
		err = loyalty.NotFound("", "link_used")
	}
	return err
}

// CheckNew tells what is wrong with somebody who is about to be let in, before anything is
// made for him.
func (s *Staff) CheckNew(n Newcomer, password, shop string) error {
	if _, err := nameOf(n.Name); err != nil {
		return err
	}
	if _, _, err := s.key(n.Email); err != nil {
		return err
	}
	return checkPassword(password, n.Email, shop)
}

// Founder is who is about to become the owner of the first shop.
type Founder struct {
	s     *Staff
	token string
	row   *store.Staff
}

// Found prepares him: his password is hashed before anything is locked. Problems are those of
// CheckNew, and `link_used`.
func (s *Staff) Found(ctx context.Context, token, shop string, n Newcomer, password string) (*Founder, error) {
	n.Role = Owner
	if err := s.First(ctx, token); err != nil {
		return nil, err
	}
	if err := s.CheckNew(n, password, shop); err != nil {
		return nil, err
	}
	hash, err := s.hash(ctx, password)
	if err != nil {
		return nil, err
	}
	row, err := s.newcomer(n, Active, hash)
	return &Founder{s, token, row}, err
}

// In belongs into the transaction that makes the shop: it uses the first link up and makes him
// the owner. So there is never a shop without him, or he without a shop.
func (f *Founder) In(ctx context.Context, tx *store.Tx, shop *loyalty.Shop) error {
	used, err := tx.UseStaffLink(ctx, 0, digest(f.token))
	if err != nil {
		return err
	}
	if !used {
		return loyalty.NotFound("", "link_used")
	}
	return f.s.put(ctx, tx, shop.ID, f.row)
}

// Open signs him in once the shop is there. He still has to set up his second factor.
func (f *Founder) Open(ctx context.Context, shop *loyalty.Shop) (secret string, err error) {
	return f.s.open(ctx, shop.ID, f.row.ID, 0)
}

func (s *Staff) newcomer(n Newcomer, state, hash string) (*store.Staff, error) {
	name, err := nameOf(n.Name)
	if err != nil {
		return nil, err
	}
	email, key, err := s.key(n.Email)
	if err != nil {
		return nil, err
	}
	if !n.Role.Known() {
		return nil, loyalty.Invalid("role", "unknown_role")
	}
	sealed, err := s.sealed(person{name, email})
	return &store.Staff{EmailKey: key, Role: string(n.Role), State: state, Password: hash, Locale: speaks(n.Locale), Sealed: sealed}, err
}

func (s *Staff) put(ctx context.Context, tx *store.Tx, shop loyalty.ShopID, row *store.Staff) error {
	row.ID, row.CreatedAt = id.Mint[id.StaffKind](int64(tx.Now), random()), tx.Now
	fresh, err := tx.PutStaff(ctx, shop, row)
	if err == nil && !fresh {
		err = loyalty.Conflict("email", "staff_known")
	}
	return err
}

// Invite lets somebody in: he chooses his password by the link's token, within a week.
func (s *Staff) Invite(ctx context.Context, shop loyalty.ShopID, n Newcomer) (a Account, token string, err error) {
	row, err := s.newcomer(n, Invited, "")
	if err != nil {
		return a, "", err
	}
	token = rand.Text()
	err = s.st.Write(ctx, func(tx *store.Tx) error {
		if err := s.put(ctx, tx, shop, row); err != nil {
			return err
		}
		return tx.PutStaffLink(ctx, shop, digest(token), &store.StaffLink{Staff: row.ID, Kind: linkInvite, EndsAt: tx.Now + InviteFor})
	})
	if err != nil {
		return a, "", err
	}
	a, err = s.shown(row)
	return a, token, err
}

// Renew makes a new link by which somebody chooses a password, again: his old ones, his
// password, his second factor and passkeys and his sessions open nothing any more.
func (s *Staff) Renew(ctx context.Context, shop loyalty.ShopID, which id.Staff) (token string, err error) {
	token = rand.Text()
	err = s.change(ctx, shop, which, func(tx *store.Tx, row *store.Staff) error {
		if err := s.keepsOwner(ctx, tx, shop, which); err != nil {
			return err
		}
		row.Password, row.Factor, row.State = "", nil, Invited
		if err := tx.DropStaffPasskeys(ctx, shop, which); err != nil {
			return err
		}
		if err := tx.DropStaffTries(ctx, shop, which); err != nil {
			return err
		}
		if err := tx.EndStaffSessions(ctx, shop, which, nil); err != nil {
			return err
		}
		if err := tx.VoidStaffLinks(ctx, shop, which); err != nil {
			return err
		}
		return tx.PutStaffLink(ctx, shop, digest(token), &store.StaffLink{Staff: which, Kind: linkInvite, EndsAt: tx.Now + InviteFor})
	})
	return token, err
}

// Invitation finds who was invited by a link: the problem `link_used` when nobody was, or he
// came.
func (s *Staff) Invitation(ctx context.Context, shop loyalty.ShopID, token string) (Account, error) {
	l, err := s.st.StaffLink(ctx, shop, digest(token))
	if err != nil {
		return Account{}, err
	}
	if l == nil || l.Kind != linkInvite {
		return Account{}, loyalty.NotFound("", "link_used")
	}
	row, err := s.row(ctx, shop, l.Staff)
	if err != nil {
		return Account{}, err
	}
	return s.shown(row)
}

// Accept uses an invitation up: somebody has chosen his password, and is signed in. He still
// has to set up his second factor.
func (s *Staff) Accept(ctx context.Context, shop *loyalty.Shop, token, password, tongue string) (secret string, err error) {
	a, err := s.Invitation(ctx, shop.ID, token)
	if err != nil {
		return "", err
	}
	if err := checkPassword(password, a.Email, shop.Name); err != nil {
		return "", err
	}
	hash, err := s.hash(ctx, password)
	if err != nil {
		return "", err
	}
	err = s.change(ctx, shop.ID, a.ID, func(tx *store.Tx, row *store.Staff) error {
		row.Password, row.State, row.Locale = hash, Active, speaks(tongue)
		used, err := tx.UseStaffLink(ctx, shop.ID, digest(token))
		if err != nil {
			return err
		}
		if !used {
			return loyalty.NotFound("", "link_used")
		}
		return nil
	})
	if err != nil {
		return "", err
	}
	return s.open(ctx, shop.ID, a.ID, 0)
}

// EnterLink makes a link that signs somebody in, once, within an hour, without a password: for
// whoever has the shell of the machine, and so the database.
func (s *Staff) EnterLink(ctx context.Context, shop loyalty.ShopID, email string) (token string, err error) {
	_, key, err := s.key(email)
	if err != nil {
		return "", err
	}
	row, err := s.st.StaffByEmail(ctx, shop, key)
	if err == nil && row == nil {
		err = loyalty.NotFound("email", "staff_unknown")
	}
	if err != nil {
		return "", err
	}
	token = rand.Text()
	return token, s.st.Write(ctx, func(tx *store.Tx) error {
		return tx.PutStaffLink(ctx, shop, digest(token), &store.StaffLink{Staff: row.ID, Kind: linkEnter, EndsAt: tx.Now + enterFor})
	})
}

// WayIn makes such a link as EnterLink does, and gives its path in the back office. Whoever has
// not accepted his invitation yet has nothing to sign in with the next time: his leads to where
// he chooses a password, and replaces the links that he had.
func (s *Staff) WayIn(ctx context.Context, shop *loyalty.Shop, email string) (path string, err error) {
	_, key, err := s.key(email)
	if err != nil {
		return "", err
	}
	row, err := s.st.StaffByEmail(ctx, shop.ID, key)
	if err != nil {
		return "", err
	}
	if row == nil || row.State != Invited {
		token, err := s.EnterLink(ctx, shop.ID, email)
		return "/admin/enter/" + shop.Slug + "/" + token, err
	}
	token := rand.Text()
	return "/admin/join/" + shop.Slug + "/" + token, s.change(ctx, shop.ID, row.ID, func(tx *store.Tx, row *store.Staff) error {
		if err := tx.VoidStaffLinks(ctx, shop.ID, row.ID); err != nil {
			return err
		}
		return tx.PutStaffLink(ctx, shop.ID, digest(token), &store.StaffLink{Staff: row.ID, Kind: linkInvite, EndsAt: tx.Now + enterFor})
	})
}

// Enter uses such a link up, and signs its person in: the problem `link_used` when it opens
// nothing any more.
func (s *Staff) Enter(ctx context.Context, shop loyalty.ShopID, token string) (secret string, err error) {
	l, err := s.st.StaffLink(ctx, shop, digest(token))
	if err != nil {
		return "", err
	}
	used := false
	if l != nil && l.Kind == linkEnter {
		err = s.st.Write(ctx, func(tx *store.Tx) (err error) {
			used, err = tx.UseStaffLink(ctx, shop, digest(token))
			if err != nil || !used {
				return err
			}
			return tx.SeenStaff(ctx, shop, l.Staff)
		})
	}
	if err != nil {
		return "", err
	}
	if !used {
		return "", loyalty.NotFound("", "link_used")
	}
	return s.open(ctx, shop, l.Staff, s.st.Clock())
}

// Add lets somebody in who is active at once: for the demo, and for whoever has the shell.
// Without a password only a link of EnterLink opens.
func (s *Staff) Add(ctx context.Context, shop loyalty.ShopID, n Newcomer) (Account, error) {
	row, err := s.newcomer(n, Active, "")
	if err != nil {
		return Account{}, err
	}
	if err := s.st.Write(ctx, func(tx *store.Tx) error { return s.put(ctx, tx, shop, row) }); err != nil {
		return Account{}, err
	}
	return s.shown(row)
}

// SetRole gives somebody another role. The last owner stays one: the problem `last_owner`.
// Whoever changes it must himself be an owner.
func (s *Staff) SetRole(ctx context.Context, shop loyalty.ShopID, which id.Staff, role Role) error {
	if !role.Known() {
		return loyalty.Invalid("role", "unknown_role")
	}
	return s.change(ctx, shop, which, func(tx *store.Tx, row *store.Staff) error {
		if Role(row.Role) == Owner && role != Owner {
			if err := s.keepsOwner(ctx, tx, shop, which); err != nil {
				return err
			}
		}
		row.Role = string(role)
		return tx.EndStaffSessions(ctx, shop, which, nil) // what he may do is asked for anew
	})
}

// Remove takes somebody out: at once nothing opens for him. The last owner stays: the problem
// `last_owner`.
func (s *Staff) Remove(ctx context.Context, shop loyalty.ShopID, which id.Staff) error {
	if _, err := s.row(ctx, shop, which); err != nil {
		return err
	}
	return s.st.Write(ctx, func(tx *store.Tx) error {
		// Two owners who take each other out at the same instant take turns here.
		if err := tx.HoldOwners(ctx, shop); err != nil {
			return err
		}
		if err := s.keepsOwner(ctx, tx, shop, which); err != nil {
			return err
		}
		if err := tx.EndStaffSessions(ctx, shop, which, nil); err != nil {
			return err
		}
		if err := tx.VoidStaffLinks(ctx, shop, which); err != nil {
			return err
		}
		if err := tx.DropStaffPasskeys(ctx, shop, which); err != nil {
			return err
		}
		if err := tx.DropStaffTries(ctx, shop, which); err != nil {
			return err
		}
		return tx.DropStaff(ctx, shop, which)
	})
}

// keepsOwner wants an active owner beside somebody. The caller holds the owners.
func (s *Staff) keepsOwner(ctx context.Context, tx *store.Tx, shop loyalty.ShopID, beside id.Staff) error {
	all, err := tx.AllStaff(ctx, shop)
	if err != nil {
		return err
	}
	was := false
	for _, x := range all {
		if x.ID == beside {
			was = Role(x.Role) == Owner && x.State == Active
		} else if Role(x.Role) == Owner && x.State == Active {
			return nil
		}
	}
	if was {
		return loyalty.Conflict("role", "last_owner")
	}
	return nil
}

// SetPassword changes somebody's password, who says the old one, and ends his other sessions.
func (s *Staff) SetPassword(ctx context.Context, x *Session, shop, old, password string, from From) error {
	if err := checkPassword(password, x.Email, shop); err != nil {
		return err
	}
	row, err := s.row(ctx, x.Shop, x.ID)
	if err != nil {
		return err
	}
	if row.Password != "" {
		var t tried
		err = s.st.Write(ctx, func(tx *store.Tx) (err error) {
			t, err = s.try(ctx, tx, x.Shop, x.ID, from)
			return err
		})
		if err != nil {
			return err
		}
		if !t.counts() {
			return t.problem("old")
		}
		ok, err := s.matches(ctx, old, row.Password)
		if err != nil {
			return err
		}
		if !ok {
			return loyalty.Invalid("old", "old_password_wrong")
		}
		if err := s.st.Write(ctx, func(tx *store.Tx) error { return s.untry(ctx, tx, x.Shop, x.ID, t) }); err != nil {
			return err
		}
	}
	hash, err := s.hash(ctx, password)
	if err != nil {
		return err
	}
	return s.change(ctx, x.Shop, x.ID, func(tx *store.Tx, now *store.Staff) error {
		if now.Password != row.Password {
			return loyalty.Conflict("old", "old_password_wrong") // changed elsewhere meanwhile
		}
		now.Password = hash
		return tx.EndStaffSessions(ctx, x.Shop, x.ID, digest(x.secret))
	})
}

// Speak changes somebody's language, wherever he comes in from then on. Nothing happens where it
// is his already.
func (s *Staff) Speak(ctx context.Context, x *Session, tongue string) error {
	if speaks(tongue) == x.Locale {
		return nil
	}
	err := s.change(ctx, x.Shop, x.ID, func(_ *store.Tx, row *store.Staff) error {
		row.Locale = speaks(tongue)
		return nil
	})
	if err == nil {
		x.Locale = speaks(tongue)
	}
	return err
}
