package api_test

import (
	"strings"
	"testing"
	"time"

	"cagnotte/internal/store/storetest"
	"cagnotte/internal/web"
)

func TestWhoAsksTooOftenWaits(t *testing.T) {
	s := open(t, storetest.Open(t, storetest.Config(t, "sqlite")))
	s.publish(terms)
	now := time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)
	s.limits = web.NewLimiter(web.Limits{Shop: web.Rate{PerSecond: 10, Burst: 5}, Failures: web.Rate{PerSecond: 1, Burst: 2}}, func() time.Time { return now })
	s.mount()

	one := func(id string) string {
		return `{"type":"order_paid","id":"` + id + `","member":{"number":"B"},"order":{"ref":"` + id + `","currency":"EUR","lines":[{"sku":"a","amount":100}]}}`
	}
	var many []string
	for _, c := range "abcdefghijklmnopqrstuvwxyz" {
		many = append(many, one(string(c)))
	}
	s.want(200, "POST", "/v1/events", `{"events":[`+strings.Join(many, ",")+`]}`, "Idempotency-Key", "all")
	a := s.send("GET", "/v1/members", "", "Accept-Language", "pl")
	p := a.json(t)
	if a.status != 429 || text(t, p, "code") != "rate_limited" || a.header.Get("Retry-After") != "3" ||
		text(t, p, "detail") != "Przyszło za dużo żądań; odczekaj 3 s przed następnym." {
		t.Errorf("%d %v %s", a.status, a.header, a.body)
	}
	if a := s.send("POST", "/v1/orders", `{"ref":"z","currency":"EUR","lines":[]}`, "Idempotency-Key", "later"); a.status != 429 || a.header.Get("Retry-After") != "3" {
		t.Errorf("%d %v", a.status, a.header)
	}
	now = now.Add(3 * time.Second)
	s.want(200, "POST", "/v1/orders", `{"ref":"z","currency":"EUR","lines":[]}`, "Idempotency-Key", "later") // it was not stored as the answer
	s.want(200, "POST", "/v1/events", `{"events":[`+strings.Join(many, ",")+`]}`, "Idempotency-Key", "all")  // a stored answer is one request
	s.want(200, "GET", "/v1/members", "")

	good := s.key
	for i, status := range []int{401, 401, 429} {
		s.key = []string{"", "cag_live_GUESS", "cag_live_GUESS"}[i]
		if a := s.send("GET", "/v1/members", "", "X-Forwarded-For", "203.0.113."+string(rune('1'+i))); a.status != status {
			t.Errorf("failure %d: %d %s", i, a.status, a.body)
		}
	}
	s.key = good
	s.want(200, "GET", "/v1/members", "") // from the same address
}
