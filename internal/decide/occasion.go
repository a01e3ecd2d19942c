package decide

import (
	"cmp"
	"slices"
	"strconv"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/money"
	"cagnotte/internal/rules"
)

// occasion is something that rules may answer to: a paid order, a sign-up, a click.
type occasion struct {
	trigger   string
	event     string // of a custom event or a step: its name
	cause     string // what stands behind the rewards: it takes them back
	each      string // the recurrence key of a rule that gives each time
	order     *loyalty.OrderRow
	happening *loyalty.Happening
	channel   string
	site      string
	codes     []string
}

// candidate is a rule that holds, before it is known whether another one beats it.
type candidate struct {
	rule    *rules.Compiled
	e       rules.Eligible // without multipliers
	once    string
	checks  []loyalty.Condition
	weights rules.Weights
	worth   int64
}

// judge lets every rule in force look at an occasion: conditions, recurrence, exclusive
// groups, then what it gives.
func (c *call) judge(m *File, o occasion) {
	k := c.caseOf(m, &o)
	var held, multipliers []candidate
	for _, r := range c.rulesAt(m, &o) {
		if r.Refer && !c.bonded(m) || !r.Concerns(o.order) {
			continue
		}
		k.Eligible, k.Since = c.eligible(r, &o), m.Member.RegisteredAt
		if b := m.Bond(); r.Refer {
			k.Since = b.TouchedAt
			k.RefBuyer = c.orderedBefore(b.Referrer)
		}
		line := refusal(r, m)
		if i := r.Judge(k); i >= 0 {
			if !r.Multiplies() {
				line.Code, line.Figures = r.Refusal(i, k)
				line.Checks = r.Conditions(k)
				c.line(line)
			}
			continue
		}
		x := candidate{rule: r, e: k.Eligible, checks: r.Conditions(k)}
		switch {
		case r.Multiplies():
			multipliers = append(multipliers, x)
			continue
		case r.Refer:
			if reason := c.excluded(m); reason != "" {
				line.Code = reason
				c.line(line)
				continue
			}
		}
		if c.recurs(m, &o, &x, line) {
			held = append(held, x)
		}
	}
	multipliers = c.compete(m, multipliers)
	for i := range held {
		c.weigh(&held[i], multipliers, &o)
		held[i].worth = c.worth(&held[i])
	}
	for _, x := range c.compete(m, held) {
		c.apply(m, &o, x)
	}
}

// caseOf gathers what conditions look at.
func (c *call) caseOf(m *File, o *occasion) *rules.Case {
	k := &rules.Case{
		At: c.f.OccurredAt, Zone: c.d.Shop.Zone, Order: o.order, Event: o.happening, Channel: o.channel, Site: o.site, Codes: o.codes,
		Group: m.Member.Group, Currency: c.d.Shop.Currency, Decimals: c.d.Shop.Decimals,
	}
	if c.f.Clock() {
		k.At = c.at
	}
	if c.book.Tags() {
		k.Tags = make(map[string]bool, len(m.Tags))
		for t, x := range m.Tags {
			k.Tags[t] = x.On
		}
	}
	return k
}

// eligible is what counts of an occasion for a rule.
func (c *call) eligible(r *rules.Compiled, o *occasion) rules.Eligible {
	if o.order == nil && o.happening != nil {
		return rules.Eligible{Amount: o.happening.Amount, Items: o.happening.Items}
	}
	return r.Left(o.order, nil)
}

func refusal(r *rules.Compiled, m *File) loyalty.ReceiptLine {
	return loyalty.ReceiptLine{
		Program: r.Version.Program.ID, Version: r.Version.N, Rule: r.Name, Member: m.Member.ID, Outcome: loyalty.Refused,
	}
}

// orderedBefore tells whether somebody has ordered by now.
func (c *call) orderedBefore(m id.Member) bool {
	f := c.file(m)
	return f != nil && f.Member.FirstOrderAt != 0 && f.Member.FirstOrderAt <= c.at
}

// recurs finds the recurrence key under which a rule gives, and tells whether it may give
// again.
func (c *call) recurs(m *File, o *occasion, x *candidate, line loyalty.ReceiptLine) bool {
	r := x.rule
	x.once = o.each
	if r.Refer && o.order != nil {
		x.once += "@" + m.Member.ID.String()
	}
	life := onceEver
	if r.Refer {
		life = friendKey(m.Member.ID)
	}
	switch {
	case r.Refer && (o.trigger == rules.OnSignUp || o.trigger == rules.OnValidated):
		x.once = life
		return true
	case r.Recur.Together > 0:
		return true
	}
	switch kind := r.Recur.Kind; kind {
	case rules.First, rules.Once, rules.Very:
		x.once = life
		if c.had(m, r, life) || kind == rules.Very && o.order != nil && c.orderBefore(m, o.order) {
			line.Code = loyalty.NotFirstOrder
			c.line(line)
			return false
		}
	case rules.Nth, rules.Every:
		name := CounterName{r.NthName, "ever"}
		c.count(m, name, 1)
		n := m.Counters[name].Used
		if kind == rules.Nth && n != r.Recur.N || kind == rules.Every && n%r.Recur.N != 0 {
			line.Code = loyalty.ConditionNotMet
			line.Figures = map[string]string{
				"which": "nth", "need": strconv.FormatInt(r.Recur.N, 10), "got": strconv.FormatInt(n, 10),
			}
			c.line(line)
			return false
		}
	}
	return true
}

// orderBefore tells whether the member ordered before this order.
func (c *call) orderBefore(m *File, o *loyalty.OrderRow) bool {
	at := o.PaidAt
	if at == 0 {
		at = c.at
	}
	return m.Member.FirstOrderAt != 0 && m.Member.FirstOrderAt < at
}

// had tells whether a friend or member already has a rule's reward under that key.
func (c *call) had(m *File, r *rules.Compiled, once string) bool {
	for _, g := range r.Gives {
		key := loyalty.RewardKey{Program: r.Version.Program.ID, Rule: r.Name, Member: m.Member.ID, Once: once}
		if g.Part != loyalty.AsReferrer {
			if x := m.Rewards[key]; x != nil && x.State != loyalty.RewardVoid {
				return true
			}
			continue
		}
		for _, b := range m.Bonds { // a former referrer who keeps it had it for this friend, too
			if !b.Bond && b.State != loyalty.ReferralCancelled {
				continue
			}
			to := c.file(b.Referrer)
			if to == nil {
				continue
			}
			key.Member = b.Referrer
			x := to.Rewards[key]
			if x != nil && x.State != loyalty.RewardVoid && (b.Bond || x.State != loyalty.RewardRefused) {
				return true
			}
		}
	}
	return false
}

// weigh lets the multipliers work on what a rule earns by amount or by item.
func (c *call) weigh(x *candidate, multipliers []candidate, o *occasion) {
	if o.order == nil {
		return
	}
	for _, mult := range multipliers {
		for i := range x.rule.Gives {
			if x.rule.Gives[i].Scales(mult.rule.Rule.Unit) {
				x.weights = mult.rule.Weigh(o.order, x.weights)
				break
			}
		}
	}
}

// weighted is what counts of the occasion, with what multipliers make of it.
func (c *call) weighted(r *rules.Compiled, o *loyalty.OrderRow, e rules.Eligible, w rules.Weights) rules.Eligible {
	if w == nil {
		return e
	}
	return r.Left(o, w)
}

// worth is what a candidate is worth in money, for the choice between exclusive rules.
func (c *call) worth(x *candidate) (sum int64) {
	for i := range x.rule.Gives {
		if x.rule.Gives[i].Part != loyalty.AsReferrer {
			sum += x.rule.WorthOf(i, x.rule.Amount(i, x.e, nil), c.d.Shop.Currency)
		}
	}
	return sum
}

// compete keeps what may give beside one another: rules of an exclusive group give way to
// the one of highest priority and, among equals, to what is worth most to the member; a
// rule that stands alone or is the last one to run silences those behind it.
func (c *call) compete(m *File, list []candidate) []candidate {
	exclusive := func(x candidate) bool { return x.rule.Exclusive != "" || x.rule.Last }
	if !slices.ContainsFunc(list, exclusive) {
		return list
	}
	ranked := slices.Clone(list)
	slices.SortStableFunc(ranked, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(b.rule.Priority, a.rule.Priority), cmp.Compare(b.worth, a.worth), cmp.Compare(b.rule.Times, a.rule.Times))
	})
	var (
		kept  []candidate
		taken = map[string]*rules.Compiled{}
		last  *rules.Compiled
	)
	for _, x := range ranked {
		by := last
		switch group := x.rule.Exclusive; {
		case by != nil:
		case group == rules.AloneGroup && len(kept) > 0:
			by = kept[0].rule
		case group != "":
			by = taken[group]
		}
		if by != nil {
			if !x.rule.Multiplies() {
				line := refusal(x.rule, m)
				line.Code, line.Figures = loyalty.BetterOfferApplies, map[string]string{"which": by.Name}
				c.line(line)
			}
			continue
		}
		if x.rule.Exclusive != "" {
			taken[x.rule.Exclusive] = x.rule
		}
		if x.rule.Last || x.rule.Exclusive == rules.AloneGroup {
			last = x.rule
		}
		kept = append(kept, x)
	}
	slices.SortStableFunc(kept, func(a, b candidate) int { // back to the order of the book
		return slices.IndexFunc(list, func(x candidate) bool { return x.rule == a.rule }) -
			slices.IndexFunc(list, func(x candidate) bool { return x.rule == b.rule })
	})
	return kept
}

// apply gives what a rule gives.
func (c *call) apply(m *File, o *occasion, x candidate) {
	g := gift{
		rule: x.rule, to: m, from: m, once: x.once, cause: o.cause, order: o.order, checks: x.checks, weights: x.weights,
		e: c.weighted(x.rule, o.order, x.e, x.weights),
	}
	switch {
	case x.rule.Recur.Together > 0:
		c.together(m, o, g)
	case x.rule.Refer:
		c.giveBoth(g)
		c.qualified(m, o, x.rule)
	default:
		c.give(g)
	}
}

// qualified moves the bond when a rule of its objective was met.
func (c *call) qualified(m *File, o *occasion, r *rules.Compiled) {
	b := m.Bond()
	if o.order == nil && (o.trigger != rules.OnSignUp || c.ordersValidate(m)) {
		return
	}
	switch b.State {
	case loyalty.ReferralInvited, loyalty.ReferralClicked, loyalty.ReferralJoined:
		b.State, b.Dirty = loyalty.ReferralQualified, true
		if o.order != nil {
			b.Order = o.order.Name()
		}
		if r.WaitDays == 0 {
			c.validated(m, o.cause)
		}
	case loyalty.ReferralFlagged:
		if o.order != nil && b.Order == "" {
			b.Order, b.Dirty = o.order.Name(), true
		}
	}
}

// ordersValidate tells whether a running program rewards the friend's orders: then the
// sign-up alone does not validate a referral.
func (c *call) ordersValidate(m *File) bool {
	for _, p := range c.book.Programs {
		if v := p.InForce(m.Bond().TouchedAt, c.f.RecordedAt); v != nil {
			for _, r := range v.Rules {
				if r.Refer && r.Orders() {
					return true
				}
			}
		}
	}
	return false
}

// validated ends a referral well, and lets rules answer to that.
func (c *call) validated(m *File, cause string) {
	b := m.Bond()
	b.State, b.Dirty = loyalty.ReferralRewarded, true
	if c.book.Answers(rules.OnValidated) {
		c.judge(m, occasion{trigger: rules.OnValidated, cause: cause, each: friendKey(m.Member.ID)})
	}
}

// giveBoth rewards friend and referrer by one rule.
func (c *call) giveBoth(g gift) {
	friend := g.from
	for i, give := range g.rule.Gives {
		g.i, g.to = i, friend
		if give.Part == loyalty.AsReferrer {
			g.to = c.file(friend.Bond().Referrer)
		}
		if g.to == nil {
			continue
		}
		c.give(g)
		if g.to != friend {
			c.exchange(g.to)
		}
	}
}

// credited notes that somebody else's fact gave or opened units that pay a debt or may be
// exchanged: a fact of the owner that is dated earlier and comes later is late then.
func (c *call) credited(to *File, x *loyalty.Reward) {
	u := x.Unit
	if to.foreign || to.Member.ID == c.f.MemberID || u == "" {
		return
	}
	if c.book.Exchanges(u) || c.book.Reaches(u) || to.Account(u).Debt() > 0 {
		c.judged(to, loyalty.Position{At: c.at})
	}
}

// rulesAt lists the rules that judge what happens to a member now: of each program the
// version in force, or the one that a begun card was promised, or the one at the
// referral's first touch. What a paused program would have given is refused.
func (c *call) rulesAt(m *File, o *occasion) []*rules.Compiled {
	var out []*rules.Compiled
	at, recorded := c.f.OccurredAt, c.f.RecordedAt
	if c.f.Clock() {
		at = c.at
	}
	for _, p := range c.book.Programs {
		v := p.InForce(at, recorded)
		card := v
		if t := m.Terms[p.ID]; t != nil && !t.Gone && t.Since <= at {
			card = p.Version(t.Version)
		}
		touched := v
		if b := m.Bond(); b != nil {
			if x := p.InForce(b.TouchedAt, recorded); x != nil {
				touched = x
			}
		}
		first := len(out)
		out = pick(out, v, o, func(r *rules.Compiled) bool { return !r.Refer && !r.Card() })
		out = pick(out, card, o, (*rules.Compiled).Card)
		out = pick(out, touched, o, func(r *rules.Compiled) bool { return r.Refer })
		if len(out) > first && p.PausedAt(at, recorded) {
			for _, r := range out[first:] {
				if r.Multiplies() || r.Refer && !c.bonded(m) || !r.Concerns(o.order) {
					continue
				}
				line := refusal(r, m)
				line.Code = loyalty.ProgramNotRunning
				c.line(line)
			}
			out = out[:first]
		}
	}
	slices.SortStableFunc(out, func(a, b *rules.Compiled) int { return cmp.Compare(b.Priority, a.Priority) })
	return out
}

func pick(out []*rules.Compiled, v *rules.Version, o *occasion, want func(*rules.Compiled) bool) []*rules.Compiled {
	if v == nil {
		return out
	}
	for _, r := range v.On(o.trigger) {
		if r.Event == o.event && want(r) {
			out = append(out, r)
		}
	}
	return out
}

func (c *call) need(need, got int64) map[string]string {
	return map[string]string{
		"need": money.Text(need, c.d.Shop.Decimals), "got": money.Text(got, c.d.Shop.Decimals), "currency": c.d.Shop.Currency,
	}
}

// birthdayAt is the next birthday after t, at the beginning of the local day. Who was born
// on a 29 February has it on the 28th in other years.
func birthdayAt(day string, t moment.Time, d *Dossiers) (moment.Time, int) {
	month, _ := strconv.Atoi(day[:2])
	of, _ := strconv.Atoi(day[3:])
	for year := t.Month(d.Shop.Zone) / 100; ; year++ {
		if at := moment.DayOf(year, month, of, d.Shop.Zone); at > t {
			return at, year
		}
	}
}

// nextBirthday sets the timer of the next birthday, and forgets another one.
func (c *call) nextBirthday(m *File) {
	at, year := birthdayAt(m.Member.Birthday, c.at, c.d)
	for _, t := range m.Timers {
		if t.Kind == loyalty.TimerBirthday && t.State == loyalty.TimerWaiting && t.DueAt != at {
			t.State, t.Dirty = loyalty.TimerVoid, true
		}
	}
	c.timer(m, loyalty.TimerBirthday, at, nil, "b:"+strconv.Itoa(year))
}
