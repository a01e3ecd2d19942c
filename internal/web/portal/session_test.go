package portal_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
)

// session is the cookie of a browser's session; empty when it has none.
func (b *browser) session() string {
	at, err := url.Parse(b.server.URL)
	if err != nil {
		b.t.Fatal(err)
	}
	for _, c := range b.c.Jar.Cookies(at) {
		if strings.HasSuffix(c.Name, "-session") {
			return c.Name + "=" + c.Value
		}
	}
	return ""
}

// opens tells whether a session's cookie lets somebody in.
func (s *site) opens(cookie string) bool {
	r, err := http.NewRequestWithContext(s.t.Context(), "GET", s.server.URL+"/profile", nil)
	if err != nil {
		s.t.Fatal(err)
	}
	r.Header.Set("Cookie", cookie)
	resp, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		s.t.Fatal(err)
	}
	resp.Body.Close()
	return resp.StatusCode == http.StatusOK
}

// A session is made at signing in, never taken over; it ends with signing out, with signing in
// again, and everywhere else when its member says so (P6).
func TestASessionIsNobodyElses(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st)
		s.enrol("A1", "Camille", "camille@example.com")
		b := s.browser()
		at, _ := url.Parse(s.server.URL)
		b.signIn("camille@example.com")
		name, _, _ := strings.Cut(b.session(), "=")
		b.post("/sign-out")

		b.c.Jar.SetCookies(at, []*http.Cookie{{Name: name, Value: "planted", Path: "/"}})
		b.signIn("camille@example.com")
		first := b.session()
		if first == name+"=planted" || s.opens(name+"=planted") || !s.opens(first) {
			t.Errorf("a planted session is %s", first)
		}
		b.post("/sign-in", "email", "camille@example.com")
		b.post("/sign-in/code", "code", codeIn.FindString(s.letters("camille@example.com")[0].Text))
		second := b.session()
		if second == first || s.opens(first) || !s.opens(second) {
			t.Error("the earlier session of the same browser still opens")
		}
		other := s.browser()
		other.signIn("camille@example.com")
		third := other.session()
		b.post("/sign-out/others")
		if s.opens(third) || !s.opens(second) {
			t.Error("the other browser is still signed in")
		}
		b.post("/sign-out")
		if s.opens(second) {
			t.Error("the session outlives signing out")
		}
	})
}

// What a friend's page tells of its member is his first name (F12).
func TestAFriendsPageTellsAFirstName(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st)
		s.apply("program \"Invite\"\n  starts 2020-01-01\n  refer friend 5.00 EUR, referrer 10.00 EUR, on first order\n")
		s.enrol("A1", "Camille", "camille@example.com")
		b := s.browser()
		b.signIn("camille@example.com")
		share := b.get("/share").body
		_, code, _ := strings.Cut(share, "/i/")
		code, _, _ = strings.Cut(code, `"`)
		page := s.browser().get("/i/" + code)
		page.wants(t, 200, "Camille")
		for _, secret := range []string{"Dupont", "camille@example.com", "mem_", "A1"} {
			if strings.Contains(page.body, secret) {
				t.Errorf("it tells %s", secret)
			}
		}
	})
}
