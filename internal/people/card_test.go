package people_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/message"
	"cagnotte/internal/people"
	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
)

// known is somebody of whom everything is known that a shop knows of people.
var known = people.Naming{
	Number: "1001", FirstName: "Zdzisława", LastName: "Brzęczyszczykiewicz", Email: "zdzisia@example.com", Phone: "+48600100200", Locale: "pl",
}

func enrolled(t *testing.T, p *people.People, shop loyalty.ShopID, n people.Naming) id.Member {
	t.Helper()
	a, err := p.Enrol(t.Context(), shop, people.Enrolment{
		Fact: loyalty.Fact{Feed: "api", ExternalID: "join " + n.Number, Via: "api", Origin: loyalty.FromLive}, Person: n,
	})
	if err != nil {
		t.Fatal(err)
	}
	return a.Member
}

// whoHas is whom an address finds; zero: nobody.
func whoHas(t *testing.T, p *people.People, shop loyalty.ShopID, n people.Naming) id.Member {
	t.Helper()
	w, _, err := p.Who(n, "member")
	if err != nil {
		t.Fatal(err)
	}
	m, err := p.Find(t.Context(), shop, w)
	if codeOf(err) == "member_unknown" {
		return id.Member{}
	}
	if err != nil {
		t.Fatal(err)
	}
	return m.ID
}

func TestAPersonIsCorrected(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		p, s := setup(t, st)
		m := enrolled(t, p, s.ID, known)
		other := enrolled(t, p, s.ID, people.Naming{Number: "1002", FirstName: "Ola", Email: "ola@example.com"})
		change := func(name string, n people.Naming, birthday string) error {
			_, err := p.Change(t.Context(), s.ID, m, people.Change{
				Fact: loyalty.Fact{Feed: "office", ExternalID: name, Via: "office", Origin: loyalty.FromStaff}, Person: n, Birthday: birthday,
			})
			return err
		}
		next := known
		next.Email, next.LastName = "zdzislawa@example.org", "Kot"
		if err := change("1", next, "05-17"); err != nil {
			t.Fatal(err)
		}
		if err := change("1", next, "05-17"); err != nil {
			t.Errorf("the same form again: %v", err)
		}
		got, err := p.Member(t.Context(), s.ID, m)
		if err != nil || got.Email != next.Email || got.LastName != "Kot" || got.Phone != known.Phone || got.Birthday != "05-17" {
			t.Fatal(got, err)
		}
		if x := whoHas(t, p, s.ID, people.Naming{Email: next.Email}); x != m {
			t.Errorf("the new address finds %s", x)
		}
		if x := whoHas(t, p, s.ID, people.Naming{Email: known.Email}); !x.IsZero() {
			t.Errorf("the wrong address still finds %s", x)
		}
		if list, _, err := p.Search(t.Context(), s.ID, "kot", people.Place{}, 5); err != nil || len(list) != 1 {
			t.Error(list, err)
		}
		if list, _, err := p.Search(t.Context(), s.ID, "brzecz", people.Place{}, 5); err != nil || len(list) != 0 {
			t.Error(list, err)
		}
		// A field that is emptied is not known any more.
		next.Phone = ""
		if err := change("2", next, ""); err != nil {
			t.Fatal(err)
		}
		if got, _ := p.Member(t.Context(), s.ID, m); got.Phone != "" || got.Birthday != "05-17" {
			t.Errorf("%+v", got)
		}
		if x := whoHas(t, p, s.ID, people.Naming{Phone: known.Phone}); !x.IsZero() {
			t.Errorf("the phone still finds %s", x)
		}
		for want, n := range map[string]people.Naming{
			"key_of_another": {Email: "OLA@example.com"}, "invalid_email": {Email: "nobody"}, "invalid_phone": {Phone: "12"}, "invalid_locale": {Locale: "?"},
		} {
			if got := codeOf(change("x"+want, n, "")); got != want {
				t.Errorf("%+v: %q, want %s", n, got, want)
			}
		}
		if x := whoHas(t, p, s.ID, people.Naming{Email: "ola@example.com"}); x != other {
			t.Errorf("the address of another finds %s", x)
		}
	})
}

func TestNotesAboutAMember(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		p, s := setup(t, st)
		m := enrolled(t, p, s.ID, known)
		nobody := enrolled(t, p, s.ID, people.Naming{Number: "1002"}) // nothing personal is known of him
		by := id.Mint[id.StaffKind](1, [8]byte{1})
		for _, who := range []id.Member{m, nobody} {
			n, err := p.Note(t.Context(), s.ID, who, by, "  wants\nan invoice ")
			if err != nil {
				t.Fatal(err)
			}
			list, err := p.Notes(t.Context(), s.ID, who)
			if err != nil || len(list) != 1 || list[0].Text != "wants\nan invoice" || list[0].Staff != by || list[0].At == 0 {
				t.Fatal(list, err)
			}
			if err := p.DropNote(t.Context(), s.ID, id.Mint[id.MemberKind](9, [8]byte{}), n.ID); codeOf(err) != "note_unknown" {
				t.Errorf("another one's note is dropped: %v", err)
			}
			if err := p.DropNote(t.Context(), s.ID, who, n.ID); err != nil {
				t.Error(err)
			}
		}
		for want, text := range map[string]string{"required": " ", "too_long": strings.Repeat("x", 2001), "control_character": "\x00"} {
			if _, err := p.Note(t.Context(), s.ID, m, by, text); codeOf(err) != want {
				t.Errorf("%v, want %s", err, want)
			}
		}
		// Of two who become one, the note of who goes is not lost.
		if _, err := p.Note(t.Context(), s.ID, nobody, by, "calls often"); err != nil {
			t.Fatal(err)
		}
		merge := &loyalty.Fact{Kind: loyalty.StaffMerge, Feed: "office", ExternalID: "m", Via: "office", Origin: loyalty.FromStaff,
			Member: loyalty.Who{ID: m}, Other: loyalty.Who{ID: nobody}, Staff: &loyalty.Staff{Actor: "a", Reason: "twice"}}
		if a, err := p.Record(t.Context(), s.ID, merge); err != nil || a[0].Err != nil {
			t.Fatal(a, err)
		}
		if list, err := p.Notes(t.Context(), s.ID, m); err != nil || len(list) != 1 || list[0].Text != "calls often" {
			t.Error(list, err)
		}
	})
}

// After an erasure nothing in any table speaks of the person, whoever names him again (D1, D2).
func TestAPersonIsErased(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		p, s := setup(t, st)
		m := enrolled(t, p, s.ID, known)
		give := func(name string, amount int64) error {
			f := &loyalty.Fact{Kind: loyalty.StaffAdjust, Feed: "api", ExternalID: name, Via: "api", Origin: loyalty.FromStaff, Member: loyalty.Who{ID: m},
				Adjust: &loyalty.Adjust{Unit: "points", Amount: amount, Reason: "a", Actor: "a"}}
			a, err := p.Record(t.Context(), s.ID, f)
			if err == nil {
				err = a[0].Err
			}
			return err
		}
		if err := give("g", 500); err != nil {
			t.Fatal(err)
		}
		if _, err := p.Note(t.Context(), s.ID, m, id.Staff{}, "Zdzisława rang"); err != nil {
			t.Fatal(err)
		}
		row, err := st.Member(t.Context(), s.ID, m)
		if err != nil {
			t.Fatal(err)
		}
		sealed, err := storetest.Box(t).Seal(row.Wrapped, []byte(`{"to":"`+known.Email+`"}`))
		if err != nil {
			t.Fatal(err)
		}
		key, _ := p.EmailKey(known.Email)
		if err := st.Write(t.Context(), func(tx *store.Tx) error {
			_, err := tx.PutMessage(t.Context(), s.ID, &store.Message{
				ID: id.Mint[id.MessageKind](1, [8]byte{}), Key: "k", Moment: message.Welcome, Member: m, EndsAt: 1, Sealed: sealed,
			})
			return err
		}); err != nil {
			t.Fatal(err)
		}
		if err := p.Erase(t.Context(), s.ID, m, "office", "stf"); err != nil {
			t.Fatal(err)
		}
		if err := p.Erase(t.Context(), s.ID, m, "office", "stf"); codeOf(err) != "person_erased" {
			t.Errorf("again: %v", err)
		}
		// He is reported again, with all that is known of him.
		order := &loyalty.Fact{Kind: loyalty.OrderPaid, Feed: "api", ExternalID: "o", Via: "api", Origin: loyalty.FromLive,
			Order: &loyalty.Order{Series: "web", Ref: "1", Currency: "EUR", Lines: []loyalty.Line{{SKU: "a", Quantity: 1, Amount: 500}}}}
		if order.Member, order.Person, err = p.Who(known, "member"); err != nil {
			t.Fatal(err)
		}
		if a, err := p.Record(t.Context(), s.ID, order); err != nil || a[0].Err != nil || a[0].Member != m {
			t.Fatal(a, err)
		}
		got, err := p.Member(t.Context(), s.ID, m)
		if err != nil || got.Person != (loyalty.Person{}) || got.State != loyalty.Blocked {
			t.Errorf("%+v %v", got, err)
		}
		if at, err := p.ErasedAt(t.Context(), s.ID, m); err != nil || at == 0 {
			t.Error(at, err)
		}
		if w, err := p.Wallet(t.Context(), s.ID, m, 0); err != nil || w.Units[0].Balance != 0 {
			t.Error(w, err)
		}
		if stopped, err := st.Stopped(t.Context(), s.ID, key); err != nil || !stopped {
			t.Error("he may be invited again", err)
		}
		if _, err := p.Note(t.Context(), s.ID, m, id.Staff{}, "again"); codeOf(err) != "person_erased" {
			t.Error(err)
		}
		if _, err := p.Change(t.Context(), s.ID, m, people.Change{Fact: loyalty.Fact{Feed: "office", ExternalID: "c", Via: "office"}, Person: known}); codeOf(err) != "person_erased" {
			t.Error(err)
		}

		tables, err := st.TravelTables(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		v, err := st.View(t.Context(), 1)
		if err != nil {
			t.Fatal(err)
		}
		defer v.Close()
		seen := 0
		for _, table := range tables {
			err := v.Rows(t.Context(), table, s.ID, func(values []any) error {
				text, err := json.Marshal(values)
				seen++
				for _, mark := range []string{known.FirstName, known.LastName, known.Email, known.Phone, "zdzis", "600100200"} {
					if strings.Contains(strings.ToLower(string(text)), strings.ToLower(mark)) {
						t.Errorf("%s still says %q: %s", table.Name, mark, text)
					}
				}
				if slices.Contains([]string{"persons", "person_keys", "member_notes"}, table.Name) {
					t.Errorf("%s has a row", table.Name)
				}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		if seen < 10 {
			t.Errorf("only %d rows were looked at", seen)
		}
		if list, err := st.MessagesIn(t.Context(), s.ID, m, store.Span{Limit: 5}); err != nil || len(list) != 1 || list[0].Sealed != nil {
			t.Error("what was written to him is kept", list, err)
		}
		if list, _, err := p.Search(t.Context(), s.ID, "zdzi", people.Place{}, 5); err != nil || len(list) != 0 {
			t.Error(list, err)
		}
	})
}
