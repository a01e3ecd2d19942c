package decide

import (
	"cagnotte/internal/id"
	"cagnotte/internal/ledger"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/rules"
)

// gift is one beneficiary's share of a rule that holds.
type gift struct {
	rule    *rules.Compiled
	i       int // which of the rule's gives
	to      *File
	from    *File          // whose fact it is
	e       rules.Eligible // what counts, with what multipliers make of it
	once    string
	cause   string
	order   *loyalty.OrderRow
	checks  []loyalty.Condition
	weights rules.Weights
	left    *loyalty.Reward // what a former referrer had of it, and has no more
}

// give rewards one beneficiary once: amount, then caps and budgets, then what it gives
// with its dates.
func (c *call) give(g gift) {
	r, give := g.rule, &g.rule.Gives[g.i]
	unit := r.Unit(g.i)
	key := loyalty.RewardKey{Program: r.Version.Program.ID, Rule: r.Name, Member: g.to.Member.ID, Once: g.once}
	line := loyalty.ReceiptLine{
		Program: key.Program, Version: r.Version.N, Rule: r.Name, Part: give.Part, Member: key.Member, Unit: unit,
		Outcome: loyalty.Refused, Checks: g.checks,
	}
	was := g.to.Rewards[key]
	if was != nil && was.State != loyalty.RewardVoid && !again(r, was) && !(g.left != nil && was.State == loyalty.RewardRefused) {
		return // recurrence is the key: this was given before
	}
	amount := r.Amount(g.i, g.e, g.weights)
	if g.left != nil {
		amount = g.left.Net() - g.left.Absorbed
	}
	if g.to.Member.State == loyalty.Blocked {
		line.Code = loyalty.MemberIsBlocked
		c.line(line)
		return
	}
	if amount == 0 {
		line.Code, line.Figures = loyalty.BelowMinimum, c.need(give.Per, g.e.Amount)
		if give.Measure == rules.PerItem {
			line.Code, line.Figures = loyalty.ExcludedItems, nil
		}
		c.line(line)
		return
	}
	amount, figures, reason := c.limited(g, key, amount)
	if reason != "" {
		line.Code, line.Figures = reason, figures
		c.line(line)
		return
	}
	x := &loyalty.Reward{
		ID: mint[id.RewardKind](c), Key: key, Version: r.Version.N, Part: give.Part, Cause: g.cause,
		From: g.from.Member.ID, Event: c.f.ID, Unit: unit, Amount: amount, Granted: amount,
		Basis: g.e.Basis(give), State: loyalty.RewardGiven, GivenAt: c.at, Weights: g.weights, New: true,
	}
	if o := g.order; o != nil {
		x.Returned = r.Whole(o, g.weights).Basis(give) - x.Basis
	}
	if w := g.left; w != nil {
		x.Basis, x.Returned, x.Weights, line.Code = w.Basis, w.Returned, w.Weights, loyalty.BlockedByStaff
	}
	if was != nil { // the key was freed: by a refold, a milestone reached again, a referrer who is back; the row is used again
		x.ID, x.New, x.Dirty = was.ID, was.New, true
		c.forget(was)
	}
	line.Outcome, line.Amount = loyalty.Given, amount
	opens := c.waits(g, x, &line)
	c.d.AddReward(g.to, x)
	c.deliver(g.to, x, give, r, opens, &line)
	c.begin(g.to, r)
	c.line(line)
	c.reached(g.to, unit)
}

// again tells whether a reward that was taken back may be given anew: a milestone that was
// lost by a return and is reached once more.
func again(r *rules.Compiled, was *loyalty.Reward) bool {
	lost := was.State == loyalty.RewardReturned || was.State == loyalty.RewardRefused
	return lost && (r.Trigger == rules.OnReaching || r.Recur.Together > 0)
}

// waits sets the waiting time of a reward, and tells when it opens: zero where a decision
// opens it.
func (c *call) waits(g gift, x *loyalty.Reward, line *loyalty.ReceiptLine) moment.Time {
	r := g.rule
	held := r.Refer && g.from.Bond() != nil && g.from.Bond().State == loyalty.ReferralFlagged
	switch {
	case g.left != nil && g.left.DueAt <= c.at, g.left == nil && r.WaitDays == 0 && !held:
		return c.at
	case g.left != nil: // the time has been running
		x.DueAt = g.left.DueAt
	default:
		x.DueAt = c.at.AddDays(r.WaitDays, c.d.Shop.Zone)
	}
	x.State = loyalty.RewardWaiting
	line.Outcome, line.At = loyalty.Waiting, x.DueAt
	switch {
	case held: // staff opens it
		line.Code = loyalty.Reason(g.from.Bond().Reason)
		return 0
	case r.Refer || x.Unit == "" && g.rule.Gives[g.i].Voucher == nil: // checked again, or handed over, when it is due
		c.timer(g.from, loyalty.TimerConfirm, x.DueAt, r, g.cause)
		return 0
	case x.Unit != "" && c.book.NeedsLots(x.Unit):
		c.timer(g.to, loyalty.TimerExchange, x.DueAt, r, g.cause)
	}
	return x.DueAt
}

// deliver hands a reward over: units as a lot, a voucher, a gift to be claimed, a choice.
func (c *call) deliver(to *File, x *loyalty.Reward, give *rules.Give, r *rules.Compiled, opens moment.Time, line *loyalty.ReceiptLine) {
	switch {
	case give.Voucher != nil:
		v := c.issueVoucher(to, x, give.Voucher, r, opens)
		line.Voucher = v.ID
		if opens == c.at {
			line.At = v.ExpiresAt
		}
	case give.Gift != nil || len(give.Choice) > 0:
		c.issueClaim(to, x, give, opens)
		line.Gift = giftName(give)
	default:
		lot := &ledger.Lot{
			ID: mint[id.LotKind](c), Member: to.Member.ID, Unit: x.Unit, Reward: x.ID, Origin: x.Key.Once, Amount: x.Amount,
			Since: c.at, OpensAt: opens,
		}
		if opens != 0 {
			lot.ExpiresAt = r.Expiry.ExpiresAt(opens, c.d.Shop.Zone)
		}
		c.credited(to, x)
		a := to.Account(x.Unit)
		a.Earned += x.Amount
		c.post(ledger.Earn, a, a.Credit(lot, c.now), x.Key.Program.String(), x)
	}
}

func giftName(g *rules.Give) string {
	if g.Gift != nil {
		return g.Gift.Name
	}
	return ""
}

// issueVoucher makes a reward's voucher; the key of a reward that a refold freed gets its
// voucher back.
func (c *call) issueVoucher(to *File, x *loyalty.Reward, t *rules.Voucher, r *rules.Compiled, opens moment.Time) *loyalty.Voucher {
	v := &loyalty.Voucher{
		ID: mint[id.VoucherKind](c), Member: to.Member.ID, Reward: x.ID, Kind: t.Kind, Article: t.Article, Amount: t.Amount,
		Percent: t.Percent, UsesMax: x.Amount, StartsAt: opens, State: loyalty.VoucherActive, New: true,
	}
	if opens == 0 {
		v.State, v.StartsAt = loyalty.VoucherWaiting, x.DueAt
	}
	v.ExpiresAt = r.Expiry.ExpiresAt(v.StartsAt, c.d.Shop.Zone)
	if was := to.Vouchers[x.ID]; was != nil {
		v.ID, v.Code, v.New, v.Dirty, v.Used = was.ID, was.Code, was.New, true, was.Used
	}
	if was := c.liveVoucher(x); was != nil { // what was used stays used
		v.Used = was.Used
	}
	to.Vouchers[x.ID] = v
	return v
}

// liveVoucher is the book's voucher of a reward that a refold gives again.
func (c *call) liveVoucher(x *loyalty.Reward) *loyalty.Voucher {
	if c.live == nil || c.live.Files[x.Key.Member] == nil {
		return nil
	}
	f := c.live.Files[x.Key.Member]
	if was := f.Rewards[x.Key]; was != nil {
		return f.Vouchers[was.ID]
	}
	return nil
}

// issueClaim puts a gift on the list of what is to be sent or handed over, or a choice
// before the member.
func (c *call) issueClaim(to *File, x *loyalty.Reward, give *rules.Give, opens moment.Time) {
	k := &loyalty.Claim{Reward: x.ID, Member: to.Member.ID, Quantity: x.Amount, State: loyalty.ClaimOpen, Since: c.at, New: true}
	if give.Gift != nil {
		k.Gift, k.ByHand = give.Gift.Name, give.Gift.ByHand
	} else {
		k.State = loyalty.ClaimChoose
	}
	if opens == 0 {
		k.State = loyalty.ClaimWaiting
	}
	if was := to.Claims[x.ID]; was != nil {
		k.New, k.Dirty = was.New, true
	}
	if c.live != nil && c.live.Files[x.Key.Member] != nil { // what has left has left
		f := c.live.Files[x.Key.Member]
		if was := f.Rewards[x.Key]; was != nil && f.Claims[was.ID] != nil && f.Claims[was.ID].Done() {
			k.State, k.DoneAt = f.Claims[was.ID].State, f.Claims[was.ID].DoneAt
		}
	}
	to.Claims[x.ID] = k
}

// begin notes the promise when a card gets its first stamp.
func (c *call) begin(m *File, r *rules.Compiled) {
	p := r.Version.Program.ID
	if t := m.Terms[p]; r.Card() && (t == nil || t.Gone) {
		m.Terms[p] = &loyalty.Terms{
			Member: m.Member.ID, Program: p, Version: r.Version.N, Since: c.at, New: t == nil, Dirty: true,
		}
	}
}

// forget takes a void reward out of the index of causes before its row is used again.
func (c *call) forget(x *loyalty.Reward) {
	list := c.d.Causes[x.Cause]
	for i := range list {
		if list[i] == x {
			c.d.Causes[x.Cause] = append(list[:i:i], list[i+1:]...)
			return
		}
	}
}

// causeOrder is the order behind a cause; nil for a sign-up.
func (c *call) causeOrder(cause string) *loyalty.OrderRow {
	if len(cause) < 2 || cause[:2] != "o:" {
		return nil
	}
	return c.d.Orders[cause[2:]]
}

// rule finds the compiled rule that gave a reward; nil when the version is unknown.
func (c *call) rule(x *loyalty.Reward) *rules.Compiled {
	p := c.book.Program(x.Key.Program)
	if p == nil {
		return nil
	}
	v := p.Version(x.Version)
	if v == nil {
		return nil
	}
	for _, r := range v.Rules {
		if r.Name == x.Key.Rule {
			return r
		}
	}
	return nil
}

// giveOf finds the place of the give by which a reward was computed.
func giveOf(r *rules.Compiled, x *loyalty.Reward) int {
	for i, g := range r.Gives {
		if g.Part == x.Part && (r.Unit(i) == x.Unit || x.Option > 0) {
			return i
		}
	}
	return 0
}

// given is the give by which a reward was computed: of a choice, what was chosen.
func given(r *rules.Compiled, x *loyalty.Reward) *rules.Give {
	g := &r.Gives[giveOf(r, x)]
	if n := x.Option; n > 0 && n <= len(g.Choice) {
		return &g.Choice[n-1]
	}
	return g
}

// timer sets a decision for later; the same one twice is one.
func (c *call) timer(m *File, kind string, due moment.Time, r *rules.Compiled, cause string) {
	t := &loyalty.Timer{DueAt: due, Kind: kind, Member: m.Member.ID, Cause: cause, State: loyalty.TimerWaiting, New: true}
	if r != nil {
		t.Program, t.Rule = r.Version.Program.ID, r.Name
	}
	for _, x := range m.Timers {
		if x.Kind == kind && x.Cause == cause && x.Program == t.Program && x.Rule == t.Rule {
			if x.State != loyalty.TimerWaiting || x.DueAt != due {
				x.State, x.DueAt, x.Dirty = loyalty.TimerWaiting, due, true
			}
			return
		}
	}
	t.ID = mint[id.TimerKind](c)
	m.Timers = append(m.Timers, t)
}
