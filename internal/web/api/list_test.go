package api_test

import (
	"fmt"
	"strings"
	"testing"

	"cagnotte/internal/office"
	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
)

func TestAShopKeepsItsLists(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st)
		put := func(path, body string) map[string]any {
			t.Helper()
			return s.want(200, "PUT", path, body)
		}
		site := put("/v1/sites/WAW-1", `{"name":"Marszałkowska","address":"ul. Marszałkowska 1, Warszawa","opening_hours":"pn–pt 9–18"}`)
		if text(t, site, "code") != "WAW-1" || text(t, site, "opening_hours") != "pn–pt 9–18" || dig(t, site, "archived") != false {
			t.Errorf("%v", site)
		}
		put("/v1/channels/web", `{"name":"Internet"}`)
		put("/v1/channels/print", `{"name":"Druk"}`)
		put("/v1/sources/newsletter", `{"name":"Newsletter","channel":"web"}`)
		put("/v1/sources/banner", `{"name":"Baner","channel":"web","archived":true}`)
		put("/v1/groups/vip", `{"name":"VIP"}`)
		put("/v1/groups/vip", `{"name":"Złoci","archived":true}`)
		if g := s.want(200, "GET", "/v1/groups/vip", ""); text(t, g, "name") != "Złoci" || dig(t, g, "archived") != true {
			t.Errorf("%v", g)
		}
		first := s.want(200, "GET", "/v1/channels?limit=1", "")
		if text(t, first, "data", 0, "code") != "print" || dig(t, first, "has_more") != true || len(dig(t, first, "data", 0, "sources").([]any)) != 0 {
			t.Errorf("%v", first)
		}
		second := s.want(200, "GET", "/v1/channels?starting_after="+text(t, first, "next_cursor"), "")
		if got := text(t, second, "data", 0, "sources", 0, "code") + " " + text(t, second, "data", 0, "sources", 1, "code"); got != "banner newsletter" {
			t.Errorf("%v", second)
		}
		if p := s.want(409, "DELETE", "/v1/channels/web", ""); text(t, p, "code") != "channel_has_sources" {
			t.Errorf("%v", p)
		}
		put("/v1/sources/banner", `{"name":"Baner","channel":"print"}`)
		if gone := s.want(200, "DELETE", "/v1/sources/newsletter", ""); text(t, gone, "name") != "Newsletter" {
			t.Errorf("%v", gone)
		}
		s.want(200, "DELETE", "/v1/channels/web", "")
		for _, x := range []struct {
			status                          int
			method, path, body, code, field string
		}{
			{404, "GET", "/v1/sites/x", "", "site_unknown", "code"},
			{404, "GET", "/v1/channels/web", "", "channel_unknown", "code"},
			{404, "DELETE", "/v1/sources/newsletter", "", "source_unknown", "code"},
			{404, "DELETE", "/v1/groups/x", "", "group_unknown", "code"},
			{422, "PUT", "/v1/sources/x", `{"name":"x","channel":"web"}`, "channel_unknown", "channel"},
			{422, "PUT", "/v1/sources/x", `{"name":"x","channel":""}`, "required", "channel"},
			{422, "PUT", "/v1/sites/%C5%82", `{"name":"x"}`, "invalid_code", "code"},
			{422, "PUT", "/v1/sites/-x", `{"name":"x"}`, "invalid_code", "code"},
			{422, "PUT", "/v1/sites/" + strings.Repeat("x", 65), `{"name":"x"}`, "too_long", "code"},
			{422, "PUT", "/v1/sites/x", `{"name":" "}`, "required", "name"},
			{422, "PUT", "/v1/sites/x", `{}`, "required", "name"},
			{422, "PUT", "/v1/sites/x", `{"name":"x","address":"` + strings.Repeat("a", 501) + `"}`, "too_long", "address"},
			{422, "PUT", "/v1/sites/x", `{"name":"x","opening_hours":"a\u0007"}`, "control_character", "opening_hours"},
			{422, "PUT", "/v1/groups/x", `{"name":"x","address":"x"}`, "unknown_field", "address"},
			{422, "GET", "/v1/sites?starting_after=%2A", "", "invalid_cursor", "starting_after"},
		} {
			if p := s.want(x.status, x.method, x.path, x.body); text(t, p, "code") != x.code || text(t, p, "field") != x.field {
				t.Errorf("%s %s %s: %v", x.method, x.path, x.body, p)
			}
		}
		s.key = s.live
		if got := s.want(200, "GET", "/v1/sites", ""); len(dig(t, got, "data").([]any)) != 0 {
			t.Errorf("another shop's sites: %v", got)
		}
	})
}

func TestAListEnds(t *testing.T) {
	s := open(t, storetest.Open(t, storetest.Config(t, "sqlite")))
	err := s.st.Write(t.Context(), func(tx *store.Tx) error {
		for i := range 1000 {
			if err := tx.PutEntry(t.Context(), s.opened.Test.ID, string(office.Groups), store.Entry{Code: fmt.Sprintf("g%d", i), Name: "x"}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if p := s.want(409, "PUT", "/v1/groups/more", `{"name":"x"}`); text(t, p, "code") != "too_many" {
		t.Errorf("%v", p)
	}
	s.want(200, "PUT", "/v1/groups/g5", `{"name":"y"}`)
}
