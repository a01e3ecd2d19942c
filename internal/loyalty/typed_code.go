package loyalty

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// SameCode tells whether two codes are one, however they were typed.
func SameCode(a, b string) bool { return strings.EqualFold(a, b) || TypedCode(a) == TypedCode(b) }

// TypedCode brings a code that a merchant chose, or that another system made, into the one
// form in which it is compared: composed, capitals, without what cannot be seen, spaces and
// dashes, and with one sign for those that people take for one another: O for 0, I for 1,
// the Latin capital for the Greek or Cyrillic one that looks the same. It is its own form:
// bringing it there twice changes nothing. A code that is made here has none of these signs
// and stays what it is.
func TypedCode(s string) string {
	for range maxFoldings {
		next := foldCode(s)
		if next == s {
			return s
		}
		s = next
	}
	return "" // what does not come to rest is no code
}

// maxFoldings is how often a code may change on the way to its form.
const maxFoldings = 8

func foldCode(s string) string {
	s = norm.NFKC.String(strings.ToValidUTF8(s, ""))
	s = strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.In(r, unicode.Dash, unicode.Cf) {
			return -1
		}
		r = unicode.ToUpper(r)
		if same, ok := lookalike[r]; ok {
			return same
		}
		return r
	}, s)
	return norm.NFKC.String(s)
}

// lookalike are signs that are read as another one.
var lookalike = func() map[rune]rune {
	out := map[rune]rune{'0': 'O', '1': 'I'}
	for _, pair := range []struct{ from, to string }{
		{"\u0410\u0412\u0415\u041a\u041c\u041d\u041e\u0420\u0421\u0422\u0423\u0425\u0405\u0406\u0408", "ABEKMHOPCTYXSIJ"}, // Cyrillic
		{"\u0391\u0392\u0395\u0396\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a5\u03a7", "ABEZHIKMNOPTYX"},        // Greek
	} {
		to := []rune(pair.to)
		for i, r := range []rune(pair.from) {
			out[r] = to[i]
		}
	}
	return out
}()

// Limits of a code that is not made here, in signs of its form.
const (
	MinCode = 3
	MaxCode = 40
)

// UsableCode tells whether a code in its form may be issued: 3 to 40 letters and digits.
func UsableCode(code string) bool {
	n := utf8.RuneCountInString(code)
	return n >= MinCode && n <= MaxCode && len(code) <= MaxRefBytes &&
		!strings.ContainsFunc(code, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
}
