package story

import (
	"fmt"
	"strconv"
	"strings"

	"cagnotte/internal/loyalty"
	"cagnotte/internal/money"
)

// This file: carts that take value, and what must follow from it.

// takes reads a cart that is held or redeemed at once: articles as in an order, then what it
// asks for.
func (p *parser) takes(step *Step, name, kind string) *loyalty.Fact {
	f := p.fact(kind, name)
	k := &loyalty.Cart{Series: feed, Currency: p.story.Shop.Currency}
	f.Cart = k
	for {
		n, sku, amount, category := p.article()
		l := loyalty.CartLine{SKU: sku, Category: category, Quantity: n, Amount: amount}
		if p.Accept("tax") {
			l.TaxRate = p.hundredths()
		}
		for strings.IndexByte(p.Peek(), '=') > 0 {
			key, v, _ := strings.Cut(p.Next(), "=")
			if l.Attributes == nil {
				l.Attributes = map[string]string{}
			}
			l.Attributes[key] = v
		}
		k.Lines = append(k.Lines, l)
		if p.err != nil || !p.Accept(",") {
			break
		}
	}
	p.asks(step, k)
	if p.Accept("for") {
		minutes, err := strconv.ParseInt(p.Next(), 10, 64)
		if err != nil {
			p.fail("expected for how many minutes")
		}
		p.Next()
		f.HoldFor = minutes * 60
	}
	k.Ref = p.cartRef()
	return f
}

// asks reads what a cart asks for, and where it is.
func (p *parser) asks(step *Step, k *loyalty.Cart) {
	for p.err == nil {
		switch {
		case p.Accept("with", "code"):
			k.Codes = append(k.Codes, loyalty.TypedCode(p.Next()))
		case p.Accept("with", "voucher"):
			var e Expectation
			p.voucher(&e)
			step.Named.Vouchers = append(step.Named.Vouchers, &e.voucher)
			if p.Accept("of") {
				step.Named.Owner = p.name()
			}
		case p.Accept("choosing"):
			k.Chosen = append(k.Chosen, p.Next())
		case p.Accept("paying"):
			n, unit := p.quantity()
			k.Pay = append(k.Pay, loyalty.Payment{Unit: unit, Amount: n})
		case p.Accept("delivery"):
			k.Delivery = p.plain()
		case p.Accept("in", "channel"):
			k.Channel = p.Next()
		case p.Accept("at", "site"):
			k.Site = p.Next()
		default:
			return
		}
	}
}

// cartRef reads the name under which the cart takes value: that of the order to come.
func (p *parser) cartRef() string {
	if p.Accept("as", "ref") {
		return p.Next()
	}
	p.refs++
	return "o" + strconv.Itoa(p.refs)
}

// cartOf begins a fact about a cart that was held or redeemed.
func (p *parser) cartOf(name, kind string) *loyalty.Fact {
	f := p.fact(kind, name)
	p.want("cart")
	f.Cart = &loyalty.Cart{Series: feed, Ref: p.Next()}
	return f
}

// discount reads "discount 1.00 EUR happy": the label is a rule, or voucher.
func (p *parser) discount(e *Expectation) {
	e.kind = expectDiscount
	e.amount = p.plain()
	e.rule = p.Next()
	if e.rule == "voucher" {
		e.rule = "redeem"
	}
}

// used reads "used cash 5.00 1 times".
func (p *parser) usedTimes(e *Expectation) {
	p.voucher(e)
	e.kind, e.amount = expectUsed, e.voucher.times
	e.voucher.times = 0
}

// discounts holds what carts were given against what the story says: all of it must be said.
func (c *comparison) discounts() {
	was := map[string]int64{}
	for _, l := range c.lines {
		if l.Outcome == loyalty.Discounted {
			was[l.Rule] += l.Amount
		}
	}
	said := map[string]int64{}
	for _, e := range c.step.Expect {
		if e.kind == expectDiscount {
			said[e.rule] += e.amount
		}
	}
	text := func(rule string, n int64) string {
		if rule == "redeem" {
			rule = "voucher"
		}
		return fmt.Sprintf("discount %s %s %s", money.Text(n, c.story.Shop.Decimals), c.story.Shop.Currency, rule)
	}
	for rule, n := range was {
		if said[rule] != n {
			c.differs(textOf(said, rule, text), text(rule, n))
		}
	}
	for rule, n := range said {
		if _, ok := was[rule]; !ok {
			c.differs(text(rule, n), "")
		}
	}
}

func textOf(m map[string]int64, rule string, text func(string, int64) string) string {
	if n, ok := m[rule]; ok {
		return text(rule, n)
	}
	return ""
}

// expectToPay compares what was left to pay of a cart.
func (c *comparison) expectToPay(e Expectation) {
	for _, l := range c.lines {
		if got := l.Figures["to_pay"]; got != "" {
			if want := money.Text(e.amount, c.story.Shop.Decimals); got != want {
				c.differs(e.Text, "to pay "+got)
			}
			return
		}
	}
	c.differs(e.Text, "")
}

// expectUsed compares how often a voucher was used.
func (c *comparison) expectUsed(e Expectation) {
	near := ""
	for _, v := range c.wallets[e.member].Vouchers {
		t := e.voucher
		if t.times = v.UsesMax; !t.fits(v) || v.State == loyalty.VoucherWithdrawn {
			continue
		}
		if v.Used == e.amount {
			return
		}
		near = fmt.Sprintf("%s used it %d times", e.member, v.Used)
	}
	c.differs(e.Text, near)
}
