package insight

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"

	"cagnotte/internal/ledger"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/money"
	"cagnotte/internal/rules"
	"cagnotte/internal/store"
)

// prices say what units, vouchers and gifts of a shop are worth in its money.
type prices struct {
	currency string
	book     *rules.Book
	units    map[ledger.Unit]worth
	gifts    map[string]int64 // what the shop pays for a piece, where it says so
}

// worth is money for so many of a unit, both minor.
type worth struct{ money, of int64 }

// prices reads what the programs that are in force say: money is worth itself; other units
// what they pay in a cart or are exchanged for, whichever is dearest, or what a rule that gives
// them says that they are worth.
func (in *Insight) prices(ctx context.Context, s *loyalty.Shop, book *rules.Book, now moment.Time) (prices, error) {
	p := prices{s.Currency, book, map[ledger.Unit]worth{ledger.Unit(s.Currency): {1, 1}}, map[string]int64{}}
	var all []*rules.Compiled
	for _, x := range book.Programs {
		for _, v := range x.Versions {
			for _, c := range v.Rules {
				if err := in.giftsOf(ctx, s.ID, c, p.gifts); err != nil {
					return p, err
				}
			}
		}
		if v := x.InForce(now, now); v != nil {
			all = append(all, v.Rules...)
		}
	}
	said := map[ledger.Unit]worth{}
	for _, c := range all {
		switch {
		case c.Pay != nil:
			p.dearer(p.units, c.Version.Program.UnitOf(c.Pay.Unit), worth{c.Pay.Worth, c.Pay.Amount})
		case c.Trigger == rules.OnThreshold:
			p.exchanged(c)
		case c.Worth > 0 && len(c.Gives) > 0 && c.Gives[0].Unit != "":
			p.dearer(said, c.Unit(0), worth{c.Worth, 1})
		}
	}
	for u, w := range said {
		if _, ok := p.units[u]; !ok {
			p.units[u] = w
		}
	}
	return p, nil
}

// exchanged notes what a unit is worth that is exchanged for something with a price.
func (p *prices) exchanged(c *rules.Compiled) {
	sum := int64(0)
	for i := range c.Gives {
		if each, ok := p.each(c, i); ok {
			sum += times(each, max(1, c.Gives[i].Amount))
		}
	}
	if sum > 0 {
		p.dearer(p.units, c.Pays(), worth{sum, c.Need})
	}
}

// dearer keeps the greater of what is known of a unit and something else.
func (p *prices) dearer(into map[ledger.Unit]worth, u ledger.Unit, w worth) {
	was, known := into[u]
	if w.of <= 0 || u == ledger.Unit(p.currency) {
		return
	}
	a, err := money.MulDiv(w.money, was.of, 1, money.Down)
	b, other := money.MulDiv(was.money, w.of, 1, money.Down)
	if !known || err == nil && other == nil && a > b {
		into[u] = w
	}
}

// giftsOf looks up the price of gifts that a rule gives.
func (in *Insight) giftsOf(ctx context.Context, shop loyalty.ShopID, c *rules.Compiled, into map[string]int64) error {
	for i := range c.Gives {
		g := c.Gives[i].Gift
		if g == nil {
			continue
		}
		if _, known := into[g.Name]; known {
			continue
		}
		row, err := in.st.Gift(ctx, shop, g.Name)
		switch {
		case errors.Is(err, loyalty.ErrNotFound): // one that staff hands over, not of the catalogue
			into[g.Name] = 0
		case err != nil:
			return err
		default:
			into[g.Name] = row.Gift.Cost
		}
	}
	return nil
}

// each is what one of a give is worth; false where nothing says so.
func (p *prices) each(c *rules.Compiled, i int) (int64, bool) {
	if c.Priced(i, p.currency) {
		return c.WorthOf(i, 1, p.currency), true
	}
	if g := c.Gives[i].Gift; g != nil && p.gifts[g.Name] > 0 {
		return p.gifts[g.Name], true
	}
	return 0, false
}

// money is what so much of a unit is worth; false where nothing says so.
func (p *prices) money(u ledger.Unit, n int64) (int64, bool) {
	w, ok := p.units[u]
	if !ok {
		return 0, false
	}
	v, err := money.MulDiv(n, w.money, w.of, money.HalfUp)
	return v, err == nil
}

// value sums what units are worth, as far as something says so.
func (p *prices) value(list map[ledger.Unit]int64) (sum int64) {
	for u, n := range list {
		v, _ := p.money(u, n)
		sum += v
	}
	return sum
}

// rest lists the units of which nothing says what they are worth, but for what members never
// see and what only counts.
func (p *prices) rest(list map[ledger.Unit]int64) (out []UnitSum) {
	for _, u := range slices.Sorted(maps.Keys(list)) {
		if _, ok := p.units[u]; ok || list[u] == 0 || counting(u) || strings.HasPrefix(string(u), rules.Referrals+":") {
			continue
		}
		out = append(out, UnitSum{u, list[u]})
	}
	return out
}

// cost is what was given is worth, and how many gifts and vouchers among it have no price.
func (p *prices) cost(list []store.RuleGave) (sum, unpriced int64) {
	for _, g := range list {
		c, i := p.rule(g)
		if c != nil {
			if each, ok := p.each(c, i); ok {
				sum += times(each, g.Amount)
				continue
			}
		}
		if n, ok := p.money(g.Unit, g.Amount); ok {
			sum += n
		} else if g.Unit == "" {
			unpriced += g.Amount
		}
	}
	return sum, unpriced
}

// times is what n of something are worth, as far as amounts go.
func times(each, n int64) int64 {
	v, err := money.MulDiv(each, n, 1, money.Down)
	if err != nil {
		return money.Max
	}
	return min(v, money.Max)
}

// rule finds the rule that gave something, and which of its gives it was.
func (p *prices) rule(g store.RuleGave) (*rules.Compiled, int) {
	x := p.book.Program(g.Program)
	if x == nil {
		return nil, 0
	}
	v := x.Version(g.Version)
	if v == nil {
		return nil, 0
	}
	for _, c := range v.Rules {
		if c.Name != g.Rule {
			continue
		}
		for i := range c.Gives {
			if c.Gives[i].Part == g.Part && c.Unit(i) == g.Unit {
				return c, i
			}
		}
	}
	return nil, 0
}
