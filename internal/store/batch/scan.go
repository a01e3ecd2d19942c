package batch

import (
	"encoding/json"
	"fmt"
	"slices"

	"cagnotte/internal/decide"
	"cagnotte/internal/id"
	"cagnotte/internal/ledger"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/store"
)

func (l *loader) member(r store.Scanner) error {
	var m loyalty.Member
	var signals string
	err := r.Scan(&m.ID, &m.State, &m.RegisteredAt, &m.FirstOrderAt, &m.JudgedTo.At, &m.JudgedTo.Key, &m.Birthday, &m.Group,
		&m.MergedInto, &m.Settled, &signals)
	if err != nil {
		return err
	}
	if signals != "" {
		if err := json.Unmarshal([]byte(signals), &m.Signals); err != nil {
			return fmt.Errorf("signals of %s: %w", m.ID, err)
		}
	}
	*l.file(m.ID).Member = m
	return nil
}

func (l *loader) account(r store.Scanner) error {
	a := &ledger.Account{}
	if err := r.Scan(&a.Member, &a.Unit, &a.Balance, &a.Held, &a.Earned, &a.Available, &a.AvailableUntil, &a.LapseAt); err != nil {
		return err
	}
	f := l.file(a.Member)
	a.LotsLoaded = l.book.NeedsLots(a.Unit)
	if was := f.Accounts[a.Unit]; was != nil {
		a.Lots = was.Lots
	}
	f.Accounts[a.Unit] = a
	return nil
}

func (l *loader) lot(r store.Scanner) error {
	x := &ledger.Lot{}
	err := r.Scan(&x.ID, &x.Member, &x.Unit, &x.Reward, &x.Origin, &x.Amount, &x.Remaining, &x.Since, &x.OpensAt, &x.ExpiresAt)
	if err != nil {
		return err
	}
	f := l.file(x.Member)
	a := f.Accounts[x.Unit]
	if a == nil {
		return fmt.Errorf("lot %s has no account", x.ID)
	}
	if !l.lots[x.ID] {
		l.lots[x.ID] = true
		a.Lots = append(a.Lots, x)
	}
	a.LotsLoaded = true
	return nil
}

func (l *loader) terms(r store.Scanner) error {
	t := &loyalty.Terms{}
	if err := r.Scan(&t.Member, &t.Program, &t.Version, &t.Since, &t.Gone); err != nil {
		return err
	}
	l.file(t.Member).Terms[t.Program] = t
	return nil
}

func (l *loader) referral(r store.Scanner) error {
	f := &loyalty.Referral{}
	err := r.Scan(&f.ID, &f.Referrer, &f.Friend, &f.Origin, &f.State, &f.Reason, &f.Bond, &f.TouchedAt, &f.LastAt, &f.JoinedAt,
		&f.Order, &f.Score)
	if err != nil {
		return err
	}
	if file := l.file(f.Friend); file.Touch(f.Referrer) == nil {
		file.Bonds = append(file.Bonds, f)
	}
	return nil
}

func (l *loader) tag(r store.Scanner) error {
	var m id.Member
	var tag string
	if err := r.Scan(&m, &tag); err != nil {
		return err
	}
	l.file(m).Tags[tag] = decide.Tag{On: true}
	return nil
}

func (l *loader) claim(r store.Scanner) error {
	k := &loyalty.Claim{}
	var detail string
	err := r.Scan(&k.Reward, &k.Member, &k.Gift, &k.ByHand, &k.Quantity, &k.State, &k.Since, &k.DoneAt, &k.Chosen, &k.Code, &k.Delivery,
		&k.Site, &k.Pool, &detail)
	if err != nil {
		return err
	}
	if err := detailOf(detail, k); err != nil {
		return fmt.Errorf("claim %s: %w", k.Reward, err)
	}
	l.file(k.Member).Claims[k.Reward] = k
	return nil
}

func (l *loader) budget(r store.Scanner) error {
	c := &loyalty.Counter{}
	if err := r.Scan(&c.Owner, &c.Name, &c.Period, &c.Used); err != nil {
		return err
	}
	p, err := id.Parse[id.ProgramKind](c.Owner)
	if err != nil {
		return err
	}
	l.Dossiers.Budgets[decide.BudgetName{Program: p, CounterName: decide.CounterName{Name: c.Name, Period: c.Period}}] = c
	return nil
}

func (l *loader) order(r store.Scanner) error {
	o, err := store.ScanOrder(r)
	if err == nil && l.Dossiers.Orders[o.Name()] == nil {
		l.Dossiers.Orders[o.Name()] = o
	}
	return err
}

func (l *loader) reward(r store.Scanner) error {
	x := &loyalty.Reward{}
	var spent, weights string
	err := r.Scan(&x.ID, &x.Key.Program, &x.Version, &x.Key.Rule, &x.Key.Member, &x.Key.Once, &x.Part, &x.Cause, &x.From, &x.Event,
		&x.Unit, &x.Amount, &x.Taken, &x.Absorbed, &x.Granted, &x.Basis, &x.Returned, &x.State, &x.GivenAt, &x.DueAt, &spent,
		&x.Option, &weights)
	if err != nil {
		return err
	}
	if l.seen[x.ID] {
		return nil
	}
	l.seen[x.ID] = true
	if spent != "" {
		if err := json.Unmarshal([]byte(spent), &x.Spent); err != nil {
			return fmt.Errorf("price of reward %s: %w", x.ID, err)
		}
	}
	if weights != "" {
		if err := json.Unmarshal([]byte(weights), &x.Weights); err != nil {
			return fmt.Errorf("weights of reward %s: %w", x.ID, err)
		}
	}
	l.Dossiers.AddReward(l.file(x.Key.Member), x)
	return nil
}

func (l *loader) counter(r store.Scanner) error {
	c := &loyalty.Counter{}
	if err := r.Scan(&c.Owner, &c.Name, &c.Period, &c.Used); err != nil {
		return err
	}
	m, err := id.Parse[id.MemberKind](c.Owner)
	if err != nil {
		return err
	}
	l.file(m).Counters[decide.CounterName{Name: c.Name, Period: c.Period}] = c
	return nil
}

func (l *loader) timer(r store.Scanner) error {
	t := &loyalty.Timer{}
	if err := r.Scan(&t.ID, &t.DueAt, &t.Kind, &t.Member, &t.Program, &t.Rule, &t.Cause, &t.State); err != nil {
		return err
	}
	f := l.file(t.Member)
	if !slices.ContainsFunc(f.Timers, func(x *loyalty.Timer) bool { return x.ID == t.ID }) {
		f.Timers = append(f.Timers, t)
	}
	return nil
}

func (l *loader) voucher(r store.Scanner) error {
	v := &loyalty.Voucher{}
	err := r.Scan(&v.ID, &v.Code, &v.Member, &v.Reward, &v.Kind, &v.Article, &v.Amount, &v.Percent, &v.UsesMax, &v.Used, &v.StartsAt, &v.ExpiresAt, &v.State)
	if err != nil {
		return err
	}
	if known := l.Dossiers.Codes[v.Code]; known != nil {
		v = known
	}
	l.file(v.Member).Vouchers[v.Reward] = v
	return nil
}

func (l *loader) receipt(r store.Scanner) error {
	var event id.Event
	var body string
	if err := r.Scan(&event, &body); err != nil {
		return err
	}
	var lines []loyalty.ReceiptLine
	if err := json.Unmarshal([]byte(body), &lines); err != nil {
		return fmt.Errorf("receipt of %s: %w", event, err)
	}
	for _, s := range l.known {
		if s.ID == event {
			s.Lines = append(s.Lines, lines...)
		}
	}
	return nil
}

func (l *loader) past(r store.Scanner) error {
	f, err := scanFact(r)
	if err != nil {
		return err
	}
	file := l.file(f.MemberID)
	file.Past = append(file.Past, f)
	return nil
}

// orphan is a fact that named nobody, about an order that has a member by now, or gets
// one from a fact of this batch.
func (l *loader) orphan(r store.Scanner) error {
	f, err := scanFact(r)
	if err != nil {
		return err
	}
	s, ref := orderOf(f)
	name := loyalty.OrderName(s, ref)
	owner := id.Member{}
	if o := l.Dossiers.Orders[name]; o != nil {
		owner = o.Member
	}
	for _, it := range l.Items {
		if s, r := orderOf(it.Fact); owner.IsZero() && r != "" && loyalty.OrderName(s, r) == name {
			owner = it.Fact.MemberID
		}
	}
	if file := l.Dossiers.Files[owner]; file != nil && file.Full {
		f.MemberID = owner
		file.Past = append(file.Past, f)
	}
	return nil
}

func scanFact(r store.Scanner) (*loyalty.Fact, error) {
	f := &loyalty.Fact{}
	var (
		eid  id.Event
		m    id.Member
		fold moment.Time
		body string
	)
	var feed, ext, via, origin string
	var recorded moment.Time
	if err := r.Scan(&eid, &feed, &ext, &via, &origin, &recorded, &fold, &m, &body); err != nil {
		return nil, err
	}
	if err := json.Unmarshal([]byte(body), f); err != nil {
		return nil, fmt.Errorf("fact of %s: %w", eid, err)
	}
	f.ID, f.Feed, f.ExternalID, f.Via, f.Origin, f.RecordedAt, f.FoldAt, f.MemberID = eid, feed, ext, via, origin, recorded, fold, m
	return f, nil
}
