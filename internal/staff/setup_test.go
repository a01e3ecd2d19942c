package staff_test

import (
	"errors"
	"log/slog"
	"sync/atomic"
	"testing"

	"cagnotte/internal/intake"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/office"
	"cagnotte/internal/staff"
	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
)

// bench is a shop whose staff is tried, with a clock that the test moves.
type bench struct {
	*testing.T
	st     *store.Store
	office *office.Office
	staff  *staff.Staff
	shop   *loyalty.Shop
	ahead  atomic.Int64
}

func open(t *testing.T, st *store.Store) *bench {
	t.Helper()
	b := &bench{T: t, st: st}
	from := st.Clock()
	st.Clock = func() moment.Time { return from + moment.Time(b.ahead.Load()) }
	box := storetest.Box(t)
	in := intake.New(st, box, slog.New(slog.DiscardHandler), intake.Options{})
	t.Cleanup(in.Close)
	b.office, b.staff = office.New(st, in), staff.New(st, box)
	made, err := b.office.CreateShop(t.Context(), "Maison Lavande", "EUR", "Europe/Paris")
	b.do(err)
	b.shop = made.Live
	return b
}

func (b *bench) do(err error) {
	b.Helper()
	if err != nil {
		b.Fatal(err)
	}
}

func (b *bench) pass(d moment.Time) { b.ahead.Add(int64(d)) }

// wants fails unless an error is the problem of a code; empty: none.
func (b *bench) wants(err error, code string) {
	b.Helper()
	got := ""
	if p, ok := errors.AsType[*loyalty.Problem](err); ok {
		got = p.Code
	} else if err != nil {
		got = err.Error()
	}
	if got != code {
		b.Errorf("%q, want %q", got, code)
	}
}

const password = "lavender in the evening"

// place is where who is tried comes from, unless a test says otherwise.
var place = staff.From{Network: "192.0.2.1/32"}

// somebody is invited, and has chosen his password.
func (b *bench) somebody(email string, r staff.Role) *staff.Session {
	b.Helper()
	_, token, err := b.staff.Invite(b.Context(), b.shop.ID, staff.Newcomer{Name: "Somebody", Email: email, Role: r})
	b.do(err)
	secret, err := b.staff.Accept(b.Context(), b.shop, token, password, "fr")
	b.do(err)
	return b.session(secret)
}

// session is the one of a secret; it fails when there is none.
func (b *bench) session(secret string) *staff.Session {
	b.Helper()
	x, err := b.staff.Session(b.Context(), b.shop.ID, secret)
	b.do(err)
	if x == nil {
		b.Fatal("nobody is signed in")
	}
	return x
}

// over fails when a secret opens something.
func (b *bench) over(secret, why string) {
	b.Helper()
	x, err := b.staff.Session(b.Context(), b.shop.ID, secret)
	b.do(err)
	if x != nil {
		b.Errorf("%s: the session goes on", why)
	}
}

// waits is how long somebody has to wait for his next try from somewhere.
func (b *bench) waits(x *staff.Session, from staff.From) moment.Time {
	b.Helper()
	wait, err := b.staff.WaitFrom(b.Context(), x, from)
	b.do(err)
	return wait
}

// app is somebody's phone.
type app struct{ secret string }

func (b *bench) code(a app, steps int64) string {
	b.Helper()
	code, err := staff.Code(a.secret, (b.st.Clock() + moment.Time(steps)*30*moment.Second).Std())
	b.do(err)
	return code
}

// in is somebody who has set up his second factor, and is in.
func (b *bench) in(email string, r staff.Role) (*staff.Session, app) {
	b.Helper()
	x := b.somebody(email, r)
	f, err := staff.NewFactor(x.Account, b.shop.Name)
	b.do(err)
	a := app{f.Secret}
	b.do(b.staff.SetFactor(b.Context(), x, a.secret, b.code(a, 0)))
	b.pass(moment.Minute) // that code is used
	return x, a
}

// comes is a further browser in which he signs in.
func (b *bench) comes(email string, a app) *staff.Session {
	b.Helper()
	secret, err := b.staff.SignIn(b.Context(), b.shop.ID, email, password, place)
	b.do(err)
	x := b.session(secret)
	b.do(b.staff.Prove(b.Context(), x, b.code(a, 0), place))
	b.pass(moment.Minute)
	return x
}
