package locale

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"cagnotte/internal/loyalty"
)

// pluralForms are the forms that each language has for a counted thing.
var pluralForms = map[string][]string{
	"en": {"one", "other"},
	"fr": {"many", "one", "other"},
	"pl": {"few", "many", "one", "other"},
}

// message is a sentence, or its plural forms by name.
type message map[string]string

func (m *message) UnmarshalJSON(b []byte) error {
	if b[0] != '"' {
		return json.Unmarshal(b, (*map[string]string)(m))
	}
	var s string
	err := json.Unmarshal(b, &s)
	*m = message{"": s}
	return err
}

func readMessages(t *testing.T, tag string) map[string]message {
	t.Helper()
	b, err := files.ReadFile("messages/" + tag + ".json")
	if err != nil {
		t.Fatal(err)
	}
	var out map[string]message
	if err := json.Unmarshal(b, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

func TestEveryLanguageHasTheSameKeysAndItsPluralForms(t *testing.T) {
	t.Parallel()
	english := readMessages(t, Fallback)
	for _, tag := range Tags {
		all := readMessages(t, tag)
		if diff := cmp.Diff(slices.Sorted(maps.Keys(english)), slices.Sorted(maps.Keys(all))); diff != "" {
			t.Errorf("%s has other keys than English (-en +%s):\n%s", tag, tag, diff)
		}
		for key, m := range all {
			if got := slices.Sorted(maps.Keys(m)); len(english[key]) > 1 && !slices.Equal(got, pluralForms[tag]) {
				t.Errorf("%s: %s has the plural forms %v, want %v", tag, key, got, pluralForms[tag])
			} else if len(english[key]) == 1 && len(m) != 1 {
				t.Errorf("%s: %s has plural forms, but none in English", tag, key)
			}
			for form, text := range m {
				if strings.TrimSpace(text) == "" {
					t.Errorf("%s: %s %s is empty", tag, key, form)
				}
				if diff := cmp.Diff(figuresOf(english[key]["other"]+english[key][""]), figuresOf(text)); diff != "" {
					t.Errorf("%s: %s %s speaks of other figures than English:\n%s", tag, key, form, diff)
				}
			}
		}
	}
}

var placeholder = regexp.MustCompile(`{{\.\w+}}`)

func figuresOf(text string) []string {
	found := placeholder.FindAllString(text, -1)
	slices.Sort(found)
	return slices.Compact(found)
}

// source parses the Go files of a package beside this one, without its tests.
func source(t *testing.T, dir string) []*ast.File {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join("..", dir, "*.go"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no Go files in %s: %v", dir, err)
	}
	var out []*ast.File
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		f, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, f)
	}
	return out
}

// constants lists the string constants of a type ("" for untyped ones) by name.
func constants(files []*ast.File, of string) map[string]string {
	out := map[string]string{}
	for _, f := range files {
		ast.Inspect(f, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok {
				return true
			}
			named, _ := spec.Type.(*ast.Ident)
			if named == nil && of != "" || named != nil && named.Name != of {
				return true
			}
			for i, v := range spec.Values {
				if lit, ok := v.(*ast.BasicLit); ok && lit.Kind == token.STRING {
					out[spec.Names[i].Name], _ = strconv.Unquote(lit.Value)
				}
			}
			return true
		})
	}
	return out
}

// reasons lists the constants of loyalty.Reason by name.
func reasons(t *testing.T) map[string]string {
	t.Helper()
	out := constants(source(t, "loyalty"), "Reason")
	if len(out) < 20 || out["BelowMinimum"] != "BELOW_MINIMUM" {
		t.Fatalf("found only these reasons: %v", out)
	}
	return out
}

// outcomes lists the outcomes of a receipt's line: the untyped strings beside the reasons.
func outcomes(t *testing.T) map[string]string {
	t.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), filepath.Join("..", "loyalty", "reason.go"), nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	out := constants([]*ast.File{f}, "")
	if len(out) < 9 || out["TakenBack"] != "taken_back" {
		t.Fatalf("found only these outcomes: %v", out)
	}
	return out
}

func printers(t *testing.T) []*Printer {
	t.Helper()
	c, err := New()
	if err != nil {
		t.Fatal(err)
	}
	var out []*Printer
	for _, tag := range Tags {
		out = append(out, c.Printer(tag, nil))
	}
	return out
}

func TestEveryReasonHasWords(t *testing.T) {
	t.Parallel()
	for _, p := range printers(t) {
		for name, code := range reasons(t) {
			if !p.has("reason." + code) {
				t.Errorf("%s: no words for loyalty.%s (reason.%s)", p.tag, name, code)
			}
		}
	}
}

func TestEveryProblemHasWords(t *testing.T) {
	t.Parallel()
	named := reasons(t)
	codes := map[string]bool{}
	for _, dir := range []string{"loyalty", "decide"} {
		for _, f := range source(t, dir) {
			ast.Inspect(f, func(n ast.Node) bool {
				if call, ok := n.(*ast.CallExpr); ok && makesProblem(call) {
					code := codeOf(call.Args[1], named)
					if code == "" {
						t.Errorf("%s: a problem whose code is neither a literal nor a reason", f.Name.Name)
					}
					codes[code] = true
				}
				return true
			})
		}
	}
	if len(codes) < 10 {
		t.Fatalf("found only these codes: %v", codes)
	}
	for _, p := range printers(t) {
		for code := range codes {
			if !p.has("problem."+code) && !p.has("reason."+code) {
				t.Errorf("%s: no words for problem.%s", p.tag, code)
			}
		}
	}
}

// makesProblem tells whether a call makes a problem: loyalty.Invalid(field, code, …).
func makesProblem(call *ast.CallExpr) bool {
	name := ""
	switch f := call.Fun.(type) {
	case *ast.Ident:
		name = f.Name
	case *ast.SelectorExpr:
		if pkg, ok := f.X.(*ast.Ident); ok && pkg.Name == "loyalty" {
			name = f.Sel.Name
		}
	}
	return len(call.Args) >= 2 && (name == "Invalid" || name == "Conflict" || name == "NotFound")
}

// codeOf reads "required", string(WrongCurrency) or string(loyalty.WrongCurrency).
func codeOf(e ast.Expr, named map[string]string) string {
	switch x := e.(type) {
	case *ast.BasicLit:
		s, _ := strconv.Unquote(x.Value)
		return s
	case *ast.CallExpr:
		return codeOf(x.Args[0], named)
	case *ast.SelectorExpr:
		return named[x.Sel.Name]
	case *ast.Ident:
		return named[x.Name]
	}
	return ""
}

// wordless finds what say leaves where a sentence is missing, or a figure in it.
var wordless = regexp.MustCompile(`[a-z]\.[a-z]|<no value>|{{| {2}|\(\)`)

// mayNameNoUnit: every other decision is about value, and names its unit.
func mayNameNoUnit(outcome string, l loyalty.ReceiptLine) bool {
	return outcome == loyalty.Refused || outcome == loyalty.Noted || !l.Voucher.IsZero() && (outcome == loyalty.Exchanged || outcome == loyalty.Undone)
}

func TestEveryOutcomeHasWordsForEverybody(t *testing.T) {
	t.Parallel()
	// every reason has its words (above): here it is how they meet the outcome
	codes := []loyalty.Reason{"", loyalty.OrderReturnedAll, loyalty.CapReached, loyalty.NoteLate, loyalty.NoteUnknown, "A_CODE_TO_COME"}
	for _, p := range printers(t) {
		t.Run(p.tag, func(t *testing.T) {
			t.Parallel()
			for _, outcome := range outcomes(t) {
				if !p.has("outcome." + outcome) {
					t.Errorf("no label for the outcome %s", outcome)
				}
				for _, l := range linesOf(outcome) {
					for _, code := range codes {
						l.Code = code
						for _, v := range []View{{Staff: true}, {Member: anna}} {
							if s := p.Receipt(l, v); s == "" || wordless.MatchString(s) {
								t.Errorf("%+v reads %q", l, s)
							}
						}
					}
				}
			}
		})
	}
}

// linesOf makes lines of an outcome with what decide may put into them.
func linesOf(outcome string) []loyalty.ReceiptLine {
	var out []loyalty.ReceiptLine
	for _, l := range []loyalty.ReceiptLine{
		{Rule: "refer", Program: spring, Unit: "points", Amount: 2, At: opens},
		{Rule: "refer", Program: spring, Unit: "EUR", Amount: 0, At: opens},
		{Rule: "card", Program: spring, Unit: "stamps:x", Amount: 5, Voucher: coffee, At: opens},
		{Rule: "card", Program: spring, Amount: 1, Voucher: coffee},
		{Rule: "bond"},
		{Rule: "adjust", Unit: "points", Amount: 3, At: opens},
	} {
		if l.Unit == "" && !mayNameNoUnit(outcome, l) {
			continue
		}
		for _, part := range []loyalty.Part{"", loyalty.AsMember, loyalty.AsFriend, loyalty.AsReferrer} {
			l.Member, l.Part, l.Outcome = anna, part, outcome
			out = append(out, l)
		}
	}
	return out
}
