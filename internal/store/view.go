package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// View is the database as it was at one instant, read on several connections side by side
// while others go on writing. Close must follow; on SQLite the log of changes grows until
// then.
type View struct {
	Parts uint64 // in how many parts a glance reads a book, at least; tests set it
	s     *Store
	conns []*sql.Conn
	free  chan *sql.Conn
}

// reader is Read, of the database as it is or of a view.
type reader func(ctx context.Context, q *Q, scan func(Scanner) error, args ...any) error

// View takes n connections that all see the same.
func (s *Store) View(ctx context.Context, n int) (_ *View, err error) {
	v := &View{s: s, free: make(chan *sql.Conn, n)}
	defer func() {
		if err != nil {
			err = errors.Join(translate(err), v.Close())
		}
	}()
	for range n {
		conn, err := s.reader.Conn(ctx)
		if err != nil {
			return v, err
		}
		v.conns = append(v.conns, conn)
	}
	if s.engine == postgres {
		err = viewPostgres(ctx, v.conns)
	} else {
		err = s.viewLite(ctx, v.conns)
	}
	for _, conn := range v.conns {
		v.free <- conn
	}
	return v, err
}

// Read runs a query on the view; it waits for a connection.
func (v *View) Read(ctx context.Context, q *Q, scan func(Scanner) error, args ...any) error {
	return v.on(ctx, q, args, func(conn *sql.Conn) error {
		text, list := q.pg, args
		if v.s.engine == lite {
			text, list = q.lite, q.row(args, 0)
		}
		rows, err := conn.QueryContext(ctx, text, list...)
		if err != nil {
			return err
		}
		return drainRows(rows, scan)
	})
}

// look is Read for millions of rows.
func (v *View) look(ctx context.Context, q *Q, each func(cells) error, args ...any) error {
	return v.on(ctx, q, args, func(conn *sql.Conn) error { return v.s.engine.look(ctx, conn, q, args, each) })
}

func (v *View) on(ctx context.Context, q *Q, args []any, run func(*sql.Conn) error) error {
	if len(args) != q.args() {
		return fmt.Errorf("query %s takes %d arguments, got %d", q.Name, q.args(), len(args))
	}
	v.s.asks(nil, q, args)
	select {
	case conn := <-v.free:
		defer func() { v.free <- conn }()
		return wrapQuery(q, run(conn))
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Close gives the connections back.
func (v *View) Close() error {
	var errs []error
	for _, conn := range v.conns {
		_, err := conn.ExecContext(context.Background(), "ROLLBACK")
		errs = append(errs, err)
		if v.s.engine == lite {
			_, err = conn.ExecContext(context.Background(), "PRAGMA mmap_size = 0")
		}
		errs = append(errs, err, conn.Close())
	}
	v.conns = nil
	return errors.Join(errs...)
}

func drainRows(rows *sql.Rows, scan func(Scanner) error) error {
	defer rows.Close()
	for rows.Next() {
		if err := scan(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}
