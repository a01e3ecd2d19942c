package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"

	"cagnotte/internal/moment"
)

// Scanner is a row being read.
type Scanner interface{ Scan(dest ...any) error }

// Tx is one transaction on one connection.
type Tx struct {
	Now  moment.Time // fixed for the whole transaction
	s    *Store
	conn *sql.Conn
	open bool
	look bool // no transaction: what is read may be of several instants
	ops  []op
}

type op struct {
	q    *Q
	n    int
	args []any
	scan func(Scanner) error
}

// Begin opens a transaction; End must follow. The caller is a committer of intake, or
// Write.
func (s *Store) Begin(ctx context.Context) (*Tx, error) {
	conn, err := s.take(ctx)
	if err != nil {
		return nil, translate(err)
	}
	t := &Tx{Now: s.Clock(), s: s, conn: conn}
	if _, err := conn.ExecContext(ctx, s.engine.begin()); err != nil {
		return nil, errors.Join(translate(err), t.giveBack())
	}
	t.open = true
	return t, nil
}

// Look reads what a decision would read, without a transaction and beside whoever writes:
// what it finds may be of several instants, and nothing may be written. End must follow.
func (s *Store) Look() *Tx { return &Tx{Now: s.Clock(), s: s, look: true} }

// take waits for a connection that may write.
func (s *Store) take(ctx context.Context) (*sql.Conn, error) {
	if s.engine == postgres {
		return s.writer.Conn(ctx)
	}
	select {
	case conn := <-s.lane:
		return conn, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (t *Tx) giveBack() error {
	if t.s.engine == postgres {
		return t.conn.Close()
	}
	t.s.lane <- t.conn
	return nil
}

// Commit sends what is queued and ends the transaction.
func (t *Tx) Commit(ctx context.Context) error {
	if err := t.Flush(ctx); err != nil {
		return err
	}
	if _, err := t.conn.ExecContext(ctx, "COMMIT"); err != nil {
		return translate(err)
	}
	t.open = false
	return nil
}

// End gives the connection back, rolling back what was not committed.
func (t *Tx) End() {
	if t.look {
		return
	}
	if t.open {
		t.open = false
		if _, err := t.conn.ExecContext(context.Background(), "ROLLBACK"); err != nil && t.s.engine == postgres {
			// A connection in an unknown state must not serve anybody else.
			_ = t.conn.Raw(func(any) error { return driver.ErrBadConn })
		}
	}
	_ = t.giveBack()
}

// Rows queues a statement for n rows: scalars first, then one slice for each column of its
// rows macro. A statement without the macro is queued once with n = 1.
func (t *Tx) Rows(q *Q, n int, args ...any) {
	if n > 0 {
		t.ops = append(t.ops, op{q: q, n: n, args: args})
	}
}

// Query queues a reading statement; scan is called for every row it returns, in any order.
func (t *Tx) Query(q *Q, n int, scan func(Scanner) error, args ...any) {
	if n > 0 {
		t.ops = append(t.ops, op{q: q, n: n, args: args, scan: scan})
	}
}

// Flush runs what is queued: on PostgreSQL in one round trip, on SQLite one statement after
// the other.
func (t *Tx) Flush(ctx context.Context) error {
	ops := t.ops
	t.ops = nil
	if len(ops) == 0 {
		return nil
	}
	for _, o := range ops {
		if len(o.args) != o.q.args() {
			return fmt.Errorf("query %s takes %d arguments, got %d", o.q.Name, o.q.args(), len(o.args))
		}
		t.s.asks(t, o.q, o.args)
	}
	if t.s.engine == postgres {
		return t.pipeline(ctx, ops)
	}
	for _, o := range ops {
		run := t.each
		if t.look {
			run = t.glimpse
		}
		if err := run(ctx, o); err != nil {
			return err
		}
	}
	return nil
}

// glimpse runs a reading statement on SQLite's reading connections.
func (t *Tx) glimpse(ctx context.Context, o op) error {
	if o.scan == nil {
		return fmt.Errorf("query %s writes, and this is only a look", o.q.Name)
	}
	return t.s.ReadRows(ctx, o.q, o.n, o.scan, o.args...)
}

func (t *Tx) pipeline(ctx context.Context, ops []op) error {
	conn := t.conn
	if t.look {
		for _, o := range ops {
			if o.scan == nil {
				return fmt.Errorf("query %s writes, and this is only a look", o.q.Name)
			}
		}
		own, err := t.s.reader.Conn(ctx)
		if err != nil {
			return translate(err)
		}
		defer own.Close()
		conn = own
	}
	err := conn.Raw(func(dc any) error {
		var b pgx.Batch
		for _, o := range ops {
			b.Queue(o.q.pg, o.args...)
		}
		res := dc.(*stdlib.Conn).Conn().SendBatch(ctx, &b)
		defer res.Close()
		for _, o := range ops {
			if err := o.drain(res); err != nil {
				return fmt.Errorf("%s: %w", o.q.Name, err)
			}
		}
		return res.Close()
	})
	return translate(err)
}

func (o *op) drain(res pgx.BatchResults) error {
	if o.scan == nil {
		_, err := res.Exec()
		return err
	}
	rows, err := res.Query()
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := o.scan(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

func (t *Tx) each(ctx context.Context, o op) error {
	st, err := t.statement(ctx, o.q)
	if err != nil {
		return fmt.Errorf("%s: %w", o.q.Name, translate(err))
	}
	for i := range o.n {
		args := o.q.row(o.args, i)
		if o.scan == nil {
			if _, err := st.ExecContext(ctx, args...); err != nil {
				return fmt.Errorf("%s: %w", o.q.Name, translate(err))
			}
			continue
		}
		if err := scanAll(ctx, st, o.scan, args); err != nil {
			return fmt.Errorf("%s: %w", o.q.Name, translate(err))
		}
	}
	return nil
}

func scanAll(ctx context.Context, st *sql.Stmt, scan func(Scanner) error, args []any) error {
	rows, err := st.QueryContext(ctx, args...)
	if err != nil {
		return err
	}
	return drainRows(rows, scan)
}

// statement prepares once on SQLite's one writing connection.
func (t *Tx) statement(ctx context.Context, q *Q) (*sql.Stmt, error) {
	t.s.mu.Lock()
	defer t.s.mu.Unlock()
	if st := t.s.written[q]; st != nil {
		return st, nil
	}
	st, err := t.conn.PrepareContext(ctx, q.lite)
	if err != nil {
		return nil, err
	}
	t.s.written[q] = st
	return st, nil
}

// Write runs fn in one transaction and commits it; a lost race is tried again, five times
// in all. Settings and texts are written through it; what decide reads is not.
func (s *Store) Write(ctx context.Context, fn func(*Tx) error) error {
	var err error
	for range 5 {
		if err = s.once(ctx, fn); !Race(err) {
			return err
		}
	}
	return err
}

func (s *Store) once(ctx context.Context, fn func(*Tx) error) error {
	t, err := s.Begin(ctx)
	if err != nil {
		return err
	}
	defer t.End()
	if err := fn(t); err != nil {
		return err
	}
	return t.Commit(ctx)
}

// Exec runs one statement now.
func (t *Tx) Exec(ctx context.Context, q *Q, args ...any) error {
	t.Rows(q, 1, args...)
	return t.Flush(ctx)
}

// read runs a query now, behind what was queued before.
func (t *Tx) read(ctx context.Context, q *Q, scan func(Scanner) error, args ...any) error {
	t.Query(q, 1, scan, args...)
	return t.Flush(ctx)
}

// Read runs a query outside any transaction, on the reading connections.
func (s *Store) Read(ctx context.Context, q *Q, scan func(Scanner) error, args ...any) error {
	if len(args) != q.args() {
		return fmt.Errorf("query %s takes %d arguments, got %d", q.Name, q.args(), len(args))
	}
	s.asks(nil, q, args)
	text, list := q.pg, args
	if s.engine == lite {
		st, err := s.readStatement(ctx, q)
		if err != nil {
			return fmt.Errorf("%s: %w", q.Name, translate(err))
		}
		return wrapQuery(q, scanAll(ctx, st, scan, q.row(args, 0)))
	}
	rows, err := s.reader.QueryContext(ctx, text, list...)
	if err != nil {
		return wrapQuery(q, err)
	}
	return wrapQuery(q, drainRows(rows, scan))
}

// ReadRows is Read for a statement with {{in}} or {{rows}}: on PostgreSQL it takes all n
// rows of its columns at once, on SQLite one after the other.
func (s *Store) ReadRows(ctx context.Context, q *Q, n int, scan func(Scanner) error, args ...any) error {
	if s.engine == postgres {
		return s.Read(ctx, q, scan, args...)
	}
	st, err := s.readStatement(ctx, q)
	if err != nil {
		return fmt.Errorf("%s: %w", q.Name, translate(err))
	}
	for i := range n {
		if err := scanAll(ctx, st, scan, q.row(args, i)); err != nil {
			return wrapQuery(q, err)
		}
	}
	return nil
}

func wrapQuery(q *Q, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", q.Name, translate(err))
}

func (s *Store) readStatement(ctx context.Context, q *Q) (*sql.Stmt, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if st := s.prepared[q]; st != nil {
		return st, nil
	}
	st, err := s.reader.PrepareContext(ctx, q.lite)
	if err != nil {
		return nil, err
	}
	s.prepared[q] = st
	return st, nil
}
