package imports_test

import (
	"maps"
	"strings"
	"testing"

	"cagnotte/internal/imports"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
)

const ownMapping = "name: kasa\nreads: members\ncolumn number: no\noptional column field size: Pointure\ncolumn field vip: VIP ?\n"

func TestMembersBringTheShopsOwnFields(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		p := at(t, st)
		m, err := imports.ParseMapping(ownMapping)
		if err != nil {
			t.Fatal(err)
		}
		bring := func(file string) imports.Totals {
			t.Helper()
			got, err := p.Members(t.Context(), p.shop, strings.NewReader(file), m, imports.Options{})
			if err != nil {
				t.Fatal(err)
			}
			return got
		}
		if _, err := p.Members(t.Context(), p.shop, strings.NewReader("no,VIP ?\n1,oui\n"), m, imports.Options{}); err == nil || !strings.Contains(err.Error(), "custom_field_unknown") {
			t.Errorf("a field that the shop has not: %v", err)
		}
		for _, c := range []loyalty.CustomField{
			{Code: "size", Kind: loyalty.FieldNumber, Names: map[string]string{"fr": "Pointure"}, Readers: loyalty.FieldForStaff},
			{Code: "vip", Kind: loyalty.FieldYesNo, Names: map[string]string{"fr": "VIP"}, Readers: loyalty.FieldForStaff},
		} {
			if err := p.people.PutField(t.Context(), p.shop.ID, c); err != nil {
				t.Fatal(err)
			}
		}
		got := bring("no,Pointure,VIP ?\n1,\"38,5\",oui\n2,,\n3,large,non\n")
		counted(t, "joined", got.Joined, 2)
		counted(t, "errors", got.ErrorRows, 1)
		if e := got.Errors[0].Problem(); e.Code != "not_a_number" || e.Field != "field size" {
			t.Errorf("%+v", e)
		}
		if has := p.member("1").Fields.All(); !maps.Equal(has, map[string]string{"size": "38.5", "vip": "yes"}) {
			t.Error(has)
		}
		again := bring("no,Pointure,VIP ?\n1,\"38,50\",oui\n2,,\n")
		if !again.Unchanged() {
			t.Errorf("the same again changed something:\n%s", report(t, again))
		}
		changed := bring("no,VIP ?\n1,non\n")
		counted(t, "updated", changed.Updated, 1)
		if has := p.member("1").Fields.All(); !maps.Equal(has, map[string]string{"size": "38.5", "vip": "no"}) {
			t.Error("an empty cell took something away:", has)
		}
		if _, err := imports.ParseMapping("name: kasa\nreads: orders\ncolumn order: no\ncolumn date: d\ncolumn amount: a\ncolumn article: b\ncolumn field vip: VIP\n"); err == nil {
			t.Error("a file of orders has fields of members")
		}
	})
}
