package rules_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"cagnotte/internal/rules"
)

// Of a program in which some lines were spoilt, exactly these lines are named, whatever
// they say now; the first of them is what stops a publication.
func TestProblemsNameEveryUnreadableLine(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d, s := drawn(t)
		lines := strings.Split(strings.TrimSuffix(d.Text(s), "\n"), "\n")
		var want []int
		for i := 1; i < len(lines); i++ {
			if rapid.Bool().Draw(t, "spoil") {
				lines[i] = "  " + rapid.SampledFrom([]string{
					"earn much", "starts soon", "referral", "at most", "budget lots", "x: ", ", ,", "exchange 10 stamps", "refer friend 5 points, on birthday",
					"earn 1 point, in channel", "earn 1 point, from 3 items, from 4 items", "stamp 1 per 1.00 EUR", "earn choice of", "multiply points by 0", "\"\" \"", "valid 5",
				}).Draw(t, "line")
				want = append(want, i+1)
			}
		}
		text := strings.Join(lines, "\n")
		docs, wrong := rules.Problems(text, s)
		var got []int
		for _, e := range wrong {
			got = append(got, e.Line)
		}
		if !slices.Equal(got, want) {
			t.Fatalf("%s\nthe lines %v cannot be read, want %v", text, got, want)
		}
		_, err := rules.ParseFile(text, s)
		if len(wrong) > 0 && err.Error() != wrong[0].Error() || (err == nil) != (len(wrong) == 0) || len(docs) != 1 {
			t.Fatalf("%s\n%v and %v", text, err, wrong)
		}
	})
}

// Any text at all is read to its end, and has a problem or is a program.
func TestAnyTextHasProblemsOrIsAProgram(t *testing.T) {
	t.Parallel()
	words := []string{
		"program", "\"A\"", "\n", "\n  ", "earn", "stamp", "refer", "friend", "referrer", "exchange", "multiply", "points", "1", "0", "-1", "1.00", "EUR", "per", "item", "of", "on", "first",
		"order", "orders", "every", "reaching", "from", "basket", "with", "code", "in", "channel", "at", "most", "rewards", "day", "ever", "valid", "until", "the", "end", "days", "after", ",",
		"\"", "#", "voucher", "cash", "product", "gift", "choice", "or", "by", "hand", "%", "budget", "uses", "worth", "exclusive", "last", "priority", "round", "nearest", "to", "hours",
		"weekdays", "mon", "between", "and", "2026-03-01", "starts", "ends", "referral", "window", "name:", "when", "asked", "together", "without", "before", "for", "group", "where", "a=b",
	}
	rapid.Check(t, func(t *rapid.T) {
		_, s := drawn(t)
		text := "program \"A\"\n  " + strings.Join(rapid.SliceOfN(rapid.SampledFrom(words), 0, 60).Draw(t, "words"), " ")
		docs, wrong := rules.Problems(text, s)
		_, err := rules.ParseFile(text, s)
		if (err == nil) != (len(wrong) == 0) || len(wrong) > rules.MaxProblems || len(wrong) == 0 && len(docs) == 0 {
			t.Fatalf("%q: %v and %v", text, err, wrong)
		}
		for i, e := range wrong {
			if e.Why == "" || e.Key() == "" || len(e.Figures()) > 3 || i > 0 && e.Line < wrong[i-1].Line {
				t.Fatalf("%q: %+v", text, e)
			}
		}
	})
}

func TestProblemsAreNotWithoutEnd(t *testing.T) {
	t.Parallel()
	s := rules.Setting{Currency: "EUR", Decimals: 2, Zone: time.UTC}
	if _, wrong := rules.Problems("program \"A\"\n"+strings.Repeat("  earn much\n", 10_000), s); len(wrong) != rules.MaxProblems {
		t.Errorf("%d problems", len(wrong))
	}
}
