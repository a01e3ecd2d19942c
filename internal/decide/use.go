package decide

import (
	"fmt"
	"maps"
	"strconv"

	"cagnotte/internal/id"
	"cagnotte/internal/ledger"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/rules"
)

// This file: what members do with what they have, and what staff notes about them. Such a
// fact was refused before anything changed if it was impossible (refuse.go); in a refold
// it stands whatever the history says by then.

// transfer moves open value to another member, lot by lot, with its dates.
func (c *call) transfer(m *File, f *loyalty.Fact) {
	unit := ledger.Unit(f.Transfer.Unit)
	a := m.Account(unit)
	parts := a.Take(f.Transfer.Amount, c.at, false)
	line := loyalty.ReceiptLine{Member: m.Member.ID, Unit: unit, Amount: f.Transfer.Amount, Outcome: loyalty.TakenBack, Rule: ruleTransfer}
	c.line(line)
	c.exchange(m)
	if c.live != nil {
		return // the other one keeps what he got
	}
	to := c.file(f.Other.ID)
	b := to.Account(unit)
	t := &ledger.Transaction{
		ID: mint[id.TransactionKind](c), Kind: ledger.Transfer, Event: c.f.ID, Actor: c.f.Feed, EffectiveAt: c.at,
		Postings: a.Sides(parts), // the other side is the other member's
	}
	for i, p := range parts {
		x := &loyalty.Reward{
			ID:      mint[id.RewardKind](c),
			Key:     loyalty.RewardKey{Rule: ruleTransfer, Member: to.Member.ID, Once: eventKey(f) + "#" + strconv.Itoa(i)},
			Part:    loyalty.AsMember,
			Cause:   eventKey(f),
			From:    m.Member.ID,
			Event:   f.ID,
			Unit:    unit,
			Amount:  -p.Amount,
			Granted: -p.Amount,
			State:   loyalty.RewardGiven,
			GivenAt: c.at,
			New:     true,
		}
		lot := &ledger.Lot{
			ID: mint[id.LotKind](c), Member: to.Member.ID, Unit: unit, Reward: x.ID, Origin: x.Key.Once, Amount: -p.Amount, Since: c.at, OpensAt: c.at,
		}
		if p.Lot != nil {
			lot.ExpiresAt = p.Lot.ExpiresAt
		}
		c.d.AddReward(to, x)
		t.Postings = append(t.Postings, b.Sides(b.Credit(lot, c.now))...)
	}
	c.out.Entries = append(c.out.Entries, t)
	line.Member, line.Outcome = to.Member.ID, loyalty.Given
	c.line(line)
	c.judged(to, loyalty.Position{At: c.at})
	c.exchange(to)
}

// ruleTransfer stands in the place of a rule where a member gave.
const ruleTransfer = "transfer"

// asked makes an exchange that the member asked for, as often as he asked.
func (c *call) asked(m *File, f *loyalty.Fact) {
	r := c.askedRule(m, f.Use)
	if r == nil {
		return
	}
	a := m.Account(r.Pays())
	for i := range max(1, f.Use.Times) {
		if no := c.issue(m, a, r, fmt.Sprintf("%s#%d", eventKey(f), i)); no != nil {
			c.line(*no)
			break
		}
	}
	c.exchange(m)
}

// askedRule finds the exchange that a member asks for.
func (c *call) askedRule(m *File, u *loyalty.Use) *rules.Compiled {
	p := c.book.Program(u.Program)
	if p == nil {
		return nil
	}
	at := c.at
	if at == 0 {
		at = c.f.OccurredAt
	}
	v := p.InForce(at, c.f.RecordedAt)
	if t := m.Terms[p.ID]; t != nil && !t.Gone {
		v = p.Version(t.Version)
	}
	for _, r := range exchanges(v) {
		if r.Name == u.Rule {
			return r
		}
	}
	return nil
}

// reward finds a reward that a fact names by its id: in a refold, the blank sheet's.
func (c *call) reward(m *File, x id.Reward) *loyalty.Reward {
	book := m
	if c.live != nil {
		book = c.live.Files[m.Member.ID]
	}
	for key, r := range book.Rewards {
		if r.ID == x {
			return m.Rewards[key]
		}
	}
	return nil
}

// choose gives what a member chose of several rewards.
func (c *call) choose(m *File, f *loyalty.Fact) {
	x := c.reward(m, f.Use.Reward)
	if x == nil || x.Net() == 0 {
		return
	}
	r, k := c.rule(x), m.Claims[x.ID]
	if r == nil || k == nil {
		return
	}
	k.State, k.Chosen, k.DoneAt, k.Dirty = loyalty.ClaimChosen, f.Use.Option, c.at, true
	give := &r.Gives[giveOf(r, x)].Choice[f.Use.Option-1]
	y := &loyalty.Reward{
		ID: mint[id.RewardKind](c), Key: x.Key, Version: x.Version, Part: x.Part, Cause: x.Cause, From: x.From, Event: c.f.ID,
		Unit: r.Version.Program.UnitOf(give.Unit), Option: f.Use.Option, Amount: give.Amount, Granted: give.Amount, Basis: x.Basis,
		Returned: x.Returned, State: loyalty.RewardGiven, GivenAt: c.at, New: true,
	}
	y.Key = chosenKey(x.Key)
	if was := m.Rewards[y.Key]; was != nil {
		y.ID, y.New, y.Dirty = was.ID, false, true
		c.forget(was)
	}
	line := loyalty.ReceiptLine{
		Program: y.Key.Program, Version: y.Version, Rule: y.Key.Rule, Part: y.Part, Member: y.Key.Member, Unit: y.Unit,
		Outcome: loyalty.Given, Amount: y.Amount,
	}
	c.d.AddReward(m, y)
	c.deliver(m, y, give, r, c.at, &line)
	c.line(line)
	c.reached(m, y.Unit)
	c.exchange(m)
}

// chosenKey is the key of what was chosen of a reward.
func chosenKey(k loyalty.RewardKey) loyalty.RewardKey {
	k.Once += "/chosen"
	return k
}

// claimed notes that a gift was sent or handed over.
func (c *call) claimed(m *File, f *loyalty.Fact) {
	x := c.reward(m, f.Use.Reward)
	if x == nil || m.Claims[x.ID] == nil {
		return
	}
	k := m.Claims[x.ID]
	if f.Use.State == loyalty.ClaimCancelled {
		c.cancelled(m, x, k)
		return
	}
	if f.Use.State == loyalty.ClaimDelivered {
		c.arrived(m, x, k)
		return
	}
	trigger := rules.OnClaimMade
	switch f.Use.State {
	case loyalty.ClaimShipped, loyalty.ClaimHanded:
		trigger = rules.OnClaimSent
		k.State, k.DoneAt, k.Dirty = f.Use.State, c.at, true
		k.Detail.Carrier, k.Detail.Tracking = f.Use.Carrier, f.Use.Tracking
	}
	c.line(loyalty.ReceiptLine{
		Program: x.Key.Program, Version: x.Version, Rule: x.Key.Rule, Part: x.Part, Member: m.Member.ID, Outcome: loyalty.Noted,
		Gift: k.Gift, Code: loyalty.Reason("claim_" + f.Use.State),
	})
	key := eventKey(f)
	c.judge(m, occasion{trigger: trigger, cause: key, each: key})
	c.exchange(m)
}

// arrived notes that what was sent is there. Rules answered when it was sent.
func (c *call) arrived(m *File, x *loyalty.Reward, k *loyalty.Claim) {
	k.State, k.DoneAt, k.Dirty = loyalty.ClaimDelivered, c.at, true
	c.line(loyalty.ReceiptLine{
		Program: x.Key.Program, Version: x.Version, Rule: x.Key.Rule, Part: x.Part, Member: m.Member.ID, Outcome: loyalty.Noted,
		Gift: k.Gift, Code: noteArrived,
	})
}

// noteArrived says that a gift that was sent is there.
const noteArrived loyalty.Reason = "claim_arrived"

// labelled notes what staff says of a member: his group, tags, a block.
func (c *call) labelled(m *File, f *loyalty.Fact) {
	switch f.Kind {
	case loyalty.StaffGroup:
		m.Member.Group = f.Staff.Group
	case loyalty.StaffTag:
		for _, t := range f.Staff.Add {
			m.Tags[t] = Tag{On: true, Dirty: true}
		}
		for _, t := range f.Staff.Remove {
			m.Tags[t] = Tag{Dirty: true}
		}
	case loyalty.StaffHousehold:
		signs := maps.Clone(m.Member.Signals)
		if signs == nil {
			signs = loyalty.Signals{}
		}
		signs[loyalty.Household] = f.Staff.Household
		if f.Staff.No {
			delete(signs, loyalty.Household)
		}
		m.Member.Signals = signs
	case loyalty.StaffBlock:
		switch {
		case !f.Staff.No:
			m.Member.State = loyalty.Blocked
		case m.Member.RegisteredAt != 0:
			m.Member.State = loyalty.Enrolled
		default:
			m.Member.State = loyalty.Guest
		}
	}
	m.Member.Dirty = true
	c.line(loyalty.ReceiptLine{Member: m.Member.ID, Outcome: loyalty.Noted, Rule: f.Kind})
	if f.Kind == loyalty.StaffBlock && f.Staff.No {
		c.exchange(m)
	}
}
