package api_test

import (
	"testing"

	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
)

func TestConsentsAreReportedAndRead(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st)
		anna := s.join("anna", "")
		path := "/v1/members/" + anna + "/consents"
		if got := dig(t, s.want(200, "GET", path, ""), "data").([]any); len(got) != 0 {
			t.Errorf("%v", got)
		}
		event := func(status int, id, kind, consent string) map[string]any {
			t.Helper()
			return s.want(status, "POST", "/v1/events", `{"events":[{"type":"`+kind+`","id":"`+id+`","member":{"number":"anna"},"consent":`+consent+`}]}`)
		}
		event(422, "0", "consent_given", `{"purpose":"newsletter","way":"owl"}`)
		event(422, "0", "consent_given", `{"purpose":"everything","way":"mail"}`)
		event(422, "0", "member_updated", `{"purpose":"newsletter","way":"mail"}`)
		event(200, "1", "consent_given", `{"purpose":"newsletter","way":"mail","source":"checkout","wording":"2026-05"}`)
		event(200, "2", "consent_given", `{"purpose":"marketing","way":"sms"}`)
		event(200, "3", "consent_withdrawn", `{"purpose":"marketing","way":"sms","source":"portal"}`)
		got := s.want(200, "GET", path, "")
		if text(t, got, "data", 0, "purpose") != "marketing" || dig(t, got, "data", 0, "given") != false || text(t, got, "data", 0, "source") != "portal" {
			t.Errorf("%v", got)
		}
		if dig(t, got, "data", 1, "given") != true || text(t, got, "data", 1, "wording") != "2026-05" || len(dig(t, got, "data").([]any)) != 2 {
			t.Errorf("%v", got)
		}
		fact := s.want(200, "GET", "/v1/events/"+text(t, got, "data", 1, "event"), "")
		if text(t, fact, "consent", "source") != "checkout" {
			t.Errorf("%v", fact)
		}
		s.want(404, "GET", "/v1/members/mem_06h1jerkc5sy1d0yr1vvmqr000/consents", "")
	})
}
