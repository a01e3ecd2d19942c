package api_test

import (
	"fmt"
	"strings"
	"testing"

	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
)

const dated = `program "Dated"
  starts 2020-01-01
  earn 1 point per 1.00 EUR, after 3 days, valid 10 days
  now: earn 7 points, on sign-up
`

// balances writes a wallet in one line: what is there, open, closed, owed, and the lots as
// left/earned with their days.
func (s *site) balances(member, at string) string {
	s.t.Helper()
	w := s.want(200, "GET", "/v1/members/"+member+"/wallet?at="+at, "")
	var out []string
	for i := range dig(s.t, w, "units").([]any) {
		u := dig(s.t, w, "units", i)
		line := fmt.Sprintf("%s %s=%s+%s-%s", text(s.t, u, "unit"), text(s.t, u, "balance"), text(s.t, u, "available"), text(s.t, u, "pending"), text(s.t, u, "debt"))
		for j := range dig(s.t, u, "lots").([]any) {
			l := dig(s.t, u, "lots", j)
			line += fmt.Sprintf(" %s/%s[%s..%s]", text(s.t, l, "remaining"), text(s.t, l, "amount"), text(s.t, l, "first_day"), text(s.t, l, "last_day"))
		}
		out = append(out, line)
	}
	return strings.Join(out, "; ")
}

// A wallet of the past is what the wallet of then would have said, had it been asked.
func TestAWalletOfAnyInstant(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st)
		clock := func(at string) {
			t.Helper()
			s.want(200, "POST", "/v1/shop/clock", `{"at":"`+at+`"}`)
		}
		clock("2026-03-01T12:00:00Z")
		s.publish(dated)
		anna, bela := s.join("anna", ""), s.join("bela", "")
		twin := s.join("anna-2", "")
		then := map[string]string{}
		note := func() {
			t.Helper()
			now := text(t, s.want(200, "GET", "/v1/shop", ""), "now")
			for _, m := range []string{anna, bela, twin} {
				then[m+" "+now] = s.balances(m, "")
			}
		}
		steps := []struct{ at, path, body string }{
			{"2026-03-02T12:00:00Z", "/v1/orders", `{"ref":"1","currency":"EUR","member":{"number":"anna"},"lines":[{"sku":"TEA","amount":10000}]}`},
			{"2026-03-03T12:00:00Z", "/v1/orders", `{"ref":"2","currency":"EUR","member":{"number":"anna-2"},"lines":[{"sku":"TEA","amount":2000}]}`},
			{"2026-03-06T12:00:00Z", "/v1/members/" + anna + "/adjustments", `{"id":"a1","unit":"points","amount":-90,"reason":"spent","actor":"eva"}`},
			{"2026-03-07T12:00:00Z", "/v1/refunds", `{"id":"r1","ref":"1","amount":5000}`},
			{"2026-03-08T12:00:00Z", "/v1/transfers", `{"id":"t1","from":{"number":"anna-2"},"to":{"number":"bela"},"unit":"points","amount":5}`},
			{"2026-03-09T12:00:00Z", "/v1/members/" + anna + "/merge", `{"id":"m1","other":{"number":"anna-2"},"actor":"eva","reason":"one person"}`},
			{"2026-03-17T12:00:00Z", "/v1/orders", `{"ref":"3","currency":"EUR","member":{"number":"anna"},"lines":[{"sku":"TEA","amount":4000}]}`},
			{"2026-03-25T12:00:00Z", "/v1/orders", `{"ref":"4","currency":"EUR","member":{"number":"bela"},"lines":[{"sku":"TEA","amount":4000}]}`},
		}
		for _, x := range steps {
			clock(x.at)
			if out := s.want(200, "POST", x.path, x.body); text(t, out, "status") != "recorded" {
				t.Fatalf("%v", out)
			}
			clock(strings.Replace(x.at, "T12", "T18", 1))
			note()
		}
		if got, want := then[anna+" 2026-03-02T18:00:00Z"], "points 107=7+100-0 100/100[2026-03-05..2026-03-15] 7/7[2026-03-01..]"; got != want {
			t.Errorf("%s, want %s", got, want)
		}
		if got, want := then[anna+" 2026-03-07T18:00:00Z"], "points -33=0+0-33"; got != want {
			t.Errorf("%s, want %s", got, want)
		}
		clock("2026-05-01T12:00:00Z")
		for key, want := range then {
			m, at, _ := strings.Cut(key, " ")
			if got := s.balances(m, at); got != want {
				t.Errorf("%s is told as\n%s, was\n%s", key, got, want)
			}
		}
		if got := s.balances(anna, "2020-01-01T00:00:00Z"); got != "" {
			t.Errorf("before everything: %s", got)
		}
		if w := s.want(404, "GET", "/v1/members/mem_0000000000000000000000000g/wallet?at=2020-01-01T00:00:00Z", ""); text(t, w, "code") != "member_unknown" {
			t.Errorf("%v", w)
		}
	})
}
