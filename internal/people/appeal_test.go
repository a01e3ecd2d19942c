package people_test

import (
	"strings"
	"testing"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/people"
	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
)

// A request for a second look waits alone, a few fit into a month, and its words go with the
// member.
func TestASecondLookIsAskedFor(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		p, s := setup(t, st)
		m := enrolled(t, p, s.ID, known)
		ask := func(text, want string) *people.Appeal {
			t.Helper()
			a, err := p.Appeal(t.Context(), s.ID, m, text)
			if codeOf(err) != want {
				t.Errorf("%q: %v, want %q", text, err, want)
			}
			return a
		}
		ask(" ", "required")
		ask(strings.Repeat("é", 1_001), "too_long")
		ask("\x07", "control_character")
		for range 3 {
			a := ask("He is my friend,\r\nI sent him", "")
			ask("and again", "appeal_waits")
			if list, err := p.Appeals(t.Context(), s.ID); err != nil || len(list) != 1 || list[0].Text != "He is my friend,\nI sent him" || list[0].Member != m {
				t.Fatalf("%+v %v", list, err)
			}
			if _, err := p.AnswerAppeal(t.Context(), s.ID, a.ID, id.Staff{1}, "perhaps", ""); codeOf(err) != "unknown_value" {
				t.Error(err)
			}
			got, err := p.AnswerAppeal(t.Context(), s.ID, a.ID, id.Staff{1}, people.AppealStands, "It was your own device.")
			if err != nil || got.Reply != "It was your own device." || got.Member != m {
				t.Fatalf("%+v %v", got, err)
			}
			if _, err := p.AnswerAppeal(t.Context(), s.ID, a.ID, id.Staff{1}, people.AppealChanged, ""); codeOf(err) != "appeal_answered" {
				t.Error(err)
			}
		}
		ask("a fourth", "appeal_too_many")
		if told, err := p.Export(t.Context(), s.ID, m); err != nil || strings.Count(string(told), "I sent him") != 3 || !strings.Contains(string(told), "your own device") {
			t.Errorf("%s %v", told, err)
		}
		if _, err := p.AnswerAppeal(t.Context(), s.ID+1, id.Appeal{1}, id.Staff{1}, people.AppealStands, ""); codeOf(err) != "appeal_unknown" {
			t.Error(err)
		}

		if err := p.Erase(t.Context(), s.ID, m, "office", "a"); err != nil {
			t.Fatal(err)
		}
		if list, err := p.AppealsOf(t.Context(), s.ID, m); err != nil || len(list) != 0 {
			t.Errorf("of somebody who was erased: %+v %v", list, err)
		}
		ask("who am I", "person_erased")

		if of, err := p.Households(t.Context(), s.ID); err != nil || len(of) != 0 {
			t.Errorf("%v %v", of, err)
		}
		other := enrolled(t, p, s.ID, people.Naming{Number: "1002", FirstName: "Ola", Email: "ola@example.com"})
		f := &loyalty.Fact{
			Kind: loyalty.StaffHousehold, Feed: "office", ExternalID: "in", Via: "office", Origin: loyalty.FromStaff, Member: loyalty.Who{ID: other},
			Staff: &loyalty.Staff{Actor: "a", Reason: "confirmed", Household: "hh-1"},
		}
		if a, err := p.Record(t.Context(), s.ID, f); err != nil || a[0].Err != nil {
			t.Fatal(a, err)
		}
		if of, err := p.Households(t.Context(), s.ID); err != nil || len(of["hh-1"]) != 1 {
			t.Errorf("%v %v", of, err)
		}
	})
}
