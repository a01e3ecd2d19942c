package api_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/store/storetest"
)

const perEvent = `{"events":[{"type":"order_paid","id":"e-%08d","occurred_at":"2026-03-01T09:30:00Z","member":{"number":"M-%08d"},"order":{"series":"web","ref":"%08d","currency":"EUR","lines":[{"sku":"COFFEE-1KG","category":"coffee","quantity":2,"amount":4550}]}}]}`

// BenchmarkPostEvents is one event for each request, end to end on SQLite without the
// network; BenchmarkRecord is the same through intake alone. Their difference is the API.
func BenchmarkPostEvents(b *testing.B) {
	s := open(b, storetest.Open(b, storetest.Config(b, "sqlite")))
	s.publish(terms)
	var n atomic.Int64
	b.SetParallelism(64)
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			i := n.Add(1)
			r := httptest.NewRequestWithContext(b.Context(), "POST", "/v1/events", strings.NewReader(fmt.Sprintf(perEvent, i, i, i)))
			r.Header.Set("Authorization", "Bearer "+s.key)
			w := httptest.NewRecorder()
			s.handler.ServeHTTP(w, r)
			if w.Code != http.StatusOK {
				b.Fatalf("%d %s", w.Code, w.Body)
			}
		}
	})
}

func BenchmarkRecord(b *testing.B) {
	s := open(b, storetest.Open(b, storetest.Config(b, "sqlite")))
	s.publish(terms)
	var n atomic.Int64
	b.SetParallelism(64)
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			i := fmt.Sprintf("%08d", n.Add(1))
			a, err := s.in.Record(b.Context(), s.opened.Test.ID, &loyalty.Fact{
				Kind: loyalty.OrderPaid, Feed: "api", ExternalID: "e-" + i, Via: "api", Origin: loyalty.FromLive,
				OccurredAt: 1_772_000_000 * moment.Second,
				Member:     loyalty.Who{Keys: []loyalty.Key{{Kind: loyalty.ByNumber, Key: "M-" + i}}},
				Order: &loyalty.Order{Series: "web", Ref: i, Currency: "EUR", Lines: []loyalty.Line{
					{SKU: "COFFEE-1KG", Category: "coffee", Quantity: 2, Amount: 4550},
				}},
			})
			if err != nil || a[0].Err != nil {
				b.Fatal(err, a)
			}
		}
	})
}

// BenchmarkPostRefused is a request without the store: key, body, fact, check, problem.
func BenchmarkPostRefused(b *testing.B) {
	s := open(b, storetest.Open(b, storetest.Config(b, "sqlite")))
	body := strings.Replace(fmt.Sprintf(perEvent, 1, 1, 1), "EUR", "PLN", 1)
	b.ReportAllocs()
	for b.Loop() {
		r := httptest.NewRequestWithContext(b.Context(), "POST", "/v1/events", strings.NewReader(body))
		r.Header.Set("Authorization", "Bearer "+s.key)
		w := httptest.NewRecorder()
		s.handler.ServeHTTP(w, r)
		if w.Code != http.StatusUnprocessableEntity {
			b.Fatalf("%d %s", w.Code, w.Body)
		}
	}
}

// BenchmarkWallet is the read that a till waits for: a wallet with its lots and vouchers.
func BenchmarkWallet(b *testing.B) {
	s := open(b, storetest.Open(b, storetest.Config(b, "sqlite")))
	s.publish(terms)
	member := ""
	for i := range 20 {
		out := s.want(200, "POST", "/v1/orders", fmt.Sprintf(`{"ref":"%d","currency":"EUR","member":{"number":"B"},"lines":[{"sku":"COFFEE","amount":700}]}`, i))
		member = text(b, out, "member")
	}
	b.ReportAllocs()
	for b.Loop() {
		if a := s.send("GET", "/v1/members/"+member+"/wallet", ""); a.status != http.StatusOK {
			b.Fatalf("%d %s", a.status, a.body)
		}
	}
}
