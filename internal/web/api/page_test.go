package api_test

import (
	"fmt"
	"strings"
	"testing"

	"cagnotte/internal/fields"
	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
)

// A page as a shop writes it: two versions, one of them shown, a preview, an end.
func TestPages(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st)
		const at = "/v1/pages/how-it-works"
		x := s.want(200, "PUT", at+"?locale=fr", `{"title":"Comment","body":"Votre lien : {{ member_ref_link }}","visitor_body":"v","in_menu":true,"position":3,"actor":"eva"}`)
		if got := strings.Trim(fmt.Sprint([]any{x["state"], x["version"], x["active"], x["in_menu"], x["position"], x["written_by"]}), "[]"); got != "draft 1 <nil> true 3 eva" {
			t.Errorf("a new page: %s", got)
		}
		if p := s.want(409, "PUT", at+"?locale=fr", `{"title":"Comment","body":"b"}`); p["code"] != "page_changed" {
			t.Errorf("%v", p)
		}
		s.want(200, "PUT", at+"?locale=fr", `{"version":1,"title":"Comment","body":"deux"}`)
		x = s.want(200, "POST", at+"/publish", `{"locale":"fr","version":1,"actor":"eva"}`)
		if got := strings.Trim(fmt.Sprint([]any{x["state"], x["version"], x["active"], x["newest"], x["published_by"]}), "[]"); got != "active 1 1 2 eva" {
			t.Errorf("published: %s", got)
		}
		if x = s.want(200, "GET", at+"?locale=fr", ""); x["body"] != "deux" || fmt.Sprint(x["version"]) != "2" {
			t.Errorf("the newest: %v", x)
		}
		if x = s.want(200, "GET", at+"?locale=fr&version=1", ""); x["visitor_body"] != "v" {
			t.Errorf("the first: %v", x)
		}
		list := s.want(200, "GET", "/v1/pages", "")
		if dig(t, list, "data", 0, "slug") != "how-it-works" || strings.Contains(fmt.Sprint(list), "deux") {
			t.Errorf("the list: %v", list)
		}
		if path := text(t, s.want(200, "GET", at+"/preview?locale=fr", ""), "path"); !strings.HasPrefix(path, "/pages/how-it-works?preview=fr.2.") {
			t.Errorf("the preview is at %s", path)
		}
		if x = s.want(200, "POST", at+"/unpublish", `{"locale":"fr"}`); x["state"] != "draft" {
			t.Errorf("unpublished: %v", x)
		}
		s.want(200, "DELETE", at+"?locale=fr", "")
		if p := s.want(404, "GET", at+"?locale=fr", ""); p["code"] != "page_unknown" {
			t.Errorf("%v", p)
		}
	})
}

func TestBadPages(t *testing.T) {
	st := storetest.Open(t, storetest.Config(t, "sqlite"))
	s := open(t, st)
	for _, tt := range []struct{ path, body, field, code string }{
		{"/v1/pages/a", `{"title":"T","body":"b"}`, "locale", "unknown_language"},
		{"/v1/pages/a?locale=de", `{"title":"T","body":"b"}`, "locale", "unknown_value"},
		{"/v1/pages/A%20B?locale=fr", `{"title":"T","body":"b"}`, "slug", "invalid_page_slug"},
		{"/v1/pages/a?locale=fr", `{"title":"T {points}","body":"b"}`, "title", "field_not_here"},
		{"/v1/pages/a?locale=fr", `{"title":"T","body":"{{ member_kode }}"}`, "body", "field_unknown"},
		{"/v1/pages/a?locale=fr", `{"title":"T","body":"b","visitor_body":"{{ a.b }}"}`, "visitor_body", "field_unreadable"},
		{"/v1/pages/a?locale=fr", `{"title":"T","body":"b","position":1001}`, "position", "out_of_range"},
	} {
		if p := s.want(422, "PUT", tt.path, tt.body); p["field"] != tt.field || p["code"] != tt.code {
			t.Errorf("%s %s: %v", tt.path, tt.body, p)
		}
	}
	if p := s.want(422, "PUT", "/v1/pages/a?locale=fr", `{"title":"T","body":"{{ member_kode }}"}`); !strings.Contains(fmt.Sprint(p["detail"]), "member_kode") {
		t.Errorf("the field is not named: %v", p)
	}
	if got := s.want(200, "GET", "/v1/pages", ""); len(got["data"].([]any)) != 0 {
		t.Errorf("stored: %v", got)
	}
}

func TestFieldsAndTemplates(t *testing.T) {
	st := storetest.Open(t, storetest.Config(t, "sqlite"))
	s := open(t, st)
	list := s.want(200, "GET", "/v1/fields?lang=pl", "")["data"].([]any)
	if len(list) != len(fields.All()) {
		t.Errorf("%d fields", len(list))
	}
	for i, x := range list {
		if m := text(t, x, "meaning"); strings.HasPrefix(m, "field.") || dig(t, x, "name") != fields.All()[i].Name {
			t.Errorf("%v", x)
		}
	}
	for _, x := range s.want(200, "GET", "/v1/page-templates", "")["data"].([]any) {
		s.want(200, "PUT", "/v1/pages/"+text(t, x, "slug")+"?locale="+text(t, x, "locale"),
			fmt.Sprintf(`{"title":%q,"body":%q}`, text(t, x, "title"), text(t, x, "body")))
	}
	if got := s.want(200, "GET", "/v1/pages", "")["data"].([]any); len(got) != 9 {
		t.Errorf("%d pages", len(got))
	}
}
