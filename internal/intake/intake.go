// Package intake is the one door: whatever changes value, a bond, an order or a voucher
// enters as a fact through Record. Facts that arrive together share one transaction: while
// one batch commits the next one gathers, and nobody waits for a timer.
//
// It checks, digests and queues facts by shop, opens a batch, lets decide judge fact by
// fact, writes, and answers each caller after the commit. It decides nothing itself.
package intake

import (
	"context"
	"fmt"
	"hash/fnv"
	"log/slog"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"

	"golang.org/x/sync/singleflight"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/rules"
	"cagnotte/internal/seal"
	"cagnotte/internal/store"
)

// Statuses of an answer.
const (
	Recorded  = "recorded"
	Duplicate = "duplicate" // recorded before; this is the first answer again
	Accepted  = "accepted"  // stored; what follows from it comes from the slow queue
)

// Answer is what a fact led to.
type Answer struct {
	Event  id.Event
	Status string
	Member id.Member
	Lines  []loyalty.ReceiptLine
	Err    error // *loyalty.Problem: refused, nothing stored
}

// Options of an intake.
type Options struct {
	Batch int // facts per transaction at most; 0: 512
	Lanes int // committers; 0: one on SQLite, two to four on PostgreSQL, by the cores here
	Queue int // facts that may wait in a lane; 0: 8,192
}

// Intake is the running door.
type Intake struct {
	st   *store.Store
	box  *seal.Box
	log  *slog.Logger
	opts Options

	lanes []*lane
	done  sync.WaitGroup

	written atomic.Int64 // facts stored by this process
	growth  atomic.Int64 // at how many the planner's statistics are refreshed next

	mu      sync.RWMutex
	shops   map[loyalty.ShopID]*shopState
	reading singleflight.Group
}

type shopState struct {
	shop *loyalty.Shop
	book *rules.Book
}

// New starts the committers; Close stops them after what is queued.
func New(st *store.Store, box *seal.Box, log *slog.Logger, o Options) *Intake {
	if o.Batch == 0 {
		o.Batch = 512
	}
	if o.Queue == 0 {
		o.Queue = 8_192
	}
	if o.Lanes == 0 {
		o.Lanes = min(max(2, runtime.NumCPU()), 4) // more would only make smaller batches
	}
	if st.Serial() {
		o.Lanes = 1
	}
	in := &Intake{st: st, box: box, log: log, opts: o, shops: map[loyalty.ShopID]*shopState{}}
	in.growth.Store(firstGrowth)
	for range o.Lanes {
		l := newLane(o.Queue)
		in.lanes = append(in.lanes, l)
		in.done.Go(func() { in.run(l) })
	}
	return in
}

// Close lets the committers finish what is queued and stops them.
func (in *Intake) Close() {
	for _, l := range in.lanes {
		l.close()
	}
	in.done.Wait()
}

// Kind of traffic: bulk and clock work take at most half while live traffic waits.
type traffic int

const (
	live traffic = iota
	bulk
)

// Record judges and stores facts, and answers each in the order given. It returns an
// error of its own only when none was stored: the queue is full or the database away
// (loyalty.ErrUnavailable), or ctx ended, in which case they may still be stored.
func (in *Intake) Record(ctx context.Context, shop loyalty.ShopID, facts ...*loyalty.Fact) ([]Answer, error) {
	kind := live
	if len(facts) > 1 || facts[0].Clock() || facts[0].History() {
		kind = bulk
	}
	return in.record(ctx, shop, kind, facts)
}

func (in *Intake) record(ctx context.Context, shop loyalty.ShopID, kind traffic, facts []*loyalty.Fact) ([]Answer, error) {
	s, err := in.state(ctx, shop)
	if err != nil {
		return nil, err
	}
	answers := make([]Answer, len(facts))
	now := in.Now(s.shop)
	tickets := make([]*ticket, 0, len(facts))
	var wait sync.WaitGroup
	for i, f := range facts {
		if err := f.Check(s.shop, now); err != nil {
			answers[i].Err = err
			continue
		}
		text := f.Canonical()
		t := &ticket{fact: f, digest: loyalty.Digest(text), text: text, shop: shop, kind: kind, answer: &answers[i], wait: &wait}
		tickets = append(tickets, t)
	}
	wait.Add(len(tickets))
	for i, t := range tickets {
		// What is sent together goes through one lane, in its order: a later fact may name
		// somebody whom an earlier one made.
		if !in.lanes[route(tickets[0].fact, len(in.lanes))].put(t) {
			for _, left := range tickets[i:] {
				left.answer.Err = fmt.Errorf("%w: the queue is full", loyalty.ErrUnavailable)
				wait.Done()
			}
			break
		}
	}
	finished := make(chan struct{})
	go func() { wait.Wait(); close(finished) }()
	select {
	case <-finished:
		in.attempted(ctx, shop, now, facts, answers)
		return answers, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// route keeps a member's facts in one lane, where it is cheap to know him: it only saves
// waiting, correctness never rests on it.
func route(f *loyalty.Fact, lanes int) int {
	if lanes == 1 {
		return 0
	}
	h := fnv.New32a()
	switch {
	case len(f.Member.Keys) > 0:
		h.Write([]byte(f.Member.Keys[0].Key))
	case !f.Member.ID.IsZero():
		h.Write(f.Member.ID[:])
	case f.Order != nil:
		h.Write([]byte(f.Order.Ref))
	case f.Refund != nil:
		h.Write([]byte(f.Refund.Ref))
	case f.Use != nil && f.Use.Code != "":
		h.Write([]byte(f.Use.Code))
	}
	return int(h.Sum32() % uint32(lanes))
}

// state gives a shop with its compiled programs.
func (in *Intake) state(ctx context.Context, shop loyalty.ShopID) (*shopState, error) {
	in.mu.RLock()
	s := in.shops[shop]
	in.mu.RUnlock()
	if s != nil {
		return s, nil
	}
	return in.reload(ctx, shop)
}

// reload reads a shop and its programs once for all who ask at the same time: the first
// requests after a change would otherwise each compile a thousand rules. Whoever gets
// programs that changed meanwhile is told so when he uses them, and asks again.
func (in *Intake) reload(ctx context.Context, shop loyalty.ShopID) (*shopState, error) {
	s, err, _ := in.reading.Do(strconv.FormatInt(int64(shop), 10), func() (any, error) {
		return in.read(context.WithoutCancel(ctx), shop) // not for the first one only
	})
	if err != nil {
		return nil, err
	}
	return s.(*shopState), nil
}

func (in *Intake) read(ctx context.Context, shop loyalty.ShopID) (*shopState, error) {
	row, err := in.st.Shop(ctx, shop)
	if err != nil {
		return nil, err
	}
	book, err := in.st.Book(ctx, row)
	if err != nil {
		return nil, err
	}
	s := &shopState{row, book}
	in.mu.Lock()
	in.shops[shop] = s
	in.mu.Unlock()
	return s, nil
}

// Forget drops what is cached of a shop, after its settings changed.
func (in *Intake) Forget(shop loyalty.ShopID) {
	in.mu.Lock()
	delete(in.shops, shop)
	in.mu.Unlock()
}

// Book gives the compiled programs of a shop.
func (in *Intake) Book(ctx context.Context, shop loyalty.ShopID) (*loyalty.Shop, *rules.Book, error) {
	s, err := in.state(ctx, shop)
	if err != nil {
		return nil, nil, err
	}
	return s.shop, s.book, nil
}

// BookAt gives the compiled programs of a shop in a revision or a later one: somebody has seen
// that the shop has it, and another process may have published it.
func (in *Intake) BookAt(ctx context.Context, shop loyalty.ShopID, rev int64) (*rules.Book, error) {
	s, err := in.state(ctx, shop)
	if err == nil && s.book.Rev < rev {
		s, err = in.reload(ctx, shop)
	}
	if err != nil {
		return nil, err
	}
	return s.book, nil
}
