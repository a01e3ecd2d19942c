package decide

import (
	"cagnotte/internal/id"
	"cagnotte/internal/ledger"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/money"
	"cagnotte/internal/rules"
)

// fold enters one fact into a member's story, at its place in it.
func (c *call) fold(m *File, f *loyalty.Fact) {
	c.at = f.FoldAt
	c.signs(m, f)
	switch f.Kind {
	case loyalty.MemberJoined:
		c.joined(m, f)
	case loyalty.MemberUpdated, loyalty.ConsentGiven, loyalty.ConsentWithdrawn:
		c.note(m, "")
	case loyalty.LinkClicked:
		c.clicked(m, f, rules.OnClick)
	case loyalty.InvitationSent:
		c.clicked(m, f, rules.OnInvitation)
	case loyalty.OrderPlaced, loyalty.OrderPaid, loyalty.OrderFulfilled, loyalty.OrderCancelled:
		c.ordered(m, f)
	case loyalty.CartUpdated:
		c.cart(m, f)
	case loyalty.Refunded:
		if f.Refund.Ref == "" {
			c.unlinked(m, f.Refund)
		} else {
			c.returned(m, f.Refund)
		}
	case loyalty.StaffAdjust:
		c.adjusted(m, f)
	case loyalty.StaffBond:
		c.rebond(m, f)
	case loyalty.StaffReview:
		c.reviewed(m, f)
	case loyalty.StaffGroup, loyalty.StaffTag, loyalty.StaffBlock, loyalty.StaffHousehold:
		c.labelled(m, f)
	case loyalty.Transferred:
		c.transfer(m, f)
	case loyalty.ExchangeAsked:
		c.asked(m, f)
	case loyalty.ChoiceMade:
		c.choose(m, f)
	case loyalty.ClaimUpdated:
		c.claimed(m, f)
	case loyalty.GiftClaimed:
		c.gifts(m, f)
	case loyalty.VoucherRedeemed:
		c.redeemed(m, f)
	case loyalty.VoucherReleased:
		c.released(m)
	case loyalty.CartHeld, loyalty.CartRedeemed, loyalty.CartReleased:
		c.carted(m)
	case loyalty.PortalActivated:
		c.happened(m, f, rules.OnPortal)
	case loyalty.NewsletterJoined:
		c.happened(m, f, rules.OnNewsletter)
	case loyalty.ScenarioStep:
		c.happened(m, f, rules.OnStep)
	case loyalty.CustomEvent:
		c.happened(m, f, rules.OnCustomEvent)
	case loyalty.StaffMerge:
		c.merge(m, c.file(f.Other.ID), true)
	}
}

// signs keeps what a fact says of a member beside its kind: his birthday, and what he may
// have in common with others.
func (c *call) signs(m *File, f *loyalty.Fact) {
	for kind, hash := range f.Signals {
		if m.Member.Signals[kind] == hash {
			continue
		}
		if m.Member.Signals == nil {
			m.Member.Signals = loyalty.Signals{}
		}
		m.Member.Signals[kind], m.Member.Dirty = hash, true
	}
	if f.Birthday != "" && f.Birthday != m.Member.Birthday {
		m.Member.Birthday, m.Member.Dirty = f.Birthday, true
		c.nextBirthday(m)
	}
}

// joined enrols a member, ties the bond to whoever sent him, and rewards the sign-up.
func (c *call) joined(m *File, f *loyalty.Fact) {
	c.touched(m, f)
	if m.Member.RegisteredAt == 0 {
		m.Member.RegisteredAt, m.Member.Dirty = f.OccurredAt, true
		if m.Member.State != loyalty.Blocked {
			m.Member.State = loyalty.Enrolled
		}
	}
	c.note(m, "")
	c.attach(m)
	if f.History() {
		return
	}
	o := occasion{trigger: rules.OnSignUp, cause: joinKey(m.Member.ID), each: onceEver}
	if h := f.Happening; h != nil {
		o.channel, o.site = h.Channel, h.Site
	}
	c.judge(m, o)
	c.exchange(m)
}

// order finds or begins the row of an order.
func (c *call) order(series, ref string) *loyalty.OrderRow {
	name := loyalty.OrderName(series, ref)
	o := c.d.Orders[name]
	if o == nil {
		o = &loyalty.OrderRow{Series: series, Ref: ref}
		c.d.Orders[name] = o
	}
	if o.State == "" {
		o.ID, o.State, o.New = mint[id.OrderKind](c), loyalty.OrderNamed, true
	}
	return o
}

// step is what a fact made of an order.
type step int

const (
	stepNone step = iota
	stepPlaced
	stepPaid
	stepFulfilled
	stepCancelled
)

// keepOrder enters what a fact says about an order, and tells which steps the order took
// by it: what it was paid or sent for may be known only later.
func (c *call) keepOrder(m *File, f *loyalty.Fact) (o *loyalty.OrderRow, steps []step) {
	o = c.order(f.Order.Series, f.Order.Ref)
	o.Dirty = true
	if m != nil && o.Member.IsZero() {
		o.Member = m.Member.ID
	}
	if o.Currency == "" {
		o.Currency = f.Order.Currency
	}
	described := len(o.Lines) == 0 && len(f.Order.Lines) > 0
	if described {
		o.SetLines(f.Order.Lines)
		o.Circumstances = f.Order.Circumstances
		if o.State == loyalty.OrderWithdrawn {
			o.Return(&loyalty.Refund{})
		}
		steps = append(steps, stepPlaced)
	}
	o.Imported = o.Imported || f.History()
	known := len(o.Lines) > 0
	switch f.Kind {
	case loyalty.OrderPlaced:
		if o.State == loyalty.OrderNamed {
			o.State = loyalty.OrderOpen
		}
	case loyalty.OrderPaid:
		if o.PaidAt == 0 {
			o.PaidAt = f.OccurredAt
			if o.State != loyalty.OrderWithdrawn {
				o.State = loyalty.OrderSettled
			}
			if known && !described {
				steps = append(steps, stepPaid)
			}
		}
		if !known && o.State == loyalty.OrderWithdrawn {
			steps = append(steps, stepPaid) // refused: it was cancelled
		}
	case loyalty.OrderFulfilled:
		if o.FulfilledAt == 0 {
			o.FulfilledAt = f.OccurredAt
			if known && !described {
				steps = append(steps, stepFulfilled)
			}
		}
	case loyalty.OrderCancelled:
		if o.State == loyalty.OrderWithdrawn {
			return o, nil
		}
		o.State = loyalty.OrderWithdrawn
		o.Return(&loyalty.Refund{})
		return o, []step{stepCancelled}
	}
	if described && o.PaidAt != 0 {
		steps = append(steps, stepPaid)
	}
	if described && o.FulfilledAt != 0 {
		steps = append(steps, stepFulfilled)
	}
	return o, steps
}

// ordered judges an order at each of its steps, and takes back when it is cancelled.
func (c *call) ordered(m *File, f *loyalty.Fact) {
	if m.Member.State == loyalty.Prospect {
		m.Member.State, m.Member.Dirty = loyalty.Guest, true
	}
	c.touched(m, f)
	o, steps := c.keepOrder(m, f)
	c.giveBack(o) // of what came back before the order was known, or with its cancellation
	judged := false
	for _, s := range steps {
		switch s {
		case stepCancelled:
			c.takeBack(m, o)
			return
		case stepPlaced:
			if o.State != loyalty.OrderWithdrawn && !o.Whole() && !f.History() && c.book.Answers(rules.OnPlaced) {
				c.attach(m)
				c.judge(m, c.orderOccasion(rules.OnPlaced, o))
				judged = true
			}
		default:
			judged = true
			c.settled(m, f, o, s)
		}
	}
	if !judged {
		c.note(m, loyalty.NoteKnown)
	}
}

// settled judges an order that was paid or fulfilled.
func (c *call) settled(m *File, f *loyalty.Fact, o *loyalty.OrderRow, s step) {
	switch {
	case o.State == loyalty.OrderWithdrawn:
		c.line(loyalty.ReceiptLine{Outcome: loyalty.Refused, Code: loyalty.OrderWasCancelled, Member: m.Member.ID})
		return
	case o.Whole(): // all of it came back before
		o.State = loyalty.OrderReturned
		c.line(loyalty.ReceiptLine{Outcome: loyalty.Refused, Code: loyalty.OrderReturnedAll, Member: m.Member.ID})
		return
	}
	trigger := rules.OnFulfilled
	if s == stepPaid {
		trigger = rules.OnOrder
		if m.Member.FirstOrderAt == 0 || o.PaidAt < m.Member.FirstOrderAt {
			m.Member.FirstOrderAt, m.Member.Dirty = o.PaidAt, true
		}
	}
	if f.History() {
		c.note(m, loyalty.NoteHistory)
		return
	}
	c.attach(m)
	if s == stepFulfilled && !c.book.Answers(trigger) {
		c.note(m, loyalty.NoteKnown)
		return
	}
	c.judge(m, c.orderOccasion(trigger, o))
	c.exchange(m)
}

func (c *call) orderOccasion(trigger string, o *loyalty.OrderRow) occasion {
	key := orderKey(o.Name())
	return occasion{trigger: trigger, cause: key, each: key, order: o, channel: o.Channel, site: o.Site, codes: o.Codes}
}

// cart judges a cart that is not an order yet: once for each cart and rule.
func (c *call) cart(m *File, f *loyalty.Fact) {
	o := &loyalty.OrderRow{
		Series: f.Order.Series, Ref: f.Order.Ref, Lines: f.Order.Lines, Back: make([]loyalty.Back, len(f.Order.Lines)),
		Circumstances: f.Order.Circumstances,
	}
	key := CartCause(o.Name())
	c.note(m, "")
	c.judge(m, occasion{trigger: rules.OnCart, cause: key, each: key, order: o, channel: o.Channel, site: o.Site, codes: o.Codes})
	c.exchange(m)
}

// happened lets rules answer to what a member did.
func (c *call) happened(m *File, f *loyalty.Fact, trigger string) {
	h := f.Happening
	if h == nil {
		h = &loyalty.Happening{}
	}
	key := eventKey(f)
	c.note(m, "")
	c.judge(m, occasion{
		trigger: trigger, event: h.Name, cause: key, each: key, happening: h, channel: h.Channel, site: h.Site,
	})
	c.exchange(m)
}

// adjusted gives or takes by hand. It was refused before if there was not enough; in a
// refold a spend is never judged again, so what is missing becomes a debt.
func (c *call) adjusted(m *File, f *loyalty.Fact) {
	a, adj := m.Account(ledger.Unit(f.Adjust.Unit)), f.Adjust
	line := loyalty.ReceiptLine{Member: m.Member.ID, Unit: a.Unit, Amount: adj.Amount, Outcome: loyalty.Given, Rule: "adjust"}
	var parts []ledger.Part
	if adj.Amount > 0 {
		l := &ledger.Lot{
			ID: mint[id.LotKind](c), Member: m.Member.ID, Unit: a.Unit, Origin: byHand + f.Feed + "/" + f.ExternalID,
			Amount: adj.Amount, Since: c.at, OpensAt: max(adj.OpensAt, f.OccurredAt), ExpiresAt: adj.ExpiresAt,
		}
		parts = a.Credit(l, c.now)
		if l.OpensAt > c.now && c.book.NeedsLots(a.Unit) {
			c.timer(m, loyalty.TimerExchange, l.OpensAt, nil, eventKey(f))
		}
	} else {
		parts = a.Take(-adj.Amount, c.at, false, givenBy(a, adj.Undoes, c.at)...)
		line.Outcome, line.Amount = loyalty.TakenBack, -adj.Amount
	}
	c.post(ledger.Adjust, a, parts, "staff", nil)
	c.line(line)
	c.exchange(m)
}

// byHand begins the origin of a lot that a correction gave, before the correction's feed/id.
const byHand = "a:"

// givenBy finds what is open of the lot that a correction gave: who takes the correction back
// takes this, and leaves other lots with their dates alone.
func givenBy(a *ledger.Account, correction string, at moment.Time) (out []*ledger.Lot) {
	for _, l := range a.Lots {
		if correction != "" && l.Origin == byHand+correction && l.OpenAt(at) {
			out = append(out, l)
		}
	}
	return out
}

// file finds a dossier; in a refold everybody else is a blank sheet on which only the
// differences are written.
func (c *call) file(m id.Member) *File {
	f := c.d.Files[m]
	if f == nil && c.live != nil && c.live.Files[m] != nil {
		copied := *c.live.Files[m].Member
		f = NewFile(&copied)
		f.Bonds, f.foreign = c.live.Files[m].Bonds, true
		c.d.Files[m] = f
	}
	return f
}

// text writes an amount of a unit as a plain decimal.
func (c *call) text(u ledger.Unit, n int64) string {
	switch string(u) {
	case c.d.Shop.Currency:
		return money.Text(n, c.d.Shop.Decimals)
	case rules.Points:
		return money.Text(n, c.d.Shop.PointDecimals)
	}
	return money.Text(n, 0)
}
