package share

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// letters is a measure in which each letter is one wide.
func letters(text string) float64 { return float64(utf8.RuneCountInString(text)) }

func TestTextsAreBrokenBetweenWords(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text  string
		width float64
		want  []string
		whole bool
	}{
		{"", 5, nil, true},
		{"un deux trois", 8, []string{"un deux", "trois"}, true},
		{"10\u00a0% ici", 5, []string{"10\u00a0%", "ici"}, true},
		{"Saint-Honoré", 8, []string{"Saint-", "Honoré"}, true},
		{"Brzęczyszczykiewicz", 8, []string{"Brzęczys", "zczykiew", "icz"}, false},
		{"żółć", 0.5, []string{"ż", "ó", "ł", "ć"}, false},
		{"-----", 2, []string{"--", "--", "-"}, true},
	} {
		lines, whole := wrap(c.text, c.width, letters)
		if diff := cmp.Diff(c.want, lines); diff != "" || whole != c.whole {
			t.Errorf("%q: whole %v (-want +got):\n%s", c.text, whole, diff)
		}
	}
}

func TestTextsGetSmallerThenAreCut(t *testing.T) {
	t.Parallel()
	at := func(size float64) measure { return func(text string) float64 { return letters(text) * size } }
	for _, c := range []struct {
		text string
		size float64
		want []string
	}{
		{"un", 4, []string{"un"}},
		{"un deux trois", 3, []string{"un deux", "trois"}},
		{"un un un un un un", 2, []string{"un un un", "un un un"}}, // even lines, not 4 and 2
		{"un deux trois quatre cinq six sept huit neuf", 1, []string{"un deux trois quatre", "cinq six sept huit…"}},
	} {
		size, lines := fit(c.text, 21, sizesFrom(4, 1, 1), 2, at)
		if diff := cmp.Diff(c.want, lines); diff != "" || size != c.size {
			t.Errorf("%q: size %v, want %v (-want +got):\n%s", c.text, size, c.size, diff)
		}
	}
}

func FuzzWrap(f *testing.F) {
	f.Add("Les Petites Merveilles de Saint-Honoré", 7.0)
	f.Fuzz(func(t *testing.T, text string, width float64) {
		text = drawable(text)
		if !(width >= 0 && width < 1e6) {
			return
		}
		lines, _ := wrap(text, width, letters)
		squeeze := func(s string) string { return strings.ReplaceAll(s, " ", "") }
		if squeeze(strings.Join(lines, "")) != squeeze(text) {
			t.Errorf("%q became %q", text, lines)
		}
		for _, l := range lines {
			if letters(l) > max(width, 1) {
				t.Errorf("%q is wider than %v", l, width)
			}
		}
	})
}
