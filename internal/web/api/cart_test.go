package api_test

import (
	"fmt"
	"testing"

	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
)

// A cart as a shop's server and a till use it: asked, held, redeemed, reported as an order,
// partly returned, rolled back.
func TestACartFromTheQuestionToTheReturn(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st)
		s.publish(`program "Till"
  starts 2020-01-01
  welcome: earn 5.00 EUR on sign-up
  gift: earn cash voucher of 3.00 EUR on sign-up
  tenth: discount 10 %, of categories teas
  coffee: discount 1 free COFFEE, from 30.00 EUR
  spring: discount 1.00 EUR, with code SPRING
  points: earn 1 point per 1.00 EUR`)
		s.want(200, "POST", "/v1/members", `{"id":"j1","number":"A1","first_name":"Anna"}`)
		wallet := s.want(200, "GET", "/v1/members/"+text(t, s.want(200, "GET", "/v1/members?number=A1", ""), "data", 0, "id")+"/wallet", "")
		code := text(t, wallet, "vouchers", 0, "code")

		const lines = `"currency":"EUR","lines":[{"sku":"GREEN","category":"teas","quantity":2,"amount":2000,"tax_rate":1000},{"sku":"COFFEE","unit_price":250,"quantity":2,"tax_rate":1000}]`
		ask := func(more string) map[string]any {
			return s.want(200, "POST", "/v1/carts/evaluate?lang=en", `{"ref":"C1","member":{"number":"A1"},`+lines+more+`}`)
		}
		e := ask("")
		for _, x := range []struct {
			want any
			path []any
		}{
			{2500.0, []any{"gross"}}, {200.0, []any{"discount"}}, {2300.0, []any{"to_pay"}},
			{"tenth", []any{"discounts", 0, "rule"}}, {"Till", []any{"discounts", 0, "program_name"}}, {200.0, []any{"lines", 0, "parts", 0, "amount"}},
			{500.0, []any{"missing", 0, "lacking"}}, {"€5.00 more for 1 free COFFEE.", []any{"missing", 0, "text"}},
			{code, []any{"claimable", 0, "code"}}, {true, []any{"claimable", 0, "fits"}},
			{1000.0, []any{"tax_rates", 0, "rate"}}, {2300.0, []any{"tax_rates", 0, "net"}}, {209.0, []any{"tax_rates", 0, "tax"}},
			{"given", []any{"earned", 0, "outcome"}}, {23.0, []any{"earned", 0, "amount"}},
		} {
			if got := dig(t, e, x.path...); fmt.Sprint(got) != fmt.Sprint(x.want) {
				t.Errorf("%v is %v, want %v", x.path, got, x.want)
			}
		}
		e = ask(`,"codes":["spring","` + code + `","NOSUCH"],"pay":[{"unit":"EUR","amount":600},{"unit":"points","amount":5}]`)
		if got := fmt.Sprint(dig(t, e, "to_pay"), " ", dig(t, e, "refused", 0, "code"), " ", dig(t, e, "refused", 1, "code"), " ", dig(t, e, "refused", 1, "text"), " ", dig(t, e, "refused", 2, "field")); got != "1900 CODE_UNKNOWN INSUFFICIENT_BALANCE The balance is too low: €6.00 needed, €5.00 available. pay[1]" {
			t.Errorf("asked in vain: %s\n%v", got, dig(t, e, "refused"))
		}
		before := s.events()
		e = s.want(200, "POST", "/v1/carts/evaluate?lang=fr", `{"ref":"C1",`+lines+`,"draft":"program \"New\" discount 50 %","programs":["New"]}`)
		if got := fmt.Sprint(dig(t, e, "to_pay"), dig(t, e, "discounts", 0, "program_name")); got != "1250New" {
			t.Errorf("a draft alone: %s", got)
		}
		s.want(404, "POST", "/v1/carts/evaluate", `{"ref":"C1",`+lines+`,"programs":["Nobody"]}`)
		s.want(422, "POST", "/v1/carts/evaluate", `{"ref":"C1",`+lines+`,"draft":"program \"New\" discount tomorrow"}`)
		if s.events() != before {
			t.Error("an evaluation stored something")
		}

		take := lines + `,"codes":["` + code + `","SPRING"],"pay":[{"unit":"EUR","amount":400}]`
		held := s.want(200, "POST", "/v1/carts/hold", `{"id":"h1","feed":"web","ref":"C1","member":{"number":"A1"},`+take+`}`)
		if got := fmt.Sprint(dig(t, held, "status"), dig(t, held, "cart", "state"), len(dig(t, held, "cart", "taken").([]any))); got != "recordedheld4" {
			t.Errorf("held: %s %v", got, held)
		}
		w := s.want(200, "GET", "/v1/members/"+text(t, wallet, "member")+"/wallet", "")
		for _, u := range dig(t, w, "units").([]any) {
			if u := u.(map[string]any); u["unit"] == "EUR" && fmt.Sprintln(u["balance"], u["available"], u["held"]) != "500 100 400\n" {
				t.Errorf("of the wallet is shown %v", u)
			}
		}
		if p := s.want(409, "POST", "/v1/vouchers/redemptions", `{"id":"v1","code":"`+code+`"}`); text(t, p, "code") != "CODE_HELD" {
			t.Errorf("a held voucher: %v", p)
		}
		if p := s.want(409, "POST", "/v1/carts/redeem", `{"id":"r0","feed":"web","ref":"C2","member":{"number":"A1"},`+take+`}`); text(t, p, "field") != "codes[0]" {
			t.Errorf("a second cart: %v", p)
		}
		tried := s.want(200, "POST", "/v1/carts/redeem?dry_run=true", `{"id":"r1","feed":"web","ref":"C1"}`)
		if text(t, tried, "status") != "tried" {
			t.Errorf("tried: %v", tried)
		}
		used := s.want(200, "POST", "/v1/carts/redeem", `{"id":"r1","feed":"web","ref":"C1"}`)
		if text(t, used, "cart", "state") != "redeemed" {
			t.Errorf("redeemed: %v", used)
		}
		again := s.want(200, "POST", "/v1/carts/redeem", `{"id":"r1","feed":"web","ref":"C1"}`)
		if text(t, again, "status") != "duplicate" {
			t.Errorf("the same again: %v", again)
		}
		s.want(200, "POST", "/v1/orders", `{"feed":"web","ref":"C1","currency":"EUR","member":{"number":"A1"},"lines":[{"sku":"GREEN","category":"teas","quantity":2,"amount":1248},{"sku":"COFFEE","quantity":2,"amount":252}]}`)
		s.want(200, "POST", "/v1/refunds", `{"id":"b1","feed":"web","ref":"C1","lines":[{"line":1,"quantity":2}]}`)
		row := s.want(200, "GET", "/v1/carts?series=web&ref=C1", "")
		var back string
		for i := range dig(t, row, "taken").([]any) {
			x := dig(t, row, "taken", i).(map[string]any)
			if x["kind"] == "units" {
				back = fmt.Sprint(x["given_back_units"])
			}
		}
		if back != "313" { // the share of the first line
			t.Errorf("%s cents of the wallet came back with a part of the order", back)
		}
		s.want(200, "POST", "/v1/refunds", `{"id":"b2","feed":"web","ref":"C1"}`)
		row = s.want(200, "GET", "/v1/carts?series=web&ref=C1", "")
		for i := range dig(t, row, "taken").([]any) {
			x := dig(t, row, "taken", i).(map[string]any)
			if x["given_back"] != x["amount"] || x["undone"] != true {
				t.Errorf("the whole came back, but of this: %v", x)
			}
		}
		if w := s.want(200, "GET", "/v1/members/"+text(t, wallet, "member")+"/wallet", ""); len(dig(t, w, "vouchers").([]any)) != 1 {
			t.Errorf("the voucher is usable again: %v", w)
		}
		s.want(200, "POST", "/v1/carts/release", `{"id":"l1","feed":"web","ref":"C1"}`)
		if p := s.want(409, "POST", "/v1/carts/release", `{"id":"l2","feed":"web","ref":"C1"}`); text(t, p, "code") != "NOT_REVERSIBLE" {
			t.Errorf("rolled back twice: %v", p)
		}
		s.want(404, "POST", "/v1/carts/release", `{"id":"l3","feed":"web","ref":"NOSUCH"}`)
	})
}
