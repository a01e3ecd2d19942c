package programs

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"cagnotte/internal/loyalty"
	"cagnotte/internal/rules"
)

// Checked refuses a document that does not say the same as its text: the text is what
// people read and sign, so nothing may be in one that is not in the other. The problem
// names the place below field: `program_text` where the text cannot be read and why,
// `not_in_text` where a value means nothing or is not written as it is stored.
func Checked(d *rules.Document, s rules.Setting, field string) error {
	text := d.Text(s)
	read, err := rules.ParseFile(text, s)
	if e, ok := errors.AsType[*rules.ParseError](err); ok {
		return loyalty.Invalid(field+statement(d, text, e.Line), "program_rule", why(e)...)
	}
	if err != nil {
		return err
	}
	if len(read) != 1 {
		return loyalty.Invalid(field+".name", "not_in_text")
	}
	if at, differs := difference(tree(d), tree(read[0])); differs {
		return loyalty.Invalid(field+at, "not_in_text")
	}
	return nil
}

// statement is the place of a line of a document's text: its rules stand at the end, one a
// line.
func statement(d *rules.Document, text string, line int) string {
	lines := strings.Count(strings.TrimSuffix(text, "\n"), "\n") + 1
	if i := line - 1 - (lines - len(d.Rules)); i >= 0 && i < len(d.Rules) {
		return fmt.Sprintf(".rules[%d]", i)
	}
	return ""
}

// tree is a document as JSON sees it.
func tree(d *rules.Document) any {
	b, err := json.Marshal(d)
	if err != nil {
		panic(err) // plain values only
	}
	var out any
	r := json.NewDecoder(bytes.NewReader(b))
	r.UseNumber()
	if err := r.Decode(&out); err != nil {
		panic(err) // it was made a line above
	}
	return out
}

// difference finds the first place at which two trees differ.
func difference(a, b any) (at string, differs bool) {
	switch x := a.(type) {
	case map[string]any:
		y, ok := b.(map[string]any) // what says nothing is left out
		if !ok && b != nil {
			return "", true
		}
		names := maps.Clone(x)
		maps.Copy(names, y)
		for _, n := range slices.Sorted(maps.Keys(names)) {
			if at, differs := difference(x[n], y[n]); differs {
				return "." + n + at, true
			}
		}
		return "", false
	case []any:
		y, _ := b.([]any)
		for i := range max(len(x), len(y)) {
			if i >= len(x) || i >= len(y) {
				return fmt.Sprintf("[%d]", min(i, max(len(x)-1, 0))), true
			}
			if at, differs := difference(x[i], y[i]); differs {
				return fmt.Sprintf("[%d]", i) + at, true
			}
		}
		return "", len(x) != len(y) || y == nil && b != nil
	}
	return "", a != b
}
