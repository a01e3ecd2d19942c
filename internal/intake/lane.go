package intake

import (
	"sync"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
)

// ticket is a fact that waits for its answer.
type ticket struct {
	fact    *loyalty.Fact
	digest  []byte
	text    []byte // what the digest is of
	shop    loyalty.ShopID
	kind    traffic
	replay  bool
	history bool
	also    []id.Member // whose turn an earlier try missed
	tries   int
	answer  *Answer
	wait    *sync.WaitGroup
}

// lane is a bounded queue with two classes; one committer empties it.
type lane struct {
	mu     sync.Mutex
	wake   *sync.Cond
	queues [2][]*ticket
	turn   traffic
	limit  int
	closed bool
}

func newLane(limit int) *lane {
	l := &lane{limit: limit}
	l.wake = sync.NewCond(&l.mu)
	return l
}

// put queues a ticket; false when the lane is full or closed.
func (l *lane) put(t *ticket) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed || len(l.queues[t.kind]) >= l.limit {
		return false
	}
	l.queues[t.kind] = append(l.queues[t.kind], t)
	l.wake.Signal()
	return true
}

// back puts tickets in front again: they had their turn and need another.
func (l *lane) back(ts []*ticket) {
	if len(ts) == 0 {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	for i := len(ts) - 1; i >= 0; i-- {
		k := ts[i].kind
		l.queues[k] = append([]*ticket{ts[i]}, l.queues[k]...)
	}
	l.wake.Signal()
}

func (l *lane) close() {
	l.mu.Lock()
	l.closed = true
	l.wake.Broadcast()
	l.mu.Unlock()
}

// next waits for work and takes up to n tickets of one shop; nil when the lane is closed
// and empty. Live and bulk take turns while both wait.
func (l *lane) next(n int) []*ticket {
	l.mu.Lock()
	defer l.mu.Unlock()
	for len(l.queues[live]) == 0 && len(l.queues[bulk]) == 0 {
		if l.closed {
			return nil
		}
		l.wake.Wait()
	}
	k := l.turn
	if len(l.queues[k]) == 0 {
		k = 1 - k
	}
	l.turn = 1 - k
	q := l.queues[k]
	shop := q[0].shop
	var take, rest []*ticket
	for i, t := range q {
		if len(take) == n {
			rest = append(rest, q[i:]...)
			break
		}
		if t.shop == shop {
			take = append(take, t)
		} else {
			rest = append(rest, t)
		}
	}
	l.queues[k] = rest
	return take
}
