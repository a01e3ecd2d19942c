package story

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
)

// This file: the catalogue of gifts in stories.

// Codes are added to a pool, by number alone: what they say is nobody's business here.
type Codes struct {
	Pool string
	N    int64
}

// offers reads an entry: MUG "Mug" for 300 points or 5.00 EUR by hand, limited …
func (p *parser) offers() *loyalty.Fact {
	f := p.fact(loyalty.StaffGift, "")
	g := &loyalty.Gift{Code: p.Next(), Name: p.quoted()}
	f.Gift, f.Staff, f.Origin = g, &loyalty.Staff{Actor: staffActor}, loyalty.FromStaff
	p.want("for")
	for p.err == nil {
		n, unit := p.quantity()
		g.Prices = append(g.Prices, loyalty.GiftPrice{Unit: unit, Amount: n})
		if !p.Accept("or") {
			break
		}
	}
	for p.err == nil {
		switch {
		case p.Accept("by", "hand"):
			g.Delivery = loyalty.GiftByHand
		case p.Accept("by", "parcel"):
			g.Delivery = loyalty.GiftByParcel
		case p.Accept("as", "code", "of"):
			g.Delivery, g.Pool = loyalty.GiftByCode, p.Next()
		case p.Accept("as", "voucher"):
			var e Expectation
			p.voucher(&e)
			v := e.voucher
			g.Delivery = loyalty.GiftByVoucher
			g.Voucher = &loyalty.GiftVoucher{Kind: v.kind, Article: v.article, Amount: v.amount, Percent: v.percent}
		case p.Accept("valid"):
			n, err := strconv.Atoi(p.Next())
			if err != nil || g.Voucher == nil {
				p.fail("a voucher is valid for so many days")
				return f
			}
			g.Voucher.ValidDays = n
			p.Next()
		case p.Accept("limited"):
			g.Limited = true
		case p.Accept("archived"):
			g.Archived = true
		case p.Accept("size"):
			g.Variants = append(g.Variants, loyalty.GiftVariant{Code: p.Next()})
		case p.Accept("costs"):
			g.Cost = p.plain()
		case p.Accept("at", "most"):
			n, err := strconv.ParseInt(p.Next(), 10, 64)
			if err != nil {
				p.fail("expected a number of pieces")
			}
			l := loyalty.GiftLimit{PerMember: n, Period: "ever"}
			if p.Accept("per") {
				l.Period = p.Next()
			} else {
				p.want("ever")
			}
			if p.Accept("in") {
				l.Group = p.Next()
			}
			g.Limits = append(g.Limits, l)
		case p.Accept("for", "group"):
			g.Groups = append(g.Groups, p.Next())
		case p.Accept("for", "segment"):
			g.Segments = append(g.Segments, p.Next())
		case p.Accept("from"):
			g.From = p.when().t
		case p.Accept("until"):
			g.Until = p.when().t.NextDay(p.story.Shop.Zone)
		default:
			return f
		}
	}
	return f
}

// stocks reads 5 MUG [size L].
func (p *parser) stocks() *loyalty.Fact {
	f := p.fact(loyalty.StaffStock, "")
	n, err := strconv.ParseInt(p.Next(), 10, 64)
	if err != nil {
		p.fail("expected a number of pieces")
	}
	f.Stock, f.Staff, f.Origin = &loyalty.GiftStock{Gift: p.Next(), Add: n}, &loyalty.Staff{Actor: staffActor}, loyalty.FromStaff
	if p.Accept("size") {
		f.Stock.Variant = p.Next()
	}
	return f
}

// presents reads "1 MUG [size L] to bela because …": a gift that staff gives.
func (p *parser) presents() *loyalty.Fact {
	n, err := strconv.ParseInt(p.Next(), 10, 64)
	if err != nil {
		p.fail("expected a number of pieces")
	}
	x := loyalty.GiftItem{Gift: p.Next(), Quantity: n}
	if p.Accept("size") {
		x.Variant = p.Next()
	}
	p.want("to")
	f := p.fact(loyalty.GiftClaimed, p.name())
	f.Claim = &loyalty.GiftClaim{Items: []loyalty.GiftItem{x}}
	p.want("because")
	f.Staff = &loyalty.Staff{Reason: p.Rest()}
	p.List = nil
	return f
}

// wants reads what a member asks for of the catalogue.
func (p *parser) wantsGifts(name string) *loyalty.Fact {
	f := p.fact(loyalty.GiftClaimed, name)
	f.Claim = &loyalty.GiftClaim{}
	for p.err == nil {
		n, err := strconv.ParseInt(p.Next(), 10, 64)
		if err != nil {
			p.fail("expected a number of pieces")
		}
		x := loyalty.GiftItem{Gift: p.Next(), Quantity: n}
		if p.Accept("size") {
			x.Variant = p.Next()
		}
		if p.Accept("for") {
			x.Unit = p.Next()
		}
		f.Claim.Items = append(f.Claim.Items, x)
		if !p.Accept(",") {
			break
		}
	}
	if p.Accept("at", "site") {
		f.Claim.Site = p.Next()
	}
	f.Claim.Addressed = p.Accept("to", "an", "address")
	if f.Claim.Addressed {
		f.Address = &loyalty.Address{Name: "Anna", Street: "1 rue Haute", Postal: "69001", City: "Lyon"}
	}
	return f
}

// givesUp reads which gift is given up.
func (p *parser) givesUp(step *Step, name string) *loyalty.Fact {
	f := p.fact(loyalty.ClaimUpdated, name)
	f.Use, step.Named.Gift = &loyalty.Use{State: loyalty.ClaimCancelled}, p.Next()
	return f
}

// claimed reads "claim MUG delivered".
func (p *parser) claimState(e *Expectation) {
	e.kind, e.text, e.other = expectClaim, p.Next(), p.Next()
}

// expectClaimState looks for a claim of an entry in a state.
func (c *comparison) expectClaimState(e Expectation) {
	near := ""
	for _, k := range c.wallets[e.member].Claims {
		if k.Code != e.text {
			continue
		}
		if k.State == e.other {
			return
		}
		near = fmt.Sprintf("%s claim %s %s", e.member, k.Code, k.State)
	}
	c.differs(e.Text, near)
}

// gift finds the claim of an entry that a fact gives up: the latest that is open.
func (w *Wallet) gift(code string) (x id.Reward) {
	for _, k := range w.Claims {
		if k.Code == code && (k.State == loyalty.ClaimOpen || k.State == loyalty.ClaimNoCode || x.IsZero()) {
			x = k.Reward
		}
	}
	return x
}

// AddCodes puts codes into a pool, and lets whoever waits have them.
func (d *Decider) AddCodes(ctx context.Context, c Codes, now moment.Time) ([]loyalty.ReceiptLine, error) {
	last := int64(len(d.dossiers.Pools[c.Pool]))
	for i := range c.N {
		d.dossiers.Pools[c.Pool] = append(d.dossiers.Pools[c.Pool], &loyalty.PoolCode{Pool: c.Pool, N: last + i + 1})
	}
	return d.Record(ctx, filled(c.Pool, now), now)
}

func filled(pool string, now moment.Time) *loyalty.Fact {
	return &loyalty.Fact{
		Kind: loyalty.PoolFilled, Feed: "pool:" + pool, ExternalID: fmt.Sprint(int64(now)), Via: "story", Origin: loyalty.FromStaff,
		OccurredAt: now, Pool: pool,
	}
}

// unitsOf completes the prices of an entry in stamps or referrals of a program.
func (r *runner) giftUnits(f *loyalty.Fact) error {
	same := *f.Gift
	f.Gift = &same
	same.Prices = slices.Clone(same.Prices)
	for i := range same.Prices {
		if err := r.programUnit(&same.Prices[i].Unit); err != nil {
			return err
		}
	}
	return nil
}
