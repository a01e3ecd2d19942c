// Package jobs does later what was queued in the database: it takes jobs under a lease,
// gives each to the function of its kind, and writes what follows in the transaction that
// ends the job. It knows no operation: serve.go hands it the functions.
//
// A job is done at least once outside the database and once inside: who takes a job again
// after a crash may repeat what its function did outside, and the function must be able to
// bear that; its effect inside is written by the last who took it, or by nobody.
//
// Any number of processes may work on one database.
package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"sync"
	"time"

	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/store"
)

// Work does one job outside of any transaction. What it writes, and when the job is to be
// done again, is in the outcome; an error puts the job off by itself, longer each time.
type Work func(ctx context.Context, j store.Job) (store.Outcome, error)

// Lease is how long a job belongs to whoever took it. Work must end well before: its
// context ends at workTime.
const (
	Lease    = 5 * moment.Minute
	workTime = 2 * time.Minute
)

// slots is how many jobs a process does at once.
const slots = 8

// grace is how long jobs under way may go on when the process is to stop.
const grace = 10 * time.Second

// Runner does the jobs of all shops.
type Runner struct {
	st    *store.Store
	log   *slog.Logger
	works map[string]Work
	free  chan struct{}
}

// New makes it; works are the functions by kind. A job of another kind stays where it is.
func New(st *store.Store, log *slog.Logger, works map[string]Work) *Runner {
	return &Runner{st: st, log: log, works: maps.Clone(works), free: make(chan struct{}, slots)}
}

// Run does what is due, every second, until ctx ends and what is under way has ended, too.
func (r *Runner) Run(ctx context.Context) {
	work, stop := r.outlasting(ctx)
	defer stop()
	var under sync.WaitGroup
	defer under.Wait()
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if _, err := r.begin(ctx, work, &under); err != nil && ctx.Err() == nil {
			r.log.Warn("jobs", "error", err)
		}
	}
}

// Round does everything that is due now, waits for it, and tells how many jobs that were.
// In quarantine nothing is done.
func (r *Runner) Round(ctx context.Context) (done int, err error) {
	work, stop := r.outlasting(ctx)
	defer stop()
	var under sync.WaitGroup
	defer under.Wait()
	return r.begin(ctx, work, &under)
}

// outlasting is the context of jobs under way: they go on for a while when ctx has ended.
func (r *Runner) outlasting(ctx context.Context) (context.Context, context.CancelFunc) {
	work, stop := context.WithCancel(context.WithoutCancel(ctx))
	unhook := context.AfterFunc(ctx, func() { time.AfterFunc(grace, stop) })
	return work, func() { unhook(); stop() }
}

// begin begins everything that is due now.
func (r *Runner) begin(ctx, work context.Context, under *sync.WaitGroup) (done int, err error) {
	since, err := r.st.Quarantine(ctx)
	if err != nil || since != 0 {
		return 0, err
	}
	shops, err := r.st.Shops(ctx)
	if err != nil {
		return 0, err
	}
	for again := true; again; {
		again = false
		for _, shop := range shops { // a few of each shop in turn: none waits for another one's thousands
			n, err := r.some(ctx, work, shop.ID, under)
			if err != nil {
				return done, err
			}
			done += n
			again = again || n > 0
		}
	}
	return done, nil
}

// some begins a few jobs of a shop, as many as there is room for.
func (r *Runner) some(ctx, work context.Context, shop loyalty.ShopID, under *sync.WaitGroup) (int, error) {
	due, err := r.st.JobDue(ctx, shop, r.st.Clock())
	if err != nil || !due {
		return 0, err
	}
	select { // at least one
	case r.free <- struct{}{}:
	case <-ctx.Done():
		return 0, ctx.Err()
	}
	room := 1
	for room < slots/2 && r.take() {
		room++
	}
	now := r.st.Clock()
	list, err := r.st.TakeJobs(ctx, shop, now, now+Lease, room)
	for range room - len(list) {
		<-r.free
	}
	for _, j := range list {
		under.Go(func() {
			defer func() { <-r.free }()
			if err := r.one(work, j); err != nil {
				r.log.Warn("job", "kind", j.Kind, "shop", int64(j.Shop), "attempt", j.Attempts, "error", err)
			}
		})
	}
	return len(list), err
}

func (r *Runner) take() bool {
	select {
	case r.free <- struct{}{}:
		return true
	default:
		return false
	}
}

var errTaken = errors.New("the lease had ended and somebody else took the job: nothing was written")

// one does a job and writes what became of it.
func (r *Runner) one(ctx context.Context, j store.Job) error {
	out, err := r.do(ctx, j)
	if err != nil {
		out = store.Outcome{Retry: true}
	}
	if out.Retry {
		out.Again = r.st.Clock() + Backoff(j.Attempts)
	}
	werr := r.st.Write(ctx, func(t *store.Tx) error {
		var mine bool
		var err error
		if out.Again != 0 {
			mine, err = t.DeferJob(ctx, j, out.Again)
		} else {
			mine, err = t.EndJob(ctx, j)
		}
		switch {
		case err != nil:
			return err
		case !mine:
			return errTaken
		case out.Effect == nil:
			return nil
		}
		return out.Effect(ctx, t)
	})
	return errors.Join(err, werr)
}

// do runs the function of the job's kind; what it panics with is its error.
func (r *Runner) do(ctx context.Context, j store.Job) (out store.Outcome, err error) {
	work := r.works[j.Kind]
	if work == nil {
		return out, fmt.Errorf("nobody does jobs of the kind %q", j.Kind)
	}
	ctx, end := context.WithTimeout(ctx, workTime)
	defer end()
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	return work(ctx, j)
}

// steps are how long a job waits after each attempt; the last one repeats.
var steps = []moment.Time{
	5 * moment.Second, 30 * moment.Second, 2 * moment.Minute, 10 * moment.Minute, moment.Hour, 3 * moment.Hour, 6 * moment.Hour,
}

// Backoff is how long to wait after so many attempts.
func Backoff(attempts int64) moment.Time {
	return steps[min(max(attempts, 1), int64(len(steps)))-1]
}
