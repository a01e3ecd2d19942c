package share

import (
	"strings"

	"github.com/rivo/uniseg"
)

// cut shortens a text to a size, by any measure that grows with the text. It ends after a whole
// word where there is one, else after a whole character as people see it (a flag or a family is
// one), and with an ellipsis. Empty when not even that fits.
func cut(text string, size int, measure func(string) int) string {
	const ellipsis = "…"
	if measure(text) <= size {
		return text
	}
	kept, word, used := 0, 0, measure(ellipsis)
	for state, rest := -1, text; rest != ""; {
		var sign string
		sign, rest, _, state = uniseg.FirstGraphemeClusterInString(rest, state)
		blank := strings.TrimSpace(sign) == ""
		if used += measure(sign); used > size {
			if blank { // the word before ends exactly here
				word = kept
			}
			break
		}
		if blank {
			word = kept
		}
		kept += len(sign)
	}
	if word > 0 {
		kept = word
	}
	shorter := strings.TrimSpace(text[:kept])
	if shorter == "" {
		return ""
	}
	return shorter + ellipsis
}
