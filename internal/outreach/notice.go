package outreach

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/message"
	"cagnotte/internal/moment"
	"cagnotte/internal/store"
)

// What was recorded is read in the order of the ids of facts, which are made from the now of
// their decision. Two transactions may commit in the other order, so a fact can appear
// behind the place that was read already. Hence two places: how far this process has read,
// and, in the database, how far everything was read a second time, two minutes later. A
// letter's key makes the second reading harmless.
const again = 2 * moment.Minute

// reading is how far a process has read a shop's facts.
type reading struct {
	to     id.Event // read once
	mark   id.Event // where `to` was at markAt
	markAt moment.Time
}

const (
	newsAtOnce = 500
	// stale is how long after it happened a joining is no news: somebody brings in the past.
	stale = 7 * moment.Day
)

// Run looks at every shop every two seconds until ctx ends.
func (o *Outreach) Run(ctx context.Context) {
	tick := time.NewTicker(2 * time.Second)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if err := o.LookAtAll(ctx); err != nil && ctx.Err() == nil {
			o.log.Warn("messages", "error", err)
		}
	}
}

// LookAtAll posts what is to be told of every shop.
func (o *Outreach) LookAtAll(ctx context.Context) error {
	shops, err := o.st.Shops(ctx)
	if err != nil {
		return err
	}
	for _, s := range shops {
		if lerr := o.Look(ctx, s); lerr != nil {
			err = errors.Join(err, fmt.Errorf("shop %s: %w", s.Slug, lerr))
		}
	}
	return err
}

// Look posts the letters that follow from what was recorded for a shop since the last look.
// The first look only notes where it stands: nothing of before is told. Nor is anything told
// in quarantine.
func (o *Outreach) Look(ctx context.Context, s *loyalty.Shop) error {
	since, err := o.st.Quarantine(ctx)
	if err != nil || since != 0 {
		return err
	}
	on, err := o.On(ctx, s.ID)
	if err != nil {
		return err
	}
	stored, found, err := o.st.MessagesRead(ctx, s.ID)
	if err != nil || !on && !found {
		return err
	}
	if !on || !found { // from here on; what happens while it is off is not told later
		last, err := o.st.LastEvent(ctx, s.ID)
		if err == nil && (!found || bytes.Compare(last[:], stored[:]) > 0) {
			err = o.raise(ctx, s.ID, last)
		}
		if err != nil || !on {
			return err
		}
		stored = last
	}
	r := o.place(s.ID, stored)
	if r.to, err = o.tell(ctx, s, r.to); err != nil {
		return err
	}
	if now := o.st.Clock(); now >= r.markAt+again {
		if _, err := o.tell(ctx, s, stored); err != nil {
			return err
		}
		if err := o.raise(ctx, s.ID, r.mark); err != nil {
			return err
		}
		r.mark, r.markAt = r.to, now
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.read[s.ID] = &r
	return nil
}

// place is where this process goes on reading: where it stopped, or where the database says.
func (o *Outreach) place(shop loyalty.ShopID, stored id.Event) reading {
	o.mu.Lock()
	defer o.mu.Unlock()
	if r := o.read[shop]; r != nil && bytes.Compare(r.to[:], stored[:]) >= 0 {
		return *r
	}
	return reading{to: stored, mark: stored, markAt: o.st.Clock()}
}

func (o *Outreach) raise(ctx context.Context, shop loyalty.ShopID, e id.Event) error {
	return o.st.Write(ctx, func(tx *store.Tx) error { return tx.RaiseMessagesRead(ctx, shop, e) })
}

// tell posts what follows from the facts behind one, and says how far it came.
func (o *Outreach) tell(ctx context.Context, s *loyalty.Shop, behind id.Event) (id.Event, error) {
	restored, err := o.st.Restored(ctx)
	if err != nil {
		return behind, err
	}
	link, err := o.base(ctx, s.ID)
	if err != nil {
		return behind, err
	}
	for {
		list, err := o.st.News(ctx, s.ID, behind, newsAtOnce)
		if err != nil || len(list) == 0 {
			return behind, err
		}
		for _, n := range list {
			if !imported(n.Via, n.Origin) && n.RecordedAt > restored {
				t := teller{o, s, n, link}
				if err := t.tell(ctx); err != nil {
					return behind, err
				}
			}
			behind = n.Event
		}
	}
}

// imported tells whether a fact was brought in from elsewhere. Nobody is told of those, even
// where they give something.
func imported(via, origin string) bool {
	return via == loyalty.FromImport || origin == loyalty.FromImport
}

// teller makes the letters that follow from one fact.
type teller struct {
	o    *Outreach
	s    *loyalty.Shop
	n    store.News
	link string
}

func (t teller) tell(ctx context.Context) error {
	if t.n.Kind == loyalty.MemberJoined && !t.n.Member.IsZero() && t.n.RecordedAt-t.n.OccurredAt < stale {
		if err := t.welcome(ctx); err != nil {
			return err
		}
	}
	for _, l := range t.n.Lines {
		if err := t.reward(ctx, l); err != nil {
			return err
		}
	}
	return nil
}

// welcome greets who became a member by this fact.
func (t teller) welcome(ctx context.Context) error {
	m, person, err := t.reader(ctx, t.n.Member)
	if err != nil || m == nil || m.RegisteredAt == 0 || m.RegisteredAt < t.n.OccurredAt {
		return err
	}
	fields := map[string]string{"first_name": person.FirstName}
	for _, k := range m.Keys {
		if k.Kind == loyalty.ByNumber && fields["number"] == "" {
			fields["number"] = k.Key
		}
	}
	return t.post(ctx, m, person, message.Letter{Key: "welcome/" + m.ID.String(), Moment: message.Welcome, Fields: fields})
}

// reward tells the owner of a referral's reward that it waits, or that it is his. A line of a
// receipt does not name its reward: it is the one of the same rule, member and part that this
// fact made, or that was due at the line's instant. What became of it since is what counts:
// nobody is told of what was taken back.
func (t teller) reward(ctx context.Context, l loyalty.ReceiptLine) error {
	which := ""
	switch {
	case strings.HasPrefix(string(l.Unit), "tally:"), strings.HasPrefix(string(l.Unit), "referrals:"), l.Program.IsZero(), l.Member.IsZero():
	case l.Outcome == loyalty.Waiting:
		which = message.RewardPending
	case l.Outcome == loyalty.Given, l.Outcome == loyalty.Opened:
		which = message.RewardAvailable
	}
	if which == "" {
		return nil
	}
	list, err := t.o.st.RewardsOfRule(ctx, t.s.ID, l.Member, l.Program, l.Rule)
	if err != nil {
		return err
	}
	for _, x := range list {
		switch {
		case imported(x.Via, x.Origin), x.Part != l.Part, x.Unit != l.Unit, x.Event != t.n.Event && (l.At == 0 || x.DueAt != l.At):
		case which == message.RewardPending && x.State == loyalty.RewardWaiting, which == message.RewardAvailable && x.State == loyalty.RewardGiven:
			if x.Unit != "" {
				if l.Amount = x.Net(); l.Amount <= 0 {
					continue
				}
			}
			if err := t.oneReward(ctx, which, l, x.Reward); err != nil {
				return err
			}
		}
	}
	return nil
}

func (t teller) oneReward(ctx context.Context, which string, l loyalty.ReceiptLine, x loyalty.Reward) error {
	m, person, err := t.reader(ctx, l.Member)
	if err != nil || m == nil {
		return err
	}
	tag, err := t.o.language(ctx, t.s.ID, person.Locale)
	if err != nil {
		return err
	}
	p := t.o.words.Printer(tag, t.s.Zone).For(t.s)
	fields := map[string]string{"amount": p.Thing(l), "reason": p.Letter("reason."+string(l.Part), nil)}
	switch {
	case which == message.RewardAvailable && x.DueAt != 0:
		fields["date"] = p.Date(x.DueAt)
	case which == message.RewardAvailable:
		fields["date"] = p.Date(x.GivenAt)
	case l.Code == "" || l.Code == loyalty.NoteLate: // otherwise staff looks first: no date is promised
		fields["date"] = p.Date(x.DueAt)
	}
	return t.post(ctx, m, person, message.Letter{Key: which + "/" + x.ID.String(), Moment: which, Fields: fields})
}

// reader finds whom to write to, and what is known of him: the member, or who he is by now;
// nil when he has no address, is blocked, or was erased.
func (t teller) reader(ctx context.Context, which id.Member) (*store.MemberRow, *loyalty.Person, error) {
	for range 10 { // merges follow one another
		m, err := t.o.st.Member(ctx, t.s.ID, which)
		switch {
		case errors.Is(err, loyalty.ErrNotFound):
			return nil, nil, nil
		case err != nil:
			return nil, nil, err
		case m.State == loyalty.Merged:
			which = m.MergedInto
			continue
		case m.State == loyalty.Blocked, m.Sealed == nil, m.Wrapped == nil:
			return nil, nil, nil
		}
		text, err := t.o.box.Open(m.Wrapped, m.Sealed)
		if err != nil {
			return nil, nil, fmt.Errorf("person of %s: %w", m.ID, err)
		}
		var p loyalty.Person
		if err := json.Unmarshal(text, &p); err != nil {
			return nil, nil, fmt.Errorf("person of %s: %w", m.ID, err)
		}
		if p.Email == "" {
			return nil, nil, nil
		}
		return m, &p, nil
	}
	return nil, nil, nil
}

// post posts a letter of ours. One that cannot be sent is left out: its problem is nobody's
// who could mend it here, and it must not hold up the others.
func (t teller) post(ctx context.Context, m *store.MemberRow, p *loyalty.Person, l message.Letter) error {
	l.Member, l.To, l.Locale = m.ID, p.Email, p.Locale
	if t.link != "" {
		l.Fields["link"] = t.link
	}
	err := t.o.Post(ctx, t.s.ID, l)
	if problem, ok := errors.AsType[*loyalty.Problem](err); ok {
		t.o.log.Warn("no message", "moment", l.Moment, "member", l.Member, "problem", problem.Code, "field", problem.Field)
		return nil
	}
	return err
}
