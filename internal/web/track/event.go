package track

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"cagnotte/internal/loyalty"
	"cagnotte/internal/money"
)

// maxEvent is how long the body of an event may be, in bytes.
const maxEvent = 16 << 10

// event is what t.js sends. A body with any other field is dropped.
type event struct {
	Site     string `json:"site"`
	Type     string `json:"type"`
	Source   string `json:"source"`
	Consent  bool   `json:"consent"`
	Visitor  string `json:"visitor"`
	Code     string `json:"code"`
	Ref      string `json:"ref"`
	Total    string `json:"total"` // major units, as the shop's page writes them
	Currency string `json:"currency"`
	Token    string `json:"token"` // of identify
}

// kinds are the types of events, and what they are kept as. identify is kept as none.
var kinds = map[string]string{
	"landing": loyalty.SawLanding, "cart": loyalty.SawCart, "order": loyalty.SawOrder, "refund": loyalty.SawRefund, identify: "",
}

const identify = "identify"

var sources = map[string]bool{"": true, "own": true, "ga4": true, "segment": true, "matomo": true}

// visitors is what t.js names browsers by.
var visitors = regexp.MustCompile(`^[0-9a-z]{16,40}$`)

// event takes what a browser tells. Whatever it is, the answer is 204 without a word, so that
// nobody learns what is believed; only who sends too much is told so.
func (t *track) event(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	if err := t.Limits.Browser(r); err != nil {
		t.Edge.Fail(w, r, err)
		return
	}
	if err := t.take(w, r); err != nil {
		if _, said := errors.AsType[*loyalty.Problem](err); !said && !errors.Is(err, errDropped) {
			t.Log.Warn("an event of a browser is lost", "route", r.Pattern, "error", err)
		}
	}
	w.WriteHeader(http.StatusNoContent)
}

var errDropped = errors.New("this event is dropped")

func (t *track) take(w http.ResponseWriter, r *http.Request) error {
	// A script sends it, never an address that a page loads, shows or goes to.
	if d := r.Header.Get("Sec-Fetch-Dest"); d != "" && d != "empty" {
		return errDropped
	}
	if m := r.Header.Get("Sec-Fetch-Mode"); m == "navigate" {
		return errDropped
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxEvent))
	if err != nil {
		return errDropped
	}
	var e event
	d := json.NewDecoder(bytes.NewReader(body))
	d.DisallowUnknownFields()
	if d.Decode(&e) != nil || d.More() {
		return errDropped
	}
	kind, known := kinds[e.Type]
	if !known || !sources[e.Source] || !e.short() {
		return errDropped
	}
	shop, look, err := t.visit(r, e.Site)
	if err != nil {
		return err
	}
	if look.Consent == loyalty.ConsentStrict && !e.Consent || !visitors.MatchString(e.Visitor) {
		e.Visitor = ""
	}
	if e.Type == identify {
		return t.identify(r, shop, &e)
	}
	s := loyalty.Sighting{Kind: kind, Source: e.Source, Ref: e.Ref, Visitor: e.Visitor, Code: e.Code, Currency: strings.ToUpper(e.Currency)}
	if s.Source == "" {
		s.Source = "own"
	}
	if s.Kind == loyalty.SawLanding || s.Kind == loyalty.SawCart {
		s.Ref = ""
	}
	s.Amount, s.Priced = amount(e.Total, shop.Currency)
	host := ""
	if u, err := url.Parse(r.Header.Get("Origin")); err == nil {
		host = u.Host // it is one of the shop's
	}
	t.Feed.Page(shop.ID, host, true)
	if trial, err := t.Feed.Follow(r.Context(), shop.ID, host, s); err != nil {
		return err
	} else if trial { // its code is nobody's
		if s.Kind == loyalty.SawLanding {
			return nil
		}
		s.Code = ""
	}
	return t.Referrals.See(r.Context(), shop.ID, s)
}

// short tells whether every part of an event is as long as it may be and can be printed.
func (e *event) short() bool {
	for _, x := range []string{e.Visitor, e.Code, e.Ref, e.Total, e.Currency} {
		if len(x) > loyalty.MaxRefBytes || strings.ContainsFunc(x, func(c rune) bool { return c < ' ' || c == 0x7f || c == 0xfffd }) {
			return false
		}
	}
	return true
}

// amount reads what a page calls the total of an order, "84.9", in minor units of a currency.
// Scripts compute with fractions: 84.90000000000001 is 84.90.
func amount(s, currency string) (int64, bool) {
	v, err := strconv.ParseFloat(s, 64)
	decimals, ok := money.Decimals(currency)
	if err != nil || !ok || v < 0 {
		return 0, false
	}
	n, err := money.Parse(strconv.FormatFloat(v, 'f', decimals, 64), decimals)
	return n, err == nil
}

// identify notes in which browser a member is signed in.
func (t *track) identify(r *http.Request, shop *loyalty.Shop, e *event) error {
	if e.Visitor == "" {
		return errDropped
	}
	m, err := t.member(r.Context(), shop, e.Token)
	if err != nil || m == nil {
		return err
	}
	return t.People.Uses(r.Context(), shop.ID, m.ID, e.Visitor)
}
