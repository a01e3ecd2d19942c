package office_test

import (
	"log/slog"
	"sync"
	"sync/atomic"
	"testing"

	"cagnotte/internal/intake"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/office"
	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
)

// A shop's portal is kept in memory: who changes it sees that at once, another process within
// a second, and what did not change stays the same pointer.
func TestPortalsAreRemembered(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		wall, ahead := st.Clock, &atomic.Int64{}
		st.Clock = func() moment.Time { return wall() + moment.Time(ahead.Load()) }
		a, _, made := setup(t, st)
		in := intake.New(st, storetest.Box(t), slog.New(slog.DiscardHandler), intake.Options{})
		t.Cleanup(in.Close)
		b := office.New(st, in)
		set := func(hue int) {
			t.Helper()
			p, err := a.Portal(t.Context(), made.Live.ID)
			if err != nil {
				t.Fatal(err)
			}
			p.On, p.Base, p.Hue = true, "https://club.example", hue
			if err := a.SetPortal(t.Context(), made.Live.ID, p); err != nil {
				t.Fatal(err)
			}
		}
		at := func(o *office.Office) (*loyalty.Shop, *loyalty.Portal) {
			t.Helper()
			for _, x := range [][2]string{{"CLUB.example", ""}, {"other.example", ""}, {"", "the-oeufs"}} {
				if _, _, err := o.PortalAt(t.Context(), x[0], x[1]); err != nil {
					t.Fatalf("%q: %v", x, err)
				}
			}
			s, p, err := o.PortalAt(t.Context(), "club.example", "")
			if err != nil {
				t.Fatal(err)
			}
			return s, p
		}
		if _, _, err := b.PortalAt(t.Context(), "club.example", ""); code(err) != "portal_unknown" {
			t.Errorf("a portal that nobody set up: %v", err)
		}
		set(10)
		ahead.Add(int64(moment.Second))
		if _, p := at(a); p.Hue != 10 {
			t.Error("not seen where it was changed")
		}
		shop, look := at(b)
		if look.Hue != 10 {
			t.Error("not seen by another process")
		}
		ahead.Add(int64(moment.Minute))
		if s, p := at(b); s != shop || p != look {
			t.Error("what did not change is another pointer")
		}
		set(20)
		if _, p := at(a); p.Hue != 20 {
			t.Error("a change is not seen at once")
		}
		if _, p := at(b); p.Hue != 10 {
			t.Error("another process asks the database each time")
		}
		ahead.Add(int64(moment.Second))
		if s, p := at(b); s != shop || p.Hue != 20 {
			t.Error("another process does not see it after a second")
		}
		if err := a.Rename(t.Context(), made.Live.ID, "Thé"); err != nil {
			t.Fatal(err)
		}
		if s, _ := at(a); s.Name != "Thé" {
			t.Error("a new name is not seen at once")
		}
		if _, _, err := a.RemoveShop(t.Context(), "the-oeufs", "the-oeufs"); err != nil {
			t.Fatal(err)
		}
		if _, _, err := a.PortalAt(t.Context(), "club.example", ""); code(err) != "portal_unknown" {
			t.Errorf("a shop that was removed: %v", err)
		}
		ahead.Add(int64(moment.Second))
		if _, _, err := b.PortalAt(t.Context(), "", "the-oeufs"); code(err) != "shop_unknown" {
			t.Errorf("a shop that was removed elsewhere: %v", err)
		}
	})
}

// Whoever reads while somebody changes does not bring back what was.
func TestAPortalIsNotForgottenForAReader(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		o, _, made := setup(t, st)
		p, err := o.Portal(t.Context(), made.Live.ID)
		if err != nil {
			t.Fatal(err)
		}
		p.On, p.Base = true, "https://club.example"
		var group sync.WaitGroup
		var end atomic.Bool
		for range 4 {
			group.Go(func() {
				for !end.Load() {
					_, _, _ = o.PortalAt(t.Context(), "club.example", "") // there is none at first
				}
			})
		}
		for n := range 60 {
			p.Hue = n
			if err := o.SetPortal(t.Context(), made.Live.ID, p); err != nil {
				t.Error(err)
			}
			if _, got, err := o.PortalAt(t.Context(), "club.example", ""); err != nil || got.Hue != n {
				t.Errorf("after hue %d was set: %+v %v", n, got, err)
			}
		}
		end.Store(true)
		group.Wait()
	})
}
