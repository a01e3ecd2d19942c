package story

import (
	"slices"
	"strconv"
	"strings"

	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/money"
	"cagnotte/internal/rules"
)

// deed reads what somebody does.
func (p *parser) deed(step *Step, at moment.Time) *loyalty.Fact {
	name := p.name()
	switch verb := p.Next(); verb {
	case "joins":
		f := p.fact(loyalty.MemberJoined, name)
		p.joins[name] = true
		p.joining(f)
		return f
	case "updates":
		f := p.fact(loyalty.MemberUpdated, name)
		p.joining(f)
		return f
	case "clicks":
		f := p.fact(loyalty.LinkClicked, name)
		p.want("the", "link", "of")
		p.invited(f)
		return f
	case "types":
		f := p.fact(loyalty.LinkClicked, name)
		p.want("the", "code", "of")
		p.invited(f)
		f.Touch = loyalty.OriginCode
		return f
	case "invites":
		f := p.fact(loyalty.InvitationSent, p.name())
		f.Referrer = p.who(name)
		return f
	case "orders", "places":
		return p.orderFact(name, verb, at)
	case "fills":
		return p.cart(name)
	case "pays", "cancels", "receives":
		return p.orderStep(name, verb)
	case "returns":
		return p.refund(name)
	case "gives":
		if p.Accept("back", "code") {
			return p.codeFact(step, loyalty.VoucherReleased, name)
		}
		f := p.fact(loyalty.Transferred, name)
		f.Other = p.who(p.name())
		n, unit := p.quantity()
		f.Transfer = &loyalty.Transfer{Unit: unit, Amount: n}
		return f
	case "asks":
		return p.ask(step, name)
	case "claims":
		f := p.fact(loyalty.ClaimUpdated, name)
		f.Use, step.Named.Rule = &loyalty.Use{State: "made"}, p.Next()
		return f
	case "chooses":
		f := p.fact(loyalty.ChoiceMade, name)
		n, err := strconv.Atoi(p.Next())
		if err != nil {
			p.fail("expected the number of the option")
		}
		f.Use = &loyalty.Use{Option: n}
		p.want("of")
		step.Named.Rule = p.Next()
		return f
	case "checks":
		p.want("out")
		return p.takes(step, name, loyalty.CartRedeemed)
	case "wants":
		return p.wantsGifts(name)
	case "renounces":
		return p.givesUp(step, name)
	case "holds":
		return p.takes(step, name, loyalty.CartHeld)
	case "releases":
		return p.cartOf(name, loyalty.CartReleased)
	case "redeems":
		if p.Peek() == "cart" {
			return p.cartOf(name, loyalty.CartRedeemed)
		}
		if p.Accept("code") {
			return p.codeFact(step, loyalty.VoucherRedeemed, name)
		}
		f := p.fact(loyalty.VoucherRedeemed, name)
		var e Expectation
		p.voucher(&e)
		f.Use, step.Named.Voucher = &loyalty.Use{}, &e.voucher
		if p.Accept("of") {
			step.Named.Owner = p.name()
		}
		return f
	case "activates":
		p.want("the", "portal")
		return p.fact(loyalty.PortalActivated, name)
	case "subscribes":
		return p.fact(loyalty.NewsletterJoined, name)
	case "does", "reaches":
		return p.happening(name, verb)
	default:
		p.fail("%q is not something that members do", verb)
		return &loyalty.Fact{}
	}
}

// joining reads what is said of somebody who joins.
func (p *parser) joining(f *loyalty.Fact) {
	for p.err == nil {
		switch {
		case p.Accept("invited", "by"):
			p.invited(f)
		case p.Accept("from"):
			f.Member.Keys = append(f.Member.Keys, p.who(p.name()).Keys...)
		case p.Accept("born"):
			f.Birthday = p.Next()
		case p.Accept("sign"):
			kind, value, ok := strings.Cut(p.Next(), "=")
			if !ok {
				p.fail("a sign is written device=d1")
			}
			if f.Signals == nil {
				f.Signals = loyalty.Signals{}
			}
			f.Signals[kind] = value
		default:
			return
		}
	}
}

// lineDetails reads tax, discount and attributes of an ordered article.
func (p *parser) lineDetails(l *loyalty.Line) {
	for p.err == nil {
		switch {
		case p.Accept("tax"):
			l.Tax = p.plain()
		case p.Accept("discount"):
			l.Discount = p.plain()
		case strings.IndexByte(p.Peek(), '=') > 0:
			k, v, _ := strings.Cut(p.Next(), "=")
			if l.Attributes == nil {
				l.Attributes = map[string]string{}
			}
			l.Attributes[k] = v
		default:
			return
		}
	}
}

// circumstances reads what is known of an order beside its lines.
func (p *parser) circumstances(f *loyalty.Fact, o *loyalty.Order) {
	for p.err == nil {
		switch {
		case p.Accept("in", "channel"):
			o.Channel = p.Next()
		case p.Accept("at", "site"):
			o.Site = p.Next()
		case p.Accept("with", "code"):
			o.Codes = append(o.Codes, p.Next())
		case p.Accept("with", "the", "code", "of"):
			p.invited(f)
			f.Touch = "typed"
		case p.Accept("invited", "by"):
			p.invited(f)
		case p.Accept("from"):
			f.Member.Keys = append(f.Member.Keys, p.who(p.name()).Keys...)
		case p.Accept("delivery"):
			o.Delivery = p.plain()
		case p.Accept("paid", "with", "rewards"):
			o.RewardsPaid = p.plain()
		case p.Accept("paid", "with", "gift", "cards"):
			o.GiftCards = p.plain()
		default:
			return
		}
	}
}

// cart reads "fills cart c1 with 2 MUG for 10.00".
func (p *parser) cart(name string) *loyalty.Fact {
	p.want("cart")
	ref := p.Next()
	p.want("with")
	f := p.orderFact(name, "fills", 0)
	p.orders = p.orders[:len(p.orders)-1]
	f.Kind, f.Order.Ref = loyalty.CartUpdated, ref
	return f
}

func (p *parser) orderStep(name, verb string) *loyalty.Fact {
	f := p.fact(loyalty.OrderPaid, name)
	f.Order = &loyalty.Order{Series: feed, Currency: p.story.Shop.Currency}
	switch verb {
	case "cancels":
		f.Kind, f.Order.Currency = loyalty.OrderCancelled, ""
	case "receives":
		f.Kind, f.Order.Currency = loyalty.OrderFulfilled, ""
	}
	f.Order.Ref = p.orderOf(name)
	return f
}

// ask reads `asks for exchange [of "Points"] [2 times]`.
func (p *parser) ask(step *Step, name string) *loyalty.Fact {
	p.want("for")
	f := p.fact(loyalty.ExchangeAsked, name)
	f.Use = &loyalty.Use{Rule: p.Next()}
	if p.Accept("of") {
		step.Named.Program = p.quoted()
	}
	step.Named.Rule = f.Use.Rule
	if len(p.List) > 1 && p.List[1] == "times" {
		n, err := strconv.ParseInt(p.Next(), 10, 64)
		if err != nil {
			p.fail("expected how many times")
		}
		p.Next()
		f.Use.Times = n
	}
	return f
}

// happening reads `does "review" [for 10.00 EUR] [stars=5] [in channel app]` and
// `reaches step "wait"`.
func (p *parser) happening(name, verb string) *loyalty.Fact {
	f := p.fact(loyalty.CustomEvent, name)
	if verb == "reaches" {
		p.want("step")
		f.Kind = loyalty.ScenarioStep
	}
	h := &loyalty.Happening{Name: p.quoted()}
	for p.err == nil && p.Peek() != "" {
		switch {
		case p.Accept("for"):
			h.Amount = p.plain()
		case p.Accept("in", "channel"):
			h.Channel = p.Next()
		case p.Accept("at", "site"):
			h.Site = p.Next()
		case strings.IndexByte(p.Peek(), '=') > 0:
			k, v, _ := strings.Cut(p.Next(), "=")
			if h.Attributes == nil {
				h.Attributes = map[string]string{}
			}
			h.Attributes[k] = v
		default:
			p.fail("did not expect %q", p.Rest())
		}
	}
	f.Happening = h
	return f
}

// staffVerbs are the decisions of the shop's people that name one member and a reason.
var staffVerbs = map[string]struct {
	kind string
	no   bool
}{
	"blocks": {loyalty.StaffBlock, false}, "unblocks": {loyalty.StaffBlock, true},
	"accepts": {loyalty.StaffReview, false}, "refuses": {loyalty.StaffReview, true},
	"unbonds": {loyalty.StaffBond, true}, "bonds": {loyalty.StaffBond, false},
	"merges": {loyalty.StaffMerge, false},
}

// staff reads what the shop's people do: "gives bela 100 points because …", "bonds bela to
// anna because …", "tags bela early".
func (p *parser) staff(step *Step, at moment.Time) *loyalty.Fact {
	verb := p.Next()
	f := p.staffFact(step, verb)
	if f == nil {
		p.fail("%q is not something that staff does", verb)
		return &loyalty.Fact{}
	}
	if f.Staff != nil {
		f.Staff.Actor = staffActor
	}
	f.Origin, f.OccurredAt = loyalty.FromStaff, at
	return f
}

const staffActor = "staff:story"

func (p *parser) staffFact(step *Step, verb string) *loyalty.Fact {
	switch verb {
	case "gives", "takes":
		return p.adjustment(verb)
	case "groups":
		f := p.fact(loyalty.StaffGroup, p.name())
		p.want("in")
		f.Staff = &loyalty.Staff{Group: p.Next()}
		return f
	case "houses", "unhouses":
		f := p.fact(loyalty.StaffHousehold, p.name())
		f.Staff = &loyalty.Staff{Reason: "confirmed", No: verb == "unhouses"}
		if !f.Staff.No {
			p.want("in")
			f.Staff.Household = p.Next()
		}
		return f
	case "tags", "untags":
		f := p.fact(loyalty.StaffTag, p.name())
		f.Staff = &loyalty.Staff{}
		into := &f.Staff.Add
		if verb == "untags" {
			into = &f.Staff.Remove
		}
		for p.Peek() != "" {
			*into = append(*into, rules.Unquote(p.Next()))
		}
		return f
	case "offers":
		return p.offers()
	case "stocks":
		return p.stocks()
	case "presents":
		return p.presents()
	case "withdraws":
		return p.withdraws(step)
	case "ships", "hands":
		f := p.fact(loyalty.ClaimUpdated, "")
		f.Use = &loyalty.Use{State: loyalty.ClaimShipped}
		if verb == "hands" {
			p.want("over")
			f.Use.State = loyalty.ClaimHanded
		}
		step.Named.Rule = p.Next()
		p.want("to")
		f.Member = p.who(p.name())
		return f
	}
	v, ok := staffVerbs[verb]
	if !ok {
		return nil
	}
	f := p.fact(v.kind, "")
	first := p.name()
	f.Member, f.Staff = p.who(first), &loyalty.Staff{No: v.no}
	switch {
	case verb == "merges":
		p.want("into")
		f.Other, f.Member = f.Member, p.who(p.name())
	case verb == "bonds":
		p.want("to")
		f.Referrer = p.who(p.name())
	}
	p.want("because")
	f.Staff.Reason = p.Rest()
	p.List = nil
	return f
}

// adjustment reads "bela 100 points [until …] because …" and "40 points from bela because …".
func (p *parser) adjustment(verb string) *loyalty.Fact {
	var (
		name string
		adj  loyalty.Adjust
	)
	if verb == "gives" {
		name = p.name()
		adj.Amount, adj.Unit = p.quantity()
	} else {
		adj.Amount, adj.Unit = p.quantity()
		adj.Amount = -adj.Amount
		p.want("from")
		name = p.name()
	}
	if p.Accept("from") {
		adj.OpensAt = p.when().t
	}
	if p.Accept("until") {
		w := p.when()
		adj.ExpiresAt = w.t
		if w.day {
			adj.ExpiresAt = w.t.NextDay(p.story.Shop.Zone)
		}
	}
	p.want("because")
	adj.Actor, adj.Reason = staffActor, p.Rest()
	p.List = nil
	f := p.fact(loyalty.StaffAdjust, name)
	f.Adjust = &adj
	return f
}

// voucherOf finds a voucher that a story describes, among those that can be used.
func (w *Wallet) voucherOf(t *voucherText) string {
	i := slices.IndexFunc(w.Vouchers, func(v *loyalty.Voucher) bool {
		return t.fits(v) && v.State == loyalty.VoucherActive && v.Used < v.UsesMax
	})
	if i < 0 {
		i = slices.IndexFunc(w.Vouchers, t.fits)
	}
	if i < 0 {
		return "UNKNOWN"
	}
	return w.Vouchers[i].Code
}

// plainPercent writes hundredths of a per cent.
func plainPercent(n int64) string { return money.Text(n, 2) + " %" }
