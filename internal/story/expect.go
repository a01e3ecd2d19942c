package story

import (
	"slices"
	"strconv"
	"strings"

	"cagnotte/internal/loyalty"
	"cagnotte/internal/money"
	"cagnotte/internal/rules"
)

// expectation reads one indented line.
func (p *parser) expectation(text string) Expectation {
	e := Expectation{Line: p.line, Text: text}
	switch {
	case p.accept("nothing"):
		e.kind = expectNothing
		return e
	case p.accept("refused:"):
		p.words = append([]string{":"}, p.words...)
		p.refused(&e)
		return e
	case p.accept("refused"):
		p.refused(&e)
		return e
	}
	e.member = p.next()
	if !slices.Contains(p.story.Members, e.member) {
		p.fail("nobody is named %q", e.member)
		return e
	}
	switch w := p.peek(); {
	case p.accept("refused"):
		p.refused(&e)
	case p.accept("has"):
		p.balance(&e)
	case p.accept("owes"):
		e.kind = expectDebt
		p.units(&e)
	case p.accept("lots"):
		p.lotList(&e)
	case p.accept("voucher"):
		p.voucher(&e)
	case strings.HasPrefix(w, "+"), strings.HasPrefix(w, "-"):
		p.units(&e)
		if p.accept("pending", "until") {
			w := p.when()
			e.until = &w
		}
		p.label(&e)
	default:
		e.kind = expectOpened
		p.units(&e)
		p.want("opened")
		p.label(&e)
	}
	return e
}

// units reads an amount with its unit.
func (p *parser) units(e *Expectation) {
	n, unit := p.quantity()
	unit, program, _ := strings.Cut(unit, ":")
	e.amount, e.unit, e.program = n, unit, program
}

// label reads the rule, the part and the program that a movement comes from.
func (p *parser) label(e *Expectation) {
	if p.peek() != "" && p.peek() != "in" {
		e.rule = p.next()
		if part := p.peek(); part == string(loyalty.AsFriend) || part == string(loyalty.AsReferrer) {
			e.part = p.next()
		}
	}
	if p.accept("in") {
		e.program = p.quoted()
	}
}

// refused reads "refer: BELOW_MINIMUM need 20.00 got 19.99", or ": WRONG_CURRENCY" where
// the fact itself is refused.
func (p *parser) refused(e *Expectation) {
	e.kind = expectRefused
	text := strings.Join(p.words, " ")
	label, rest, ok := strings.Cut(text, ":")
	if !ok {
		p.fail("expected refused RULE: CODE, or refused: CODE for the whole fact")
		return
	}
	if words := strings.Fields(label); len(words) > 0 {
		e.rule = words[0]
		if len(words) > 1 {
			e.part = words[1]
		}
	}
	words := strings.Fields(rest)
	p.words = nil
	if len(words) == 0 || len(words)%2 == 0 {
		p.fail("a refusal has a code, then figures such as need 20.00 got 19.99")
		return
	}
	e.code, e.figures = loyalty.Reason(words[0]), map[string]string{}
	for i := 1; i < len(words); i += 2 {
		e.figures[words[i]] = words[i+1]
	}
}

func (p *parser) balance(e *Expectation) {
	e.kind = expectBalance
	if len(p.words) > 1 && strings.HasPrefix(p.words[1], "voucher") {
		e.kind = expectVouchers
		n, err := strconv.ParseInt(p.next(), 10, 64)
		if err != nil {
			p.fail("expected a number of vouchers")
		}
		p.next()
		e.amount = n
		return
	}
	p.units(e)
	if !p.accept(",") {
		return
	}
	n, err := money.Parse(p.next(), p.decimals(e.unit))
	if err != nil {
		p.fail("expected an amount that is pending")
	}
	e.pending = n
	p.want("pending")
}

func (p *parser) decimals(unit string) int {
	if unit == rules.Points || unit == rules.Stamps {
		return 0
	}
	d, _ := money.Decimals(unit)
	return d
}

// lotList reads "45 points until 2027-03-02, 500 points pending": all lots of a unit that
// have something left, in the order in which they are spent.
func (p *parser) lotList(e *Expectation) {
	e.kind = expectLots
	for p.err == nil {
		var one Expectation
		p.units(&one)
		if len(e.lots) > 0 && (one.unit != e.unit || one.program != e.program) {
			p.fail("the lots of one line have one unit")
		}
		e.unit, e.program = one.unit, one.program
		l := expectedLot{amount: one.amount}
		if l.pending = p.accept("pending"); !l.pending && p.accept("from") {
			w := p.when()
			l.from = &w
		}
		if p.accept("until") {
			w := p.when()
			l.until = &w
		}
		e.lots = append(e.lots, l)
		if !p.accept(",") {
			return
		}
	}
}

func (p *parser) voucher(e *Expectation) {
	e.kind = expectVoucher
	if p.accept("withdrawn") {
		e.kind = expectWithdrawn
		if p.peek() == "" {
			return
		}
	}
	v := &e.voucher
	switch v.kind = p.next(); v.kind {
	case "cash":
		v.amount = p.plain()
	case "product", "category":
		n, err := strconv.ParseInt(p.next(), 10, 64)
		if err != nil {
			p.fail("expected a number of articles")
		}
		v.amount, v.article = n, strings.TrimPrefix(p.next(), `"`)
	default:
		p.fail("a voucher is for a product, a category or cash, not %q", v.kind)
	}
	if p.accept("until") {
		w := p.when()
		e.until = &w
	}
}
