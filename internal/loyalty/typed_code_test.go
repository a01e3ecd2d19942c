package loyalty

import (
	"strings"
	"testing"
)

func TestTypedCode(t *testing.T) {
	t.Parallel()
	for typed, want := range map[string]string{
		"spring":                   "SPRING",
		" Spring - 26 ":            "SPRING26",
		"święta-2026":              "ŚWIĘTA2O26",
		"s\u0301wie\u0328ta":       "ŚWIĘTA", // composed of letters and accents
		"0ld 10O":                  "OLDIOO",
		"\u0421\u041e\u0421\u041e": "COCO", // Cyrillic
		"\u0391\u0392\u0395":       "ABE",  // Greek
		"ＡＢＣ１２":                    "ABCI2",
		"a\u200bb\u00adc":          "ABC", // what cannot be seen
		"A\u2013B\u2014C\u00a0D":   "ABCD",
		"K7QW3RTY":                 "K7QW3RTY",
		"":                         "",
		"\xff\xfeA":                "A",
	} {
		if got := TypedCode(typed); got != want {
			t.Errorf("TypedCode(%q) = %q, want %q", typed, got, want)
		}
	}
}

// One form for every way of writing a code: bringing it there twice changes nothing, and
// what is typed in small letters or with dashes is the same code (V8).
func FuzzTypedCode(f *testing.F) {
	for _, s := range []string{
		"", "SPRING", "święta 2026", "O0 I1", "ŉ", "ﬁ", "ẞß", "ǅ", "ΐ", "İı", "\u0345a", "e\u0301\u0328", "\u212b", "\uff10\uff2f", "ͅ", "ᾳ", "\xff", "a\u034fb",
		"\u1e9e\u0307", "\u0130\u0307", "\ufdfa",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		code := TypedCode(s)
		if again := TypedCode(code); again != code {
			t.Fatalf("%q becomes %q, and that %q", s, code, again)
		}
		if strings.ContainsAny(code, " -01\u00a0") {
			t.Fatalf("%q becomes %q", s, code)
		}
		if !UsableCode(code) {
			return
		}
		if spaced := TypedCode(" " + code[:1] + strings.ToLower(code[1:])); isASCII(code) && spaced != code {
			t.Fatalf("%q and its small letters are %q and %q", s, code, spaced)
		}
	})
}

func isASCII(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r > 0x7f })
}

// The check character finds every single wrong symbol and every two neighbours that changed
// places but for one pair.
func TestMistyped(t *testing.T) {
	t.Parallel()
	secret := [32]byte{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}
	for _, code := range []string{BoundCode(secret), BearerCode(secret)} {
		if Mistyped(code) {
			t.Errorf("%s is right", code)
		}
		for i := range len(code) {
			for k := range len(codeAlphabet) {
				wrong := code[:i] + codeAlphabet[k:k+1] + code[i+1:]
				if wrong != code && !Mistyped(wrong) {
					t.Errorf("%s instead of %s is not found", wrong, code)
				}
			}
		}
	}
	for _, other := range []string{"SPRING", "SPRING26", "OLD123", PersonalCode(secret)[:9] + "2", "ŚWIĘTA26"} {
		if Mistyped(other) {
			t.Errorf("%q does not look like a code that is made here", other)
		}
	}
}

// All 17 symbols of a bearer's code are drawn: none is a rest of those before.
func TestBearerCodesUseAllOfTheSecret(t *testing.T) {
	t.Parallel()
	seen := make([]map[byte]bool, bearerSymbols)
	for i := range seen {
		seen[i] = map[byte]bool{}
	}
	for n := range 200 {
		var secret [32]byte
		for i := range secret {
			secret[i] = byte((n*131 + i*n*17 + i*7) * 2654435761 >> 8)
		}
		for i := range bearerSymbols {
			seen[i][BearerCode(secret)[i]] = true
		}
	}
	for i, s := range seen {
		if len(s) < 15 {
			t.Errorf("symbol %d takes only %d values", i, len(s))
		}
	}
	if a, b := BearerCode([32]byte{0: 1}), BearerCode([32]byte{0: 1, 15: 1}); a == b {
		t.Error("the second half of the secret does not count")
	}
}
