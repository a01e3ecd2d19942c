package insight

import (
	"encoding/json"
	"fmt"
	"runtime/debug"
	"slices"
	"strings"

	"cagnotte/internal/decide"
	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/store"
)

// life is what one member did and got in a trial: dossiers of his own, since nobody
// else's matter to him. The budgets are everybody's.
type life struct {
	t        *trial
	member   id.Member
	dossiers *decide.Dossiers
	file     *decide.File
	told     int64 // facts of the period
	returns  int64 // facts of the period that brought something back
	strayed  int64 // minor units that came back and belong to none of his orders

	lost, lostUnits int64 // what returns without an order took: its worth, and the ranked unit
}

func (t *trial) born(m id.Member, budgets map[decide.BudgetName]*loyalty.Counter) *life {
	l := &life{t: t, member: m, dossiers: decide.NewDossiers(t.shop)}
	l.file = decide.NewFile(&loyalty.Member{ID: m, State: loyalty.Prospect, New: true})
	l.dossiers.Files[m], l.dossiers.Budgets = l.file, budgets
	return l
}

// read makes the fact that is tried: as if it had been recorded to be judged. Who sent
// whom is not part of it.
func read(told *store.Told) (*loyalty.Fact, error) {
	f := &loyalty.Fact{}
	if err := json.Unmarshal(told.Text, f); err != nil {
		return nil, fmt.Errorf("backtest: fact of %s: %w", told.ID, err)
	}
	f.ID, f.Feed, f.ExternalID, f.Origin, f.MemberID = told.ID, told.Feed, told.ExternalID, told.Origin, told.Member
	if f.History() {
		f.Origin = loyalty.FromLive
	}
	f.FoldAt = f.OccurredAt
	f.Referrer, f.Touch, f.Other = loyalty.Who{}, "", loyalty.Who{}
	return f, nil
}

// inOrder sorts facts as they are judged.
func inOrder(facts []*loyalty.Fact) {
	slices.SortFunc(facts, func(a, b *loyalty.Fact) int { return a.Position().Compare(b.Position()) })
}

// live judges one fact and counts what its receipt says.
func (l *life) live(f *loyalty.Fact, sum *tally) error {
	stray := f.Kind == loyalty.Refunded && f.Refund.Ref == ""
	var before int64
	if stray {
		before = l.net()
	}
	out, err := l.decided(f)
	if err != nil {
		return err
	}
	sum.facts++
	if f.FoldAt >= l.t.start {
		l.told++
		if f.Kind == loyalty.Refunded || f.Kind == loyalty.OrderCancelled {
			l.returns++
		}
		if stray {
			l.strayed += max(0, amountOf(f.Refund)-(before-l.net()))
		}
	}
	if out.Problem != nil {
		sum.impossible++
		return nil
	}
	l.count(out, sum)
	return nil
}

// count keeps what a decision says beside what it changed in the dossiers.
func (l *life) count(out decide.Decision, sum *tally) {
	lost, units := sum.lines(l.t, out.Lines)
	l.lost += lost
	l.lostUnits += units
	if l.t.question.watch != nil {
		l.t.question.watch(l.dossiers, out.Entries)
	}
}

// decided is decide.One. It panics where one fact would give more than can be meant; an
// import would refuse that fact, a trial ends and names it.
func (l *life) decided(f *loyalty.Fact) (out decide.Decision, err error) {
	defer func() {
		if p := recover(); p != nil {
			text := fmt.Sprint(p)
			if !strings.HasPrefix(text, "decide: one fact") {
				err = fmt.Errorf("backtest: fact %s: %v\n%s", f.ID, p, debug.Stack())
				return
			}
			err = loyalty.Invalid("text", "reward_without_end", "event", f.ID.String())
		}
	}()
	out = decide.One(l.t.book, l.dossiers, f, l.t.now)
	if out.Again {
		err = fmt.Errorf("backtest: fact %s came after what it stands before", f.ID)
	}
	return out, err
}

// due is when the clock would come to the member after his last fact; zero: not by the end
// of the trial. It takes waiting decisions before ends of lots, as the running clock does.
func (l *life) due() moment.Time {
	first := moment.Time(0)
	for _, x := range l.file.Timers {
		if x.State == loyalty.TimerWaiting && x.DueAt <= l.t.now && (first == 0 || x.DueAt < first) {
			first = x.DueAt
		}
	}
	if next := decide.NextDue(l.file); first == 0 && next != 0 && next <= l.t.now {
		first = next
	}
	return first
}

// clock lets everything happen that is due by the end of the trial.
func (l *life) clock(sum *tally) error {
	at := l.due()
	if at == 0 {
		return nil
	}
	f := &loyalty.Fact{
		ID: id.Mint[id.EventKind](int64(clockIDs), [8]byte{}), Feed: loyalty.FromClock, Origin: loyalty.FromClock, Kind: loyalty.ClockDue,
		ExternalID: fmt.Sprintf("%s@%d", l.member, at), OccurredAt: at, MemberID: l.member, Member: loyalty.Who{ID: l.member},
	}
	out, err := l.decided(f)
	if err != nil {
		return err
	}
	l.count(out, sum)
	return nil
}

// clockIDs are ids behind those of all facts, in the year 6429: what the clock does comes
// last.
const clockIDs = moment.Time(1<<47) * 1000

// net is what is left of all orders of the member.
func (l *life) net() (sum int64) {
	for _, o := range l.dossiers.Orders {
		sum += o.Net()
	}
	return sum
}

func amountOf(r *loyalty.Refund) (sum int64) {
	for _, x := range r.Lines {
		sum += x.Amount
	}
	return sum
}

// rule finds the rule that gave a reward, and the place of the give in it.
func (l *life) rule(x *loyalty.Reward) (r *ruleOf) {
	for _, p := range l.t.book.Programs {
		if p.ID != x.Key.Program {
			continue
		}
		for _, c := range p.Versions[0].Rules {
			if c.Name != x.Key.Rule {
				continue
			}
			for i, g := range c.Gives {
				if g.Part == x.Part && (c.Unit(i) == x.Unit || x.Option > 0) {
					return &ruleOf{c, i}
				}
			}
		}
	}
	return nil
}
