package story

import (
	"log/slog"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"cagnotte/internal/intake"
	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
)

// TestRandomHistoriesAreTheSameOnADatabase tells random histories on decide alone, where
// everything is in memory, and on a database, where only what a fact may need is loaded:
// they must end alike, and the receipts must add up. (The instants of a database may be a
// microsecond later, so single steps may not be compared.)
func TestRandomHistoriesAreTheSameOnADatabase(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		in := intake.New(st, storetest.Box(t), slog.New(slog.DiscardHandler), intake.Options{})
		defer in.Close()
		rapid.Check(t, func(rt *rapid.T) {
			if rapid.IntRange(1, 100).Draw(rt, "share") > sharePercent {
				return // a database is slow: not each of the draws is told on it
			}
			text := randomHistory(rt)
			s, err := Parse("random", text)
			if err != nil {
				rt.Fatal(err)
			}
			onTime, facts := split(s)
			order := make([]int, len(facts))
			for i := range order {
				order[i] = i
			}
			order = rapid.Permutation(order).Draw(rt, "order")
			a := rapid.SampledFrom(arrivals).Draw(rt, "arrival")
			rt.Log(text)
			sameOnADatabase(t, rt, st, in, s, text, onTime, facts, order, a)
		})
	})
}

// teller is a test, or a draw of a random one.
type teller interface {
	asserter
	Fatalf(format string, args ...any)
}

// sameOnADatabase tells one order of arrival in memory and on a database.
func sameOnADatabase(t *testing.T, rt teller, st *store.Store, in *intake.Intake, s *Story, text string, onTime, facts []*Step, order []int, a arrival) {
	t.Helper()
	d := NewDecider(s.Shop)
	e, err := NewStored(t.Context(), st, in, s.Shop)
	if err != nil {
		rt.Fatal(err)
	}
	_, name := tellOn(rt, d, s, onTime, facts, order, a)
	told, _ := tellOn(rt, e, s, onTime, facts, order, a)
	wantNames, gotNames := namesOf(t, d, s), namesOf(t, e, s)
	for _, p := range d.programs {
		wantNames[p.ID.String()], gotNames[e.book[p.Name].ID.String()] = p.Name, p.Name
	}
	addUp(t, e, s, slices.Concat(told...), name)
	if w, g := renamed(state(t, d, s), wantNames), renamed(state(t, e, s), gotNames); w != g {
		rt.Fatalf("%s\narrival %s, %s, ends in memory in\n%s\non the database in\n%s", text, name, a.name, w, g)
	}
}

// TestAReturnLetsAReferralStandThatWasRefused: bela is no friend since he has bought before, until his order
// turns out to have gone back; then his referrer has earned, too. The database did not load her, since
// nothing of hers hung on him when the return came.
func TestAReturnLetsAReferralStandThatWasRefused(t *testing.T) {
	t.Parallel()
	const text = `
program "Points"
  hello: refer friend 40 points, referrer 60 points, on sign-up
guest anna
guest bela
at 2026-03-01 anna joins
at 2026-03-01 bela places 1.00 EUR as ref 0
at 2026-03-03 bela returns order 2
at 2026-03-03 bela orders 1 MUG for 0.50 as ref 2
at 2026-03-03 bela joins invited by anna
`
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		in := intake.New(st, storetest.Box(t), slog.New(slog.DiscardHandler), intake.Options{})
		defer in.Close()
		s, err := Parse("refused", text)
		if err != nil {
			t.Fatal(err)
		}
		onTime, facts := split(s)
		order := []int{1, 2, 0}
		d := NewDecider(s.Shop)
		tellOn(t, d, s, onTime, facts, order, arrivals[0])
		if w, err := d.Wallet(t.Context(), "anna"); err != nil || len(w.Accounts) != 1 || w.Accounts[0].Balance != 60 {
			t.Fatalf("%+v, %v", w, err)
		}
		sameOnADatabase(t, t, st, in, s, text, onTime, facts, order, arrivals[0])
	})
}

// TestACreditAtTheInstantOfSomethingDueIsTheSameOnADatabase: the database takes the two of them one after the
// other, a microsecond apart.
func TestACreditAtTheInstantOfSomethingDueIsTheSameOnADatabase(t *testing.T) {
	t.Parallel()
	const text = `
program "Points"
  earn 1 point per 1.00 EUR, after 5 days
guest bela
at 2026-03-01 bela joins
at 2026-03-03 bela orders 1 MUG for 20.00 as ref 1
at 2026-03-08 staff gives bela 5.00 EUR because he asked
`
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		in := intake.New(st, storetest.Box(t), slog.New(slog.DiscardHandler), intake.Options{})
		defer in.Close()
		s, err := Parse("instant", text)
		if err != nil {
			t.Fatal(err)
		}
		onTime, facts := split(s)
		sameOnADatabase(t, t, st, in, s, text, onTime, facts, []int{0, 1}, arrivals[1])
	})
}

// sharePercent of the draws are told on a database.
const sharePercent = 30

// namesOf finds what the members are called by the text.
func namesOf(t *testing.T, e Engine, s *Story) map[string]string {
	t.Helper()
	names := map[string]string{}
	for _, m := range s.Members {
		w, err := e.Wallet(t.Context(), m)
		if err != nil {
			t.Fatal(err)
		}
		if !w.Member.IsZero() {
			names[w.Member.String()] = m
		}
	}
	return names
}

func renamed(text string, names map[string]string) string {
	for was, name := range names {
		text = strings.ReplaceAll(text, was, name)
	}
	lines := strings.Split(text, "\n")
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}
