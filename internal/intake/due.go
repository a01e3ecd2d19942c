package intake

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/store"
)

// dueAtOnce is how many members' due work is read and recorded together.
const dueAtOnce = 500

// Due lets everything of a shop that is due by upTo happen, as facts of the clock, and
// tells for how many members something did. Two processes may do the same work: the
// fact's identity makes it happen once.
func (in *Intake) Due(ctx context.Context, shop loyalty.ShopID, upTo moment.Time) (int, error) {
	return in.due(ctx, shop, upTo, func(Answer) {})
}

func (in *Intake) due(ctx context.Context, shop loyalty.ShopID, upTo moment.Time, tell func(Answer)) (int, error) {
	done := 0
	again := map[store.DueMember]int{}
	for {
		list, err := in.st.Due(ctx, shop, upTo, dueAtOnce)
		if err != nil || len(list) == 0 {
			return done, err
		}
		facts := make([]*loyalty.Fact, len(list))
		for i, d := range list {
			facts[i] = clockFact(d, upTo, again[d])
		}
		answers, err := in.record(ctx, shop, bulk, facts)
		if err != nil {
			return done, err
		}
		moved, waiting := 0, false
		for i, a := range answers {
			switch {
			case a.Err != nil:
				in.log.Error("due work failed", "member", list[i].Member, "due", list[i].At, "error", a.Err)
			case a.Status != Duplicate:
				moved++
				tell(a)
			default:
				again[list[i]]++
				waiting = waiting || again[list[i]] < maxAgain
			}
		}
		done += moved
		if moved == 0 && !waiting {
			return done, fmt.Errorf("due work of %d members of shop %d does not get done", len(list), shop)
		}
	}
}

// maxAgain bounds how often the same instant of a member may be due again.
const maxAgain = 100

// clockFact is what the clock says of a member. The same instant is due again when a later
// fact gave back what had ended by then: it is another fact of the clock.
func clockFact(d store.DueMember, upTo moment.Time, again int) *loyalty.Fact {
	name := fmt.Sprintf("%s@%d", d.Member, d.At)
	if again > 0 {
		name += fmt.Sprintf("/%d", again)
	}
	return &loyalty.Fact{
		Kind: loyalty.ClockDue, Feed: loyalty.FromClock, Via: loyalty.FromClock, Origin: loyalty.FromClock,
		ExternalID: name, OccurredAt: min(d.At, upTo), Member: loyalty.Who{ID: d.Member},
	}
}

// RunClock lets due work happen, shop by shop, every second until ctx ends. Twins have a
// clock of their own. While the database is in quarantine the clock stands; balances are
// right meanwhile, since what opens or ends is a date of its lot.
func (in *Intake) RunClock(ctx context.Context) {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		in.tick(ctx)
	}
}

// tick lets what is due of every shop happen once.
func (in *Intake) tick(ctx context.Context) {
	since, err := in.st.Quarantine(ctx)
	if err != nil {
		in.log.Warn("the clock cannot read whether it may go", "error", err)
	}
	if err != nil || since != 0 {
		return
	}
	shops, err := in.st.Shops(ctx)
	if err != nil {
		in.log.Warn("the clock cannot read the shops", "error", err)
		return
	}
	for _, s := range shops {
		if s.Twin() && s.ClockAt != 0 {
			continue
		}
		if _, err := in.Due(ctx, s.ID, in.st.Clock()); err != nil && ctx.Err() == nil {
			in.log.Warn("due work", slog.String("shop", s.Slug), slog.Any("error", err))
		}
	}
}

// MoveClock moves a twin's clock forward to at: everything due on the way happens at its
// own instant, and has happened when it returns. With free the clock is set without
// anything happening. The caller has checked that the shop is a twin.
func (in *Intake) MoveClock(ctx context.Context, shop loyalty.ShopID, at moment.Time, free bool) error {
	return in.moveClock(ctx, shop, at, free, func(Answer) {})
}

// ClockTo moves a twin's clock forward as MoveClock does, and tells of everything that
// happened on the way.
func (in *Intake) ClockTo(ctx context.Context, shop loyalty.ShopID, at moment.Time, tell func(Answer)) error {
	return in.moveClock(ctx, shop, at, false, tell)
}

func (in *Intake) moveClock(ctx context.Context, shop loyalty.ShopID, at moment.Time, free bool, tell func(Answer)) error {
	set := func(t moment.Time) error {
		err := in.st.Write(ctx, func(tx *store.Tx) error { return tx.SetClock(ctx, shop, t, free) })
		in.Forget(shop)
		return err
	}
	for !free {
		next, err := in.st.NextDue(ctx, shop)
		if err != nil {
			return err
		}
		if next == 0 || next > at {
			break
		}
		if err := set(next); err != nil {
			return err
		}
		if _, err := in.due(ctx, shop, next, tell); err != nil {
			return err
		}
	}
	return set(at)
}

// Replay records one batch of facts again as they were recorded: with their ids and their
// now. It is for a fresh database that holds the same shops and program versions.
func (in *Intake) Replay(ctx context.Context, shop loyalty.ShopID, facts []*loyalty.Fact, digests [][]byte) error {
	tickets := make([]*ticket, len(facts))
	answers := make([]Answer, len(facts))
	var wait sync.WaitGroup
	wait.Add(len(facts))
	for i, f := range facts {
		tickets[i] = &ticket{fact: f, digest: digests[i], shop: shop, kind: bulk, replay: true, answer: &answers[i], wait: &wait}
	}
	for range maxReturns {
		again, err := in.attempt(ctx, tickets)
		if err != nil {
			return err
		}
		if len(again) == 0 {
			break
		}
		tickets = again
	}
	for i, a := range answers {
		switch {
		case a.Err != nil:
			return fmt.Errorf("replay of %s: %w", facts[i].ID, a.Err)
		case a.Event.IsZero():
			return fmt.Errorf("replay of %s: it never found its turn", facts[i].ID)
		case a.Status == Duplicate:
			return fmt.Errorf("replay of %s: %w: it is there already", facts[i].ID, loyalty.ErrConflict)
		}
	}
	return nil
}
