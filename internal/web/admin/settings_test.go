package admin_test

import (
	"fmt"
	"math"
	"net/http"
	"os"
	"strings"
	"testing"

	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/office"
	"cagnotte/internal/staff"
	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
	"cagnotte/internal/web/admin"
)

func (s *site) portal(shop *loyalty.Shop) *loyalty.Portal {
	s.t.Helper()
	p, err := s.office.Portal(s.t.Context(), shop.ID)
	if err != nil {
		s.t.Fatal(err)
	}
	return p
}

// A new shop is open after one form; whoever was interrupted finds it again, and nobody else
// is asked.
func TestTheFirstProgramsPage(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		pass := clocked(st)
		s := open(t, st).withShop()
		b, secret := s.boss("boss@example.com")
		g := b.get("/admin/first")
		g.wants(t, http.StatusOK, `value="`+s.server.URL+`/p/maison-lavande"`, `value="FR"`, `value="referral-order" checked`, `value="stamp-card"`)

		bad := b.post("/admin/first", "on", "yes", "base", "club.example", "country", "fr", "languages", "pl", "template", "points")
		bad.wants(t, http.StatusUnprocessableEntity, `value="club.example"`, `value="fr"`, `value="pl" checked`, `value="points" checked`)
		b.post("/admin/first", "on", "yes", "base", s.server.URL+"/p/maison-lavande", "country", "FR", "template", "points").wants(t, http.StatusUnprocessableEntity, "Something is missing here")
		if p := s.portal(s.shop); p.Base != "" {
			t.Fatalf("a form that was refused has set %+v", p)
		}

		// The server is killed here, and the session is over: signing in leads on.
		pass(moment.Hour)
		b = s.browser()
		b.post("/admin/sign-in", "email", "boss@example.com", "password", password)
		b.post("/admin/second", "code", s.codeNow(secret, 0)).wants(t, http.StatusOK, "Your first program")

		b.c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
		good := []string{"on", "yes", "base", s.server.URL + "/p/maison-lavande", "country", "FR", "languages", "fr", "languages", "en"}
		g = b.post("/admin/first", append(good, "template", "stamp-card")...)
		if at := g.Header.Get("Location"); g.StatusCode != http.StatusSeeOther || at != "/admin/programs/wizard/new?template=stamp-card" {
			t.Errorf("%d to %q", g.StatusCode, at)
		}
		p := s.portal(s.shop)
		if !p.On || p.Base != s.server.URL+"/p/maison-lavande" || fmt.Sprint(p.Languages) != "[en fr]" || p.Country != "FR" { // in the reader's language first
			t.Errorf("%+v", p)
		}
		if p := s.portal(s.twin); !p.On || p.Base != s.server.URL+"/p/maison-lavande-test" {
			t.Errorf("the test shop: %+v", p)
		}
		for _, then := range [][2]string{{"then", "later"}, {"template", "none-like-that"}} {
			if at := b.post("/admin/first", append(good, then[0], then[1])...).Header.Get("Location"); at != "/admin" {
				t.Errorf("%v leads to %q", then, at)
			}
		}
		pass(moment.Minute)
		if at := b.post("/admin/second", "code", s.codeNow(secret, 0)).Header.Get("Location"); at != "/admin" {
			t.Errorf("whose shop is open comes to %q", at)
		}
	})
}

// Each page of the settings saves what it shows and nothing else; what is refused stays as it
// was typed; the test shop has settings of its own.
func TestTheSettings(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st).withShop()
		b := s.as(staff.Owner)
		full := loyalty.NewPortal()
		full.On, full.Base, full.Shop, full.Hosts, full.Country, full.Coupon = true, "https://club.example", "https://shop.example", []string{"shop.example"}, "FR", "HELLO"
		if err := s.office.SetPortal(t.Context(), s.shop.ID, full); err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct {
			page string
			good []string
			then func(*loyalty.Portal) bool
			bad  []string
			says []string
		}{
			{
				"shop", []string{"name", "Maison Lilas", "hue", "300", "logo", "https://shop.example/l.png", "shop", "https://shop.example", "reply_to", "hello@shop.example"},
				func(p *loyalty.Portal) bool {
					return p.Hue == 300 && p.Logo == "https://shop.example/l.png" && p.ReplyTo == "hello@shop.example"
				},
				[]string{"name", "", "hue", "360", "logo", "javascript:alert(1)", "shop", "https://shop.example", "reply_to", "x"},
				[]string{`value="360"`, `value="javascript:alert(1)"`, "Maison"},
			},
			{
				"legal", []string{
					"where", "PL", "country", "BE", "legal.company", "Żuraw sp. z o.o.", "legal.address", "ul. Długa 1\r\n80-001 Gdańsk", "legal.email", "a@zuraw.example",
					"legal.nip", "774-000-14-54", "legal.siren", "356 000 000",
				},
				func(p *loyalty.Portal) bool {
					return p.Country == "PL" && p.Legal == loyalty.Identity{Company: "Żuraw sp. z o.o.", Address: "ul. Długa 1\n80-001 Gdańsk", Email: "a@zuraw.example", NIP: "7740001454"}
				},
				[]string{"where", "FR", "legal.company", "Maison Lavande", "legal.address", "Lyon", "legal.email", "a@b.example", "legal.siren", "356 000 001"},
				[]string{`value="356 000 001"`, `href="#legal.siren"`, "nine digits"},
			},
			{
				"languages", []string{"languages", "pl", "languages", "en", "first", "en"},
				func(p *loyalty.Portal) bool { return fmt.Sprint(p.Languages) == "[en pl]" },
				[]string{"languages", "pl", "first", "fr"}, []string{`value="pl" checked`},
			},
			{
				"portal", []string{"on", "yes", "base", "https://members.example", "hosts", "shop.example\n www.shop.example "},
				func(p *loyalty.Portal) bool {
					return p.On && p.Base == "https://members.example" && fmt.Sprint(p.Hosts) == "[shop.example www.shop.example]"
				},
				[]string{"on", "yes", "base", "https://members.example/", "hosts", "*.example"}, []string{`value="https://members.example/"`, "*.example"},
			},
			{
				"joining", []string{"join", "invited", "numbers.prefix", "ML-", "numbers.length", "9", "check", "yes"},
				func(p *loyalty.Portal) bool {
					return p.Join == loyalty.JoinInvited && p.Numbers == loyalty.NumberForm{Prefix: "ML-", Length: 9, Check: true}
				},
				[]string{"join", "open", "numbers.prefix", "ml", "numbers.length", "many"}, []string{`value="ml"`, `value="many"`},
			},
			{
				"card", []string{"card", "qr", "number_name.fr", "Numéro de carte"},
				func(p *loyalty.Portal) bool {
					return p.Card == loyalty.CardQR && fmt.Sprint(p.NumberName) == "map[fr:Numéro de carte]" && p.Numbers.Prefix == "ML-" && !p.Numbers.EAN
				},
				[]string{"card", "ean13", "numbers.ean", "yes", "number_name.pl", "Numer"}, []string{`value="ean13" checked`, `value="Numer"`, "thirteen digits"},
			},
			{
				"friends", []string{"landing", "coupon", "coupon", "LILAS5", "invitations", "off", "country", "PL"},
				func(p *loyalty.Portal) bool {
					return p.Landing == loyalty.LandingCoupon && p.Coupon == "LILAS5" && p.Invitations == "off" && p.Country == "PL"
				},
				[]string{"landing", "coupon", "coupon", "", "invitations", "on", "country", "PL"}, []string{`value="coupon" checked`, `value="on" checked`},
			},
			{
				"consent", []string{"consent", "service"}, func(p *loyalty.Portal) bool { return p.Consent == loyalty.ConsentService },
				[]string{"consent", "none"}, []string{"Nothing before a yes"},
			},
		} {
			at := "/admin/settings/" + c.page
			b.get(at).wants(t, http.StatusOK, `action="`+at+`"`)
			before := *s.portal(s.shop)
			b.post(at, c.bad...).wants(t, http.StatusUnprocessableEntity, append(c.says, `role="alert"`)...)
			if after := *s.portal(s.shop); fmt.Sprint(after) != fmt.Sprint(before) {
				t.Errorf("%s: what was refused is set: %+v", c.page, after)
			}
			b.post(at, c.good...).wants(t, http.StatusOK, "Saved.")
			if p := s.portal(s.shop); !c.then(p) {
				t.Errorf("%s: %+v", c.page, p)
			}
			if d := s.deeds(s.shop)[0]; d.Action != "POST /settings/"+c.page || d.Detail["section"] != c.page {
				t.Errorf("%s: recorded as %+v", c.page, d)
			}
		}
		p := s.portal(s.shop) // all of it is still there
		if !p.On || p.Shop != "https://shop.example" || p.Hue != 300 || p.Join != loyalty.JoinInvited || p.Coupon != "LILAS5" || len(p.Hosts) != 2 {
			t.Errorf("%+v", p)
		}
		b.get("/admin/settings").wants(t, http.StatusOK, "Maison Lilas", "English, Polski", "https://members.example", "Friends only", "A code at once")
		if p := s.portal(s.twin); p.Hue != 172 || p.On {
			t.Errorf("the test shop has changed, too: %+v", p)
		}
		b.post("/admin/test/settings/shop", "name", "Lilas test", "hue", "20").wants(t, http.StatusOK, "Saved.", "You are in the test shop")
		if s.portal(s.twin).Hue != 20 || s.portal(s.shop).Hue != 300 {
			t.Error("test and live are mixed up")
		}
		if d := s.deeds(s.twin); len(d) != 1 {
			t.Errorf("records of the test shop: %+v", d)
		}
		before := len(s.deeds(s.shop))
		b.post("/admin/settings/shop/preview", "name", "X", "hue", "20").wants(t, http.StatusOK, "/a/hue/20.css", "to 1")
		b.post("/admin/settings/shop/preview", "hue", "<b>").wants(t, http.StatusOK, "/a/hue/172.css")
		if s.portal(s.shop).Hue != 300 || len(s.deeds(s.shop)) != before {
			t.Error("a preview changes something")
		}
	})
}

// Keys are shown once, hold what was ticked, are replaced and ended.
func TestKeysInTheSettings(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st).withShop()
		b := s.as(staff.Owner)
		b.post("/admin/settings/keys", "name", "web shop").wants(t, http.StatusUnprocessableEntity, `value="web shop"`, `href="#scopes"`)
		b.post("/admin/settings/keys", "name", "till", "scopes", "till", "scopes", "read").wants(t, http.StatusUnprocessableEntity, `value="read" checked`)
		g := b.post("/admin/settings/keys", "name", "web shop", "scopes", "read", "scopes", "facts")
		g.wants(t, http.StatusOK, "web shop", "not shown again")
		token := tokenOf(g)
		a, err := s.office.Authenticate(t.Context(), token)
		if err != nil || a.Shop != s.shop.ID || fmt.Sprint(a.Scopes) != "[facts read]" {
			t.Errorf("%+v, %v", a, err)
		}
		if g := b.get("/admin/settings/keys"); strings.Contains(g.body, token) || !strings.Contains(g.body, token[:len("cag_live_")+4]) {
			t.Error("the key is shown again, or cannot be told from others")
		}
		for _, d := range s.deeds(s.shop) {
			if strings.Contains(fmt.Sprint(d), token) {
				t.Error("the record holds the key")
			}
		}
		g = b.post("/admin/settings/keys/" + a.Key.String() + "/rotate")
		g.wants(t, http.StatusOK, "Replaced, works until")
		next := tokenOf(g)
		b.post("/admin/settings/keys/"+a.Key.String()+"/rotate").wants(t, http.StatusUnprocessableEntity)
		for _, x := range []string{token, next} {
			if _, err := s.office.Authenticate(t.Context(), x); err != nil {
				t.Error(err)
			}
		}
		second, err := s.office.Authenticate(t.Context(), next)
		if err != nil {
			t.Fatal(err)
		}
		b.post("/admin/settings/keys/"+second.Key.String()+"/end").wants(t, http.StatusOK, "opens nothing any more")
		if _, err := s.office.Authenticate(t.Context(), next); err == nil {
			t.Error("the ended key opens")
		}
		g = b.post("/admin/test/settings/keys", "name", "try", "scopes", "read")
		if !strings.HasPrefix(tokenOf(g), "cag_test_") {
			t.Error("a key of the test shop is one of the live shop")
		}

		other, err := s.office.CreateShop(t.Context(), "Café Bleu", "EUR", "Europe/Paris")
		if err != nil {
			t.Fatal(err)
		}
		theirs, err := s.office.Keys(t.Context(), other.Live.ID, [16]byte{}, 10)
		if err != nil {
			t.Fatal(err)
		}
		for _, deed := range []string{"rotate", "end"} {
			b.post("/admin/settings/keys/"+theirs[0].ID.String()+"/"+deed).wants(t, http.StatusNotFound)
			b.post("/admin/settings/keys/x/"+deed).wants(t, http.StatusNotFound)
		}
	})
}

func tokenOf(g got) string {
	_, rest, _ := strings.Cut(g.body, `id="token" readonly value="`)
	token, _, _ := strings.Cut(rest, `"`)
	return token
}

// The lists are kept entry by entry; changing one by its code leaves what is not shown.
func TestListsInTheSettings(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st).withShop()
		b := s.as(staff.Owner)
		for page, list := range map[string]office.List{"sites": office.Sites, "channels": office.Channels, "groups": office.Groups} {
			at := "/admin/settings/" + page
			b.get(at).wants(t, http.StatusOK, "Nothing on this list yet")
			b.post(at, "code", "a b", "name", "Łódź").wants(t, http.StatusUnprocessableEntity, `value="a b"`, `value="Łódź"`)
			b.post(at, "code", "A1", "name", "").wants(t, http.StatusUnprocessableEntity, `value="A1"`)
			b.post(at, "code", "A1", "name", "Łódź", "address", "Piotrkowska 1", "opening_hours", "9–17").wants(t, http.StatusOK, "Saved.", "Łódź")
			g := b.get(at + "?code=A1")
			g.wants(t, http.StatusOK, `value="Łódź"`)
			if page == "sites" {
				g.wants(t, http.StatusOK, `value="Piotrkowska 1"`, `>9–17</textarea>`)
			}
			b.get(at+"?code=none").wants(t, http.StatusNotFound)
			b.post(at, "code", "A1", "name", "Łódź 2", "archived", "yes").wants(t, http.StatusOK, "Łódź 2", "Out of use")
			e, err := s.office.Entry(t.Context(), s.shop.ID, list, "A1")
			if err != nil || e.Name != "Łódź 2" || !e.Archived {
				t.Errorf("%+v %v", e, err)
			}
			if page == "channels" {
				if err := s.office.PutEntry(t.Context(), s.shop.ID, office.Sources, office.Entry{Code: "s", Name: "S", Channel: "A1"}); err != nil {
					t.Fatal(err)
				}
				b.post(at+"/drop", "code", "A1").wants(t, http.StatusUnprocessableEntity, `role="alert"`)
				if _, err := s.office.DropEntry(t.Context(), s.shop.ID, office.Sources, "s"); err != nil {
					t.Fatal(err)
				}
			}
			b.post(at+"/drop", "code", "A1").wants(t, http.StatusOK, "Removed from the list")
			b.post(at+"/drop", "code", "A1").wants(t, http.StatusNotFound)
		}
	})
}

// Any hue that somebody chooses can be read, and what is said of it is what the pages draw.
func TestAnyColourCanBeRead(t *testing.T) {
	t.Parallel()
	css, err := os.ReadFile("../../../frontend/portal.css")
	if err != nil {
		t.Fatal(err)
	}
	for _, token := range []string{
		"--brand: light-dark(oklch(.45 .09 var(--h)), oklch(.74 .11 var(--h)))", "--on: light-dark(#fff, oklch(.18 .03 var(--h)))",
		"--ground: light-dark(oklch(.975 .006 var(--h)), #0f1213)",
	} {
		if !strings.Contains(string(css), token) {
			t.Errorf("the pages draw otherwise: no %s", token)
		}
	}
	for hue := range 360 {
		if ratios, ok := admin.Looks(hue); !ok {
			t.Errorf("hue %d: %.2f", hue, ratios)
		}
	}
	for hue, drawn := range map[int][]float64{ // read from what Chromium drew on a canvas
		0: {7.82, 7.24, 7.81, 7.77}, 90: {7.47, 6.97, 8.16, 8.18}, 172: {7.06, 6.58, 8.47, 8.55}, 270: {7.53, 7.02, 8.05, 8.05},
	} {
		ratios, _ := admin.Looks(hue)
		for i, want := range drawn {
			if math.Abs(ratios[i]-want) > .1 {
				t.Errorf("hue %d: %.2f, Chromium draws %.2f", hue, ratios, drawn)
			}
		}
	}
}
