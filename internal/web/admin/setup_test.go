package admin_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"cagnotte/internal/checkout"
	"cagnotte/internal/feed"
	"cagnotte/internal/gifts"
	"cagnotte/internal/imports"
	"cagnotte/internal/insight"
	"cagnotte/internal/intake"
	"cagnotte/internal/locale"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/message/local"
	"cagnotte/internal/office"
	"cagnotte/internal/outreach"
	"cagnotte/internal/pages"
	"cagnotte/internal/people"
	"cagnotte/internal/programs"
	"cagnotte/internal/referral"
	"cagnotte/internal/rewards"
	"cagnotte/internal/staff"
	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
	"cagnotte/internal/web"
	"cagnotte/internal/web/admin"
	"cagnotte/internal/web/assets"
)

// site is a running back office of one shop, with somebody of each role.
type site struct {
	t         *testing.T
	st        *store.Store
	in        *intake.Intake
	office    *office.Office
	people    *people.People
	programs  *programs.Programs
	staff     *staff.Staff
	referrals *referral.Referrals
	gifts     *gifts.Gifts
	outreach  *outreach.Outreach
	files     *imports.Files
	feed      *feed.Feed
	shop      *loyalty.Shop
	twin      *loyalty.Shop
	server    *httptest.Server
	watch     *watch // of the records
}

func open(t *testing.T, st *store.Store) *site {
	t.Helper()
	return openAt(t, st, "")
}

// openAt is open with the address that the operator names.
func openAt(t *testing.T, st *store.Store, at string) *site {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	box := storetest.Box(t)
	in := intake.New(st, box, log, intake.Options{})
	t.Cleanup(in.Close)
	words, err := locale.New()
	if err != nil {
		t.Fatal(err)
	}
	s := &site{t: t, st: st, in: in, office: office.New(st, in), people: people.New(st, in, box), programs: programs.New(st, in), staff: staff.New(st, box)}
	s.referrals, s.gifts = referral.New(st, in), gifts.New(st, in, box)
	s.outreach = outreach.New(st, in, box, words, log, outreach.Options{Kept: local.Outbox{}})
	s.files = &imports.Files{Desk: &imports.Desk{Store: st, Intake: in, Box: box, People: importCrowd{s.people}}}
	s.feed = feed.New(st, in, log)
	edge := web.NewEdge(log, words)
	s.watch = &watch{count: map[string]int{}, forms: map[string]map[string]bool{}, refused: map[string]int{}}
	s.server = httptest.NewServer(s.watch.around(web.New(edge, assets.Mount, admin.Mount(admin.Services{
		Edge: edge, Log: log, Staff: s.staff, Office: s.office, People: s.people, Referrals: s.referrals, Programs: s.programs,
		Gifts: s.gifts, Insight: insight.New(st), Rewards: rewards.New(st, in), Checkout: checkout.New(st, in), Outreach: s.outreach, Pages: pages.New(st, box), Imports: s.files, Feed: s.feed, Limits: web.NewLimiter(web.Limits{}, time.Now), URL: at,
	}))))
	t.Cleanup(func() {
		s.server.Close()
		for _, wrong := range s.watch.check(s) {
			s.t.Error(wrong)
		}
	})
	return s
}

// withShop makes the shop and its staff: an address such as owner@example.com for each role.
func (s *site) withShop() *site {
	s.t.Helper()
	made, err := s.office.CreateShop(s.t.Context(), "Maison Lavande", "EUR", "Europe/Paris")
	if err != nil {
		s.t.Fatal(err)
	}
	s.shop, s.twin = made.Live, made.Test
	for _, r := range staff.Roles {
		s.add(s.shop, r)
	}
	return s
}

func (s *site) add(shop *loyalty.Shop, r staff.Role) {
	s.t.Helper()
	if _, err := s.staff.Add(s.t.Context(), shop.ID, staff.Newcomer{Name: "Somebody " + string(r), Email: string(r) + "@example.com", Role: r}); err != nil {
		s.t.Fatal(err)
	}
}

// enrol makes a member by the API's way.
func (s *site) enrol(number, first, last, email string) *people.Member {
	s.t.Helper()
	_, err := s.people.Enrol(s.t.Context(), s.shop.ID, people.Enrolment{
		Fact:   loyalty.Fact{Feed: "web", ExternalID: "join-" + number, Via: "test", Origin: loyalty.FromLive},
		Person: people.Naming{Number: number, FirstName: first, LastName: last, Email: email, Locale: "en"},
	})
	if err != nil {
		s.t.Fatal(err)
	}
	m, err := s.people.Find(s.t.Context(), s.shop.ID, loyalty.Who{Keys: []loyalty.Key{{Kind: loyalty.ByNumber, Key: number}}})
	if err != nil {
		s.t.Fatal(err)
	}
	return m
}

// browser is somebody's browser: it keeps cookies, and follows redirects.
type browser struct {
	*site
	c *http.Client
}

func (s *site) browser() *browser {
	jar, err := cookiejar.New(nil)
	if err != nil {
		s.t.Fatal(err)
	}
	return &browser{s, &http.Client{Jar: jar}}
}

// as is a browser in which somebody of a role is signed in.
func (s *site) as(r staff.Role) *browser {
	s.t.Helper()
	return s.asOf(s.shop, r)
}

func (s *site) asOf(shop *loyalty.Shop, r staff.Role) *browser {
	s.t.Helper()
	token, err := s.staff.EnterLink(s.t.Context(), shop.ID, string(r)+"@example.com")
	if err != nil {
		s.t.Fatal(err)
	}
	b := s.browser()
	if g := b.post("/admin/enter/" + shop.Slug + "/" + token); g.StatusCode != http.StatusOK {
		s.t.Fatalf("not let in: %d %s", g.StatusCode, g.body)
	}
	return b
}

// got is an answer, read whole.
type got struct {
	*http.Response
	body string
}

func (b *browser) do(r *http.Request) got {
	b.t.Helper()
	if r.Header.Get("Accept-Language") == "" {
		r.Header.Set("Accept-Language", "en")
	}
	resp, err := b.c.Do(r)
	if err != nil {
		b.t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return got{resp, string(body)}
}

func (b *browser) get(path string) got {
	b.t.Helper()
	r, err := http.NewRequestWithContext(context.Background(), "GET", b.server.URL+path, nil)
	if err != nil {
		b.t.Fatal(err)
	}
	return b.do(r)
}

// post sends a form as a browser does; pairs are its fields.
func (b *browser) post(path string, pairs ...string) got {
	b.t.Helper()
	form := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		form.Add(pairs[i], pairs[i+1])
	}
	r, err := http.NewRequestWithContext(context.Background(), "POST", b.server.URL+path, strings.NewReader(form.Encode()))
	if err != nil {
		b.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return b.do(r)
}

// wants fails unless an answer has a status and all of some texts.
func (g got) wants(t *testing.T, status int, texts ...string) {
	t.Helper()
	if g.StatusCode != status {
		t.Errorf("%s: status %d, want %d", g.Request.URL, g.StatusCode, status)
	}
	for _, x := range texts {
		if !strings.Contains(g.body, x) {
			_, main, _ := strings.Cut(g.body, "<main")
			t.Errorf("%s does not say %q:\n%s", g.Request.URL, x, main)
		}
	}
}

// deeds lists what the record of a shop says was done, newest first.
func (s *site) deeds(shop *loyalty.Shop) []staff.Done {
	s.t.Helper()
	list, err := s.staff.Deeds(s.t.Context(), s.shop.ID, shop.ID, staff.About{Outcome: staff.Granted}, [16]byte{}, 100)
	if err != nil {
		s.t.Fatal(err)
	}
	return list
}
