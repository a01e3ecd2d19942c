package rules

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func setting(t interface{ Fatal(...any) }) Setting {
	zone, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	return Setting{Currency: "EUR", Decimals: 2, Zone: zone}
}

// drawRule draws the text of a rule: a head, then clauses in any order.
func drawRule(t *rapid.T, n int) string {
	amount := rapid.Map(rapid.IntRange(1, 99_999), func(c int) string { return fmt.Sprintf("%d.%02d EUR", c/100, c%100) })
	points := rapid.Map(rapid.IntRange(1, 9_999), func(n int) string { return fmt.Sprintf("%d points", n) })
	quantity := rapid.OneOf(amount, points)
	per := rapid.SampledFrom([]string{"", " per order", " per item", " per 1.00 EUR", " per 12.34 EUR"})
	days := rapid.IntRange(1, 400)
	articles := rapid.SampledFrom([]string{"MUG", "TEA CUP", `"two words" other`, "articles MUG", "category sale", `categories "hot drinks" teas`})

	name := fmt.Sprintf("rule%d: ", n)
	var clauses []string
	maybe := func(text string) {
		if rapid.Bool().Draw(t, "clause") {
			clauses = append(clauses, text)
		}
	}
	var head string
	switch rapid.IntRange(0, 4).Draw(t, "head") {
	case 0:
		head = "earn " + quantity.Draw(t, "gives") + per.Draw(t, "per")
		maybe("on first order")
		maybe("from " + amount.Draw(t, "minimum"))
		maybe("at most 3 rewards per month")
	case 1:
		head = fmt.Sprintf("stamp %d", rapid.IntRange(1, 9).Draw(t, "stamps"))
		maybe("at most 7 stamps " + rapid.SampledFrom([]string{"ever", "per day", "per order", "per year"}).Draw(t, "period"))
	case 2:
		head = "refer friend " + quantity.Draw(t, "friend") + ", referrer " + quantity.Draw(t, "referrer")
		maybe("on first order")
		maybe("from " + amount.Draw(t, "minimum"))
	case 3:
		head = "earn " + quantity.Draw(t, "gives")
		clauses = append(clauses, "on sign-up")
		maybe("returns absorbed")
		return name + strings.Join(append([]string{head}, clauses...), ", ")
	case 4:
		voucher := rapid.SampledFrom([]string{"product voucher of MUG", `category voucher of 2 "hot drinks"`, "cash voucher of 5.00 EUR"}).Draw(t, "voucher")
		clause := ""
		if rapid.Bool().Draw(t, "ends") {
			clause = fmt.Sprintf(", valid %d days", days.Draw(t, "days"))
		}
		return name + "exchange " + rapid.SampledFrom([]string{"10 stamps", "1 stamp", "100 points", "20.00 EUR"}).Draw(t, "price") +
			" for " + voucher + clause
	}
	maybe("of " + articles.Draw(t, "of"))
	maybe("except " + articles.Draw(t, "except"))
	maybe("round " + rapid.SampledFrom([]string{"down", "nearest", "up"}).Draw(t, "round"))
	maybe(fmt.Sprintf("after %d days", days.Draw(t, "wait")))
	maybe("valid " + rapid.SampledFrom([]string{
		"30 days", "1 month", "12 months", "until the end of the month", "until the end of the quarter",
		"until the end of the half-year", "until the end of the year", "until 2026-12-31", "until 2026-12-31T18:30",
	}).Draw(t, "valid"))
	maybe(rapid.SampledFrom([]string{"returns absorbed", "returns owed"}).Draw(t, "returns"))
	clauses = rapid.Permutation(clauses).Draw(t, "order")
	return name + strings.Join(append([]string{head}, clauses...), ", ")
}

func TestTextParsesToTheSameDocument(t *testing.T) {
	t.Parallel()
	s := setting(t)
	rapid.Check(t, func(t *rapid.T) {
		text := `program "Spring, & # 1 more"` + "\n"
		if rapid.Bool().Draw(t, "dated") {
			text += "  starts 2026-03-01\n  ends 2026-03-31\n"
		}
		for n := range rapid.IntRange(1, 4).Draw(t, "rules") {
			text += "  " + drawRule(t, n) + "\n"
		}
		once, err := ParseFile(text, s)
		if err != nil {
			t.Fatalf("%s: %v", text, err)
		}
		written := once[0].Text(s)
		twice, err := ParseFile(written, s)
		if err != nil {
			t.Fatalf("%s\nis written as\n%s: %v", text, written, err)
		}
		if !reflect.DeepEqual(once, twice) {
			t.Fatalf("%s\nis written as\n%s\nand reads as\n%+v\nnot\n%+v", text, written, twice[0], once[0])
		}
		if again := twice[0].Text(s); again != written {
			t.Fatalf("%s\nis written anew as\n%s", written, again)
		}
	})
}

func TestParseErrorsNameTheirLine(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		text string
		line int
		why  string
	}{
		{"", 1, "there is no program"},
		{"# nothing\nearn 1 point", 2, "a program begins with the word program"},
		{"program", 1, "a program wants at least one rule"},
		{`program "A`, 1, "closing quotes"},
		{"program\n  win 1 point", 2, "a rule begins with earn"},
		{"program\n  earn 0 points", 2, "not a whole number above zero"},
		{"program\n  earn 1.5 points", 2, "not a whole number above zero"},
		{"program\n  earn 1 point per 1.001 EUR", 2, "not an amount"},
		{"program\n  earn 1 point per 1.00 USD", 2, "the shop's currency is EUR"},
		{"program\n  earn 1 point per 1.00", 2, "the shop's currency is EUR"},
		{"program\n\n  # more\n  earn 1 point on sundays", 4, "nothing that a rule answers to"},
		{"program\n  earn 1 point, from 5.00 EUR, on sign-up", 2, "on sign-up has no order to look at"},
		{"program\n  earn 1 point per item on sign-up", 2, "on sign-up gives a fixed amount"},
		{"program\n  stamp 1 per 1.00 EUR", 2, "a stamp is given per item"},
		{"program\n  refer uncle 5 points", 2, "refer rewards the friend or the referrer"},
		{"program\n  refer friend 5 points, friend 3 points", 2, "twice"},
		{"program\n  refer friend 5 stamps", 2, "a referral gives points, money"},
		{"program\n  exchange 5 stamps for gold", 2, "is not a reward"},
		{"program\n  exchange 5 stamps for product voucher of", 2, "names its article"},
		{"program\n  exchange 5 points for cash voucher of 1.00 EUR, valid 2 weeks", 2, "valid for days or months"},
		{"program\n  exchange 5 points for cash voucher of 1.00 EUR, on sign-up", 2, "an exchange happens when enough is there"},
		{"program\n  exchange 5 points for cash voucher of 1.00 EUR, of MUG", 2, "an exchange has no order to look at"},
		{"program\n  earn 1 point of MU\"G TEA", 2, "quotes hold whole words"},
		{"program\n  earn 1 point, at most 5 stamps per month", 2, "a cap in units wants"},
		{"program\n  earn 1 point, at most 5 rewards per order", 2, "a cap per order is in units"},
		{"program\n  earn 1 point, at most 5 rewards per week", 2, "a cap holds per order"},
		{"program\n  earn 1 point, after 40000 days", 2, "more than a hundred years"},
		{"program\n  earn 1 point, valid until the end of the week", 2, "value ends with the month"},
		{"program\n  earn 1 point, valid 3 weeks", 2, "valid for days or months"},
		{"program\n  earn 1 point of", 2, "expected at least one article"},
		{"program\n  a: earn 1 point\n  a: earn 2 points", 3, "two rules are named"},
		{"program\n  starts tomorrow\n  earn 1 point", 2, "neither a day"},
		{"program\n  ends 2026-01-01 or so\n  earn 1 point", 2, "did not expect"},
		{"program\n  starts 2026-02-01\n  ends 2026-01-31\n  earn 1 point", 1, "ends before it starts"},
		{"program earn 1 point\nprogram earn 1 pint", 2, "shop's currency"},
		{"programme earn 1 point", 1, "begins with the word program"},
	} {
		_, err := ParseFile(tt.text, setting(t))
		p, ok := errors.AsType[*ParseError](err)
		if !ok || p.Line != tt.line || !strings.Contains(p.Why, tt.why) {
			t.Errorf("%q\n gave %v\n want line %d: … %s …", tt.text, err, tt.line, tt.why)
		}
	}
}

// FuzzParseFile holds that no text makes the parser panic, and that what it accepts can be
// written and read again.
func FuzzParseFile(f *testing.F) {
	f.Add("program \"A\" earn 1 point per 1.00 EUR, valid until 2026-01-01\n  refer friend 1 point, referrer 2.00 EUR")
	f.Add("program\n  stamp 1 per item of MUG\n  exchange 3 stamps for product voucher of 1 MUG, valid 10 days")
	f.Fuzz(func(t *testing.T, text string) {
		s := setting(t)
		once, err := ParseFile(text, s)
		if err != nil {
			return
		}
		for _, d := range once {
			twice, err := ParseFile(d.Text(s), s)
			if err != nil {
				t.Fatalf("%q is written as\n%s: %v", text, d.Text(s), err)
			}
			if !reflect.DeepEqual(d, twice[0]) {
				t.Fatalf("%q is written as\n%s\nwhich is another program:\n%+v\n%+v", text, d.Text(s), d, twice[0])
			}
		}
	})
}
