package store_test

import (
	"database/sql"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
)

// raw opens the database of a store beside it.
func raw(t *testing.T, c store.Config) *sql.DB {
	t.Helper()
	driver, dsn := "pgx", c.URL
	if c.URL == "" {
		driver, dsn = "sqlite", "file:"+filepath.Join(c.Folder, "cagnotte.db")
	}
	db, err := sql.Open(driver, dsn)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	return db
}

// lines reads all rows as texts; NULL is the empty text.
func lines(t *testing.T, db *sql.DB, query string, args ...any) [][]string {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), query, args...)
	if err != nil {
		t.Fatalf("%v: %s", err, query)
	}
	defer rows.Close()
	names, err := rows.Columns()
	if err != nil {
		t.Fatal(err)
	}
	var out [][]string
	for rows.Next() {
		values, into := make([]sql.NullString, len(names)), make([]any, len(names))
		for i := range values {
			into[i] = &values[i]
		}
		if err := rows.Scan(into...); err != nil {
			t.Fatal(err)
		}
		row := make([]string, len(names))
		for i, v := range values {
			row[i] = v.String
		}
		out = append(out, row)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

// schema reads what an engine made of the migrations, tables by name.
func schema(t *testing.T, engine string) []table {
	t.Helper()
	c := storetest.Config(t, engine)
	storetest.Open(t, c)
	db := raw(t, c)
	read := liteSchema
	if engine == "postgres" {
		read = postgresSchema
	}
	out := read(t, db)
	for i := range out {
		slices.SortFunc(out[i].indexes, func(a, b index) int { return strings.Compare(a.name, b.name) })
		slices.Sort(out[i].checks)
	}
	slices.SortFunc(out, func(a, b table) int { return strings.Compare(a.name, b.name) })
	return out
}

var (
	whereOf = regexp.MustCompile(`(?s) WHERE (.*)$`)
	checkOf = regexp.MustCompile(`CHECK \(((?:[^()]|\([^()]*\))*)\)`)
	lengths = regexp.MustCompile(`LENGTH\((\w+)\)`)
	casts   = regexp.MustCompile(`::\w+|[()]`)
	blanks  = regexp.MustCompile(`\s+`)
	between = regexp.MustCompile(`(\w+) BETWEEN (\w+) AND (\w+)`)
)

// expression is a condition without what an engine adds to it.
func expression(s string) string {
	s = between.ReplaceAllString(strings.ToUpper(s), "$1 >= $2 AND $1 <= $3")
	s = casts.ReplaceAllString(lengths.ReplaceAllString(s, "LENGTH OF $1"), "")
	s = strings.ReplaceAll(s, "~~", "LIKE") // as PostgreSQL writes it
	return strings.ToLower(strings.TrimSpace(blanks.ReplaceAllString(s, " ")))
}

func liteSchema(t *testing.T, db *sql.DB) []table {
	var out []table
	for _, r := range lines(t, db, "SELECT name, sql FROM sqlite_master WHERE type = 'table'") {
		if foreigners[r[0]] != "" || r[0] == "sqlite_sequence" {
			continue
		}
		x := table{name: r[0]}
		keys := map[string]string{}
		for _, c := range lines(t, db, "SELECT name, type, \"notnull\", dflt_value, pk FROM pragma_table_info(?)", x.name) {
			x.columns = append(x.columns, column{c[0], c[1], c[3], c[2] == "0", true})
			if c[4] != "0" {
				keys[c[4]] = c[0]
			}
		}
		for i := range len(keys) {
			x.primary = append(x.primary, keys[fmt.Sprint(i+1)])
		}
		for _, i := range lines(t, db, `SELECT l.name, l."unique", m.sql FROM pragma_index_list(?) l JOIN sqlite_master m ON m.name = l.name WHERE l.origin = 'c'`, x.name) {
			n := index{name: i[0], unique: i[1] == "1"}
			for _, c := range lines(t, db, "SELECT name FROM pragma_index_info(?) ORDER BY seqno", n.name) {
				n.columns = append(n.columns, c[0])
			}
			if m := whereOf.FindStringSubmatch(i[2]); m != nil {
				n.where = expression(m[1])
			}
			x.indexes = append(x.indexes, n)
		}
		for _, f := range lines(t, db, `SELECT "table", "from", "to", seq FROM pragma_foreign_key_list(?) ORDER BY id, seq`, x.name) {
			if f[3] == "0" {
				x.foreign = append(x.foreign, foreign{table: f[0]})
			}
			last := &x.foreign[len(x.foreign)-1]
			last.columns, last.to = append(last.columns, f[1]), append(last.to, f[2])
		}
		for _, m := range checkOf.FindAllStringSubmatch(r[1], -1) {
			x.checks = append(x.checks, expression(m[1]))
		}
		out = append(out, x)
	}
	return out
}

func postgresSchema(t *testing.T, db *sql.DB) []table {
	var out []table
	for _, r := range lines(t, db, "SELECT c.oid, c.relname FROM pg_class c WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace") {
		if foreigners[r[1]] != "" {
			continue
		}
		x := table{name: r[1]}
		for _, c := range lines(t, db, `
			SELECT a.attname, upper(format_type(a.atttypid, a.atttypmod)), a.attnotnull, CASE pg_get_expr(d.adbin, d.adrelid) WHEN 'false' THEN 'FALSE' ELSE pg_get_expr(d.adbin, d.adrelid) END, o.collname
			FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
			LEFT JOIN pg_collation o ON o.oid = a.attcollation
			WHERE a.attrelid = $1 AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum`, r[0]) {
			kind := strings.Replace(c[1], "BYTEA", "BLOB", 1)
			x.columns = append(x.columns, column{c[0], kind, strings.TrimSuffix(c[3], "::text"), c[2] == "false", kind != "TEXT" || c[4] == "C"})
		}
		for _, i := range lines(t, db, `
			SELECT n.relname, i.indisunique, i.indisprimary, pg_get_expr(i.indpred, i.indrelid),
			  array_to_string(ARRAY(SELECT a.attname FROM unnest(i.indkey) WITH ORDINALITY k(n, o)
			    JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.n ORDER BY k.o), ' ')
			FROM pg_index i JOIN pg_class n ON n.oid = i.indexrelid WHERE i.indrelid = $1`, r[0]) {
			if i[2] == "true" {
				x.primary = strings.Fields(i[4])
				continue
			}
			x.indexes = append(x.indexes, index{i[0], i[1] == "true", strings.Fields(i[4]), expression(i[3])})
		}
		for _, c := range lines(t, db, `
			SELECT c.contype, pg_get_expr(c.conbin, c.conrelid), f.relname,
			  array_to_string(ARRAY(SELECT a.attname FROM unnest(c.conkey) WITH ORDINALITY k(n, o)
			    JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.n ORDER BY k.o), ' '),
			  array_to_string(ARRAY(SELECT a.attname FROM unnest(c.confkey) WITH ORDINALITY k(n, o)
			    JOIN pg_attribute a ON a.attrelid = c.confrelid AND a.attnum = k.n ORDER BY k.o), ' ')
			FROM pg_constraint c LEFT JOIN pg_class f ON f.oid = c.confrelid WHERE c.conrelid = $1`, r[0]) {
			switch c[0] {
			case "c":
				x.checks = append(x.checks, expression(c[1]))
			case "f":
				x.foreign = append(x.foreign, foreign{strings.Fields(c[3]), strings.Fields(c[4]), c[2]})
			case "p":
			default:
				t.Errorf("%s has a constraint of kind %s", x.name, c[0])
			}
		}
		out = append(out, x)
	}
	return out
}
