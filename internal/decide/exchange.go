package decide

import (
	"fmt"
	"strconv"
	"strings"

	"cagnotte/internal/id"
	"cagnotte/internal/ledger"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/rules"
)

// exchange turns collected units into vouchers as long as a threshold is reached.
func (c *call) exchange(m *File) {
	if m.foreign {
		return
	}
	for _, p := range c.book.Programs {
		if !p.Running {
			continue
		}
		for again := true; again; {
			again = false
			for _, r := range pick(c.cardVersion(m, p), rules.OnThreshold, func(*rules.Compiled) bool { return true }) {
				if a := m.Accounts[r.Pays()]; a != nil && a.LotsLoaded && a.AvailableAt(c.at) >= r.Need {
					c.issue(m, a, r)
					again = true
				}
			}
		}
	}
}

// cardVersion is the version that a begun card was promised, else the one in force.
func (c *call) cardVersion(m *File, p *rules.Program) *rules.Version {
	if t := m.Terms[p.ID]; t != nil && !t.Gone {
		return p.Version(t.Version)
	}
	return p.InForce(c.at, c.f.RecordedAt)
}

// issue makes one exchange: the price leaves the lots, a voucher comes. Its recurrence key
// is the number of the step and the version that says what is given: a late fact may show
// that the step belongs to another version, and that is another voucher.
func (c *call) issue(m *File, a *ledger.Account, r *rules.Compiled) {
	if c.issued++; c.issued > maxIssued {
		panic("decide: one fact makes more vouchers than it can mean")
	}
	p := r.Version.Program.ID
	steps := CounterName{Name: stepName(r), Period: "ever"}
	c.count(m, steps, 1)
	step := m.Counters[steps].Used
	key := loyalty.RewardKey{Program: p, Rule: r.Name, Member: m.Member.ID, Once: fmt.Sprintf("step:%d@%d", step, r.Version.N)}
	parts := a.Take(r.Need, c.at, false)
	x := &loyalty.Reward{
		ID: mint[id.RewardKind](c), Key: key, Version: r.Version.N, Part: loyalty.AsMember, Cause: ExchangeCause(m.Member.ID),
		From: m.Member.ID, Event: c.f.ID, Amount: 1, Granted: 1, State: loyalty.RewardGiven, GivenAt: c.at, New: true,
	}
	if was := m.Rewards[key]; was != nil {
		x.ID, x.New, x.Dirty = was.ID, false, true
		c.forget(was)
	}
	for _, part := range parts {
		x.Spent = append(x.Spent, loyalty.Spent{Lot: part.Lot.ID, Amount: -part.Amount})
	}
	c.d.AddReward(m, x)
	v := &loyalty.Voucher{
		ID: mint[id.VoucherKind](c), Member: m.Member.ID, Reward: x.ID, Kind: r.Voucher.Kind, Article: r.Voucher.Article,
		Amount: r.Voucher.Amount, UsesMax: 1, StartsAt: c.at, State: loyalty.VoucherActive, New: true,
	}
	if r.Voucher.ValidDays > 0 {
		v.ExpiresAt = c.at.AddDays(r.Voucher.ValidDays, c.d.Shop.Zone).NextDay(c.d.Shop.Zone)
	}
	if was := m.Vouchers[x.ID]; was != nil { // the key was freed by a refold: its voucher holds again
		v.ID, v.Code, v.New, v.Dirty = was.ID, was.Code, was.New, true
	}
	if c.live != nil { // what was used stays used
		if was := c.live.Files[m.Member.ID].Rewards[key]; was != nil && c.live.Files[m.Member.ID].Vouchers[was.ID] != nil {
			v.Used = c.live.Files[m.Member.ID].Vouchers[was.ID].Used
		}
	}
	m.Vouchers[x.ID] = v
	c.post(ledger.Exchange, a, parts, p.String(), x)
	c.line(loyalty.ReceiptLine{
		Program: p, Version: r.Version.N, Rule: r.Name, Part: loyalty.AsMember, Member: m.Member.ID,
		Outcome: loyalty.Exchanged, Unit: a.Unit, Amount: r.Need, Voucher: v.ID, At: v.ExpiresAt,
	})
	c.renew(m, a, r)
}

func stepName(r *rules.Compiled) string {
	return "steps:" + r.Version.Program.ID.String() + "/" + r.Name
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
		v := m.Vouchers[x.ID]
		r := c.rule(x)
		if r != nil && r.Pays() == a.Unit && x.State == loyalty.RewardGiven && v != nil && v.Used == 0 && v.State == loyalty.VoucherActive {
			if last == nil || x.GivenAt > last.GivenAt || x.GivenAt == last.GivenAt && stepNumber(x) > stepNumber(last) {
				last = x
			}
		}
	}
	if last == nil {
		return false
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
	last.State, last.Taken, last.Dirty = loyalty.RewardRefused, last.Amount, true
	v := m.Vouchers[last.ID]
	v.State, v.Dirty = loyalty.VoucherWithdrawn, true
	c.line(loyalty.ReceiptLine{
		Program: last.Key.Program, Version: last.Version, Rule: last.Key.Rule, Part: loyalty.AsMember, Member: m.Member.ID,
		Outcome: loyalty.Undone, Unit: a.Unit, Amount: price, Voucher: v.ID, Code: loyalty.OrderReturnedAll,
	})
	return true
}
