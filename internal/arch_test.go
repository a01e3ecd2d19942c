// Package internal holds the product. This test holds its rooms apart: which package may
// import which is a policy, written in the table below and read from the files.
package internal

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "cagnotte"

// pure packages have no clock, no randomness and no world around them: now and ids are
// arguments. Each may import those to its left; id and moment stand alone.
var pure = strings.Fields("id moment money ledger loyalty phrase fields rules plan cart decide")

// operations are the things that people do. None of them imports another one.
var operations = strings.Fields("people referral programs rewards gifts checkout signin staff pages outreach insight imports feed upkeep office story")

// table says what of ours a package may import. A row may be there before its package; a
// package without a row fails. PURE and OPERATIONS stand for the lists above, and x/* for
// every package below x, none of which imports a sister.
var table = map[string]string{
	"id":      "",
	"moment":  "",
	"money":   "id moment",
	"ledger":  "id moment money",
	"loyalty": "id moment money ledger",
	"phrase":  "moment",
	"fields":  "loyalty",
	"rules":   "id moment money ledger loyalty phrase",
	"plan":    "id moment money ledger loyalty phrase rules",
	"cart":    "id moment money ledger loyalty phrase rules",
	"decide":  "id moment money ledger loyalty phrase rules cart",

	"rules/rulestest": "PURE", // draws programs for the tests of others

	"picture":         "loyalty",
	"seal":            "",
	"passkey":         "PURE seal", // what browsers are asked and answer: no store
	"passkey/*":       "passkey",
	"store":           "PURE",
	"store/batch":     "PURE store seal",
	"store/storetest": "PURE store seal",
	"intake":          "PURE store store/batch seal", // nobody else may import store/batch

	"OPERATIONS": "PURE store intake connect message locale picture seal passkey",
	"jobs":       "PURE store",

	"connect":   "PURE",
	"connect/*": "PURE connect",
	"message":   "PURE",
	"message/*": "PURE message",

	"web":   "PURE OPERATIONS intake connect locale share version", // never store
	"web/*": "PURE OPERATIONS intake connect passkey picture locale share version web web/assets",

	"share":      "", // what is spread: addresses, codes, pictures, snippets; texts come in
	"storefront": "", // a shop to try it with: HTTP calls only, as any shop makes them

	"locale":  "id moment money ledger loyalty phrase",
	"config":  "",
	"version": "",
	"":        "", // this test
}

// unwanted names say nothing about what is inside.
var unwanted = strings.Fields("util utils common helper helpers model models type types base misc shared")

// outside is what no pure package may import: names, and prefixes that end in a star.
var outside = strings.Fields("context database/* embed log log/* math/rand math/rand/* crypto/rand net net/* os os/* syscall testing unsafe")

// row gives what a package may import; ok is false when the table does not know it.
func row(pkg string) (may []string, ok bool) {
	text, ok := table[pkg]
	if !ok && slices.Contains(operations, pkg) {
		text, ok = table["OPERATIONS"]
	}
	if parent, _, below := strings.Cut(pkg, "/"); !ok && below {
		text, ok = table[parent+"/*"]
	}
	for name := range strings.FieldsSeq(text) {
		switch name {
		case "PURE":
			may = append(may, pure...)
		case "OPERATIONS":
			may = append(may, operations...)
		default:
			may = append(may, name)
		}
	}
	return may, ok
}

// verdict tells why a package may not import another one of ours, both by their path in
// the module; empty when it may.
func verdict(from, to string) string {
	if !strings.HasPrefix(to, "internal/") {
		return "nothing imports " + to
	}
	if !strings.HasPrefix(from, "internal") {
		return "" // commands and test programs wire everything
	}
	may, ok := row(inside(from))
	switch {
	case !ok:
		return "package " + from + " has no row in the table"
	case !slices.Contains(may, inside(to)):
		return from + " may import " + strings.Join(may, " ") + ", not " + inside(to)
	}
	return ""
}

// inside is a path without internal/.
func inside(pkg string) string { return strings.TrimPrefix(strings.TrimPrefix(pkg, "internal"), "/") }

// room is a folder with Go files.
type room struct {
	path  string // in the module: internal/money, cmd/cagnotte
	files map[string]*ast.File
}

// rooms reads every Go file of this module but those of test data and of modules within.
func rooms(t *testing.T) []room {
	t.Helper()
	found := map[string]room{}
	root := filepath.Join("..")
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, name)
		if err != nil {
			return err
		}
		if d.IsDir() {
			return enter(rel, name, d)
		}
		if !strings.HasSuffix(name, ".go") {
			return nil
		}
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		dir := filepath.ToSlash(filepath.Dir(rel))
		if _, ok := found[dir]; !ok {
			found[dir] = room{dir, map[string]*ast.File{}}
		}
		found[dir].files[filepath.Base(name)] = f
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	var out []room
	for _, r := range found {
		out = append(out, r)
	}
	slices.SortFunc(out, func(a, b room) int { return strings.Compare(a.path, b.path) })
	return out
}

// enter skips what is not code of this module.
func enter(rel, name string, d fs.DirEntry) error {
	switch {
	case rel == ".":
		return nil
	case strings.HasPrefix(d.Name(), "."), strings.HasPrefix(d.Name(), "_"), d.Name() == "testdata", d.Name() == "node_modules":
		return fs.SkipDir
	}
	if _, err := os.Stat(filepath.Join(name, "go.mod")); err == nil {
		return fs.SkipDir
	}
	return nil
}

// imports lists the import paths of a room's files; tests are exempt.
func (r room) imports() map[string]string {
	out := map[string]string{}
	for name, f := range r.files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		for _, spec := range f.Imports {
			p, _ := strconv.Unquote(spec.Path.Value)
			out[p] = name
		}
	}
	return out
}

func TestEveryPackageStaysInItsRoom(t *testing.T) {
	t.Parallel()
	all := rooms(t)
	if len(all) < 8 {
		t.Fatalf("found only %d packages", len(all))
	}
	for _, r := range all {
		top, _, _ := strings.Cut(r.path, "/")
		switch top {
		case "cmd", "test":
		case "internal":
			if _, ok := row(inside(r.path)); !ok {
				t.Errorf("%s has no row in the table of arch_test.go", r.path)
				continue
			}
		default:
			t.Errorf("%s: Go code belongs in internal, cmd or test", r.path)
		}
		for p, file := range r.imports() {
			if ours, ok := strings.CutPrefix(p, module+"/"); ok {
				if why := verdict(r.path, ours); why != "" {
					t.Errorf("%s/%s: %s", r.path, file, why)
				}
			}
		}
	}
}

func TestPurePackagesStayPure(t *testing.T) {
	t.Parallel()
	for _, r := range rooms(t) {
		if !slices.Contains(pure, inside(r.path)) {
			continue
		}
		for p, file := range r.imports() {
			if slices.ContainsFunc(outside, func(not string) bool { return matches(not, p) }) {
				t.Errorf("%s/%s imports %s, but is pure", r.path, file, p)
			}
		}
		for file, f := range r.files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			ast.Inspect(f, func(n ast.Node) bool {
				if s, ok := n.(*ast.SelectorExpr); ok && readsClock(s) {
					t.Errorf("%s/%s uses time.%s: now is an argument", r.path, file, s.Sel.Name)
				}
				return true
			})
		}
	}
}

// secretive are the packages that make codes and keys. What they draw must be beyond
// guessing: from crypto/rand, or derived from the master key.
var secretive = strings.Fields("loyalty seal rewards store/batch office")

func TestSecretsAreNotDrawnFromDice(t *testing.T) {
	t.Parallel()
	found := 0
	for _, r := range rooms(t) {
		if !slices.Contains(secretive, inside(r.path)) {
			continue
		}
		found++
		for p, file := range r.imports() {
			if matches("math/rand*", p) {
				t.Errorf("%s/%s imports %s, and makes codes", r.path, file, p)
			}
		}
	}
	if found != len(secretive) {
		t.Errorf("found %d of %d packages that make codes", found, len(secretive))
	}
}

func matches(pattern, p string) bool {
	if prefix, ok := strings.CutSuffix(pattern, "*"); ok {
		return strings.HasPrefix(p, prefix)
	}
	return p == pattern
}

// readsClock tells whether a selector reads the clock or the zone of the machine.
func readsClock(s *ast.SelectorExpr) bool {
	pkg, ok := s.X.(*ast.Ident)
	return ok && pkg.Name == "time" &&
		slices.Contains([]string{"Now", "Since", "Until", "After", "AfterFunc", "Tick", "NewTimer", "NewTicker", "Sleep", "Local"}, s.Sel.Name)
}

func TestPackagesAreNamedAfterWhatIsInside(t *testing.T) {
	t.Parallel()
	for _, r := range rooms(t) {
		for file, f := range r.files {
			name := strings.TrimSuffix(f.Name.Name, "_test")
			if slices.Contains(unwanted, name) || slices.Contains(unwanted, path.Base(r.path)) {
				t.Errorf("%s/%s: %q says nothing about what is inside", r.path, file, path.Base(r.path))
			}
		}
	}
}

// The rules themselves, so that a slip in the table shows.
func TestTheTableMeansWhatTheDesignSays(t *testing.T) {
	t.Parallel()
	tests := []struct {
		from, to string
		may      bool
	}{
		{"internal/decide", "internal/rules", true},
		{"internal/rules", "internal/decide", false},
		{"internal/money", "internal/ledger", false},
		{"internal/decide", "internal/store", false},
		{"internal/store", "internal/store/batch", false},
		{"internal/store/batch", "internal/store", true},
		{"internal/intake", "internal/store/batch", true},
		{"internal/people", "internal/store/batch", false},
		{"internal/people", "internal/intake", true},
		{"internal/people", "internal/rewards", false},
		{"internal/outreach", "internal/message", true},
		{"internal/outreach", "internal/message/smtp", false},
		{"internal/connect/shopify", "internal/connect", true},
		{"internal/connect/shopify", "internal/connect/odoo", false},
		{"internal/web", "internal/store", false},
		{"internal/web/admin", "internal/store", false},
		{"internal/web/admin", "internal/rewards", true},
		{"internal/web/admin", "internal/web", true},
		{"internal/web/admin", "internal/web/api", false},
		{"internal/jobs", "internal/intake", false},
		{"internal/locale", "internal/rules", false},
		{"internal/version", "internal/money", false},
		{"internal/nowhere", "internal/money", false},
		{"internal/web", "cmd/cagnotte", false},
		{"test/bench", "internal/store/batch", true},
		{"cmd/cagnotte", "internal/message/smtp", true},
		{"cmd/cagnotte", "test/bench", false},
	}
	for _, tt := range tests {
		if why := verdict(tt.from, tt.to); (why == "") != tt.may {
			t.Errorf("%s importing %s: allowed %v, want %v (%s)", tt.from, tt.to, why == "", tt.may, why)
		}
	}
}
