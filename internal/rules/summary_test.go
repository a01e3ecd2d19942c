package rules_test

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"cagnotte/internal/rules"
	"cagnotte/internal/rules/rulestest"
)

func drawn(t *rapid.T) (*rules.Document, rules.Setting) {
	zone, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	s := rules.Setting{Currency: "EUR", Decimals: 2, Zone: zone}
	text := rulestest.Program(t)
	list, err := rules.ParseFile(text, s)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return list[0], s
}

func TestDrawnProgramsParseToTheSameDocument(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d, s := drawn(t)
		again, err := rules.ParseFile(d.Text(s), s)
		if err != nil {
			t.Fatalf("%s: %v", d.Text(s), err)
		}
		if !reflect.DeepEqual(d, again[0]) {
			t.Fatalf("%s\nreads as\n%s", d.Text(s), again[0].Text(s))
		}
	})
}

// Whatever a text says differently, the difference says; nothing else does.
func TestEveryDifferenceIsSaid(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		was, s := drawn(t)
		is, _ := drawn(t)
		same := reflect.DeepEqual(was, is)
		if said := rules.Difference(was, is, s); (len(said) == 0) != same {
			t.Fatalf("%s\nand\n%s\ndiffer by %v", was.Text(s), is.Text(s), said)
		}
		if said := rules.Difference(was, was, s); len(said) != 0 {
			t.Fatalf("%s\ndiffers from itself by %v", was.Text(s), said)
		}
	})
}

// A document without one of its lines or clauses is another one, and each such difference
// is said.
func TestNoClauseGoesUnsaid(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		was, s := drawn(t)
		text := was.Text(s)
		pieces := strings.FieldsFunc(text, func(r rune) bool { return r == ',' })
		if lines := strings.SplitAfter(text, "\n"); rapid.Bool().Draw(t, "a whole line") {
			pieces = lines
		}
		piece := rapid.SampledFrom(pieces).Draw(t, "piece")
		for _, less := range []string{strings.Replace(text, ","+piece, "", 1), strings.Replace(text, piece, "", 1)} {
			list, err := rules.ParseFile(less, s)
			if err != nil || len(list) != 1 || less == text {
				continue
			}
			if said := rules.Difference(was, list[0], s); len(said) == 0 && list[0].Text(s) != text {
				t.Fatalf("%s\nis without %q\n%s, and nothing is said", text, piece, list[0].Text(s))
			}
		}
	})
}

// A sentence of each topic comes once: that is how a difference finds its counterpart.
func TestNoRuleSaysTwoThingsOnOneTopic(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d, s := drawn(t)
		for _, p := range rules.Summary(d, s) {
			seen := map[string]bool{}
			for _, x := range p.Sentences {
				topic := rules.Topic(x.Key)
				if seen[topic] {
					t.Fatalf("%s: %s twice", d.Text(s), topic)
				}
				seen[topic] = true
			}
		}
	})
}
