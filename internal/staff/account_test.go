package staff_test

import (
	"context"
	"errors"
	"testing"

	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/staff"
	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
)

// An invitation is for one person, once, for a week, in one shop (A5).
func TestAnInvitationOpensOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		b := open(t, st)
		other, err := b.office.CreateShop(t.Context(), "Café Bleu", "EUR", "Europe/Paris")
		b.do(err)
		a, token, err := b.staff.Invite(t.Context(), b.shop.ID, staff.Newcomer{Name: "Wanda", Email: "Wanda@example.com", Role: staff.Support})
		b.do(err)
		_, _, err = b.staff.Invite(t.Context(), b.shop.ID, staff.Newcomer{Name: "Wanda", Email: " wanda@EXAMPLE.com", Role: staff.Owner})
		b.wants(err, "staff_known") // nor is her role raised by that
		_, err = b.staff.Invitation(t.Context(), other.Live.ID, token)
		b.wants(err, "link_used")
		_, err = b.staff.Accept(t.Context(), other.Live, token, password, "fr")
		b.wants(err, "link_used")
		_, err = b.staff.Enter(t.Context(), b.shop.ID, token)
		b.wants(err, "link_used") // it signs nobody in by itself
		b.wants(b.staff.First(t.Context(), token), "link_used")
		_, err = b.staff.Accept(t.Context(), b.shop, token, "1234567", "fr")
		b.wants(err, "short_password") // and is not used up by that
		secret, err := b.staff.Accept(t.Context(), b.shop, token, password, "fr")
		b.do(err)
		if x := b.session(secret); x.ID != a.ID || x.Role != staff.Support || x.In() {
			t.Errorf("%+v is let in", x.Account)
		}
		_, err = b.staff.Accept(t.Context(), b.shop, token, "the lamp of a thief", "fr")
		b.wants(err, "link_used")
		_, err = b.staff.SignIn(t.Context(), b.shop.ID, "wanda@example.com", "the lamp of a thief", place)
		b.wants(err, "password_wrong")

		late, token, err := b.staff.Invite(t.Context(), b.shop.ID, staff.Newcomer{Name: "Late", Email: "late@example.com", Role: staff.Support})
		b.do(err)
		b.pass(staff.InviteFor + moment.Second)
		_, err = b.staff.Invitation(t.Context(), b.shop.ID, token)
		b.wants(err, "link_used")
		again, err := b.staff.Renew(t.Context(), b.shop.ID, late.ID)
		b.do(err)
		newest, err := b.staff.Renew(t.Context(), b.shop.ID, late.ID)
		b.do(err)
		_, err = b.staff.Invitation(t.Context(), b.shop.ID, again)
		b.wants(err, "link_used") // the newest alone
		b.do(b.staff.Remove(t.Context(), b.shop.ID, late.ID))
		_, err = b.staff.Invitation(t.Context(), b.shop.ID, newest)
		b.wants(err, "link_used")
	})
}

// An owner stays, whatever several owners do to each other at the same time (A5).
func TestOneOwnerStays(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		b := open(t, st)
		for round := range 5 {
			var owners []*staff.Session
			list, err := b.staff.List(t.Context(), b.shop.ID)
			b.do(err)
			for _, a := range list {
				if a.Role != staff.Owner || a.State != staff.Active {
					b.do(b.staff.Remove(t.Context(), b.shop.ID, a.ID))
				}
			}
			for i := range 3 {
				owners = append(owners, b.somebody(string(rune('a'+round))+string(rune('a'+i))+"@example.com", staff.Owner))
			}
			for _, a := range list {
				if a.Role == staff.Owner && a.State == staff.Active {
					b.do(b.staff.Remove(t.Context(), b.shop.ID, a.ID))
				}
			}
			ends := make(chan error, 3)
			go func() { ends <- b.staff.Remove(t.Context(), b.shop.ID, owners[0].ID) }()
			go func() { ends <- b.staff.SetRole(t.Context(), b.shop.ID, owners[1].ID, staff.ReadOnly) }()
			go func() {
				_, err := b.staff.Renew(t.Context(), b.shop.ID, owners[2].ID)
				ends <- err
			}()
			refused := 0
			for range 3 {
				if err := <-ends; err != nil {
					b.wants(err, "last_owner")
					refused++
				}
			}
			if refused != 1 {
				t.Errorf("%d of three were refused", refused)
			}
		}
	})
}

// Two who change somebody at the same time undo nothing of each other's.
func TestChangesDoNotUndoEachOther(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		b := open(t, st)
		b.somebody("boss@example.com", staff.Owner)
		const email = "wanda@example.com"
		x := b.somebody(email, staff.Support)
		role, words := staff.Support, []string{password, "another lamp on a shelf"}
		for n := range 8 {
			secret, err := b.staff.SignIn(t.Context(), b.shop.ID, email, words[n%2], place)
			b.do(err)
			x = b.session(secret)
			ends := make(chan error, 2)
			role = map[staff.Role]staff.Role{staff.Support: staff.Marketing, staff.Marketing: staff.Support}[role]
			go func() { ends <- b.staff.SetPassword(t.Context(), x, b.shop.Name, words[n%2], words[(n+1)%2], place) }()
			go func() { ends <- b.staff.SetRole(t.Context(), b.shop.ID, x.ID, role) }()
			b.do(errors.Join(<-ends, <-ends))
			list, err := b.staff.List(t.Context(), b.shop.ID)
			b.do(err)
			for _, a := range list {
				if a.ID == x.ID && a.Role != role {
					t.Fatalf("round %d: the role is %s again", n, a.Role)
				}
			}
		}
	})
}

// The first shop, its owner and the end of the link are one: whatever breaks off in between,
// nothing is half there, and the link goes on.
func TestTheFirstShopIsWholeOrNotThere(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		b := open(t, st)
		token, err := b.staff.FirstLink(t.Context())
		b.do(err)
		n := staff.Newcomer{Name: "Alicia", Email: "alicia@example.com", Locale: "fr"}
		_, err = b.staff.Found(t.Context(), token, "Thé Vert", n, "motdepasse1")
		b.wants(err, "easy_password")
		f, err := b.staff.Found(t.Context(), token, "Thé Vert", n, password)
		b.do(err)
		killed := errors.New("killed")
		_, err = b.office.CreateShop(t.Context(), "Thé Vert", "EUR", "Europe/Paris", f.In, func(context.Context, *store.Tx, *loyalty.Shop) error { return killed })
		if !errors.Is(err, killed) {
			t.Fatal(err)
		}
		_, err = b.office.LiveShop(t.Context(), "the-vert")
		b.wants(err, "shop_unknown")
		b.do(b.staff.First(t.Context(), token))

		other, err := b.staff.Found(t.Context(), token, "Thé Noir", n, password) // a second tab
		b.do(err)
		f, err = b.staff.Found(t.Context(), token, "Thé Vert", n, password)
		b.do(err)
		made, err := b.office.CreateShop(t.Context(), "Thé Vert", "EUR", "Europe/Paris", f.In)
		b.do(err)
		_, err = b.office.CreateShop(t.Context(), "Thé Noir", "EUR", "Europe/Paris", other.In)
		b.wants(err, "link_used")
		_, err = b.office.LiveShop(t.Context(), "the-noir")
		b.wants(err, "shop_unknown")
		list, err := b.staff.List(t.Context(), made.Live.ID)
		b.do(err)
		if len(list) != 1 || list[0].Role != staff.Owner {
			t.Errorf("who works there: %+v", list)
		}
		// Killed before the answer: he signs in by what he chose.
		_, err = b.staff.SignIn(t.Context(), made.Live.ID, "alicia@example.com", password, place)
		b.wants(err, "")
	})
}
