package admin_test

import (
	"strings"
	"testing"

	"cagnotte/internal/loyalty"
	"cagnotte/internal/people"
	"cagnotte/internal/staff"
	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
)

func TestTheShopDefinesItsOwnFields(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st).withShop()
		b := s.as(staff.Owner)
		b.get("/admin/settings/fields").wants(t, 200, "No field of your own yet")
		b.post("/admin/settings/fields", "code", "Size", "kind", "number", "readers", "staff", "name_en", "Shoe size").wants(t, 422, `id="code-wrong"`)
		b.post("/admin/settings/fields", "code", "size", "kind", "number", "readers", "staff").wants(t, 422, "Something is missing")
		b.post("/admin/settings/fields", "code", "size", "kind", "number", "readers", "edit", "required", "yes", "name_en", "Shoe size", "name_fr", "Pointure").wants(t, 200, "Shoe size", "when joining")
		b.post("/admin/settings/fields", "code", "tea", "kind", "choice", "options", "Green\r\nBlack", "readers", "staff", "name_en", "Tea").wants(t, 200, "Tea")
		b.get("/admin/settings/fields?code=tea").wants(t, 200, "Change a field", "Green\nBlack")
		b.post("/admin/settings/fields/move", "code", "tea").wants(t, 200)
		list, err := s.people.CustomFields(t.Context(), s.shop.ID)
		if err != nil || len(list) != 2 || list[0].Code != "tea" || len(list[0].Options) != 2 {
			t.Fatal(list, err)
		}
		made, err := s.people.Enrol(t.Context(), s.shop.ID, people.Enrolment{
			Fact: loyalty.Fact{Feed: "t", ExternalID: "j", Via: "api", Origin: loyalty.FromLive}, Person: people.Naming{Number: "1001", LastName: "Kot"},
		})
		if err != nil {
			t.Fatal(err)
		}
		card := "/admin/members/" + made.Member.String()
		b.get(card+"?do=person").wants(t, 200, "Shoe size", "Green")
		person := []string{"last_name", "Kot", "number", "1001", "once", "x1"}
		b.post(card+"/person", append(person, "own_size", "big", "own_tea", "Green")...).wants(t, 422, `id="own_size-wrong"`)
		b.post(card+"/person", append(person, "own_size", "1042,5", "own_tea", "Green")...).wants(t, 200, "1,042.5", "Green")
		found := b.get("/admin/members?field=size&value=1042,50")
		found.wants(t, 200, "Kot", "Shoe size: 1,042.5")
		if none := b.get("/admin/members?field=tea&value=Black"); strings.Contains(none.body, card) {
			t.Error("another value finds him")
		}
		// A saved view and an export keep the filter.
		b.post("/admin/members/views", "of", "field=size&value=1042.5", "name", "Big feet").wants(t, 200, "field=size", "Big feet")
		csv := b.post("/admin/members/export", "of", "field=tea&value=green", "format", "csv")
		csv.wants(t, 200, "Shoe size", "Kot", "Green")
		b.post("/admin/members/new", "last_name", "Nowa", "number", "1002", "own_size", "x", "once", "n1").wants(t, 422, `id="own_size-wrong"`)
		b.post("/admin/members/new", "last_name", "Nowa", "number", "1002", "own_size", "37", "once", "n1").wants(t, 200, "37")
		b.post("/admin/settings/fields/drop", "code", "tea").wants(t, 422)
		gone := b.post("/admin/settings/fields/drop", "code", "tea", "sure", "yes")
		gone.wants(t, 200, "The field is gone")
		if after := b.get(card); strings.Contains(after.body, "Green") {
			t.Error("its values are still shown")
		}
	})
}
