package story

import (
	"fmt"
	"slices"
	"strconv"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
)

// This file: codes that the shop hands out, that members use without a cart, and what must
// have become of them.

// issue reads `issues code SPRING cash 5.00 [any times] [2 per member] [from …] [until …] [to bela]`.
func (p *parser) issue(step *Step) {
	p.want("issues", "code")
	x := &Issue{Code: loyalty.TypedCode(p.code())}
	var e Expectation
	p.voucher(&e)
	x.Terms = loyalty.VoucherTerms{
		Kind: e.voucher.kind, Article: e.voucher.article, Amount: e.voucher.amount, Percent: e.voucher.percent, Uses: e.voucher.times,
	}
	if e.until != nil {
		x.Terms.ExpiresAt = p.endOf(*e.until)
	}
	for p.err == nil && p.Peek() != "" {
		switch {
		case p.Accept("any", "times"):
			x.Terms.Uses = 0
		case p.Accept("from"):
			x.Terms.StartsAt = p.when().t
		case p.Accept("until"):
			x.Terms.ExpiresAt = p.endOf(p.when())
		case p.Accept("to"):
			x.Member = p.name()
		default:
			n, err := strconv.ParseInt(p.Next(), 10, 64)
			if err != nil {
				p.fail("expected how many times each member may use it: 1 per member")
			}
			p.want("per", "member")
			x.Terms.PerMember = n
		}
	}
	step.Issue = x
}

// endOf is the instant in which a last day ends, or the instant that is written.
func (p *parser) endOf(w when) moment.Time {
	if w.day {
		return w.t.NextDay(p.story.Shop.Zone)
	}
	return w.t
}

// code reads a code as somebody types it.
func (p *parser) code() string {
	w := p.Next()
	if len(w) > 0 && w[0] == '"' {
		w = w[1:]
	}
	if w == "" {
		p.fail("expected a code")
	}
	return w
}

// codeFact begins a fact about a code: "redeems code SPRING", "gives back code SPRING".
func (p *parser) codeFact(step *Step, kind, name string) *loyalty.Fact {
	f := p.fact(kind, name)
	f.Use = &loyalty.Use{}
	code := loyalty.TypedCode(p.code())
	if kind == loyalty.VoucherReleased {
		step.Named.Use = code
	} else {
		f.Use.Code = code
	}
	return f
}

// withdraws reads "withdraws code SPRING because …".
func (p *parser) withdraws(step *Step) *loyalty.Fact {
	p.want("code")
	f := p.codeFact(step, loyalty.StaffVoucher, "")
	p.want("because")
	f.Staff = &loyalty.Staff{Reason: p.Rest()}
	p.List = nil
	return f
}

// codeState reads "code SPRING used 2 times", "code SPRING withdrawn".
func (p *parser) codeState(e *Expectation) {
	e.kind, e.text = expectCode, loyalty.TypedCode(p.code())
	if p.Accept("withdrawn") {
		e.amount = -1
		return
	}
	p.want("used")
	n, err := strconv.ParseInt(p.Next(), 10, 64)
	if err != nil {
		p.fail("expected how often it was used")
	}
	p.Next()
	e.amount = n
}

// expectCode compares what became of a code.
func (c *comparison) expectCode(e Expectation) {
	v := c.codes[e.text]
	switch {
	case v == nil:
		c.differs(e.Text, "there is no code "+e.text)
	case e.amount < 0 && v.State != loyalty.VoucherWithdrawn:
		c.differs(e.Text, "it is "+v.State)
	case e.amount >= 0 && v.Used != e.amount:
		c.differs(e.Text, fmt.Sprintf("code %s used %d times", e.text, v.Used))
	}
}

// Issue makes the voucher of a code.
func (x *Issue) voucher(of id.Voucher, batch id.Vouchers, member id.Member, now moment.Time) *loyalty.Voucher {
	t := x.Terms
	v := &loyalty.Voucher{
		ID: of, Code: x.Code, Member: member, Kind: t.Kind, Article: t.Article, Amount: t.Amount, Percent: t.Percent, UsesMax: t.Uses,
		StartsAt: t.StartsAt, ExpiresAt: t.ExpiresAt, State: loyalty.VoucherActive, Batch: batch, Terms: &t,
	}
	if v.UsesMax == 0 {
		v.UsesMax = loyalty.Unlimited
	}
	if v.StartsAt == 0 {
		v.StartsAt = now
	}
	return v
}

// used remembers the last use of a code, which a later step may give back.
func (r *runner) used(f *loyalty.Fact) {
	if f.Kind == loyalty.VoucherRedeemed {
		r.uses[f.Use.Code] = f.ID
	}
}

// lookCodes reads the codes that the step speaks of.
func (r *runner) lookCodes(look func(string) (*loyalty.Voucher, error)) (err error) {
	r.codes = map[string]*loyalty.Voucher{}
	for e := range slices.Values(r.step.Expect) {
		if e.kind == expectCode && err == nil {
			r.codes[e.text], err = look(e.text)
		}
	}
	return err
}
