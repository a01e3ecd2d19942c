package admin_test

import (
	"fmt"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"

	"cagnotte/internal/moment"
	"cagnotte/internal/staff"
	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
)

// boss is an owner who has come in as people do: by an invitation, a password and a second
// factor. It gives his browser and the secret of his app.
func (s *site) boss(email string) (b *browser, secret string) {
	s.t.Helper()
	_, token, err := s.staff.Invite(s.t.Context(), s.shop.ID, staff.Newcomer{Name: "Boss", Email: email, Role: staff.Owner})
	if err != nil {
		s.t.Fatal(err)
	}
	b = s.browser()
	g := b.post("/admin/join/"+s.shop.Slug+"/"+token, "password", password)
	secret = secretIn.FindStringSubmatch(g.body)[1]
	b.post("/admin/factor", "secret", secret, "code", s.codeNow(secret, 0)).wants(s.t, http.StatusOK)
	return b, secret
}

// clocked gives a store a clock that the test moves.
func clocked(st *store.Store) (pass func(moment.Time)) {
	from, ahead := st.Clock(), &atomic.Int64{}
	st.Clock = func() moment.Time { return from + moment.Time(ahead.Load()) }
	return func(d moment.Time) { ahead.Add(int64(d)) }
}

// session is the cookie of a browser's session.
func (b *browser) session() string {
	at, _ := url.Parse(b.server.URL + "/admin")
	for _, c := range b.c.Jar.Cookies(at) {
		if c.Name == "cagnotte-office" {
			return c.Value
		}
	}
	return ""
}

// with is a browser that carries somebody's cookie.
func (s *site) with(session string) *browser {
	b := s.browser()
	at, _ := url.Parse(s.server.URL + "/admin")
	b.c.Jar.SetCookies(at, []*http.Cookie{{Name: "cagnotte-office", Value: session, Path: "/admin"}})
	return b
}

// A session that somebody planted is not the one that is let in; what was copied before a proof
// opens nothing after it; signing out ends it on the server (P6).
func TestASessionIsNotPlantedNorStolen(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		pass := clocked(st)
		s := open(t, st).withShop()
		first, secret := s.boss("boss@example.com")
		pass(moment.Minute)

		mine := s.browser() // a thief's own session, begun and planted in somebody's browser
		mine.post("/admin/sign-in", "email", "boss@example.com", "password", password).wants(t, http.StatusOK)
		planted := mine.session()
		victim := s.with(planted)
		victim.post("/admin/sign-in", "email", "boss@example.com", "password", password).wants(t, http.StatusOK, "Confirm that it is you")
		begun := victim.session()
		if begun == planted || begun == "" {
			t.Fatal("the planted session was taken over")
		}
		s.with(planted).get("/admin/second").wants(t, http.StatusOK, "Sign in") // and is over
		victim.post("/admin/second", "code", s.codeNow(secret, 0)).wants(t, http.StatusOK, "Your first program")
		in := victim.session()
		if in == begun {
			t.Error("the session is the one of before the proof")
		}
		for name, old := range map[string]string{"planted": planted, "begun": begun, "nonsense": "1.x", "number": "99999999999999999999.x", "none": "."} {
			s.with(old).get("/admin/account").wants(t, http.StatusOK, "Sign in")
			if t.Failed() {
				t.Fatal(name)
			}
		}
		s.with(in).get("/admin/account").wants(t, http.StatusOK, "boss@example.com")

		pass(moment.Minute)
		victim.post("/admin/account/password", "old", password, "password", "another lamp on a shelf").wants(t, http.StatusOK, "is changed")
		first.get("/admin/account").wants(t, http.StatusOK, "Sign in")
		copied := victim.session()
		victim.post("/admin/sign-out").wants(t, http.StatusOK, "Sign in")
		s.with(copied).get("/admin/account").wants(t, http.StatusOK, "Sign in")

		// In his own browser, he signs the others out.
		one, two := s.as(staff.Support), s.as(staff.Support)
		one.post("/admin/sign-out/others").wants(t, http.StatusOK, "signed out")
		two.get("/admin/account").wants(t, http.StatusOK, "Sign in")
	})
}

// Who came in by a link has nothing to prove anew with: he is told to get another link, and
// nothing is promised to be kept.
func TestALinkIsNoSecondFactor(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		pass := clocked(st)
		s := open(t, st).withShop()
		b := s.as(staff.Owner)
		pass(16 * moment.Minute)
		g := b.post("/admin/settings/keys", "name", "till", "scopes", "till")
		g.wants(t, http.StatusUnauthorized, "a link opens once", "cagnotte staff link")
		if strings.Contains(g.body, "What you typed is kept") || strings.Contains(g.body, "<input") {
			t.Error("it asks for what he does not have")
		}
	})
}

// Half an hour without use, twelve hours at most, and a proof of the last quarter of an hour
// for what makes secrets (A9).
func TestWhoIsAwayHasToComeInAgain(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		pass := clocked(st)
		s := open(t, st).withShop()
		b, secret := s.boss("boss@example.com")
		b.post("/admin/settings/keys", "name", "web shop", "scopes", "read").wants(t, http.StatusOK, "cag_live_")
		pass(16 * moment.Minute)
		b.get("/admin/settings/keys").wants(t, http.StatusOK, "web shop")
		g := b.post("/admin/settings/keys", "name", "till", "scopes", "till")
		g.wants(t, http.StatusUnauthorized, "Confirm that it is you", "What you typed is kept")
		if strings.Contains(g.body, "cag_live_") {
			t.Error("a key was made without a fresh proof")
		}
		kept := keptOf(g)
		b.post("/admin/second", "code", s.codeNow(secret, 0), "kept", kept).wants(t, http.StatusOK, "has waited", `value="till"`)
		b.post("/admin/settings/keys", "name", "till", "scopes", "till").wants(t, http.StatusOK, "cag_live_")

		pass(29 * moment.Minute)
		b.get("/admin/account").wants(t, http.StatusOK, "boss@example.com")
		pass(31 * moment.Minute)
		b.get("/admin/account").wants(t, http.StatusOK, "Sign in")

		b.post("/admin/sign-in", "email", "boss@example.com", "password", password)
		b.post("/admin/second", "code", s.codeNow(secret, 0)).wants(t, http.StatusOK)
		for range 35 {
			pass(20 * moment.Minute)
			b.get("/admin/account").wants(t, http.StatusOK, "boss@example.com")
		}
		pass(20 * moment.Minute)
		b.get("/admin/account").wants(t, http.StatusOK, "Sign in")
	})
}

func keptOf(g got) string {
	return strings.ReplaceAll(keptIn.FindStringSubmatch(g.body)[1], "&#43;", "+")
}

// Nobody but an owner grants anything, himself or another, in any way (A5).
func TestNobodyButOwnersGrants(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st).withShop()
		before, err := s.staff.List(t.Context(), s.shop.ID)
		if err != nil {
			t.Fatal(err)
		}
		tried := 0
		for _, actor := range staff.Roles[1:] {
			b := s.as(actor)
			for _, target := range before {
				for _, role := range staff.Roles {
					b.post("/admin/people/"+target.ID.String()+"/role", "role", string(role)).wants(t, http.StatusNotFound)
					tried++
				}
				b.post("/admin/people/"+target.ID.String()+"/renew").wants(t, http.StatusNotFound)
				b.post("/admin/people/"+target.ID.String()+"/remove").wants(t, http.StatusNotFound)
			}
			b.post("/admin/people", "name", "Eve", "email", "eve@example.com", "role", "owner").wants(t, http.StatusNotFound)
		}
		after, err := s.staff.List(t.Context(), s.shop.ID)
		if err != nil || fmt.Sprint(roles(after)) != fmt.Sprint(roles(before)) || tried != 100 {
			t.Errorf("%v, %v after %d", err, roles(after), tried)
		}
		owner := s.as(staff.Owner)
		for _, bad := range []string{"", "root", "Owner", "owner marketing"} {
			owner.post("/admin/people/"+before[2].ID.String()+"/role", "role", bad).wants(t, http.StatusUnprocessableEntity, "no such role")
		}
		owner.post("/admin/people/"+before[2].ID.String()+"/role", "role", "marketing").wants(t, http.StatusOK, "role is changed")
		owner.post("/admin/people/"+before[2].ID.String()+"/renew").wants(t, http.StatusOK, "/admin/join/")
		owner.post("/admin/people/"+before[3].ID.String()+"/remove").wants(t, http.StatusOK, "no access any more")
	})
}

func roles(list []staff.Account) (out []string) {
	for _, a := range list {
		out = append(out, a.Email+" "+string(a.Role)+" "+a.State)
	}
	return out
}

// An invitation lets in whom it was made for, whatever is sent with it, once (A5).
func TestAnInvitationIsForOnePerson(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st).withShop()
		g := s.as(staff.Owner).post("/admin/people", "name", "Wanda", "email", "wanda@example.com", "role", "support")
		path := linkIn.FindStringSubmatch(g.body)[1]
		b := s.browser()
		b.get(path).wants(t, http.StatusOK, "Wanda, you are on the team")
		b.get(path).wants(t, http.StatusOK, "Wanda, you are on the team") // looking at it uses nothing up
		b.post(path, "password", "12345678").wants(t, http.StatusUnprocessableEntity, "first that a thief would try", `value="wanda@example.com"`)
		b.post(path, "password", password, "email", "eve@example.com", "role", "owner", "name", "Eve").wants(t, http.StatusOK, "Protect your access")
		s.browser().post(path, "password", "another lamp on a shelf").wants(t, http.StatusNotFound, "opens nothing any more")
		s.browser().get(path).wants(t, http.StatusNotFound, "opens nothing any more")
		list, err := s.staff.List(t.Context(), s.shop.ID)
		if err != nil {
			t.Fatal(err)
		}
		if last := list[len(list)-1]; last.Email != "wanda@example.com" || last.Role != staff.Support {
			t.Errorf("let in: %+v", last)
		}
	})
}

var linkIn = regexp.MustCompile(`id="link" readonly value="[^"]*?(/admin/join/[^"]+)"`)

// Whoever has no account, no shop, or has to wait reads the same (P7).
func TestTheDoorTellsNobodyWhoIsThere(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st).withShop()
		s.boss("boss@example.com")
		if _, err := s.office.CreateShop(t.Context(), "Café Bleu", "EUR", "Europe/Paris"); err != nil {
			t.Fatal(err)
		}
		for range 7 {
			s.browser().post("/admin/sign-in", "shop", s.shop.Slug, "email", "owner@example.com", "password", "no lamp on a shelf")
		}
		answers := map[string]bool{}
		for _, c := range [][2]string{
			{s.shop.Slug, "boss@example.com"}, {s.shop.Slug, "nobody@example.com"}, {s.shop.Slug, "owner@example.com"},
			{"cafe-bleu", "boss@example.com"}, {"no-shop", "boss@example.com"}, {s.twin.Slug, "boss@example.com"},
		} {
			g := s.browser().post("/admin/sign-in", "shop", c[0], "email", c[1], "password", "no lamp on a shelf")
			g.wants(t, http.StatusUnprocessableEntity, "The address or the password is not right")
			body := strings.NewReplacer(`value="`+c[0]+`"`, "", `value="`+c[1]+`"`, "").Replace(g.body)
			answers[body] = true
		}
		if len(answers) != 1 {
			t.Errorf("%d different answers", len(answers))
		}
	})
}

// Wherever somebody is told to go on to, he stays in the back office.
func TestNobodyIsSentElsewhere(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		pass := clocked(st)
		s := open(t, st).withShop()
		b, secret := s.boss("boss@example.com")
		host := strings.TrimPrefix(s.server.URL, "http://")
		b.c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
		for to, want := range map[string]string{
			"":                                                "/admin/first",
			"/admin/members":                                  "/admin/members",
			"/admin/members?q=a%26b&page=2":                   "/admin/members?q=a%26b&page=2",
			"/admin/test/members":                             "/admin/test/members",
			s.server.URL + "/admin/members":                   "/admin/members",
			"//" + host + "/admin/members":                    "/admin/members",
			"/":                                               "/admin/first",
			"/administrator":                                  "/admin/first",
			"/v1/members":                                     "/admin/first",
			"https://evil.example":                            "/admin/first",
			"https://evil.example/admin/members":              "/admin/first",
			"http://evil.example/admin/members":               "/admin/first",
			"//evil.example/admin/members":                    "/admin/first",
			"///evil.example/admin/members":                   "/admin/first",
			"/\\evil.example/admin/members":                   "/admin/first",
			"\\\\evil.example/admin/members":                  "/admin/first",
			"/admin//evil.example":                            "/admin/first",
			"/admin\\evil.example":                            "/admin/first",
			"/admin/\\evil.example":                           "/admin/first",
			"https:evil.example/admin/members":                "/admin/first",
			"https:/evil.example/admin/members":               "/admin/first",
			"javascript:alert(1)//admin/members":              "/admin/first",
			"data:text/html,/admin/members":                   "/admin/first",
			"https://" + host + "@evil.example/admin/members": "/admin/first",
			"https://" + host + ".evil.example/admin/members": "/admin/first",
			"https://evil.example#" + s.server.URL + "/admin": "/admin/first",
			"/admin/members\r\nSet-Cookie: x=y":               "/admin/first",
			"\t//evil.example/admin/members":                  "/admin/first",
			"/%09/evil.example/admin/members":                 "/admin/first",
			"/admin/%2f%2fevil.example":                       "/admin/%2f%2fevil.example", // a path of ours that is not there
			"%2f%2fevil.example/admin/members":                "/admin/first",
			"admin/members":                                   "/admin/first",
			"?to=/admin/members":                              "/admin/first",
			"ftp://evil.example/admin/members":                "/admin/first",
		} {
			pass(moment.Minute)
			g := b.post("/admin/second", "code", s.codeNow(secret, 0), "to", to)
			if at := g.Header.Get("Location"); g.StatusCode != http.StatusSeeOther || at != want {
				t.Errorf("%q leads to %q (%d), want %q", to, at, g.StatusCode, want)
			}
		}
		// The language leads back to where the link stood, and nowhere else.
		for from, want := range map[string]string{
			"": "/admin", s.server.URL + "/admin/members?q=a": "/admin/members?q=a", "https://evil.example/admin/members": "/admin", "//evil.example": "/admin",
		} {
			r, _ := http.NewRequestWithContext(t.Context(), "GET", s.server.URL+"/admin/language/pl", nil)
			r.Header.Set("Referer", from)
			if at := b.do(r).Header.Get("Location"); at != want {
				t.Errorf("the language leads from %q to %q", from, at)
			}
		}
	})
}

// No form of another site works: every POST route refuses it before it looks who is there (P9).
func TestOtherSitesFormsAreRefused(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st).withShop()
		b := s.as(staff.Owner)
		before := len(s.deeds(s.shop))
		tried := 0
		for _, pattern := range routesOf() {
			method, path, _ := strings.Cut(pattern, " ")
			if method != "POST" {
				continue
			}
			for _, how := range []map[string]string{
				{"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}, {"Origin": "https://evil.example"}, {"Origin": "null"},
				{"Origin": s.server.URL + ".evil.example"}, {"Sec-Fetch-Site": "cross-site", "Origin": s.server.URL},
			} {
				r, _ := http.NewRequestWithContext(t.Context(), "POST", s.server.URL+placeholders.Replace(path), strings.NewReader("role=owner&name=Eve&email=eve%40example.com"))
				r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
				for k, v := range how {
					r.Header.Set(k, v)
				}
				if g := b.do(r); g.StatusCode != http.StatusForbidden {
					t.Errorf("%s with %v: %d", pattern, how, g.StatusCode)
				}
				tried++
			}
		}
		if after := len(s.deeds(s.shop)); after != before || tried < 100 {
			t.Errorf("%d records after %d tries, %d before", after, tried, before)
		}
	})
}

// What every page says to browsers and caches: a policy that lets nothing in but our own files,
// Trusted Types, and that nothing is stored (P13, P17). And which cookies there are (P11).
func TestWhatPagesTellTheBrowser(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st).withShop()
		seen := 0
		for _, b := range []*browser{s.browser(), s.as(staff.Owner), s.as(staff.Cashier)} {
			for _, pattern := range append(routesOf(), "GET /admin/test", "GET /admin/test/members") {
				method, path, _ := strings.Cut(pattern, " ")
				if method != "GET" {
					continue
				}
				g := b.get(placeholders.Replace(path))
				if !strings.HasPrefix(g.Header.Get("Content-Type"), "text/html") {
					continue // a file
				}
				seen++
				csp := g.Header.Get("Content-Security-Policy")
				for _, part := range []string{
					"default-src 'none'", "script-src 'self'", "style-src 'self'", "form-action 'self'", "frame-ancestors 'none'", "base-uri 'none'",
					"require-trusted-types-for 'script'", "trusted-types cagnotte",
				} {
					if !strings.Contains(csp+";", part+";") {
						t.Errorf("%s: no %s", pattern, part)
					}
				}
				if strings.Contains(csp, "unsafe") || strings.Contains(csp, "*") || g.Header.Get("Cache-Control") != "no-store" || g.Header.Get("X-Content-Type-Options") != "nosniff" ||
					g.Header.Get("Referrer-Policy") != "same-origin" || g.Header.Get("Cross-Origin-Opener-Policy") != "same-origin" {
					t.Errorf("%s: %v", pattern, g.Header)
				}
				if at := inline.FindString(g.body); at != "" {
					t.Errorf("%s has %s", pattern, at)
				}
			}
		}
		if seen < 60 {
			t.Errorf("%d pages", seen)
		}
	})
}

var inline = regexp.MustCompile(`(?i)<style|<[^>]* (style|on[a-z]+)=|javascript:|<script(>| [^>]*>[^<])`)

// Cookies are for this browser and host alone; what is planted by a neighbour counts nothing
// where the way here is TLS (P11).
func TestCookiesAreBound(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st).withShop()
		for _, tls := range []bool{false, true} {
			token, err := s.staff.EnterLink(t.Context(), s.shop.ID, "owner@example.com")
			if err != nil {
				t.Fatal(err)
			}
			send := func(method, path, cookie string) got {
				t.Helper()
				r, _ := http.NewRequestWithContext(t.Context(), method, s.server.URL+path, nil)
				if tls {
					r.Header.Set("X-Forwarded-Proto", "https")
				}
				if cookie != "" {
					r.Header.Set("Cookie", cookie)
				}
				jar, _ := cookiejar.New(nil)
				b := &browser{s, &http.Client{Jar: jar, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
				return b.do(r)
			}
			var list []*http.Cookie
			list = append(list, send("POST", "/admin/enter/"+s.shop.Slug+"/"+token, "").Cookies()...)
			session := ""
			for _, c := range list {
				if strings.HasSuffix(c.Name, "cagnotte-office") {
					session = c.Name + "=" + c.Value
				}
			}
			list = append(list, send("GET", "/admin/language/pl", session).Cookies()...)
			list = append(list, send("POST", "/admin/sign-out/others", session).Cookies()...)
			if len(list) != 5 {
				t.Fatalf("cookies: %v", list)
			}
			for _, c := range list {
				if !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Domain != "" || len(c.String()) > 4096 || strings.Contains(c.Value, "@") {
					t.Errorf("cookie %v", c)
				}
				if tls != c.Secure || tls != strings.HasPrefix(c.Name, "__Host-") || c.Path != map[bool]string{false: "/admin", true: "/"}[tls] {
					t.Errorf("cookie %v, TLS %v", c, tls)
				}
			}
			if g := send("GET", "/admin/account", session); g.StatusCode != http.StatusOK {
				t.Errorf("TLS %v: the session opens nothing: %d", tls, g.StatusCode)
			}
			if tls {
				if g := send("GET", "/admin/account", strings.TrimPrefix(session, "__Host-")); g.StatusCode != http.StatusSeeOther {
					t.Errorf("a planted cookie is taken: %d", g.StatusCode)
				}
			}
			if g := send("POST", "/admin/sign-out", session); len(g.Cookies()) != 1 || g.Cookies()[0].MaxAge >= 0 {
				t.Errorf("signing out leaves %v", g.Cookies())
			}
		}
	})
}

// Links in letters begin with what somebody has set, whatever a request says (P5).
func TestLinksInLettersRestOnNoRequest(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st).withShop()
		session, n := s.as(staff.Owner).session(), 0
		invite := func(header, value string) got {
			t.Helper()
			n++
			email := fmt.Sprintf("n%d@example.com", n)
			r, _ := http.NewRequestWithContext(t.Context(), "POST", s.server.URL+"/admin/people", strings.NewReader(url.Values{"name": {"Wanda"}, "email": {email}, "role": {"support"}}.Encode()))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.Header.Set("Sec-Fetch-Site", "same-origin")
			r.Header.Set("Cookie", "cagnotte-office="+session) // whatever the host is called
			if header == "Host" {
				r.Host = value
			} else if header != "" {
				r.Header.Set(header, value)
			}
			return s.browser().do(r)
		}
		letters := func() int {
			t.Helper()
			list, err := s.outreach.Outbox(t.Context(), s.shop.ID, 100)
			if err != nil {
				t.Fatal(err)
			}
			return len(list)
		}
		// Nobody has said where the shop is: the link is shown, and no letter is written.
		invite("", "").wants(t, http.StatusOK, s.server.URL+"/admin/join/", "No letter was sent")
		invite("Host", "evil.example").wants(t, http.StatusOK, "No letter was sent")
		if letters() != 0 {
			t.Error("a letter was written whose link rests on a request")
		}
		p, err := s.office.Portal(t.Context(), s.shop.ID)
		if err != nil {
			t.Fatal(err)
		}
		p.On, p.Base = true, "https://club.example/p/maison-lavande"
		if err := s.office.SetPortal(t.Context(), s.shop.ID, p); err != nil {
			t.Fatal(err)
		}
		tricks := [][2]string{
			{"", ""}, {"Host", "evil.example"}, {"Host", "evil.example:443"}, {"Host", "club.example.evil.example"}, {"Host", "club.example:8080"}, {"Host", "CLUB.EXAMPLE"}, {"Host", "127.0.0.1"},
			{"X-Forwarded-Host", "evil.example"}, {"X-Forwarded-Host", "club.example, evil.example"}, {"X-Forwarded-Server", "evil.example"}, {"X-Host", "evil.example"},
			{"X-Original-Host", "evil.example"}, {"X-Rewrite-URL", "https://evil.example/"}, {"X-Original-URL", "https://evil.example/"}, {"Forwarded", "host=evil.example;proto=http"},
			{"X-HTTP-Host-Override", "evil.example"}, {"X-Forwarded-Proto", "http"}, {"X-Forwarded-Port", "1"}, {"X-Forwarded-Prefix", "//evil.example"}, {"True-Client-Host", "evil.example"},
		}
		for _, x := range tricks {
			g := invite(x[0], x[1])
			g.wants(t, http.StatusOK, `value="https://club.example/admin/join/maison-lavande/`, "local outbox")
			if strings.Contains(g.body, "evil.example") {
				t.Errorf("%v: the page speaks of it", x)
			}
		}
		list, err := s.outreach.Outbox(t.Context(), s.shop.ID, 100)
		if err != nil || len(list) != len(tricks) {
			t.Fatal(len(list), err)
		}
		for _, k := range list {
			whole, err := s.outreach.Message(t.Context(), s.shop.ID, k.ID)
			if err != nil {
				t.Fatal(err)
			}
			said := whole.Message.Text + whole.Message.HTML + whole.Message.Subject + whole.Message.FromName
			if strings.Contains(said, "evil") || !strings.Contains(whole.Message.Text, "https://club.example/admin/join/maison-lavande/") || strings.Contains(said, s.server.URL) {
				t.Errorf("a letter says\n%s", whole.Message.Text)
			}
		}
	})
}

// What the operator says about the address comes first.
func TestTheOperatorsAddressComesFirst(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := openAt(t, st, "https://office.example").withShop()
		g := s.as(staff.Owner).post("/admin/people", "name", "Wanda", "email", "wanda@example.com", "role", "support")
		g.wants(t, http.StatusOK, `value="https://office.example/admin/join/maison-lavande/`, "wanda@example.com lies in the local outbox")
	})
}
