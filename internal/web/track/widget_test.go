package track_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"cagnotte/internal/loyalty"
	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
	"cagnotte/internal/web/track"
)

// token is what a page of the shop has for an account of its own.
func (s *site) token(account string) string {
	s.t.Helper()
	p, err := s.office.Portal(s.t.Context(), s.shop.ID)
	if err != nil {
		s.t.Fatal(err)
	}
	out, err := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{
		"aud": s.shop.Slug, "sub": account, "jti": "1", "exp": s.st.Clock().Std().Add(time.Minute).Unix(),
	}).SignedString([]byte(s.signin.Secret(s.shop.ID, p.SecretNo)))
	if err != nil {
		s.t.Fatal(err)
	}
	return out
}

func (s *site) widget(method, query, body string, headers ...string) track.Widget {
	s.t.Helper()
	w := s.ask(method, "/w/"+s.shop.Slug+".json"+query, body, append([]string{"Origin", origin}, headers...)...)
	if w.Code != 200 || w.Header().Get("Access-Control-Allow-Origin") != origin || w.Header().Get("Vary") != "Origin" ||
		w.Header().Get("Access-Control-Allow-Credentials") != "" || w.Header().Get("Cache-Control") != "no-store" {
		s.t.Fatalf("%d %v %s", w.Code, w.Header(), w.Body)
	}
	var out track.Widget
	if err := json.Unmarshal(w.Body.Bytes(), &out); err != nil {
		s.t.Fatal(err)
	}
	return out
}

func TestTheWidgetSpeaksTheReadersLanguage(t *testing.T) {
	s := open(t, storetest.Open(t, storetest.Config(t, "sqlite")), refer)
	for query, want := range map[string][2]string{
		"?l=fr": {"fr", "500"}, "?l=pl": {"pl", "500"}, "?l=en": {"en", "500"}, "?l=de": {"fr", "500"}, "": {"en", "500"},
	} {
		got := s.widget("GET", query, "", "Accept-Language", "en")
		if got.Lang != want[0] || len(got.Text) != 1 || !strings.Contains(got.Text[0], want[1]) || got.Open[1] != "https://club.lavande.example/join" {
			t.Errorf("%q: %+v", query, got)
		}
		if !strings.Contains(got.Title, s.shop.Name) || got.Launcher == "" || strings.Contains(got.Launcher, "widget.") {
			t.Errorf("%q: title %q, launcher %q", query, got.Title, got.Launcher)
		}
	}
}

func TestTheWidgetShowsAMemberOnlyToHisOwnToken(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st, refer)
		s.report(order{ref: "A1", email: "bela@example.com", amount: 4500, code: s.code})
		good := s.token("anna")
		forged := good[:len(good)-4] + "AAAA"
		for name, token := range map[string]string{"none": "", "a forged one": forged, "an account that is nobody's": s.token("nobody"), "no token": "hello"} {
			got := s.widget("POST", "?l=en", token)
			if got.Link != "" || len(got.Amounts) > 0 || len(got.Channels) > 0 || got.Message != "" {
				t.Errorf("%s: %+v", name, got)
			}
		}
		if got := s.widget("GET", "?l=en&token="+good, ""); got.Link != "" {
			t.Error("a token in an address is believed")
		}
		got := s.widget("POST", "?l=en", good)
		if got.Link != "https://club.lavande.example/i/"+s.code || len(got.Amounts) != 1 || got.Amounts[0] != "1,000 points" {
			t.Errorf("%+v", got)
		}
		found := false
		for _, c := range got.Channels {
			found = found || c[0] == "WhatsApp" && strings.Contains(c[1], "club.lavande.example%2Fi%2F"+s.code)
			if strings.HasPrefix(c[0], "portal.") {
				t.Errorf("a channel is called %q", c[0])
			}
		}
		if !found {
			t.Errorf("channels %v", got.Channels)
		}
		s.block()
		if got := s.widget("POST", "?l=en", good); got.Link != "" {
			t.Error("a blocked member has a link")
		}
	})
}

func (s *site) block() {
	s.t.Helper()
	answers, err := s.people.Record(s.t.Context(), s.shop.ID, &loyalty.Fact{
		Kind: loyalty.StaffBlock, Feed: "staff", ExternalID: "block", Via: "test", Origin: loyalty.FromStaff, Member: loyalty.Who{ID: s.anna},
		Staff: &loyalty.Staff{Actor: "Zofia", Reason: "test"},
	})
	if err == nil {
		err = answers[0].Err
	}
	if err != nil {
		s.t.Fatal(err)
	}
}

// P10: who is not the shop's own reads nothing.
func TestOtherSitesDoNotReadTheWidget(t *testing.T) {
	s := open(t, storetest.Open(t, storetest.Config(t, "sqlite")), refer)
	path := "/w/" + s.shop.Slug + ".json"
	for _, from := range []string{"", "null", "https://evil.example", "https://evil-lavande.example", "https://lavande.example.evil.example", "http://lavande.example"} {
		for _, method := range []string{"GET", "POST"} {
			w := s.ask(method, path, "", "Origin", from)
			if w.Code != 404 || w.Header().Get("Access-Control-Allow-Origin") != "" || w.Header().Get("Vary") != "Origin" {
				t.Errorf("%s from %q: %d %v", method, from, w.Code, w.Header())
			}
		}
	}
	for _, path := range []string{"/w/nobody.json", "/w/" + s.shop.Slug, "/w/.json"} {
		if w := s.ask("GET", path, "", "Origin", origin); w.Code != 404 {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
	s.look(func(p *loyalty.Portal) { p.On = false })
	if w := s.ask("GET", path, "", "Origin", origin); w.Code != 404 {
		t.Errorf("of a portal that is off: %d", w.Code)
	}
}
