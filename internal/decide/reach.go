package decide

import (
	"slices"

	"cagnotte/internal/id"
	"cagnotte/internal/ledger"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/rules"
)

// together counts an order towards a rule that looks at several: what counts of it is
// credited in a unit of the rule's own, so that returns, late orders and merges count too.
func (c *call) together(m *File, o *occasion, g gift) {
	r := g.rule
	n := g.e.Amount
	if r.Recur.Items {
		n = g.e.Items
	}
	key := loyalty.RewardKey{Program: r.Version.Program.ID, Rule: r.Name, Member: m.Member.ID, Once: "t:" + o.each}
	was := m.Rewards[key]
	if n == 0 || was != nil && was.State != loyalty.RewardVoid {
		return
	}
	x := &loyalty.Reward{
		ID: mint[id.RewardKind](c), Key: key, Version: r.Version.N, Part: loyalty.AsMember, Cause: o.cause, From: m.Member.ID,
		Event: c.f.ID, Unit: r.Counted(), Amount: n, Granted: n, Basis: n, State: loyalty.RewardGiven, GivenAt: c.at, New: true,
	}
	if o.order != nil {
		whole := r.Whole(o.order, nil)
		x.Returned = whole.Amount - n
		if r.Recur.Items {
			x.Returned = whole.Items - n
		}
	}
	if was != nil {
		x.ID, x.New, x.Dirty = was.ID, false, true
		c.forget(was)
	}
	c.d.AddReward(m, x)
	lot := &ledger.Lot{
		ID: mint[id.LotKind](c), Member: m.Member.ID, Unit: x.Unit, Reward: x.ID, Origin: key.Once, Amount: n, Since: c.at, OpensAt: c.at,
	}
	a := m.Account(x.Unit)
	a.Earned += n
	c.post(ledger.Earn, a, a.Credit(lot, c.now), key.Program.String(), x)
	c.line(loyalty.ReceiptLine{
		Program: key.Program, Version: r.Version.N, Rule: r.Name, Part: loyalty.AsMember, Member: key.Member, Unit: x.Unit,
		Outcome: loyalty.Given, Amount: n,
	})
	c.reached(m, x.Unit)
}

// counts tells whether a reward only counts an order towards a rule.
func counts(r *rules.Compiled, x *loyalty.Reward) bool {
	return r.Recur.Together > 0 && x.Unit == r.Counted()
}

// reached gives what waits for so much of a unit to be earned.
func (c *call) reached(m *File, u ledger.Unit) {
	if u == "" || m.foreign || !c.book.Reaches(u) {
		return
	}
	for _, r := range c.reaching(m, u) {
		need := r.Need
		if r.Recur.Together > 0 {
			need = r.Recur.Together
		}
		if c.earned(m, u) < need || r.Refer && !c.bonded(m) {
			continue
		}
		k := c.caseOf(m, &occasion{})
		if r.Trigger == rules.OnReaching && r.Judge(k) >= 0 {
			continue
		}
		g := gift{rule: r, to: m, from: m, once: onceEver, cause: reachKey(m.Member.ID, u)}
		if r.Refer {
			g.once = friendKey(m.Member.ID)
			if c.excluded(m) != "" {
				continue
			}
			c.giveBoth(g)
			c.qualified(m, &occasion{trigger: r.Trigger, cause: g.cause, order: c.causeOrder(orderKey(orderName(c.f)))}, r)
			continue
		}
		c.give(g)
	}
}

func orderName(f *loyalty.Fact) string {
	switch {
	case f.Order != nil:
		return f.Order.Name()
	case f.Refund != nil:
		return loyalty.OrderName(f.Refund.Series, f.Refund.Ref)
	}
	return ""
}

// reaching lists the rules that wait for a unit, of the versions in force; a referral
// keeps the version of its first touch.
func (c *call) reaching(m *File, u ledger.Unit) []*rules.Compiled {
	var out []*rules.Compiled
	for _, p := range c.book.Programs {
		if p.PausedAt(c.at, c.f.RecordedAt) {
			continue
		}
		v := p.InForce(c.at, c.f.RecordedAt)
		touched := v
		if b := m.Bond(); b != nil {
			if x := p.InForce(b.TouchedAt, c.f.RecordedAt); x != nil {
				touched = x
			}
		}
		for _, from := range []struct {
			v     *rules.Version
			refer bool
		}{{v, false}, {touched, true}} {
			if from.v == nil {
				continue
			}
			for _, r := range from.v.Rules {
				if r.Refer == from.refer && (r.Trigger == rules.OnReaching && r.Pays() == u || r.Counted() == u) {
					out = append(out, r)
				}
			}
		}
	}
	return out
}

// earned is what was earned of a unit in all, less what was taken back and what only
// waits.
func (c *call) earned(m *File, u ledger.Unit) int64 {
	a := m.Account(u)
	n := a.Earned
	for _, l := range a.Lots {
		if l.OpensAt == 0 || l.OpensAt > c.at {
			n -= l.Remaining
		}
	}
	return n
}

// fallen takes back what was given for reaching so much, when less is left by a return.
func (c *call) fallen(m *File, u ledger.Unit) {
	if m.foreign || !c.book.Reaches(u) {
		return
	}
	for _, x := range slices.Clone(c.d.Causes[reachKey(m.Member.ID, u)]) {
		if x.State != loyalty.RewardGiven && x.State != loyalty.RewardWaiting {
			continue
		}
		r := c.rule(x)
		if r == nil {
			continue
		}
		need := r.Need
		if r.Recur.Together > 0 {
			need = r.Recur.Together
		}
		if c.earned(m, u) < need {
			c.take(x, r, x.Net()-x.Absorbed, loyalty.OrderReturnedAll)
		}
	}
}

func reachKey(m id.Member, u ledger.Unit) string { return "u:" + string(u) + "@" + m.String() }
