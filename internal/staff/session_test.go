package staff_test

import (
	"testing"

	"cagnotte/internal/moment"
	"cagnotte/internal/staff"
	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
)

// A session gets another secret when the second factor is proved, so that whoever saw or
// planted the one of before has nothing (P6).
func TestASessionChangesItsSecretWithEachProof(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		b := open(t, st)
		x := b.somebody("boss@example.com", staff.Owner)
		begun := x.Secret()
		f, err := staff.NewFactor(x.Account, b.shop.Name)
		b.do(err)
		a := app{f.Secret}
		b.do(b.staff.SetFactor(t.Context(), x, a.secret, b.code(a, 0)))
		b.over(begun, "the second factor was set up")
		if s := b.session(x.Secret()); !s.In() {
			t.Error("who has set it up is not in")
		}
		b.pass(moment.Minute)

		secret, err := b.staff.SignIn(t.Context(), b.shop.ID, "boss@example.com", password, place)
		b.do(err)
		y := b.session(secret)
		if y.In() || secret == x.Secret() {
			t.Error("a password is enough")
		}
		b.do(b.staff.Prove(t.Context(), y, b.code(a, 0), place))
		b.over(secret, "the second factor was proved")
		if s := b.session(y.Secret()); !s.In() || s.CreatedAt != y.CreatedAt {
			t.Error("who has proved it is not in, or begins anew")
		}
		b.session(x.Secret()) // his other browser goes on

		b.pass(moment.Minute)
		thief := b.session(y.Secret()) // a copy of the cookie
		b.do(b.staff.Prove(t.Context(), y, b.code(a, 0), place))
		b.over(thief.Secret(), "he has proved himself again")
		b.pass(moment.Minute)
		b.wants(b.staff.Prove(t.Context(), thief, b.code(a, 0), place), "session_over")
	})
}

// What somebody may do, and what he knows, ends what was opened before (P6).
func TestOtherSessionsEnd(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		b := open(t, st)
		b.in("boss@example.com", staff.Owner)
		const email = "wanda@example.com"
		x, a := b.in(email, staff.Support)

		here, there := b.comes(email, a), b.comes(email, a)
		b.wants(b.staff.SetPassword(t.Context(), here, b.shop.Name, "not the old one", "another lamp on a shelf", place), "old_password_wrong")
		b.session(there.Secret())
		b.do(b.staff.SetPassword(t.Context(), here, b.shop.Name, password, "another lamp on a shelf", place))
		b.session(here.Secret())
		b.over(there.Secret(), "another password")
		b.over(x.Secret(), "another password")
		_, err := b.staff.SignIn(t.Context(), b.shop.ID, email, password, place)
		b.wants(err, "password_wrong")
		b.do(b.staff.SetPassword(t.Context(), here, b.shop.Name, "another lamp on a shelf", password, place))

		there = b.comes(email, a)
		b.do(b.staff.LeaveOthers(t.Context(), there))
		b.over(here.Secret(), "signed out elsewhere")
		b.session(there.Secret())

		b.do(b.staff.SetRole(t.Context(), b.shop.ID, x.ID, staff.Marketing))
		b.over(there.Secret(), "another role")

		here, there = b.comes(email, a), b.comes(email, a)
		f, err := staff.NewFactor(here.Account, b.shop.Name)
		b.do(err)
		old, a := a, app{f.Secret}
		b.do(b.staff.SetFactor(t.Context(), here, a.secret, b.code(a, 0)))
		b.over(there.Secret(), "another phone")
		b.pass(moment.Minute)
		b.wants(b.staff.Prove(t.Context(), here, b.code(old, 0), place), "factor_wrong")

		b.pass(15 * moment.Minute) // the wrong code is forgotten
		here = b.comes(email, a)
		token, err := b.staff.Renew(t.Context(), b.shop.ID, x.ID)
		b.do(err)
		b.over(here.Secret(), "a new link")
		_, err = b.staff.SignIn(t.Context(), b.shop.ID, email, password, place)
		b.wants(err, "password_wrong")
		secret, err := b.staff.Accept(t.Context(), b.shop, token, password, "pl")
		b.do(err)
		if b.session(secret).Factor {
			t.Error("the lost phone still counts")
		}
		b.do(b.staff.Remove(t.Context(), b.shop.ID, x.ID))
		b.over(secret, "removed")
	})
}

// A session ends after half an hour without use, and after twelve hours however it is used (A9).
func TestSessionsEnd(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		b := open(t, st)
		const email = "boss@example.com"
		_, a := b.in(email, staff.Owner)
		idle := b.comes(email, a)
		b.pass(28 * moment.Minute) // and the minute of coming in
		b.session(idle.Secret())
		b.pass(31 * moment.Minute)
		b.over(idle.Secret(), "31 idle minutes")

		used := b.comes(email, a)
		b.pass(-moment.Minute)
		for n := range 36 { // each 20 minutes
			if b.session(used.Secret()).CreatedAt != used.CreatedAt {
				t.Fatal(n)
			}
			b.pass(20 * moment.Minute)
		}
		b.over(used.Secret(), "twelve hours")

		fresh := b.comes(email, a)
		b.pass(13 * moment.Minute)
		if !b.staff.Fresh(b.session(fresh.Secret())) {
			t.Error("a proof of fourteen minutes ago is not fresh")
		}
		b.pass(2 * moment.Minute)
		if b.staff.Fresh(b.session(fresh.Secret())) {
			t.Error("a proof of sixteen minutes ago is fresh")
		}
		b.do(b.staff.Prove(t.Context(), fresh, b.code(a, 0), place))
		if !b.staff.Fresh(b.session(fresh.Secret())) {
			t.Error("a proof of now is not fresh")
		}
	})
}
