package story_test

import (
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"cagnotte/internal/intake"
	"cagnotte/internal/programs"
	"cagnotte/internal/rules"
	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
	"cagnotte/internal/story"
)

const examples = "../../examples"

// example is a file of examples/ with the story beside it.
type example struct {
	name, text, story string
	told              *story.Story
}

// readExamples gives every example; one without a story fails.
func readExamples(t *testing.T) []example {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(examples, "*.txt"))
	if err != nil {
		t.Fatal(err)
	}
	var out []example
	for _, file := range files {
		if before, ok := strings.CutSuffix(file, ".story.txt"); ok {
			if _, err := os.Stat(before + ".txt"); err != nil {
				t.Errorf("%s is the story of nothing", file)
			}
			continue
		}
		beside := strings.TrimSuffix(file, ".txt") + ".story.txt"
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		told, err := os.ReadFile(beside)
		if err != nil {
			t.Errorf("%s has no story: %v", filepath.Base(file), err)
			continue
		}
		parsed, err := story.ReadFile(beside)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, example{filepath.Base(file), string(text), string(told), parsed})
	}
	if len(out) < 16 {
		t.Errorf("there are %d examples, want 16 or more", len(out))
	}
	return out
}

var (
	gives   = regexp.MustCompile(`(?m)^ +(\w+ (\+|voucher (product|category|cash|special)|gift "|choice$)|discount \d)`)
	refuses = regexp.MustCompile(`(?m)^ +.*\brefused\b`)
	returns = regexp.MustCompile(`(?m)^at \S+ \w+ returns `)
	forWhom = regexp.MustCompile(`^# For .+\n(#.*\n){2,}program "`)
)

// Every example begins by saying for whom it is and what it does; its story is about it and
// shows it giving, refusing, and what a return does. docs/programs.md names it.
func TestEveryExampleIsExplainedAndTold(t *testing.T) {
	t.Parallel()
	grammar, err := os.ReadFile("../../docs/programs.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, x := range readExamples(t) {
		if !forWhom.MatchString(x.text) {
			t.Errorf("%s does not begin with comments that say for whom it is and what it does", x.name)
		}
		if !strings.Contains(x.story, "\nprogram from "+x.name+"\n") {
			t.Errorf("the story beside %s is about something else", x.name)
		}
		for what, shown := range map[string]*regexp.Regexp{"giving": gives, "refusing": refuses, "a return": returns} {
			if !shown.MatchString(x.story) {
				t.Errorf("the story of %s does not show %s", x.name, what)
			}
		}
		if !strings.Contains(string(grammar), "(../examples/"+x.name+")") {
			t.Errorf("docs/programs.md does not name %s", x.name)
		}
		d := story.NewDecider(x.told.Shop)
		report, err := story.Run(t.Context(), x.told, d)
		if err != nil || !report.Passed() {
			t.Errorf("%v\n%s", err, report)
		}
		if err := d.Verify(); err != nil {
			t.Errorf("%s: %v", x.name, err)
		}
	}
}

// Every example is published as a shop would, and its story told, on both databases.
func TestEveryExampleRunsOnADatabase(t *testing.T) {
	t.Parallel()
	list := readExamples(t)
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		in := intake.New(st, storetest.Box(t), slog.New(slog.NewTextHandler(t.Output(), nil)), intake.Options{})
		defer in.Close()
		p := programs.New(st, in)
		for _, x := range list {
			shop := *x.told.Shop
			shop.ID, shop.Slug = 0, "example-"+strings.TrimSuffix(x.name, ".txt")
			if err := st.Write(t.Context(), func(tx *store.Tx) error { return tx.InsertShop(t.Context(), &shop) }); err != nil {
				t.Fatal(err)
			}
			applied, err := p.Apply(t.Context(), shop.ID, x.text, false)
			if err != nil || len(applied) == 0 || applied[0].Outcome != programs.Created {
				t.Errorf("%s is not published: %v %+v", x.name, err, applied)
			}
			e, err := story.NewStored(t.Context(), st, in, x.told.Shop)
			if err != nil {
				t.Fatal(err)
			}
			report, err := story.Run(t.Context(), x.told, e)
			if err != nil || !report.Passed() {
				t.Errorf("%v\n%s", err, report)
			}
		}
	})
}

// There is an example of each kind of reward.
func TestExamplesGiveEveryKindOfReward(t *testing.T) {
	t.Parallel()
	found := map[string]string{}
	var look func(name, currency string, g rules.Give)
	look = func(name, currency string, g rules.Give) {
		switch {
		case g.Voucher != nil:
			found[g.Voucher.Kind+" voucher"] = name
		case g.Gift != nil && g.Gift.ByHand:
			found["gift by hand"] = name
		case g.Gift != nil:
			found["gift"] = name
		case g.Unit == currency:
			found["money"] = name
		case g.Unit != "":
			found[g.Unit] = name
		}
		for _, one := range g.Choice {
			found["choice"] = name
			look(name, currency, one)
		}
	}
	for _, x := range readExamples(t) {
		set := rules.SettingOf(x.told.Shop)
		docs, err := rules.ParseFile(x.text, set)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range docs {
			for _, r := range d.Rules {
				for _, g := range r.Gives {
					look(x.name, set.Currency, g)
				}
				if r.Discount != nil {
					found["discount: "+r.Discount.Kind] = x.name
				}
				if r.Pay != nil {
					found["units that pay"] = x.name
				}
			}
		}
	}
	want := []string{
		rules.Points, "money", rules.Stamps, rules.Referrals, "product voucher", "category voucher", "cash voucher", "special voucher",
		"gift", "gift by hand", "choice", "units that pay", "discount: " + rules.OffFree, "discount: " + rules.OffCheapest,
		"discount: " + rules.OffUnit, "discount: " + rules.OffLine, "discount: " + rules.OffPercent, "discount: " + rules.OffAmount,
		"discount: " + rules.OffDelivery, "discount: " + rules.OffOnTop,
	}
	for _, kind := range want {
		if found[kind] == "" {
			t.Errorf("no example gives %s", kind)
		}
	}
	for kind, name := range found {
		if !slices.Contains(want, kind) {
			t.Errorf("%s gives %s, which nobody asked for here", name, kind)
		}
	}
}

// A story takes programs from its own folder only, and says what is wrong with them.
func TestStoriesTakeProgramsFromBesideThem(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	write := func(name, text string) string {
		t.Helper()
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	write("bad.txt", "program \"A\"\n  earn much\n")
	write("two.txt", "program \"A\" earn 1 point\nprogram \"B\" earn 2 points\n")
	for from, want := range map[string]string{
		"two.txt":                               "",
		"bad.txt":                               `s.txt:1: bad.txt, line 2: "much" is not a reward`,
		"../two.txt":                            "s.txt:1: a story takes programs from its own folder",
		"none.txt":                              "no such file",
		"two.txt twice":                         `s.txt:1: did not expect "twice"`,
		"two.txt\nprogram \"B\" earn 1 point\n": `s.txt:2: two programs are named "B"`,
	} {
		_, err := story.ReadFile(write("s.txt", "program from "+from+"\nmember bela\nat 2026-03-01 bela orders 1.00 EUR\n"))
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v, want %s", from, err, want)
		}
	}
	if _, err := story.Parse("s.txt", "program from two.txt\n"); err == nil || !strings.Contains(err.Error(), "only a story in a file") {
		t.Errorf("a text read a file: %v", err)
	}
}
