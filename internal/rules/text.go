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
	line := func(yes bool, format string, args ...any) {
		if yes {
			fmt.Fprintf(&b, "  "+format+"\n", args...)
		}
	}
	line(d.Starts != 0, "starts %s", d.Starts)
	line(d.Ends != 0, "ends %s", d.Ends)
	line(d.Referral.WindowDays != 0, "referral window %d days", d.Referral.WindowDays)
	line(d.Referral.LastTouch, "referral last touch")
	line(d.Referral.ExpireDays != 0, "referral expires after %d days", d.Referral.ExpireDays)
	line(d.Referral.HoldScore != 0, "referral held from score %d", d.Referral.HoldScore)
	line(d.Referral.Buyers, "referral of buyers too")
	line(d.Referral.Members, "referral of members too")
	line(d.Cap.N != 0, "%s", d.Cap.text(s))
	for _, b := range d.Budget.texts(s) {
		line(true, "%s", b)
	}
	for i := range d.Rules {
		r := &d.Rules[i]
		line(true, "%s: %s", r.Name, r.Text(s))
	}
	return b.String()
}

// Text writes one rule without its name.
func (r *Rule) Text(s Setting) string {
	var out []string
	say := func(yes bool, format string, args ...any) {
		if yes {
			out = append(out, fmt.Sprintf(format, args...))
		}
	}
	out = append(out, r.head(s))
	if on := onWords(r, s); on != "" {
		out = append(out, on)
	}
	w := &r.When
	say(r.Recur.Kind == Once, "once")
	say(w.Minimum > 0, "from %s", quantity(w.Minimum, s.Currency, s))
	say(w.Items > 0, "from %d items", w.Items)
	say(w.Basket > 0, "from basket of %s", quantity(w.Basket, s.Currency, s))
	say(w.BasketItems > 0, "from basket of %d items", w.BasketItems)
	out = append(out, r.Of.text("of")...)
	out = append(out, r.Except.text("except")...)
	say(r.Basis.BeforeTax, "before tax")
	say(r.Basis.BeforeDiscounts, "before discounts")
	say(r.Basis.Delivery, "with delivery")
	say(r.Basis.Rewards, "with rewards")
	say(r.Basis.NoGiftCards, "without gift cards")
	say(len(w.Codes) > 0, "with code %s", quoted(w.Codes))
	say(len(w.Channels) > 0, "in channel %s", quoted(w.Channels))
	say(len(w.Sites) > 0, "at site %s", quoted(w.Sites))
	say(len(w.Groups) > 0, "for group %s", quoted(w.Groups))
	say(len(w.Segments) > 0, "for segment %s", quoted(w.Segments))
	say(len(w.Where) > 0, "where %s", quoted(w.Where))
	say(w.From != 0 || w.Until != 0, "between %s and %s", w.From, w.Until)
	say(len(w.Weekdays) > 0, "weekdays %s", strings.Join(weekdayNames(w.Weekdays), " "))
	say(w.FromMinute != w.ToMinute, "hours %s to %s", clock(w.FromMinute), clock(w.ToMinute))
	say(w.WithinDays > 0, "within %d days", w.WithinDays)
	say(w.Buyer, "by a buyer")
	say(w.Discounted, "after discounts")
	say(w.Chosen, "when chosen")
	if r.Round != money.Down || r.Step > 0 {
		step := ""
		if r.Step > 0 {
			step = fmt.Sprintf(" to %d", r.Step)
		}
		say(true, "round %s%s", [...]string{"down", "nearest", "up"}[r.Round], step)
	}
	say(r.WaitDays > 0, "after %d days", r.WaitDays)
	out = append(out, r.Expiry.text()...)
	say(r.Cap.N > 0, "%s", r.Cap.text(s))
	if r.Pay != nil {
		say(r.Pay.AsPayment, "as payment")
		say(r.Pay.Share > 0, "at most %s %%", trimmed(r.Pay.Share))
	}
	out = append(out, r.Budget.texts(s)...)
	say(r.Absorb, "returns absorbed")
	say(r.Priority > 0, "priority %d", r.Priority)
	say(r.Exclusive == AloneGroup, "exclusive")
	say(r.Exclusive != "" && r.Exclusive != AloneGroup, "exclusive in \"%s\"", r.Exclusive)
	say(r.Last, "last")
	say(r.Worth > 0, "worth %s", quantity(r.Worth, s.Currency, s))
	say(r.Asked, "when asked")
	return strings.Join(out, ", ")
}

func (r *Rule) head(s Setting) string {
	switch {
	case r.Discount != nil:
		return r.Discount.text(s)
	case r.Pay != nil:
		return r.Pay.text(s)
	case r.Multiplies():
		return "multiply " + r.Unit + " by " + trimmed(r.Times)
	case r.Trigger == OnThreshold && len(r.Gives) > 0:
		return "exchange " + quantity(r.Need, r.Unit, s) + " for " + r.Gives[0].text(s)
	case r.Refer:
		var gives []string
		for i := range r.Gives {
			gives = append(gives, string(r.Gives[i].Part)+" "+r.Gives[i].text(s))
		}
		return "refer " + strings.Join(gives, ", ")
	case len(r.Gives) == 0:
		return "earn"
	case r.Gives[0].Unit == Stamps && r.Gives[0].Measure != PerAmount:
		return fmt.Sprintf("stamp %d%s", r.Gives[0].Amount, r.Gives[0].measure(s))
	}
	return "earn " + r.Gives[0].text(s)
}

// onWords is the trigger, and of orders how often; empty for each paid order.
func onWords(r *Rule, s Setting) string {
	noun := map[string]string{OnOrder: "order", OnPlaced: "placed order", OnFulfilled: "fulfilled order"}[r.Trigger]
	switch {
	case r.Recur.Together > 0:
		on := "on orders of " + quantity(r.Recur.Together, s.Currency, s) + " together"
		if r.Recur.Items {
			on = fmt.Sprintf("on orders of %d items together", r.Recur.Together)
		}
		if r.Trigger != OnOrder {
			on += ", on each " + noun
		}
		return on
	case r.Trigger == OnThreshold || r.Trigger == OnCheckout:
		return ""
	case r.Trigger == OnReaching:
		return "on reaching " + quantity(r.Need, r.Unit, s)
	case r.Trigger == OnCustomEvent || r.Trigger == OnStep:
		word := map[string]string{OnCustomEvent: "event", OnStep: "step"}[r.Trigger]
		return fmt.Sprintf("on %s \"%s\"%s", word, r.Event, times(r))
	case noun == "":
		for _, e := range events {
			if e.trigger == r.Trigger {
				return "on " + strings.Join(e.words, " ") + times(r)
			}
		}
	}
	switch r.Recur.Kind {
	case First:
		return "on first " + noun
	case Very:
		return "on very first " + noun
	case Nth:
		return fmt.Sprintf("on %s %d", noun, r.Recur.N)
	case Every:
		return fmt.Sprintf("on every %d %ss", r.Recur.N, noun)
	}
	if r.Trigger == OnOrder {
		return ""
	}
	return "on each " + noun
}

func times(r *Rule) string {
	switch r.Recur.Kind {
	case Every:
		return fmt.Sprintf(", every %d times", r.Recur.N)
	case Nth:
		return fmt.Sprintf(", time %d", r.Recur.N)
	}
	return ""
}

// onWords names the trigger in an error.
func (p *parser) onWords(r *Rule) string {
	if r.checkout() {
		return "a cart"
	}
	bare := *r
	bare.Recur = Recurrence{}
	if on := onWords(&bare, p.set); on != "" {
		return on
	}
	return "on each order"
}

func quoted(names []string) string {
	out := make([]string, len(names))
	for i, n := range names {
		out[i] = `"` + n + `"`
	}
	return strings.Join(out, " ")
}

// trimmed writes hundredths without the zeros at the end: 250 is 2.5.
func trimmed(hundredths int64) string {
	return strings.TrimSuffix(strings.TrimRight(money.Text(hundredths, 2), "0"), ".")
}

func quantity(n int64, unit string, s Setting) string {
	switch unit {
	case Points:
		if s.PointDecimals > 0 {
			return money.Text(n, s.PointDecimals) + " points"
		}
		fallthrough
	case Stamps, Referrals:
		if n == 1 {
			unit = strings.TrimSuffix(unit, "s")
		}
		return fmt.Sprintf("%d %s", n, unit)
	}
	return money.Text(n, s.Decimals) + " " + unit
}

func (g *Give) text(s Setting) string {
	switch {
	case len(g.Choice) > 0:
		var out []string
		for i := range g.Choice {
			out = append(out, g.Choice[i].bare(s))
		}
		return "choice of " + strings.Join(out, " or ")
	case g.Measure == Percent:
		return trimmed(g.Amount) + " % in " + g.Unit
	}
	return g.bare(s) + g.measure(s)
}

// bare is the reward without its measure.
func (g *Give) bare(s Setting) string {
	switch {
	case g.Voucher != nil:
		return g.Voucher.text(s)
	case g.Gift != nil:
		if g.Gift.ByHand {
			return fmt.Sprintf("gift \"%s\" by hand", g.Gift.Name)
		}
		return fmt.Sprintf("gift \"%s\"", g.Gift.Name)
	}
	return quantity(g.Amount, g.Unit, s)
}

func (g *Give) measure(s Setting) string {
	switch {
	case g.Measure == PerItem && g.Per > 1:
		return fmt.Sprintf(" per %d items", g.Per)
	case g.Measure == PerItem:
		return " per item"
	case g.Measure == PerAmount:
		return " per " + quantity(g.Per, s.Currency, s)
	}
	return ""
}

func (a Articles) text(word string) []string {
	var out []string
	list := func(kind string, names []string) {
		if len(names) > 0 {
			out = append(out, word+" "+kind+" "+quoted(names))
		}
	}
	list("articles", a.SKUs)
	list("categories", a.Categories)
	list("attributes", a.Attributes)
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

func (c Cap) text(s Setting) string {
	what := fmt.Sprintf("%d rewards", c.N)
	if c.N == 1 {
		what = "1 reward"
	}
	if c.What != Rewards {
		what = quantity(c.N, c.What, s)
	}
	return "at most " + what + per(c.Period)
}

func (b Budget) texts(s Setting) []string {
	var out []string
	add := func(yes bool, what string) {
		if yes && b.Period != "ever" {
			what += per(b.Period)
		}
		if yes {
			out = append(out, "budget "+what)
		}
	}
	add(b.Uses == 1, "1 use")
	add(b.Uses > 1, fmt.Sprintf("%d uses", b.Uses))
	add(b.Money > 0, quantity(b.Money, s.Currency, s))
	return out
}

func per(period string) string {
	if period == "ever" {
		return " ever"
	}
	return " per " + period
}

func (v *Voucher) text(s Setting) string {
	switch {
	case v.Kind == "product" || v.Kind == "category":
		t := fmt.Sprintf("%s voucher of %d \"%s\"", v.Kind, v.Amount, v.Article)
		if v.Percent > 0 {
			t += " at " + trimmed(v.Percent) + " %"
		}
		return t
	case v.Percent > 0:
		return v.Kind + " voucher of " + trimmed(v.Percent) + " %"
	}
	return v.Kind + " voucher of " + quantity(v.Amount, s.Currency, s)
}

// Parts lists who is rewarded by a rule.
func (r *Rule) Parts() []loyalty.Part {
	var out []loyalty.Part
	for _, g := range r.Gives {
		out = append(out, g.Part)
	}
	return out
}
