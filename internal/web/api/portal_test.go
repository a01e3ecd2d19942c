package api_test

import (
	"net/http"
	"strings"
	"testing"

	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
)

func TestThePortalsSettings(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st)
		good := `{"on":true,"base":"https://club.example","shop":"https://shop.example","hosts":["shop.example"],"languages":["pl","fr"],"hue":300,"country":"PL","join":"open","numbers":{"length":8,"check":true},"landing":"discover","consent":"strict"}`
		if r := s.send("GET", "/v1/portal/placements", ""); r.status != http.StatusConflict {
			t.Errorf("snippets of a portal that is off: %d", r.status)
		}
		r := s.send("PUT", "/v1/portal", good)
		if r.status != http.StatusOK || !strings.Contains(string(r.body), `"sign_on_secret":"`) {
			t.Fatalf("%d %s", r.status, r.body)
		}
		if was := string(r.body); string(s.send("GET", "/v1/portal", "").body) != was {
			t.Errorf("what was set is not what is shown")
		}
		if again := s.send("PUT", "/v1/portal", string(r.body)); again.status != http.StatusOK || string(again.body) != string(r.body) {
			t.Errorf("what was read cannot be written back: %d %s", again.status, again.body)
		}
		r = s.send("GET", "/v1/portal/placements?locale=pl", "")
		if r.status != http.StatusOK || strings.Count(string(r.body), `"html"`) != 5 || !strings.Contains(string(r.body), "https://club.example") {
			t.Errorf("%d %s", r.status, r.body)
		}
		for _, bad := range []struct{ from, to, field, code string }{
			{`"https://club.example"`, `"ftp://club.example"`, "base", "invalid_web_address"},
			{`"https://club.example"`, `"https://club.example/"`, "base", "invalid_web_address"},
			{`"https://club.example"`, `"https://a@club.example"`, "base", "invalid_web_address"},
			{`"https://club.example"`, `""`, "base", "required"},
			{`"https://shop.example"`, `"javascript:alert(1)"`, "shop", "invalid_web_address"},
			{`["shop.example"]`, `["*.shop.example"]`, "hosts", "invalid_host"},
			{`["shop.example"]`, `["shop.example/x"]`, "hosts", "invalid_host"},
			{`["pl","fr"]`, `["pl","de"]`, "languages", "unknown_language"},
			{`["pl","fr"]`, `[]`, "languages", "required"},
			{`"country":"PL"`, `"country":"Poland"`, "country", "unknown_country"},
			{`"length":8`, `"length":8,"prefix":"lav"`, "numbers.prefix", "invalid_prefix"},
			{`"discover"`, `"coupon"`, "coupon", "required"},
		} {
			r := s.send("PUT", "/v1/portal", strings.Replace(good, bad.from, bad.to, 1))
			if r.status != http.StatusUnprocessableEntity || !strings.Contains(string(r.body), `"field":"`+bad.field+`"`) || !strings.Contains(string(r.body), `"code":"`+bad.code+`"`) {
				t.Errorf("%s: %d %s", bad.to, r.status, r.body)
			}
		}
	})
}
