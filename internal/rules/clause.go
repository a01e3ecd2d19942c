package rules

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"cagnotte/internal/loyalty"
	"cagnotte/internal/money"
)

// reward reads what somebody gets: an amount of a unit, a voucher, a gift, or a choice.
func (p *parser) reward(part loyalty.Part) Give {
	g := Give{Part: part}
	switch {
	case p.Accept("choice", "of"):
		for {
			g.Choice = append(g.Choice, p.reward(part))
			if p.err != nil || !p.Accept("or") {
				break
			}
		}
		if len(g.Choice) < 2 || slices.ContainsFunc(g.Choice, func(x Give) bool {
			return x.Measure != Fixed || len(x.Choice) > 0 || x.Unit == Stamps || x.Unit == Referrals
		}) {
			p.fail("a choice is between two or more fixed rewards: choice of gift \"Mug\" or 500 points")
		}
		g.Amount = 1
	case p.Accept("gift"):
		name := Unquote(p.Next())
		if name == "" || len(name) > loyalty.MaxText {
			p.fail("a gift has a name of 1 to 200 characters")
		}
		g.Gift, g.Amount = &Gift{Name: name, ByHand: p.Accept("by", "hand")}, 1
		p.measure(&g)
	case len(p.List) > 1 && p.List[1] == "voucher":
		g.Voucher, g.Amount = p.voucher(), 1
		p.measure(&g)
	case len(p.List) > 1 && p.List[1] == "%":
		g.Amount, g.Measure = p.hundredths(100*100), Percent
		p.Next()
		p.want("in", p.set.Currency)
		g.Unit = p.set.Currency
	default:
		if w := p.Peek(); w == "" || w[0] < '0' || w[0] > '9' {
			p.fail("%q is not a reward: points, money, a voucher, a gift or a choice", p.Rest())
		}
		g.Amount, g.Unit = p.quantity()
		p.measure(&g)
	}
	if g.Unit == "" && g.Measure == PerAmount {
		p.fail("vouchers and gifts are given per item or per order")
	}
	return g
}

func (p *parser) voucher() *Voucher {
	v := &Voucher{Kind: p.Next()}
	p.Next() // the word voucher
	p.want("of")
	switch v.Kind {
	case "cash", "special":
		if len(p.List) > 1 && p.List[1] == "%" {
			v.Percent = p.hundredths(100 * 100)
			p.Next()
		} else {
			v.Amount = p.amount()
		}
	case "product", "category":
		v.Amount = 1
		if n, err := strconv.ParseInt(p.Peek(), 10, 64); err == nil && n > 0 && n <= loyalty.MaxQuantity && len(p.List) > 1 && p.List[1] != "," {
			v.Amount = n
			p.Next()
		}
		v.Article = Unquote(p.Next())
		if v.Article == "" || v.Article == "," || len(v.Article) > loyalty.MaxRefBytes {
			p.fail("a %s voucher names its article", v.Kind)
		}
		if p.Accept("at") {
			if v.Kind == "product" {
				p.fail("a product voucher is for free units")
			}
			v.Percent = p.hundredths(100 * 100)
			p.want("%")
		}
	default:
		p.fail("expected a product, category, cash or special voucher, found %q", v.Kind)
	}
	return v
}

// clause reads one clause after the head; false when the line is at its end.
func (p *parser) clause(r *Rule) bool {
	if p.Peek() == "" {
		return false
	}
	p.Accept(",")
	before := p.List
	defer func() { p.twice(r, before[:len(before)-len(p.List)]) }()
	switch {
	case p.Accept("on"):
		p.on(r)
	case p.Accept("once"):
		r.Recur.Kind = Once
	case p.Accept("every"):
		r.Recur.Kind, r.Recur.N = Every, p.number()
		p.want("times")
	case p.Accept("time"):
		r.Recur.Kind, r.Recur.N = Nth, p.number()
	case p.Accept("from"):
		p.from(r)
	case p.Accept("of"):
		p.articles(&r.Of)
	case p.Accept("except"):
		p.articles(&r.Except)
	case p.Accept("before", "tax"):
		r.Basis.BeforeTax = true
	case p.Accept("before", "discounts"):
		r.Basis.BeforeDiscounts = true
	case p.Accept("with", "delivery"):
		r.Basis.Delivery = true
	case p.Accept("with", "rewards"):
		r.Basis.Rewards = true
	case p.Accept("without", "gift", "cards"):
		r.Basis.NoGiftCards = true
	case p.Accept("with", "code"):
		r.When.Codes = p.names("code")
	case p.Accept("in", "channel"):
		r.When.Channels = p.names("channel")
	case p.Accept("at", "site"):
		r.When.Sites = p.names("site")
	case p.Accept("for", "group"):
		r.When.Groups = p.names("group")
	case p.Accept("for", "segment"):
		r.When.Segments = p.names("segment")
	case p.Accept("where"):
		p.where(r)
	case p.Accept("between"):
		p.between(r)
	case p.Accept("weekdays"):
		p.weekdays(r)
	case p.Accept("hours"):
		p.hours(r)
	case p.Accept("within"):
		r.When.WithinDays = p.days()
	case p.Accept("by", "a", "buyer"):
		r.When.Buyer = true
	case p.Accept("round"):
		p.round(r)
	case p.Accept("after", "discounts"):
		r.When.Discounted = true
	case p.Accept("after"):
		r.WaitDays = p.days()
	case p.Accept("valid"):
		p.valid(r)
	case len(p.List) > 3 && p.List[3] == "%" && p.Accept("at", "most"):
		p.share(r)
	case p.Accept("at", "most"):
		r.Cap = p.cap()
	case p.Accept("budget"):
		p.budget(&r.Budget)
	case p.Accept("returns", "absorbed"):
		r.Absorb = true
	case p.Accept("returns", "owed"):
	case p.Accept("priority"):
		n := p.number()
		if n > 1_000_000 {
			p.fail("a priority is at most 1000000")
		}
		r.Priority = int(n)
	case p.Accept("exclusive", "in"):
		if r.Exclusive = Unquote(p.Next()); r.Exclusive == "" || r.Exclusive == AloneGroup || r.Exclusive == "," || len(r.Exclusive) > 40 {
			p.fail("an exclusive group has a name of 1 to 40 characters")
		}
	case p.Accept("exclusive"):
		r.Exclusive = AloneGroup
	case p.Accept("last"):
		r.Last = true
	case p.Accept("worth"):
		r.Worth = p.amount()
	case p.Accept("as", "payment"):
		p.asPayment(r)
	case p.Accept("when", "chosen"):
		r.When.Chosen = true
	case p.Accept("when", "asked"):
		r.Asked = true
		if r.Trigger != OnThreshold {
			r.Trigger = OnThreshold // finish refuses it
		}
	default:
		p.fail("cannot read %q", p.Rest())
	}
	return p.err == nil
}

// twice refuses a clause that says again, and otherwise, what was said before. Lists of
// articles and attributes may go on, and orders that count together have a step beside.
func (p *parser) twice(r *Rule, words []string) {
	if p.err != nil || len(words) == 0 {
		return
	}
	keys := []string{words[0]}
	switch words[0] {
	case "of", "except", "where", "budget":
		return
	case "at", "before", "with", "without", "in", "for", "by":
		keys = []string{words[0] + " " + words[1]}
		if words[len(words)-1] == "%" {
			keys[0] += " %"
		}
	case "from":
		if words[1] == "basket" {
			keys[0] = "from basket"
		}
		if strings.HasPrefix(words[len(words)-1], "item") {
			keys[0] += " items"
		}
	case "once", "every", "time":
		keys[0] = "how often"
	case "on":
		_, err := strconv.Atoi(words[len(words)-1])
		switch {
		case words[len(words)-1] == "together":
			keys[0] = "together"
		case err == nil || slices.Contains([]string{"first", "very", "every"}, words[1]):
			keys = append(keys, "how often")
		}
	}
	for _, key := range keys {
		if slices.Contains(p.said, key) {
			p.fail("the rule says twice: %s", strings.ReplaceAll(strings.Join(words, " "), `"`, ""))
		}
		p.said = append(p.said, key)
	}
}

// events are the triggers that are only named.
var events = []struct {
	words   []string
	trigger string
}{
	{[]string{"sign-up"}, OnSignUp},
	{[]string{"invitation"}, OnInvitation},
	{[]string{"link", "click"}, OnClick},
	{[]string{"validated", "referral"}, OnValidated},
	{[]string{"cart", "update"}, OnCart},
	{[]string{"gift", "claim"}, OnClaimMade},
	{[]string{"gift", "shipping"}, OnClaimSent},
	{[]string{"voucher", "use"}, OnRedeemed},
	{[]string{"portal", "activation"}, OnPortal},
	{[]string{"newsletter"}, OnNewsletter},
	{[]string{"birthday"}, OnBirthday},
}

// on reads the trigger, and of orders how often.
func (p *parser) on(r *Rule) {
	for _, e := range events {
		if p.Accept(e.words...) {
			r.Trigger = e.trigger
			return
		}
	}
	switch {
	case p.Accept("event"):
		r.Trigger, r.Event = OnCustomEvent, p.eventName()
	case p.Accept("step"):
		r.Trigger, r.Event = OnStep, p.eventName()
	case p.Accept("reaching"):
		r.Trigger = OnReaching
		r.Need, r.Unit = p.quantity()
	case p.Accept("orders", "of"):
		p.together(r)
	case p.Accept("every"):
		r.Recur.Kind, r.Recur.N = Every, p.number()
		p.orders(r, "orders")
	case p.Accept("very", "first"):
		r.Recur.Kind = Very
		p.orders(r, "order")
	case p.Accept("first"):
		r.Recur.Kind = First
		p.orders(r, "order")
	default:
		each := p.Accept("each")
		p.orders(r, "order")
		if _, err := strconv.Atoi(p.Peek()); err == nil && !each {
			r.Recur.Kind, r.Recur.N = Nth, p.number()
		}
	}
}

// orders reads "order", "placed order", "fulfilled orders".
func (p *parser) orders(r *Rule, noun string) {
	switch {
	case p.Accept("placed", noun):
		r.Trigger = OnPlaced
	case p.Accept("fulfilled", noun):
		r.Trigger = OnFulfilled
	case p.Accept(noun):
		r.Trigger = OnOrder
	default:
		p.fail("%q is nothing that a rule answers to", p.Rest())
	}
}

func (p *parser) together(r *Rule) {
	if len(p.List) > 1 && p.List[1] == "items" {
		r.Recur.Together, r.Recur.Items = p.number(), true
		p.Next()
	} else {
		r.Recur.Together = p.amount()
	}
	p.want("together")
}

func (p *parser) eventName() string {
	name := Unquote(p.Next())
	if name == "" || name == "," || len(name) > loyalty.MaxRefBytes {
		p.fail("an event has a name of 1 to %d characters", loyalty.MaxRefBytes)
	}
	return name
}

// from reads a minimum: of what counts, or of the whole basket; in money or items.
func (p *parser) from(r *Rule) {
	basket := p.Accept("basket", "of")
	items := len(p.List) > 1 && (p.List[1] == "items" || p.List[1] == "item")
	switch {
	case items && basket:
		r.When.BasketItems = p.number()
		p.Next()
	case items:
		r.When.Items = p.number()
		p.Next()
	case basket:
		r.When.Basket = p.amount()
	default:
		r.When.Minimum = p.amount()
	}
}

func (p *parser) articles(a *Articles) {
	into := &a.SKUs
	switch {
	case p.Accept("articles"), p.Accept("article"):
	case p.Accept("categories"), p.Accept("category"):
		into = &a.Categories
	case p.Accept("attributes"), p.Accept("attribute"):
		into = &a.Attributes
	case strings.IndexByte(p.Peek(), '=') > 0 && p.Peek()[0] != '"':
		into = &a.Attributes
	}
	list := p.names("article or category")
	if into == &a.Attributes && slices.ContainsFunc(list, func(s string) bool { return strings.IndexByte(s, '=') < 1 }) {
		p.fail("an attribute is written name=value")
	}
	*into = append(*into, list...)
}

// names reads words up to the comma.
func (p *parser) names(what string) (out []string) {
	for p.Peek() != "" && p.Peek() != "," {
		w := Unquote(p.Next())
		if w == "" || len(w) > loyalty.MaxRefBytes {
			p.fail("a %s has 1 to %d characters", what, loyalty.MaxRefBytes)
		}
		out = append(out, w)
	}
	if len(out) == 0 {
		p.fail("expected at least one %s", what)
	}
	return out
}

func (p *parser) where(r *Rule) {
	for _, w := range p.names("attribute") {
		if strings.IndexByte(w, '=') < 1 {
			p.fail("an attribute is written name=value, not %q", w)
		}
		r.When.Where = append(r.When.Where, w)
	}
}

func (p *parser) between(r *Rule) {
	r.When.From, _ = p.date()
	p.want("and")
	r.When.Until = p.endDate()
	if p.err == nil && r.When.Until <= r.When.From {
		p.fail("the time ends before it begins")
	}
}

func (p *parser) weekdays(r *Rule) {
	for _, w := range p.names("weekday") {
		i := slices.Index(weekdays[:], w)
		if i < 0 || slices.Contains(r.When.Weekdays, i) {
			p.fail("weekdays are mon tue wed thu fri sat sun, each once, not %q", w)
		}
		r.When.Weekdays = append(r.When.Weekdays, i)
	}
	slices.Sort(r.When.Weekdays)
}

func (p *parser) hours(r *Rule) {
	minute := func() int {
		w := p.Next()
		t, err := time.Parse("15:04", w)
		if err != nil {
			p.fail("%q is not a time of day such as 17:00", w)
		}
		return t.Hour()*60 + t.Minute()
	}
	r.When.FromMinute = minute()
	p.want("to")
	if r.When.ToMinute = minute(); r.When.ToMinute == r.When.FromMinute {
		p.fail("the hours begin and end at the same time")
	}
}

func (p *parser) round(r *Rule) {
	switch w := p.Next(); w {
	case "down":
		r.Round = money.Down
	case "nearest":
		r.Round = money.HalfUp
	case "up":
		r.Round = money.Up
	default:
		p.fail("a value is rounded down, nearest or up, not %q", w)
	}
	if p.Accept("to") {
		if r.Step = p.number(); r.Step == 1 {
			r.Step = 0
		}
	}
}

func (p *parser) valid(r *Rule) {
	switch {
	case p.Accept("until", "the", "end", "of", "the"):
		n := map[string]int{"month": 1, "quarter": 3, "half-year": 6, "year": 12}[p.Next()]
		if n == 0 {
			p.fail("value ends with the month, the quarter, the half-year or the year")
		}
		r.Expiry = Expiry{Kind: ExpiryPeriod, N: n}
	case p.Accept("until"):
		r.Expiry = Expiry{Kind: ExpiryDate, Date: p.endDate()}
	default:
		n := p.number()
		if n > 36_500 {
			p.fail("%d is more than a hundred years", n)
		}
		switch w := p.Next(); w {
		case "day", "days":
			r.Expiry = Expiry{Kind: ExpiryDays, N: int(n)}
		case "month", "months":
			r.Expiry = Expiry{Kind: ExpiryMonths, N: int(n)}
		default:
			p.fail("valid for days or months, not %q", w)
		}
	}
}

func (p *parser) cap() (c Cap) {
	if len(p.List) > 1 && (p.List[1] == "rewards" || p.List[1] == "reward") {
		c.N, c.What = p.number(), Rewards
		p.Next()
	} else {
		c.N, c.What = p.quantity()
	}
	c.Period = p.period("a cap", "order", "day", "month", "year")
	return c
}

// budget reads a limit in uses or in money; one of each may stand beside the other, for
// the same period.
func (p *parser) budget(into *Budget) {
	b := *into
	uses := len(p.List) > 1 && (p.List[1] == "uses" || p.List[1] == "use")
	if uses {
		b.Uses = p.number()
		p.Next()
	} else {
		b.Money = p.amount()
	}
	b.Period = "ever"
	if p.Peek() == "per" {
		b.Period = p.period("a budget", "day", "month", "year")
	}
	switch {
	case into.None():
	case uses && into.Uses > 0, !uses && into.Money > 0:
		p.fail("there is one budget in uses, and one in money")
	case b.Period != into.Period:
		p.fail("the budgets in uses and in money have the same period")
	}
	*into = b
}

func (p *parser) period(what string, known ...string) string {
	switch {
	case p.Accept("ever"):
		return "ever"
	case p.Accept("per"):
		w := p.Next()
		if !slices.Contains(known, w) {
			p.fail("%s holds per %s, or ever, not %q", what, strings.Join(known, ", "), w)
		}
		return w
	}
	p.fail("%s holds per %s, or ever", what, strings.Join(known, ", "))
	return ""
}
