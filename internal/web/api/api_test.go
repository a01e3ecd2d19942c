package api_test

import (
	"slices"
	"strings"
	"testing"

	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
)

func TestAnOrderGoesFromAShopToAReceipt(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st)
		s.want(200, "POST", "/v1/shop/clock", `{"at":"2026-03-01T09:00:00+01:00"}`)
		if got := text(t, s.publish(terms), "programs", 1, "outcome"); got != "created" {
			t.Fatalf("outcome %q", got)
		}
		anna := text(t, s.want(200, "POST", "/v1/members", `{"id":"join-anna","number":"a-1","first_name":"Anna","email":"Anna.Nowak@Gmail.com"}`), "member")
		joined := s.want(200, "POST", "/v1/events", `{"events":[{"type":"member_joined","id":"join-bela","member":{"number":"B-2","phone":"+48 600 100 200"},"referrer":{"number":"A-1"},"touch":"link"}]}`)
		bela := text(t, joined, "results", 0, "member")
		s.want(200, "POST", "/v1/shop/clock", `{"at":"2026-03-02T09:00:00+01:00"}`)
		order := s.want(200, "POST", "/v1/orders", `{"series":"web","ref":"1001","currency":"EUR","member":{"number":"b-2"},
			"lines":[{"sku":"COFFEE","quantity":4,"amount":4550}]}`)
		if got := text(t, order, "member"); got != bela {
			t.Fatalf("the order is %s's, want %s", got, bela)
		}

		t.Run("the wallet has open, pending and ending value and a voucher", func(t *testing.T) {
			w := s.want(200, "GET", "/v1/members/"+bela+"/wallet", "")
			if got := text(t, w, "units", 0, "available") + " " + text(t, w, "units", 0, "pending") + " " + text(t, w, "units", 0, "balance"); got != "45 500 545" {
				t.Errorf("available, pending, balance: %s in %v", got, w)
			}
			if got := text(t, w, "units", 0, "next_lapse", "at") + " " + text(t, w, "units", 0, "next_lapse", "amount"); got != "2027-03-02T23:00:00Z 45" {
				t.Errorf("next lapse %s", got)
			}
			if got := text(t, w, "vouchers", 0, "article"); got != "COFFEE" {
				t.Errorf("voucher for %q", got)
			}
			later := s.want(200, "GET", "/v1/members/"+bela+"/wallet?at=2027-06-01T00:00:00Z", "")
			if got := text(t, later, "units", 0, "available"); got != "0" {
				t.Errorf("available in June 2027: %s", got)
			}
		})
		t.Run("what is due happens on the way of the clock", func(t *testing.T) {
			s.want(200, "POST", "/v1/shop/clock", `{"at":"2026-04-01T09:00:00+02:00"}`)
			w := s.want(200, "GET", "/v1/members/"+anna+"/wallet", "")
			if got := text(t, w, "units", 0, "available"); got != "1000" {
				t.Errorf("the referrer has %s points: %v", got, w)
			}
		})
		t.Run("receipts say why, in the language asked for", func(t *testing.T) {
			r := s.want(200, "GET", "/v1/receipts/"+text(t, order, "id")+"?lang=fr", "")
			if got := text(t, r, "lines", 0, "text"); !strings.Contains(got, "45 points") {
				t.Errorf("first line: %q", got)
			}
			var met []string
			for _, l := range dig(t, r, "lines").([]any) {
				if dig(t, l, "conditions") != nil {
					met = append(met, text(t, l, "conditions", 0, "text"))
				}
			}
			if want := "Remplie\u00a0: le montant pris en compte doit être d’au moins 20,00\u00a0€ (ici\u00a0: 45,50\u00a0€)."; !slices.Contains(met, want) {
				t.Errorf("conditions %q, want %q", met, want)
			}
			own := s.want(200, "GET", "/v1/receipts/"+text(t, order, "id")+"?member="+anna, "")
			for _, l := range dig(t, own, "lines").([]any) {
				if got := text(t, l, "member"); got != anna {
					t.Errorf("Anna reads about %s", got)
				}
				if dig(t, l, "conditions") != nil || dig(t, l, "figures") != nil {
					t.Errorf("Anna reads figures of others: %v", l)
				}
			}
			page := s.want(200, "GET", "/v1/members/"+bela+"/receipts?limit=1", "")
			if dig(t, page, "has_more") != true {
				t.Errorf("one page of receipts: %v", page)
			}
			next := s.want(200, "GET", "/v1/members/"+bela+"/receipts?limit=1&starting_after="+text(t, page, "next_cursor"), "")
			if text(t, page, "data", 0, "event") == text(t, next, "data", 0, "event") {
				t.Error("the second page is the first one")
			}
		})
		t.Run("members are found by each of their keys", func(t *testing.T) {
			for query, want := range map[string]string{
				"number=a-1": anna, "email=annanowak%2Bshop@googlemail.com": anna, "phone=%2B48600100200": bela, "number=nobody": "",
			} {
				got := s.want(200, "GET", "/v1/members?"+query, "")
				if want == "" && len(dig(t, got, "data").([]any)) == 0 {
					continue
				}
				if found := text(t, got, "data", 0, "id"); found != want {
					t.Errorf("%s finds %s, want %s", query, found, want)
				}
			}
			m := s.want(200, "GET", "/v1/members/"+anna, "")
			if got := text(t, m, "first_name") + " " + text(t, m, "email") + " " + text(t, m, "numbers", 0); got != "Anna Anna.Nowak@Gmail.com A-1" {
				t.Errorf("Anna is %s", got)
			}
			all := s.want(200, "GET", "/v1/members?limit=1", "")
			rest := s.want(200, "GET", "/v1/members?starting_after="+text(t, all, "next_cursor"), "")
			if got := text(t, all, "data", 0, "id") + text(t, rest, "data", 0, "id"); got != anna+bela {
				t.Errorf("the two pages: %s", got)
			}
		})
		t.Run("a return is taken off the order and the wallet", func(t *testing.T) {
			s.want(200, "POST", "/v1/refunds", `{"id":"r-1","series":"web","ref":"1001","lines":[{"line":1,"quantity":2}]}`)
			o := s.want(200, "GET", "/v1/orders?series=web&ref=1001", "")
			if got := text(t, o, "data", 0, "net") + " " + text(t, o, "data", 0, "lines", 0, "quantity_returned"); got != "2275 2" {
				t.Errorf("net and returned: %s", got)
			}
			same := s.want(200, "GET", "/v1/orders/"+text(t, o, "data", 0, "id"), "")
			if text(t, same, "ref") != "1001" {
				t.Errorf("by id: %v", same)
			}
			moved := s.want(200, "GET", "/v1/members/"+bela+"/transactions?limit=100", "")
			kinds := ""
			for _, x := range dig(t, moved, "data").([]any) {
				kinds += text(t, x, "kind") + " "
			}
			if !strings.Contains(kinds, "take_back") || !strings.Contains(kinds, "earn") {
				t.Errorf("movements: %s", kinds)
			}
		})
		t.Run("an event can be read again, without a person in it", func(t *testing.T) {
			e := s.want(200, "GET", "/v1/events/"+text(t, order, "id"), "")
			if got := text(t, e, "external_id") + " " + text(t, e, "order", "ref"); got != "order_paid:web/1001 1001" {
				t.Errorf("event: %s", got)
			}
		})
	})
}
