package people_test

import (
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"testing"

	"cagnotte/internal/id"
	"cagnotte/internal/jobs"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/people"
	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
)

func ownFields(t *testing.T, p *people.People, shop loyalty.ShopID) {
	t.Helper()
	for _, c := range []loyalty.CustomField{
		{Code: "size", Kind: loyalty.FieldNumber, Names: map[string]string{"fr": "Pointure", "en": "Shoe size"}, Readers: loyalty.FieldEdited},
		{Code: "tea", Kind: loyalty.FieldChoice, Names: map[string]string{"en": "Tea"}, Options: []string{"Vert", "Noir", " vert "}, Readers: loyalty.FieldShown},
		{Code: "child", Kind: loyalty.FieldDate, Names: map[string]string{"pl": "Dziecko"}, Readers: loyalty.FieldForStaff},
		{Code: "vip", Kind: loyalty.FieldYesNo, Names: map[string]string{"en": "VIP"}, Readers: loyalty.FieldForStaff},
		{Code: "memo", Kind: loyalty.FieldText, Names: map[string]string{"en": "Memo"}, Readers: loyalty.FieldForStaff},
	} {
		if err := p.PutField(t.Context(), shop, c); err != nil {
			t.Fatal(c.Code, err)
		}
	}
}

func setFields(t *testing.T, p *people.People, shop loyalty.ShopID, m id.Member, name string, values map[string]string) error {
	t.Helper()
	_, err := p.SetFields(t.Context(), shop, m, values, loyalty.Fact{Feed: "office", ExternalID: name, Via: "office", Origin: loyalty.FromStaff}, "fields")
	return err
}

func TestValuesHaveOneForm(t *testing.T) {
	kind := func(k string, options ...string) *loyalty.CustomField {
		return &loyalty.CustomField{Kind: k, Options: options}
	}
	for _, tt := range []struct {
		c          *loyalty.CustomField
		text, want string
		code       string
	}{
		{kind(loyalty.FieldNumber), " +042,50 ", "42.5", ""},
		{kind(loyalty.FieldNumber), "-0,0", "0", ""},
		{kind(loyalty.FieldNumber), "1 234", "1234", ""},
		{kind(loyalty.FieldNumber), ".5", "0.5", ""},
		{kind(loyalty.FieldNumber), "1e3", "", "not_a_number"},
		{kind(loyalty.FieldNumber), "1.2.3", "", "not_a_number"},
		{kind(loyalty.FieldNumber), "1234567890123456", "", "too_long"},
		{kind(loyalty.FieldDate), "17/05/1990", "1990-05-17", ""},
		{kind(loyalty.FieldDate), "17.05.1990", "1990-05-17", ""},
		{kind(loyalty.FieldDate), "1990-02-30", "", "not_a_date"},
		{kind(loyalty.FieldYesNo), "Oui", "yes", ""},
		{kind(loyalty.FieldYesNo), "nie", "no", ""},
		{kind(loyalty.FieldYesNo), "perhaps", "", "not_yes_or_no"},
		{kind(loyalty.FieldChoice, "Thé vert", "Noir"), "the VERT", "Thé vert", ""},
		{kind(loyalty.FieldChoice, "Thé vert", "Noir"), "blue", "", "unknown_value"},
		{kind(loyalty.FieldText), strings.Repeat("ł", 200), strings.Repeat("ł", 200), ""},
		{kind(loyalty.FieldText), strings.Repeat("ł", 201), "", "too_long"},
		{kind(loyalty.FieldText), "a\nb", "", "control_character"},
		{kind(loyalty.FieldNumber), "  ", "", ""},
	} {
		got, err := tt.c.Canon(tt.text)
		if got != tt.want || codeOf(err) != tt.code {
			t.Errorf("%s %q: %q %v", tt.c.Kind, tt.text, got, err)
		}
	}
}

func TestAShopsOwnFieldsAreKeptAndFound(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		p, s := setup(t, st)
		ownFields(t, p, s.ID)
		m := enrolled(t, p, s.ID, known)
		other := enrolled(t, p, s.ID, people.Naming{Number: "1002", FirstName: "Ola"})
		if err := setFields(t, p, s.ID, m, "1", map[string]string{"size": "42,50", "tea": "VERT", "child": "01.02.2020", "vip": "tak", "memo": "Ne pas appeler"}); err != nil {
			t.Fatal(err)
		}
		if err := setFields(t, p, s.ID, other, "2", map[string]string{"size": "38"}); err != nil {
			t.Fatal(err)
		}
		want := map[string]string{"size": "42.5", "tea": "Vert", "child": "2020-02-01", "vip": "yes", "memo": "Ne pas appeler"}
		got := func() map[string]string {
			x, err := p.Member(t.Context(), s.ID, m)
			if err != nil {
				t.Fatal(err)
			}
			return x.Fields.All()
		}
		if !maps.Equal(got(), want) {
			t.Fatal(got())
		}
		// An order that gives an e-mail, and a corrected name, take nothing of it away.
		order := &loyalty.Fact{Kind: loyalty.OrderPaid, Feed: "api", ExternalID: "o", Via: "api", Origin: loyalty.FromLive}
		order.Order = &loyalty.Order{Series: "web", Ref: "1", Currency: "EUR", Lines: []loyalty.Line{{SKU: "a", Quantity: 1, Amount: 500}}}
		var err error
		if order.Member, order.Person, err = p.Who(people.Naming{Number: known.Number, Email: "new@example.com"}, "member"); err != nil {
			t.Fatal(err)
		}
		if a, err := p.Record(t.Context(), s.ID, order); err != nil || a[0].Err != nil {
			t.Fatal(err, a)
		}
		next := known
		next.LastName = "Kot"
		if _, err := p.Change(t.Context(), s.ID, m, people.Change{Fact: loyalty.Fact{Feed: "office", ExternalID: "c", Via: "office"}, Person: next}); err != nil {
			t.Fatal(err)
		}
		if !maps.Equal(got(), want) {
			t.Error("after a change of his name:", got())
		}
		for _, tt := range []struct {
			code, value string
			want        []id.Member
		}{
			{"size", "42.5", []id.Member{m}}, {"size", "38", []id.Member{other}}, {"size", "4", nil}, {"tea", "Vert", []id.Member{m}},
			{"memo", "ne PAS appeler", []id.Member{m}}, {"vip", "no", nil},
		} {
			term := loyalty.FieldTerm(tt.code, tt.value)
			list, err := p.Roster(t.Context(), s.ID, people.Roster{Field: term}, people.RosterPlace{}, false, 10)
			if err != nil || !slices.EqualFunc(list, tt.want, func(l *people.Listed, m id.Member) bool { return l.ID == m }) {
				t.Errorf("%s %s: %v %v", tt.code, tt.value, list, err)
			}
			crowd, err := p.Members(t.Context(), s.ID, people.Crowd{Field: term}, id.Member{}, 10)
			if err != nil || !slices.EqualFunc(crowd, tt.want, func(l *people.Member, m id.Member) bool { return l.ID == m }) {
				t.Errorf("%s %s by the API: %v %v", tt.code, tt.value, crowd, err)
			}
		}
		// With every order and filter, and words.
		for _, r := range []people.Roster{
			{Order: people.ByName}, {Order: people.ByNumber, Down: true}, {Order: people.ByJoined}, {State: loyalty.Enrolled}, {Q: "kot"}, {Q: known.Number}, {Down: true},
		} {
			r.Field = loyalty.FieldTerm("vip", "yes")
			list, err := p.Roster(t.Context(), s.ID, r, people.RosterPlace{}, false, 10)
			n, err2 := p.RosterCount(t.Context(), s.ID, r, 10)
			if err != nil || err2 != nil || len(list) != 1 || list[0].ID != m || n != 1 {
				t.Errorf("%+v: %v %d %v %v", r, list, n, err, err2)
			}
		}
		if list, err := p.Roster(t.Context(), s.ID, people.Roster{Q: "vert"}, people.RosterPlace{}, false, 10); err != nil || len(list) != 0 {
			t.Error("a value is no name:", list, err)
		}
		text, err := p.Export(t.Context(), s.ID, m)
		if err != nil || !strings.Contains(string(text), `"memo": "Ne pas appeler"`) {
			t.Error("his data lack it", err)
		}
		for values, code := range map[string]string{"size=x": "not_a_number", "shoe=1": "custom_field_unknown", "tea=Bleu": "unknown_value"} {
			k, v, _ := strings.Cut(values, "=")
			if err := setFields(t, p, s.ID, m, "bad", map[string]string{k: v}); codeOf(err) != code || fieldOfProblem(err) != "fields."+k {
				t.Errorf("%s: %v", values, err)
			}
		}
		if err := setFields(t, p, s.ID, m, "3", map[string]string{"memo": "", "size": "43"}); err != nil {
			t.Fatal(err)
		}
		delete(want, "memo")
		want["size"] = "43"
		if !maps.Equal(got(), want) {
			t.Error(got())
		}
		if err := p.Erase(t.Context(), s.ID, m, "office", "test"); err != nil {
			t.Fatal(err)
		}
		if len(got()) != 0 {
			t.Error("who was erased has", got())
		}
		if err := setFields(t, p, s.ID, m, "4", map[string]string{"size": "1"}); codeOf(err) != "person_erased" {
			t.Error(err)
		}
		if list, err := p.Roster(t.Context(), s.ID, people.Roster{Field: loyalty.FieldTerm("size", "43")}, people.RosterPlace{}, false, 10); err != nil || len(list) != 0 {
			t.Error("who was erased is found", list, err)
		}
	})
}

func fieldOfProblem(err error) string {
	if p, ok := err.(*loyalty.Problem); ok {
		return p.Field
	}
	return ""
}

func TestFieldsAreBounded(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		p, s := setup(t, st)
		fine := loyalty.CustomField{Code: "a", Kind: loyalty.FieldText, Names: map[string]string{"en": "A"}, Readers: loyalty.FieldForStaff}
		for _, tt := range []struct {
			code   string
			change func(*loyalty.CustomField)
		}{
			{"required", func(c *loyalty.CustomField) { c.Code = "" }},
			{"invalid_field_code", func(c *loyalty.CustomField) { c.Code = "Size" }},
			{"invalid_field_code", func(c *loyalty.CustomField) { c.Code = strings.Repeat("a", 17) }},
			{"unknown_value", func(c *loyalty.CustomField) { c.Kind = "colour" }},
			{"unknown_value", func(c *loyalty.CustomField) { c.Readers = "all" }},
			{"field_not_asked", func(c *loyalty.CustomField) { c.Required = true }},
			{"required", func(c *loyalty.CustomField) { c.Names = map[string]string{"en": " "} }},
			{"unknown_language", func(c *loyalty.CustomField) { c.Names = map[string]string{"de": "A"} }},
			{"too_long", func(c *loyalty.CustomField) { c.Names = map[string]string{"en": strings.Repeat("a", 61)} }},
			{"field_options_few", func(c *loyalty.CustomField) { c.Kind, c.Options = loyalty.FieldChoice, []string{"Vert", "vert"} }},
		} {
			c := fine
			tt.change(&c)
			if err := p.PutField(t.Context(), s.ID, c); codeOf(err) != tt.code {
				t.Errorf("want %s: %v", tt.code, err)
			}
		}
		for i := range loyalty.MaxFields {
			c := fine
			c.Code = fmt.Sprintf("f%d", i)
			if err := p.PutField(t.Context(), s.ID, c); err != nil {
				t.Fatal(err)
			}
		}
		if err := p.PutField(t.Context(), s.ID, fine); codeOf(err) != "too_many" {
			t.Error(err)
		}
		again := fine
		again.Code, again.Kind = "f3", loyalty.FieldDate
		if err := p.PutField(t.Context(), s.ID, again); codeOf(err) != "field_kind_fixed" {
			t.Error(err)
		}
		if err := p.MoveField(t.Context(), s.ID, "f1"); err != nil {
			t.Fatal(err)
		}
		list, err := p.CustomFields(t.Context(), s.ID)
		if err != nil || len(list) != loyalty.MaxFields || list[0].Code != "f1" || list[1].Code != "f0" {
			t.Error(list, err)
		}
	})
}

func TestAFieldThatGoesTakesItsValuesAlong(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		p, s := setup(t, st)
		ownFields(t, p, s.ID)
		m := enrolled(t, p, s.ID, known)
		if err := setFields(t, p, s.ID, m, "1", map[string]string{"size": "42", "memo": "x"}); err != nil {
			t.Fatal(err)
		}
		if err := p.DropField(t.Context(), s.ID, "memo"); err != nil {
			t.Fatal(err)
		}
		if err := p.DropField(t.Context(), s.ID, "memo"); codeOf(err) != "custom_field_unknown" {
			t.Error(err)
		}
		r := jobs.New(st, slog.New(slog.DiscardHandler), map[string]jobs.Work{people.FieldJob: p.FieldWork})
		if n, err := r.Round(t.Context()); err != nil || n != 1 {
			t.Fatal(n, err)
		}
		got, err := p.Member(t.Context(), s.ID, m)
		if err != nil || !maps.Equal(got.Fields.All(), map[string]string{"size": "42"}) || got.LastName != known.LastName {
			t.Error(got, err)
		}
		if list, err := p.Roster(t.Context(), s.ID, people.Roster{Q: "zdzi"}, people.RosterPlace{}, false, 10); err != nil || len(list) != 1 {
			t.Error("his name is not found any more", list, err)
		}
		if list, err := p.Roster(t.Context(), s.ID, people.Roster{Field: loyalty.FieldTerm("memo", "x")}, people.RosterPlace{}, false, 10); err != nil || len(list) != 0 {
			t.Error("the value is still found", list, err)
		}
		if list, err := p.Roster(t.Context(), s.ID, people.Roster{Field: loyalty.FieldTerm("size", "42")}, people.RosterPlace{}, false, 10); err != nil || len(list) != 1 {
			t.Error("another field's value is not", list, err)
		}
	})
}
