package decide

import (
	"strconv"

	"cagnotte/internal/id"
	"cagnotte/internal/ledger"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/rules"
)

// gift is one beneficiary's share of a rule that holds.
type gift struct {
	rule  *rules.Compiled
	i     int // which of the rule's gives
	to    *File
	e     rules.Eligible
	once  string
	cause string
	from  *File // whose fact it is
}

// give rewards one beneficiary once: amount, then caps, then the lot with its dates.
func (c *call) give(g gift) {
	r, give := g.rule, &g.rule.Gives[g.i]
	unit := r.Unit(g.i)
	key := loyalty.RewardKey{Program: r.Version.Program.ID, Rule: r.Name, Member: g.to.Member.ID, Once: g.once}
	line := loyalty.ReceiptLine{
		Program: key.Program, Version: r.Version.N, Rule: r.Name, Part: give.Part, Member: key.Member, Unit: unit,
		Outcome: loyalty.Refused,
	}
	was := g.to.Rewards[key]
	if was != nil && was.State != loyalty.RewardVoid {
		return // recurrence is the key: this was given before
	}
	amount := r.Amount(g.i, g.e)
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
	amount, cap := c.capped(g, key, amount)
	if amount == 0 {
		line.Code, line.Figures = loyalty.CapReached, cap
		c.line(line)
		return
	}
	x := &loyalty.Reward{
		ID: mint[id.RewardKind](c), Key: key, Version: r.Version.N, Part: give.Part, Cause: g.cause,
		From: g.from.Member.ID, Event: c.f.ID, Unit: unit, Amount: amount, Granted: amount,
		Basis: g.e.Basis(give), State: loyalty.RewardGiven, GivenAt: c.at, New: true,
	}
	if o := c.causeOrder(g.cause); o != nil {
		x.Returned = r.Whole(o).Basis(give) - x.Basis
	}
	if was != nil { // the key was freed by a refold: the row is used again
		x.ID, x.New, x.Dirty = was.ID, false, true
		c.forget(was)
	}
	lot := &ledger.Lot{
		ID: mint[id.LotKind](c), Member: key.Member, Unit: unit, Reward: x.ID, Origin: g.once, Amount: amount,
		Since: c.at, OpensAt: c.at,
	}
	line.Outcome, line.Amount = loyalty.Given, amount
	if r.WaitDays > 0 {
		x.State, x.DueAt = loyalty.RewardWaiting, c.at.AddDays(r.WaitDays, c.d.Shop.Zone)
		line.Outcome, line.At = loyalty.Waiting, x.DueAt
		if r.Refer { // checked again when it is due, so a decision opens it
			lot.OpensAt = 0
			c.timer(g.from, loyalty.TimerConfirm, x.DueAt, r, g.cause)
		} else {
			lot.OpensAt = x.DueAt
			if c.book.Exchanges(unit) {
				c.timer(g.to, loyalty.TimerExchange, x.DueAt, r, g.cause)
			}
		}
	}
	if lot.OpensAt != 0 {
		lot.ExpiresAt = r.Expiry.ExpiresAt(lot.OpensAt, c.d.Shop.Zone)
	}
	c.d.AddReward(g.to, x)
	c.credited(g.to, unit)
	a := g.to.Account(unit)
	a.Earned += amount
	c.post(ledger.Earn, a, a.Credit(lot, c.now), key.Program.String(), x)
	c.begin(g.to, r)
	c.line(line)
}

// begin notes the promise when a card gets its first stamp.
func (c *call) begin(m *File, r *rules.Compiled) {
	p := r.Version.Program.ID
	if t := m.Terms[p]; stamps(r) && (t == nil || t.Gone) {
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

// capped cuts an amount to what the rule's cap leaves and counts it. What several compete
// for goes by arrival: a refold neither takes from others nor makes room for itself.
func (c *call) capped(g gift, key loyalty.RewardKey, amount int64) (int64, map[string]string) {
	limit := g.rule.Cap
	if limit.N == 0 {
		return amount, nil
	}
	if limit.Period == "order" {
		return min(amount, limit.N), nil
	}
	name := capName(g.rule, c.at, c.d)
	used := c.used(g.to, key, name)
	figures := map[string]string{"what": limit.What, "cap": strconv.FormatInt(limit.N, 10), "used": strconv.FormatInt(used, 10), "period": limit.Period}
	if limit.What == rules.Rewards {
		if used >= limit.N {
			return 0, figures
		}
		c.claim(g.to, key, name, 1)
		return amount, nil
	}
	amount = min(amount, limit.N-used)
	if amount <= 0 {
		return 0, figures
	}
	c.claim(g.to, key, name, amount)
	return amount, nil
}

// used is what counts against a cap. For somebody else's cap a refold asks the live
// counter, less what this very reward took from it before.
func (c *call) used(to *File, key loyalty.RewardKey, name CounterName) int64 {
	var used int64
	if n := to.Counters[name]; n != nil {
		used = n.Used
	}
	if !to.foreign {
		return used
	}
	live := c.live.Files[key.Member]
	if n := live.Counters[name]; n != nil {
		used += n.Used
	}
	if x := live.Rewards[key]; x != nil {
		used -= c.counted(x)
	}
	return used
}

// claim counts against a cap, unless a refold looks at a reward that somebody else has
// and that was counted when it was given.
func (c *call) claim(to *File, key loyalty.RewardKey, name CounterName, n int64) {
	if to.foreign {
		if x := c.live.Files[key.Member].Rewards[key]; x != nil && c.counted(x) > 0 {
			return
		}
	}
	c.count(to, name, n)
}

// counted is what a reward takes from its rule's cap.
func (c *call) counted(x *loyalty.Reward) int64 {
	r := c.rule(x)
	switch {
	case r == nil || r.Cap.N == 0 || r.Cap.Period == "order" || x.Net() == 0:
		return 0
	case r.Cap.What == rules.Rewards:
		return 1
	}
	return x.Net()
}

// count moves a counter of a member.
func (c *call) count(m *File, name CounterName, n int64) {
	x := m.Counters[name]
	if x == nil {
		x = &loyalty.Counter{Owner: m.Member.ID.String(), Name: name.Name, Period: name.Period, New: true}
		m.Counters[name] = x
	}
	x.Used = max(0, x.Used+n)
	x.Dirty = true
}

// capName is the counter of a rule's cap in the period that holds t.
func capName(r *rules.Compiled, t moment.Time, d *Dossiers) CounterName {
	name := CounterName{Name: "cap:" + r.Version.Program.ID.String() + "/" + r.Name, Period: "ever"}
	switch r.Cap.Period {
	case "day":
		name.Period = t.Date(d.Shop.Zone)
	case "month":
		name.Period = strconv.Itoa(t.Month(d.Shop.Zone))
	case "year":
		name.Period = strconv.Itoa(t.Month(d.Shop.Zone) / 100)
	}
	return name
}

// CapName is the counter that a rule's cap reads when a fact of time t is judged; ok is
// false for a rule without one. Loading needs it.
func CapName(r *rules.Compiled, t moment.Time, s *loyalty.Shop) (CounterName, bool) {
	if r.Cap.N == 0 || r.Cap.Period == "order" {
		return CounterName{}, false
	}
	return capName(r, t, &Dossiers{Shop: s}), true
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

// giveOf finds the give by which a reward was computed.
func giveOf(r *rules.Compiled, x *loyalty.Reward) int {
	for i, g := range r.Gives {
		if g.Part == x.Part && r.Unit(i) == x.Unit {
			return i
		}
	}
	return 0
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

// StepName is the counter of an exchange's steps; ok is false for another kind of rule.
func StepName(r *rules.Compiled) (CounterName, bool) {
	return CounterName{Name: stepName(r), Period: "ever"}, r.Trigger == rules.OnThreshold
}
