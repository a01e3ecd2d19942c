package decide

import (
	"cagnotte/internal/id"
	"cagnotte/internal/ledger"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/money"
	"cagnotte/internal/rules"
)

// fold enters one fact into a member's story, at its place in it.
func (c *call) fold(m *File, f *loyalty.Fact) {
	c.at = f.FoldAt
	switch f.Kind {
	case loyalty.MemberJoined:
		c.joined(m, f)
	case loyalty.MemberUpdated:
		c.note(m, "")
	case loyalty.OrderPlaced, loyalty.OrderPaid, loyalty.OrderCancelled:
		c.ordered(m, f)
	case loyalty.Refunded:
		if f.Refund.Ref == "" {
			c.unlinked(m, f.Refund)
		} else {
			c.returned(m, f.Refund)
		}
	case loyalty.StaffAdjust:
		c.adjusted(m, f)
	}
}

// joined enrols a member, ties the bond to whoever sent him, and rewards the sign-up.
func (c *call) joined(m *File, f *loyalty.Fact) {
	first := m.Member.RegisteredAt == 0
	if first {
		m.Member.RegisteredAt, m.Member.Dirty = f.OccurredAt, true
		if m.Member.State != loyalty.Blocked {
			m.Member.State = loyalty.Enrolled
		}
	}
	c.note(m, "")
	if f.Referrer.Named() {
		c.bond(m, f, first)
	}
	if f.History() {
		return
	}
	for _, r := range c.rulesAt(m, rules.OnSignUp) {
		if !r.Refer {
			c.give(gift{rule: r, to: m, once: onceEver, cause: joinKey(m.Member.ID), from: m})
			continue
		}
		if c.bonded(m) {
			c.giveBoth(r, m, joinKey(m.Member.ID), rules.Eligible{}, friendKey(m.Member.ID))
		}
	}
	c.exchange(m)
}

// bonded tells whether the member is a friend whose bond may be rewarded.
func (c *call) bonded(m *File) bool {
	return m.Bond != nil && m.Bond.Bond && m.Bond.State != loyalty.ReferralClawed
}

// bond ties friend to referrer, or refuses with the reason; a refused attempt is kept.
func (c *call) bond(m *File, f *loyalty.Fact, first bool) {
	x := f.Referrer.ID
	line := loyalty.ReceiptLine{Part: loyalty.AsFriend, Member: m.Member.ID, Rule: "bond"}
	if m.Bond != nil && m.Bond.Bond {
		if m.Bond.Referrer != x {
			line.Outcome, line.Code = loyalty.Refused, loyalty.AlreadyReferred
			c.line(line)
		}
		return
	}
	var reason loyalty.Reason
	referrer := c.file(x)
	switch {
	case x.IsZero():
		reason = loyalty.ReferrerIsUnknown
	case x == m.Member.ID:
		reason = loyalty.SelfReferral
	case !first:
		reason = loyalty.AlreadyMember
	case m.Member.FirstOrderAt != 0 && m.Member.FirstOrderAt < f.OccurredAt:
		reason = loyalty.AlreadyBuyer
	case referrer != nil && referrer.Bond != nil && referrer.Bond.Bond && referrer.Bond.Referrer == m.Member.ID:
		reason = loyalty.MutualReferral
	}
	b := m.Bond
	if b == nil {
		b = &loyalty.Referral{ID: mint[id.ReferralKind](c), Friend: m.Member.ID, New: true}
		m.Bond = b
	}
	b.Referrer, b.Origin, b.TouchedAt, b.JoinedAt, b.Dirty = x, f.Touch, f.OccurredAt, f.OccurredAt, true
	b.State, b.Bond, b.Reason = loyalty.ReferralJoined, reason == "", string(reason)
	line.Outcome = loyalty.Noted
	if reason != "" {
		b.State = loyalty.ReferralRefused
		line.Outcome, line.Code = loyalty.Refused, reason
	}
	c.line(line)
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

// keepOrder enters what a fact says about an order; it tells whether the order became
// paid, or was cancelled, by it.
func (c *call) keepOrder(m *File, f *loyalty.Fact) (o *loyalty.OrderRow, paid, cancelled bool) {
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
		if o.State == loyalty.OrderWithdrawn {
			o.Return(&loyalty.Refund{})
		}
	}
	o.Imported = o.Imported || f.History()
	switch f.Kind {
	case loyalty.OrderPlaced:
		if o.State == loyalty.OrderNamed {
			o.State = loyalty.OrderOpen
		}
		return o, described && o.PaidAt != 0, false // paid before anybody said what for
	case loyalty.OrderPaid:
		if o.PaidAt != 0 {
			return o, false, false
		}
		o.PaidAt = f.OccurredAt
		if o.State != loyalty.OrderWithdrawn {
			o.State = loyalty.OrderSettled
		}
		return o, len(o.Lines) > 0 || o.State == loyalty.OrderWithdrawn, false
	case loyalty.OrderCancelled:
		if o.State == loyalty.OrderWithdrawn {
			return o, false, false
		}
		o.State = loyalty.OrderWithdrawn
		o.Return(&loyalty.Refund{})
		return o, false, true
	}
	return o, false, false
}

// ordered judges an order when it is paid, and takes back when it is cancelled.
func (c *call) ordered(m *File, f *loyalty.Fact) {
	o, paid, cancelled := c.keepOrder(m, f)
	switch {
	case cancelled:
		c.takeBack(m, o)
	case !paid:
		c.note(m, loyalty.NoteKnown)
		return
	case o.State == loyalty.OrderWithdrawn:
		c.line(loyalty.ReceiptLine{Outcome: loyalty.Refused, Code: loyalty.OrderWasCancelled, Member: m.Member.ID})
	case o.Whole(): // all of it came back before
		o.State = loyalty.OrderReturned
		c.line(loyalty.ReceiptLine{Outcome: loyalty.Refused, Code: loyalty.OrderReturnedAll, Member: m.Member.ID})
	default:
		if m.Member.FirstOrderAt == 0 || o.PaidAt < m.Member.FirstOrderAt {
			m.Member.FirstOrderAt, m.Member.Dirty = o.PaidAt, true
		}
		if f.History() {
			c.note(m, loyalty.NoteHistory)
			return
		}
		c.judge(m, o)
		c.exchange(m)
	}
}

// judge lets every rule in force look at a paid order.
func (c *call) judge(m *File, o *loyalty.OrderRow) {
	cause := orderKey(o.Name())
	for _, r := range c.rulesAt(m, rules.OnOrder) {
		if r.Refer && !c.bonded(m) {
			continue
		}
		e := r.Left(o)
		line := loyalty.ReceiptLine{
			Program: r.Version.Program.ID, Version: r.Version.N, Rule: r.Name, Member: m.Member.ID, Outcome: loyalty.Refused,
		}
		if reason := r.Judge(e, o); reason != "" {
			line.Code = reason
			if reason == loyalty.BelowMinimum {
				line.Figures = c.need(r.Minimum, e.Amount)
			}
			c.line(line)
			continue
		}
		if r.Refer {
			if reason := excluded(m); reason != "" {
				line.Code = reason
				c.line(line)
				continue
			}
			once := cause + "@" + m.Member.ID.String()
			if r.First {
				once = friendKey(m.Member.ID)
				if c.had(m, r, once) {
					line.Code = loyalty.NotFirstOrder
					c.line(line)
					continue
				}
			}
			c.giveBoth(r, m, cause, e, once)
			if m.Bond.State == loyalty.ReferralJoined {
				m.Bond.State, m.Bond.Order, m.Bond.Dirty = loyalty.ReferralQualified, o.Name(), true
				if r.WaitDays == 0 {
					m.Bond.State = loyalty.ReferralRewarded
				}
			}
			continue
		}
		once := cause
		if r.First {
			once = onceEver
			if c.had(m, r, once) {
				line.Code = loyalty.NotFirstOrder
				c.line(line)
				continue
			}
		}
		c.give(gift{rule: r, to: m, e: e, once: once, cause: cause, from: m})
	}
}

// had tells whether a friend or member already has a rule's reward under that key.
func (c *call) had(m *File, r *rules.Compiled, once string) bool {
	for _, g := range r.Gives {
		to := m
		if g.Part == loyalty.AsReferrer {
			to = c.file(m.Bond.Referrer)
		}
		if to == nil {
			continue
		}
		x := to.Rewards[loyalty.RewardKey{Program: r.Version.Program.ID, Rule: r.Name, Member: to.Member.ID, Once: once}]
		if x != nil && x.State != loyalty.RewardVoid {
			return true
		}
	}
	return false
}

// giveBoth rewards friend and referrer by one rule.
func (c *call) giveBoth(r *rules.Compiled, friend *File, cause string, e rules.Eligible, once string) {
	for i, g := range r.Gives {
		to := friend
		if g.Part == loyalty.AsReferrer {
			to = c.file(friend.Bond.Referrer)
		}
		if to == nil {
			continue
		}
		c.give(gift{rule: r, i: i, to: to, e: e, once: once, cause: cause, from: friend})
		if to != friend {
			c.exchange(to)
		}
	}
}

// credited notes that somebody else's fact gave or opened units that pay a debt or may be
// exchanged: a fact of the owner that is dated earlier and comes later is late then.
func (c *call) credited(to *File, u ledger.Unit) {
	if !to.foreign && to.Member.ID != c.f.MemberID && (c.book.Exchanges(u) || to.Account(u).Debt() > 0) {
		c.judged(to, loyalty.Position{At: c.at})
	}
}

// rulesAt lists the rules that judge what happens to a member now: of each program the
// version in force, or the one that a begun card was promised, or the one at the
// referral's first touch.
func (c *call) rulesAt(m *File, trigger string) []*rules.Compiled {
	var out []*rules.Compiled
	for _, p := range c.book.Programs {
		if !p.Running {
			continue
		}
		at, recorded := c.f.OccurredAt, c.f.RecordedAt
		v := p.InForce(at, recorded)
		card := v
		if t := m.Terms[p.ID]; t != nil && !t.Gone && t.Since <= at {
			card = p.Version(t.Version)
		}
		touched := v
		if m.Bond != nil && m.Bond.Bond {
			if x := p.InForce(m.Bond.TouchedAt, recorded); x != nil {
				touched = x
			}
		}
		out = append(out, pick(v, trigger, func(r *rules.Compiled) bool { return !r.Refer && !stamps(r) })...)
		out = append(out, pick(card, trigger, stamps)...)
		out = append(out, pick(touched, trigger, func(r *rules.Compiled) bool { return r.Refer })...)
	}
	return out
}

func stamps(r *rules.Compiled) bool { return len(r.Gives) > 0 && r.Gives[0].Unit == rules.Stamps }

func pick(v *rules.Version, trigger string, want func(*rules.Compiled) bool) []*rules.Compiled {
	if v == nil {
		return nil
	}
	var out []*rules.Compiled
	for _, r := range v.Rules {
		if r.Trigger == trigger && want(r) {
			out = append(out, r)
		}
	}
	return out
}

// adjusted gives or takes by hand. It was refused before if there was not enough; in a
// refold a spend is never judged again, so what is missing becomes a debt.
func (c *call) adjusted(m *File, f *loyalty.Fact) {
	a, adj := m.Account(ledger.Unit(f.Adjust.Unit)), f.Adjust
	line := loyalty.ReceiptLine{Member: m.Member.ID, Unit: a.Unit, Amount: adj.Amount, Outcome: loyalty.Given, Rule: "adjust"}
	var parts []ledger.Part
	if adj.Amount > 0 {
		l := &ledger.Lot{
			ID: mint[id.LotKind](c), Member: m.Member.ID, Unit: a.Unit, Origin: "a:" + f.Feed + "/" + f.ExternalID,
			Amount: adj.Amount, Since: c.at, OpensAt: max(adj.OpensAt, f.OccurredAt), ExpiresAt: adj.ExpiresAt,
		}
		parts = a.Credit(l, c.now)
	} else {
		parts = a.Take(-adj.Amount, c.at, false)
		line.Outcome, line.Amount = loyalty.TakenBack, -adj.Amount
	}
	c.post(ledger.Adjust, a, parts, "staff", nil)
	c.line(line)
	c.exchange(m)
}

// file finds a dossier; in a refold everybody else is a blank sheet on which only the
// differences are written.
func (c *call) file(m id.Member) *File {
	f := c.d.Files[m]
	if f == nil && c.live != nil && c.live.Files[m] != nil {
		copied := *c.live.Files[m].Member
		f = NewFile(&copied)
		f.Bond, f.foreign = c.live.Files[m].Bond, true
		c.d.Files[m] = f
	}
	return f
}

func (c *call) need(need, got int64) map[string]string {
	return map[string]string{
		"need": money.Text(need, c.d.Shop.Decimals), "got": money.Text(got, c.d.Shop.Decimals), "currency": c.d.Shop.Currency,
	}
}

// text writes an amount of a unit as a plain decimal.
func (c *call) text(u ledger.Unit, n int64) string {
	if string(u) == c.d.Shop.Currency {
		return money.Text(n, c.d.Shop.Decimals)
	}
	return money.Text(n, 0)
}
