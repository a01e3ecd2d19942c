package rules

import (
	"fmt"
	"regexp"
	"strings"
)

// ParseError says which line of a program text cannot be read, and why.
type ParseError struct {
	Line int
	Why  string // a clause of a sentence, in English

	format string
	args   []any
}

// unreadable is the error of a line. Its format is the key of its words in every language:
// a test holds each of them to locale/messages.
func unreadable(line int, format string, args ...any) *ParseError {
	return &ParseError{line, fmt.Sprintf(format, args...), format, args}
}

// Error is one sentence with the line's number.
func (e *ParseError) Error() string { return fmt.Sprintf("line %d: %s", e.Line, e.Why) }

// Key names the reason, whatever the figures in it.
func (e *ParseError) Key() string { return ReasonKey(e.format) }

// Figures are what the reason speaks of, in the order in which it does: at most three.
func (e *ParseError) Figures() []string {
	out := make([]string, len(e.args))
	for i, a := range e.args {
		out[i] = fmt.Sprint(a)
	}
	return out
}

var (
	verb    = regexp.MustCompile(`%[a-z]`)
	between = regexp.MustCompile(`[^a-z0-9]+`)
)

// ReasonKey makes a key of an English reason: its words alone, `a_cap_per_order_is_in_units`.
func ReasonKey(format string) string {
	return strings.Trim(between.ReplaceAllString(strings.ToLower(verb.ReplaceAllString(format, " ")), "_"), "_")
}

// MaxProblems is how many lines of a text Problems names at most.
const MaxProblems = 100

// Problems reads a text as ParseFile does, and names every line that cannot be read, not
// only the first: for whoever is still writing it. The programs are what was readable.
func Problems(file string, s Setting) ([]*Document, []*ParseError) {
	return readFile(file, s, MaxProblems)
}

// readFile reads programs until most lines were found that cannot be read.
func readFile(file string, s Setting, most int) (out []*Document, wrong []*ParseError) {
	var block []Source
	flush := func() {
		if block == nil || len(wrong) >= most {
			return
		}
		d, errs := readBlock(block, s, most-len(wrong))
		block = nil
		out, wrong = append(out, d), append(wrong, errs...)
	}
	lost := false // a line before the first program is named once, not each of them
	for i, line := range strings.Split(file, "\n") {
		line = Uncomment(line)
		switch {
		case line == "":
		case begins(line):
			flush()
			block = []Source{{i + 1, line}}
		case block == nil && !lost:
			lost = true
			wrong = append(wrong, unreadable(i+1, "a program begins with the word program"))
		case block != nil:
			block = append(block, Source{i + 1, line})
		}
	}
	flush()
	if len(out) == 0 && len(wrong) == 0 {
		wrong = append(wrong, unreadable(1, "there is no program in this text"))
	}
	return out, wrong
}
