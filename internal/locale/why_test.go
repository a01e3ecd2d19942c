package locale

import (
	"fmt"
	"go/ast"
	"go/token"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"cagnotte/internal/loyalty"
	"cagnotte/internal/rules"
)

// unreadableReasons collects every reason for which the parser of programs refuses a line.
func unreadableReasons(t *testing.T) []string {
	t.Helper()
	var out []string
	for _, f := range source(t, "rules") {
		ast.Inspect(f, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || len(call.Args) == 0 {
				return true
			}
			at := 0
			switch fn := call.Fun.(type) {
			case *ast.SelectorExpr:
				if fn.Sel.Name != "fail" {
					return true
				}
			case *ast.Ident:
				if fn.Name != "unreadable" || len(call.Args) < 2 {
					return true
				}
				at = 1
			default:
				return true
			}
			if lit, ok := call.Args[at].(*ast.BasicLit); ok && lit.Kind == token.STRING {
				format, err := strconv.Unquote(lit.Value)
				if err != nil {
					t.Fatal(err)
				}
				out = append(out, format)
			} else if id, ok := call.Args[at].(*ast.Ident); !ok || id.Name != "format" {
				t.Errorf("a reason is no literal, so nobody knows whether it has words")
			}
			return true
		})
	}
	return out
}

var figureVerb = regexp.MustCompile(`%[a-z]`)

// Whoever writes a program is told in his language why a line cannot be read.
func TestEveryReasonOfAnUnreadableLineHasWords(t *testing.T) {
	t.Parallel()
	all, formats := printers(t), map[string]string{}
	found := unreadableReasons(t)
	if len(found) < 60 {
		t.Errorf("found %d reasons only: the search does not see them", len(found))
	}
	for _, format := range found {
		key := rules.ReasonKey(format)
		if other, ok := formats[key]; ok && other != format {
			t.Errorf("%q and %q have one key", other, format)
		}
		formats[key] = format
		for _, p := range all {
			if !p.has("why." + key) {
				t.Errorf("%s: no words for %q: add why.%s", p.tag, format, key)
				continue
			}
			args := map[string]string{"reason": key, "why": "?"}
			for i := range figureVerb.FindAllString(format, -1) {
				args[string(rune('a'+i))] = fmt.Sprintf("FIGURE%d", i)
			}
			s := p.why(args)
			if strings.Contains(s, "<no value>") {
				t.Errorf("%s: %q speaks of more than there is: %s", p.tag, format, s)
			}
			for name, v := range args {
				if len(name) == 1 && !strings.Contains(s, v) {
					t.Errorf("%s: %q leaves out %s: %s", p.tag, format, name, s)
				}
			}
		}
	}
	for key := range readMessages(t, Fallback) {
		if name, ok := strings.CutPrefix(key, "why."); ok && !strings.HasPrefix(name, "word.") && formats[name] == "" {
			t.Errorf("%s words a reason that nothing gives", key)
		}
	}
}

func TestAnUnreadableLineIsExplainedInTheReadersLanguage(t *testing.T) {
	t.Parallel()
	problem := func(text string) *loyalty.Problem {
		_, wrong := rules.Problems(text, rules.Setting{Currency: "EUR", Decimals: 2, Zone: paris(t)})
		e, args := wrong[0], map[string]string{}
		for i, f := range e.Figures() {
			args[string(rune('a'+i))] = f
		}
		args["why"], args["reason"], args["line"] = e.Why, e.Key(), strconv.Itoa(e.Line)
		return &loyalty.Problem{Kind: loyalty.ErrInvalid, Code: "program_text", Args: args}
	}
	for _, tt := range []struct{ text, tag, want string }{
		{"program \"A\"\n  earn much", "fr", "La ligne 2 est illisible\u00a0: «\u00a0much\u00a0» n’est pas une récompense\u00a0: des points, de l’argent, un bon (voucher), un cadeau (gift) ou un choix (choice)."},
		{"program \"A\"\n  earn 1 point, in channel", "pl", "Wiersza 2 nie można odczytać: potrzeba co najmniej jednego: kanał."},
		{"program \"A\"\n  earn 1 point, at most 3 points per week", "fr", "La ligne 2 est illisible\u00a0: un plafond\u00a0: par période (per order, day, month, year) ou en tout (ever), et non «\u00a0week\u00a0»."},
		{"program \"A\"\n  earn 1 point, in channel", "en", "Line 2 cannot be read: expected at least one channel."},
	} {
		if got := printer(t, tt.tag).Problem(problem(tt.text)); got != tt.want {
			t.Errorf("%s: %s\nwant %s", tt.tag, got, tt.want)
		}
	}
}
