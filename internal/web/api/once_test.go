package api_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"cagnotte/internal/office"
	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
)

const undated = `{"events":[{"type":"order_paid","member":{"number":"B"},"order":{"ref":"%s","currency":"EUR","lines":[{"sku":"a","amount":2000}]}}]}`

func TestARequestUnderAKeyIsDoneOnce(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st)
		s.publish(terms)
		body := fmt.Sprintf(undated, "1001")

		t.Run("again it gives the stored answer", func(t *testing.T) {
			first := s.send("POST", "/v1/events", body, "Idempotency-Key", "k-1")
			again := s.send("POST", "/v1/events", body, "Idempotency-Key", "k-1")
			if first.status != 200 || again.status != 200 || string(first.body) != string(again.body) {
				t.Fatalf("%d %s\nthen %d %s", first.status, first.body, again.status, again.body)
			}
			if first.header.Get("Idempotent-Replayed") != "" || again.header.Get("Idempotent-Replayed") != "true" {
				t.Error("a replayed answer says so, a first one does not")
			}
			if s.events() != 1 {
				t.Errorf("%d events", s.events())
			}
		})
		t.Run("after the answer is gone the fact is still the same one", func(t *testing.T) {
			if err := st.Write(t.Context(), func(tx *store.Tx) error {
				return tx.Exec(t.Context(), qForget, int64(s.opened.Test.ID))
			}); err != nil {
				t.Fatal(err)
			}
			got := s.want(200, "POST", "/v1/events", body, "Idempotency-Key", "k-1")
			if text(t, got, "results", 0, "status") != "duplicate" || s.events() != 1 {
				t.Errorf("%v, %d events", got, s.events())
			}
		})
		t.Run("another request under it is refused", func(t *testing.T) {
			p := s.want(422, "POST", "/v1/events", fmt.Sprintf(undated, "1002"), "Idempotency-Key", "k-1")
			if text(t, p, "code") != "idempotency_key_reused" || text(t, p, "field") != "Idempotency-Key" {
				t.Errorf("%v", p)
			}
		})
		t.Run("a refusal is an answer too", func(t *testing.T) {
			for range 2 {
				p := s.want(422, "POST", "/v1/refunds", `{"lines":[]}`, "Idempotency-Key", "k-2")
				if text(t, p, "code") != "required" {
					t.Errorf("%v", p)
				}
			}
		})
		t.Run("a dry run leaves the key free", func(t *testing.T) {
			s.want(200, "POST", "/v1/events?dry_run=true", fmt.Sprintf(undated, "1003"), "Idempotency-Key", "k-3")
			s.want(200, "POST", "/v1/events", fmt.Sprintf(undated, "1003"), "Idempotency-Key", "k-3")
		})
		t.Run("a key that is still running says so", func(t *testing.T) {
			claim, _, err := s.office.Claim(t.Context(), officeRequest(s, "k-4", `{"id":"r"}`))
			if err != nil {
				t.Fatal(err)
			}
			a := s.send("POST", "/v1/refunds", `{"id":"r"}`, "Idempotency-Key", "k-4")
			if a.status != 409 || text(t, a.json(t), "code") != "in_progress" || a.header.Get("Retry-After") == "" {
				t.Errorf("%d %s", a.status, a.body)
			}
			if err := claim.Drop(t.Context()); err != nil {
				t.Fatal(err)
			}
			s.want(422, "POST", "/v1/refunds", `{"id":"r"}`, "Idempotency-Key", "k-4")
		})
		t.Run("many at once do it once", func(t *testing.T) {
			before := s.events()
			var wait sync.WaitGroup
			for range 20 {
				wait.Go(func() {
					a := s.send("POST", "/v1/events", fmt.Sprintf(undated, "1005"), "Idempotency-Key", "k-5")
					if a.status != 200 && a.status != 409 {
						t.Errorf("%d %s", a.status, a.body)
					}
				})
			}
			wait.Wait()
			if got := s.events() - before; got != 1 {
				t.Errorf("%d events", got)
			}
		})
		t.Run("a key is plain text of 255 at most", func(t *testing.T) {
			s.want(422, "POST", "/v1/events", body, "Idempotency-Key", strings.Repeat("k", 256))
			s.want(422, "POST", "/v1/events", body, "Idempotency-Key", "a b")
		})
	})
}

var qForget = store.New("test.answers.forget", `DELETE FROM answers WHERE shop_id = $1`)

func officeRequest(s *site, key, body string) office.Request {
	return office.Request{Shop: s.opened.Test.ID, Bearer: s.key, Key: key, Body: []byte("POST /v1/refunds\n" + body)}
}

func TestTheSameFactAgainChangesNothing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st)
		s.publish(terms)
		event := `{"events":[{"type":"order_paid","id":"e-1","member":{"number":"B"},"order":{"ref":"1","currency":"EUR","lines":[{"sku":"a","amount":2000}]}}]}`
		first := s.want(200, "POST", "/v1/events", event)
		again := s.want(200, "POST", "/v1/events", event) // without a time: it is not a later order
		if text(t, again, "results", 0, "status") != "duplicate" || text(t, first, "results", 0, "id") != text(t, again, "results", 0, "id") {
			t.Errorf("%v\nthen %v", first, again)
		}
		other := strings.Replace(event, "2000", "2001", 1)
		if p := s.want(409, "POST", "/v1/events", other); text(t, p, "code") != "event_conflict" {
			t.Errorf("%v", p)
		}
		mixed := strings.Replace(other, `]}`, `],"x":1}`, 1)
		s.want(422, "POST", "/v1/events", mixed)
		two := `{"events":[` + strings.TrimSuffix(strings.TrimPrefix(other, `{"events":[`), `]}`) +
			`,{"type":"member_joined","id":"e-2","member":{"number":"C"}}]}`
		got := s.want(200, "POST", "/v1/events", two)
		if text(t, got, "results", 0, "status") != "refused" || text(t, got, "results", 0, "problem", "code") != "event_conflict" ||
			text(t, got, "results", 0, "problem", "field") != "events[0].id" || text(t, got, "results", 1, "status") != "recorded" {
			t.Errorf("%v", got)
		}
		if s.events() != 2 {
			t.Errorf("%d events", s.events())
		}
	})
}

func TestADryRunStoresNothing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st)
		s.want(200, "POST", "/v1/shop/clock", `{"at":"2026-03-01T09:00:00Z"}`)
		s.publish(terms)
		member := text(t, s.want(200, "POST", "/v1/members", `{"id":"j","number":"B"}`), "member")
		before := s.state(member)
		for _, x := range []struct{ path, body string }{
			{"/v1/events?dry_run=true", fmt.Sprintf(undated, "1")},
			{"/v1/orders?dry_run=true", `{"ref":"2","currency":"EUR","member":{"number":"B"},"lines":[{"sku":"COFFEE","quantity":3,"amount":2000}]}`},
			{"/v1/refunds?dry_run=true", `{"id":"r","ref":"2"}`},
			{"/v1/members?dry_run=true", `{"id":"j2","number":"C"}`},
			{"/v1/programs?dry_run=true", `{"text":"program \"New\"\n  earn 5 points per order"}`},
			{"/v1/programs", `{"dry_run":true,"text":"program \"New\"\n  earn 5 points per order"}`},
		} {
			a := s.send("POST", x.path, x.body, "Idempotency-Key", "dry")
			if a.status != 200 {
				t.Errorf("%s: %d %s", x.path, a.status, a.body)
			}
			if x.path == "/v1/orders?dry_run=true" {
				r := a.json(t)
				if text(t, r, "status") != "tried" || text(t, r, "id") != "" || len(dig(t, r, "decisions").([]any)) < 3 {
					t.Errorf("a tried order: %s", a.body)
				}
			}
		}
		if diff := cmp.Diff(before, s.state(member)); diff != "" {
			t.Errorf("something was stored (-before +after):\n%s", diff)
		}
	})
}
