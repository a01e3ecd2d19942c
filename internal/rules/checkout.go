package rules

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"cagnotte/internal/loyalty"
	"cagnotte/internal/money"
)

// This file is what programs say about the cart at hand: `discount …` and `pay with …`.
// Such rules give no reward and answer to no order; package cart applies them.

// discount reads what is taken off a cart.
func (p *parser) discount(r *Rule) {
	d := &Discount{Kind: OffAmount}
	r.Trigger, r.Discount = OnCheckout, d
	switch {
	case len(p.List) > 1 && p.List[1] == "%":
		d.Kind, d.Percent = OffPercent, p.hundredths(100*100)
		p.Next()
		if p.Accept("on", "the", "cheapest") {
			d.Kind = OffCheapest
			p.each(d)
		}
	case len(p.List) > 1 && p.List[1] == "free":
		d.Kind, d.Amount = OffFree, p.number()
		p.Next()
		d.Article = Unquote(p.Next())
		if d.Article == "" || d.Article == "," || len(d.Article) > loyalty.MaxRefBytes || d.Amount > loyalty.MaxQuantity {
			p.fail("free units are so many of one article: 1 free COFFEE")
		}
		if p.Accept("on", "top") {
			d.Kind = OffOnTop
		}
		return
	default:
		d.Amount = p.amount()
		switch {
		case p.Accept("per", "unit"):
			d.Kind = OffUnit
		case p.Accept("per", "line"):
			d.Kind = OffLine
		}
	}
	if (d.Kind == OffPercent || d.Kind == OffAmount) && p.Accept("on", "delivery") {
		d.Kind = OffDelivery
	}
}

// each reads "of 3": one unit for every so many. A quoted word is an article.
func (p *parser) each(d *Discount) {
	if len(p.List) < 2 || p.List[0] != "of" {
		return
	}
	if _, err := strconv.Atoi(p.List[1]); err != nil {
		return
	}
	p.Next()
	if d.Each = p.number(); d.Each < 2 || d.Each > loyalty.MaxQuantity {
		p.fail("the cheapest is one of two or more; an article that is called %d stands in quotes", d.Each)
	}
}

// pay reads which unit may pay in a cart, and what it is worth.
func (p *parser) pay(r *Rule) {
	r.Trigger, r.Pay = OnCheckout, &Pay{Unit: p.set.Currency, Amount: 1, Worth: 1}
	p.want("with")
	switch {
	case p.Accept(p.set.Currency):
	case p.Accept(Points):
		p.Accept(",")
		if len(p.List) < 2 || p.List[1] != "point" && p.List[1] != Points { // "1 for 0.01 EUR" would be read as money
			p.fail("expected what points are worth: pay with points, 100 points for 1.00 %s", p.set.Currency)
			return
		}
		r.Pay.Amount, r.Pay.Unit = p.quantity()
		p.want("for")
		r.Pay.Worth = p.amount()
	default:
		p.fail("points or %s may pay, not %q", p.set.Currency, p.Peek())
	}
}

// asPayment makes a unit a means of payment.
func (p *parser) asPayment(r *Rule) {
	if r.Pay == nil {
		p.fail("only pay with is a means of payment")
		return
	}
	r.Pay.AsPayment = true
}

// share reads "50 %", the most of what is to pay that a unit may pay.
func (p *parser) share(r *Rule) {
	n := p.hundredths(100 * 100)
	p.Next()
	if r.Pay == nil {
		p.fail("only pay with is limited to a part of what is to pay")
		return
	}
	r.Pay.Share = n
}

// finishCheckout checks what holds for a rule about the cart at hand alone.
func (p *parser) finishCheckout(r *Rule, head string) {
	w := &r.When
	minima := w.Minimum + w.Items + w.Basket + w.BasketItems
	added := r.Discount != nil && r.Discount.Kind == OffOnTop
	switch {
	case r.Trigger != OnCheckout || r.Recur != Recurrence{}:
		p.fail("%s looks at the cart at hand: it has no on and no once; limit it by at most", head)
	case r.WaitDays > 0 || r.Expiry != Expiry{} || r.Absorb || r.Basis != Basis{} ||
		slices.Contains(p.said, "round") || slices.ContainsFunc(p.said, func(s string) bool { return strings.HasPrefix(s, "returns") }):
		p.fail("%s takes effect at once, on prices with tax: it does not wait, end, round or come back", head)
	case w.Discounted && minima == 0:
		p.fail("after discounts says how a minimum is read: add from 20.00 %s", p.set.Currency)
	case r.Worth > 0 && !added:
		p.fail("only units that are added on top are said to be worth something")
	case r.Pay != nil && (r.Exclusive != "" || r.Last || w.Chosen):
		p.fail("pay with is used when the cart asks for it: it is not exclusive, last or chosen")
	case added && r.Cap.N > 0 && r.Cap.What != Rewards:
		p.fail("units that are added on top are limited in rewards")
	case r.Cap.N > 0 && r.Cap.What != Rewards && r.Cap.What != p.set.Currency:
		p.fail("%s is limited in %s, or in rewards", head, p.set.Currency)
	case added && r.Budget.Money > 0 && r.Worth == 0:
		p.fail("a budget in money wants to know what the reward is worth: add worth 0.01 %s", p.set.Currency)
	}
}

// text writes the discount as the head of its rule.
func (d *Discount) text(s Setting) string {
	amount := func() string { return "discount " + quantity(d.Amount, s.Currency, s) }
	rate := "discount " + trimmed(d.Percent) + " %"
	switch d.Kind {
	case OffFree:
		return fmt.Sprintf("discount %d free \"%s\"", d.Amount, d.Article)
	case OffOnTop:
		return fmt.Sprintf("discount %d free \"%s\" on top", d.Amount, d.Article)
	case OffCheapest:
		if d.Each > 0 {
			return fmt.Sprintf("%s on the cheapest of %d", rate, d.Each)
		}
		return rate + " on the cheapest"
	case OffUnit:
		return amount() + " per unit"
	case OffLine:
		return amount() + " per line"
	case OffPercent:
		return rate
	case OffDelivery:
		if d.Percent > 0 {
			return rate + " on delivery"
		}
		return amount() + " on delivery"
	}
	return amount()
}

// text writes the head of a rule that lets a unit pay.
func (x *Pay) text(s Setting) string {
	if x.Unit == s.Currency {
		return "pay with " + x.Unit
	}
	return "pay with " + x.Unit + ", " + quantity(x.Amount, x.Unit, s) + " for " + quantity(x.Worth, s.Currency, s)
}

// Counts tells which lines count for the rule; nil: every line.
func (c *Compiled) Counts() func(*loyalty.Line) bool { return c.counts }

// chosen holds when the cart names the rule: by its own name, or with its program's name
// or id before it.
func (c *Compiled) chosen() check {
	return check{"chosen", loyalty.ConditionNotMet,
		func(k *Case) bool { return slices.ContainsFunc(k.Chosen, c.ChosenBy) },
		func(k *Case) (string, string) { return c.Name, strings.Join(k.Chosen, " ") }}
}

// ChosenBy tells whether a cart names the rule so.
func (c *Compiled) ChosenBy(name string) bool {
	p := c.Version.Program
	return strings.EqualFold(name, c.Name) || strings.EqualFold(name, p.Name+"/"+c.Name) || strings.EqualFold(name, p.ID.String()+"/"+c.Name)
}

// JudgeCart tells which condition does not hold of those that do not look at lines; -1
// when all do. The others are read while the cart is evaluated.
func (c *Compiled) JudgeCart(k *Case) int {
	for i := range c.checks {
		if !c.checks[i].lines() && !c.checks[i].holds(k) {
			return i
		}
	}
	return -1
}

// Value is what so many units are worth at this rate, in whole minor units of money.
func (x *Pay) Value(units int64) int64 {
	n, err := money.MulDiv(units, x.Worth, x.Amount, money.Down)
	if err != nil {
		return money.Max
	}
	return n
}
