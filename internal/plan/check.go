package plan

import (
	"fmt"
	"slices"
	"strings"

	"cagnotte/internal/loyalty"
	"cagnotte/internal/money"
	"cagnotte/internal/rules"
)

// Problems says what keeps the answers from being a program, each of the field that it stands
// in. Rewards are named after their place: `reward`, `bonus`, `swap`, `tier-1`, `joined-friend`.
func (a *Answers) Problems(s rules.Setting) []error {
	c := checker{s: s}
	if a.Name == "" {
		c.wrong("name", "required")
	} else if len(a.Name) > loyalty.MaxText || !plain(a.Name) {
		c.wrong("name", "invalid_program_name", "max", fmt.Sprint(loyalty.MaxText))
	}
	if a.Ends != 0 && a.Ends <= a.Starts {
		c.wrong("ends", "ends_before_it_begins", "program", a.Name)
	}
	if a.Kind == Referral {
		c.referral(a)
	} else {
		c.member(a)
	}
	c.swap(a)
	for i := range a.Tiers {
		at := fmt.Sprintf("tier-%d", i+1)
		if a.Tiers[i].Need <= 0 {
			c.wrong(at+"-need", "required")
		}
		c.fixed(at, &a.Tiers[i].Reward)
	}
	for _, x := range []struct {
		field string
		list  []string
	}{
		{"except", a.Except.SKUs}, {"except-categories", a.Except.Categories}, {"except-attributes", a.Except.Attributes},
		{"codes", a.Codes}, {"channels", a.Channels}, {"groups", a.Groups}, {"segments", a.Segments},
	} {
		c.texts(x.field, x.list)
	}
	if slices.ContainsFunc(a.Except.Attributes, func(x string) bool { return strings.IndexByte(x, '=') < 1 }) {
		c.wrong("except-attributes", "name_and_value_wanted")
	}
	if a.Cap.N > 0 && (a.Cap.What != rules.Rewards || a.Cap.Period == "order") {
		c.wrong("cap", "limit_of_units")
	}
	return c.out
}

type checker struct {
	s   rules.Setting
	out []error
}

func (c *checker) wrong(field, code string, args ...string) {
	c.out = append(c.out, loyalty.Invalid(field, code, args...))
}

// plain tells whether a text can stand between quotes on one line.
func plain(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return r == '"' || r < ' ' || r == 0x7f })
}

func (c *checker) text(field, text string, most int) {
	switch {
	case text == "":
		c.wrong(field, "required")
	case len(text) > most:
		c.wrong(field, "too_long", "max", fmt.Sprint(most))
	case !plain(text):
		c.wrong(field, "quotes_inside")
	}
}

func (c *checker) texts(field string, list []string) {
	for _, x := range list {
		before := len(c.out)
		if c.text(field, x, loyalty.MaxRefBytes); len(c.out) > before {
			return
		}
	}
}

func (c *checker) between(field string, n, least, most int64) {
	if n < least || n > most {
		c.wrong(field, "out_of_range", "min", fmt.Sprint(least), "max", fmt.Sprint(most))
	}
}

func (c *checker) referral(a *Answers) {
	given := a.Counts != "" && (a.Swap.Need > 0 || len(a.Tiers) > 0)
	for i := range a.Rows {
		row := &a.Rows[i]
		given = given || row.some()
		for k, x := range []*Reward{&row.Referrer, &row.Friend} {
			if at := Moments[i] + [...]string{"-referrer", "-friend"}[k]; !x.None() && i < Ordered {
				c.fixed(at, x)
			} else if !x.None() {
				c.reward(at, x)
			}
		}
	}
	if !given {
		c.wrong("ordered-referrer-kind", "reward_missing")
	}
	if a.First.Kind == rules.Nth || a.First.Kind == rules.Every || a.First.Together < 0 {
		c.wrong("first", "required")
	}
	c.often("each", a.Each)
	if slices.Contains([]string{rules.First, rules.Very, rules.Once}, a.Each.Kind) || a.Each.Together > 0 {
		c.wrong("each", "not_for_this")
	}
}

func (c *checker) often(field string, r rules.Recurrence) {
	if r.Kind == rules.Every || r.Kind == rules.Nth {
		c.between(field+"-n", r.N, 2, 1_000)
	}
}

func (c *checker) member(a *Answers) {
	switch a.Kind {
	case Article, Category:
		if len(a.Things) == 0 {
			c.wrong("things", "required")
		}
		c.texts("things", a.Things)
	case Event:
		if !slices.Contains(Events, a.Event) {
			c.wrong("event", "required")
		}
		if a.Event == rules.OnCustomEvent {
			c.text("event-name", a.EventName, loyalty.MaxRefBytes)
		}
	}
	c.often("often", a.Often)
	once := a.Event == rules.OnSignUp || a.Event == rules.OnBirthday
	counted := a.Often.Kind == rules.Every || a.Often.Kind == rules.Nth
	switch of := a.Often; {
	case a.Kind == Event && (of.Kind == rules.First || of.Kind == rules.Very || of.Together > 0 || counted && once),
		a.Kind != Event && of.Kind == rules.Once:
		c.wrong("often", "not_for_this")
	}
	switch r := &a.Reward; {
	case a.Per == Stamped:
		c.between("stamps", a.Stamps, 1, 1_000)
		c.between("card", a.Card, 1, 100_000)
		if a.StampPer < 0 || a.StampPer > 0 && a.Kind == Event {
			c.wrong("stamp-per", "not_for_this")
		}
		if a.StampCap.N > 0 && a.StampCap.What == rules.Rewards && a.StampCap.Period == "order" {
			c.wrong("stamp-cap", "limit_of_units")
		}
		c.fixed("reward", r)
	case a.Per == PerSum && (r.Kind != Money && r.Kind != Points || a.Kind == Event):
		c.wrong("per", "money_or_points_wanted")
	case a.Per == PerSum:
		c.between("per-n", a.PerN, 1, money.Max)
		c.reward("reward", r)
	case a.Per == PerItem && a.Kind == Event:
		c.wrong("per", "not_for_this")
	case a.Per == PerItem:
		c.between("per-n", a.PerN, 1, 1_000_000)
		c.fixed("reward", r)
	case a.Kind == Event:
		c.fixed("reward", r)
	default:
		c.reward("reward", r)
	}
	if !a.Bonus.None() {
		c.reward("bonus", &a.Bonus)
	}
}

func (c *checker) swap(a *Answers) {
	x := &a.Swap
	switch {
	case x.Need == 0 && x.Reward.None():
		return
	case x.Need <= 0:
		c.wrong("swap-need", "required")
	case a.Kind != Referral && x.Reward.Kind == Points:
		c.wrong("swap-kind", "points_for_points")
	}
	c.fixed("swap", &x.Reward)
}

// fixed wants a reward that no order measures.
func (c *checker) fixed(at string, r *Reward) {
	if r.Kind == Percent {
		c.wrong(at+"-kind", "fixed_reward_wanted")
		return
	}
	c.reward(at, r)
}

func (c *checker) reward(at string, r *Reward) {
	switch r.Kind {
	case None:
		c.wrong(at+"-kind", "required")
		return
	case Percent, CashPercent, SpecialPercent:
		c.amount(at, r.Amount, 100_00, 2)
	case Product, InCategory:
		c.amount(at, r.Amount, loyalty.MaxQuantity, 0)
		c.text(at+"-name", r.Name, loyalty.MaxRefBytes)
		if r.Off < 0 || r.Off > 100_00 {
			c.wrong(at+"-off", "out_of_range", "min", "0", "max", "100")
		}
	case Gift, ByHand:
		c.text(at+"-name", r.Name, loyalty.MaxText)
	default:
		decimals := c.s.Decimals
		if r.Kind == Points {
			decimals = c.s.PointDecimals
		}
		c.amount(at, r.Amount, money.Max, decimals)
	}
	switch r.Valid.Kind {
	case rules.ExpiryDays, rules.ExpiryMonths:
		c.between(at+"-valid", int64(r.Valid.N), 1, 36_500)
	case rules.ExpiryDate:
		c.wrong(at+"-valid", "not_for_this")
	}
	if x := r.Limit; x.N > 0 && (x.What != rules.Rewards && x.What != r.unit(c.s) || x.What == rules.Rewards && x.Period == "order") {
		c.wrong(at+"-limit", "limit_of_units")
	}
}

// amount wants a figure, as people write it: with so many decimals.
func (c *checker) amount(at string, n, most int64, decimals int) {
	if n <= 0 {
		c.wrong(at+"-amount", "required")
	} else if n > most {
		c.wrong(at+"-amount", "out_of_range", "max", money.Text(most, decimals))
	}
}
