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
)

// heads and clauses are everything that a rule can say; a draw that makes no sense together
// is refused by the parser, and drawn again.
var heads = []string{
	"earn 3 points", "earn 1 point per 1.00 EUR", "earn 0.50 EUR per 10.00 EUR", "earn 2.5 % in EUR", "earn 5 points per item",
	"earn 5 points per 3 items", `earn gift "Mug"`, `earn gift "Mug" by hand per item`, "earn cash voucher of 5.00 EUR",
	"earn special voucher of 12.5 %", `earn product voucher of 2 "two words"`, "earn category voucher of 1 teas at 50 %",
	`earn choice of gift "Mug" or 500 points or cash voucher of 1.00 EUR`, "stamp 1", "stamp 2 per item", "stamp 1 per 4 items",
	"refer friend 500 points", "refer referrer 1 referral", `refer friend 5.00 EUR, referrer gift "Cup" by hand`,
	"refer friend 5 % in EUR, referrer 1.00 EUR", "multiply points by 2", "multiply EUR by 1.25", "multiply stamps by 3",
	"exchange 10 stamps for product voucher of MUG", `exchange 3 referrals for gift "Mug"`, "exchange 100 points for 1.00 EUR",
	"exchange 20.00 EUR for special voucher of 25.00 EUR",
}

var clauses = []string{
	"on first order", "on very first order", "on order 3", "on every 4 orders", "on each placed order", "on first fulfilled order",
	"on sign-up", "on invitation", "on link click", "on validated referral", "on cart update", "on gift claim", "on gift shipping",
	"on voucher use", "on portal activation", "on newsletter", "on birthday", `on event "quiz"`, `on step "day 3"`, "every 2 times",
	"time 5", "on reaching 500 points", "on reaching 3 referrals", "on orders of 100.00 EUR together", "on orders of 5 items together",
	"once", "from 20.00 EUR", "from 3 items", "from basket of 50.00 EUR", "from basket of 2 items", "of MUG", `of articles "A B" C`,
	"of categories teas", "of attributes brand=Acme", "except category sale", "before tax", "before discounts", "with delivery",
	"with rewards", "without gift cards", "with code SPRING", "in channel web till", `at site "WAW 1"`, "for group gold",
	`for segment "likes tea"`, "where plan=gold", "between 2026-03-01 and 2026-03-31", "weekdays mon sat sun", "hours 22:00 to 06:30",
	"within 30 days", "by a buyer", "round nearest", "round up to 5", "after 14 days", "valid 30 days", "valid 12 months",
	"valid until the end of the quarter", "valid until 2026-12-31", "at most 3 rewards per month", "at most 100 points per order",
	"budget 50 uses", "budget 1000.00 EUR per month", "returns absorbed", "priority 7", "exclusive", `exclusive in "spring"`, "last",
	"worth 0.01 EUR", "when asked",
}

var statements = []string{
	"starts 2026-03-01", "ends 2026-05-31", "referral window 30 days", "referral last touch", "referral expires after 90 days",
	"referral held from score 50", "at most 9 rewards per year", "budget 20 uses per day",
}

func drawProgram(t *rapid.T, s rules.Setting) *rules.Document {
	text := `program "Spring, & # 1 more"` + "\n"
	for _, x := range statements {
		if rapid.IntRange(0, 3).Draw(t, "statement") == 0 {
			text += "  " + x + "\n"
		}
	}
	for range rapid.IntRange(1, 4).Draw(t, "rules") {
		rule := rapid.SampledFrom(heads).Draw(t, "head")
		kept := rule
		for range rapid.IntRange(0, 6).Draw(t, "clauses") {
			longer := kept + ", " + rapid.SampledFrom(clauses).Draw(t, "clause")
			if _, err := rules.ParseFile("program\n  "+longer, s); err == nil {
				kept = longer
			}
		}
		if _, err := rules.ParseFile("program\n  "+kept, s); err == nil {
			text += "  " + kept + "\n"
		}
	}
	if !strings.Contains(text, "earn") {
		text += "  earn 1 point\n"
	}
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
