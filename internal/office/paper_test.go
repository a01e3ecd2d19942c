package office_test

import (
	"slices"
	"strings"
	"testing"

	"cagnotte/internal/locale"
	"cagnotte/internal/office"
)

// Each paper is there in each language, says that a lawyer must look at it, and has the same blanks.
func TestPapersAreWhole(t *testing.T) {
	lawyer := map[string]string{"en": "lawyer", "fr": "juriste", "pl": "prawnika"}
	for _, code := range office.Papers {
		var sections, names []int
		for _, l := range locale.Tags {
			title, body, err := office.Paper(code, l, nil)
			if err != nil || title == "" || !strings.Contains(body, lawyer[l]) || strings.Contains(body, "[[") || !strings.Contains(body, "………………………") {
				t.Errorf("%s in %s: %q %v", code, l, title, err)
			}
			sections, names = append(sections, strings.Count(body, "\n## ")), append(names, strings.Count(body, "………………………"))
		}
		if slices.Min(sections) != slices.Max(sections) || slices.Min(names) != slices.Max(names) {
			t.Errorf("%s is not the same in all languages: %v %v", code, sections, names)
		}
	}
	_, body, err := office.Paper("record", "en", map[string]string{"company": "A *B* [x](http://e)\nC", "members": "36 months"})
	if err != nil || !strings.Contains(body, `A \*B\* \[x\]\(http://e\)`) || !strings.Contains(body, "36 months") && !strings.Contains(body, `36 months`) {
		t.Error(body, err)
	}
	if _, _, err := office.Paper("record", "de", nil); err == nil {
		t.Error("a language that there is not")
	}
}
