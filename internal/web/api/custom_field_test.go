package api_test

import (
	"strings"
	"testing"

	"cagnotte/internal/loyalty"
	"cagnotte/internal/people"
	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
)

func TestAShopsOwnFieldsInTheAPI(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st)
		own := people.New(st, s.in, storetest.Box(t))
		for _, c := range []loyalty.CustomField{
			{Code: "size", Kind: loyalty.FieldNumber, Names: map[string]string{"en": "Shoe size"}, Readers: loyalty.FieldEdited},
			{Code: "tea", Kind: loyalty.FieldChoice, Options: []string{"Green", "Black"}, Names: map[string]string{"en": "Tea"}, Readers: loyalty.FieldForStaff},
		} {
			if err := own.PutField(t.Context(), s.opened.Test.ID, c); err != nil {
				t.Fatal(err)
			}
		}
		got := s.want(200, "GET", "/v1/member-fields", "")
		if text(t, got, "data", 1, "options", 0) != "Green" || text(t, got, "data", 0, "names", "en") != "Shoe size" || len(dig(t, got, "data").([]any)) != 2 {
			t.Error(got)
		}
		made := s.want(200, "POST", "/v1/members", `{"id":"j","number":"anna","fields":{"size":"38,0","tea":"green"}}`)
		anna := "/v1/members/" + text(t, made, "member")
		one := s.want(200, "GET", anna, "")
		if text(t, one, "fields", "size") != "38" || text(t, one, "fields", "tea") != "Green" {
			t.Error(one)
		}
		s.want(200, "POST", "/v1/events", `{"events":[{"type":"member_updated","id":"u","member":{"number":"anna","fields":{"size":"39"}}}]}`)
		set := s.want(200, "PUT", anna+"/fields", `{"id":"f","fields":{"tea":""}}`)
		if fields := dig(t, set, "fields").(map[string]any); len(fields) != 1 || fields["size"] != "39" || !strings.HasPrefix(text(t, set, "event"), "evt_") {
			t.Error(set)
		}
		if again := s.want(200, "PUT", anna+"/fields", `{"id":"f","fields":{"tea":""}}`); text(t, again, "event") != text(t, set, "event") {
			t.Error("sent twice it is two facts")
		}
		if bad := s.want(422, "PUT", anna+"/fields", `{"id":"g","fields":{"tea":"red"}}`); text(t, bad, "code") != "unknown_value" || text(t, bad, "field") != "fields.tea" {
			t.Error(bad)
		}
		list := s.want(200, "GET", "/v1/members?field=size&value=39.0", "")
		if len(dig(t, list, "data").([]any)) != 1 || text(t, list, "data", 0, "fields", "size") != "39" {
			t.Error(list)
		}
		if none := s.want(200, "GET", "/v1/members?field=tea&value=green", ""); len(dig(t, none, "data").([]any)) != 0 {
			t.Error(none)
		}
		// A fact keeps the value to itself: it is a person's.
		if fact := s.want(200, "GET", "/v1/events/"+text(t, set, "event"), ""); strings.Contains(text(t, fact, "type"), "size") {
			t.Error(fact)
		}
	})
}
