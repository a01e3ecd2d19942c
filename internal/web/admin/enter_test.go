package admin_test

import (
	"html"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"cagnotte/internal/staff"
	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
)

var (
	secretIn = regexp.MustCompile(`name="secret" value="(\w+)"`)
	keptIn   = regexp.MustCompile(`name="kept" value="([^"]+)"`)
)

// codeNow is what somebody's phone shows at the store's time, some steps of 30 seconds later.
func (s *site) codeNow(secret string, steps int) string {
	s.t.Helper()
	code, err := staff.Code(secret, s.st.Clock().Std().Add(time.Duration(steps)*30*time.Second))
	if err != nil {
		s.t.Fatal(err)
	}
	return code
}

const password = "lavender in the evening"

// The first run: a link that works once, a shop, an owner, a second factor, the dashboard.
func TestTheFirstShopIsMadeByALink(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st)
		token, err := s.staff.FirstLink(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		b := s.browser()
		at := "/admin/start/" + token
		b.get(at).wants(t, http.StatusOK, "Your shop in a minute")
		bad := b.post(at, "shop", "Maison Lavande", "currency", "EUR", "zone", "Europe/Paris", "person", "Alicia", "email", "alicia@example.com", "password", "password1")
		bad.wants(t, http.StatusUnprocessableEntity, "first that a thief would try", `value="Maison Lavande"`, `value="alicia@example.com"`)
		g := b.post(at, "shop", "Maison Lavande", "currency", "EUR", "zone", "Europe/Paris", "person", "Alicia", "email", "alicia@example.com", "password", password)
		g.wants(t, http.StatusOK, "Protect your access")
		secret := secretIn.FindStringSubmatch(g.body)[1]
		b.get("/admin").wants(t, http.StatusOK, "Protect your access") // nothing before the second factor
		b.post("/admin/factor", "secret", secret, "code", "000000").wants(t, http.StatusUnprocessableEntity, "not right")
		b.post("/admin/factor", "secret", secret, "code", s.codeNow(secret, 0)).wants(t, http.StatusOK, "Your first program")
		s.browser().get(at).wants(t, http.StatusNotFound, "opens nothing any more")
		s.shop, err = s.office.LiveShop(t.Context(), "")
		if err != nil {
			t.Fatal(err)
		}
		if list := s.deeds(s.shop); len(list) != 2 || list[1].Action != "POST /start/{token}" || list[0].Action != "POST /factor" {
			t.Errorf("the record says %+v", list)
		}

		// Who comes again gives both; a code that was used opens nothing.
		c := s.browser()
		c.post("/admin/sign-in", "email", "alicia@example.com", "password", "lavender in the morning").wants(t, http.StatusUnprocessableEntity, "not right")
		c.post("/admin/sign-in", "email", "nobody@example.com", "password", password).wants(t, http.StatusUnprocessableEntity, "not right")
		c.post("/admin/sign-in", "email", "alicia@example.com", "password", password).wants(t, http.StatusOK, "Confirm that it is you")
		c.post("/admin/second", "code", s.codeNow(secret, 0)).wants(t, http.StatusUnprocessableEntity, "used already")
		c.post("/admin/second", "code", s.codeNow(secret, 1)).wants(t, http.StatusOK, "Your first program")
	})
}

// A form that is sent when the session is over waits, and is sent by one button.
func TestAFormWaitsForWhoHasToComeInAgain(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st).withShop()
		_, token, err := s.staff.Invite(t.Context(), s.shop.ID, staff.Newcomer{Name: "Boss", Email: "boss@example.com", Role: staff.Owner})
		if err != nil {
			t.Fatal(err)
		}
		b := s.browser()
		g := b.post("/admin/join/"+s.shop.Slug+"/"+token, "password", password)
		secret := secretIn.FindStringSubmatch(g.body)[1]
		b.post("/admin/factor", "secret", secret, "code", s.codeNow(secret, 0)).wants(t, http.StatusOK, "Your first program")

		late := s.browser()
		g = late.post("/admin/people", "name", "Zoé Ćwik", "email", "zoe@example.com", "role", "support")
		g.wants(t, http.StatusUnauthorized, "What you typed is kept")
		kept := html.UnescapeString(keptIn.FindStringSubmatch(g.body)[1])
		late.post("/admin/sign-in", "email", "boss@example.com", "password", "no", "kept", kept).wants(t, http.StatusUnprocessableEntity, kept)
		late.post("/admin/sign-in", "email", "boss@example.com", "password", password, "kept", kept).wants(t, http.StatusOK, kept)
		g = late.post("/admin/second", "code", s.codeNow(secret, 1), "kept", kept)
		g.wants(t, http.StatusOK, "has waited", `value="Zoé Ćwik"`, `action="/admin/people"`)
		late.post("/admin/people", "name", "Zoé Ćwik", "email", "zoe@example.com", "role", "support").wants(t, http.StatusOK, "Zoé Ćwik", "/admin/join/maison-lavande/")
		late.post("/admin/second", "code", "1", "kept", "forged").wants(t, http.StatusUnprocessableEntity)
	})
}

// Two owners who take each other out at the same time: one stays.
func TestAShopKeepsAnOwner(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st).withShop()
		a, err := s.staff.List(t.Context(), s.shop.ID)
		if err != nil {
			t.Fatal(err)
		}
		b := s.as(staff.Owner)
		b.post("/admin/people/"+a[0].ID.String()+"/remove").wants(t, http.StatusUnprocessableEntity, "keeps at least one owner")
		b.post("/admin/people/"+a[0].ID.String()+"/role", "role", "support").wants(t, http.StatusUnprocessableEntity, "keeps at least one owner")
		if err := s.staff.SetRole(t.Context(), s.shop.ID, a[1].ID, staff.Owner); err != nil {
			t.Fatal(err)
		}
		errs := make(chan error, 2)
		for _, x := range a[:2] {
			go func() { errs <- s.staff.Remove(t.Context(), s.shop.ID, x.ID) }()
		}
		failures := 0
		for range 2 {
			if err := <-errs; err != nil {
				if failures++; !strings.Contains(err.Error(), "last_owner") {
					t.Error(err)
				}
			}
		}
		if failures != 1 {
			t.Errorf("%d of two were refused", failures)
		}
	})
}
