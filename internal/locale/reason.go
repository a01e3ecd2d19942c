package locale

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"cagnotte/internal/ledger"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/money"
)

// Reason is the sentence of a reason or a note, without figures.
func (p *Printer) Reason(code loyalty.Reason) string {
	if key := "reason." + string(code); p.has(key) {
		return p.say(key, nil)
	}
	return string(code)
}

// reason is the sentence of a line's reason with its figures, as staff reads it.
func (p *Printer) reason(l loyalty.ReceiptLine) string {
	var s string
	switch f := l.Figures; {
	case len(f) == 0:
	case l.Outcome == loyalty.Held:
		s = p.Reason(l.Code) + " " + p.say("reason.score", map[string]string{"Need": p.plain(f["need"]), "Got": p.plain(f["got"])})
	case l.Code == loyalty.BelowMinimum:
		s = p.belowMinimum(l)
	case l.Code == loyalty.BudgetExhausted:
		s = p.budget(f)
	case l.Code == loyalty.BetterOfferApplies && f["which"] != "":
		s = p.say("reason.BETTER_OFFER_APPLIES.which", map[string]string{"Rule": f["which"]})
	case l.Code == loyalty.ConditionNotMet || l.Code == loyalty.OutOfWindow:
		s = p.unmet(l.Code, f)
	default:
		s = p.figures(l.Code, f)
	}
	if s == "" {
		return p.Reason(l.Code)
	}
	return s
}

// reasonForMember is the reason as the member himself reads it.
func (p *Printer) reasonForMember(l loyalty.ReceiptLine) string {
	if openFigures(l) {
		return p.reason(l)
	}
	if key := "you.condition." + l.Figures["which"]; l.Code == loyalty.ConditionNotMet && p.has(key) {
		return p.say(key, nil)
	}
	return p.Reason(l.Code)
}

// belowMinimum says which minimum was missed: the condition that does not hold tells, or
// else whether the figures are money.
func (p *Printer) belowMinimum(l loyalty.ReceiptLine) string {
	name := "items"
	if l.Figures["currency"] != "" {
		name = "minimum"
	}
	if i := slices.IndexFunc(l.Checks, func(c loyalty.Condition) bool { return !c.Holds }); i >= 0 {
		name = l.Checks[i].Name
	}
	key := "reason.BELOW_MINIMUM." + name
	if !p.has(key) {
		key = "reason.BELOW_MINIMUM.figures"
	}
	return p.say(key, map[string]string{"Need": p.figure(l.Figures, "need"), "Got": p.figure(l.Figures, "got")})
}

// budget says what is left of a budget, in uses or in the shop's money.
func (p *Printer) budget(f map[string]string) string {
	data := map[string]string{}
	for name, figure := range map[string]string{"Cap": "size", "Used": "used", "Need": "need"} {
		n, err := strconv.ParseInt(f[figure], 10, 64)
		inMoney := strings.HasSuffix(f["which"], "#money")
		if err != nil || inMoney && p.currency == "" {
			return ""
		}
		data[name] = p.Number(n)
		if inMoney {
			data[name] = p.Money(n, p.currency)
		}
	}
	return p.say("reason.BUDGET_EXHAUSTED.figures", data)
}

// unmet names the condition that does not hold.
func (p *Printer) unmet(code loyalty.Reason, f map[string]string) string {
	which := f["which"]
	if code == loyalty.OutOfWindow {
		which = "within"
		if strings.Contains(f["need"], "/") {
			which = "window"
		}
	}
	text := p.condition(loyalty.Condition{Name: which, Need: f["need"], Got: f["got"]})
	if text == "" {
		return ""
	}
	return p.say("reason."+string(code)+".which", map[string]string{"Condition": text})
}

// figures words a reason with the numbers that led to it; empty when there are none.
func (p *Printer) figures(code loyalty.Reason, f map[string]string) string {
	key, data := "reason."+string(code), map[string]string{}
	switch {
	case f["need"] != "" && f["got"] != "":
		key += ".figures"
		data["Need"], data["Got"] = p.figure(f, "need"), p.figure(f, "got")
	case f["cap"] != "" && f["used"] != "":
		key += "." + f["period"]
		data["Used"], data["Cap"] = p.capFigures(f)
	default:
		return ""
	}
	if !p.has(key) {
		return ""
	}
	return p.say(key, data)
}

// capFigures words what was used of a cap, and the cap, in the unit that it counts.
func (p *Printer) capFigures(f map[string]string) (used, most string) {
	used, most = p.figure(f, "used"), p.figure(f, "cap")
	u, err1 := strconv.ParseInt(f["used"], 10, 64)
	c, err2 := strconv.ParseInt(f["cap"], 10, 64)
	what := f["what"]
	if err1 != nil || err2 != nil || what == "" || what == "rewards" {
		return used, most
	}
	if _, ok := money.Decimals(what); ok {
		return p.Money(u, what), p.Money(c, what)
	}
	return p.plain(p.decimal(what, u)), p.Units(ledger.Unit(what), c)
}

// figure words one figure of a decision or problem: an amount in the currency that the
// figures name, a plain number, a moment. What is no quantity (a name, a code) stays as it
// is.
func (p *Printer) figure(figures map[string]string, name string) string {
	v := figures[name]
	if at, err := time.Parse(time.RFC3339Nano, v); err == nil {
		return p.Moment(moment.Of(at))
	}
	quantity := strings.Trim(v, "-.0123456789") == ""
	switch name {
	case "need", "got":
		if s, ok := p.amount(v, figures["currency"]); ok {
			return s
		}
	case "cap", "used", "min", "max":
	default:
		quantity = false
	}
	if !quantity {
		return v
	}
	return p.plain(v)
}

// amount words a plain decimal of a currency; false when it is none.
func (p *Printer) amount(v, currency string) (string, bool) {
	decimals, ok := money.Decimals(currency)
	if !ok {
		return "", false
	}
	minor, err := money.Parse(v, decimals)
	if err != nil {
		return "", false
	}
	return p.Money(minor, currency), true
}
