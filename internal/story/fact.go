package story

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/money"
	"cagnotte/internal/rules"
)

// goods is the article of an order that is only an amount.
const goods = "GOODS"

// dated reads a line that happens: a fact, the clock, a new version of a program.
func (p *parser) dated(line string) {
	step := &Step{Line: p.line, Text: line}
	if p.Accept("clock") {
		w := p.when()
		p.end()
		if w.t < p.now {
			p.fail("the clock does not go back")
		}
		step.Now, p.now, p.step = w.t, w.t, step
		p.story.Steps = append(p.story.Steps, step)
		return
	}
	var late, history bool
	for ; ; p.Next() {
		if p.Peek() == "late" {
			late = true
		} else if p.Peek() == "history" {
			history = true
		} else {
			break
		}
	}
	at := p.now + 1
	if p.Accept("at") {
		at = p.instant(late || history)
	} else if p.Peek() != "again" || late || history {
		p.fail("a fact begins with its date: at 2026-03-01 %s", line)
		return
	}
	for p.Accept("history") {
		history = true
	}
	if p.err != nil {
		return
	}
	step.Now = at
	if at <= p.now {
		if !late && !history {
			p.fail("this happened before the last fact was recorded: write late at …")
			return
		}
		step.Now = p.now + 1
	} else if late {
		p.fail("this is not late")
		return
	}
	p.now = step.Now
	switch p.Peek() {
	case "program":
		_, text, _ := strings.Cut(line, "program")
		p.block, p.published = []rules.Source{{N: p.line, Text: "program" + text}}, step
		return
	case "pause", "resume":
		step.Pause = &Pause{Resumes: p.Next() == "resume", Program: p.quoted()}
		p.end()
		p.step = step
		p.story.Steps = append(p.story.Steps, step)
		return
	case "codes":
		p.Next()
		n, err := strconv.ParseInt(p.Next(), 10, 64)
		if err != nil {
			p.fail("expected how many codes")
		}
		p.want("for")
		step.Codes = &Codes{Pool: p.Next(), N: n}
		p.end()
		p.step = step
		p.story.Steps = append(p.story.Steps, step)
		return
	case "again":
		p.Next()
		p.again(step)
	case "staff":
		p.Next()
		if p.Peek() == "issues" {
			p.issue(step)
			p.end()
			p.step = step
			p.story.Steps = append(p.story.Steps, step)
			return
		}
		step.Fact = p.staff(step, at)
	default:
		step.Fact = p.deed(step, at)
	}
	p.end()
	if p.err != nil {
		return
	}
	step.Fact.OccurredAt = cmpOr(step.Fact.OccurredAt, at)
	if history {
		step.Fact.Origin, step.Fact.Via = loyalty.FromImport, "import"
	}
	p.step = step
	p.story.Steps = append(p.story.Steps, step)
}

func cmpOr(a, b moment.Time) moment.Time {
	if a != 0 {
		return a
	}
	return b
}

// when reads a day or a local time.
func (p *parser) when() when {
	w := p.Next()
	t, day, err := moment.ParseLocal(w, p.story.Shop.Zone)
	if err != nil {
		p.fail("%v", err)
	}
	return when{t, day}
}

// instant reads the date of a fact. A day alone is 00:00, and each further fact of that day
// one microsecond later.
func (p *parser) instant(late bool) moment.Time {
	w := p.when()
	t := w.t
	if w.day && !late && p.now >= t && p.now < t.NextDay(p.story.Shop.Zone) {
		t = p.now + 1
	}
	for p.used[t] {
		t++
	}
	p.used[t] = true
	return t
}

// fact begins a fact of somebody; the empty name is nobody's.
func (p *parser) fact(kind, member string) *loyalty.Fact {
	p.ids++
	f := &loyalty.Fact{
		Feed: feed, ExternalID: fmt.Sprintf("fact-%04d", p.ids), Via: "story", Origin: loyalty.FromLive, Kind: kind,
	}
	if member != "" {
		f.Member = p.who(member)
	}
	return f
}

// who names somebody by his number, or a browser by itself.
func (p *parser) who(name string) loyalty.Who {
	if slices.Contains(p.story.Browsers, name) {
		return loyalty.Who{Keys: []loyalty.Key{{Kind: loyalty.ByVisitor, Key: name}}}
	}
	return who(name)
}

func who(name string) loyalty.Who {
	return loyalty.Who{Keys: []loyalty.Key{{Kind: loyalty.ByNumber, Key: name}}}
}

// name reads somebody who was introduced; "somebody" is a guest whom nobody knows.
func (p *parser) name() string {
	w := p.Next()
	if w == "somebody" {
		return ""
	}
	if !slices.Contains(p.story.Members, w) {
		p.fail("nobody is named %q: introduce members with a line such as member %s", w, w)
	}
	return w
}

func (p *parser) invited(f *loyalty.Fact) {
	name := p.name()
	if name == "" {
		p.fail("somebody cannot invite")
	}
	f.Referrer, f.Touch = p.who(name), "link"
}

// again repeats the last fact, with its identity.
func (p *parser) again(step *Step) {
	for i := len(p.story.Steps) - 1; i >= 0; i-- {
		if f := p.story.Steps[i].Fact; f != nil {
			same := *f
			step.Fact, step.Again = &same, true
			return
		}
	}
	p.fail("there is no fact that could come again")
	step.Fact = &loyalty.Fact{}
}

func (p *parser) orderFact(name, verb string, at moment.Time) *loyalty.Fact {
	f := p.fact(loyalty.OrderPaid, name)
	if verb == "places" {
		f.Kind = loyalty.OrderPlaced
	}
	o := &loyalty.Order{Series: feed, Currency: p.story.Shop.Currency}
	if p.amountNext() {
		var v int64
		v, o.Currency = p.amount()
		o.Lines = []loyalty.Line{{SKU: goods, Quantity: 1, Amount: v}}
	} else {
		for {
			n, sku, amount, category := p.article()
			if amount < 0 {
				p.fail("an ordered article has a price: 2 MUG for 10.00")
			}
			l := loyalty.Line{SKU: sku, Category: category, Quantity: n, Amount: amount}
			p.lineDetails(&l)
			o.Lines = append(o.Lines, l)
			if p.err != nil || !p.Accept(",") {
				break
			}
		}
	}
	p.circumstances(f, o)
	if p.Accept("as", "ref") {
		o.Ref = p.Next()
	} else {
		p.refs++
		o.Ref = "o" + strconv.Itoa(p.refs)
	}
	f.Order = o
	p.orders = append(p.orders, ordered{name, o.Ref, at.Date(p.story.Shop.Zone), at})
	return f
}

// amountNext tells whether an amount such as 19.99 EUR comes next.
func (p *parser) amountNext() bool {
	if len(p.List) < 2 {
		return false
	}
	_, err := money.Parse(p.List[0], 4)
	_, known := money.Decimals(p.List[1])
	return err == nil && known
}

// amount reads 19.99 EUR; another currency than the shop's is the engine's to refuse.
func (p *parser) amount() (int64, string) {
	w, currency := p.Next(), p.Next()
	d, _ := money.Decimals(currency)
	v, err := money.Parse(w, d)
	if err != nil {
		p.fail("%q is not an amount such as 20.00", w)
	}
	return v, currency
}

// article reads 2 MUG [for 10.00] [in drinks]; amount is -1 when none is said.
func (p *parser) article() (n int64, sku string, amount int64, category string) {
	w := p.Next()
	n, err := strconv.ParseInt(w, 10, 64)
	if err != nil || n <= 0 {
		p.fail("expected a number of articles, found %q", w)
	}
	sku, amount = strings.TrimPrefix(p.Next(), `"`), -1
	if sku == "" {
		p.fail("expected an article")
	}
	if p.Accept("for") {
		amount = p.plain()
	}
	if p.Peek() == "in" && (len(p.List) < 2 || p.List[1] != "channel") {
		p.Next()
		category = strings.TrimPrefix(p.Next(), `"`)
	}
	return n, sku, amount, category
}

// plain reads 10.00, in the shop's currency, which may follow.
func (p *parser) plain() int64 {
	w := p.Next()
	v, err := money.Parse(w, p.story.Shop.Decimals)
	if err != nil {
		p.fail("%q is not an amount such as 20.00", w)
	}
	p.Accept(p.story.Shop.Currency)
	return v
}

// orderOf reads "order 1001" or "the order of 2026-03-02".
func (p *parser) orderOf(name string) string {
	if p.Accept("order") {
		ref := p.Next()
		if ref == "" {
			p.fail("expected the reference of an order")
		}
		return ref
	}
	p.want("the", "order", "of")
	w := p.when()
	var found []ordered
	for _, o := range p.orders {
		if o.member == name && (o.at == w.t || w.day && o.day == w.t.Date(p.story.Shop.Zone)) {
			found = append(found, o)
		}
	}
	if len(found) != 1 {
		p.fail("there are %d orders of that date: name one with as ref", len(found))
		return ""
	}
	return found[0].ref
}

func (p *parser) refund(name string) *loyalty.Fact {
	f := p.fact(loyalty.Refunded, name)
	r := &loyalty.Refund{}
	f.Refund = r
	switch {
	case p.Peek() == "order" || p.Peek() == "the":
		r.Series, r.Ref = feed, p.orderOf(name)
		return f
	case p.amountNext():
		r.Amount, _ = p.amount()
		p.want("of")
		r.Series, r.Ref = feed, p.orderOf(name)
		return f
	}
	for {
		n, sku, amount, category := p.article()
		r.Lines = append(r.Lines, loyalty.RefundLine{SKU: sku, Category: category, Quantity: n, Amount: max(0, amount)})
		if p.err != nil || !p.Accept(",") {
			break
		}
	}
	if p.Accept("of") {
		r.Series, r.Ref = feed, p.orderOf(name)
	}
	return f
}

// quantity reads 100 points, 3 stamps [of "Card"] or 5.00 EUR. The unit of stamps is
// completed when the story runs, when their program has its id.
func (p *parser) quantity() (int64, string) {
	w, unit := p.Next(), p.Next()
	decimals := 0
	switch unit {
	case "point", rules.Points:
		unit, decimals = rules.Points, p.story.Shop.PointDecimals
	case "referral", rules.Referrals:
		unit = rules.Referrals
		if p.Accept("of") {
			unit += ":" + p.quoted()
		}
	case "stamp", rules.Stamps:
		unit = rules.Stamps
		if p.Accept("of") {
			unit += ":" + p.quoted()
		}
	default:
		d, ok := money.Decimals(unit)
		if !ok {
			p.fail("%q is not a unit: points, stamps, or a currency", unit)
		}
		decimals = d
	}
	n, err := money.Parse(strings.TrimPrefix(w, "+"), decimals)
	if err != nil {
		p.fail("%q is not an amount of %s", w, unit)
	}
	return n, unit
}
