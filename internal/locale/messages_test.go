package locale

import (
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"path/filepath"
	"reflect"
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
	out := map[string]message{}
	for _, name := range sources(tag) {
		b, err := files.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		var room map[string]message
		if err := json.Unmarshal(b, &room); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for key, m := range room {
			if _, twice := out[key]; twice {
				t.Errorf("%s says %s a second time", name, key)
			}
			out[key] = m
		}
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
	named := reasons(t)
	for _, p := range printers(t) {
		for name, code := range named {
			if !p.has("reason." + code) {
				t.Errorf("%s: no words for loyalty.%s (reason.%s)", p.tag, name, code)
			}
		}
	}
}

// A code is made in many places, and every one of them shows a sentence to somebody.
func TestEveryProblemHasWords(t *testing.T) {
	t.Parallel()
	found := problems(t)
	for _, code := range []string{"required", "event_unknown", "key_missing", "unknown_field", "want_time", "unknown_type", "conflict", "shop_exists"} {
		if _, ok := found[code]; !ok {
			t.Errorf("the code %s was not found in internal/", code)
		}
	}
	english, all := readMessages(t, Fallback), printers(t)
	for code, made := range found {
		for _, p := range all {
			if !p.has("problem."+code) && !p.has("reason."+code) {
				t.Errorf("%s: no words for problem.%s", p.tag, code)
			}
		}
		for _, figure := range figuresOf(english["problem."+code][""]) {
			name := strings.Trim(figure, "{.}")
			for at, given := range made {
				if !slices.Contains(given, name) {
					t.Errorf("%s: problem.%s speaks of %s, which is not given here", at, code, figure)
				}
			}
		}
	}
}

// makers holds the codes of problems: where each is made, with the names of its figures.
type makers map[string]map[string][]string

func (m makers) add(code, at string, figures []string) {
	if m[code] == nil {
		m[code] = map[string][]string{}
	}
	if figures != nil {
		m[code][at] = figures
	}
}

// problems reads all of internal/ for the codes that it makes.
func problems(t *testing.T) makers {
	t.Helper()
	named, set, out := reasons(t), token.NewFileSet(), makers{}
	err := filepath.WalkDir("..", func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		f, err := parser.ParseFile(set, path, nil, 0)
		if err != nil {
			return err
		}
		web := strings.HasPrefix(filepath.ToSlash(path), "../web/")
		ast.Inspect(f, func(n ast.Node) bool {
			if n == nil {
				return false
			}
			if e, figures := made(n, f.Name.Name); e != nil {
				at := set.Position(n.Pos()).String()
				switch code := codeOf(e, named); {
				case passedOn(e):
				case code != "":
					out.add(code, at, figures)
				default:
					t.Errorf("%s: a problem whose code is neither a literal nor a reason", at)
				}
			}
			if web {
				for _, code := range indirect(n) {
					out.add(code, "", nil)
				}
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// made gives the code of a problem that is made here, and the names of its figures:
// loyalty.Invalid(field, code, …), &loyalty.Problem{Code: code, …}, or the fail(code, …)
// of the API's reader. The figures are nil where they come from elsewhere.
func made(n ast.Node, pkg string) (code ast.Expr, figures []string) {
	switch x := n.(type) {
	case *ast.CallExpr:
		from, name := called(x.Fun, pkg)
		at := 1
		switch {
		case from == "loyalty" && (name == "Invalid" || name == "Conflict" || name == "NotFound"):
		case pkg == "api" && name == "fail":
			at = 0
		default:
			return nil, nil
		}
		if len(x.Args) <= at {
			return nil, nil
		}
		if !x.Ellipsis.IsValid() {
			figures = []string{}
			for i := at + 1; i < len(x.Args); i += 2 {
				figures = append(figures, codeOf(x.Args[i], nil))
			}
		}
		return x.Args[at], figures
	case *ast.CompositeLit:
		if _, name := called(x.Type, pkg); name != "Problem" {
			return nil, nil
		}
		figures = []string{}
		for _, e := range x.Elts {
			kv, ok := e.(*ast.KeyValueExpr)
			if !ok {
				continue
			}
			switch _, key := called(kv.Key, pkg); key {
			case "Code":
				code = kv.Value
			case "Args":
				figures = keysOf(kv.Value)
			}
		}
		return code, figures
	}
	return nil, nil
}

// called gives the package (or variable) and the name of what an expression names.
func called(e ast.Expr, pkg string) (from, name string) {
	switch x := e.(type) {
	case *ast.Ident:
		return pkg, x.Name
	case *ast.SelectorExpr:
		if of, ok := x.X.(*ast.Ident); ok {
			return of.Name, x.Sel.Name
		}
	}
	return "", ""
}

// keysOf lists the keys of map[string]string{…}; nil when it is no such literal.
func keysOf(e ast.Expr) []string {
	lit, ok := e.(*ast.CompositeLit)
	if !ok {
		return nil
	}
	out := []string{}
	for _, e := range lit.Elts {
		if kv, ok := e.(*ast.KeyValueExpr); ok {
			out = append(out, codeOf(kv.Key, nil))
		}
	}
	return out
}

// passedOn tells whether a code was made elsewhere, where indirect or made finds it: code,
// p.Code, f.code, or a tag's.
func passedOn(e ast.Expr) bool {
	switch x := e.(type) {
	case *ast.Ident:
		return x.Name == "code"
	case *ast.SelectorExpr:
		return strings.EqualFold(x.Sel.Name, "code")
	case *ast.CallExpr:
		_, isTag := tagged(x)
		return isTag
	}
	return false
}

// tagged reads x.tag.Get("name").
func tagged(call *ast.CallExpr) (name string, ok bool) {
	get, ok := call.Fun.(*ast.SelectorExpr)
	if !ok || get.Sel.Name != "Get" || len(call.Args) != 1 {
		return "", false
	}
	of, ok := get.X.(*ast.SelectorExpr)
	if !ok || !strings.EqualFold(of.Sel.Name, "tag") {
		return "", false
	}
	name = codeOf(call.Args[0], nil)
	return name, name == "unknown" || name == "code"
}

// indirect lists the codes that a piece of the edge puts by for a problem to come: what a
// function returns as `code`, what is assigned to a `code`, the tags `unknown` and `code`
// of a field, and the column `code` of a table.
func indirect(n ast.Node) []string {
	var out []string
	take := func(list []ast.Expr, at int) {
		if at < 0 || at >= len(list) {
			return
		}
		from := []ast.Expr{list[at]}
		if call, ok := list[at].(*ast.CallExpr); ok && !passedOn(call) { // cmp.Or
			from = call.Args
		}
		for _, e := range from {
			if _, ok := e.(*ast.BasicLit); ok && codeOf(e, nil) != "" {
				out = append(out, codeOf(e, nil))
			}
		}
	}
	switch x := n.(type) {
	case *ast.FuncDecl:
		at := column(x.Type.Results)
		ast.Inspect(x, func(n ast.Node) bool {
			if r, ok := n.(*ast.ReturnStmt); ok {
				take(r.Results, at)
			}
			return true
		})
	case *ast.AssignStmt:
		for i, to := range x.Lhs {
			if passedOn(to) {
				take(x.Rhs, i)
			}
		}
	case *ast.Field:
		if x.Tag != nil {
			raw, _ := strconv.Unquote(x.Tag.Value)
			for _, name := range []string{"unknown", "code"} {
				if code := reflect.StructTag(raw).Get(name); code != "" {
					out = append(out, code)
				}
			}
		}
	case *ast.CompositeLit:
		list, _ := x.Type.(*ast.ArrayType)
		if list == nil {
			return nil
		}
		row, _ := list.Elt.(*ast.StructType)
		if row == nil {
			return nil
		}
		for _, e := range x.Elts {
			if lit, ok := e.(*ast.CompositeLit); ok {
				take(lit.Elts, column(row.Fields))
			}
		}
	}
	return out
}

// column finds the place of `code` in a list of fields or results; -1 when it is not there.
func column(of *ast.FieldList) int {
	if of == nil {
		return -1
	}
	at := 0
	for _, f := range of.List {
		for _, name := range f.Names {
			if name.Name == "code" {
				return at
			}
			at++
		}
	}
	return -1
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

// mayNameNoUnit: what ends is always a unit, and what is given without one is a voucher, a
// gift or a choice of a program.
func mayNameNoUnit(outcome string, l loyalty.ReceiptLine) bool {
	switch outcome {
	case loyalty.Refused, loyalty.Noted, loyalty.Held:
		return true
	case loyalty.Expired:
		return false
	}
	return !l.Program.IsZero()
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
		{Rule: "gift", Program: spring, Amount: 1, Gift: "Mug", At: opens},
		{Rule: "gift", Program: spring, Amount: 3, Gift: "Mug"},
		{Rule: "choice", Program: spring, Amount: 1},
		{Rule: "swap", Program: spring, Unit: "points", Amount: 500, Gift: "Mug", Exchange: true},
		{Rule: "swap", Program: spring, Unit: "points", Amount: 500, Exchange: true},
		{Rule: "refer", Program: spring, Unit: "referrals:x", Amount: 1, At: opens},
		{Rule: "bond"},
		{Rule: "redeem", Voucher: coffee},
		{Rule: loyalty.StaffBlock},
		{Rule: "adjust", Unit: "points", Amount: 3, At: opens},
		{Rule: "transfer", Unit: "points", Amount: 3},
		{Rule: "merge", Unit: "EUR", Amount: 300},
	} {
		if l.Unit == "" && !mayNameNoUnit(outcome, l) {
			continue
		}
		for _, part := range []loyalty.Part{"", loyalty.AsMember, loyalty.AsFriend, loyalty.AsReferrer} {
			l.Member, l.Part, l.Outcome = anna, part, outcome
			if outcome == loyalty.Waiting || outcome == loyalty.Opened || outcome == loyalty.Expired {
				l.At = opens
			}
			out = append(out, l)
		}
	}
	return out
}
