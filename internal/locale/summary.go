package locale

import (
	"strconv"
	"strings"
	"time"

	"cagnotte/internal/ledger"
	"cagnotte/internal/moment"
	"cagnotte/internal/money"
	"cagnotte/internal/phrase"
)

// Summary words what a program is, a paragraph for the whole and one for each rule.
func (p *Printer) Summary(list []phrase.Paragraph) []string {
	out := make([]string, len(list))
	for i, x := range list {
		out[i] = p.phrases(phrase.Phrases{Join: "space", List: x.Sentences})
	}
	return out
}

// Difference words what changes between two versions, one change after the other. It says
// so where nothing does.
func (p *Printer) Difference(list []phrase.Phrase) []string {
	if len(list) == 0 {
		return []string{p.say("summary.diff.none", nil)}
	}
	out := make([]string, len(list))
	for i, x := range list {
		out[i] = p.phrase(x)
	}
	return out
}

func (p *Printer) phrase(x phrase.Phrase) string {
	data := map[string]string{}
	for name, arg := range x.With {
		data[name] = p.arg(arg)
	}
	if x.N == 0 {
		return p.say("summary."+x.Key, data)
	}
	data["N"] = p.Number(x.N)
	return p.plural("summary."+x.Key, strconv.FormatInt(x.N, 10), data)
}

func (p *Printer) arg(arg phrase.Arg) string {
	switch x := arg.(type) {
	case phrase.Phrase:
		return p.phrase(x)
	case phrase.Phrases:
		return p.phrases(x)
	case phrase.Amount:
		return p.units("object", ledger.Unit(x.Unit), x.N)
	case phrase.Rate:
		return p.say("percent", map[string]string{"N": p.hundredths(int64(x))})
	case phrase.Factor:
		return p.hundredths(int64(x))
	case phrase.Whole:
		return p.Number(int64(x))
	case phrase.Begin:
		return p.begin(moment.Time(x))
	case phrase.End:
		return p.end(moment.Time(x))
	case phrase.Clock:
		return time.Date(2000, 1, 1, int(x)/60, int(x)%60, 0, 0, time.UTC).Format("15:04")
	case phrase.Name:
		return p.quote(string(x))
	case phrase.AllOf:
		return p.list("and", x, p.quote)
	case phrase.OneOf:
		return p.list("or", x, p.quote)
	case phrase.Weekdays:
		return p.weekdays(x)
	}
	return ""
}

func (p *Printer) phrases(x phrase.Phrases) string {
	words := make([]string, len(x.List))
	for i := range x.List {
		words[i] = p.phrase(x.List[i])
	}
	switch x.Join {
	case "space":
		return strings.Join(words, " ")
	case "comma":
		return strings.Join(words, p.say("list.comma", nil))
	}
	return p.list(x.Join, words, func(s string) string { return s })
}

// hundredths writes 250 as "2.5".
func (p *Printer) hundredths(n int64) string {
	return p.plain(strings.TrimSuffix(strings.TrimRight(money.Text(n, 2), "0"), "."))
}

// begin is a day, with the time of day where it is not the beginning of the day.
func (p *Printer) begin(t moment.Time) string {
	if !p.midnight(t) {
		return p.time(t)
	}
	return p.say("moment.day", map[string]string{"Date": p.Date(t)})
}

// end is the last day before an exclusive end, or the time of day at which it is.
func (p *Printer) end(t moment.Time) string {
	if !p.midnight(t) {
		return p.time(t)
	}
	return p.say("moment.last_day", map[string]string{"Date": p.lastDay(t)})
}

func (p *Printer) midnight(t moment.Time) bool {
	return t.Std().In(p.zone).Format(time.TimeOnly) == "00:00:00"
}

func (p *Printer) time(t moment.Time) string {
	return p.say("moment.time", map[string]string{"Date": p.Date(t), "Time": t.Std().In(p.zone).Format("15:04")})
}

// weekdays lists days from Monday on.
func (p *Printer) weekdays(days []int) string {
	var names []string
	for i := range 7 {
		for _, d := range days {
			if day := time.Weekday((i + 1) % 7); time.Weekday(d) == day {
				names = append(names, p.say("weekday."+strings.ToLower(day.String()[:3]), nil))
			}
		}
	}
	return p.list("and", names, func(s string) string { return s })
}

// Objects words what somebody gets, as the object of a sentence: "10.00 € and 500 points".
func (p *Printer) Objects(list []phrase.Phrase) string {
	if len(list) == 0 {
		return ""
	}
	return p.phrases(phrase.Phrases{Join: "and", List: list})
}
