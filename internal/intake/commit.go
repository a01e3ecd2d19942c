package intake

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"slices"

	"cagnotte/internal/decide"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/rules"
	"cagnotte/internal/store"
	"cagnotte/internal/store/batch"
)

const (
	maxReturns = 8 // how often a fact may leave a batch and come back
	maxRaces   = 5
)

// run is one committer.
func (in *Intake) run(l *lane) {
	for {
		tickets := l.next(in.opts.Batch)
		if tickets == nil {
			return
		}
		l.back(in.commit(context.Background(), tickets))
	}
}

// commit writes one batch and answers; it returns the tickets that have to come again. A
// write that fails is tried again after a lost race, then halved until the one fact that
// fails alone is parked.
func (in *Intake) commit(ctx context.Context, tickets []*ticket) []*ticket {
	var (
		again []*ticket
		err   error
	)
	for range maxRaces {
		again, err = in.attempt(ctx, tickets)
		if !store.Race(err) {
			break
		}
	}
	switch {
	case err == nil:
		return again
	case len(tickets) > 1 && !errors.Is(err, loyalty.ErrUnavailable):
		half := len(tickets) / 2
		return append(in.commit(ctx, tickets[:half]), in.commit(ctx, tickets[half:])...)
	}
	for _, t := range tickets {
		in.log.Error("a fact could not be stored", "feed", t.fact.Feed, "external_id", t.fact.ExternalID, "error", err)
		t.answer.Err = err
		t.wait.Done()
	}
	return nil
}

// attempt runs tickets through one transaction. Only after its commit is anybody answered.
func (in *Intake) attempt(ctx context.Context, tickets []*ticket) (again []*ticket, err error) {
	items, owner := items(tickets)
	var b *batch.Batch
	for {
		s, err := in.state(ctx, tickets[0].shop)
		if err != nil {
			return nil, err
		}
		b, err = batch.Open(ctx, in.st, in.box, s.shop, s.book, items)
		if errors.Is(err, batch.ErrStaleBook) {
			if _, err := in.reload(ctx, tickets[0].shop); err != nil {
				return nil, err
			}
			items, owner = fresh(tickets)
			continue
		}
		if err != nil {
			fresh(tickets)
			return nil, err
		}
		if err := decided(s, b); err != nil {
			b.End()
			fresh(tickets)
			return nil, err
		}
		break
	}
	defer b.End()
	if incomplete(b, owner) {
		fresh(tickets)
		return tickets, nil
	}
	if answersEarly {
		again = in.answer(b, owner)
		return again, b.Commit(ctx)
	}
	if err := b.Commit(ctx); err != nil {
		fresh(tickets)
		return nil, err
	}
	in.grown(len(b.Items))
	return in.answer(b, owner), nil
}

// firstGrowth is how many facts make the statistics of an empty database useless.
const firstGrowth = 100

// grown refreshes the planner's statistics in the background when this process has stored
// four times as many facts as the last time.
func (in *Intake) grown(n int) {
	written, next := in.written.Add(int64(n)), in.growth.Load()
	if written < next || !in.growth.CompareAndSwap(next, 4*written) {
		return
	}
	in.done.Go(func() {
		if err := in.st.Analyze(context.Background()); err != nil {
			in.log.Warn("statistics were not refreshed", "error", err)
		}
	})
}

// answer tells every caller, and returns the tickets that have to come again.
func (in *Intake) answer(b *batch.Batch, owner map[*loyalty.Fact]*ticket) (again []*ticket) {
	for _, it := range b.Items {
		t := owner[it.Fact]
		if (it.Again || it.Decision.Again) && t.tries < maxReturns {
			t.tries++
			t.history, t.others = t.history || it.Decision.Again, it.Others
			reset(t)
			again = append(again, t)
			continue
		}
		*t.answer = answer(it)
		t.wait.Done()
	}
	return again
}

// incomplete tells whether a batch that is replayed missed something that it had when it
// was recorded: it is tried again as a whole, and its turns are not taken twice.
func incomplete(b *batch.Batch, owner map[*loyalty.Fact]*ticket) bool {
	found := false
	for _, it := range b.Items {
		if t := owner[it.Fact]; t.replay && (it.Again || it.Decision.Again) {
			t.history, t.others = t.history || it.Decision.Again, it.Others
			found = true
		}
	}
	return found
}

func items(tickets []*ticket) ([]*batch.Item, map[*loyalty.Fact]*ticket) {
	list := make([]*batch.Item, len(tickets))
	owner := make(map[*loyalty.Fact]*ticket, len(tickets))
	for i, t := range tickets {
		list[i] = &batch.Item{Fact: t.fact, Digest: t.digest, Text: t.text, Replay: t.replay, History: t.history, Others: t.others}
		owner[t.fact] = t
	}
	return list, owner
}

// fresh undoes what a failed attempt wrote into the facts.
func fresh(tickets []*ticket) ([]*batch.Item, map[*loyalty.Fact]*ticket) {
	for _, t := range tickets {
		reset(t)
	}
	return items(tickets)
}

func reset(t *ticket) {
	f := t.fact
	f.FoldAt = 0
	if !t.replay {
		f.ID = [16]byte{}
		f.RecordedAt = 0
	}
	f.MemberID, f.Absorb = [16]byte{}, nil
	if len(f.Other.Keys) > 0 {
		f.Other.ID = [16]byte{}
	}
	if len(f.Referrer.Keys) > 0 {
		f.Referrer.ID = [16]byte{}
	}
}

// decided judges a batch, and turns a panic into an error: a fact that no decision can be
// made about is then parked like one that cannot be written, and the process lives.
func decided(s *shopState, b *batch.Batch) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("a decision failed: %v\n%s", p, debug.Stack())
		}
	}()
	decideAll(s, b)
	return nil
}

// decideAll judges a batch fact by fact, in fold order.
func decideAll(s *shopState, b *batch.Batch) {
	first := map[string]*batch.Item{}
	for _, it := range b.Items {
		if it.Again || it.Err != nil {
			continue
		}
		name := it.Fact.Feed + "\x1f" + it.Fact.ExternalID
		if it.Stored == nil {
			if twin := first[name]; twin != nil { // the same fact twice in one batch
				if twin.Err != nil || twin.Decision.Problem != nil || twin.Decision.Again {
					it.Again = true
					continue
				}
				it.Stored = &batch.Stored{
					ID: twin.Fact.ID, Member: twin.Fact.MemberID, Via: twin.Fact.Via, Digest: twin.Digest, Lines: twin.Decision.Lines,
				}
			}
		}
		if it.Stored != nil {
			if it.Stored.Via == it.Fact.Via && !bytes.Equal(it.Stored.Digest, it.Digest) {
				it.Err = loyalty.Conflict("id", "event_conflict")
			}
			continue
		}
		it.Decision = decide.One(s.book, b.Dossiers, it.Fact, b.Now)
		first[name] = it
	}
}

func answer(it *batch.Item) Answer {
	a := Answer{Event: it.Fact.ID, Status: Recorded, Member: it.Fact.MemberID, Lines: it.Decision.Lines, Err: it.Err}
	switch {
	case it.Again || it.Decision.Again:
		a = Answer{Err: fmt.Errorf("%w: too many others are changing the same member", loyalty.ErrUnavailable)}
	case it.Err != nil:
		a.Event = [16]byte{}
	case it.Decision.Problem != nil:
		a = Answer{Err: it.Decision.Problem}
	case it.Stored != nil:
		a = Answer{Event: it.Stored.ID, Status: Duplicate, Member: it.Stored.Member, Lines: it.Stored.Lines}
	case it.Decision.Accepted:
		a.Status = Accepted
	}
	return a
}

// Choice makes the programs by which facts are tried of those that a shop has.
type Choice func(*loyalty.Shop, *rules.Book) (*rules.Book, error)

// Try judges facts as Record would and stores nothing.
func (in *Intake) Try(ctx context.Context, shop loyalty.ShopID, facts ...*loyalty.Fact) ([]Answer, error) {
	return in.TryWith(ctx, shop, nil, facts...)
}

// TryWith is Try by the programs that choose makes of the shop's; nil: by those.
func (in *Intake) TryWith(ctx context.Context, shop loyalty.ShopID, choose Choice, facts ...*loyalty.Fact) ([]Answer, error) {
	s, err := in.reload(ctx, shop)
	if err != nil {
		return nil, err
	}
	if choose != nil {
		book, err := choose(s.shop, s.book)
		if err != nil {
			return nil, err
		}
		s = &shopState{s.shop, book}
	}
	answers := make([]Answer, len(facts))
	var list []*batch.Item
	index := map[*loyalty.Fact]int{}
	for i, f := range facts {
		if err := f.Check(s.shop, in.Now(s.shop)); err != nil {
			answers[i].Err = err
			continue
		}
		index[f] = i
		list = append(list, &batch.Item{Fact: f, Digest: loyalty.Digest(f.Canonical()), History: true})
	}
	if len(list) == 0 {
		return answers, nil
	}
	for try := 0; ; try++ {
		b, err := batch.Open(ctx, in.st, in.box, s.shop, s.book, list)
		if err != nil {
			return nil, err
		}
		err = decided(s, b)
		b.End()
		if err != nil {
			return nil, err
		}
		if again := tried(b.Items); try < maxReturns && again {
			list = retry(b.Items)
			continue
		}
		for _, it := range b.Items {
			answers[index[it.Fact]] = answer(it)
		}
		return answers, nil
	}
}

// tried tells whether a fact of a dry run needs a turn that was not taken.
func tried(list []*batch.Item) bool {
	return slices.ContainsFunc(list, func(it *batch.Item) bool { return it.Again || it.Decision.Again })
}

// retry makes the items of a dry run fresh, with the turns that they turned out to need.
func retry(list []*batch.Item) []*batch.Item {
	out := make([]*batch.Item, len(list))
	for i, it := range list {
		reset(&ticket{fact: it.Fact})
		out[i] = &batch.Item{Fact: it.Fact, Digest: it.Digest, History: true, Others: it.Others}
	}
	return out
}

// Now is the shop's time: the wall clock, or a twin's own.
func (in *Intake) Now(s *loyalty.Shop) moment.Time {
	if s.Twin() && s.ClockAt != 0 {
		return s.ClockAt
	}
	return in.st.Clock()
}
