package portal_test

import (
	"net/http"
	"strings"
	"testing"

	"cagnotte/internal/loyalty"
	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
)

// Links in letters begin with the address of the settings, whatever a request says (P5).
func TestLettersKnowOneHost(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st)
		s.enrol("A1", "Camille", "camille@example.com")
		hosts := []string{"evil.example", "evil.example:80", "127.0.0.1.evil.example", "evil.example/x", "[::1]", "localhost", "EVIL.example", "a@evil.example"}
		sent := 0
		for _, h := range hosts {
			b := s.browser()
			r, _ := http.NewRequestWithContext(t.Context(), "POST", s.server.URL+"/sign-in", strings.NewReader("email=camille%40example.com"))
			r.Host = h
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.Header.Set("X-Forwarded-Host", h)
			r.Header.Set("Forwarded", "host="+h)
			r.Header.Set("Sec-Fetch-Site", "same-origin")
			resp, err := (&http.Client{Jar: b.c.Jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}).Do(r)
			if err != nil {
				continue // the client refuses to send it
			}
			resp.Body.Close()
			if strings.Contains(resp.Header.Get("Location"), "evil") {
				t.Errorf("%s leads to %s", h, resp.Header.Get("Location"))
			}
		}
		for _, l := range s.letters("camille@example.com") {
			sent++
			if strings.Contains(l.Text+l.HTML, "evil") || !strings.Contains(l.Text, s.server.URL+"/sign-in/") {
				t.Errorf("a letter leads astray:\n%s", l.Text)
			}
		}
		if sent < 3 {
			t.Errorf("only %d letters were looked at", sent)
		}
	})
}

// Another site's page can send no form of ours (P9).
func TestOtherSitesSendNothing(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st)
		s.enrol("A1", "Camille", "camille@example.com")
		b := s.browser()
		b.signIn("camille@example.com")
		for _, path := range []string{"/sign-in", "/sign-in/code", "/join", "/sign-out", "/sign-out/others", "/profile/pin", "/gifts/MUG",
			"/sign-in/passkey", "/sign-in/passkey/ask", "/profile/passkeys", "/profile/passkeys/ask", "/profile/passkeys/x/remove", "/gifts/MUG/passkey/ask"} {
			for _, from := range []map[string]string{{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "https://evil.example"}, {"Origin": "null"}} {
				r, _ := http.NewRequestWithContext(t.Context(), "POST", s.server.URL+path, strings.NewReader("email=a%40b.example"))
				r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
				for k, v := range from {
					r.Header.Set(k, v)
				}
				if g := b.do(r); g.StatusCode != http.StatusForbidden {
					t.Errorf("%s from %v: %d", path, from, g.StatusCode)
				}
			}
		}
		b.get("/profile").wants(t, 200, "Camille") // still signed in
	})
}

func TestTheLanguageLeadsNowhereElse(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st)
		for _, from := range []string{
			"https://evil.example/", "//evil.example/x", `/\evil.example`, "javascript:alert(1)", "http://127.0.0.1@evil.example/", "https:evil.example", "data:text/html,x",
		} {
			r, _ := http.NewRequestWithContext(t.Context(), "GET", s.server.URL+"/language/pl", nil)
			r.Header.Set("Referer", from)
			resp, err := http.DefaultTransport.RoundTrip(r)
			if err != nil {
				t.Fatal(err)
			}
			resp.Body.Close()
			if to := resp.Header.Get("Location"); to != "/" {
				t.Errorf("from %s it leads to %s", from, to)
			}
		}
	})
}

// Every page says what may run in it and who may keep it; cookies are for the server alone (P11, P13).
func TestHeadersAndCookies(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st)
		s.enrol("A1", "Camille", "camille@example.com")
		b := s.browser()
		b.signIn("camille@example.com")
		seen := 0
		for _, path := range []string{"/", "/history", "/gifts", "/share", "/profile", "/profile/pin", "/profile/passkeys", "/nothing", "/gifts/NONE"} {
			g := b.get(path)
			if path == "/nothing" {
				continue // the API's own answer
			}
			seen++
			csp := g.Header.Get("Content-Security-Policy")
			if !strings.Contains(csp, "default-src 'none'") || strings.Contains(csp, "unsafe") || g.Header.Get("Cache-Control") != "no-store" || g.Header.Get("X-Content-Type-Options") != "nosniff" {
				t.Errorf("%s: %v", path, g.Header)
			}
			for _, inline := range []string{" style=", " onclick=", "<style", "javascript:", " hx-on"} {
				if strings.Contains(g.body, inline) {
					t.Errorf("%s has %s", path, inline)
				}
			}
		}
		if seen < 7 {
			t.Errorf("%d pages", seen)
		}
		s.look(func(p *loyalty.Portal) { p.Base = "https://club.example" })
		r, _ := http.NewRequestWithContext(t.Context(), "POST", s.server.URL+"/sign-in", strings.NewReader("email=x%40example.com"))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		resp, err := http.DefaultTransport.RoundTrip(r)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if len(resp.Cookies()) != 2 {
			t.Fatalf("cookies: %v", resp.Cookies())
		}
		for _, c := range resp.Cookies() {
			if !strings.HasPrefix(c.Name, "__Host-") || !c.Secure || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" {
				t.Errorf("cookie %v", c)
			}
		}
	})
}

// Two shops on one server are two worlds (P1).
func TestShopsStayApart(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st)
		s.enrol("A1", "Camille", "camille@example.com")
		made, err := s.office.CreateShop(t.Context(), "Autre", "EUR", "Europe/Paris")
		if err != nil {
			t.Fatal(err)
		}
		p := loyalty.NewPortal()
		p.On, p.Base = true, s.server.URL+"/p/"+made.Live.Slug
		if err := s.office.SetPortal(t.Context(), made.Live.ID, p); err != nil {
			t.Fatal(err)
		}
		b := s.browser()
		b.signIn("camille@example.com")
		b.get("/p/"+made.Live.Slug).wants(t, 200, "Autre", "Sign in")
		b.get("/p/"+made.Live.Slug+"/profile").wants(t, 200, "E-mail address")
		b.get("/p/"+s.shop.Slug).wants(t, 200, "Camille")
		b.get("/p/no-such-shop").wants(t, 404)
		b.post("/p/"+made.Live.Slug+"/sign-in", "email", "camille@example.com")
		if n := len(s.letters("camille@example.com")); n != 1 {
			t.Errorf("%d letters of the first shop, want 1", n)
		}
	})
}
