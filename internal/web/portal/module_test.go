package portal_test

import (
	"strings"
	"testing"

	"cagnotte/internal/loyalty"
	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
)

func TestAModuleThatIsOffIsNotInThePortal(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st)
		s.enrol("A1", "Camille", "camille@example.com")
		b := s.browser()
		b.signIn("camille@example.com")
		b.get("/").wants(t, 200, `href="/share"`, `href="/gifts"`)
		set := func(off ...string) {
			t.Helper()
			p, err := s.office.Portal(t.Context(), s.shop.ID)
			if err != nil {
				t.Fatal(err)
			}
			p.Off = off
			if err := s.office.SetPortal(t.Context(), s.shop.ID, p); err != nil {
				t.Fatal(err)
			}
		}
		set(loyalty.ModuleReferral, loyalty.ModuleGifts, loyalty.ModulePages)
		for _, path := range []string{"/share", "/share/qr.png", "/friends", "/invite", "/i/XXXXXXX", "/gifts", "/gifts/PEN", "/pages/how-it-works"} {
			b.get(path).wants(t, 404)
		}
		home := b.get("/")
		home.wants(t, 200)
		for _, x := range []string{`href="/share"`, `href="/gifts"`, `href="/friends"`, "/i/"} {
			if strings.Contains(home.body, x) {
				t.Error("the first page still has", x)
			}
		}
		b.get("/profile").wants(t, 200)
		set()
		b.get("/").wants(t, 200, `href="/share"`, `href="/gifts"`)
		b.get("/share").wants(t, 200)
	})
}
