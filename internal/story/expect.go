package story

import (
	"slices"
	"strconv"
	"strings"

	"cagnotte/internal/locale"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/money"
	"cagnotte/internal/rules"
)

// expectation reads one indented line.
func (p *parser) expectation(text string) Expectation {
	e := Expectation{Line: p.line, Text: text}
	switch {
	case p.Accept("nothing"):
		e.kind = expectNothing
		return e
	case p.Accept("refused:"):
		p.List = append([]string{":"}, p.List...)
		p.refused(&e)
		return e
	case p.Accept("refused"):
		p.refused(&e)
		return e
	case p.Accept("code"):
		p.codeState(&e)
		return e
	case p.Accept("discount"):
		p.discount(&e)
		return e
	case p.Accept("to", "pay"):
		e.kind, e.amount = expectToPay, p.plain()
		return e
	case p.Accept("says"):
		e.kind, e.language = expectSaid, p.Next()
		if !slices.Contains(locale.Tags, e.language) {
			p.fail("receipts speak %s", strings.Join(locale.Tags, ", "))
		}
		e.text = p.quoted()
		return e
	}
	e.member = p.Next()
	if !slices.Contains(p.story.Members, e.member) {
		p.fail("nobody is named %q", e.member)
		return e
	}
	switch w := p.Peek(); {
	case p.Accept("refused"):
		p.refused(&e)
	case p.Accept("has"):
		p.balance(&e)
	case p.Accept("owes"):
		e.kind = expectDebt
		p.units(&e)
	case p.Accept("claim"):
		p.claimState(&e)
	case p.Accept("used"):
		p.usedTimes(&e)
	case p.Accept("lots"):
		p.lotList(&e)
	case p.Accept("voucher"):
		p.voucher(&e)
	case p.Accept("gift"), p.Accept("choice"):
		p.gift(&e, w)
	case p.Accept("bond"):
		p.bond(&e)
	case p.Accept("friends"):
		e.kind = expectFriends
		n, err := strconv.ParseInt(p.Next(), 10, 64)
		if err != nil {
			p.fail("expected a number of friends")
		}
		e.amount = n
	case strings.HasPrefix(w, "+"), strings.HasPrefix(w, "-"):
		p.units(&e)
		if p.Accept("pending", "until") {
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
	if p.Peek() != "" && p.Peek() != "in" {
		e.rule = p.Next()
		if part := p.Peek(); part == string(loyalty.AsFriend) || part == string(loyalty.AsReferrer) {
			e.part = p.Next()
		}
	}
	if p.Accept("in") {
		e.program = p.quoted()
	}
}

// refused reads "refer: BELOW_MINIMUM need 20.00 got 19.99", or ": WRONG_CURRENCY" where
// the fact itself is refused.
func (p *parser) refused(e *Expectation) {
	e.kind = expectRefused
	text := p.Rest()
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
	p.List = nil
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
	if len(p.List) > 1 && strings.HasPrefix(p.List[1], "voucher") {
		e.kind = expectVouchers
		n, err := strconv.ParseInt(p.Next(), 10, 64)
		if err != nil {
			p.fail("expected a number of vouchers")
		}
		p.Next()
		e.amount = n
		return
	}
	p.units(e)
	if !p.Accept(",") {
		return
	}
	n, err := money.Parse(p.Next(), p.decimals(e.unit))
	if err != nil {
		p.fail("expected an amount that is pending")
	}
	e.pending = n
	p.want("pending")
}

func (p *parser) decimals(unit string) int {
	switch unit {
	case rules.Points:
		return p.story.Shop.PointDecimals
	case rules.Stamps, rules.Referrals:
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
		if l.pending = p.Accept("pending"); !l.pending && p.Accept("from") {
			w := p.when()
			l.from = &w
		}
		if p.Accept("until") {
			w := p.when()
			l.until = &w
		}
		e.lots = append(e.lots, l)
		if !p.Accept(",") {
			return
		}
	}
}

func (p *parser) voucher(e *Expectation) {
	e.kind = expectVoucher
	if p.Accept("withdrawn") {
		e.kind = expectWithdrawn
		if p.Peek() == "" {
			return
		}
	}
	v := &e.voucher
	switch v.kind = p.Next(); v.kind {
	case "cash", "special":
		if len(p.List) > 1 && p.List[1] == "%" {
			v.percent = p.hundredths()
		} else {
			v.amount = p.plain()
		}
	case "product", "category":
		n, err := strconv.ParseInt(p.Next(), 10, 64)
		if err != nil {
			p.fail("expected a number of articles")
		}
		v.amount, v.article = n, strings.TrimPrefix(p.Next(), `"`)
	default:
		p.fail("a voucher is for a product, a category, cash or special, not %q", v.kind)
	}
	if v.kind == "category" && p.Accept("at") {
		v.percent = p.hundredths()
	}
	v.times = 1
	if len(p.List) > 1 && p.List[1] == "times" && p.List[0] != "any" {
		n, err := strconv.ParseInt(p.Next(), 10, 64)
		if err != nil {
			p.fail("expected how many times")
		}
		p.Next()
		v.times = n
	}
	if p.Accept("until") {
		w := p.when()
		e.until = &w
	}
}

// hundredths reads "10 %" as 1000.
func (p *parser) hundredths() int64 {
	n, err := money.Parse(p.Next(), 2)
	if err != nil {
		p.fail("expected a per cent")
	}
	p.want("%")
	return n
}

// gift reads `gift "Mug"`, `gift withdrawn "Mug"`, `choice`, `choice withdrawn`.
func (p *parser) gift(e *Expectation, what string) {
	e.kind = expectGift
	if p.Accept("withdrawn") {
		e.kind = expectGiftGone
	}
	if what == "gift" {
		e.text = rules.Unquote(p.Next())
	}
}

// bond reads "bond anna rewarded", "bond anna refused SELF_REFERRAL", "bond none".
func (p *parser) bond(e *Expectation) {
	e.kind = expectBond
	if p.Accept("none") {
		return
	}
	e.other, e.text = p.name(), p.Next()
	if w := p.Peek(); w != "" {
		e.code = loyalty.Reason(p.Next())
	}
}
