package staff_test

import (
	"sync"
	"testing"

	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/staff"
	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
)

// A code opens once, and for a minute and a half; an older one than the last opens nothing (A9).
func TestACodeOpensOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		b := open(t, st)
		x, a := b.in("boss@example.com", staff.Owner)
		prove := func(code, want string) {
			t.Helper()
			b.wants(b.staff.Prove(t.Context(), x, code, place), want)
		}
		b.pass(10 * moment.Minute)
		for _, steps := range []int64{-3, -2, 2, 3} {
			prove(b.code(a, steps), "factor_wrong")
		}
		prove(b.code(a, 1), "") // a phone that is fast
		prove(b.code(a, 1), "factor_wrong")
		prove(b.code(a, 0), "factor_wrong") // seen over a shoulder, and older
		prove(b.code(a, -1), "factor_wrong")
		b.pass(moment.Minute)
		prove(" "+b.code(a, 0)[:3]+" "+b.code(a, 0)[3:], "") // as the phone shows it
		for _, none := range []string{"", "1", "0000000", "abcdef"} {
			prove(none, "factor_wrong")
		}
		lone := b.somebody("new@example.com", staff.Support)
		b.wants(b.staff.Prove(t.Context(), lone, "000000", place), "factor_missing")
	})
}

// A hundred wrong codes: each waits longer, a quarter of an hour at most, and the right one
// opens afterwards (P7). All at once they are no more than one after another.
func TestWrongCodesSlowDown(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		b := open(t, st)
		x, a := b.in("boss@example.com", staff.Owner)
		for n := range 100 {
			b.wants(b.staff.Prove(t.Context(), x, "x", place), "factor_wrong")
			wait := b.waits(x, place)
			if wait > 15*moment.Minute || n >= 5 && wait <= 0 {
				t.Fatalf("wrong code %d waits %v", n+1, wait)
			}
			if wait > 0 {
				b.wants(b.staff.Prove(t.Context(), x, b.code(a, 0), place), "wait")
				b.pass(wait)
			}
		}
		b.do(b.staff.Prove(t.Context(), x, b.code(a, 0), place))
		b.pass(moment.Minute)
		for range 5 { // those before the right one are forgotten
			b.wants(b.staff.Prove(t.Context(), x, "x", place), "factor_wrong")
		}
		b.do(b.staff.Prove(t.Context(), x, b.code(a, 0), place))

		var group sync.WaitGroup
		var mu sync.Mutex
		looked := 0
		for range 40 {
			y := *x
			group.Go(func() {
				err := b.staff.Prove(t.Context(), &y, "x", place)
				p, ok := err.(*loyalty.Problem) //nolint:errorlint // it is given as it is
				mu.Lock()
				defer mu.Unlock()
				if !ok {
					t.Error(err)
				} else if p.Code == "factor_wrong" {
					looked++
				}
			})
		}
		group.Wait()
		if looked != 6 {
			t.Errorf("%d of 40 codes at once were looked at", looked)
		}
	})
}

// A password that is right does not open the way to more codes, nor forgets wrong ones.
func TestARightPasswordForgetsNoWrongCode(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		b := open(t, st)
		const email = "boss@example.com"
		b.in(email, staff.Owner)
		looked := 0
		for range 12 {
			secret, err := b.staff.SignIn(t.Context(), b.shop.ID, email, password, place)
			if err != nil {
				b.wants(err, "password_wrong")
				continue
			}
			if err := b.staff.Prove(t.Context(), b.session(secret), "x", place); err != nil {
				looked++
			}
		}
		if looked != 6 {
			t.Errorf("whoever has the password tried %d codes", looked)
		}
	})
}

// Who has a second factor changes it only after a proof.
func TestASecondFactorIsNotTakenOver(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		b := open(t, st)
		const email = "boss@example.com"
		x, _ := b.in(email, staff.Owner)
		secret, err := b.staff.SignIn(t.Context(), b.shop.ID, email, password, place)
		b.do(err)
		thief := b.session(secret)
		f, err := staff.NewFactor(thief.Account, b.shop.Name)
		b.do(err)
		mine := app{f.Secret}
		b.wants(b.staff.SetFactor(t.Context(), thief, mine.secret, b.code(mine, 0)), "prove_again")
		// A browser that came before he had one, and was left open.
		lone := b.somebody("wanda@example.com", staff.Support)
		secret, err = b.staff.SignIn(t.Context(), b.shop.ID, "wanda@example.com", password, place)
		b.do(err)
		left := b.session(secret)
		f, err = staff.NewFactor(lone.Account, b.shop.Name)
		b.do(err)
		b.do(b.staff.SetFactor(t.Context(), lone, f.Secret, b.code(app{f.Secret}, 0)))
		b.wants(b.staff.SetFactor(t.Context(), left, mine.secret, b.code(mine, 0)), "prove_again")
		b.pass(16 * moment.Minute)
		b.wants(b.staff.SetFactor(t.Context(), x, mine.secret, b.code(mine, 0)), "prove_again")
		for _, bad := range []string{"", "AAAA", "not base 32", mine.secret + mine.secret} {
			b.wants(b.staff.SetFactor(t.Context(), left, bad, "000000"), "factor_wrong")
		}
	})
}
