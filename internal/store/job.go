package store

import (
	"context"

	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
)

var (
	qPutJob = New("jobs.put", `
		INSERT INTO jobs (shop_id, kind, subject, due_at, attempts) VALUES ($1, $2, $3, $4, 0)
		ON CONFLICT (shop_id, kind, subject) DO NOTHING`)
	qJobDue   = New("jobs.due", `SELECT j.due_at FROM jobs j WHERE j.shop_id = $1 AND j.due_at <= $2 LIMIT 1`)
	qTakeJobs = New("jobs.take", `
		WITH due AS (
		  SELECT j.kind, j.subject FROM jobs j WHERE j.shop_id = $1 AND j.due_at <= $2 ORDER BY j.due_at LIMIT $4 {{not taken}}
		)
		UPDATE jobs SET due_at = $3, attempts = jobs.attempts + 1 FROM due d
		WHERE jobs.shop_id = $1 AND jobs.kind = d.kind AND jobs.subject = d.subject
		RETURNING jobs.kind, jobs.subject, jobs.attempts`)
	qEndJob = New("jobs.end", `
		DELETE FROM jobs WHERE shop_id = $1 AND kind = $2 AND subject = $3 AND attempts = $4 RETURNING attempts`)
	qDeferJob = New("jobs.defer", `
		UPDATE jobs SET due_at = $5 WHERE shop_id = $1 AND kind = $2 AND subject = $3 AND attempts = $4 RETURNING attempts`)
)

// Job is one thing to do, as taken by somebody: of a kind, about a subject.
type Job struct {
	Shop     loyalty.ShopID
	Kind     string
	Subject  [16]byte
	Attempts int64 // how often it was taken, this time included
}

// Outcome is what became of a job's work. Effect (nil: nothing) is written in the
// transaction that ends the job; or that puts it off, to Again where that is set, with Retry
// longer after each attempt.
type Outcome struct {
	Effect func(context.Context, *Tx) error
	Again  moment.Time
	Retry  bool
}

// PutJob queues a job from due on. The same kind and subject twice is one job.
func (t *Tx) PutJob(ctx context.Context, shop loyalty.ShopID, kind string, subject [16]byte, due moment.Time) error {
	return t.Exec(ctx, qPutJob, int64(shop), kind, subject[:], int64(due))
}

// JobDue tells whether a shop has a job to do by now.
func (s *Store) JobDue(ctx context.Context, shop loyalty.ShopID, now moment.Time) (due bool, err error) {
	err = s.Read(ctx, qJobDue, func(r Scanner) error {
		due = true
		return r.Scan(new(int64))
	}, int64(shop), int64(now))
	return due, err
}

// TakeJobs takes up to n jobs of a shop that are due by now, oldest first, until a time:
// whoever else asks before it does not get them.
func (s *Store) TakeJobs(ctx context.Context, shop loyalty.ShopID, now, until moment.Time, n int) (out []Job, err error) {
	err = s.Write(ctx, func(t *Tx) error {
		out = nil
		return t.read(ctx, qTakeJobs, func(r Scanner) error {
			j := Job{Shop: shop}
			var subject []byte
			err := r.Scan(&j.Kind, &subject, &j.Attempts)
			copy(j.Subject[:], subject)
			out = append(out, j)
			return err
		}, int64(shop), int64(now), int64(until), int64(n))
	})
	return out, err
}

// EndJob takes a job away; false when its lease has ended and somebody else took it.
func (t *Tx) EndJob(ctx context.Context, j Job) (mine bool, err error) {
	return t.jobMine(ctx, qEndJob, int64(j.Shop), j.Kind, j.Subject[:], j.Attempts)
}

// DeferJob puts a job off; false when its lease has ended and somebody else took it.
func (t *Tx) DeferJob(ctx context.Context, j Job, due moment.Time) (mine bool, err error) {
	return t.jobMine(ctx, qDeferJob, int64(j.Shop), j.Kind, j.Subject[:], j.Attempts, int64(due))
}

func (t *Tx) jobMine(ctx context.Context, q *Q, args ...any) (mine bool, err error) {
	err = t.read(ctx, q, func(r Scanner) error {
		mine = true
		return r.Scan(new(int64))
	}, args...)
	return mine, err
}
