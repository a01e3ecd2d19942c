package api_test

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"cagnotte/internal/loyalty"
	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
)

// tables are those of the schema that hold rows of shops, with a statement that counts.
var tables = func() map[string]*store.Q {
	out := map[string]*store.Q{}
	files, err := filepath.Glob("../../store/migrations/*.sql")
	if err != nil || len(files) == 0 {
		panic("no migrations")
	}
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err != nil {
			panic(err)
		}
		for _, m := range regexp.MustCompile(`CREATE TABLE (\w+)`).FindAllStringSubmatch(string(b), -1) {
			if m[1] != "shops" {
				out[m[1]] = store.New("test.rows."+m[1], `SELECT COUNT(*) FROM `+m[1]+` WHERE shop_id = $1`)
			}
		}
	}
	return out
}()

func (s *site) rows(shop loyalty.ShopID) map[string]int {
	s.t.Helper()
	out := map[string]int{}
	for name, q := range tables {
		n := 0
		if err := s.st.Read(s.t.Context(), q, func(r store.Scanner) error { return r.Scan(&n) }, int64(shop)); err != nil {
			s.t.Fatal(err)
		}
		out[name] = n
	}
	return out
}

// busy lets a shop trade: n orders of its members, with a referral, a voucher, a return
// and a listener.
func (s *site) busy(n int) {
	s.t.Helper()
	s.publish(terms)
	s.want(200, "PUT", "/v1/shop/outbox", `{"kinds":["reward.given","voucher.issued"]}`)
	s.want(200, "POST", "/v1/members", `{"id":"a","number":"A","first_name":"Anna"}`, "Idempotency-Key", "a")
	s.want(200, "POST", "/v1/members", `{"id":"b","number":"B","referrer":{"number":"A"},"touch":"code"}`)
	s.want(200, "POST", "/v1/orders", `{"ref":"1","currency":"EUR","member":{"number":"B"},"lines":[{"sku":"COFFEE","quantity":4,"amount":4000}]}`)
	s.want(200, "POST", "/v1/refunds", `{"id":"r","ref":"1","amount":500}`)
	var list []string
	for i := range n {
		list = append(list, fmt.Sprintf(`{"type":"order_paid","id":"o%d","member":{"number":"M%d"},"order":{"ref":"x%d","currency":"EUR","lines":[{"sku":"a","amount":100}]}}`, i, i, i))
	}
	s.want(200, "POST", "/v1/events", `{"events":[`+strings.Join(list, ",")+`]}`)
}

func TestTheOperatorRemovesAShop(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st)
		s.key = s.operator
		other := s.want(201, "POST", "/v1/shops", `{"name":"Other","currency":"EUR","zone":"Europe/Paris"}`)
		listed := s.want(200, "GET", "/v1/shops?limit=3", "")
		if got := text(t, listed, "data", 0, "slug") + " " + text(t, listed, "data", 1, "slug"); got != "cafe-zolc cafe-zolc-test" || dig(t, listed, "has_more") != true {
			t.Errorf("listed: %v", listed)
		}
		rest := s.want(200, "GET", "/v1/shops?starting_after="+text(t, listed, "next_cursor"), "")
		if got := text(t, rest, "data", 0, "slug"); got != "other-test" {
			t.Errorf("listed: %v", rest)
		}
		for _, key := range []string{s.live, s.opened.TestKey, text(t, other, "keys", "live"), text(t, other, "keys", "test")} {
			s.key = key
			s.busy(map[bool]int{true: 600, false: 5}[key == s.live]) // more than one portion, where it goes
		}
		theirs, err := st.ShopBySlug(t.Context(), "other")
		if err != nil {
			t.Fatal(err)
		}
		kept := []map[string]int{s.rows(0), s.rows(theirs.ID), s.rows(theirs.ID + 1)}
		for _, name := range []string{"events", "orders", "postings", "vouchers", "receipts", "outbox", "answers", "persons", "referrals", "timers", "turns"} {
			if s.rows(s.opened.Live.ID)[name] == 0 {
				t.Errorf("no row in %s: this test would not see it stay", name)
			}
		}

		s.key = s.operator
		for _, x := range []struct {
			path, code string
			status     int
		}{
			{"cafe-zolc", "not_confirmed", 422}, {"cafe-zolc?confirm=other", "not_confirmed", 422},
			{"cafe-zolc-test?confirm=cafe-zolc-test", "twin_goes_along", 409}, {"nobody?confirm=nobody", "shop_unknown", 404},
		} {
			if p := s.want(x.status, "DELETE", "/v1/shops/"+x.path, ""); text(t, p, "code") != x.code {
				t.Errorf("%s: %v", x.path, p)
			}
		}
		gone := s.want(202, "DELETE", "/v1/shops/cafe-zolc?confirm=cafe-zolc", "")
		if text(t, gone, "test_slug") != "cafe-zolc-test" {
			t.Errorf("%v", gone)
		}
		for _, key := range []string{s.live, s.opened.TestKey} {
			s.key = key
			s.want(401, "GET", "/v1/shop", "")
		}
		// A process that still knows the shop records nothing for it any more.
		f := &loyalty.Fact{Kind: loyalty.MemberJoined, Feed: "api", ExternalID: "late", Via: "api", Origin: loyalty.FromLive, OccurredAt: st.Clock()}
		f.Member.Keys = []loyalty.Key{{Kind: loyalty.ByNumber, Key: "Z"}}
		if answers, err := s.in.Record(t.Context(), s.opened.Live.ID, f); err == nil && answers[0].Err == nil {
			t.Error("a fact was recorded for a removed shop")
		}
		largest := int64(0)
		err = s.office.EmptyRemoved(t.Context(), func(rows int64) { largest = max(largest, rows) })
		if err != nil {
			t.Fatal(err)
		}
		if largest < 5_000 {
			t.Errorf("only %d rows went", largest)
		}
		for _, shop := range []loyalty.ShopID{s.opened.Live.ID, s.opened.Test.ID} {
			for name, n := range s.rows(shop) {
				if n != 0 {
					t.Errorf("%d rows of shop %d stay in %s", n, shop, name)
				}
			}
		}
		for i, shop := range []loyalty.ShopID{0, theirs.ID, theirs.ID + 1} {
			for name, n := range s.rows(shop) {
				if n != kept[i][name] {
					t.Errorf("shop %d had %d rows in %s, and has %d", shop, kept[i][name], name, n)
				}
			}
		}

		s.key = text(t, other, "keys", "live")
		s.want(200, "GET", "/v1/members?number=B", "")
		s.key = s.operator
		again := s.want(201, "POST", "/v1/shops", `{"name":"Café Żółć","currency":"EUR","zone":"Europe/Warsaw"}`)
		s.key = text(t, again, "keys", "live")
		if made, err := st.ShopBySlug(t.Context(), "cafe-zolc"); err != nil || made.ID <= theirs.ID {
			t.Errorf("the name is free, the number is not: %+v %v", made, err)
		}
		if got := s.want(200, "GET", "/v1/members", ""); len(dig(t, got, "data").([]any)) != 0 {
			t.Errorf("%v", got)
		}
	})
}

func TestAShopIsRenamed(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st)
		s.publish(terms)
		if got := s.want(200, "PATCH", "/v1/shop", `{"name":" Café „Pod Żółwiem” "}`); text(t, got, "name") != "Café „Pod Żółwiem”" || text(t, got, "slug") != "cafe-zolc-test" {
			t.Errorf("%v", got)
		}
		for body, code := range map[string]string{`{"name":""}`: "required", `{"name":"a\u0000"}`: "control_character", `{"currency":"PLN"}`: "unknown_field"} {
			if p := s.want(422, "PATCH", "/v1/shop", body); text(t, p, "code") != code {
				t.Errorf("%s: %v", body, p)
			}
		}
		s.want(200, "POST", "/v1/orders", `{"ref":"1","currency":"EUR","member":{"number":"B"},"lines":[{"sku":"a","amount":2000}]}`)
	})
}
