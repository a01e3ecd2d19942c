package insight

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"

	"cagnotte/internal/decide"
	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/store"
)

// guestsAtOnce is how many facts of nobody a worker gets at a time, and how many facts of
// the order of time are read from their texts together.
const guestsAtOnce = 256

// tell is how often progress is told: after so many facts.
const tell = 2_048

// counted tells of progress as facts are read.
func (t *trial) counted() func() {
	n := int64(0)
	return func() {
		if n++; t.question.Progress != nil && (n%tell == 0 || n == t.total) {
			t.question.Progress(n, t.total)
		}
	}
}

// group is what one member told, or some of what nobody in particular did.
type group struct {
	member id.Member
	facts  []store.Told
}

// apart tries member after member on several cores. Of each only his own facts are in
// memory, and no longer than it takes to judge them.
func (t *trial) apart(ctx context.Context, v *store.View, h store.History, owners map[id.Event]id.Member, workers int) (*tally, error) {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	groups, sums := make(chan group, 4*workers), make([]*tally, workers)
	var wait sync.WaitGroup
	for i := range sums {
		sums[i] = newTally()
		wait.Go(func() {
			for g := range groups {
				if ctx.Err() != nil {
					continue // somebody failed: the rest is only taken away
				}
				if err := t.group(g, sums[i]); err != nil {
					stop(err)
				}
			}
		})
	}
	err := t.groups(ctx, v, h, owners, groups)
	close(groups)
	wait.Wait()
	if cause := context.Cause(ctx); cause != nil {
		return nil, cause
	}
	if err != nil {
		return nil, fmt.Errorf("backtest: %w", err)
	}
	for _, o := range sums[1:] {
		sums[0].add(o, t)
	}
	return sums[0], nil
}

// groups reads the history and hands each member's facts over.
func (t *trial) groups(ctx context.Context, v *store.View, h store.History, owners map[id.Event]id.Member, to chan<- group) error {
	var now group
	found := map[id.Member][]store.Told{} // facts that were nobody's at first
	hand := func() error {
		now.facts = append(now.facts, found[now.member]...)
		if len(now.facts) == 0 {
			return nil
		}
		select {
		case to <- now:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	count := t.counted()
	err := v.ByMember(ctx, h, func(x store.Told) error {
		count()
		if m, ok := owners[x.ID]; ok && x.Member.IsZero() {
			x.Member = m
			found[m] = append(found[m], x)
			return nil
		}
		if x.Member != now.member || x.Member.IsZero() && len(now.facts) == guestsAtOnce {
			if err := hand(); err != nil {
				return err
			}
			now = group{member: x.Member}
		}
		now.facts = append(now.facts, x)
		return nil
	})
	if err != nil {
		return err
	}
	return hand()
}

// group tries what one member told.
func (t *trial) group(g group, sum *tally) error {
	facts := make([]*loyalty.Fact, len(g.facts))
	for i := range g.facts {
		f, err := read(&g.facts[i])
		if err != nil {
			return err
		}
		facts[i] = f
	}
	if g.member.IsZero() {
		for _, f := range facts {
			sum.guest(t, f)
		}
		return nil
	}
	inOrder(facts)
	l := t.born(g.member, map[decide.BudgetName]*loyalty.Counter{})
	for _, f := range facts {
		if err := l.live(f, sum); err != nil {
			return err
		}
	}
	if err := l.clock(sum); err != nil {
		return err
	}
	l.close(sum)
	return nil
}

// guest counts an order of nobody: it is not rewarded.
func (s *tally) guest(t *trial, f *loyalty.Fact) {
	s.facts++
	if f.Kind != loyalty.OrderPaid || f.FoldAt < t.start {
		return
	}
	s.guestOrders++
	for i := range f.Order.Lines {
		s.guestAmount += f.Order.Lines[i].Amount
	}
}

// slab is some facts in the order of time, on their way from their texts.
type slab struct {
	facts []*loyalty.Fact
	err   error
	done  chan struct{}
}

// together tries all members in the order of time, as they compete for budgets. Everybody
// is kept until the end.
func (t *trial) together(ctx context.Context, v *store.View, h store.History, owners map[id.Event]id.Member) (*tally, error) {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	slabs := make(chan *slab, 8)
	var failed error
	go func() {
		defer close(slabs)
		failed = t.slabs(ctx, v, h, owners, slabs)
	}()
	sum, lives, budgets := newTally(), map[id.Member]*life{}, map[decide.BudgetName]*loyalty.Counter{}
	judge := func(f *loyalty.Fact) error {
		if f.MemberID.IsZero() {
			sum.guest(t, f)
			return nil
		}
		l := lives[f.MemberID]
		if l == nil {
			l = t.born(f.MemberID, budgets)
			lives[f.MemberID] = l
		}
		return l.live(f, sum)
	}
	for s := range slabs {
		<-s.done
		if err := ctx.Err(); err != nil {
			continue
		}
		err := s.err
		for i := 0; i < len(s.facts) && err == nil; i++ {
			err = judge(s.facts[i])
		}
		if err != nil {
			stop(err)
		}
	}
	if cause := context.Cause(ctx); cause != nil {
		return nil, cause
	}
	if failed != nil {
		return nil, fmt.Errorf("backtest: %w", failed)
	}
	return sum, t.ends(lives, sum)
}

// slabs reads the history in the order of time. The texts of a slab are read beside those
// of the next ones; facts of one instant are put in their order, and never parted.
func (t *trial) slabs(ctx context.Context, v *store.View, h store.History, owners map[id.Event]id.Member, to chan<- *slab) error {
	var list []store.Told
	hand := func() error {
		s := &slab{facts: make([]*loyalty.Fact, len(list)), done: make(chan struct{})}
		go func(list []store.Told) {
			defer close(s.done)
			for i := range list {
				if s.facts[i], s.err = read(&list[i]); s.err != nil {
					return
				}
			}
			inOrder(s.facts)
		}(list)
		list = nil
		select {
		case to <- s:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	count := t.counted()
	err := v.ByTime(ctx, h, func(x store.Told) error {
		count()
		if m, ok := owners[x.ID]; ok && x.Member.IsZero() {
			x.Member = m
		}
		if len(list) >= guestsAtOnce && list[len(list)-1].OccurredAt != x.OccurredAt {
			if err := hand(); err != nil {
				return err
			}
		}
		list = append(list, x)
		return nil
	})
	if err != nil || len(list) == 0 {
		return err
	}
	return hand()
}

// ends lets the clock come to everybody, whoever is due first, and closes all accounts.
func (t *trial) ends(lives map[id.Member]*life, sum *tally) error {
	type waiting struct {
		*life
		at moment.Time
	}
	var list []waiting
	for _, l := range lives {
		if at := l.due(); at != 0 {
			list = append(list, waiting{l, at})
		}
	}
	byID := func(a, b id.Member) int { return bytes.Compare(a[:], b[:]) }
	slices.SortFunc(list, func(a, b waiting) int { return cmp.Or(cmp.Compare(a.at, b.at), byID(a.member, b.member)) })
	for _, w := range list {
		if err := w.clock(sum); err != nil {
			return err
		}
	}
	for _, m := range slices.SortedFunc(maps.Keys(lives), byID) {
		lives[m].close(sum)
	}
	return nil
}
