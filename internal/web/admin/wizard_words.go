package admin

import (
	"cmp"
	"strconv"

	"cagnotte/internal/insight"
	"cagnotte/internal/ledger"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/money"
	"cagnotte/internal/phrase"
	"cagnotte/internal/plan"
	"cagnotte/internal/rules"
)

// Words and figures of the wizard.

func (w *wizard) t(key string, pairs ...string) string { return w.v.t("admin.wizard."+key, pairs...) }

// has gives the words of a key, or nothing where there are none.
func (w *wizard) help(key string) string {
	if !w.v.say.Has("admin.wizard." + key) {
		return ""
	}
	return w.t(key)
}

// options makes the choices of a select, worded under a key.
func (w *wizard) options(key string, values []string) []option {
	out := make([]option, len(values))
	for i, x := range values {
		name := x
		if name == "" {
			name = "none"
		}
		out[i] = option{x, w.t(key + "." + name)}
	}
	return out
}

// kinds of rewards that a place may have: none where it may be left empty, and a per cent only
// where an order is measured.
func (w *wizard) kinds(empty, measured bool) []option {
	var list []string
	if empty {
		list = append(list, plan.None)
	}
	for _, k := range plan.Rewards {
		if k != plan.Percent || measured {
			list = append(list, k)
		}
	}
	return w.options("kind", list)
}

// paragraphs say the program: each of its rules.
func (w *wizard) paragraphs() []string {
	return w.v.say.Summary(rules.Summary(w.a.Document(w.set), w.set))
}

func (w *wizard) money(n int64) string { return w.v.say.Money(n, w.set.Currency) }

// symbol is how amounts of money are marked beside a field.
func (w *wizard) symbol() string { return w.v.say.Currency(w.set.Currency) }

// offer is what the friend or the referrer is promised.
func (w *wizard) offer(part loyalty.Part) string {
	return w.v.say.Objects(rules.Offer(w.a.Document(w.set), w.set, part))
}

// prize is what a member is given, of a program without friends: for a full card, or at once.
func (w *wizard) prize() string {
	d := w.a.Document(w.set)
	r := &d.Rules[0]
	for i := range d.Rules {
		if w.a.Per == plan.Stamped && d.Rules[i].Trigger == rules.OnThreshold {
			r = &d.Rules[i]
		}
	}
	return w.v.say.Objects([]phrase.Phrase{r.Gives[0].Thing(w.set)})
}

// stamps are the fields of the card in the preview, those that are full first.
func (w *wizard) stamps() []bool {
	out := make([]bool, min(12, max(1, w.a.Card)))
	for i := range out {
		out[i] = i < len(out)*7/10
	}
	return out
}

// purse is an amount such as a member may have.
func (w *wizard) purse() string {
	if w.a.Kind != plan.Referral && w.a.Reward.Kind == plan.Points {
		n := int64(240)
		for range w.set.PointDecimals {
			n *= 10
		}
		return w.v.say.Units(ledger.Unit(rules.Points), n)
	}
	n := int64(24)
	for range w.set.Decimals {
		n *= 10
	}
	return w.money(n)
}

// order is what an order is usually of; 50 where the shop has none yet.
func (w *wizard) order() int64 {
	if w.habits.Average > 0 {
		return w.habits.Average
	}
	n := int64(50)
	for range w.set.Decimals {
		n *= 10
	}
	return n
}

// advice is what is worth thinking about, of what is given.
type advice struct{ State, Text string }

// shares of a basket between which a reward is usual, in hundredths of a per cent.
const (
	usualLeast = 8_00
	usualMost  = 15_00
	fewReturn  = 30_00 // fewer than this buy again: what needs another order is worth little to them
)

// advices guide through rewards: their value, how it is perceived, and their type.
func (w *wizard) advices() []advice {
	var out []advice
	add := func(state, key string, pairs ...string) {
		out = append(out, advice{state, w.t("advice."+key, pairs...)})
	}
	a := w.a
	cost := a.Cost(w.order())
	if a.Orders() && a.Per == plan.Fixed && cost.Sum > 0 {
		share, _ := money.MulDiv(cost.Sum, 100_00, w.order(), money.HalfUp)
		state, key := "good", "usual"
		switch most := usualMost * int64(1+boolInt(a.Kind == plan.Referral)); { // both sides of a referral together
		case share < usualLeast:
			state, key = "warn", "little"
		case share > most:
			state, key = "warn", "much"
		}
		add(state, key, "Share", w.v.say.Percent(share/100*100), "Basket", w.money(w.order()))
	}
	bound, real, unpriced, percent := false, false, false, false
	for _, r := range a.Gives() {
		bound, real = bound || r.Bound(), real || !r.Bound()
		percent = percent || r.Kind == plan.CashPercent || r.Kind == plan.SpecialPercent
		unpriced = unpriced || r.Unpriced() && r.Worth == 0 && r.Kind != plan.Points && r.Kind != plan.CashPercent && r.Kind != plan.SpecialPercent
	}
	switch again := w.habits.Again(); {
	case bound && w.habits.Buyers > 0 && again < fewReturn:
		add("warn", "bound_few", "Share", w.v.say.Percent(again))
	case bound:
		add("info", "bound")
	}
	if real {
		add("info", "real")
	}
	if percent {
		n, _ := money.MulDiv(w.order(), 10_00, 100_00, money.HalfUp)
		add("info", "percent", "Basket", w.money(w.order()), "Amount", w.money(n))
	}
	if unpriced {
		add("info", "unpriced")
	}
	return out
}

func boolInt(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

// costName is what the cost is of.
func (w *wizard) costName() string {
	switch {
	case w.a.Kind == plan.Referral:
		return "cost.customer"
	case w.a.Kind == plan.Event:
		return "cost.event"
	case w.a.Per == plan.Stamped || w.a.Per == plan.PerItem:
		return "cost.item"
	}
	return "cost.order"
}

// tierNo names a tier's fields.
func tierNo(i int) string { return "tier-" + strconv.Itoa(i) }

// exclusions are whom a referral never rewards: those that always hold, and those that are the
// shop's choice.
var (
	exclusions = []string{"self", "referred"}
	excludable = []string{"buyer", "account"}
)

// wizardIcons are the drawings beside choices.
var wizardIcons = map[string]string{
	plan.Referral: "share", plan.Article: "cup", plan.Category: "list", plan.Basket: "cart", plan.Event: "calendar",
	plan.BySignUp: "person", plan.ByOrder: "cart", plan.ByBoth: "people",
	"points": "star", "stamps": "cup", "milestone": "chart", "attention": "gift", "next": "ticket",
	"per.each": "gift", "per.amount": "euro", "per.item": "cart", "per.stamp": "ticket",
}

// perName names a way of earning, as keys of words do.
func perName(per string) string { return cmp.Or(per, "each") }

// collected is what is collected: friends or points.
func (w *wizard) collected() string {
	if w.a.Kind == plan.Referral {
		return "friends_unit"
	}
	return "points"
}

// opened tells whether what holds for a reward is shown at once: something there is wrong.
func (w *wizard) opened(at string) bool {
	return w.f.wrong[at+"-valid"]+w.f.wrong[at+"-limit"]+w.f.wrong[at+"-worth"] != ""
}

// said tells whether something stands in one of some fields, or is wrong there.
func (w *wizard) said(names ...string) bool {
	for _, x := range names {
		if w.f.get(x) != "" || w.f.wrong[x] != "" {
			return true
		}
	}
	return false
}

func (w *wizard) ordersOpened() bool {
	return w.said("basket", "basket-items", "before-tax", "before-discounts", "with-delivery", "with-rewards", "without-gift-cards", "except", "except-attributes", "codes") ||
		(w.a.Kind == plan.Referral || w.a.Kind == plan.Event) && w.said("items")
}

func (w *wizard) collectOpened() bool {
	names := []string{"counts", "swap-need", "swap-kind"}
	for i := range plan.MaxTiers {
		names = append(names, tierNo(i+1)+"-need", tierNo(i+1)+"-kind")
	}
	return w.said(names...)
}

func (w *wizard) whoOpened() bool { return w.said("channels", "groups", "segments") }

// inChannels tells whether the program can be limited to channels.
func (w *wizard) inChannels() bool {
	return w.a.Orders() || w.a.Kind == plan.Event && w.a.Event != rules.OnBirthday
}

// dateKind is a day, or a day with a time where one was said.
func dateKind(value string) string {
	if len(value) > len("2026-03-01") {
		return "datetime-local"
	}
	return "date"
}

func stepNow(is bool) string {
	if is {
		return "step"
	}
	return "false"
}

func wizardMember(m insight.BacktestMember) string { return cmp.Or(m.Key, m.Member.String()) }

// wonBy is what somebody would have been given.
func (w *wizard) wonBy(m insight.BacktestMember) string {
	if m.Value > 0 {
		return w.money(m.Value)
	}
	return w.v.say.Number(m.Units)
}

// costSaid is what the program costs; where nothing that it gives has a price, no figure is
// one.
func (w *wizard) costSaid() string {
	c := w.a.Cost(w.order())
	if c.Sum == 0 && c.Unpriced {
		return w.v.t("admin.programs.no_price")
	}
	return w.v.money(c.Sum)
}
