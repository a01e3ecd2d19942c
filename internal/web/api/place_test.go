package api_test

import (
	"testing"

	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
)

func TestASignUpSaysWhere(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st)
		s.want(200, "POST", "/v1/shop/clock", `{"at":"2026-03-01T09:00:00+01:00"}`)
		s.publish("program \"Till\"\n  starts 2026-01-01\n  earn 50 points, on sign-up, in channel till\n")
		for channel, want := range map[string]string{"till": "given", "web": "refused"} {
			r := s.want(200, "POST", "/v1/events", `{"events":[{"type":"member_joined","id":"j-`+channel+`","member":{"number":"`+channel+`"},"happening":{"channel":"`+channel+`"}}]}`)
			if got := text(t, r, "results", 0, "decisions", 1, "outcome"); got != want {
				t.Errorf("in %s: %s, want %s", channel, got, want)
			}
			e := s.want(200, "GET", "/v1/events/"+text(t, r, "results", 0, "id"), "")
			if got := text(t, e, "happening", "channel"); got != channel {
				t.Errorf("recorded in %q, want %q", got, channel)
			}
		}
	})
}
