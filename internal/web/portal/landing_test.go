package portal_test

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/people"
	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
)

const friendsProgram = `program "Friends"
  starts 2020-01-01
  refer friend 500 points, referrer 10.00 EUR, on first order, from 20.00 EUR
`

// hosted opens a portal where camille recommends, and gives her id and code.
func hosted(t *testing.T, st *store.Store) (*site, id.Member, string) {
	t.Helper()
	s := open(t, st)
	s.apply(friendsProgram)
	s.enrol("A1", "Camille", "camille@example.com")
	s.look(func(p *loyalty.Portal) { p.Shop, p.Hosts = "https://shop.example", []string{"pl.shop.example"} })
	m := s.by("camille@example.com")
	codes, err := s.people.Codes(t.Context(), s.shop.ID, m)
	if err != nil {
		t.Fatal(err)
	}
	return s, m, codes[0]
}

// by finds a member by his address.
func (s *site) by(email string) id.Member {
	s.t.Helper()
	key, _ := s.people.EmailKey(email)
	m, err := s.people.Find(s.t.Context(), s.shop.ID, loyalty.Who{Keys: []loyalty.Key{{Kind: loyalty.ByEmail, Key: key}}})
	if err != nil {
		s.t.Fatal(err)
	}
	return m.ID
}

func (s *site) visits(m id.Member) int64 {
	s.t.Helper()
	n, err := s.invites.Visits(s.t.Context(), s.shop.ID, m)
	if err != nil {
		s.t.Fatal(err)
	}
	return n
}

// referrals are those of a referrer, as origin and state.
func (s *site) referralsOf(m id.Member) (out []string) {
	s.t.Helper()
	list, err := s.st.ReferralsBy(s.t.Context(), s.shop.ID, m, "", id.Referral{}, 100)
	if err != nil {
		s.t.Fatal(err)
	}
	for _, r := range list {
		out = append(out, r.Origin+" "+r.State)
	}
	return out
}

const phone = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile Safari/604.1"

// beat is a request with headers by pairs; a POST has a form.
func (b *browser) beat(method, path, form string, headers ...string) got {
	b.t.Helper()
	r, err := http.NewRequestWithContext(b.t.Context(), method, b.server.URL+path, strings.NewReader(form))
	if err != nil {
		b.t.Fatal(err)
	}
	r.Header.Set("User-Agent", phone)
	if method == "POST" {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	return b.do(r)
}

var proofIn = regexp.MustCompile(`data-proof="([^"]+)"`)

func (b *browser) proof(code string) string {
	b.t.Helper()
	m := proofIn.FindStringSubmatch(b.beat("GET", "/i/"+code, "").body)
	if m == nil {
		b.t.Fatal("no proof on the page")
	}
	return url.Values{"v": {m[1]}}.Encode()
}

// stays keeps a browser from following redirects.
func (b *browser) stays() *browser {
	b.c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return b
}

func TestTheFriendsPageHasAStateForEverybody(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s, camille, code := hosted(t, st)
		open := s.browser().get("/i/" + strings.ToLower(code))
		open.wants(t, 200, "Camille has something for you: 500 points", "Discover Maison Lavande", `<meta property="og:url" content="`+s.server.URL+"/i/"+code+`">`,
			`<meta name="robots" content="noindex">`, `og:image`)
		for _, secret := range []string{"camille@", "Dupont"} {
			if strings.Contains(open.body, secret) {
				t.Errorf("the page says %s", secret)
			}
		}
		if !strings.Contains(open.Header.Get("Content-Security-Policy"), "form-action 'self' https://shop.example;") {
			t.Error(open.Header.Get("Content-Security-Policy"))
		}
		var zipped bytes.Buffer
		w := gzip.NewWriter(&zipped)
		_, _ = w.Write([]byte(open.body))
		w.Close()
		if zipped.Len() > 15<<10 {
			t.Errorf("the page weighs %d bytes", zipped.Len())
		}
		card := regexp.MustCompile(`og:image" content="` + regexp.QuoteMeta(s.server.URL) + `([^"]+)"`).FindStringSubmatch(open.body)
		if g := s.browser().get(card[1]); g.StatusCode != 200 || g.Header.Get("Content-Type") != "image/jpeg" || !strings.HasPrefix(g.body, "\xff\xd8") {
			t.Errorf("the picture: %d %s", g.StatusCode, g.Header.Get("Content-Type"))
		}
		s.browser().get("/i/"+code+"/other.jpg").wants(t, 404)

		own := s.browser()
		own.signIn("camille@example.com")
		own.get("/i/"+code).wants(t, 200, "This is your own link")
		s.enrol("A2", "Jules", "jules@example.com")
		jules := s.browser()
		jules.signIn("jules@example.com")
		jules.get("/i/"+code).wants(t, 200, "Good to see you again")
		unknown := s.browser().get("/i/22222222222")
		unknown.wants(t, 404, "This link leads nowhere")

		s.block(camille)
		s.later(moment.Second)
		s.browser().get("/i/"+code).wants(t, 200, "This link is no longer active")
	})
}

func (s *site) block(m id.Member) {
	s.t.Helper()
	answers, err := s.in.Record(s.t.Context(), s.shop.ID, &loyalty.Fact{
		Kind: loyalty.StaffBlock, Feed: "web", ExternalID: "block", Via: "test", Origin: loyalty.FromLive, OccurredAt: s.st.Clock(), Member: loyalty.Who{ID: m},
		Staff: &loyalty.Staff{Actor: "eva", Reason: "test"},
	})
	if err != nil || answers[0].Err != nil {
		s.t.Fatal(err, answers)
	}
}

func TestAnOfferThatDoesNotRunIsOver(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st)
		s.enrol("A1", "Camille", "camille@example.com")
		codes, err := s.people.Codes(t.Context(), s.shop.ID, s.by("camille@example.com"))
		if err != nil {
			t.Fatal(err)
		}
		s.browser().get("/i/"+codes[0]).wants(t, 200, "This offer has ended")
	})
}

// What is fetched without anybody before it counts nothing, a person counts once a day (F8).
func TestOnlyPeopleCount(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s, camille, code := hosted(t, st)
		proof := s.browser().proof(code)
		for _, machine := range []string{
			"facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)", "WhatsApp/2.23.20.0 A", "Twitterbot/1.0", "TelegramBot (like TwitterBot)",
			"LinkedInBot/1.0 (compatible; Mozilla/5.0)", "Slackbot-LinkExpanding 1.0", "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
			"Mozilla/5.0 Barracuda Sentinel (EE)", "Mozilla/5.0 (compatible; Proofpoint URL Defense)", "Microsoft Office/16.0 (Microsoft Outlook 16.0.4266; Pro)",
			"Mozilla/5.0 SafeLinks", "",
		} {
			b := s.browser().stays()
			b.beat("GET", "/i/"+code, "", "User-Agent", machine).wants(t, 200, "og:title")
			b.beat("POST", "/i/"+code+"/seen", proof, "User-Agent", machine).wants(t, 204)
			b.beat("POST", "/i/"+code+"/go", "", "User-Agent", machine).wants(t, 303)
		}
		for _, h := range [][]string{
			{"Sec-Purpose", "prefetch"}, {"Purpose", "prefetch"}, {"Purpose", "preview"}, {"Sec-Purpose", "prefetch;prerender"}, {"X-Moz", "prefetch"},
			{"Sec-Fetch-Dest", "iframe"}, {"Sec-Fetch-Dest", "image"}, {"Sec-Fetch-Dest", "script"}, {"Sec-Fetch-Site", "none"},
		} {
			s.browser().beat("POST", "/i/"+code+"/seen", proof, h...)
		}
		s.browser().beat("POST", "/i/"+code+"/seen", proof, "Sec-Fetch-Site", "cross-site").wants(t, 403)
		s.browser().beat("HEAD", "/i/"+code, "").wants(t, 200)
		s.browser().beat("GET", "/i/"+code, "").wants(t, 200)
		for _, wrong := range []string{"", "v=", "v=x", proof + "0", "v=1.000000000000000000000000"} {
			s.browser().beat("POST", "/i/"+code+"/seen", wrong).wants(t, 204)
		}
		if n := s.visits(camille); n != 0 || len(s.referralsOf(camille)) != 0 {
			t.Fatalf("%d visits and %v without anybody", n, s.referralsOf(camille))
		}
		b := s.browser()
		for range 3 {
			b.beat("POST", "/i/"+code+"/seen", proof).wants(t, 204)
		}
		if n := s.visits(camille); n != 1 {
			t.Errorf("%d visits of one person", n)
		}
		if len(b.c.Jar.Cookies(must(url.Parse(s.server.URL)))) != 0 {
			t.Error("a browser that did nothing was given a cookie")
		}
		s.browser().beat("POST", "/i/"+code+"/seen", proof, "User-Agent", "Mozilla/5.0 (X11; Linux) Firefox/140.0")
		if n := s.visits(camille); n != 2 {
			t.Errorf("%d visits of two people", n)
		}
	})
}

func must[T any](x T, err error) T {
	if err != nil {
		panic(err)
	}
	return x
}

func TestWithConsentALookIsATouch(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s, camille, code := hosted(t, st)
		s.look(func(p *loyalty.Portal) { p.Consent = loyalty.ConsentService })
		b := s.browser()
		proof := b.proof(code)
		for range 2 {
			b.beat("POST", "/i/"+code+"/seen", proof).wants(t, 204)
		}
		if got := s.referralsOf(camille); len(got) != 1 || got[0] != "link clicked" {
			t.Errorf("%v", got)
		}
		if s.visits(camille) != 1 {
			t.Error("one browser counts twice")
		}
	})
}

// A press of the button sends the friend to the shop, without a script, and ties him to who
// sent him when he joins in the same browser.
func TestTheButtonLeadsToTheShopAndCounts(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s, camille, code := hosted(t, st)
		b := s.browser().stays()
		for range 2 {
			if g := b.beat("POST", "/i/"+code+"/go", "", "Sec-Fetch-Dest", "document", "Sec-Fetch-Site", "same-origin"); g.Header.Get("Location") != "https://shop.example?cgr="+code {
				t.Errorf("%d to %s", g.StatusCode, g.Header.Get("Location"))
			}
		}
		if n := s.visits(camille); n != 1 {
			t.Errorf("%d visits", n)
		}
		name := ""
		for _, c := range b.c.Jar.Cookies(must(url.Parse(s.server.URL))) {
			if strings.HasSuffix(c.Name, "-visitor") {
				name = s.invites.VisitorOf(s.shop.ID, c.Value)
			}
		}
		if name == "" {
			t.Fatal("the browser has no name")
		}
		s.joins("lea", "lea@example.com", name)
		if got := s.referralsOf(camille); len(got) != 1 || got[0] != "link joined" {
			t.Errorf("%v", got)
		}
		// That browser is known by now as a member's.
		b.beat("GET", "/i/"+code, "").wants(t, 200, "Good to see you again")
	})
}

// joins enrols somebody by his address and browser.
func (s *site) joins(number, email, visitor string) {
	s.t.Helper()
	_, err := s.people.Enrol(s.t.Context(), s.shop.ID, people.Enrolment{
		Fact:   loyalty.Fact{Feed: "web", ExternalID: "join-" + number, Via: "test", Origin: loyalty.FromLive},
		Person: people.Naming{Number: number, FirstName: "Léa", LastName: "Faure", Email: email, Visitor: visitor},
	})
	if err != nil {
		s.t.Fatal(err)
	}
}

func TestTheCouponIsGivenForAPress(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s, camille, code := hosted(t, st)
		s.look(func(p *loyalty.Portal) { p.Landing, p.Coupon = loyalty.LandingCoupon, "WELCOME10" })
		g := s.browser().get("/i/" + code)
		g.wants(t, 200, "Get my code")
		if strings.Contains(g.body, "WELCOME10") {
			t.Error("the code is there before anybody asked")
		}
		path := "/i/" + code + "/coupon"
		s.browser().beat("POST", path, "").wants(t, 200, "<b>WELCOME10</b>")
		s.browser().beat("POST", path, "email=lea%40example.com").wants(t, 422, "Please tick this box first")
		s.browser().beat("POST", path, "email=lea&agreed=yes").wants(t, 422, "This is not an e-mail address")
		s.browser().beat("POST", path, "email=lea%40example.com&agreed=yes").wants(t, 200, "WELCOME10")
		s.joins("lea", "lea@example.com", "") // another browser, the same address
		if got := strings.Join(s.referralsOf(camille), ", "); !strings.Contains(got, "link joined") {
			t.Errorf("%v", got)
		}
	})
}

// Codes cannot be tried without end, and neighbours with a right link are let through later.
func TestGuessingCodesComesToAnEnd(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s, _, _ := hosted(t, st)
		b := s.browser()
		last := 0
		for range 60 {
			last = b.get("/i/2222222222").StatusCode
		}
		if last != http.StatusTooManyRequests {
			t.Errorf("after sixty guesses: %d", last)
		}
	})
}
