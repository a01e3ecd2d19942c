package admin

import (
	"slices"
	"strconv"
	"strings"

	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/money"
	"cagnotte/internal/plan"
	"cagnotte/internal/rules"
)

// What people type into the wizard, and how it is shown to them again.

// wizardSpaces are what may stand between the digits of a number.
var wizardSpaces = strings.NewReplacer(" ", "", "\u00a0", "", "\u202f", "")

// figure reads a number with at most so many decimals, a comma or a point before them; zero
// where nothing was typed.
func (w *wizard) figure(name string, decimals int) int64 {
	text := wizardSpaces.Replace(w.f.get(name))
	if text == "" {
		return 0
	}
	if strings.Count(text, ",")+strings.Count(text, ".") == 1 {
		text = strings.Replace(text, ",", ".", 1)
	}
	n, err := money.Parse(text, decimals)
	switch {
	case err != nil && decimals == 0:
		w.f.blame(loyalty.Invalid(name, "whole_number_wanted"))
	case err != nil:
		w.f.blame(loyalty.Invalid(name, "amount_wanted", "decimals", strconv.Itoa(decimals)))
	case n < 0 || n > money.Max:
		w.f.blame(loyalty.Invalid(name, "out_of_range", "min", "0", "max", money.Text(money.Max, decimals)))
	default:
		return n
	}
	return 0
}

func (w *wizard) amount(name string) int64 { return w.figure(name, w.set.Decimals) }
func (w *wizard) whole(name string) int64  { return w.figure(name, 0) }
func (w *wizard) yes(name string) bool     { return w.f.get(name) != "" }

// days reads a number of days or months.
func (w *wizard) days(name string) int {
	n := w.whole(name)
	if n > 36_500 {
		w.f.blame(loyalty.Invalid(name, "out_of_range", "min", "0", "max", "36500"))
		return 0
	}
	return int(n)
}

// lines reads names, one on each line.
func (w *wizard) lines(name string) []string {
	var out []string
	for line := range strings.SplitSeq(w.f.get(name), "\n") {
		if line = strings.TrimSpace(line); line != "" {
			out = append(out, line)
		}
	}
	return out
}

// day reads a day, or a day with a time; zero where nothing was typed.
func (w *wizard) day(name string, end bool) moment.Time {
	text := w.f.get(name)
	if text == "" {
		return 0
	}
	t, whole, err := moment.ParseLocal(text, w.set.Zone)
	if err != nil {
		w.f.blame(loyalty.Invalid(name, "day_wanted"))
		return 0
	}
	if whole && end {
		return t.NextDay(w.set.Zone)
	}
	return t
}

// one reads one of several: the first of them where it is none.
func (w *wizard) one(name string, known []string) string {
	x := w.f.get(name)
	if slices.Contains(known, x) {
		return x
	}
	if len(known) > 0 {
		return known[0]
	}
	return ""
}

// fig puts a figure into a field as people write it; nothing for zero.
func (w *wizard) fig(name string, n int64, decimals int) {
	if n == 0 {
		return
	}
	text := money.Text(n, decimals)
	if whole, rest, ok := strings.Cut(text, "."); ok && strings.Trim(rest, "0") == "" {
		text = whole
	}
	if w.v.say.Tag() != "en" {
		text = strings.Replace(text, ".", ",", 1)
	}
	w.f.values[name] = text
}

func (w *wizard) tick(name string, yes bool) {
	if yes {
		w.f.values[name] = "yes"
	}
}

func (w *wizard) list(name string, list []string) { w.f.values[name] = strings.Join(list, "\n") }

func (w *wizard) date(name string, t moment.Time, end bool) {
	if t == 0 {
		return
	}
	local := t.Std().In(w.set.Zone)
	switch midnight := local.Format("15:04:05") == "00:00:00"; {
	case midnight && end:
		w.f.values[name] = (t - 1).Date(w.set.Zone)
	case midnight:
		w.f.values[name] = t.Date(w.set.Zone)
	default:
		w.f.values[name] = local.Format("2006-01-02T15:04")
	}
}

// wizardPeriods of limits and budgets.
var wizardPeriods = []string{"month", "day", "year", "ever"}

// limit reads "at most N rewards, or units, in a period".
func (w *wizard) limit(at string, decimals int, unit string) rules.Cap {
	c := rules.Cap{What: rules.Rewards, Period: w.one(at+"-per", append(wizardPeriods, "order"))}
	if w.f.get(at+"-what") == "units" && unit != "" {
		c.What = unit
	} else {
		decimals = 0
	}
	if c.N = w.figure(at, decimals); c.N == 0 {
		return rules.Cap{}
	}
	return c
}

func (w *wizard) putLimit(at string, c rules.Cap, decimals int) {
	if c.N == 0 {
		return
	}
	if c.What == rules.Rewards {
		decimals = 0
	} else {
		w.f.values[at+"-what"] = "units"
	}
	w.fig(at, c.N, decimals)
	w.f.values[at+"-per"] = c.Period
}

// wizardEnds are the ways in which a value ends: after days or months, or with a span of the year.
var wizardEnds = []string{rules.ExpiryDays, rules.ExpiryMonths, "end-1", "end-3", "end-6", "end-12"}

// reward reads one reward and what holds for it.
func (w *wizard) reward(at string) plan.Reward {
	r := plan.Reward{Kind: w.f.get(at + "-kind"), Name: w.f.get(at + "-name")}
	if r.None() {
		return plan.Reward{}
	}
	decimals := w.decimals(r.Kind)
	if r.Kind != plan.Gift && r.Kind != plan.ByHand {
		r.Amount = w.figure(at+"-amount", decimals)
	}
	if r.Kind == plan.InCategory {
		r.Off = w.figure(at+"-off", 2)
	}
	unit := map[string]string{plan.Money: w.set.Currency, plan.Percent: w.set.Currency, plan.Points: rules.Points}[r.Kind]
	unitDecimals := w.set.Decimals
	if unit == rules.Points {
		unitDecimals = w.set.PointDecimals
	}
	r.Limit = w.limit(at+"-limit", unitDecimals, unit)
	switch kind := w.one(at+"-valid-unit", wizardEnds); {
	case strings.HasPrefix(kind, "end-"):
		n, _ := strconv.Atoi(strings.TrimPrefix(kind, "end-"))
		r.Valid = rules.Expiry{Kind: rules.ExpiryPeriod, N: n}
	default:
		if n := w.days(at + "-valid"); n > 0 {
			r.Valid = rules.Expiry{Kind: kind, N: n}
		}
	}
	if r.Unpriced() {
		r.Worth = w.amount(at + "-worth")
	}
	return r
}

// rated tells whether a kind of reward is a per cent.
func (w *wizard) rated(kind string) bool {
	return kind == plan.Percent || kind == plan.CashPercent || kind == plan.SpecialPercent
}

// decimals of the figure of a kind of reward.
func (w *wizard) decimals(kind string) int {
	if w.rated(kind) {
		return 2
	}
	switch kind {
	case plan.Points:
		return w.set.PointDecimals
	case plan.Product, plan.InCategory:
		return 0
	}
	return w.set.Decimals
}

func (w *wizard) putReward(at string, r plan.Reward) {
	w.f.values[at+"-kind"] = r.Kind
	if r.None() {
		return
	}
	w.fig(at+"-amount", r.Amount, w.decimals(r.Kind))
	if text := w.f.get(at + "-amount"); w.rated(r.Kind) && strings.ContainsAny(text, ",.") {
		w.f.values[at+"-amount"] = strings.TrimSuffix(text, "0") // 7.5 %, not 7.50 %
	}
	w.f.values[at+"-name"] = r.Name
	w.fig(at+"-off", r.Off, 2)
	unitDecimals := w.set.Decimals
	if r.Kind == plan.Points {
		unitDecimals = w.set.PointDecimals
	}
	w.putLimit(at+"-limit", r.Limit, unitDecimals)
	switch r.Valid.Kind {
	case rules.ExpiryPeriod:
		w.f.values[at+"-valid-unit"] = "end-" + strconv.Itoa(r.Valid.N)
	case rules.ExpiryDays, rules.ExpiryMonths:
		w.fig(at+"-valid", int64(r.Valid.N), 0)
		w.f.values[at+"-valid-unit"] = r.Valid.Kind
	}
	w.fig(at+"-worth", r.Worth, w.set.Decimals)
}
