package programs_test

import (
	"strings"
	"testing"
	"time"

	"cagnotte/internal/locale"
	"cagnotte/internal/money"
	"cagnotte/internal/programs"
	"cagnotte/internal/rules"
)

// Every template is a program in every currency that shops have, and is said in every
// language; its name is as good as any.
func TestTemplatesArePrograms(t *testing.T) {
	t.Parallel()
	words, err := locale.New()
	if err != nil {
		t.Fatal(err)
	}
	list := programs.Templates()
	if len(list) < 11 {
		t.Errorf("only %d templates", len(list))
	}
	for _, x := range list {
		for _, currency := range []string{"EUR", "PLN", "JPY", "TND"} {
			decimals, _ := money.Decimals(currency)
			set := rules.Setting{Currency: currency, Decimals: decimals, Zone: time.UTC}
			text := x.Text(currency, "Chez \"nous\"\nprogram")
			docs, err := rules.ParseFile(text, set)
			if err != nil || len(docs) != 1 || strings.Contains(text, "{") {
				t.Errorf("%s in %s: %v\n%s", x.Code, currency, err, text)
				continue
			}
			if docs[0].Name != "Chez nous program" {
				t.Errorf("%s is called %q", x.Code, docs[0].Name)
			}
			if err := programs.Checked(docs[0], set, ""); err != nil {
				t.Errorf("%s in %s: %v", x.Code, currency, err)
			}
			for _, tag := range locale.Tags {
				said := words.Printer(tag, time.UTC).Summary(rules.Summary(docs[0], set))
				all := strings.Join(said, "\n")
				if len(said) < 2 || strings.Contains(all, "<no value>") || strings.Contains(all, "summary.") {
					t.Errorf("%s in %s: %s", x.Code, tag, all)
				}
				if currency == "EUR" || currency == "PLN" {
					t.Logf("%s %s %s\n%s", x.Code, currency, tag, all)
				}
			}
		}
	}
	points, err := programs.TemplateOf("points", "template")
	if err != nil || !strings.Contains(points.Text("PLN", ""), "1 point per 4.00 PLN") {
		t.Errorf("%v: %s", err, points.Text("PLN", ""))
	}
	if _, err := programs.TemplateOf("nothing", "template"); err == nil {
		t.Error("there is no such template")
	}
}
