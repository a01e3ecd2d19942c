package api_test

import (
	"fmt"
	"testing"

	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
)

// Programs are tried over the orders of the past; a question is asked anew each time, also
// under an Idempotency-Key, because it stores nothing, not even its answer.
func TestABacktestAsksAndStoresNothing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st)
		s.want(200, "POST", "/v1/events", fmt.Sprintf(undated, "1001"), "Idempotency-Key", "o-1")
		const route = "/v1/programs/backtest?lang=pl"
		question := func(worth string) string {
			return `{"live":true,"target":500,"text":"program \"P\"\n  starts 2020-01-01\n  earn 1 point per 1.00 EUR, worth ` + worth + ` EUR"}`
		}
		for worth, cost := range map[string]float64{"0.01": 20, "0.05": 100} {
			got := s.want(200, "POST", route, question(worth), "Idempotency-Key", "ask")
			for field, want := range map[string]any{"cost": cost, "turnover": 2000.0, "orders": 1.0, "new_customers": 1.0, "cost_per_new_customer": cost, "lang": "pl"} {
				if fmt.Sprint(got[field]) != fmt.Sprint(want) {
					t.Errorf("%s is %v, want %v", field, got[field], want)
				}
			}
			if said, _ := got["said"].([]any); len(said) < 4 {
				t.Errorf("said %v", got["said"])
			}
		}
		if again := s.send("POST", route, question("0.01"), "Idempotency-Key", "ask"); again.header.Get("Idempotent-Replayed") != "" {
			t.Error("an answer was stored")
		}
		for body, want := range map[string]string{
			`{"target":-1,"text":"program \"P\"\n  earn 1 point on sign-up"}`: "target out_of_range",
			`{"live":true,"text":"program \"P\"\n  earn many points"}`:        "text program_text",
			`{"live":true}`: "text required",
		} {
			p := s.want(422, "POST", route, body)
			if got := fmt.Sprint(p["field"], " ", p["code"]); got != want {
				t.Errorf("%s: %s, want %s", body, got, want)
			}
		}
	})
}
