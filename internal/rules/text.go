package rules

import (
	"fmt"
	"strings"

	"cagnotte/internal/loyalty"
	"cagnotte/internal/money"
)

// Text writes the document as people write it. Parsing it gives the same document.
func (d *Document) Text(s Setting) string {
	var b strings.Builder
	fmt.Fprintf(&b, "program \"%s\"\n", d.Name)
	if d.Starts != 0 {
		fmt.Fprintf(&b, "  starts %s\n", d.Starts)
	}
	if d.Ends != 0 {
		fmt.Fprintf(&b, "  ends %s\n", d.Ends)
	}
	for _, r := range d.Rules {
		fmt.Fprintf(&b, "  %s: %s\n", r.Name, r.text(s))
	}
	return b.String()
}

func (r *Rule) text(s Setting) string {
	var out []string
	switch {
	case r.Trigger == OnThreshold:
		out = append(out, "exchange "+quantity(r.Need, r.Unit, s)+" for "+r.Voucher.text(s))
	case r.Refer:
		var gives []string
		for _, g := range r.Gives {
			gives = append(gives, string(g.Part)+" "+g.text(s))
		}
		out = append(out, "refer "+strings.Join(gives, ", "))
	case r.Gives[0].Unit == Stamps:
		out = append(out, fmt.Sprintf("stamp %d%s", r.Gives[0].Amount, r.Gives[0].measure(s)))
	default:
		out = append(out, "earn "+r.Gives[0].text(s))
	}
	say := func(yes bool, format string, args ...any) {
		if yes {
			out = append(out, fmt.Sprintf(format, args...))
		}
	}
	say(r.Trigger == OnSignUp, "on sign-up")
	say(r.First, "on first order")
	say(r.Minimum > 0, "from %s", quantity(r.Minimum, s.Currency, s))
	out = append(out, r.Of.text("of")...)
	out = append(out, r.Except.text("except")...)
	say(r.Round == money.HalfUp, "round nearest")
	say(r.Round == money.Up, "round up")
	say(r.WaitDays > 0, "after %d days", r.WaitDays)
	out = append(out, r.Expiry.text()...)
	say(r.Voucher.ValidDays > 0, "valid %d days", r.Voucher.ValidDays)
	if r.Cap.N > 0 {
		what := fmt.Sprintf("%d rewards", r.Cap.N)
		if r.Cap.What != Rewards {
			what = quantity(r.Cap.N, r.Cap.What, s)
		}
		period := "per " + r.Cap.Period
		if r.Cap.Period == "ever" {
			period = "ever"
		}
		out = append(out, "at most "+what+" "+period)
	}
	say(r.Absorb, "returns absorbed")
	return strings.Join(out, ", ")
}

func quantity(n int64, unit string, s Setting) string {
	if unit == Points || unit == Stamps {
		if n == 1 {
			unit = strings.TrimSuffix(unit, "s")
		}
		return fmt.Sprintf("%d %s", n, unit)
	}
	return money.Text(n, s.Decimals) + " " + unit
}

func (g *Give) text(s Setting) string { return quantity(g.Amount, g.Unit, s) + g.measure(s) }

func (g *Give) measure(s Setting) string {
	switch g.Measure {
	case PerItem:
		return " per item"
	case PerAmount:
		return " per " + quantity(g.Per, s.Currency, s)
	}
	if g.Part == loyalty.AsMember {
		return " per order"
	}
	return ""
}

func (a Articles) text(word string) []string {
	var out []string
	list := func(kind string, names []string) {
		if len(names) > 0 {
			quoted := make([]string, len(names))
			for i, n := range names {
				quoted[i] = `"` + n + `"`
			}
			out = append(out, word+" "+kind+" "+strings.Join(quoted, " "))
		}
	}
	list("articles", a.SKUs)
	list("categories", a.Categories)
	return out
}

func (e Expiry) text() []string {
	switch e.Kind {
	case ExpiryDays, ExpiryMonths:
		return []string{fmt.Sprintf("valid %d %s", e.N, e.Kind)}
	case ExpiryPeriod:
		return []string{"valid until the end of the " + map[int]string{1: "month", 3: "quarter", 6: "half-year", 12: "year"}[e.N]}
	case ExpiryDate:
		return []string{"valid until " + e.Date.String()}
	}
	return nil
}

func (v *Voucher) text(s Setting) string {
	if v.Kind == "cash" {
		return "cash voucher of " + quantity(v.Amount, s.Currency, s)
	}
	return fmt.Sprintf("%s voucher of %d \"%s\"", v.Kind, v.Amount, v.Article)
}
