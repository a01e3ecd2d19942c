package staff_test

import (
	"fmt"
	"strings"
	"testing"

	"cagnotte/internal/moment"
	"cagnotte/internal/staff"
	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
)

// A thousand wrong passwords from as many networks: few of them are looked at, and the browser
// that its owner sits before is asked for nothing more than ever (P7).
func TestAStrangersGuessesDoNotLockTheOwnerOut(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		b := open(t, st)
		b.staff.Cheap()
		const email = "boss@example.com"
		x, a := b.in(email, staff.Owner)
		known, err := b.staff.Know(t.Context(), x, "")
		b.do(err)
		stranger := func(n int) staff.From { return staff.From{Network: fmt.Sprintf("198.51.%d.%d/32", n/250, n%250)} }
		looked := 0
		for n := range 1000 {
			_, err := b.staff.SignIn(t.Context(), b.shop.ID, email, "not this one", stranger(n))
			b.wants(err, "password_wrong")
			// The right one is let in as long as guesses are looked at, and costs none.
			if n > 60 && n%50 != 0 {
				continue
			}
			if _, err = b.staff.SignIn(t.Context(), b.shop.ID, email, password, stranger(5000+n)); err == nil {
				looked++
			}
		}
		if looked < 5 || looked > 45 {
			t.Errorf("%d of a thousand guesses were looked at", looked)
		}
		home := staff.From{Browser: known, Network: "203.0.113.9/32"} // wherever he takes it
		come := func() *staff.Session {
			t.Helper()
			secret, err := b.staff.SignIn(t.Context(), b.shop.ID, email, password, home)
			b.do(err)
			return b.session(secret)
		}
		y := come()
		b.do(b.staff.Prove(t.Context(), y, b.code(a, 0), home))
		b.do(b.staff.SetPassword(t.Context(), y, b.shop.Name, password, "another lamp on a shelf", home))
		b.do(b.staff.SetPassword(t.Context(), y, b.shop.Name, "another lamp on a shelf", password, home))

		// A day of guesses is a hundred more.
		looked = 0
		for n := range 24 * 4 * 3 {
			b.pass(5 * moment.Minute)
			_, err := b.staff.SignIn(t.Context(), b.shop.ID, email, "not this one", stranger(n%10))
			b.wants(err, "password_wrong")
			if _, err = b.staff.SignIn(t.Context(), b.shop.ID, email, password, stranger(9000+n)); err == nil {
				looked++
			}
		}
		if looked > 110 {
			t.Errorf("%d guesses of a day were looked at", looked)
		}
		b.do(b.staff.Prove(t.Context(), come(), b.code(a, 0), home))

		// What is kept of it is little, and ends.
		b.do(b.staff.Sweep(t.Context(), b.shop.ID))
		if n := b.tries(); n < 2 || n > 300 {
			t.Errorf("%d rows of tries", n)
		}
		b.pass(3 * moment.Day)
		b.do(b.staff.Sweep(t.Context(), b.shop.ID))
		if n := b.tries(); n != 1 {
			t.Errorf("%d rows of tries after three days, want the known browser's", n)
		}
	})
}

// tries counts the rows of tries.
func (b *bench) tries() (n int) {
	b.Helper()
	b.do(b.st.Read(b.Context(), qTries, func(r store.Scanner) error { return r.Scan(&n) }, int64(b.shop.ID)))
	return n
}

var qTries = store.New("storetest.staff_tries", `SELECT COUNT(*) FROM staff_tries t WHERE t.shop_id = $1`)

// A known browser has few tries, too: whoever sits before it guesses no faster. What it keeps
// counts for its person alone, and what it kept before he came in again counts for nobody.
func TestAKnownBrowserHasTriesOfItsOwn(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		b := open(t, st)
		const email = "boss@example.com"
		x, a := b.in(email, staff.Owner)
		w, _ := b.in("wanda@example.com", staff.Support)
		first, err := b.staff.Know(t.Context(), x, "")
		b.do(err)
		again, err := b.staff.Know(t.Context(), x, first)
		b.do(err)
		both, err := b.staff.Know(t.Context(), w, again)
		b.do(err)
		if first == again || strings.Count(both, ".") != 1 || !strings.HasSuffix(both, again) {
			t.Fatalf("it keeps %q, then %q, then %q", first, again, both)
		}
		wrong := func(from staff.From, n int) {
			t.Helper()
			for range n {
				b.wants(b.staff.Prove(t.Context(), x, "x", from), "factor_wrong")
			}
		}
		wrong(place, 6)
		b.wants(b.staff.Prove(t.Context(), x, "x", place), "wait")
		b.wants(b.staff.Prove(t.Context(), x, "x", staff.From{Browser: first, Network: place.Network}), "wait")   // of before
		b.wants(b.staff.Prove(t.Context(), x, "x", staff.From{Browser: "a.b.c", Network: place.Network}), "wait") // made up
		home := staff.From{Browser: both, Network: place.Network}
		wrong(home, 6)
		b.wants(b.staff.Prove(t.Context(), x, b.code(a, 0), home), "wait")
		b.do(b.staff.Prove(t.Context(), x, b.code(a, 0), staff.From{Network: "192.0.2.2/32"})) // nor is another place shut by that
		b.pass(moment.Minute)
		b.do(b.staff.Prove(t.Context(), x, b.code(a, 0), home))

		// A new link makes all of it worthless.
		b.somebody("second@example.com", staff.Owner)
		token, err := b.staff.Renew(t.Context(), b.shop.ID, x.ID)
		b.do(err)
		_, err = b.staff.Accept(t.Context(), b.shop, token, password, "fr")
		b.do(err)
		for range 6 {
			_, err = b.staff.SignIn(t.Context(), b.shop.ID, email, "not this one", staff.From{Browser: both, Network: "192.0.2.3/32"})
			b.wants(err, "password_wrong")
		}
		_, err = b.staff.SignIn(t.Context(), b.shop.ID, email, password, staff.From{Network: "192.0.2.3/32"})
		b.wants(err, "password_wrong") // they were counted as a network's
	})
}
