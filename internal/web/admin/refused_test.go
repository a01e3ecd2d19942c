package admin_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"cagnotte/internal/id"
	"cagnotte/internal/moment"
	"cagnotte/internal/staff"
	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
)

// What somebody was refused leaves a record with why, and nothing of what he sent; a stranger
// leaves none (A5).
func TestARefusedDeedLeavesARecord(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		pass := clocked(st)
		s := open(t, st).withShop()
		refused := func() []staff.Done {
			t.Helper()
			list, err := s.staff.Deeds(t.Context(), s.shop.ID, s.shop.ID, staff.About{Outcome: staff.Refused}, id.Audit{}, 1000)
			if err != nil {
				t.Fatal(err)
			}
			return list
		}
		stranger := s.browser()
		for range 5 {
			stranger.post("/admin/people", "name", "Eve", "email", "eve@example.com", "role", "owner").wants(t, http.StatusUnauthorized)
			stranger.post("/admin/sign-in", "email", "owner@example.com", "password", "no").wants(t, http.StatusUnprocessableEntity)
			stranger.post("/admin/second", "code", "1").wants(t, http.StatusUnauthorized)
			stranger.post("/admin/start/X").wants(t, http.StatusNotFound)
		}
		if list := refused(); len(list) != 0 {
			t.Fatalf("a stranger left %+v", list)
		}
		all, err := s.staff.List(t.Context(), s.shop.ID)
		if err != nil {
			t.Fatal(err)
		}
		owner, support := s.as(staff.Owner), s.as(staff.Support)
		own := all[slices.IndexFunc(all, func(a staff.Account) bool { return a.Role == staff.Owner })].ID.String()
		for _, c := range []struct {
			b             *browser
			wait          moment.Time
			path          string
			status        int
			route, object string
			why           string
		}{
			{support, 0, "/admin/people/" + own + "/role", http.StatusNotFound, "POST /people/{id}/role", own, "role_may_not"},
			{support, 0, "/admin/people/eve@example.com/role", http.StatusNotFound, "POST /people/{id}/role", "", "role_may_not"},
			{owner, 0, "/admin/people/" + own + "/remove", http.StatusUnprocessableEntity, "POST /people/{id}/remove", own, "last_owner"},
			{owner, 0, "/admin/people/" + own + "/role", http.StatusUnprocessableEntity, "POST /people/{id}/role", own, "last_owner"},
			{owner, 0, "/admin/people", http.StatusUnprocessableEntity, "POST /people", "", "staff_known"},
			{owner, 16 * moment.Minute, "/admin/people", http.StatusUnauthorized, "POST /people", "", "prove_again"},
		} {
			pass(c.wait + moment.Second)
			before := len(refused())
			c.b.post(c.path, "name", "Eve Secret", "email", "owner@example.com", "role", "support").wants(t, c.status)
			list := refused()
			if len(list) != before+1 {
				t.Fatalf("%s left %d records", c.path, len(list)-before)
			}
			if d := list[0]; d.Action != c.route || d.Object != c.object || d.Refused != c.why || d.Network == "" || len(d.Detail) != 0 || strings.Contains(fmt.Sprint(d), "Eve") {
				t.Errorf("%s left %+v", c.path, d)
			}
		}
		token, err := s.staff.EnterLink(t.Context(), s.shop.ID, "owner@example.com")
		if err != nil {
			t.Fatal(err)
		}
		owner.post("/admin/enter/"+s.shop.Slug+"/"+token).wants(t, http.StatusOK)
		page := owner.get("/admin/journal/deeds?only=refused")
		page.wants(t, http.StatusOK, "Refused", "The role may not do this.", "keeps at least one owner", "Without a recent confirmation", `aria-current="true">Refused`)
		if strings.Contains(page.body, "Came in by a link") {
			t.Error("what was done stands among what was refused")
		}
		done := owner.get("/admin/journal/deeds?only=done")
		done.wants(t, http.StatusOK, "Came in by a link")
		if strings.Contains(done.body, "The role may not") {
			t.Error("what was refused stands among what was done")
		}
		owner.get("/admin/journal/deeds?only=nonsense").wants(t, http.StatusOK, "Came in by a link", "The role may not do this.")

		// However often he tries, an hour has sixty.
		for range 80 {
			support.post("/admin/people/"+own+"/role", "role", "owner").wants(t, http.StatusNotFound)
		}
		mine := 0
		for _, d := range refused() {
			if d.Name == "Somebody support" {
				mine++
			}
		}
		if mine != 60 {
			t.Errorf("%d refusals of one person", mine)
		}
	})
}

// What was chosen on the page of languages stays with the account; a page of somebody else's
// that leads there changes it for nobody.
func TestALanguageIsTheAccountsOwn(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st).withShop()
		choose := func(b *browser, from string) {
			t.Helper()
			r, _ := http.NewRequestWithContext(t.Context(), "GET", s.server.URL+"/admin/language/pl", nil)
			r.Header.Set("Sec-Fetch-Site", from)
			b.do(r).wants(t, http.StatusOK, `lang="pl"`)
		}
		choose(s.as(staff.Owner), "cross-site")
		s.as(staff.Owner).get("/admin/account").wants(t, http.StatusOK, `<html lang="en"`)
		choose(s.as(staff.Owner), "same-origin")
		s.as(staff.Owner).get("/admin/account").wants(t, http.StatusOK, `<html lang="pl"`)
		s.as(staff.Support).get("/admin/account").wants(t, http.StatusOK, `<html lang="en"`)
	})
}

// A browser in which somebody came in keeps that, and what strangers try elsewhere does not
// shut it.
func TestAKnownBrowserStaysOpen(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		pass := clocked(st)
		s := open(t, st).withShop()
		mine, secret := s.boss("boss@example.com")
		pass(moment.Minute)
		mine.post("/admin/sign-out").wants(t, http.StatusOK, "Sign in")
		stranger := s.browser() // behind the same address
		for range 7 {
			stranger.post("/admin/sign-in", "email", "boss@example.com", "password", "no").wants(t, http.StatusUnprocessableEntity, "not right")
		}
		stranger.post("/admin/sign-in", "email", "boss@example.com", "password", password).wants(t, http.StatusUnprocessableEntity, "not right")
		mine.post("/admin/sign-in", "email", "boss@example.com", "password", password).wants(t, http.StatusOK, "Confirm that it is you")
		mine.post("/admin/second", "code", s.codeNow(secret, 0)).wants(t, http.StatusOK, "Your first program")
	})
}
