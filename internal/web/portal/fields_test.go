package portal_test

import (
	"maps"
	"strings"
	"testing"

	"cagnotte/internal/loyalty"
	"cagnotte/internal/people"
	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
)

func TestAMemberFillsInTheShopsOwnFields(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st)
		for _, c := range []loyalty.CustomField{
			{Code: "size", Kind: loyalty.FieldNumber, Names: map[string]string{"en": "Shoe size"}, Readers: loyalty.FieldEdited, Required: true},
			{Code: "tea", Kind: loyalty.FieldChoice, Options: []string{"Green", "Black"}, Names: map[string]string{"en": "Favourite tea"}, Readers: loyalty.FieldEdited},
			{Code: "since", Kind: loyalty.FieldDate, Names: map[string]string{"en": "Customer since"}, Readers: loyalty.FieldShown},
			{Code: "memo", Kind: loyalty.FieldText, Names: map[string]string{"en": "Staff memo"}, Readers: loyalty.FieldForStaff},
		} {
			if err := s.people.PutField(t.Context(), s.shop.ID, c); err != nil {
				t.Fatal(err)
			}
		}
		b := s.browser()
		join := b.get("/join")
		join.wants(t, 200, "Shoe size")
		if strings.Contains(join.body, "Favourite tea") || strings.Contains(join.body, "Staff memo") {
			t.Error("joining asks for more than it must")
		}
		b.post("/join", "first_name", "Zofia", "email", "zofia@example.com", "terms", "yes").wants(t, 422, `id="own_size-wrong"`)
		b.post("/join", "first_name", "Zofia", "email", "zofia@example.com", "terms", "yes", "own_size", "large").wants(t, 422, `id="own_size-wrong"`, "large")
		b.post("/join", "first_name", "Zofia", "email", "zofia@example.com", "terms", "yes", "own_size", "38,5", "own_memo", "rich").wants(t, 200, "mailbox")
		b.post("/sign-in/code", "code", codeIn.FindString(s.letters("zofia@example.com")[0].Text)).wants(t, 200, "Zofia")
		who, _, _ := s.people.Who(people.Naming{Email: "zofia@example.com"}, "")
		has := func() map[string]string {
			m, err := s.people.Find(t.Context(), s.shop.ID, who)
			if err != nil {
				t.Fatal(err)
			}
			return m.Fields.All()
		}
		if got := has(); !maps.Equal(got, map[string]string{"size": "38.5"}) {
			t.Fatal(got)
		}
		m, err := s.people.Find(t.Context(), s.shop.ID, who)
		if err != nil {
			t.Fatal(err)
		}
		_, err = s.people.SetFields(t.Context(), s.shop.ID, m.ID, map[string]string{"since": "2020-05-17"}, loyalty.Fact{Feed: "t", ExternalID: "s", Via: "api"}, "fields")
		if err != nil {
			t.Fatal(err)
		}
		profile := b.get("/profile")
		profile.wants(t, 200, "Customer since", "17 May 2020", "Favourite tea", `value="38.5"`)
		if strings.Contains(profile.body, "Staff memo") {
			t.Error("a field for staff is shown")
		}
		b.post("/profile/fields", "own_size", "", "own_tea", "Green").wants(t, 422, `id="own_size-wrong"`)
		b.post("/profile/fields", "own_size", "39", "own_tea", "Red").wants(t, 422, `id="own_tea-wrong"`)
		b.post("/profile/fields", "own_size", "39", "own_tea", "Green", "own_since", "2001-01-01", "own_memo", "x").wants(t, 200, `value="39"`)
		if got := has(); !maps.Equal(got, map[string]string{"size": "39", "tea": "Green", "since": "2020-05-17"}) {
			t.Error("a member wrote what he may not:", got)
		}
		b.post("/profile/fields", "own_size", "39", "own_tea", "").wants(t, 200)
		if got := has(); !maps.Equal(got, map[string]string{"size": "39", "since": "2020-05-17"}) {
			t.Error("what was emptied stays:", got)
		}
		b.get("/profile/data.json").wants(t, 200, `"size": "39"`)
	})
}
