package decide

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"cagnotte/internal/id"
	"cagnotte/internal/ledger"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/rules"
)

// exchange turns collected units into what they are exchanged for by themselves, as long
// as a threshold is reached; what comes out may be exchanged in turn.
func (c *call) exchange(m *File) {
	if m.foreign || m.Member.State == loyalty.Blocked || m.Member.State == loyalty.Merged {
		return
	}
	for again := true; again; {
		again = false
		for _, p := range c.book.Programs {
			if p.PausedAt(c.at, c.f.RecordedAt) {
				continue
			}
			for round := true; round; {
				round = false
				for _, r := range exchanges(c.cardVersion(m, p)) {
					if a := m.Accounts[r.Pays()]; !r.Asked && a != nil && a.LotsLoaded && a.AvailableAt(c.at) >= r.Need {
						if c.issue(m, a, r, "") == nil {
							round, again = true, again || r.Gives[0].Unit != ""
						}
					}
				}
			}
		}
	}
}

func exchanges(v *rules.Version) []*rules.Compiled {
	if v == nil {
		return nil
	}
	return v.On(rules.OnThreshold)
}

// cardVersion is the version that a begun card was promised, else the one in force.
func (c *call) cardVersion(m *File, p *rules.Program) *rules.Version {
	if t := m.Terms[p.ID]; t != nil && !t.Gone {
		return p.Version(t.Version)
	}
	return p.InForce(c.at, c.f.RecordedAt)
}

// issue makes one exchange: the price leaves the lots, what it is for comes. Its
// recurrence key is the number of the step and the version that says what is given: a late
// fact may show that the step belongs to another version, and that is another voucher. An
// exchange that was asked for is named after the asking. It gives the refusal when it was
// not made.
func (c *call) issue(m *File, a *ledger.Account, r *rules.Compiled, asked string) *loyalty.ReceiptLine {
	no := refusal(r, m)
	if k := c.caseOf(m, &occasion{}); r.Judge(k) >= 0 {
		no.Code, no.Figures = r.Refusal(r.Judge(k), k)
		return &no
	}
	if c.issued++; c.issued > maxIssued {
		panic("decide: one fact makes more vouchers than it can mean")
	}
	p, give := r.Version.Program.ID, &r.Gives[0]
	key := loyalty.RewardKey{Program: p, Rule: r.Name, Member: m.Member.ID, Once: asked}
	steps := CounterName{r.Steps, "ever"}
	if asked == "" {
		step := int64(1)
		if n := m.Counters[steps]; n != nil {
			step = n.Used + 1
		}
		key.Once = fmt.Sprintf("step:%d@%d", step, r.Version.N)
	}
	if _, figures, reason := c.limited(gift{rule: r, to: m, from: m}, key, give.Amount); reason != "" {
		no.Code, no.Figures = reason, figures
		return &no
	}
	if asked == "" {
		c.count(m, steps, 1)
	}
	parts := a.Take(r.Need, c.at, false)
	x := &loyalty.Reward{
		ID: mint[id.RewardKind](c), Key: key, Version: r.Version.N, Part: loyalty.AsMember, Cause: ExchangeCause(m.Member.ID),
		From: m.Member.ID, Event: c.f.ID, Unit: r.Unit(0), Amount: give.Amount, Granted: give.Amount, State: loyalty.RewardGiven,
		GivenAt: c.at, New: true,
	}
	if was := m.Rewards[key]; was != nil {
		x.ID, x.New, x.Dirty = was.ID, false, true
		c.forget(was)
	}
	for _, part := range parts {
		if part.Lot != nil {
			x.Spent = append(x.Spent, loyalty.Spent{Lot: part.Lot.ID, Amount: -part.Amount})
		}
	}
	c.d.AddReward(m, x)
	line := loyalty.ReceiptLine{
		Program: p, Version: r.Version.N, Rule: r.Name, Part: loyalty.AsMember, Member: m.Member.ID,
		Outcome: loyalty.Exchanged, Unit: a.Unit, Amount: r.Need,
	}
	c.post(ledger.Exchange, a, parts, p.String(), x)
	c.deliver(m, x, give, r, c.at, &line)
	c.line(line)
	if x.Unit != "" { // the other side of it, in its own unit
		c.line(loyalty.ReceiptLine{
			Program: p, Version: r.Version.N, Rule: r.Name, Part: loyalty.AsMember, Member: m.Member.ID,
			Outcome: loyalty.Given, Unit: x.Unit, Amount: x.Amount,
		})
		c.reached(m, x.Unit)
	}
	c.renew(m, a, r)
	return nil
}

// renew ends the promise of a full card; what is left over begins the next one.
func (c *call) renew(m *File, a *ledger.Account, r *rules.Compiled) {
	t := m.Terms[r.Version.Program.ID]
	if t == nil || r.Rule.Unit != rules.Stamps {
		return
	}
	next := r.Version.Program.InForce(c.at, c.f.RecordedAt)
	if a.Balance > 0 && next != nil {
		t.Version, t.Since, t.Dirty, t.Gone = next.N, c.at, true, false
		return
	}
	t.Gone, t.Dirty = true, true
}

// stepNumber reads the number of an exchange from its recurrence key.
func stepNumber(x *loyalty.Reward) (n int) {
	step, _, _ := strings.Cut(strings.TrimPrefix(x.Key.Once, "step:"), "@")
	n, _ = strconv.Atoi(step)
	return n
}

// undo gives the price of the latest unused exchange of a unit back to its lots, when a
// return needs what it consumed; false when there is none.
func (c *call) undo(m *File, a *ledger.Account) bool {
	var last *loyalty.Reward
	for _, x := range c.d.Causes[ExchangeCause(m.Member.ID)] {
		r := c.rule(x)
		if r != nil && x.Option == 0 && r.Pays() == a.Unit && x.State == loyalty.RewardGiven && c.untouched(m, x) {
			if last == nil || later(x, last) {
				last = x
			}
		}
	}
	if last == nil {
		return false
	}
	c.undoOne(m, a, last)
	return true
}

// undoOne gives back what an exchange consumed, after the exchanges that consumed what it
// gave.
func (c *call) undoOne(m *File, a *ledger.Account, last *loyalty.Reward) {
	for _, x := range c.consumers(m, last) {
		if r := c.rule(x); r != nil {
			c.undoOne(m, m.Account(r.Pays()), x)
		}
	}
	var parts []ledger.Part
	var price int64
	for _, s := range last.Spent {
		p := ledger.Part{Amount: s.Amount}
		for _, l := range a.Lots {
			if l.ID == s.Lot {
				p.Lot = l
			}
		}
		price += s.Amount
		parts = append(parts, p)
	}
	c.post(ledger.Withdraw, a, a.Restore(parts), last.Key.Program.String(), last)
	line := loyalty.ReceiptLine{
		Program: last.Key.Program, Version: last.Version, Rule: last.Key.Rule, Part: loyalty.AsMember, Member: m.Member.ID,
		Outcome: loyalty.Undone, Unit: a.Unit, Amount: price, Code: loyalty.OrderReturnedAll, Exchange: true,
	}
	if r := c.rule(last); r != nil {
		c.countBy(m, last, last.Net(), 0)
		c.spendBy(last, last.Net(), 0)
	}
	c.recall(m, last, &line)
	last.State, last.Taken, last.Dirty = loyalty.RewardRefused, last.Amount, true
	c.line(line)
}

// consumers lists the exchanges that stand and consumed what another one gave.
func (c *call) consumers(m *File, x *loyalty.Reward) []*loyalty.Reward {
	if x.Unit == "" {
		return nil
	}
	var out []*loyalty.Reward
	for _, y := range c.d.Causes[ExchangeCause(m.Member.ID)] {
		if y.State == loyalty.RewardGiven && spentOf(m, x, y) > 0 {
			out = append(out, y)
		}
	}
	return out
}

// later tells which of two exchanges was made after the other. Those of one asking were
// made in the order of their ids.
func later(x, than *loyalty.Reward) bool {
	return cmp.Or(
		cmp.Compare(x.GivenAt, than.GivenAt), cmp.Compare(stepNumber(x), stepNumber(than)), slices.Compare(x.ID[:], than.ID[:]),
	) > 0
}

// untouched tells whether nothing of what an exchange gave has been used, but by exchanges
// of which the same holds.
func (c *call) untouched(m *File, x *loyalty.Reward) bool {
	if v := m.Vouchers[x.ID]; v != nil {
		return v.Used == 0 && v.State == loyalty.VoucherActive && c.held(v) == 0
	}
	if k := m.Claims[x.ID]; k != nil {
		if y := m.Rewards[chosenKey(x.Key)]; k.State == loyalty.ClaimChosen && y != nil {
			return c.untouched(m, y)
		}
		return k.State == loyalty.ClaimOpen || k.State == loyalty.ClaimChoose
	}
	if x.Unit == "" {
		return false
	}
	left := int64(0) // over all its lots: a late fact may have put another one in the place of the first
	for _, l := range m.Account(x.Unit).Lots {
		if l.Reward == x.ID {
			left += l.Remaining
		}
	}
	for _, y := range c.consumers(m, x) {
		if c.untouched(m, y) {
			left += spentOf(m, x, y)
		}
	}
	return left == x.Amount
}

// spentOf is what an exchange consumed of what another one gave.
func spentOf(m *File, gave, spent *loyalty.Reward) (n int64) {
	for _, l := range m.Account(gave.Unit).Lots {
		for _, s := range spent.Spent {
			if l.Reward == gave.ID && s.Lot == l.ID {
				n += s.Amount
			}
		}
	}
	return n
}

// recall takes back what an undone exchange had given.
func (c *call) recall(m *File, x *loyalty.Reward, line *loyalty.ReceiptLine) {
	if v := m.Vouchers[x.ID]; v != nil {
		v.State, v.Dirty = loyalty.VoucherWithdrawn, true
		line.Voucher = v.ID
		return
	}
	if k := m.Claims[x.ID]; k != nil {
		if y := m.Rewards[chosenKey(x.Key)]; k.State == loyalty.ClaimChosen && y != nil {
			c.recall(m, y, line)
			y.State, y.Taken, y.Dirty = loyalty.RewardRefused, y.Amount, true
		}
		k.State, k.Dirty = loyalty.ClaimWithdrawn, true
		line.Gift = k.Gift
		return
	}
	b := m.Account(x.Unit)
	var own []*ledger.Lot
	for _, l := range b.Lots {
		if l.Reward == x.ID {
			own = append(own, l)
		}
	}
	b.Earned -= x.Amount
	c.post(ledger.Withdraw, b, b.Take(x.Amount, c.at, true, own...), x.Key.Program.String(), x)
	c.line(loyalty.ReceiptLine{
		Program: x.Key.Program, Version: x.Version, Rule: x.Key.Rule, Part: loyalty.AsMember, Member: m.Member.ID,
		Outcome: loyalty.TakenBack, Unit: x.Unit, Amount: x.Amount, Code: loyalty.OrderReturnedAll,
	})
}
