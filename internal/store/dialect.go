package store

import (
	"bytes"
	"context"
	"database/sql"
	"database/sql/driver"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"maps"
	"regexp"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib"
	"modernc.org/sqlite"

	"cagnotte/internal/loyalty"
)

// Everything that is not the same on both engines stands in this file: the words of DDL,
// how a transaction begins, what a driver's error means.

type engine int

const (
	lite engine = iota
	postgres
)

func (e engine) String() string {
	if e == postgres {
		return "PostgreSQL"
	}
	return "SQLite"
}

var appendOnlyMacro = regexp.MustCompile(`\{\{append_only (\w+)\}\}`)

// appendOnly are the triggers that refuse a change of a table's rows, and their deletion
// unless the whole shop was removed.
func (e engine) appendOnly(table string) string {
	text := `
-- +goose StatementBegin
CREATE TRIGGER {t}_never_changed BEFORE UPDATE ON {t}
BEGIN SELECT RAISE(ABORT, '{t} is append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER {t}_never_cut BEFORE DELETE ON {t}
WHEN NOT EXISTS (SELECT 1 FROM shops s WHERE s.shop_id = OLD.shop_id AND s.removed_at IS NOT NULL)
BEGIN SELECT RAISE(ABORT, '{t} is append-only'); END;
-- +goose StatementEnd
`
	if e == postgres {
		text = `
-- +goose StatementBegin
CREATE FUNCTION {t}_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' AND EXISTS (SELECT 1 FROM shops s WHERE s.shop_id = OLD.shop_id AND s.removed_at IS NOT NULL) THEN
    RETURN OLD;
  END IF;
  RAISE EXCEPTION '{t} is append-only';
END $$;
-- +goose StatementEnd
CREATE TRIGGER {t}_append_only BEFORE UPDATE OR DELETE ON {t} FOR EACH ROW EXECUTE FUNCTION {t}_append_only();
`
	}
	return strings.ReplaceAll(text, "{t}", table)
}

// LiftAppendOnly lets the rows of the book be changed by hand, for who has to mend it in
// the database itself, and for tests that tamper with it. The program never does.
func (s *Store) LiftAppendOnly(ctx context.Context) error {
	t, err := s.Begin(ctx)
	if err != nil {
		return err
	}
	defer t.End()
	for _, table := range []string{"transactions", "postings"} {
		list := []string{"DROP TRIGGER " + table + "_never_changed", "DROP TRIGGER " + table + "_never_cut"}
		if s.engine == postgres {
			list = []string{"ALTER TABLE " + table + " DISABLE TRIGGER USER"}
		}
		for _, text := range list {
			if _, err := t.conn.ExecContext(ctx, text); err != nil {
				return translate(err)
			}
		}
	}
	return t.Commit(ctx)
}

// ddl replaces the macros of the migrations.
func (e engine) ddl(s string) string {
	s = appendOnlyMacro.ReplaceAllStringFunc(s, func(m string) string {
		return e.appendOnly(appendOnlyMacro.FindStringSubmatch(m)[1])
	})
	if e == postgres {
		return strings.NewReplacer("{{blob}}", "BYTEA", "{{ctext}}", `TEXT COLLATE "C"`).Replace(s)
	}
	return strings.NewReplacer("{{blob}}", "BLOB", "{{ctext}}", "TEXT").Replace(s)
}

// words replaces the macros of statements that stand for words of one engine. On SQLite
// nobody else writes while a transaction does, so no row can be about to be taken.
func (e engine) words(s string) string {
	taken := ""
	if e == postgres {
		taken = "FOR UPDATE SKIP LOCKED"
	}
	return strings.ReplaceAll(s, "{{not taken}}", taken)
}

// begin takes SQLite's one write lock at once, so that a transaction never fails half-way
// for want of it.
func (e engine) begin() string {
	if e == postgres {
		return "BEGIN"
	}
	return "BEGIN IMMEDIATE"
}

// plan asks for a plan that knows no argument.
func (e engine) plan(ctx context.Context, conn *sql.Conn, q *Q) (steps []string, err error) {
	text, args := "EXPLAIN QUERY PLAN "+q.lite, make([]any, len(q.order))
	if e == postgres {
		if _, err := conn.ExecContext(ctx, "PREPARE to_explain AS "+q.pg); err != nil {
			return nil, err
		}
		defer func() {
			_, end := conn.ExecContext(ctx, "DEALLOCATE to_explain")
			err = errors.Join(err, end)
		}()
		text, args = "EXPLAIN EXECUTE to_explain", nil
		if n := q.args(); n > 0 {
			text += "(NULL" + strings.Repeat(", NULL", n-1) + ")"
		}
	}
	rows, err := conn.QueryContext(ctx, text, args...)
	if err != nil {
		return nil, err
	}
	return steps, drainRows(rows, func(r Scanner) error {
		var step string
		var err error
		if e == postgres {
			err = r.Scan(&step)
		} else {
			var a, b, c int
			err = r.Scan(&a, &b, &c, &step)
		}
		steps = append(steps, step)
		return err
	})
}

// byKey are the planner's settings for writing connections. Every statement of a batch
// finds its rows by key, and its plan is made once. Left to itself the planner finds it
// cheaper to read a small table whole, and keeps that plan while the table grows: so a
// page found by key costs next to nothing here, and a row that is looked at costs much.
var byKey = map[string]string{
	"enable_seqscan": "off", "enable_hashjoin": "off", "enable_mergejoin": "off", "plan_cache_mode": "force_generic_plan",
	"random_page_cost": "0.01", "cpu_tuple_cost": "0.1", "cpu_index_tuple_cost": "0.1", "jit": "off",
}

// plain are the settings of reading connections: the planner as the server is set up, without
// compiling statements. The planner expected the checks of a search to cost much, and compiling
// them took 1.5 of its 1.6 seconds. As searches are written now it does not come to that; this
// keeps it from coming back with a larger shop or another statement.
var plain = map[string]string{"jit": "off"}

func openPostgres(url string, conns int, params map[string]string) (*sql.DB, error) {
	c, err := pgx.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("open PostgreSQL: %w", err)
	}
	maps.Copy(c.RuntimeParams, params)
	db := stdlib.OpenDB(*c)
	db.SetMaxOpenConns(conns)
	db.SetMaxIdleConns(conns)
	return db, nil
}

// viewPostgres opens a transaction on each connection; all of them take the first one's
// snapshot. Whole tables are read in order: a sort in memory, never on disk.
func viewPostgres(ctx context.Context, conns []*sql.Conn) error {
	var snapshot string
	for i, conn := range conns {
		if _, err := conn.ExecContext(ctx, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"); err != nil {
			return err
		}
		if i > 0 {
			if _, err := conn.ExecContext(ctx, "SET TRANSACTION SNAPSHOT '"+snapshot+"'"); err != nil {
				return err
			}
		} else if err := conn.QueryRowContext(ctx, "SELECT pg_export_snapshot()").Scan(&snapshot); err != nil {
			return err
		}
		if _, err := conn.ExecContext(ctx, "SET LOCAL jit = off; SET LOCAL work_mem = '64MB'"); err != nil {
			return err
		}
	}
	return nil
}

// liteMapped is how much of the file a view reads through the memory of the system; whole
// tables are read twice as fast as page by page, and several connections do not wait for
// one cache. While a view is open the file cannot shrink.
const liteMapped = 1 << 40

// viewLite opens a transaction on each connection while it holds the one write lock: what
// nobody can change meanwhile, all of them see alike.
func (s *Store) viewLite(ctx context.Context, conns []*sql.Conn) error {
	lock, err := s.Begin(ctx)
	if err != nil {
		return err
	}
	defer lock.End()
	for _, conn := range conns {
		var n int
		if _, err := conn.ExecContext(ctx, fmt.Sprint("PRAGMA mmap_size = ", liteMapped)); err != nil {
			return err
		}
		if _, err := conn.ExecContext(ctx, "BEGIN"); err != nil {
			return err
		}
		// The first read, not BEGIN, fixes what a transaction sees.
		if err := conn.QueryRowContext(ctx, "SELECT COUNT(*) FROM sqlite_master").Scan(&n); err != nil {
			return err
		}
	}
	return nil
}

// cells are the columns of a row while it is looked at. What bytes gives is good until the
// next row; a column without a value is nil, empty or zero.
type cells interface {
	bytes(i int) []byte
	kept(i int) []byte // the same, for as long as one likes
	text(i int) string // for columns that have few values
	int(i int) int64
}

// look runs a query on a connection and shows each row as it came, without the copies of
// database/sql: a whole book has millions of columns.
func (e engine) look(ctx context.Context, conn *sql.Conn, q *Q, args []any, each func(cells) error) error {
	if e == postgres {
		return conn.Raw(func(dc any) error { return lookPostgres(ctx, dc.(*stdlib.Conn).Conn(), q, args, each) })
	}
	return conn.Raw(func(dc any) error { return lookLite(ctx, dc.(driver.QueryerContext), q, args, each) })
}

type postgresCells struct {
	raw   [][]byte // in PostgreSQL's binary form
	known map[string]string
}

func (c *postgresCells) bytes(i int) []byte { return c.raw[i] }

func (c *postgresCells) kept(i int) []byte { return bytes.Clone(c.raw[i]) }

func (c *postgresCells) text(i int) string {
	s, ok := c.known[string(c.raw[i])]
	if !ok {
		s = string(c.raw[i])
		c.known[s] = s
	}
	return s
}

func (c *postgresCells) int(i int) int64 {
	switch b := c.raw[i]; len(b) {
	case 8:
		return int64(binary.BigEndian.Uint64(b))
	case 4:
		return int64(int32(binary.BigEndian.Uint32(b)))
	}
	return 0
}

func lookPostgres(ctx context.Context, conn *pgx.Conn, q *Q, args []any, each func(cells) error) error {
	rows, err := conn.Query(ctx, q.pg, append([]any{pgx.QueryResultFormats{pgx.BinaryFormatCode}}, args...)...)
	if err != nil {
		return err
	}
	defer rows.Close()
	c := &postgresCells{known: map[string]string{}}
	for rows.Next() {
		c.raw = rows.RawValues()
		if err := each(c); err != nil {
			return err
		}
	}
	return rows.Err()
}

type liteCells []driver.Value

func (c liteCells) bytes(i int) []byte {
	if s, ok := c[i].(string); ok {
		return []byte(s)
	}
	b, _ := c[i].([]byte)
	return b
}

func (c liteCells) kept(i int) []byte { return c.bytes(i) } // the driver makes each anew

func (c liteCells) text(i int) string {
	s, _ := c[i].(string)
	return s
}

func (c liteCells) int(i int) int64 {
	n, _ := c[i].(int64)
	return n
}

func lookLite(ctx context.Context, conn driver.QueryerContext, q *Q, args []any, each func(cells) error) (err error) {
	named := make([]driver.NamedValue, len(q.order))
	for i, v := range q.row(args, 0) {
		named[i] = driver.NamedValue{Ordinal: i + 1, Value: v}
	}
	rows, err := conn.QueryContext(ctx, q.lite, named)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	c := make(liteCells, len(rows.Columns()))
	for {
		switch err := rows.Next(c); {
		case err == io.EOF:
			return nil
		case err != nil:
			return err
		}
		if err := each(c); err != nil {
			return err
		}
	}
}

// columns describes a table: its columns in their order, and those of its primary key.
func (s *Store) columns(ctx context.Context, table string) (list []Column, primary []string, err error) {
	text := `SELECT c.name, c.type, c.pk FROM pragma_table_info(?) AS c ORDER BY c.cid`
	if s.engine == postgres {
		text = `
			SELECT a.attname, format_type(a.atttypid, NULL),
			  COALESCE(array_position(string_to_array(i.indkey::text, ' '), a.attnum::text), 0)
			FROM pg_attribute a LEFT JOIN pg_index i ON i.indrelid = a.attrelid AND i.indisprimary
			WHERE a.attrelid = to_regclass($1) AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum`
	}
	rows, err := s.reader.QueryContext(ctx, text, table)
	if err != nil {
		return nil, nil, translate(err)
	}
	keys := map[int]string{}
	err = drainRows(rows, func(r Scanner) error {
		var c Column
		var sqlType string
		var place int
		if err := r.Scan(&c.Name, &sqlType, &place); err != nil {
			return err
		}
		if c.Kind = columnKinds[strings.ToUpper(sqlType)]; c.Kind == "" {
			return fmt.Errorf("%s is %s, which is not the same on both engines", c.Name, sqlType)
		}
		if place > 0 {
			keys[place] = c.Name
		}
		list = append(list, c)
		return nil
	})
	for n := 1; keys[n] != ""; n++ {
		primary = append(primary, keys[n])
	}
	return list, primary, translate(err)
}

// columnKinds are the types of the migrations, as either engine calls them.
var columnKinds = map[string]ColumnKind{
	"TEXT": KindText, "BIGINT": KindNumber, "BYTEA": KindBytes, "BLOB": KindBytes, "BOOLEAN": KindBool,
}

// lockID names the migration lock of this schema: processes that open the same one wait
// for each other, those of other schemas do not.
func (s *Store) lockID(ctx context.Context) (int64, error) {
	var schema string
	if err := s.writer.QueryRowContext(ctx, "SELECT COALESCE(current_schema(), '')").Scan(&schema); err != nil {
		return 0, translate(err)
	}
	h := fnv.New64a()
	h.Write([]byte("cagnotte/" + schema))
	return int64(h.Sum64()), nil
}

// grownTables lists the tables that are twice as large as when they were last counted.
func (s *Store) grownTables(ctx context.Context) ([]string, error) {
	rows, err := s.reader.QueryContext(ctx, `
		SELECT c.relname FROM pg_class c WHERE c.relname = ANY($1) AND c.relkind = 'r'
		  AND c.relnamespace = current_schema()::regnamespace AND pg_relation_size(c.oid) / 8192 > 2 * c.relpages + 4`, growing)
	if err != nil {
		return nil, translate(err)
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, translate(err)
		}
		out = append(out, name)
	}
	return out, translate(rows.Err())
}

// analyzePostgres takes a small sample: the plans need to know what is large and what is
// one value, no more.
func (s *Store) analyzePostgres(ctx context.Context) error {
	behind, err := s.grownTables(ctx)
	if err != nil || len(behind) == 0 {
		return err
	}
	t, err := s.Begin(ctx)
	if err != nil {
		return err
	}
	defer t.End()
	for _, q := range []string{"SET LOCAL default_statistics_target = 10", "ANALYZE " + strings.Join(behind, ", ")} {
		if _, err := t.conn.ExecContext(ctx, q); err != nil {
			return translate(err)
		}
	}
	return t.Commit(ctx)
}

var shardSuffix = regexp.MustCompile(`_\d+$`)

// SQLite's extended result codes.
const (
	liteBusy       = 5
	liteLocked     = 6
	liteFull       = 13
	litePrimaryKey = 1555
	liteUnique     = 2067
	liteCheck      = 275
)

// translate gives a driver's error its kind: a broken unique rule is a conflict, a lost
// race or connection is worth another try.
func translate(err error) error {
	if err == nil {
		return nil
	}
	if errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("%w: no row", loyalty.ErrNotFound)
	}
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok {
		switch pg.Code {
		case "23505":
			return fmt.Errorf("%w: %s: %w", loyalty.ErrConflict, shardSuffix.ReplaceAllString(pg.ConstraintName, ""), err)
		case "40001", "40P01", "57P01", "57P02", "57P03", "08006", "08003", "53300":
			return fmt.Errorf("%w: %w", errRace, err)
		}
		return err
	}
	if le, ok := errors.AsType[*sqlite.Error](err); ok {
		switch le.Code() {
		case litePrimaryKey, liteUnique:
			return fmt.Errorf("%w: %w", loyalty.ErrConflict, err)
		case liteFull:
			return fmt.Errorf("%w: disk full: %w", loyalty.ErrUnavailable, err)
		}
		if code := le.Code() & 0xff; code == liteBusy || code == liteLocked {
			return fmt.Errorf("%w: %w", errRace, err)
		}
		return err
	}
	if errors.Is(err, driver.ErrBadConn) || pgconn.SafeToRetry(err) {
		return fmt.Errorf("%w: %w", errRace, err)
	}
	if _, ok := errors.AsType[*pgconn.ConnectError](err); ok {
		return fmt.Errorf("%w: %w", loyalty.ErrUnavailable, err)
	}
	return err
}

// errRace marks what another try may mend.
var errRace = errors.New("lost a race or a connection")

// Race tells whether another try may mend the error.
func Race(err error) bool { return errors.Is(err, errRace) }
