package rules

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/money"
)

// Case is one occasion as conditions look at it. Times are instants; Zone makes them days.
type Case struct {
	At         moment.Time
	Zone       *time.Location
	Order      *loyalty.OrderRow // nil where there is none
	Event      *loyalty.Happening
	Channel    string
	Site       string
	Codes      []string
	Chosen     []string // rules that a cart names
	Group      string
	Tags       map[string]bool
	Since      moment.Time // of WithinDays: when the member joined, or the friend was first touched
	RefBuyer   bool        // the referrer has ordered before
	Currency   string
	Decimals   int
	Eligible   Eligible // of the rule that is judged, without multipliers
	basket     Eligible
	basketDone bool
}

// check is one condition, compiled: holds is asked for every occasion and allocates
// nothing; figures explain it when somebody reads why.
type check struct {
	name    string
	code    loyalty.Reason
	holds   func(*Case) bool
	figures func(*Case) (need, got string)
}

// Judge tells which condition does not hold; -1 when all do.
func (c *Compiled) Judge(k *Case) int {
	for i := range c.checks {
		if !c.checks[i].holds(k) {
			return i
		}
	}
	return -1
}

// JudgeOrder tells whether the conditions that look at an order's lines hold. The others
// held when the order came, and are not asked again after a return; of lines that come
// back without an order nothing else is known.
func (c *Compiled) JudgeOrder(k *Case) bool {
	for i := range c.checks {
		if c.checks[i].lines() && !c.checks[i].holds(k) {
			return false
		}
	}
	return true
}

// lines tells whether a condition looks at the lines of an order or a cart.
func (c *check) lines() bool {
	switch c.name {
	case "minimum", "items", "basket", "basket_items", "articles":
		return true
	}
	return false
}

// Conditions explains every condition with its figures, as it holds now.
func (c *Compiled) Conditions(k *Case) []loyalty.Condition {
	if len(c.checks) == 0 {
		return nil
	}
	out := make([]loyalty.Condition, len(c.checks))
	for i, x := range c.checks {
		out[i] = loyalty.Condition{Name: x.name, Holds: x.holds(k)}
		out[i].Need, out[i].Got = x.figures(k)
	}
	return out
}

// Refusal gives the reason code of the i-th condition and its figures.
func (c *Compiled) Refusal(i int, k *Case) (loyalty.Reason, map[string]string) {
	x := &c.checks[i]
	need, got := x.figures(k)
	f := map[string]string{"need": need, "got": got}
	switch x.name {
	case "minimum", "basket":
		f["currency"] = k.Currency
	case "articles":
		return x.code, nil
	}
	if x.code == loyalty.ConditionNotMet {
		f["which"] = x.name
	}
	return x.code, f
}

func compileChecks(r *Rule) []check {
	w := &r.When
	var out []check
	add := func(yes bool, c check) {
		if yes {
			out = append(out, c)
		}
	}
	number := func(n int64) string { return strconv.FormatInt(n, 10) }
	add(w.Minimum > 0, check{"minimum", loyalty.BelowMinimum,
		func(k *Case) bool { return k.Eligible.Amount >= w.Minimum },
		func(k *Case) (string, string) { return k.money(w.Minimum), k.money(k.Eligible.Amount) }})
	add(w.Items > 0, check{"items", loyalty.BelowMinimum,
		func(k *Case) bool { return k.Eligible.Items >= w.Items },
		func(k *Case) (string, string) { return number(w.Items), number(k.Eligible.Items) }})
	add(w.Basket > 0, check{"basket", loyalty.BelowMinimum,
		func(k *Case) bool { return k.whole().Amount >= w.Basket },
		func(k *Case) (string, string) { return k.money(w.Basket), k.money(k.whole().Amount) }})
	add(w.BasketItems > 0, check{"basket_items", loyalty.BelowMinimum,
		func(k *Case) bool { return k.whole().Items >= w.BasketItems },
		func(k *Case) (string, string) { return number(w.BasketItems), number(k.whole().Items) }})
	add(!r.Of.Empty() || !r.Except.Empty(), check{"articles", loyalty.ExcludedItems,
		func(k *Case) bool {
			return k.Order == nil || len(k.Order.Lines) == 0 || k.Eligible.Items != 0 || k.Eligible.Amount != 0
		},
		func(k *Case) (string, string) { return "1", number(k.Eligible.Items) }})
	add(len(w.Channels) > 0, oneOf("channel", w.Channels, func(k *Case) string { return k.Channel }))
	add(len(w.Sites) > 0, oneOf("site", w.Sites, func(k *Case) string { return k.Site }))
	add(len(w.Groups) > 0, oneOf("group", w.Groups, func(k *Case) string { return k.Group }))
	add(len(w.Segments) > 0, check{"segment", loyalty.ConditionNotMet,
		func(k *Case) bool {
			for _, s := range w.Segments {
				if k.Tags[s] {
					return true
				}
			}
			return false
		},
		func(k *Case) (string, string) { return strings.Join(w.Segments, " "), tagList(k.Tags) }})
	add(len(w.Codes) > 0, check{"code", loyalty.ConditionNotMet,
		func(k *Case) bool {
			for _, c := range k.Codes {
				for _, want := range w.Codes {
					if loyalty.SameCode(c, want) {
						return true
					}
				}
			}
			return false
		},
		func(k *Case) (string, string) { return strings.Join(w.Codes, " "), strings.Join(k.Codes, " ") }})
	for _, pair := range w.Where {
		name, want, _ := strings.Cut(pair, "=")
		out = append(out, check{"where", loyalty.ConditionNotMet,
			func(k *Case) bool { return k.Event != nil && k.Event.Attributes[name] == want },
			func(k *Case) (string, string) {
				if k.Event == nil {
					return pair, ""
				}
				return pair, name + "=" + k.Event.Attributes[name]
			}})
	}
	add(w.From != 0 || w.Until != 0, check{"window", loyalty.OutOfWindow,
		func(k *Case) bool { return k.At >= w.From && (w.Until == 0 || k.At < w.Until) },
		func(k *Case) (string, string) { return window(w.From, w.Until, k.Zone), k.At.Date(k.Zone) }})
	add(len(w.Weekdays) > 0, check{"weekday", loyalty.ConditionNotMet,
		func(k *Case) bool { return slices.Contains(w.Weekdays, int(k.At.Std().In(k.Zone).Weekday())) },
		func(k *Case) (string, string) {
			return strings.Join(weekdayNames(w.Weekdays), " "), weekdays[k.At.Std().In(k.Zone).Weekday()]
		}})
	add(w.FromMinute != w.ToMinute, check{"hours", loyalty.ConditionNotMet,
		func(k *Case) bool {
			m := minuteOf(k)
			if w.FromMinute < w.ToMinute {
				return m >= w.FromMinute && m < w.ToMinute
			}
			return m >= w.FromMinute || m < w.ToMinute
		},
		func(k *Case) (string, string) {
			return clock(w.FromMinute) + "-" + clock(w.ToMinute), clock(minuteOf(k))
		}})
	add(w.WithinDays > 0, check{"within", loyalty.OutOfWindow,
		func(k *Case) bool { return k.Since != 0 && k.At < k.Since.AddDays(w.WithinDays, k.Zone) },
		func(k *Case) (string, string) { return number(int64(w.WithinDays)), number(days(k)) }})
	add(w.Buyer, check{"referrer_buyer", loyalty.ConditionNotMet,
		func(k *Case) bool { return k.RefBuyer },
		func(*Case) (string, string) { return "1", "0" }})
	return out
}

func oneOf(name string, want []string, get func(*Case) string) check {
	return check{name, loyalty.ConditionNotMet,
		func(k *Case) bool {
			got := get(k)
			for _, x := range want {
				if strings.EqualFold(x, got) {
					return true
				}
			}
			return false
		},
		func(k *Case) (string, string) { return strings.Join(want, " "), get(k) }}
}

// whole is the basket: every line that has not come back.
func (k *Case) whole() Eligible {
	if !k.basketDone && k.Order != nil {
		for i, l := range k.Order.Lines {
			k.basket.Amount += l.Amount - k.Order.Back[i].Amount
			k.basket.Items += l.Quantity - k.Order.Back[i].Quantity
		}
		k.basketDone = true
	}
	return k.basket
}

func (k *Case) money(n int64) string { return money.Text(n, k.Decimals) }

func minuteOf(k *Case) int {
	t := k.At.Std().In(k.Zone)
	return t.Hour()*60 + t.Minute()
}

func days(k *Case) int64 {
	if k.Since == 0 {
		return -1
	}
	return int64((k.At - k.Since) / moment.Day)
}

func clock(minute int) string {
	return time.Date(2000, 1, 1, minute/60, minute%60, 0, 0, time.UTC).Format("15:04")
}

var weekdays = [7]string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

func weekdayNames(list []int) []string {
	out := make([]string, len(list))
	for i, d := range list {
		out[i] = weekdays[d]
	}
	return out
}

func window(from, until moment.Time, zone *time.Location) string {
	var a, b string
	if from != 0 {
		a = from.Date(zone)
	}
	if until != 0 {
		b = (until - 1).Date(zone)
	}
	return a + "/" + b
}

func tagList(tags map[string]bool) string {
	list := make([]string, 0, len(tags))
	for t, on := range tags {
		if on {
			list = append(list, t)
		}
	}
	slices.Sort(list)
	return strings.Join(list, " ")
}
