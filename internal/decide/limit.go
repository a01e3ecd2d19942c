package decide

import (
	"strconv"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/rules"
)

// limited cuts an amount to what the caps of rule and program leave, and asks the budgets,
// which all members compete for; then it counts what is given. It refuses with a reason
// and its figures.
func (c *call) limited(g gift, key loyalty.RewardKey, amount int64) (int64, map[string]string, loyalty.Reason) {
	amount, figures := c.room(g, key, amount)
	if amount == 0 {
		return 0, figures, loyalty.CapReached
	}
	if figures := c.overBudget(g, key, amount); figures != nil {
		return 0, figures, loyalty.BudgetExhausted
	}
	for _, l := range g.rule.Caps {
		c.claim(g.to, key, c.capName(l, c.at), takes(l, amount))
	}
	c.spend(g.rule, g.i, amount, c.at)
	return amount, nil, ""
}

// takes is what a reward of that amount takes from a cap.
func takes(l rules.Limit, amount int64) int64 {
	switch {
	case amount == 0:
		return 0
	case l.What == rules.Rewards:
		return 1
	}
	return amount
}

// room is what the caps leave of an amount, with the figures of the one that leaves
// nothing. What several compete for goes by arrival: a refold neither takes from others
// nor makes room for itself.
func (c *call) room(g gift, key loyalty.RewardKey, amount int64) (int64, map[string]string) {
	if g.rule.Cap.N > 0 && g.rule.Cap.Period == "order" {
		amount = min(amount, g.rule.Cap.N)
	}
	for _, l := range g.rule.Caps {
		used := c.used(g.to, key, l)
		left := amount
		switch {
		case used >= l.Size:
			left = 0
		case l.What != rules.Rewards:
			left = min(amount, l.Size-used)
		}
		if left == 0 {
			return 0, map[string]string{
				"what": l.What, "cap": strconv.FormatInt(l.Size, 10), "used": strconv.FormatInt(used, 10), "period": l.Period,
			}
		}
		amount = left
	}
	return amount, nil
}

// used is what counts against a cap. For somebody else's cap a refold asks the live
// counter, less what this very reward took from it before.
func (c *call) used(to *File, key loyalty.RewardKey, l rules.Limit) int64 {
	name := c.capName(l, c.at)
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
	if x := live.Rewards[key]; x != nil && x.State != loyalty.RewardVoid {
		used -= takes(l, x.Net())
	}
	return used
}

// claim counts against a cap, unless a refold looks at a reward that somebody else has
// and that was counted when it was given.
func (c *call) claim(to *File, key loyalty.RewardKey, name CounterName, n int64) {
	if to.foreign {
		if x := c.live.Files[key.Member].Rewards[key]; x != nil && x.State != loyalty.RewardVoid && x.Net() > 0 {
			return
		}
	}
	c.count(to, name, n)
}

// countBy moves every cap of a reward's rule by what its worth changed from one amount to
// another.
func (c *call) countBy(to *File, x *loyalty.Reward, before, after int64) {
	r := c.rule(x)
	if r == nil || x.Option > 0 {
		return
	}
	for _, l := range r.Caps {
		if n := takes(l, after) - takes(l, before); n != 0 {
			c.count(to, c.capName(l, x.GivenAt), n)
		}
	}
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

func (c *call) capName(l rules.Limit, t moment.Time) CounterName {
	return CounterName{Name: l.Name, Period: periodOf(l.Period, t, c.d.Shop)}
}

// periodOf is the period of a cap or a budget that holds t.
func periodOf(period string, t moment.Time, s *loyalty.Shop) string {
	switch period {
	case "day":
		return t.Date(s.Zone)
	case "month":
		return strconv.Itoa(t.Month(s.Zone))
	case "year":
		return strconv.Itoa(t.Month(s.Zone) / 100)
	}
	return "ever"
}

// CapNames lists the counters that a rule may read when a fact of time t is judged: its
// caps, its occasions, its steps. Loading needs them.
func CapNames(r *rules.Compiled, t moment.Time, s *loyalty.Shop) []CounterName {
	var out []CounterName
	for _, l := range r.Caps {
		out = append(out, CounterName{l.Name, periodOf(l.Period, t, s)})
	}
	if r.NthName != "" {
		out = append(out, CounterName{r.NthName, "ever"})
	}
	if r.Steps != "" {
		out = append(out, CounterName{r.Steps, "ever"})
	}
	return out
}

// LimitNames lists the counters and budgets that a reward counts against: those of the
// period in which it was given.
func LimitNames(b *rules.Book, x *loyalty.Reward, s *loyalty.Shop) (caps []CounterName, budgets []BudgetName) {
	r := (&call{book: b}).rule(x)
	if r == nil {
		return nil, nil
	}
	for _, l := range r.Caps {
		caps = append(caps, CounterName{l.Name, periodOf(l.Period, x.GivenAt, s)})
	}
	for _, l := range r.Budgets {
		budgets = append(budgets, budgetName(r, l, x.GivenAt, s))
	}
	return caps, budgets
}

func budgetName(r *rules.Compiled, l rules.Limit, t moment.Time, s *loyalty.Shop) BudgetName {
	return BudgetName{r.Version.Program.ID, CounterName{l.Name, periodOf(l.Period, t, s)}}
}

// BudgetNames lists the budgets that a program's rules may read when a fact of time t is
// judged.
func BudgetNames(p *rules.Program, t moment.Time, s *loyalty.Shop) []BudgetName {
	var out []BudgetName
	seen := map[BudgetName]bool{}
	for _, v := range p.Versions {
		for _, r := range v.Rules {
			for _, l := range r.Budgets {
				if n := budgetName(r, l, t, s); !seen[n] {
					seen[n] = true
					out = append(out, n)
				}
			}
		}
	}
	return out
}

// costs is what a reward takes from a budget.
func costs(l rules.Limit, r *rules.Compiled, i int, amount int64, currency string) int64 {
	switch {
	case amount == 0:
		return 0
	case l.What == rules.Uses:
		return 1
	}
	return r.WorthOf(i, amount, currency)
}

// overBudget gives the figures of a budget that cannot cover a reward whole; nil when all
// can. A refold keeps what the reward took before, and takes the rest from what is left.
func (c *call) overBudget(g gift, key loyalty.RewardKey, amount int64) map[string]string {
	for _, l := range g.rule.Budgets {
		need := costs(l, g.rule, g.i, amount, c.d.Shop.Currency)
		d := c.d
		if c.live != nil {
			d = c.live
			if f := d.Files[key.Member]; f != nil {
				if x := f.Rewards[key]; x != nil && x.State != loyalty.RewardVoid {
					need -= costs(l, g.rule, g.i, x.Net(), c.d.Shop.Currency)
				}
			}
		}
		used := int64(0)
		if n := d.Budgets[budgetName(g.rule, l, c.at, c.d.Shop)]; n != nil {
			used = n.Used
		}
		used += d.HeldOf(BudgetRef(budgetName(g.rule, l, c.at, c.d.Shop)), id.Member{}, id.Cart{}, c.now)
		if need > 0 && used+need > l.Size {
			return map[string]string{
				"size": strconv.FormatInt(l.Size, 10), "used": strconv.FormatInt(used, 10), "need": strconv.FormatInt(need, 10),
				"which": l.Name,
			}
		}
	}
	return nil
}

// spend takes a reward from the budgets. In a refold nothing is taken: the difference is,
// when the book adopts it.
func (c *call) spend(r *rules.Compiled, i int, amount int64, at moment.Time) {
	if c.live != nil {
		return
	}
	for _, l := range r.Budgets {
		c.budget(budgetName(r, l, at, c.d.Shop), costs(l, r, i, amount, c.d.Shop.Currency))
	}
}

// spendBy moves the budgets of a reward by what its worth changed from one amount to
// another.
func (c *call) spendBy(x *loyalty.Reward, before, after int64) {
	r := c.rule(x)
	if r == nil || c.live != nil || x.Option > 0 {
		return
	}
	i := giveOf(r, x)
	for _, l := range r.Budgets {
		n := costs(l, r, i, after, c.d.Shop.Currency) - costs(l, r, i, before, c.d.Shop.Currency)
		c.budget(budgetName(r, l, x.GivenAt, c.d.Shop), n)
	}
}

func (c *call) budget(name BudgetName, n int64) {
	if n == 0 {
		return
	}
	x := c.d.Budgets[name]
	if x == nil {
		x = &loyalty.Counter{Owner: name.Program.String(), Name: name.Name, Period: name.Period, New: true}
		c.d.Budgets[name] = x
	}
	x.Used, x.Dirty = max(0, x.Used+n), true
}
