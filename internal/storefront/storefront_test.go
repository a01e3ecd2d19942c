package storefront_test

import (
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"cagnotte/internal/checkout"
	"cagnotte/internal/gifts"
	"cagnotte/internal/insight"
	"cagnotte/internal/intake"
	"cagnotte/internal/locale"
	"cagnotte/internal/office"
	"cagnotte/internal/pages"
	"cagnotte/internal/people"
	"cagnotte/internal/programs"
	"cagnotte/internal/referral"
	"cagnotte/internal/rewards"
	"cagnotte/internal/signin"
	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
	"cagnotte/internal/storefront"
	"cagnotte/internal/web"
	"cagnotte/internal/web/api"
	"cagnotte/internal/web/assets"
	"cagnotte/internal/web/portal"
)

const terms = `program "Points"
  starts 2020-01-01
  earn 1 point per 1.00 EUR, round down
  pay with points, 100 points for 1.00 EUR
program "Invite a friend"
  starts 2020-01-01
  joined: refer friend 2.00 EUR, referrer 1.00 EUR, on sign-up
  ordered: refer friend 5.00 EUR, referrer 10.00 EUR, on first order, from 20.00 EUR, after 14 days
`

var quiet = slog.New(slog.DiscardHandler)

// serve answers at an address of its own until the test ends.
func serve(t *testing.T, h http.Handler) (address string) {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s.URL
}

// town is Cagnotte and a shop beside it, each on an origin of its own.
type town struct {
	t          *testing.T
	key        string
	api, front *httptest.Server
}

func open(t *testing.T, st *store.Store) *town {
	t.Helper()
	log := quiet
	box := storetest.Box(t)
	in := intake.New(st, box, log, intake.Options{})
	t.Cleanup(in.Close)
	words, err := locale.New()
	if err != nil {
		t.Fatal(err)
	}
	edge, o := web.NewEdge(log, words), office.New(st, in)
	folk, bonds, plans := people.New(st, in, box), referral.New(st, in), programs.New(st, in)
	prizes, bons, door, texts := gifts.New(st, in, box), rewards.New(st, in), signin.New(st, box, nil), pages.New(st, box)
	x := &town{t: t, api: httptest.NewServer(web.New(edge, api.Mount(api.Services{
		Edge: edge, Log: log, Office: o, People: folk, Referrals: bonds, Programs: plans, Checkout: checkout.New(st, in), Rewards: bons, Gifts: prizes,
		Insight: insight.New(st), SignIn: door, Pages: texts, Version: "test",
	}), assets.Mount, portal.Mount(portal.Services{
		Edge: edge, Log: log, Office: o, People: folk, Referrals: bonds, Programs: plans, Gifts: prizes, SignIn: door, Pages: texts,
	})))}
	t.Cleanup(x.api.Close)
	made, err := o.CreateShop(t.Context(), "Demo", "EUR", "Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	x.key = made.LiveKey
	if _, err := plans.Apply(t.Context(), made.Live.ID, terms, false); err != nil {
		t.Fatal(err)
	}
	look, err := o.Portal(t.Context(), made.Live.ID)
	if err != nil {
		t.Fatal(err)
	}
	look.On, look.Base = true, x.api.URL
	if err := o.SetPortal(t.Context(), made.Live.ID, look); err != nil {
		t.Fatal(err)
	}
	shop, err := storefront.New(storefront.Options{
		Cagnotte: x.api.URL, Key: x.key, Log: log, Accounts: []storefront.Account{{Email: "anna@example.com", Name: "Anna"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	x.front = httptest.NewServer(shop.Handler())
	t.Cleanup(x.front.Close)
	x.ask("POST", "/v1/members", `{"id":"anna","external_id":"`+storefront.AccountID("anna@example.com")+`","email":"anna@example.com","first_name":"Anna"}`)
	return x
}

// ask calls the API, as the shop's developer would with curl.
func (x *town) ask(method, path, body string) map[string]any {
	x.t.Helper()
	r, err := http.NewRequestWithContext(x.t.Context(), method, x.api.URL+path, strings.NewReader(body))
	if err != nil {
		x.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+x.key)
	r.Header.Set("Content-Type", "application/json")
	a, err := http.DefaultClient.Do(r)
	if err != nil {
		x.t.Fatal(err)
	}
	defer a.Body.Close()
	out := map[string]any{}
	if err := json.NewDecoder(a.Body).Decode(&out); err != nil || a.StatusCode > 299 {
		x.t.Fatalf("%s %s: %d %v %v", method, path, a.StatusCode, out, err)
	}
	return out
}

func (x *town) member(email string) string {
	x.t.Helper()
	list := x.ask("GET", "/v1/members?email="+url.QueryEscape(email), "")["data"].([]any)
	if len(list) != 1 {
		x.t.Fatalf("%d members are %s", len(list), email)
	}
	return list[0].(map[string]any)["id"].(string)
}

// euros are what a member has in the wallet, in cents: open now, and on its way.
func (x *town) euros(email string) (available, pending int64) {
	x.t.Helper()
	for _, u := range x.ask("GET", "/v1/members/"+x.member(email)+"/wallet", "")["units"].([]any) {
		if u := u.(map[string]any); u["unit"] == "EUR" {
			return int64(u["available"].(float64)), int64(u["pending"].(float64))
		}
	}
	return 0, 0
}

func (x *town) wants(email string, available, pending int64) {
	x.t.Helper()
	if a, p := x.euros(email); a != available || p != pending {
		x.t.Errorf("%s has %d and %d on its way, want %d and %d", email, a, p, available, pending)
	}
}

// browser is one reader's.
type browser struct {
	*town
	http *http.Client
}

func (x *town) browser() *browser {
	jar, err := cookiejar.New(nil)
	if err != nil {
		x.t.Fatal(err)
	}
	return &browser{x, &http.Client{Jar: jar}}
}

func (b *browser) send(want int, method, path string, form url.Values) (body string, at *url.URL) {
	b.t.Helper()
	r, err := http.NewRequestWithContext(b.t.Context(), method, b.front.URL+path, strings.NewReader(form.Encode()))
	if err != nil {
		b.t.Fatal(err)
	}
	r.Header.Set("Accept-Language", "en")
	if method == "POST" {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Origin", b.front.URL)
	}
	a, err := b.http.Do(r)
	if err != nil {
		b.t.Fatal(err)
	}
	defer a.Body.Close()
	text, err := io.ReadAll(a.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	if a.StatusCode != want {
		b.t.Fatalf("%s %s: %d, want %d\n%s", method, path, a.StatusCode, want, text)
	}
	return string(text), a.Request.URL
}

func (b *browser) post(path string, pairs ...string) string {
	b.t.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	body, _ := b.send(200, "POST", path, form)
	return body
}

// buys orders a bag of beans and a mug, 37.80 EUR, and gives the address of the order.
func (b *browser) buys(email, name, code string) string {
	b.t.Helper()
	b.post("/cart", "sku", "BEANS-1KG", "add", "1")
	b.post("/cart", "sku", "MUG", "add", "1")
	_, at := b.send(200, "POST", "/checkout", url.Values{"email": {email}, "name": {name}, "code": {code}})
	if !strings.HasPrefix(at.Path, "/orders/CL-") {
		b.t.Fatalf("the checkout leads to %s", at)
	}
	return at.Path
}

func (b *browser) cookies() (names []string) {
	at, _ := url.Parse(b.front.URL)
	for _, c := range b.http.Jar.Cookies(at) {
		names = append(names, c.Name)
	}
	return names
}

func (x *town) code() string {
	x.t.Helper()
	return x.ask("GET", "/v1/members/"+x.member("anna@example.com")+"/code", "")["code"].(string)
}

func TestAFriendWhoAgreesIsHisReferrers(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		x := open(t, st)
		b := x.browser()
		page, _ := b.send(200, "GET", "/?cgr="+x.code(), nil)
		if !strings.Contains(page, "Somebody sent you a link") || len(b.cookies()) > 0 {
			t.Fatalf("before a yes there are cookies %v\n%s", b.cookies(), page)
		}
		b.post("/consent", "answer", "yes", "code", x.code(), "back", "/")
		b.post("/account/register", "email", "bela@example.com", "name", "Béla")
		x.wants("bela@example.com", 200, 0)
		x.wants("anna@example.com", 100, 0)

		order := b.buys("bela@example.com", "Béla", "")
		x.wants("bela@example.com", 200, 500)
		x.wants("anna@example.com", 100, 1000)

		page, _ = b.send(200, "GET", order, nil)
		if !strings.Contains(page, "37 points") || !strings.Contains(page, `&#34;transaction_id&#34;`) {
			t.Errorf("the order says\n%s", page)
		}
		page = b.post(order+"/returns", "line", "1") // 12.90 EUR are left: below the minimum
		if !strings.Contains(page, "We took back 24 points") || !strings.Contains(page, "We took back €5.00") {
			t.Errorf("after the return the order says\n%s", page)
		}
		x.wants("bela@example.com", 200, 0)
		x.wants("anna@example.com", 100, 0)
	})
}

func TestAFriendWhoRefusesTypesTheCode(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		x := open(t, st)
		b := x.browser()
		b.send(200, "GET", "/?cgr="+x.code(), nil)
		b.post("/consent", "answer", "no", "code", x.code(), "back", "/")
		b.send(200, "GET", "/?cgr="+x.code(), nil)
		if got := b.cookies(); len(got) != 1 || got[0] != "consent" {
			t.Errorf("after a no there are cookies %v", got)
		}
		b.buys("celina@example.com", "Celina", strings.ToLower(x.code()))
		x.wants("celina@example.com", 0, 500)
		x.wants("anna@example.com", 0, 1000)
	})
}

// Invited on day 0; on day 8 nothing of that is left in the browser.
func TestAFriendWithoutCookiesIsKnownByHisAddress(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		x := open(t, st)
		then := time.Now().Add(-8 * 24 * time.Hour).UTC().Format(time.RFC3339)
		x.ask("POST", "/v1/invitations", `{"id":"i1","occurred_at":"`+then+`","referrer":{"email":"anna@example.com"},"email":"dora@example.com"}`)
		b := x.browser()
		b.buys("Dora@example.com", "Dora", "")
		x.wants("dora@example.com", 0, 500)
		x.wants("anna@example.com", 0, 1000)
	})
}

func TestPointsPayAndComeBack(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		x := open(t, st)
		x.ask("POST", "/v1/members/"+x.member("anna@example.com")+"/adjustments", `{"id":"a","unit":"points","amount":500,"reason":"r","actor":"eva"}`)
		b := x.browser()
		b.post("/account/sign-in", "email", "anna@example.com")
		b.post("/cart", "sku", "MUG", "add", "1")
		if page := b.post("/cart/pay", "points", "200"); !strings.Contains(page, "−€2.00") || !strings.Contains(page, "€10.90") {
			t.Fatalf("the cart says\n%s", page)
		}
		page, at := b.send(200, "POST", "/checkout", url.Values{"email": {"anna@example.com"}, "name": {"Anna"}})
		if !strings.Contains(page, "€10.90") {
			t.Errorf("the order says\n%s", page)
		}
		points := func() float64 {
			return x.ask("GET", "/v1/members/"+x.member("anna@example.com")+"/wallet", "")["units"].([]any)[0].(map[string]any)["available"].(float64)
		}
		if n := points(); n != 310 { // 500 - 200 + 10
			t.Errorf("%v points are left", n)
		}
		b.post(at.Path+"/returns", "line", "1")
		if n := points(); n != 500 {
			t.Errorf("%v points are back", n)
		}
	})
}

func TestTheShopLeadsItsCustomersToTheirWallet(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		x := open(t, st)
		b := x.browser()
		b.post("/account/sign-in", "email", "anna@example.com")
		page, at := b.send(200, "GET", "/wallet", nil)
		if !strings.HasPrefix(x.api.URL, "http://"+at.Host) || strings.Contains(at.String(), "token") || !strings.Contains(page, "Anna") {
			t.Errorf("it leads to %s\n%s", at, page)
		}
	})
}

func TestWrongFormsSayWhatIsWrong(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		x := open(t, st)
		b := x.browser()
		for _, f := range []struct {
			path string
			form url.Values
			says string
		}{
			{"/account/register", url.Values{"email": {"no address"}, "name": {"Zoé"}}, `aria-describedby="email-wrong"`},
			{"/account/register", url.Values{"email": {"zoe@example.com"}}, `aria-describedby="name-wrong"`},
			{"/account/register", url.Values{"email": {"anna@example.com"}, "name": {"Eva"}}, "has an account already"},
			{"/account/sign-in", url.Values{"email": {"zoe@example.com"}}, "has no account here"},
		} {
			if page, _ := b.send(422, "POST", f.path, f.form); !strings.Contains(page, f.says) || !strings.Contains(page, `role="alert"`) {
				t.Errorf("%s %v says\n%s", f.path, f.form, page)
			}
		}
		b.send(404, "GET", "/articles/NONE", nil)
		b.send(404, "GET", "/orders/CL-X", nil)
		if _, at := b.send(200, "POST", "/consent", url.Values{"answer": {"no"}, "back": {"//evil.example/"}}); at.Host != strings.TrimPrefix(b.front.URL, "http://") {
			t.Errorf("a form leads away, to %s", at)
		}
	})
}

// What one reader bought is nobody else's to see.
func TestOrdersAreOnesOwn(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		x := open(t, st)
		order := x.browser().buys("celina@example.com", "Celina", "")
		x.browser().send(404, "GET", order, nil)
		x.browser().send(404, "POST", order+"/returns", url.Values{"line": {"1"}})
	})
}

var inline = regexp.MustCompile(`(?i)\sstyle=|\son\w+=|<style|<script>`)

func TestPagesHoldNothingInline(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		x := open(t, st)
		b := x.browser()
		b.post("/cart", "sku", "CAKE", "add", "2")
		for _, path := range []string{"/", "/articles/CAKE", "/cart", "/checkout", "/account"} {
			if page, _ := b.send(200, "GET", path, nil); inline.MatchString(page) || strings.Count(page, "<h1>") != 1 {
				t.Errorf("%s:\n%s", path, page)
			}
		}
	})
}

// Forms that come back to their page lead to no other site, whatever stands in them.
func TestBackIsAPageOfTheShop(t *testing.T) {
	x := open(t, storetest.Open(t, storetest.Config(t, "sqlite")))
	for back, want := range map[string]string{
		"/cart": "/cart", "": "/", "//evil.example": "/", `/\evil.example`: "/", "https://evil.example/": "/", "/%5Cevil.example": "/", "/%2Fevil.example": "/",
		"/%09/evil.example": "/%09/evil.example", "/articles/MUG?x=1": "/articles/MUG",
	} {
		b := x.browser()
		b.http.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
		r, err := http.NewRequestWithContext(t.Context(), "POST", x.front.URL+"/language", strings.NewReader(url.Values{"back": {back}, "lang": {"pl"}}.Encode()))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		a, err := b.http.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		a.Body.Close()
		if got := a.Header.Get("Location"); got != want {
			t.Errorf("back to %q leads to %q, want %q", back, got, want)
		}
	}
}

// The mistakes that the shop makes on purpose are those that it says: what is refused is
// refused, the rest is recorded once.
func TestTheShopMakesMistakesOnPurpose(t *testing.T) {
	x := open(t, storetest.Open(t, storetest.Config(t, "sqlite")))
	b := x.browser()
	b.send(http.StatusOK, "GET", "/mistakes", nil)
	for _, tt := range []struct {
		kind    string
		refused bool
	}{{"lines", true}, {"email", false}, {"twice", false}, {"changed", true}, {"late", false}, {"key", true}} {
		page, _ := b.send(http.StatusOK, "POST", "/mistakes", url.Values{"kind": {tt.kind}})
		ref := regexp.MustCompile(`CL-\w+`).FindString(page)
		if was := strings.Contains(page, "It was refused."); ref == "" || was != tt.refused {
			t.Errorf("%s: order %q, refused %v: %s", tt.kind, ref, was, page)
		}
		list := x.ask("GET", "/v1/orders?series=web&ref="+ref, "")["data"].([]any)
		if kept := len(list) == 1; kept == (tt.kind == "lines" || tt.kind == "key") {
			t.Errorf("%s: the order is recorded: %v", tt.kind, kept)
		}
	}
	b.send(http.StatusNotFound, "POST", "/mistakes", url.Values{"kind": {"other"}})
}
