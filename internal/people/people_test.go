package people_test

import (
	"errors"
	"log/slog"
	"testing"

	"cagnotte/internal/intake"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/people"
	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
)

const terms = `program "Points"
  earn 1 point per 1.00 EUR
`

func setup(t *testing.T, st *store.Store) (*people.People, *loyalty.Shop) {
	t.Helper()
	s := storetest.Shop(t, st, terms)
	in := intake.New(st, storetest.Box(t), slog.New(slog.DiscardHandler), intake.Options{})
	t.Cleanup(in.Close)
	return people.New(st, in, storetest.Box(t)), s
}

func codeOf(err error) string {
	if p, ok := errors.AsType[*loyalty.Problem](err); ok {
		return p.Code
	}
	return ""
}

func TestAnOrderDoesNotTakeANameAway(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		p, s := setup(t, st)
		a, err := p.Enrol(t.Context(), s.ID, people.Enrolment{
			Fact:   loyalty.Fact{Feed: "api", ExternalID: "j", Via: "api", Origin: loyalty.FromLive},
			Person: people.Naming{Number: " a-1 ", FirstName: "Anna", LastName: "Nowak"},
		})
		if err != nil {
			t.Fatal(err)
		}
		order := &loyalty.Fact{Kind: loyalty.OrderPaid, Feed: "api", ExternalID: "o", Via: "api", Origin: loyalty.FromLive}
		order.Order = &loyalty.Order{Series: "web", Ref: "1", Currency: "EUR", Lines: []loyalty.Line{{SKU: "a", Quantity: 1, Amount: 500}}}
		if order.Member, order.Person, err = p.Who(people.Naming{Number: "A-1", Email: "Anna.Nowak@gmail.com"}, "member"); err != nil {
			t.Fatal(err)
		}
		answers, err := p.Record(t.Context(), s.ID, order)
		if err != nil || answers[0].Err != nil || answers[0].Member != a.Member {
			t.Fatal(err, answers)
		}
		w, _, err := p.Who(people.Naming{Email: "annanowak+x@googlemail.com"}, "member")
		if err != nil {
			t.Fatal(err)
		}
		m, err := p.Find(t.Context(), s.ID, w)
		if err != nil {
			t.Fatal(err)
		}
		want := loyalty.Person{FirstName: "Anna", LastName: "Nowak", Email: "Anna.Nowak@gmail.com"}
		if m.ID != a.Member || m.Person != want || len(m.Numbers) != 1 || m.Numbers[0] != "A-1" {
			t.Errorf("found %+v", m)
		}
	})
}

func TestAWalletKnowsWhatIsOpenAtAnInstant(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		p, s := setup(t, st)
		a, err := p.Enrol(t.Context(), s.ID, people.Enrolment{
			Fact: loyalty.Fact{Feed: "api", ExternalID: "j", Via: "api", Origin: loyalty.FromLive}, Person: people.Naming{Number: "1"},
		})
		if err != nil {
			t.Fatal(err)
		}
		now := st.Clock()
		give := func(ext string, amount int64, opens, expires int64) {
			t.Helper()
			f := &loyalty.Fact{Kind: loyalty.StaffAdjust, Feed: "api", ExternalID: ext, Via: "api", Origin: loyalty.FromStaff}
			f.Member = loyalty.Who{ID: a.Member}
			f.Adjust = &loyalty.Adjust{Unit: "points", Amount: amount, Reason: "test", Actor: "test"}
			if opens != 0 {
				f.Adjust.OpensAt = now + moment.Day*moment.Time(opens)
			}
			if expires != 0 {
				f.Adjust.ExpiresAt = now + moment.Day*moment.Time(expires)
			}
			if got, err := p.Record(t.Context(), s.ID, f); err != nil || got[0].Err != nil {
				t.Fatal(err, got)
			}
		}
		give("always", 100, 0, 0)
		give("ends", 10, 0, 5)
		give("opens", 1, 3, 9)
		for _, tt := range []struct {
			days                                 moment.Time
			available, pending, balance, nextEnd int64
		}{
			{0, 110, 1, 111, 10}, {4, 111, 0, 111, 10}, {6, 101, 0, 101, 1}, {10, 100, 0, 100, 0},
		} {
			w, err := p.Wallet(t.Context(), s.ID, a.Member, st.Clock()+tt.days*moment.Day)
			if err != nil {
				t.Fatal(err)
			}
			b := w.Units[0]
			if b.Available != tt.available || b.Pending != tt.pending || b.Balance != tt.balance || b.Lapses != tt.nextEnd {
				t.Errorf("in %d days: %+v", tt.days, b)
			}
		}
	})
}
