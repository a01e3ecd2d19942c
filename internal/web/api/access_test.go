package api_test

import (
	"strconv"
	"strings"
	"testing"

	"cagnotte/internal/id"
	"cagnotte/internal/office"
	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
)

func TestAKeyReachesItsShopAndItsScopes(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st)
		test := s.key
		s.publish(terms)
		anna := text(t, s.want(200, "POST", "/v1/members", `{"id":"j","number":"A","email":"anna@example.com"}`), "member")

		t.Run("the live shop knows nothing of its twin", func(t *testing.T) {
			s.key = s.live
			defer func() { s.key = test }()
			for _, path := range []string{"/v1/members/" + anna, "/v1/members/" + anna + "/wallet", "/v1/members/" + anna + "/receipts"} {
				s.want(404, "GET", path, "")
			}
			if got := s.want(200, "GET", "/v1/members?email=anna@example.com", ""); len(dig(t, got, "data").([]any)) != 0 {
				t.Errorf("%v", got)
			}
			if got := s.want(200, "GET", "/v1/programs", ""); len(dig(t, got, "data").([]any)) != 0 {
				t.Errorf("%v", got)
			}
			shop := s.want(200, "GET", "/v1/shop", "")
			if got := text(t, shop, "slug"); got != "cafe-zolc" || dig(t, shop, "test") != false {
				t.Errorf("%v", shop)
			}
			if p := s.want(403, "POST", "/v1/shop/clock", `{"at":"2026-03-01T00:00:00Z"}`); text(t, p, "code") != "live_shop_clock" {
				t.Errorf("%v", p)
			}
		})
		t.Run("a key does what its scopes say", func(t *testing.T) {
			defer func() { s.key = test }()
			for scope, want := range map[string]string{
				office.ScopeRead: "200 403 403 403", office.ScopeFacts: "403 422 403 403",
				office.ScopePrograms: "403 403 422 403", office.ScopeSettings: "403 403 403 422",
			} {
				var err error
				if s.key, err = s.office.CreateKey(t.Context(), s.opened.Test.ID, scope); err != nil {
					t.Fatal(err)
				}
				if !strings.HasPrefix(s.key, "cag_test_") {
					t.Errorf("a twin's key begins with %s", s.key[:9])
				}
				got := ""
				for _, x := range [][3]string{
					{"GET", "/v1/members", ""}, {"POST", "/v1/orders", "{}"}, {"POST", "/v1/programs", "{}"}, {"PUT", "/v1/shop/outbox", "{}"},
				} {
					got += statusText(s.send(x[0], x[1], x[2]).status) + " "
				}
				if strings.TrimSpace(got) != want {
					t.Errorf("%s: %s, want %s", scope, got, want)
				}
			}
			s.key = s.operator
			s.want(403, "GET", "/v1/members", "")
		})
		t.Run("no key and a wrong key are told apart, and nothing else", func(t *testing.T) {
			defer func() { s.key = test }()
			for key, code := range map[string]string{"": "key_missing", "cag_live_WRONG": "key_unknown"} {
				s.key = key
				a := s.send("GET", "/v1/members", "")
				if a.status != 401 || text(t, a.json(t), "code") != code || a.header.Get("WWW-Authenticate") == "" {
					t.Errorf("%q: %d %s", key, a.status, a.body)
				}
			}
		})
		t.Run("a revoked key is dead at once", func(t *testing.T) {
			token, err := s.office.CreateKey(t.Context(), s.opened.Test.ID, office.ScopeRead)
			if err != nil {
				t.Fatal(err)
			}
			s.key = token
			defer func() { s.key = test }()
			s.want(200, "GET", "/v1/members", "")
			keys, err := s.office.Keys(t.Context(), s.opened.Test.ID, id.Key{}, 100)
			if err != nil {
				t.Fatal(err)
			}
			for _, k := range keys {
				if strings.HasPrefix(token, k.Prefix) {
					if _, err := s.office.RevokeKey(t.Context(), s.opened.Test.ID, k.ID); err != nil {
						t.Fatal(err)
					}
				}
			}
			s.want(401, "GET", "/v1/members", "")
		})
	})
}

func statusText(n int) string { return strconv.Itoa(n) }

func TestTheOperatorMakesShops(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st)
		s.key = s.operator
		got := s.want(201, "POST", "/v1/shops", `{"name":"Sklep Łódź","currency":"PLN","zone":"Europe/Warsaw"}`, "Idempotency-Key", "make")
		if slug := text(t, got, "shop", "slug") + " " + text(t, got, "test_shop", "slug"); slug != "sklep-lodz sklep-lodz-test" {
			t.Errorf("slugs %s", slug)
		}
		again := s.send("POST", "/v1/shops", `{"name":"Sklep Łódź","currency":"PLN","zone":"Europe/Warsaw"}`, "Idempotency-Key", "make")
		if again.status != 201 || text(t, again.json(t), "keys", "live") != text(t, got, "keys", "live") {
			t.Errorf("again: %d %s", again.status, again.body)
		}
		for _, x := range []struct{ body, code, field string }{
			{`{"name":"sklep lodz","currency":"PLN","zone":"Europe/Warsaw"}`, "shop_exists", "name"},
			{`{"name":"Sklep Łódź test","currency":"PLN","zone":"Europe/Warsaw"}`, "shop_exists", "name"},
			{`{"name":"日本","currency":"JPY","zone":"Asia/Tokyo"}`, "name_without_letters", "name"},
			{`{"name":"x","currency":"XXX","zone":"UTC"}`, "unknown_currency", "currency"},
			{`{"name":"x","currency":"EUR","zone":"Local"}`, "unknown_zone", "zone"},
			{`{"name":"x","currency":"EUR","zone":"../etc/passwd"}`, "unknown_zone", "zone"},
			{`{"name":" ","currency":"EUR","zone":"UTC"}`, "required", "name"},
		} {
			a := s.send("POST", "/v1/shops", x.body)
			if p := a.json(t); text(t, p, "code") != x.code || text(t, p, "field") != x.field {
				t.Errorf("%s: %s", x.body, a.body)
			}
		}
		s.key = text(t, got, "keys", "test")
		shop := s.want(200, "GET", "/v1/shop", "")
		if text(t, shop, "currency") != "PLN" || dig(t, shop, "test") != true {
			t.Errorf("%v", shop)
		}
	})
}

func TestTheOutboxKeepsWhatSomebodyReads(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st)
		s.publish(terms)
		order := func(ref string) {
			s.want(200, "POST", "/v1/orders", `{"ref":"`+ref+`","currency":"EUR","member":{"number":"B"},"lines":[{"sku":"a","amount":2000}]}`)
		}
		order("1")
		s.want(200, "PUT", "/v1/shop/outbox", `{"kinds":["reward.given","reward.given"]}`)
		order("2")
		order("3")
		first := s.want(200, "GET", "/v1/outbox?limit=1", "")
		if dig(t, first, "has_more") != true || text(t, first, "data", 0, "kind") != "reward.given" || text(t, first, "data", 0, "decision", "amount") != "20" {
			t.Fatalf("%v", first)
		}
		second := s.want(200, "GET", "/v1/outbox?starting_after="+text(t, first, "next_cursor"), "")
		if len(dig(t, second, "data").([]any)) != 1 || dig(t, second, "has_more") != false {
			t.Errorf("%v", second)
		}
		none := s.want(200, "GET", "/v1/outbox?starting_after="+text(t, second, "next_cursor"), "")
		if len(dig(t, none, "data").([]any)) != 0 {
			t.Errorf("%v", none)
		}
	})
}

// A restored database takes orders and tells nobody outside until it is released.
func TestTheOutboxIsShutInQuarantine(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st)
		s.publish(terms)
		s.want(200, "PUT", "/v1/shop/outbox", `{"kinds":["reward.given"]}`)
		if err := st.BeginQuarantine(t.Context()); err != nil {
			t.Fatal(err)
		}
		s.want(200, "POST", "/v1/orders", `{"ref":"1","currency":"EUR","member":{"number":"B"},"lines":[{"sku":"a","amount":2000}]}`)
		if p := s.want(409, "GET", "/v1/outbox", ""); text(t, p, "code") != "in_quarantine" {
			t.Errorf("%v", p)
		}
		if err := st.EndQuarantine(t.Context()); err != nil {
			t.Fatal(err)
		}
		if list := s.want(200, "GET", "/v1/outbox", ""); len(dig(t, list, "data").([]any)) != 1 {
			t.Errorf("%v", list)
		}
	})
}
