package jobs_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"cagnotte/internal/jobs"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
)

const kind = "test"

var (
	qPut   = store.New("jobs_test.put", `INSERT INTO settings (shop_id, name, value) VALUES ($1, $2, 'done')`)
	qCount = store.New("jobs_test.count", `SELECT s.name FROM settings s WHERE s.shop_id = $1 AND s.value = 'done'`)
)

type bench struct {
	*testing.T
	st   *store.Store
	shop *loyalty.Shop
	now  atomic.Int64
	said lines
}

// lines keeps what is logged.
type lines struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

func newBench(t *testing.T, st *store.Store) *bench {
	b := &bench{T: t, st: st}
	b.now.Store(int64(st.Clock()))
	st.Clock = func() moment.Time { return moment.Time(b.now.Load()) }
	b.shop = storetest.Shop(t, st, "program \"Points\"\n  earn 1 point per 1.00 EUR\n")
	return b
}

func (b *bench) runner(work jobs.Work) *jobs.Runner {
	return jobs.New(b.st, slog.New(slog.NewTextHandler(&b.said, nil)), map[string]jobs.Work{kind: work})
}

func (b *bench) put(n int, kind string) {
	b.Helper()
	err := b.st.Write(b.Context(), func(tx *store.Tx) error {
		for i := range n {
			if err := tx.PutJob(b.Context(), b.shop.ID, kind, [16]byte{1, byte(i >> 8), byte(i)}, tx.Now); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
}

func (b *bench) round(r *jobs.Runner) int {
	b.Helper()
	n, err := r.Round(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	return n
}

// effects counts what was written by jobs.
func (b *bench) effects() (n int) {
	b.Helper()
	err := b.st.Read(b.Context(), qCount, func(r store.Scanner) error {
		n++
		return r.Scan(new(string))
	}, int64(b.shop.ID))
	if err != nil {
		b.Fatal(err)
	}
	return n
}

// Two processes, one of them on PostgreSQL with its own connections: every job's effect is
// written once, or the second writing of its name would fail.
func TestEveryJobIsDoneOnce(t *testing.T) {
	for _, engine := range []string{"sqlite", "postgres"} {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			at := storetest.Config(t, engine)
			b := newBench(t, storetest.Open(t, at))
			second := storetest.Open(t, at)
			second.Clock = b.st.Clock
			const all = 120
			var did atomic.Int64
			work := func(_ context.Context, j store.Job) (store.Outcome, error) {
				did.Add(1)
				return store.Outcome{Effect: func(ctx context.Context, tx *store.Tx) error {
					return tx.Exec(ctx, qPut, int64(b.shop.ID), string([]byte{'a' + j.Subject[2]/26, 'a' + j.Subject[2]%26}))
				}}, nil
			}
			b.put(all, kind)
			b.put(all, kind) // the same jobs
			var both sync.WaitGroup
			for _, st := range []*store.Store{b.st, second} {
				both.Go(func() {
					r := jobs.New(st, slog.New(slog.NewTextHandler(&b.said, nil)), map[string]jobs.Work{kind: work})
					if _, err := r.Round(t.Context()); err != nil {
						t.Error(err)
					}
				})
			}
			both.Wait()
			if did.Load() != all || b.effects() != all || b.said.text.Len() > 0 {
				t.Errorf("%d done, %d written; %s", did.Load(), b.effects(), b.said.text.String())
			}
		})
	}
}

// What fails, in whatever way, is tried again, later each time, and leaves nothing behind.
func TestWhatFailsIsTriedAgain(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		b := newBench(t, st)
		attempt := 0
		r := b.runner(func(_ context.Context, j store.Job) (store.Outcome, error) {
			attempt++
			switch attempt {
			case 1:
				return store.Outcome{Effect: b.named("one")}, errors.New("no")
			case 2:
				panic("no")
			case 3:
				return store.Outcome{Retry: true, Effect: b.named("three")}, nil
			case 4:
				return store.Outcome{Effect: func(ctx context.Context, tx *store.Tx) error {
					return errors.Join(b.named("four")(ctx, tx), errors.New("no"))
				}}, nil
			}
			return store.Outcome{Effect: b.named("five")}, nil
		})
		b.put(1, kind)
		written := 0
		for i, wait := range []moment.Time{0, jobs.Backoff(1), jobs.Backoff(2), jobs.Backoff(3), jobs.Lease} {
			if wait > 0 {
				b.now.Add(int64(wait) - 1)
				if n := b.round(r); n != 0 {
					t.Errorf("attempt %d came too early", i+1)
				}
				b.now.Add(1)
			}
			if n := b.round(r); n != 1 {
				t.Errorf("attempt %d: %d jobs", i+1, n)
			}
			if i == 2 || i == 4 {
				written++
			}
			if got := b.effects(); got != written {
				t.Errorf("attempt %d: %d effects, want %d", i+1, got, written)
			}
		}
		b.now.Add(int64(30 * moment.Day))
		if b.round(r) != 0 || attempt != 5 {
			t.Errorf("%d attempts", attempt)
		}
	})
}

func (b *bench) named(name string) func(context.Context, *store.Tx) error {
	return func(ctx context.Context, tx *store.Tx) error { return tx.Exec(ctx, qPut, int64(b.shop.ID), name) }
}

// Who comes back after his lease has ended writes nothing: the job is another one's.
func TestALostLeaseWritesNothing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		b := newBench(t, st)
		second := b.runner(func(context.Context, store.Job) (store.Outcome, error) {
			return store.Outcome{Effect: b.named("second"), Again: st.Clock() + moment.Day}, nil // the job stays, with its attempts
		})
		first := b.runner(func(context.Context, store.Job) (store.Outcome, error) {
			b.now.Add(int64(jobs.Lease))
			b.round(second)
			return store.Outcome{Effect: b.named("first")}, nil
		})
		b.put(1, kind)
		list, err := st.TakeJobs(t.Context(), b.shop.ID, st.Clock(), st.Clock()+jobs.Lease, 5)
		if err != nil || len(list) != 1 {
			t.Fatal(list, err)
		}
		if again, err := st.TakeJobs(t.Context(), b.shop.ID, st.Clock(), st.Clock()+jobs.Lease, 5); err != nil || len(again) != 0 {
			t.Errorf("taken twice within the lease: %v, %v", again, err)
		}
		b.now.Add(int64(jobs.Lease))
		b.round(first)
		if n := b.effects(); n != 1 || !strings.Contains(b.said.text.String(), "somebody else took the job") {
			t.Errorf("%d effects; %s", n, b.said.text.String())
		}
	})
}

func TestAJobOfNobodyStays(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		b := newBench(t, st)
		b.put(1, "other")
		r := b.runner(nil)
		b.round(r)
		if due, err := st.JobDue(t.Context(), b.shop.ID, st.Clock()+jobs.Backoff(1)); err != nil || !due {
			t.Errorf("it is gone: %v", err)
		}
	})
}
