package api_test

import (
	"fmt"
	"testing"

	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
)

// A friend's first cart names somebody whom nobody knows yet. A code that each member may use
// once takes off what it says, and only once; asking alone makes nobody.
func TestTheFirstCartOfSomebodyUnknown(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st)
		s.want(201, "POST", "/v1/voucher-batches", `{"name":"Friends","origin":"chosen","codes":["WELCOME"],"terms":{"kind":"cash","percent":1000,"uses":0,"per_member":1}}`)
		nobody := s.want(200, "POST", "/v1/carts/evaluate?lang=en", `{"ref":"C0","currency":"EUR","lines":[{"sku":"MUG","quantity":1,"amount":1000}],"codes":["WELCOME"]}`)
		if got := text(t, nobody, "refused", 0, "text"); got != "A condition of the programme is not met: the customer must be known, by an account or an address." {
			t.Errorf("a cart of nobody is told %q", got)
		}
		const cart = `"member":{"email":"bela@example.com"},"currency":"EUR","lines":[{"sku":"MUG","quantity":1,"amount":1000}],"codes":["WELCOME"]`
		asked := func(ref, want string) {
			t.Helper()
			e := s.want(200, "POST", "/v1/carts/evaluate?lang=en", `{"ref":"`+ref+`",`+cart+`}`)
			got := fmt.Sprint(dig(t, e, "to_pay"))
			if list, _ := e["refused"].([]any); len(list) > 0 {
				got += " " + text(t, e, "refused", 0, "code")
			}
			if got != want {
				t.Errorf("%s: %s, want %s", ref, got, want)
			}
		}
		asked("C1", "900")
		if list := dig(t, s.want(200, "GET", "/v1/members?email=bela@example.com", ""), "data").([]any); len(list) != 0 {
			t.Errorf("a question made %v", list)
		}
		s.want(200, "POST", "/v1/carts/hold", `{"id":"h1","feed":"web","ref":"C1",`+cart+`}`)
		asked("C2", "1000 CAP_REACHED")
		s.want(200, "POST", "/v1/carts/redeem", `{"id":"r1","feed":"web","ref":"C1"}`)
		s.want(200, "POST", "/v1/orders", `{"id":"o1","feed":"web","ref":"C1","member":{"email":"bela@example.com"},"currency":"EUR","lines":[{"sku":"MUG","amount":900}]}`)
		asked("C3", "1000 CAP_REACHED")
		s.want(409, "POST", "/v1/carts/redeem", `{"id":"r2","feed":"web","ref":"C3",`+cart+`}`)
	})
}
