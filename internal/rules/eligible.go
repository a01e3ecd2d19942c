package rules

import (
	"math"
	"strings"

	"cagnotte/internal/loyalty"
	"cagnotte/internal/money"
)

func matcher(of, except Articles) func(*loyalty.Line) bool {
	if of.Empty() && except.Empty() {
		return nil
	}
	in, out := set(of.SKUs), set(except.SKUs)
	inCat, outCat := set(of.Categories), set(except.Categories)
	all := of.Empty()
	return func(l *loyalty.Line) bool {
		if has(out, l.SKU) || has(outCat, l.Category) || l.HasAny(except.Attributes) {
			return false
		}
		return all || has(in, l.SKU) || has(inCat, l.Category) || l.HasAny(of.Attributes)
	}
}

func set(names []string) map[string]struct{} {
	m := make(map[string]struct{}, len(names))
	for _, n := range names {
		m[strings.ToUpper(n)] = struct{}{}
	}
	return m
}

// has compares without regard to case: real article numbers come in both.
func has(m map[string]struct{}, name string) bool {
	if len(m) == 0 || name == "" {
		return false
	}
	_, ok := m[strings.ToUpper(name)] // allocates only when there is lower case in it
	return ok
}

// Eligible is what counts of an order for a rule: minor units and items.
type Eligible struct{ Amount, Items int64 }

// Weights are what multipliers make of each line of an order, in hundredths; nil: nothing.
type Weights []int64

// maxWeight bounds what multipliers make together of a line: a hundredfold.
const maxWeight = 100 * 100

// Whole is what counted before anything came back.
func (c *Compiled) Whole(o *loyalty.OrderRow, w Weights) Eligible { return c.sum(o, w, false) }

// Left is what counts of what has not come back.
func (c *Compiled) Left(o *loyalty.OrderRow, w Weights) Eligible { return c.sum(o, w, true) }

func (c *Compiled) sum(o *loyalty.OrderRow, w Weights, left bool) (e Eligible) {
	if o == nil {
		return e
	}
	for i := range o.Lines {
		l := &o.Lines[i]
		if c.counts != nil && !c.counts(l) {
			continue
		}
		amount, items := c.line(o, i), l.Quantity
		if left {
			b := o.Back[i]
			amount, items = amount-share(amount, b, l), items-b.Quantity
		}
		if w != nil {
			amount, items = amount*w[i], items*w[i]
		}
		e.Amount += amount
		e.Items += items
	}
	if c.Basis.Delivery && o.Delivery > 0 {
		d := o.Delivery
		if left && o.Whole() {
			d = 0
		}
		if w != nil {
			d *= 100
		}
		e.Amount += d
	}
	return e
}

// share is the part of a line's counted amount that came back with it: in proportion to
// the money, or to the items of a line that cost nothing.
func share(amount int64, b loyalty.Back, l *loyalty.Line) int64 {
	switch {
	case b.Amount == 0 && b.Quantity == 0:
		return 0
	case amount == l.Amount:
		return b.Amount
	case l.Amount > 0:
		n, _ := money.MulDiv(amount, b.Amount, l.Amount, money.HalfUp)
		return n
	case l.Quantity > 0:
		n, _ := money.MulDiv(amount, b.Quantity, l.Quantity, money.HalfUp)
		return n
	}
	return 0
}

// line is the amount of a line as the rule's basis counts it.
func (c *Compiled) line(o *loyalty.OrderRow, i int) int64 {
	l := &o.Lines[i]
	amount := l.Amount
	if c.plain || !c.Basis.special() && o.RewardsPaid == 0 {
		return amount
	}
	full := amount
	if c.Basis.BeforeDiscounts {
		full += l.Discount
	}
	if c.Basis.BeforeTax && l.Tax > 0 {
		tax := l.Tax
		if full != amount && amount > 0 {
			tax, _ = money.MulDiv(l.Tax, full, amount, money.HalfUp)
		}
		full -= tax
	}
	paid := int64(0) // by means that do not count
	if !c.Basis.Rewards {
		paid += o.RewardsPaid
	}
	if c.Basis.NoGiftCards {
		paid += o.GiftCards
	}
	if paid > 0 && amount > 0 {
		off, _ := money.MulDiv(full, o.PaidShare(paid, i), amount, money.HalfUp)
		full -= min(off, full)
	}
	return full
}

func (b Basis) special() bool { return b.BeforeTax || b.BeforeDiscounts || b.NoGiftCards }

// Basis is the measure a give is computed from: items, or the amount.
func (e Eligible) Basis(g *Give) int64 {
	if g.Measure == PerItem {
		return e.Items
	}
	return e.Amount
}

// Scales tells whether multipliers touch a give: what amount and unit rules earn, never a
// fixed bonus, nor vouchers and gifts.
func (g *Give) Scales(unit string) bool { return g.Measure != Fixed && g.Unit == unit && unit != "" }

// Weigh gives each line its weight under a multiplier, on top of what others made of it.
func (c *Compiled) Weigh(o *loyalty.OrderRow, w Weights) Weights {
	if w == nil {
		w = make(Weights, len(o.Lines))
		for i := range w {
			w[i] = 100
		}
	}
	for i := range o.Lines {
		if c.counts == nil || c.counts(&o.Lines[i]) {
			w[i] = min(w[i]*c.Times/100, maxWeight)
		}
	}
	return w
}

// Amount computes a give from its eligible part; it rounds once, after its multipliers.
func (c *Compiled) Amount(i int, e Eligible, w Weights) int64 {
	g := &c.Gives[i]
	scale := int64(1)
	if w != nil && g.Measure != Fixed {
		scale = 100
	}
	step := max(1, c.Step)
	rounded := func(part, den int64, r money.Rounding) (int64, error) {
		if den > math.MaxInt64/step {
			return 0, nil
		}
		n, err := money.MulDiv(part, g.Amount, den*step, r)
		if err != nil || n > money.Max/step {
			return money.Max, err
		}
		return n * step, nil
	}
	n, err := g.Amount, error(nil)
	switch g.Measure {
	case PerItem:
		items, den := e.Items, scale
		if g.Per > 1 { // so much for each full group of items
			items, den = e.Items/(g.Per*scale), 1
		}
		n, err = rounded(items, den, c.Round)
	case PerAmount:
		n, err = rounded(e.Amount, g.Per*scale, c.Round)
	case Percent:
		n, err = rounded(e.Amount, 10_000*scale, c.moneyRound())
	}
	if err != nil || n > money.Max {
		n = money.Max
	}
	return n
}

// moneyRound rounds a percentage half-up unless the rule says otherwise.
func (c *Compiled) moneyRound() money.Rounding {
	if c.Round == money.Down && c.Step == 0 {
		return money.HalfUp
	}
	return c.Round
}

// WorthOf is what n of a give is worth in minor units of money, for budgets and for the
// choice between rules; zero where nothing says so.
func (c *Compiled) WorthOf(i int, n int64, currency string) int64 {
	each := c.each(i, currency)
	if each == 0 {
		return 0
	}
	v, err := money.MulDiv(n, each, 1, money.Down)
	if err != nil {
		return money.Max
	}
	return min(v, money.Max)
}

// Priced tells whether anything says what a give is worth in money.
func (c *Compiled) Priced(i int, currency string) bool { return c.each(i, currency) > 0 }

// each is what one of a give is worth in minor units of money; zero where nothing says so.
func (c *Compiled) each(i int, currency string) int64 {
	g := &c.Gives[i]
	switch {
	case c.Worth > 0:
		return c.Worth
	case g.Unit == currency:
		return 1
	case g.Voucher != nil && (g.Voucher.Kind == "cash" || g.Voucher.Kind == "special"):
		return g.Voucher.Amount
	}
	return 0
}
