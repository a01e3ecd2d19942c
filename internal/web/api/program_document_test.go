package api

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"cagnotte/internal/programs"
	"cagnotte/internal/rules"
	"cagnotte/internal/rules/rulestest"
)

func drawProgram(t *rapid.T, s rules.Setting) *rules.Document {
	text := rulestest.Program(t)
	list, err := rules.ParseFile(text, s)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return list[0]
}

func drawSetting(t *testing.T) rules.Setting {
	t.Helper()
	zone, err := time.LoadLocation("Europe/Warsaw")
	if err != nil {
		t.Fatal(err)
	}
	return rules.Setting{Currency: "EUR", Decimals: 2, Zone: zone}
}

// The document of a program, the JSON that the API gives of it and reads again, and its
// text are one and the same.
func TestDocumentsTurnIntoTextAndBack(t *testing.T) {
	t.Parallel()
	s, p := drawSetting(t), planOf(reflect.TypeFor[ProgramsReport]())
	rapid.Check(t, func(t *rapid.T) {
		d := drawProgram(t, s)
		body, err := json.Marshal(ProgramsReport{Programs: []rules.Document{*d}})
		if err != nil {
			t.Fatal(err)
		}
		var read ProgramsReport
		if err := decode(body, p, reflect.ValueOf(&read).Elem()); err != nil {
			t.Fatalf("%s: %v", body, err)
		}
		if diff := cmp.Diff(*d, read.Programs[0]); diff != "" {
			t.Fatalf("%s is read as something else:\n%s", body, diff)
		}
		if err := programs.Checked(&read.Programs[0], s, "programs[0]"); err != nil {
			t.Fatalf("%s\n%s: %v", body, d.Text(s), err)
		}
	})
}

// Whatever is changed in a document is refused with its place, or says so in the text.
func TestNothingInADocumentIsLost(t *testing.T) {
	t.Parallel()
	s, p := drawSetting(t), planOf(reflect.TypeFor[ProgramsReport]())
	values := []any{-1, 0, 1, 7, 100, 1e15, "x", "", "points", "a\"b", "a\nb", "order_paid", true, "day", []string{"x"}, []string{}, map[string]any{"n": 5}}
	refused, kept := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		body, err := json.Marshal(ProgramsReport{Programs: []rules.Document{*drawProgram(t, s)}})
		if err != nil {
			t.Fatal(err)
		}
		var tree any
		if err := json.Unmarshal(body, &tree); err != nil {
			t.Fatal(err)
		}
		where := change(t, tree.(map[string]any)["programs"].([]any)[0], values)
		if body, err = json.Marshal(tree); err != nil {
			t.Fatal(err)
		}
		var read ProgramsReport
		if err = decode(body, p, reflect.ValueOf(&read).Elem()); err == nil {
			err = programs.Checked(&read.Programs[0], s, "programs[0]")
		}
		if err != nil {
			if refused++; !strings.HasPrefix(err.Error(), "programs[0]") {
				t.Fatalf("%s changed, and refused without a place: %v", where, err)
			}
			return
		}
		kept++
		again, err := rules.ParseFile(read.Programs[0].Text(s), s)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(read.Programs[0], *again[0]); diff != "" {
			t.Fatalf("%s changed: the text says something else:\n%s", where, diff)
		}
	})
	if refused == 0 || kept == 0 {
		t.Errorf("%d changes refused, %d kept: the draws show nothing", refused, kept)
	}
}

// change puts another value into one place of a tree, and tells where.
func change(t *rapid.T, at any, values []any) string {
	where := ""
	for {
		var names []string
		object, isObject := at.(map[string]any)
		list, _ := at.([]any)
		if isObject {
			for _, n := range []string{"rules", "gives", "when", "cap", "name", "trigger", "unit", "amount", "per", "minimum", "need", "recur", "kind", "n", "part", "of", "articles", "voucher", "gift", "choice", "measure", "period", "what", "wait_days", "expiry", "priority", "worth"} {
				if _, ok := object[n]; ok {
					names = append(names, n)
				}
			}
			names = append(names, "minimum", "wait_days", "exclusive")
			n := rapid.SampledFrom(names).Draw(t, "name")
			where += "." + n
			switch x := object[n].(type) {
			case map[string]any, []any:
				at = x
				continue
			}
			object[n] = rapid.SampledFrom(values).Draw(t, "value")
			return where
		}
		i := rapid.IntRange(0, len(list)-1).Draw(t, "item")
		where += fmt.Sprintf("[%d]", i)
		switch x := list[i].(type) {
		case map[string]any, []any:
			at = x
			continue
		}
		list[i] = rapid.SampledFrom(values).Draw(t, "value")
		return where
	}
}
