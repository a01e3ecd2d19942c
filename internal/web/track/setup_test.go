package track_test

import (
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"cagnotte/internal/id"
	"cagnotte/internal/intake"
	"cagnotte/internal/locale"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/message/local"
	"cagnotte/internal/moment"
	"cagnotte/internal/office"
	"cagnotte/internal/outreach"
	"cagnotte/internal/people"
	"cagnotte/internal/programs"
	"cagnotte/internal/referral"
	"cagnotte/internal/signin"
	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
	"cagnotte/internal/web"
	"cagnotte/internal/web/track"
)

// origin is a page of the shop.
const origin = "https://lavande.example"

const refer = `program "Friends"
  starts 2020-01-01
  refer friend 500 points, referrer 1000 points, on first order, from 20.00 EUR
`

// site is a shop with its pages: the twin of a shop, whose clock the tests move.
type site struct {
	t         *testing.T
	st        *store.Store
	in        *intake.Intake
	office    *office.Office
	people    *people.People
	referrals *referral.Referrals
	signin    *signin.SignIn
	shop      *loyalty.Shop
	limits    *web.Limiter
	handler   http.Handler
	mount     func()
	anna      id.Member
	code      string // Anna's
}

func open(t *testing.T, st *store.Store, program string) *site {
	t.Helper()
	log := slog.New(slog.DiscardHandler)
	box := storetest.Box(t)
	in := intake.New(st, box, log, intake.Options{})
	t.Cleanup(in.Close)
	words, err := locale.New()
	if err != nil {
		t.Fatal(err)
	}
	s := &site{t: t, st: st, in: in, office: office.New(st, in), people: people.New(st, in, box), referrals: referral.New(st, in)}
	s.signin = signin.New(st, box, outreach.New(st, in, box, words, log, outreach.Options{Kept: local.Outbox{}}))
	edge, list := web.NewEdge(log, words), programs.New(st, in)
	s.mount = func() {
		s.handler = web.New(edge, track.Mount(track.Services{
			Edge: edge, Log: log, Office: s.office, People: s.people, Programs: list, Referrals: s.referrals, SignIn: s.signin, Limits: s.limits,
		}))
	}
	s.mount()
	made, err := s.office.CreateShop(t.Context(), "Maison Lavande", "EUR", "Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	s.shop = made.Test
	s.look(func(*loyalty.Portal) {})
	s.at("2026-03-01")
	if _, err := list.Apply(t.Context(), s.shop.ID, program, false); err != nil {
		t.Fatal(err)
	}
	s.anna = s.enrol("anna", "anna.nowak@example.com")
	codes, err := s.people.Codes(t.Context(), s.shop.ID, s.anna)
	if err != nil {
		t.Fatal(err)
	}
	s.code = codes[0]
	return s
}

func (s *site) look(change func(*loyalty.Portal)) {
	s.t.Helper()
	p := loyalty.NewPortal()
	p.On, p.Base, p.Shop, p.Hosts = true, "https://club.lavande.example", "https://lavande.example", []string{"shop.lavande.example"}
	change(p)
	if err := s.office.SetPortal(s.t.Context(), s.shop.ID, p); err != nil {
		s.t.Fatal(err)
	}
}

// at moves the clock to a day, and lets be done what is due by then.
func (s *site) at(day string) {
	s.t.Helper()
	at, _, err := moment.ParseLocal(day, s.shop.Zone)
	if err != nil {
		s.t.Fatal(err)
	}
	if err := s.office.SetClock(s.t.Context(), s.shop.ID, at); err != nil {
		s.t.Fatal(err)
	}
}

func (s *site) enrol(number, email string) id.Member {
	s.t.Helper()
	a, err := s.people.Enrol(s.t.Context(), s.shop.ID, people.Enrolment{
		Fact:   loyalty.Fact{Feed: "web", ExternalID: "join-" + number, Via: "test", Origin: loyalty.FromLive},
		Person: people.Naming{Number: number, ExternalID: number, Email: email},
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return a.Member
}

// order is what a shop's server reports.
type order struct {
	ref, email string
	amount     int64
	code       string // typed at the checkout
	kind       string // empty: paid
	visitor    string // the browser, where the server names it itself
}

func (s *site) report(o order) intake.Answer {
	s.t.Helper()
	a := s.try(o)
	if a.Err != nil {
		s.t.Fatal(a.Err)
	}
	return a
}

func (s *site) try(o order) intake.Answer {
	s.t.Helper()
	if o.kind == "" {
		o.kind = loyalty.OrderPaid
	}
	who, person, err := s.people.Who(people.Naming{Email: o.email, Visitor: o.visitor}, "member")
	if err != nil {
		s.t.Fatal(err)
	}
	f := &loyalty.Fact{
		Kind: o.kind, Feed: "shop", ExternalID: o.kind + ":" + o.ref, Via: "api", Origin: loyalty.FromLive, Member: who, Person: person,
		Order: &loyalty.Order{Series: "shop", Ref: o.ref, Currency: "EUR", Lines: []loyalty.Line{{SKU: "SOAP", Quantity: 1, Amount: o.amount}}},
	}
	if o.code != "" {
		f.Order.Codes = []string{o.code}
		f.Referrer.Keys, f.Touch = []loyalty.Key{{Kind: loyalty.ByCode, Key: o.code}}, loyalty.Typed
	}
	answers, err := s.people.Record(s.t.Context(), s.shop.ID, f)
	if err != nil {
		s.t.Fatal(err)
	}
	return answers[0]
}

// points are what a member has open.
func (s *site) points(m id.Member) int64 {
	s.t.Helper()
	w, err := s.people.Wallet(s.t.Context(), s.shop.ID, m, 0)
	if err != nil {
		s.t.Fatal(err)
	}
	for _, u := range w.Units {
		if u.Unit == "points" {
			return u.Available
		}
	}
	return 0
}

// send posts an event from a page of the shop, as a script of it would.
func (s *site) send(body string, headers ...string) *httptest.ResponseRecorder {
	s.t.Helper()
	return s.ask("POST", "/e", body, append([]string{"Origin", origin, "Content-Type", "text/plain;charset=UTF-8"}, headers...)...)
}

func (s *site) ask(method, path, body string, headers ...string) *httptest.ResponseRecorder {
	s.t.Helper()
	var in io.Reader
	if body != "" {
		in = strings.NewReader(body)
	}
	r := httptest.NewRequestWithContext(s.t.Context(), method, path, in)
	for i := 0; i+1 < len(headers); i += 2 {
		if r.Header.Del(headers[i]); headers[i+1] != "" {
			r.Header.Set(headers[i], headers[i+1])
		}
	}
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	return w
}

// tell is an event as t.js sends it.
func (s *site) tell(fields map[string]any) {
	s.t.Helper()
	fields["site"] = s.shop.Slug
	b, err := json.Marshal(fields)
	if err != nil {
		s.t.Fatal(err)
	}
	if w := s.send(string(b)); w.Code != http.StatusNoContent || w.Body.Len() > 0 {
		s.t.Fatalf("%s: %d %s", b, w.Code, w.Body)
	}
}

func (s *site) seen() []*loyalty.Sighting {
	s.t.Helper()
	list, err := s.referrals.Sightings(s.t.Context(), s.shop.ID, id.Sighting{}, 100)
	if err != nil {
		s.t.Fatal(err)
	}
	return list
}

// rows is the number of rows of each table of the shop.
func (s *site) rows() map[string]int { return storetest.Rows(s.t, s.st, s.shop.ID) }

var phone = strings.Repeat("phone", 4)
