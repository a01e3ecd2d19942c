package loyalty

import (
	"strings"
	"unicode"
)

// SameCode tells whether two codes are one, however they were typed.
func SameCode(a, b string) bool { return strings.EqualFold(a, b) || TypedCode(a) == TypedCode(b) }

// TypedCode brings a code that a merchant chose, or that another system made, into the one
// form in which it is compared: capitals, without spaces and dashes. It is its own form:
// bringing it there twice changes nothing.
func TypedCode(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) || unicode.Is(unicode.Dash, r) {
			return -1
		}
		return unicode.ToUpper(r)
	}, s)
}
