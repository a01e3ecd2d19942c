// Package store is the database: one text of SQL for the embedded SQLite and for
// PostgreSQL, transactions, migrations, reads, and the writes of settings. It decides
// nothing about value. What decide reads is written by store/batch alone.
//
// Every statement is a *Q, compiled once. A transaction is one connection, with `now`
// fixed, no I/O inside and effects outside the database as outbox rows.
package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
	_ "modernc.org/sqlite" // the driver "sqlite"

	"cagnotte/internal/moment"
)

//go:embed migrations/*.sql
var migrations embed.FS

// Store is an open database.
type Store struct {
	engine engine
	writer *sql.DB // SQLite: the one writing connection
	reader *sql.DB
	Clock  func() moment.Time // the wall clock; tests replace it

	// Asked is told every statement before it runs; tests look on. The transaction is nil
	// outside of one.
	Asked func(t *Tx, q *Q, args []any)

	mu       sync.Mutex
	prepared map[*Q]*sql.Stmt // of the reader
	written  map[*Q]*sql.Stmt // of the writer
	lane     chan *sql.Conn   // SQLite's one writing connection, with its statements
	bounds   searchBounds
}

// Config says where the database is: a PostgreSQL URL, or the data folder of the embedded
// one.
type Config struct {
	Folder string
	URL    string
}

// Open opens the database, brings its schema up to date and returns it ready. A newer
// schema than this program knows is refused.
func Open(ctx context.Context, c Config) (*Store, error) {
	s, err := connect(c)
	if err != nil {
		return nil, err
	}
	if err := s.migrate(ctx); err != nil {
		s.Close()
		return nil, fmt.Errorf("bring the schema up to date: %w", err)
	}
	if err := s.checkDurable(ctx); err != nil {
		s.Close()
		return nil, err
	}
	if s.engine == lite {
		conn, err := s.writer.Conn(ctx)
		if err != nil {
			s.Close()
			return nil, translate(err)
		}
		s.lane = make(chan *sql.Conn, 1)
		s.lane <- conn
	}
	return s, nil
}

func connect(c Config) (*Store, error) {
	s := &Store{bounds: searchBound,
		Clock:    func() moment.Time { return moment.Of(time.Now()) },
		prepared: map[*Q]*sql.Stmt{}, written: map[*Q]*sql.Stmt{},
	}
	if c.URL != "" {
		s.engine = postgres
		var err error
		if s.reader, err = openPostgres(c.URL, 4*runtime.NumCPU(), plain); err != nil {
			return nil, err
		}
		if s.writer, err = openPostgres(c.URL, 8, byKey); err != nil {
			return nil, errors.Join(err, s.reader.Close())
		}
		return s, nil
	}
	if err := os.MkdirAll(c.Folder, 0o700); err != nil {
		return nil, fmt.Errorf("make the data folder: %w", err)
	}
	file := filepath.Join(c.Folder, DatabaseFile)
	// SQLite would let everybody read a file that it makes, in a folder that lets them in.
	// One that is there is left alone: to close it would end the locks that SQLite has on it.
	if own, err := os.OpenFile(file, os.O_CREATE|os.O_EXCL|os.O_RDWR, 0o600); err == nil {
		if err := own.Close(); err != nil {
			return nil, fmt.Errorf("make the database: %w", err)
		}
	} else if !errors.Is(err, fs.ErrExist) {
		return nil, fmt.Errorf("make the database: %w", err)
	}
	pragmas := "?_pragma=journal_mode(wal)&_pragma=synchronous(full)&_pragma=busy_timeout(5000)&_pragma=foreign_keys(1)&_pragma=temp_store(2)"
	w, err := sql.Open("sqlite", "file:"+file+pragmas+"&_pragma=cache_size(-131072)&_pragma=wal_autocheckpoint(4000)")
	if err != nil {
		return nil, fmt.Errorf("open SQLite: %w", err)
	}
	w.SetMaxOpenConns(1)
	r, err := sql.Open("sqlite", "file:"+file+pragmas+"&_pragma=cache_size(-16384)&_pragma=query_only(1)")
	if err != nil {
		return nil, errors.Join(fmt.Errorf("open SQLite: %w", err), w.Close())
	}
	r.SetMaxOpenConns(4 * runtime.NumCPU())
	r.SetMaxIdleConns(4 * runtime.NumCPU())
	s.writer, s.reader = w, r
	return s, nil
}

func (s *Store) asks(t *Tx, q *Q, args []any) {
	if s.Asked != nil {
		s.Asked(t, q, args)
	}
}

// Close closes all connections.
func (s *Store) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, st := range s.prepared {
		st.Close()
	}
	for _, st := range s.written {
		st.Close()
	}
	if s.lane != nil {
		(<-s.lane).Close()
	}
	err := s.writer.Close()
	if s.reader != s.writer {
		err = errors.Join(err, s.reader.Close())
	}
	return err
}

// Engine names the database for people.
func (s *Store) Engine() string { return s.engine.String() }

// Serial tells whether this process is the only writer, one transaction at a time.
func (s *Store) Serial() bool { return s.engine == lite }

// Schema is the number of the last migration that the database has.
func (s *Store) Schema(ctx context.Context) (n int64, err error) {
	err = s.reader.QueryRowContext(ctx, "SELECT COALESCE(MAX(version_id), 0) FROM goose_db_version").Scan(&n)
	return n, translate(err)
}

// KnownSchema is the number of the last migration that this program has.
func KnownSchema() (n int64, err error) {
	list, err := migrations.ReadDir("migrations")
	if err != nil || len(list) == 0 {
		return 0, errors.Join(err, errors.New("no migrations"))
	}
	_, err = fmt.Sscanf(list[len(list)-1].Name(), "%05d_", &n) // they are listed by name
	return n, err
}

func (s *Store) migrate(ctx context.Context) error {
	dialect := goose.DialectSQLite3
	var opts []goose.ProviderOption
	if s.engine == postgres {
		dialect = goose.DialectPostgres
		id, err := s.lockID(ctx)
		if err != nil {
			return err
		}
		locker, err := lock.NewPostgresSessionLocker(lock.WithLockID(id), lock.WithLockTimeout(1, 300))
		if err != nil {
			return err
		}
		opts = append(opts, goose.WithSessionLocker(locker))
	}
	files, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return err
	}
	p, err := goose.NewProvider(dialect, s.writer, macroFS{files, s.engine}, opts...)
	if err != nil {
		return err
	}
	has, err := p.GetDBVersion(ctx)
	if err != nil {
		return err
	}
	sources := p.ListSources()
	if known := sources[len(sources)-1].Version; has > known {
		return fmt.Errorf("the database has schema %d, this program knows %d: use the newer program", has, known)
	}
	if _, err = p.Up(ctx); err != nil {
		return err
	}
	if s.engine == lite {
		return s.analyze(ctx)
	}
	return nil
}

// Analyze refreshes the planner's statistics. A table that grew from nothing is planned as
// if it were empty until somebody does: on PostgreSQL autovacuum comes a minute later, on
// SQLite never. On PostgreSQL tables that have not doubled are left alone.
func (s *Store) Analyze(ctx context.Context) error {
	if s.engine == postgres {
		return s.analyzePostgres(ctx)
	}
	t, err := s.Begin(ctx)
	if err != nil {
		return err
	}
	defer t.End()
	for _, q := range []string{"PRAGMA analysis_limit = 400", "ANALYZE"} {
		if _, err := t.conn.ExecContext(ctx, q); err != nil {
			return translate(err)
		}
	}
	return t.Commit(ctx)
}

// growing are the tables that every fact adds to.
var growing = []string{
	"accounts", "counters", "events", "lots", "member_keys", "member_terms", "members", "orders", "receipts", "referrals",
	"rewards", "terms", "timers", "turns", "vouchers",
}

// analyze gives SQLite's planner statistics where it has none: without them it reads whole
// shops where an index fits.
func (s *Store) analyze(ctx context.Context) error {
	var n int
	err := s.writer.QueryRowContext(ctx, "SELECT count(*) FROM sqlite_master WHERE name = 'sqlite_stat1'").Scan(&n)
	if err != nil || n > 0 {
		return err
	}
	_, err = s.writer.ExecContext(ctx, "ANALYZE")
	return err
}

// checkDurable refuses a server that would lose what was acknowledged.
func (s *Store) checkDurable(ctx context.Context) error {
	if s.engine != postgres {
		return nil
	}
	for _, setting := range durable {
		var v string
		if err := s.writer.QueryRowContext(ctx, "SHOW "+setting).Scan(&v); err != nil {
			return fmt.Errorf("read the server's %s: %w", setting, err)
		}
		if v == "off" {
			return fmt.Errorf("the server has %s = off: acknowledged events could be lost, so switch it on", setting)
		}
	}
	return nil
}

// macroFS gives goose the migrations in the engine's words.
type macroFS struct {
	fs.FS
	engine engine
}

// Open reads a file with its macros replaced.
func (m macroFS) Open(name string) (fs.File, error) {
	f, err := m.FS.Open(name)
	if err != nil {
		return nil, err
	}
	info, err := f.Stat()
	if err != nil || info.IsDir() {
		return f, err
	}
	defer f.Close()
	b, err := io.ReadAll(f)
	if err != nil {
		return nil, err
	}
	return &memFile{Reader: strings.NewReader(m.engine.ddl(string(b))), info: info}, nil
}

type memFile struct {
	*strings.Reader
	info fs.FileInfo
}

// Stat describes the file as it was before the macros.
func (f *memFile) Stat() (fs.FileInfo, error) { return f.info, nil }

// Close has nothing to close.
func (f *memFile) Close() error { return nil }
