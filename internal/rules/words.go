package rules

import (
	"slices"
	"strings"
)

// Words are what is left to read of a line. Programs and stories are read word by word
// with it: commas stand alone and quotes hold words together (a quoted word keeps its
// opening quote, so that it is never taken for a keyword).
type Words struct{ List []string }

// WordsOf splits a line.
func WordsOf(s string) Words {
	var out []string
	for s = strings.TrimSpace(s); s != ""; s = strings.TrimLeft(s, " \t") {
		switch {
		case s[0] == ',':
			out, s = append(out, ","), s[1:]
		case s[0] == '"' && strings.Contains(s[1:], `"`):
			word, rest, _ := strings.Cut(s[1:], `"`)
			out, s = append(out, `"`+word), rest
		default:
			end := strings.IndexAny(s, " \t,")
			if end < 0 {
				end = len(s)
			}
			out, s = append(out, s[:end]), s[end:]
		}
	}
	return Words{out}
}

// Peek is the next word; empty at the end.
func (w *Words) Peek() string {
	if len(w.List) == 0 {
		return ""
	}
	return w.List[0]
}

// Next takes the next word.
func (w *Words) Next() string {
	x := w.Peek()
	if len(w.List) > 0 {
		w.List = w.List[1:]
	}
	return x
}

// Accept takes the words if they come next.
func (w *Words) Accept(words ...string) bool {
	if len(w.List) < len(words) || !slices.Equal(w.List[:len(words)], words) {
		return false
	}
	w.List = w.List[len(words):]
	return true
}

// Rest is what is left, for errors.
func (w *Words) Rest() string { return strings.Join(w.List, " ") }

// Unquote takes the mark of a quoted word away.
func Unquote(w string) string { return strings.TrimPrefix(w, `"`) }

// Uncomment cuts a comment and the space on the right; # in quotes is no comment.
func Uncomment(line string) string {
	quoted := false
	for i := range len(line) {
		if line[i] == '"' {
			quoted = !quoted
		} else if line[i] == '#' && !quoted {
			line = line[:i]
			break
		}
	}
	return strings.TrimRight(line, " \t\r")
}
