package api_test

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"cagnotte/internal/checkout"
	catalogue "cagnotte/internal/gifts"
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
	"cagnotte/internal/web"
	"cagnotte/internal/web/api"
)

// site is a running API with one shop: key reaches its twin unless a test says otherwise.
type site struct {
	t        testing.TB
	st       *store.Store
	in       *intake.Intake
	office   *office.Office
	handler  http.Handler
	limits   *web.Limiter
	mount    func() // makes the handler, with the limits of now
	operator string
	live     string
	key      string
	opened   *office.Opened
}

func open(t testing.TB, st *store.Store) *site {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	box := storetest.Box(t)
	in := intake.New(st, box, log, intake.Options{})
	t.Cleanup(in.Close)
	words, err := locale.New()
	if err != nil {
		t.Fatal(err)
	}
	edge, o := web.NewEdge(log, words), office.New(st, in)
	s := &site{t: t, st: st, in: in, office: o}
	s.mount = func() {
		s.handler = web.New(edge, api.Mount(api.Services{
			Edge: edge, Log: log, Office: o, People: people.New(st, in, box), Referrals: referral.New(st, in), Programs: programs.New(st, in), Checkout: checkout.New(st, in), Rewards: rewards.New(st, in), Pages: pages.New(st, box), Gifts: catalogue.New(st, in, box), Insight: insight.New(st), SignIn: signin.New(st, box, nil), Limits: s.limits, Version: "test",
		}))
	}
	s.mount()
	if s.operator, err = o.CreateKey(t.Context(), 0); err != nil {
		t.Fatal(err)
	}
	if s.opened, err = o.CreateShop(t.Context(), "Café Żółć", "EUR", "Europe/Warsaw"); err != nil {
		t.Fatal(err)
	}
	s.live, s.key = s.opened.LiveKey, s.opened.TestKey
	return s
}

// answer is a response, read.
type answer struct {
	status int
	header http.Header
	body   []byte
}

func (s *site) send(method, path, body string, headers ...string) answer {
	s.t.Helper()
	var in io.Reader
	if body != "" {
		in = strings.NewReader(body)
	}
	r := httptest.NewRequestWithContext(s.t.Context(), method, path, in)
	r.Header.Set("Authorization", "Bearer "+s.key)
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	return answer{w.Code, w.Header(), w.Body.Bytes()}
}

// want sends a request that must be answered with a status, and reads the answer.
func (s *site) want(status int, method, path, body string, headers ...string) map[string]any {
	s.t.Helper()
	a := s.send(method, path, body, headers...)
	if a.status != status {
		s.t.Fatalf("%s %s: %d, want %d: %s", method, path, a.status, status, a.body)
	}
	return a.json(s.t)
}

func (a answer) json(t testing.TB) map[string]any {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(a.body))
	d.UseNumber()
	var out map[string]any
	if err := d.Decode(&out); err != nil {
		t.Fatalf("%v: %s", err, a.body)
	}
	return out
}

// dig walks into an answer: names, and places in lists.
func dig(t testing.TB, v any, path ...any) any {
	t.Helper()
	for i, step := range path {
		switch x := step.(type) {
		case string:
			m, ok := v.(map[string]any)
			if !ok {
				t.Fatalf("%v: not an object: %v", path[:i], v)
			}
			v = m[x]
		case int:
			l, ok := v.([]any)
			if !ok || x >= len(l) {
				t.Fatalf("%v: no such item: %v", path[:i], v)
			}
			v = l[x]
		}
	}
	return v
}

func text(t testing.TB, v any, path ...any) string {
	t.Helper()
	switch x := dig(t, v, path...).(type) {
	case string:
		return x
	case json.Number:
		return x.String()
	case nil:
		return ""
	default:
		t.Fatalf("%v is %v", path, x)
		return ""
	}
}

var qCount = store.New("test.events.count", `SELECT COUNT(*) FROM events WHERE shop_id >= $1`)

func (s *site) events() int {
	s.t.Helper()
	n := 0
	if err := s.st.Read(s.t.Context(), qCount, func(r store.Scanner) error { return r.Scan(&n) }, int64(0)); err != nil {
		s.t.Fatal(err)
	}
	return n
}

const terms = `program "Points"
  starts 2020-01-01
  earn 1 point per 1.00 EUR, valid 12 months
  refer friend 500 points, referrer 1000 points, on first order, from 20.00 EUR, after 14 days
program "Coffee"
  starts 2020-01-01
  stamp 1 per item, of article COFFEE
  exchange 3 stamps for product voucher of COFFEE
`

func quote(s string) string {
	b, _ := json.Marshal(s)
	return string(b)
}

// publish applies a text and gives the answer.
func (s *site) publish(program string) map[string]any {
	s.t.Helper()
	return s.want(http.StatusOK, "POST", "/v1/programs", `{"text":`+quote(program)+`}`)
}
