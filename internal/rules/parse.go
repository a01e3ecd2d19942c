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
	Currency      string
	Decimals      int
	PointDecimals int
	Zone          *time.Location
}

// SettingOf takes them from a shop.
func SettingOf(s *loyalty.Shop) Setting {
	return Setting{s.Currency, s.Decimals, s.PointDecimals, s.Zone}
}

// Source is one line of a text with its number in the file.
type Source struct {
	N    int
	Text string
}

// ParseFile reads a file of one or more programs: each begins with the word `program` at
// the left edge. docs/programs.md has the grammar. Errors are *ParseError.
func ParseFile(file string, s Setting) ([]*Document, error) {
	out, wrong := readFile(file, s, 1)
	if len(wrong) > 0 {
		return nil, wrong[0]
	}
	return out, nil
}

// begins tells whether a line is the first one of a program.
func begins(line string) bool {
	rest, ok := strings.CutPrefix(line, "program")
	return ok && (rest == "" || strings.ContainsRune(" \t\"", rune(rest[0])))
}

// Parse reads one program block, whose first line begins with `program`.
func Parse(block []Source, s Setting) (*Document, error) {
	d, wrong := readBlock(block, s, 1)
	if len(wrong) > 0 {
		return nil, wrong[0]
	}
	return d, nil
}

// readBlock reads a program line by line, and goes on behind a line that cannot be read
// until most of them were found.
func readBlock(block []Source, s Setting, most int) (*Document, []*ParseError) {
	d, taken := &Document{Name: "program"}, map[string]int{}
	var wrong []*ParseError
	for i, src := range block {
		text := strings.TrimSpace(src.Text)
		if i == 0 {
			text = strings.TrimSpace(strings.TrimPrefix(text, "program"))
			if name, ok := strings.CutPrefix(text, `"`); ok {
				name, rest, ok := strings.Cut(name, `"`)
				if !ok || name == "" || len(name) > loyalty.MaxText {
					wrong = append(wrong, unreadable(src.N, "the program's name wants closing quotes and 1 to 200 characters"))
					if len(wrong) >= most {
						return d, wrong
					}
					continue
				}
				d.Name, text = name, strings.TrimSpace(rest)
			}
		}
		if text == "" {
			continue
		}
		p := &parser{line: src.N, set: s, doc: d, taken: taken, Words: WordsOf(text)}
		for _, w := range p.List {
			if strings.LastIndexByte(w, '"') > 0 || w == `"` {
				p.fail("quotes hold whole words together: %s", w)
			}
		}
		if p.err == nil {
			p.statement()
		}
		if len(d.Rules) > MaxRules {
			p.fail("a program has at most %d rules", MaxRules)
		}
		if p.err != nil {
			if wrong = append(wrong, p.err); len(wrong) >= most || len(d.Rules) > MaxRules {
				return d, wrong
			}
		}
	}
	switch {
	case len(wrong) > 0:
	case len(d.Rules) == 0:
		wrong = append(wrong, unreadable(block[0].N, "a program wants at least one rule"))
	case d.Ends != 0 && d.Ends <= d.Starts:
		wrong = append(wrong, unreadable(block[0].N, "the program ends before it starts"))
	}
	return d, wrong
}

// MaxRules bounds one program.
const MaxRules = 1_000

type parser struct {
	Words
	line int
	set  Setting
	doc  *Document
	err  *ParseError
	said []string // the clauses of the rule so far

	taken map[string]int // of the program's rules: how many were named after each
}

func (p *parser) fail(format string, args ...any) {
	if p.err == nil {
		p.err = unreadable(p.line, format, args...)
	}
}

func (p *parser) want(words ...string) {
	if !p.Accept(words...) {
		p.fail("expected %q, found %q", strings.Join(words, " "), p.Rest())
	}
}

func (p *parser) number() int64 {
	w := p.Next()
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
	if !p.Accept("day") {
		p.want("days")
	}
	return int(n)
}

// amount reads "20.00 EUR" in the shop's currency.
func (p *parser) amount() int64 {
	w := p.Next()
	v, err := money.Parse(w, p.set.Decimals)
	if err != nil || v <= 0 {
		p.fail("%q is not an amount such as 20.00", w)
		return 0
	}
	if c := p.Next(); c != p.set.Currency {
		p.fail("the amount is in %q, the shop's currency is %s", c, p.set.Currency)
	}
	return v
}

// hundredths reads "2.5" as 250.
func (p *parser) hundredths(most int64) int64 {
	w := p.Next()
	v, err := money.Parse(w, 2)
	if err != nil || v <= 0 || v > most {
		p.fail("%q is not a number between 0.01 and %s", w, money.Text(most, 2))
	}
	return v
}

// quantity reads "500 points", "3 stamps", "1 referral" or "5.00 EUR".
func (p *parser) quantity() (n int64, unit string) {
	if len(p.List) >= 2 {
		switch p.List[1] {
		case "point", "points":
			return p.counted(p.set.PointDecimals), Points
		case "stamp", "stamps":
			return p.counted(0), Stamps
		case "referral", "referrals":
			return p.counted(0), Referrals
		}
	}
	return p.amount(), p.set.Currency
}

func (p *parser) counted(decimals int) (n int64) {
	if decimals == 0 {
		n = p.number()
	} else {
		w := p.Next()
		v, err := money.Parse(w, decimals)
		if err != nil || v <= 0 {
			p.fail("%q is not a number of points with at most %d decimals", w, decimals)
		}
		n = v
	}
	p.Next()
	return n
}

func (p *parser) date() (t moment.Time, day bool) {
	w := p.Next()
	t, day, err := moment.ParseLocal(w, p.set.Zone)
	if err != nil {
		p.fail("%q is neither a day (2026-03-01) nor a time (2026-03-01T09:30)", w)
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

// statement reads a line of a program: what holds for all of it, or a rule.
func (p *parser) statement() {
	switch {
	case p.Accept("starts"):
		p.doc.Starts, _ = p.date()
	case p.Accept("ends"):
		p.doc.Ends = p.endDate()
	case p.Accept("referral", "window"):
		p.doc.Referral.WindowDays = p.days()
	case p.Accept("referral", "last", "touch"):
		p.doc.Referral.LastTouch = true
	case p.Accept("referral", "expires", "after"):
		p.doc.Referral.ExpireDays = p.days()
	case p.Accept("referral", "held", "from", "score"):
		p.doc.Referral.HoldScore = p.number()
	case p.Accept("referral", "of", "buyers", "too"):
		p.doc.Referral.Buyers = true
	case p.Accept("referral", "of", "members", "too"):
		p.doc.Referral.Members = true
	case p.Accept("at", "most"):
		p.doc.Cap = p.cap()
		if p.err == nil && (p.doc.Cap.What != Rewards || p.doc.Cap.Period == "order") {
			p.fail("a program's cap is in rewards, per day, month, year, or ever")
		}
	case p.Accept("budget"):
		p.budget(&p.doc.Budget)
	default:
		p.rule()
	}
	if p.err == nil && len(p.List) > 0 {
		p.fail("did not expect %q", p.Rest())
	}
}

func (p *parser) rule() {
	r := Rule{Trigger: OnOrder}
	if name, ok := strings.CutSuffix(p.Peek(), ":"); ok && name[:min(1, len(name))] != `"` {
		if name == "" || len(name) > 40 {
			p.fail("a rule's name has 1 to 40 characters")
		}
		r.Name = name
		p.Next()
	}
	p.said = nil
	head := p.Next()
	switch head {
	case "earn":
		r.Gives = []Give{p.reward(loyalty.AsMember)}
	case "stamp":
		p.stamp(&r)
	case "refer":
		p.refer(&r)
	case "exchange":
		p.exchange(&r)
	case "multiply":
		p.multiply(&r)
	case "discount":
		p.discount(&r)
	case "pay":
		p.pay(&r)
	default:
		p.fail("a rule begins with earn, stamp, refer, multiply, exchange, discount or pay, not %q", head)
	}
	for p.err == nil && p.clause(&r) {
	}
	if p.err == nil {
		p.finish(&r, head)
	}
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
	case p.Accept("per", "item"):
		g.Measure = PerItem
	case p.Accept("per", "order"):
	case len(p.List) > 2 && p.List[0] == "per" && p.List[2] == "items":
		p.Next()
		g.Measure, g.Per = PerItem, p.number()
		p.Next()
		if g.Per == 1 {
			g.Per = 0
		}
	case p.Accept("per"):
		g.Measure, g.Per = PerAmount, p.amount()
	}
}

func (p *parser) refer(r *Rule) {
	r.Refer = true
	for {
		part := loyalty.Part(p.Next())
		if part != loyalty.AsFriend && part != loyalty.AsReferrer {
			p.fail("refer rewards the friend or the referrer, not %q", part)
			return
		}
		g := p.reward(part)
		if g.Unit == Stamps {
			p.fail("a referral gives points, money, referrals, vouchers or gifts")
		}
		if slices.ContainsFunc(r.Gives, func(x Give) bool {
			return x.Part == part && x.Unit == g.Unit && g.Unit != "" || x.Part == part && x.Unit == "" && g.Unit == ""
		}) {
			p.fail("the %s is rewarded twice by one rule", part)
		}
		r.Gives = append(r.Gives, g)
		if len(p.List) < 2 || p.List[0] != "," || p.List[1] != string(loyalty.AsReferrer) && p.List[1] != string(loyalty.AsFriend) {
			return
		}
		p.Next() // the comma
	}
}

func (p *parser) exchange(r *Rule) {
	r.Trigger = OnThreshold
	r.Need, r.Unit = p.quantity()
	p.want("for")
	g := p.reward(loyalty.AsMember)
	if g.Measure != Fixed {
		p.fail("an exchange gives a fixed amount")
	}
	r.Gives = []Give{g}
}

func (p *parser) multiply(r *Rule) {
	switch {
	case p.Accept("points"):
		r.Unit = Points
	case p.Accept("stamps"):
		r.Unit = Stamps
	case p.Accept(p.set.Currency):
		r.Unit = p.set.Currency
	default:
		p.fail("multiply points, stamps or %s, not %q", p.set.Currency, p.Peek())
	}
	p.want("by")
	r.Times = p.hundredths(100 * 100)
}

// finish checks what only the whole rule shows, and names it.
func (p *parser) finish(r *Rule, head string) {
	if r.Round == money.Down && slices.Contains(p.said, "round") && slices.ContainsFunc(r.Gives, func(g Give) bool { return g.Measure == Percent }) {
		r.Step = max(1, r.Step) // a per cent is rounded to the nearest where nothing is said
	}
	p.finishTrigger(r, head)
	if r.checkout() {
		p.finishCheckout(r, head)
	} else {
		p.finishCaps(r)
	}
	if r.Cap.Period == "order" && r.Cap.What == Rewards {
		p.fail("a cap per order is in units")
	}
	if r.Exclusive == AloneGroup && r.Multiplies() || r.Exclusive != "" && head == "exchange" {
		p.fail("%s is never exclusive", head)
	}
	r.Name = p.name(r.Name, head)
	p.doc.Rules = append(p.doc.Rules, *r)
}

// Multiplies tells whether the rule only scales what others earn.
func (r *Rule) Multiplies() bool { return r.Times > 0 }

// checkout tells whether the rule is about the cart at hand.
func (r *Rule) checkout() bool { return r.Discount != nil || r.Pay != nil }

// Orders tells whether a trigger has an order, or a cart, to look at.
func (r *Rule) Orders() bool {
	return slices.Contains([]string{OnOrder, OnPlaced, OnFulfilled, OnCart}, r.Trigger)
}

func (p *parser) finishTrigger(r *Rule, head string) {
	w, none := &r.When, Recurrence{}
	looks := w.Minimum+w.Items+w.Basket+w.BasketItems > 0 || len(w.Codes) > 0 || !r.Of.Empty() || !r.Except.Empty() || r.Basis != Basis{}
	switch {
	case head == "exchange":
		if r.Trigger != OnThreshold {
			p.fail("an exchange happens when enough is there, or when asked")
		}
		if looks || r.Recur != none || r.WaitDays > 0 || r.Absorb || r.Round != money.Down || r.Step > 0 || r.Last {
			p.fail("an exchange has no order to look at: it says who may, how often, and how long what it gives is valid")
		}
	case r.Trigger == OnThreshold:
		p.fail("only an exchange is made when asked")
	case r.checkout():
	case r.Multiplies():
		if !r.Orders() || r.Recur != none || r.WaitDays > 0 || r.Expiry != (Expiry{}) || r.Cap.N > 0 || !r.Budget.None() || r.Worth > 0 {
			p.fail("a multiplier only says on which orders and lines it holds")
		}
	case !r.Orders():
		for _, g := range r.Gives {
			if g.Measure != Fixed && r.Trigger != OnCustomEvent {
				p.fail("%s gives a fixed amount", p.onWords(r))
			}
		}
		if looks && r.Trigger != OnCustomEvent {
			p.fail("%s has no order to look at", p.onWords(r))
		}
		if slices.Contains([]string{First, Very, Nth, Every}, r.Recur.Kind) && slices.Contains([]string{OnSignUp, OnReaching, OnBirthday, OnValidated}, r.Trigger) {
			p.fail("%s comes once, or each time", p.onWords(r))
		}
	}
	placed := r.Orders() || r.checkout() || slices.Contains([]string{OnSignUp, OnPortal, OnNewsletter, OnRedeemed, OnStep, OnCustomEvent}, r.Trigger)
	if len(w.Channels)+len(w.Sites) > 0 && !placed {
		p.fail("%s has no channel and no site", p.onWords(r))
	}
	if len(w.Where) > 0 && !slices.Contains([]string{OnStep, OnCustomEvent, OnPortal, OnNewsletter}, r.Trigger) {
		p.fail("%s has no attributes to look at: where is for events", p.onWords(r))
	}
	if r.Recur.Together > 0 && (!r.Orders() || r.Recur.Kind != Each) {
		p.fail("orders counted together reward once, when they reach the sum")
	}
	if r.Refer && !slices.Contains([]string{OnOrder, OnPlaced, OnFulfilled, OnSignUp, OnInvitation, OnClick, OnValidated, OnPortal, OnNewsletter, OnCustomEvent, OnStep}, r.Trigger) {
		p.fail("refer does not work %s", p.onWords(r))
	}
	if !r.Refer && slices.Contains([]string{OnValidated, OnInvitation}, r.Trigger) && head != "exchange" {
		p.fail("%s rewards friend or referrer: write refer", p.onWords(r))
	}
	if w.Buyer && !r.Refer {
		p.fail("only refer asks whether the referrer has ordered")
	}
	if !r.checkout() && (w.Chosen || w.Discounted) {
		p.fail("only a discount is chosen, or looks at what other discounts left")
	}
	if len(r.Gives) == 0 && !r.Multiplies() && !r.checkout() {
		p.fail("the rule gives nothing")
	}
}

func (p *parser) finishCaps(r *Rule) {
	if r.Cap.N > 0 && r.Cap.What != Rewards && (len(r.Gives) != 1 || r.Gives[0].Unit != r.Cap.What) {
		p.fail("a cap in units wants a rule that gives that unit to one beneficiary")
	}
	if r.Budget.Money > 0 {
		for _, g := range r.Gives {
			if r.Worth == 0 && g.Unit != p.set.Currency && !(g.Voucher != nil && g.Voucher.Amount > 0 && (g.Voucher.Kind == "cash" || g.Voucher.Kind == "special")) {
				p.fail("a budget in money wants to know what the reward is worth: add worth 0.01 %s", p.set.Currency)
			}
		}
	}
}

// name makes rule names unique within the program: earn, earn-2, …
func (p *parser) name(name, head string) string {
	if name != "" {
		if p.taken[name] > 0 {
			p.fail("two rules are named %q", name)
		}
		p.taken[name]++
		return name
	}
	for {
		name = head
		if p.taken[head]++; p.taken[head] > 1 {
			name = fmt.Sprintf("%s-%d", head, p.taken[head])
		}
		if name == head || p.taken[name] == 0 {
			break
		}
	}
	if name != head {
		p.taken[name]++
	}
	return name
}
