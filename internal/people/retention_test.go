package people_test

import (
	"strings"
	"testing"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/people"
	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
	"cagnotte/internal/upkeep"
)

func TestPeriodsAreBounded(t *testing.T) {
	usual := loyalty.NewRetention()
	if err := usual.Check(); err != nil || usual.Members != 0 || usual.Messages != 30 {
		t.Fatal(usual, err)
	}
	for name, change := range map[string]func(*loyalty.Retention){
		"members": func(r *loyalty.Retention) { r.Members = 11 }, "leads": func(r *loyalty.Retention) { r.Leads = 37 },
		"messages": func(r *loyalty.Retention) { r.Messages = 0 }, "invitations": func(r *loyalty.Retention) { r.Invitations = 91 },
		"sightings": func(r *loyalty.Retention) { r.Sightings = -1 }, "addresses": func(r *loyalty.Retention) { r.Addresses = 500 },
	} {
		r := loyalty.NewRetention()
		change(r)
		if err := r.Check(); codeOf(err) != "out_of_range" || fieldOfProblem(err) != name {
			t.Errorf("%s: %v", name, err)
		}
	}
	longer, shorter := *usual, *usual
	longer.Messages, shorter.Members = 60, 36
	if longer.Shorter(usual) || !shorter.Shorter(usual) || !usual.Shorter(&longer) || usual.Shorter(&shorter) {
		t.Error("which one is shorter is told wrong")
	}
}

// Three years pass in virtual time: who was quiet goes, who bought, came in or is new stays, and
// the ledger holds.
func TestQuietMembersGo(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		p, s := setup(t, st)
		begun, ahead := st.Clock(), moment.Time(0)
		st.Clock = func() moment.Time { return begun + ahead }
		buys := func(number, ref string) {
			t.Helper()
			f := &loyalty.Fact{Kind: loyalty.OrderPaid, Feed: "api", ExternalID: "o" + ref, Via: "api", Origin: loyalty.FromLive}
			f.Order = &loyalty.Order{Series: "web", Ref: ref, Currency: "EUR", Lines: []loyalty.Line{{SKU: "a", Quantity: 1, Amount: 5000}}}
			f.Member = loyalty.Who{Keys: []loyalty.Key{{Kind: loyalty.ByNumber, Key: number}}}
			if a, err := p.Record(t.Context(), s.ID, f); err != nil || a[0].Err != nil {
				t.Fatal(err, a)
			}
		}
		quiet := enrolled(t, p, s.ID, known)
		buys(known.Number, "1")
		busy := enrolled(t, p, s.ID, people.Naming{Number: "1002", FirstName: "Ola", Email: "ola@example.com"})
		blocked := enrolled(t, p, s.ID, people.Naming{Number: "1003", FirstName: "Jan", Email: "jan@example.com"})
		f := &loyalty.Fact{Kind: loyalty.StaffBlock, Feed: "office", ExternalID: "b", Via: "office", Origin: loyalty.FromStaff, Member: loyalty.Who{ID: blocked}, Staff: &loyalty.Staff{Actor: "x", Reason: "fraud"}}
		if a, err := p.Record(t.Context(), s.ID, f); err != nil || a[0].Err != nil {
			t.Fatal(err, a)
		}
		r := loyalty.NewRetention()
		round := func(want int) {
			t.Helper()
			if n, err := p.Retain(t.Context(), s.ID); err != nil || n != want {
				t.Errorf("after %d days %d went, want %d: %v", ahead/moment.Day, n, want, err)
			}
		}
		ahead = 36*30*moment.Day + 30*moment.Day
		buys("1002", "2")
		fresh := enrolled(t, p, s.ID, people.Naming{Number: "1004", FirstName: "Nowa"})
		round(0) // nobody has said for how long members are kept
		r.Members = 36
		look, err := p.LookAhead(t.Context(), s.ID, r)
		if err != nil || look.Members != 2 || look.Leads != 0 || look.Held["points"] != 50 || look.More || !look.Any() {
			t.Fatalf("%+v %v", look, err)
		}
		r.Members = 11
		if err := p.SetRetention(t.Context(), s.ID, r); codeOf(err) != "out_of_range" {
			t.Error(err)
		}
		r.Members = 36
		if err := p.SetRetention(t.Context(), s.ID, r); err != nil {
			t.Fatal(err)
		}
		if err := st.BeginQuarantine(t.Context()); err != nil {
			t.Fatal(err)
		}
		round(0)
		if err := st.EndQuarantine(t.Context()); err != nil {
			t.Fatal(err)
		}
		round(2)
		round(0)
		for m, kept := range map[id.Member]string{quiet: "", busy: "Ola", blocked: "", fresh: "Nowa"} {
			x, err := p.Member(t.Context(), s.ID, m)
			at, err2 := p.ErasedAt(t.Context(), s.ID, m)
			if err != nil || err2 != nil || x.FirstName != kept || (at != 0) != (kept == "") {
				t.Errorf("%s has %q, gone at %v: %v %v", m, x.FirstName, at, err, err2)
			}
		}
		w, err := p.Wallet(t.Context(), s.ID, quiet, 0)
		if err != nil || w.Units[0].Balance != 0 {
			t.Error(w, err)
		}
		if x := whoHas(t, p, s.ID, people.Naming{Email: known.Email}); !x.IsZero() {
			t.Error("his address still finds", x)
		}
		if x := whoHas(t, p, s.ID, people.Naming{Email: "jan@example.com"}); x != blocked {
			t.Error("who is blocked comes in as somebody new:", x)
		}
		if stopped, err := p.Stopped(t.Context(), s.ID, known.Email); err != nil || stopped {
			t.Error("nobody may write to him any more", stopped, err)
		}
		again := known
		again.Number = "2001"
		if m := enrolled(t, p, s.ID, again); m == quiet {
			t.Error("who comes back is the one who was forgotten")
		}
		checks, err := upkeep.Invariants(t.Context(), st)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range checks {
			if c.Broken > 0 {
				t.Errorf("%s: %s", c.Name, strings.Join(c.Examples, " "))
			}
		}
	})
}
