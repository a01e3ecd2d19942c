package referral

import (
	"context"
	"fmt"
	"sync"

	"cagnotte/internal/loyalty"
	"cagnotte/internal/store"
)

const (
	looksAtOnce  = 512   // counted in one transaction
	looksWaiting = 8_192 // of one shop; more are refused
)

// turnstile counts looks at members' pages. Those that come at the same time share a transaction:
// while one commits the next ones gather, and nobody waits for a timer.
type turnstile struct {
	put func(context.Context, loyalty.ShopID, []store.Visit) (map[store.Visit]bool, error)

	mu      sync.Mutex
	waiting map[loyalty.ShopID][]*look // a shop is there while somebody counts for it
}

// look is one that waits for its answer.
type look struct {
	visit   store.Visit
	counted bool
	err     error
	done    chan struct{}
}

func newTurnstile(put func(context.Context, loyalty.ShopID, []store.Visit) (map[store.Visit]bool, error)) *turnstile {
	return &turnstile{put: put, waiting: map[loyalty.ShopID][]*look{}}
}

// count begins to count a look.
func (l *turnstile) count(shop loyalty.ShopID, v store.Visit) *look {
	one := &look{visit: v, done: make(chan struct{})}
	l.mu.Lock()
	defer l.mu.Unlock()
	list, busy := l.waiting[shop]
	if len(list) >= looksWaiting {
		one.err = fmt.Errorf("%w: too many looks at once", loyalty.ErrUnavailable)
		close(one.done)
		return one
	}
	l.waiting[shop] = append(list, one)
	if !busy {
		go l.run(shop)
	}
	return one
}

// run writes what waits until nothing does.
func (l *turnstile) run(shop loyalty.ShopID) {
	for list := l.next(shop); list != nil; list = l.next(shop) {
		visits := make([]store.Visit, len(list))
		for i, one := range list {
			visits[i] = one.visit
		}
		counted, err := l.put(context.Background(), shop, visits) // for all of them, whoever leaves
		for _, one := range list {
			one.err, one.counted = err, counted[one.visit]
			delete(counted, one.visit) // the first one of two who are the same
			close(one.done)
		}
	}
}

// next takes those who wait; nil when nobody does, and from then on nobody counts.
func (l *turnstile) next(shop loyalty.ShopID) []*look {
	l.mu.Lock()
	defer l.mu.Unlock()
	list := l.waiting[shop]
	if len(list) == 0 {
		delete(l.waiting, shop)
		return nil
	}
	n := min(len(list), looksAtOnce)
	l.waiting[shop] = list[n:]
	return list[:n:n]
}

// wait tells whether the look was counted; an error when it may not have been.
func (one *look) wait(ctx context.Context) (bool, error) {
	select {
	case <-one.done:
		return one.counted && one.err == nil, one.err
	case <-ctx.Done():
		return false, ctx.Err()
	}
}
