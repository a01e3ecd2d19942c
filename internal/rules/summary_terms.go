package rules

import (
	"strconv"

	"cagnotte/internal/money"
	"cagnotte/internal/phrase"
)

// conditions says what must hold.
func (r *Rule) conditions(out *notes, s Setting) {
	w := &r.When
	out.say(w.Minimum > 0, "cond.minimum", phrase.Args{"Amount": phrase.Amount{N: w.Minimum, Unit: s.Currency}})
	out.count(w.Items, "cond.items", nil)
	out.say(w.Basket > 0, "cond.basket", phrase.Args{"Amount": phrase.Amount{N: w.Basket, Unit: s.Currency}})
	out.count(w.BasketItems, "cond.basket_items", nil)
	list := func(key string, names []string, arg phrase.Arg) {
		if len(names) > 0 {
			*out = append(*out, named(key, arg, len(names)))
		}
	}
	list("cond.codes", w.Codes, phrase.OneOf(w.Codes))
	list("cond.channels", w.Channels, phrase.AllOf(w.Channels))
	list("cond.sites", w.Sites, phrase.AllOf(w.Sites))
	list("cond.groups", w.Groups, phrase.OneOf(w.Groups))
	list("cond.segments", w.Segments, phrase.OneOf(w.Segments))
	out.say(len(w.Where) > 0, "cond.where", phrase.Args{"Names": phrase.AllOf(w.Where)})
	window := phrase.Args{"From": phrase.Begin(w.From), "Until": phrase.End(w.Until)}
	out.say(w.From != 0 && w.Until != 0, "cond.window.both", window)
	out.say(w.From != 0 && w.Until == 0, "cond.window.from", window)
	out.say(w.From == 0 && w.Until != 0, "cond.window.until", window)
	out.say(len(w.Weekdays) > 0, "cond.weekdays", phrase.Args{"Days": phrase.Weekdays(w.Weekdays)})
	out.say(w.FromMinute != w.ToMinute, "cond.hours", phrase.Args{"From": phrase.Clock(w.FromMinute), "To": phrase.Clock(w.ToMinute)})
	within := "cond.within"
	if r.Refer {
		within = "cond.within.refer"
	}
	out.count(int64(w.WithinDays), within, nil)
	out.say(w.Buyer, "cond.buyer", nil)
	out.say(w.Discounted, "cond.discounted", nil)
	out.say(w.Chosen, "cond.chosen", nil)
}

// rounding says what becomes of fractions, where there can be some or where it was said.
func (r *Rule) rounding(out *notes) {
	key := [...]string{"round.down", "round.nearest", "round.up"}[r.Round]
	fractions := false
	for i := range r.Gives {
		switch g := &r.Gives[i]; {
		case g.Measure == Percent && r.Round == money.Down && r.Step == 0:
			key = "round.nearest"
			fractions = true
		case g.Measure == Percent, g.Measure == PerAmount && !g.wholeSteps(r):
			fractions = true
		}
	}
	switch {
	case r.Step > 1:
		step := phrase.Arg(phrase.Whole(r.Step))
		if unit := r.rounded(); unit != "" {
			step = phrase.Amount{N: r.Step, Unit: unit}
		}
		out.say(true, key+".step", phrase.Args{"Step": step})
	case fractions || r.Round != money.Down:
		out.say(true, key, nil)
	}
}

// rounded is the unit that the rule rounds; empty when there is no such single one.
func (r *Rule) rounded() string {
	unit := r.Unit
	for i := range r.Gives {
		switch u := r.Gives[i].Unit; unit {
		case "", u:
			unit = u
		default:
			return ""
		}
	}
	return unit
}

func (e Expiry) sentence(out *notes) {
	switch e.Kind {
	case ExpiryDays, ExpiryMonths:
		out.count(int64(e.N), "valid."+e.Kind, nil)
	case ExpiryPeriod:
		out.say(true, "valid.period."+strconv.Itoa(e.N), nil)
	case ExpiryDate:
		out.say(true, "valid.date", phrase.Args{"Until": phrase.End(e.Date)})
	}
}

func perPeriod(period string) phrase.Phrase { return phrase.Phrase{Key: "per." + period} }

// limits says how much at most one member gets, and all of them together.
func (r *Rule) limits(out *notes, s Setting) {
	per := phrase.Args{"Per": perPeriod(r.Cap.Period)}
	switch {
	case r.Cap.N == 0:
	case r.Cap.What == Rewards:
		out.count(r.Cap.N, "cap.rewards", per)
	default:
		per["Amount"] = phrase.Amount{N: r.Cap.N, Unit: r.Cap.What}
		out.say(true, "cap.amount", per)
	}
	out.budget(r.Budget, "budget.rule", s)
}

// returns says what becomes of a reward when the goods come back.
func (r *Rule) returns(out *notes) {
	units := false
	for i := range r.Gives {
		units = units || r.Gives[i].Unit != ""
	}
	switch {
	case r.Absorb:
		out.say(true, "returns.absorbed", nil)
	case !r.Orders() || r.Trigger == OnCart || r.Multiplies():
	case units:
		out.say(true, "returns.owed", nil)
	default:
		out.say(true, "returns.pieces", nil)
	}
}

// rank says how the rule stands among others.
func (r *Rule) rank(out *notes) {
	out.say(r.Exclusive == AloneGroup, "exclusive.alone", nil)
	out.say(r.Exclusive != "" && r.Exclusive != AloneGroup, "exclusive.group", phrase.Args{"Group": phrase.Name(r.Exclusive)})
	out.say(r.Last, "last", nil)
	out.say(r.Priority != 0, "priority", phrase.Args{"Number": phrase.Whole(r.Priority)})
}
