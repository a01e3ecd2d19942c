package loyalty_test

import (
	"strings"
	"testing"

	"cagnotte/internal/loyalty"
)

func TestSearchTermsAreWordsWithoutWhatPeopleLeaveOut(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"Łukasz Żółć":              "lukasz zolc",
		"ŁUKASZ  ŻÓŁĆ ":            "lukasz zolc",
		"Zoé Dupont-O'Neill":       "zoe dupont o neill",
		"François L’Hôte":          "francois l hote",
		"Œuvre Straße Ærø Đoković": "oeuvre strasse aero dokovic",
		"Anna anna ANNA":           "anna",
		"İpek Işık":                "ipek isik",
		"Ｆｕｌｌ ﬁne":                 "full fine",
		"Елена Ёлкина":             "елена елкина",
		"山田 太郎":                    "山田 太郎",
		"A-17/3":                   "a 17 3",
		" - ’ ":                    "",
		"":                         "",
	} {
		if got := strings.Join(loyalty.SearchTerms(in), " "); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
	if n := len(loyalty.SearchTerms(strings.Repeat("a b c d e f g h i j k l m n o p q r s t u v w x y z ", 9))); n != 24 {
		t.Errorf("a long text has %d terms", n)
	}
}

func FuzzSearchTermsStayWhatTheyAre(f *testing.F) {
	f.Add("Łukasz Żółć")
	f.Add("ﬁ İ")
	f.Fuzz(func(t *testing.T, s string) {
		terms := loyalty.SearchTerms(s)
		for _, w := range terms {
			if again := loyalty.SearchTerms(w); len(again) != 1 || again[0] != w {
				t.Errorf("%q of %q becomes %q", w, s, again)
			}
		}
	})
}
