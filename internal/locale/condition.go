package locale

import (
	"strings"
	"time"

	"cagnotte/internal/loyalty"
)

// Conditions words every condition of a rule with its figures, as they stood when it was
// judged. They are for the staff: they tell of labels, codes and other people's orders.
func (p *Printer) Conditions(l loyalty.ReceiptLine) []string {
	var out []string
	for _, c := range l.Checks {
		key := "condition.not_met"
		if c.Holds {
			key = "condition.met"
		}
		text := p.condition(c)
		if text == "" {
			text = c.Name
		}
		out = append(out, p.say(key, map[string]string{"Condition": text}))
	}
	return out
}

// condition words one condition, without saying whether it holds; empty for one that is
// not known.
func (p *Printer) condition(c loyalty.Condition) string {
	key := "condition." + c.Name
	if !p.has(key) {
		return ""
	}
	word := p.plain
	switch c.Name {
	case "minimum", "basket":
		word = func(v string) string {
			if s, ok := p.amount(v, p.currency); ok {
				return s
			}
			return p.plain(v)
		}
	case "channel", "site", "group", "segment", "code":
		word = func(v string) string { return p.list("or", strings.Fields(v), p.quote) }
	case "where", "chosen":
		word = p.quote
	case "weekday":
		word = func(v string) string {
			return p.list("or", strings.Fields(v), func(day string) string { return p.say("weekday."+day, nil) })
		}
	case "hours":
		word = func(v string) string { return strings.ReplaceAll(v, "-", "–") }
	case "window":
		word = p.period
	case "within":
		if strings.HasPrefix(c.Got, "-") { // nothing to count from
			c.Got = ""
		}
	}
	data := map[string]string{"Need": word(c.Need), "Got": p.say("condition.none", nil)}
	if c.Got != "" {
		data["Got"] = word(c.Got)
	}
	return p.say(key, data)
}

// list joins what a function words: “a”, “b” or “c”.
func (p *Printer) list(last string, items []string, word func(string) string) string {
	var b strings.Builder
	for i, x := range items {
		switch {
		case i == 0:
		case i == len(items)-1:
			b.WriteString(p.say("list."+last, nil))
		default:
			b.WriteString(p.say("list.comma", nil))
		}
		b.WriteString(word(x))
	}
	return b.String()
}

func (p *Printer) quote(name string) string { return p.say("quote", map[string]string{"Name": name}) }

// period words local days, "2026-03-01/2026-03-31", of which either may be missing, or one
// day alone.
func (p *Printer) period(v string) string {
	from, until, both := strings.Cut(v, "/")
	data := map[string]string{"From": p.day(from), "Until": p.day(until)}
	switch {
	case !both:
		return data["From"]
	case until == "":
		return p.say("period.from", data)
	case from == "":
		return p.say("period.until", data)
	}
	return p.say("period.both", data)
}

// day writes a local day out: "2026-03-01" is "1 March 2026".
func (p *Printer) day(v string) string {
	t, err := time.Parse(time.DateOnly, v)
	if err != nil {
		return v
	}
	return p.date(t)
}
