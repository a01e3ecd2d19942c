package portal_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"cagnotte/internal/gifts"
	"cagnotte/internal/intake"
	"cagnotte/internal/jobs"
	"cagnotte/internal/locale"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/message/local"
	"cagnotte/internal/moment"
	"cagnotte/internal/office"
	"cagnotte/internal/outreach"
	"cagnotte/internal/pages"
	"cagnotte/internal/people"
	"cagnotte/internal/programs"
	"cagnotte/internal/referral"
	"cagnotte/internal/signin"
	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
	"cagnotte/internal/web"
	"cagnotte/internal/web/assets"
	"cagnotte/internal/web/portal"
)

// site is a running portal of one shop.
type site struct {
	t        *testing.T
	st       *store.Store
	in       *intake.Intake
	office   *office.Office
	people   *people.People
	programs *programs.Programs
	gifts    *gifts.Gifts
	signin   *signin.SignIn
	invites  *referral.Invitations
	limits   *web.Limiter
	outreach *outreach.Outreach
	jobs     *jobs.Runner
	shop     *loyalty.Shop
	server   *httptest.Server
	ahead    *atomic.Int64                   // of the wall clock, in microseconds
	mounted  func(*web.Limiter) http.Handler // the same portal with other limits
}

// later lets time pass.
func (s *site) later(by moment.Time) { s.ahead.Add(int64(by)) }

func open(t *testing.T, st *store.Store) *site {
	t.Helper()
	wall, ahead := st.Clock, &atomic.Int64{}
	st.Clock = func() moment.Time { return wall() + moment.Time(ahead.Load()) }
	s := process(t, st)
	s.ahead = ahead
	made, err := s.office.CreateShop(t.Context(), "Maison Lavande", "EUR", "Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	s.shop = made.Live
	s.look(func(*loyalty.Portal) {})
	return s
}

// process is a portal on a database that others may use, too.
func process(t *testing.T, st *store.Store) *site {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	box := storetest.Box(t)
	in := intake.New(st, box, log, intake.Options{})
	t.Cleanup(in.Close)
	words, err := locale.New()
	if err != nil {
		t.Fatal(err)
	}
	s := &site{t: t, st: st, in: in, office: office.New(st, in), people: people.New(st, in, box), programs: programs.New(st, in), gifts: gifts.New(st, in, box)}
	s.outreach = outreach.New(st, in, box, words, log, outreach.Options{Kept: local.Outbox{}})
	s.signin = signin.New(st, box, s.outreach)
	s.invites = referral.NewInvitations(st, in, box, s.outreach, s.people.EmailKey)
	s.jobs = jobs.New(st, log, map[string]jobs.Work{outreach.Job: s.outreach.Deliver, signin.Job: s.signin.Work, referral.InvitationJob: s.invites.Work})
	s.limits = web.NewLimiter(web.Limits{Links: web.Rate{PerSecond: 1, Burst: 30}}, time.Now)
	edge := web.NewEdge(log, words)
	s.mounted = func(limits *web.Limiter) http.Handler {
		return web.New(edge, assets.Mount, portal.Mount(portal.Services{
			Edge: edge, Log: log, Office: s.office, People: s.people, Referrals: referral.New(st, in), Programs: s.programs,
			Gifts: s.gifts, SignIn: s.signin, Pages: pages.New(st, box), Invitations: s.invites, Limits: limits,
		}))
	}
	s.server = httptest.NewServer(s.mounted(s.limits))
	t.Cleanup(s.server.Close)
	return s
}

// look changes the portal's settings.
func (s *site) look(change func(*loyalty.Portal)) {
	s.t.Helper()
	p, err := s.office.Portal(s.t.Context(), s.shop.ID)
	if err != nil {
		s.t.Fatal(err)
	}
	p.On, p.Base, p.Country = true, s.server.URL, "FR"
	change(p)
	if err := s.office.SetPortal(s.t.Context(), s.shop.ID, p); err != nil {
		s.t.Fatal(err)
	}
}

func (s *site) apply(text string) {
	s.t.Helper()
	if _, err := s.programs.Apply(s.t.Context(), s.shop.ID, text, false); err != nil {
		s.t.Fatal(err)
	}
}

// enrol makes a member by the API's way.
func (s *site) enrol(number, first, email string) {
	s.t.Helper()
	_, err := s.people.Enrol(s.t.Context(), s.shop.ID, people.Enrolment{
		Fact:   loyalty.Fact{Feed: "web", ExternalID: "join-" + number, Via: "test", Origin: loyalty.FromLive},
		Person: people.Naming{Number: number, FirstName: first, LastName: "Dupont", Email: email, Locale: "en"},
	})
	if err != nil {
		s.t.Fatal(err)
	}
}

// letters does all jobs, and gives what was written to an address, newest first.
func (s *site) letters(to string) (out []*outreach.Kept) {
	s.t.Helper()
	for range 3 {
		if _, err := s.jobs.Round(s.t.Context()); err != nil {
			s.t.Fatal(err)
		}
	}
	all, err := s.outreach.Outbox(s.t.Context(), s.shop.ID, 100)
	if err != nil {
		s.t.Fatal(err)
	}
	for _, k := range all {
		if k.Message != nil && k.To == to {
			out = append(out, k)
		}
	}
	return out
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
		form.Set(pairs[i], pairs[i+1])
	}
	r, err := http.NewRequestWithContext(context.Background(), "POST", b.server.URL+path, strings.NewReader(form.Encode()))
	if err != nil {
		b.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return b.do(r)
}

var (
	codeIn = regexp.MustCompile(`\b\d{6}\b`)
	linkIn = regexp.MustCompile(`/sign-in/sgn_[^\s"<]+`)
)

// signIn lets a member in by the code of his letter.
func (b *browser) signIn(email string) {
	b.t.Helper()
	b.post("/sign-in", "email", email)
	list := b.letters(email)
	if len(list) == 0 {
		b.t.Fatalf("no letter to %s", email)
	}
	if g := b.post("/sign-in/code", "code", codeIn.FindString(list[0].Text)); g.StatusCode != 200 || !strings.Contains(g.body, `href="/profile"`) {
		b.t.Fatalf("not signed in: %d %s", g.StatusCode, g.body)
	}
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
