package rules

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/money"
)

// Setting is what a program text leaves to its shop.
type Setting struct {
	Currency string
	Decimals int
	Zone     *time.Location
}

// SettingOf takes them from a shop.
func SettingOf(s *loyalty.Shop) Setting { return Setting{s.Currency, s.Decimals, s.Zone} }

// ParseError says which line of a program text cannot be read, and why.
type ParseError struct {
	Line int
	Why  string
}

// Error is one sentence with the line's number.
func (e *ParseError) Error() string { return fmt.Sprintf("line %d: %s", e.Line, e.Why) }

// Source is one line of a text with its number in the file.
type Source struct {
	N    int
	Text string
}

// ParseFile reads a file of one or more programs: each begins with the word `program` at
// the left edge. docs/programs.md has the grammar. Errors are *ParseError.
func ParseFile(file string, s Setting) ([]*Document, error) {
	var (
		out   []*Document
		block []Source
	)
	flush := func() error {
		if block == nil {
			return nil
		}
		d, err := Parse(block, s)
		block = nil
		out = append(out, d)
		return err
	}
	for i, line := range strings.Split(file, "\n") {
		line = Uncomment(line)
		switch {
		case line == "":
		case begins(line):
			if err := flush(); err != nil {
				return nil, err
			}
			block = []Source{{i + 1, line}}
		case block == nil:
			return nil, &ParseError{i + 1, "a program begins with the word program"}
		default:
			block = append(block, Source{i + 1, line})
		}
	}
	if err := flush(); err != nil {
		return nil, err
	}
	if len(out) == 0 {
		return nil, &ParseError{1, "there is no program in this text"}
	}
	return out, nil
}

// begins tells whether a line is the first one of a program.
func begins(line string) bool {
	rest, ok := strings.CutPrefix(line, "program")
	return ok && (rest == "" || strings.ContainsRune(" \t\"", rune(rest[0])))
}

// Uncomment cuts a comment and the space on the right; # in quotes is no comment.
func Uncomment(line string) string {
	quoted := false
	for i := range len(line) {
		if line[i] == '"' {
			quoted = !quoted
		} else if line[i] == '#' && !quoted {
			line = line[:i]
			break
		}
	}
	return strings.TrimRight(line, " \t\r")
}

// Parse reads one program block, whose first line begins with `program`.
func Parse(block []Source, s Setting) (*Document, error) {
	d := &Document{Name: "program"}
	for i, src := range block {
		text := strings.TrimSpace(src.Text)
		if i == 0 {
			text = strings.TrimSpace(strings.TrimPrefix(text, "program"))
			if name, ok := strings.CutPrefix(text, `"`); ok {
				name, rest, ok := strings.Cut(name, `"`)
				if !ok || name == "" || len(name) > loyalty.MaxText {
					return nil, &ParseError{src.N, "the program's name wants closing quotes and 1 to 200 characters"}
				}
				d.Name, text = name, strings.TrimSpace(rest)
			}
		}
		if text == "" {
			continue
		}
		p := &parser{line: src.N, set: s, doc: d, words: tokens(text)}
		for _, w := range p.words {
			if strings.LastIndexByte(w, '"') > 0 || w == `"` {
				p.fail("quotes hold whole words together: %s", w)
			}
		}
		if p.err == nil {
			p.statement()
		}
		if p.err != nil {
			return nil, p.err
		}
	}
	if len(d.Rules) == 0 {
		return nil, &ParseError{block[0].N, "a program wants at least one rule"}
	}
	if d.Ends != 0 && d.Ends <= d.Starts {
		return nil, &ParseError{block[0].N, "the program ends before it starts"}
	}
	return d, nil
}

// tokens splits a line into words; commas stand alone and quotes hold words together.
func tokens(s string) []string {
	var out []string
	for s = strings.TrimSpace(s); s != ""; s = strings.TrimLeft(s, " \t") {
		switch {
		case s[0] == ',':
			out, s = append(out, ","), s[1:]
		case s[0] == '"' && strings.Contains(s[1:], `"`):
			word, rest, _ := strings.Cut(s[1:], `"`)
			out, s = append(out, `"`+word), rest
		default:
			end := strings.IndexAny(s, " \t,")
			if end < 0 {
				end = len(s)
			}
			out, s = append(out, s[:end]), s[end:]
		}
	}
	return out
}

type parser struct {
	line  int
	set   Setting
	doc   *Document
	words []string
	err   error
}

func (p *parser) fail(format string, args ...any) {
	if p.err == nil {
		p.err = &ParseError{p.line, fmt.Sprintf(format, args...)}
	}
}

func (p *parser) peek() string {
	if len(p.words) == 0 {
		return ""
	}
	return p.words[0]
}

func (p *parser) next() string {
	w := p.peek()
	if w != "" {
		p.words = p.words[1:]
	}
	return w
}

// accept takes the words if they come next.
func (p *parser) accept(words ...string) bool {
	if len(p.words) < len(words) || !slices.Equal(p.words[:len(words)], words) {
		return false
	}
	p.words = p.words[len(words):]
	return true
}

func (p *parser) want(words ...string) {
	if !p.accept(words...) {
		p.fail("expected %q, found %q", strings.Join(words, " "), strings.Join(p.words, " "))
	}
}

func (p *parser) number() int64 {
	w := p.next()
	n, err := strconv.ParseInt(w, 10, 64)
	if err != nil || n <= 0 || n > money.Max {
		p.fail("%q is not a whole number above zero", w)
		return 0
	}
	return n
}

func (p *parser) days() int {
	n := p.number()
	if n > 36_500 {
		p.fail("%d days is more than a hundred years", n)
	}
	return int(n)
}

// amount reads "20.00 EUR" in the shop's currency.
func (p *parser) amount() int64 {
	w := p.next()
	v, err := money.Parse(w, p.set.Decimals)
	if err != nil || v <= 0 {
		p.fail("%q is not an amount such as 20.00", w)
		return 0
	}
	if c := p.next(); c != p.set.Currency {
		p.fail("the amount is in %q, the shop's currency is %s", c, p.set.Currency)
	}
	return v
}

// quantity reads "500 points", "3 stamps" or "5.00 EUR".
func (p *parser) quantity() (n int64, unit string) {
	if len(p.words) >= 2 {
		switch p.words[1] {
		case "point", "points":
			n = p.number()
			p.next()
			return n, Points
		case "stamp", "stamps":
			n = p.number()
			p.next()
			return n, Stamps
		}
	}
	return p.amount(), p.set.Currency
}

func (p *parser) date() (t moment.Time, day bool) {
	w := p.next()
	t, day, err := moment.ParseLocal(w, p.set.Zone)
	if err != nil {
		p.fail("%v", err)
	}
	return t, day
}

// endDate is exclusive: a day is included whole.
func (p *parser) endDate() moment.Time {
	t, day := p.date()
	if day && p.err == nil {
		return t.NextDay(p.set.Zone)
	}
	return t
}

func (p *parser) statement() {
	switch {
	case p.accept("starts"):
		p.doc.Starts, _ = p.date()
	case p.accept("ends"):
		p.doc.Ends = p.endDate()
	default:
		p.rule()
	}
	if p.err == nil && len(p.words) > 0 {
		p.fail("did not expect %q", strings.Join(p.words, " "))
	}
}

func (p *parser) rule() {
	r := Rule{Trigger: OnOrder}
	if name, ok := strings.CutSuffix(p.peek(), ":"); ok && name[:min(1, len(name))] != `"` {
		if name == "" || len(name) > 40 {
			p.fail("a rule's name has 1 to 40 characters")
		}
		r.Name = name
		p.next()
	}
	head := p.next()
	switch head {
	case "earn":
		p.earn(&r)
	case "stamp":
		p.stamp(&r)
	case "refer":
		p.refer(&r)
	case "exchange":
		p.exchange(&r)
	default:
		p.fail("a rule begins with earn, stamp, refer or exchange, not %q", head)
	}
	for p.err == nil && p.clause(&r) {
	}
	if p.err == nil {
		p.finish(&r, head)
	}
}

func (p *parser) earn(r *Rule) {
	g := Give{Part: loyalty.AsMember}
	g.Amount, g.Unit = p.quantity()
	p.measure(&g)
	r.Gives = []Give{g}
}

func (p *parser) stamp(r *Rule) {
	g := Give{Part: loyalty.AsMember, Unit: Stamps, Amount: p.number()}
	p.measure(&g)
	if g.Measure == PerAmount {
		p.fail("a stamp is given per item or per order; use earn for amounts")
	}
	r.Gives = []Give{g}
}

func (p *parser) measure(g *Give) {
	switch {
	case p.accept("per", "item"):
		g.Measure = PerItem
	case p.accept("per", "order"):
	case p.accept("per"):
		g.Measure, g.Per = PerAmount, p.amount()
	}
}

func (p *parser) refer(r *Rule) {
	r.Refer = true
	for {
		part := loyalty.Part(p.next())
		if part != loyalty.AsFriend && part != loyalty.AsReferrer {
			p.fail("refer rewards the friend or the referrer, not %q", part)
			return
		}
		g := Give{Part: part}
		g.Amount, g.Unit = p.quantity()
		p.measure(&g)
		if g.Unit == Stamps {
			p.fail("a referral gives points or money")
		}
		if slices.ContainsFunc(r.Gives, func(x Give) bool { return x.Part == part }) {
			p.fail("the %s is rewarded twice by one rule", part)
		}
		r.Gives = append(r.Gives, g)
		if len(p.words) < 2 || p.words[0] != "," || p.words[1] != string(loyalty.AsReferrer) && p.words[1] != string(loyalty.AsFriend) {
			return
		}
		p.next() // the comma
	}
}

func (p *parser) exchange(r *Rule) {
	r.Trigger = OnThreshold
	r.Need, r.Unit = p.quantity()
	p.want("for")
	v := &r.Voucher
	switch {
	case p.accept("cash", "voucher", "of"):
		v.Kind, v.Amount = "cash", p.amount()
	case p.peek() == "product" || p.peek() == "category":
		v.Kind = p.next()
		p.want("voucher", "of")
		n, err := strconv.ParseInt(p.peek(), 10, 64)
		if err != nil || n < 1 || len(p.words) < 2 || p.words[1] == "," {
			n = 1
		} else {
			p.next()
		}
		v.Amount, v.Article = n, unquote(p.next())
		if v.Article == "" {
			p.fail("a product voucher names its article")
		}
	default:
		p.fail("expected a product, category or cash voucher, found %q", strings.Join(p.words, " "))
	}
}

func unquote(w string) string { return strings.TrimPrefix(w, `"`) }

// clause reads one clause after the head; false when the line is at its end.
func (p *parser) clause(r *Rule) bool {
	if p.peek() == "" {
		return false
	}
	p.accept(",")
	switch {
	case p.accept("on", "sign-up"):
		r.Trigger = OnSignUp
	case p.accept("on", "first", "order"):
		r.First = true
	case p.accept("on", "each", "order"):
	case p.accept("from"):
		r.Minimum = p.amount()
	case p.accept("of"):
		p.articles(&r.Of)
	case p.accept("except"):
		p.articles(&r.Except)
	case p.accept("round", "down"):
		r.Round = money.Down
	case p.accept("round", "nearest"):
		r.Round = money.HalfUp
	case p.accept("round", "up"):
		r.Round = money.Up
	case p.accept("after"):
		r.WaitDays = p.days()
		if !p.accept("day") {
			p.want("days")
		}
	case p.accept("valid"):
		p.valid(r)
	case p.accept("at", "most"):
		p.cap(r)
	case p.accept("returns", "absorbed"):
		r.Absorb = true
	case p.accept("returns", "owed"):
	default:
		p.fail("cannot read %q", strings.Join(p.words, " "))
	}
	return p.err == nil
}

func (p *parser) articles(a *Articles) {
	into := &a.SKUs
	switch {
	case p.accept("articles"), p.accept("article"):
	case p.accept("categories"), p.accept("category"):
		into = &a.Categories
	}
	for p.peek() != "" && p.peek() != "," {
		*into = append(*into, unquote(p.next()))
	}
	if len(*into) == 0 {
		p.fail("expected at least one article or category")
	}
}

func (p *parser) valid(r *Rule) {
	switch {
	case p.accept("until", "the", "end", "of", "the"):
		n := map[string]int{"month": 1, "quarter": 3, "half-year": 6, "year": 12}[p.next()]
		if n == 0 {
			p.fail("value ends with the month, the quarter, the half-year or the year")
		}
		r.Expiry = Expiry{Kind: ExpiryPeriod, N: n}
	case p.accept("until"):
		r.Expiry = Expiry{Kind: ExpiryDate, Date: p.endDate()}
	default:
		n := p.days()
		switch w := p.next(); w {
		case "day", "days":
			r.Expiry = Expiry{Kind: ExpiryDays, N: n}
		case "month", "months":
			r.Expiry = Expiry{Kind: ExpiryMonths, N: n}
		default:
			p.fail("valid for days or months, not %q", w)
		}
	}
}

func (p *parser) cap(r *Rule) {
	if len(p.words) > 1 && (p.words[1] == "rewards" || p.words[1] == "reward") {
		r.Cap.N, r.Cap.What = p.number(), Rewards
		p.next()
	} else {
		r.Cap.N, r.Cap.What = p.quantity()
	}
	switch {
	case p.accept("ever"):
		r.Cap.Period = "ever"
	case p.accept("per"):
		r.Cap.Period = p.next()
		if !slices.Contains([]string{"day", "month", "year", "order"}, r.Cap.Period) {
			p.fail("a cap holds per order, day, month, year, or ever, not %q", r.Cap.Period)
		}
	default:
		p.fail("a cap holds per order, day, month, year, or ever")
	}
}

func (p *parser) finish(r *Rule, head string) {
	if r.Trigger == OnSignUp {
		for _, g := range r.Gives {
			if g.Measure != Fixed {
				p.fail("a sign-up gives a fixed amount")
			}
		}
		if r.Minimum > 0 || r.First {
			p.fail("a sign-up has no order to look at")
		}
	}
	if head == "exchange" {
		if r.Trigger != OnThreshold || r.First || r.Minimum+r.Cap.N > 0 || r.WaitDays > 0 || r.Absorb || r.Round != money.Down ||
			len(r.Of.SKUs)+len(r.Of.Categories)+len(r.Except.SKUs)+len(r.Except.Categories) > 0 {
			p.fail("an exchange happens by itself: it says how long its voucher is valid, nothing else")
		}
		switch r.Expiry.Kind {
		case "":
		case ExpiryDays:
			r.Voucher.ValidDays, r.Expiry = r.Expiry.N, Expiry{}
		default:
			p.fail("a voucher is valid for days")
		}
	}
	if r.Cap.N > 0 && r.Cap.What != Rewards && (len(r.Gives) != 1 || r.Gives[0].Unit != r.Cap.What) {
		p.fail("a cap in units wants a rule that gives that unit to one beneficiary")
	}
	if r.Cap.Period == "order" && r.Cap.What == Rewards {
		p.fail("a cap per order is in units")
	}
	r.Name = p.name(r.Name, head)
	p.doc.Rules = append(p.doc.Rules, *r)
}

// name makes rule names unique within the program: earn, earn-2, …
func (p *parser) name(name, head string) string {
	taken := func(n string) bool {
		return slices.ContainsFunc(p.doc.Rules, func(r Rule) bool { return r.Name == n })
	}
	if name != "" {
		if taken(name) {
			p.fail("two rules are named %q", name)
		}
		return name
	}
	for n, i := head, 2; ; i++ {
		if !taken(n) {
			return n
		}
		n = fmt.Sprintf("%s-%d", head, i)
	}
}
