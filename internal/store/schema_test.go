package store_test

import (
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"cagnotte/internal/store/storetest"
)

var update = flag.Bool("update", false, "write testdata/schema.golden anew")

// table is one as the database has it, in words that both engines share.
type table struct {
	name    string
	columns []column
	primary []string
	indexes []index
	foreign []foreign
	checks  []string
}

type (
	column struct {
		name, kind, value string // value is the default
		null              bool
		ordered           bool // text that both engines sort byte by byte
	}
	index struct {
		name    string
		unique  bool
		columns []string
		where   string
	}
	foreign struct {
		columns, to []string
		table       string
	}
)

// Exceptions of the rules below, each with its reason.
var (
	// spanning are indexes that do not begin with the shop.
	spanning = map[string]string{
		"shops_slug":   "people name a shop by its slug, so no two have the same one",
		"keys_by_hash": "a key names its shop, not the other way; it is not unique, so it spans no machines",

		"staff_passkeys_by_credential": "a passkey names its shop: who signs in by it has said nothing else; it is not unique",
	}
	// unordered are columns of keys whose text follows the server's collation.
	unordered = map[string]string{
		"programs.name": "it is for people, compared and never sorted by the database",
	}
	// foreigners are tables that are not ours.
	foreigners = map[string]string{"goose_db_version": "the migrations' own", "sqlite_stat1": "the planner's", "sqlite_stat4": "the planner's"}
)

// written is a schema as text, one line for each part.
func written(list []table) string {
	var b strings.Builder
	for _, x := range list {
		fmt.Fprintf(&b, "table %s\n", x.name)
		for _, c := range x.columns {
			fmt.Fprintf(&b, "  %-16s %s", c.name, c.kind)
			if !c.null {
				b.WriteString(" not null")
			}
			if c.value != "" {
				fmt.Fprintf(&b, " default %s", c.value)
			}
			b.WriteByte('\n')
		}
		fmt.Fprintf(&b, "  primary key (%s)\n", strings.Join(x.primary, ", "))
		for _, i := range x.indexes {
			kind := "index"
			if i.unique {
				kind = "unique"
			}
			fmt.Fprintf(&b, "  %s %s (%s)", kind, i.name, strings.Join(i.columns, ", "))
			if i.where != "" {
				fmt.Fprintf(&b, " where %s", i.where)
			}
			b.WriteByte('\n')
		}
		for _, f := range x.foreign {
			fmt.Fprintf(&b, "  (%s) in %s (%s)\n", strings.Join(f.columns, ", "), f.table, strings.Join(f.to, ", "))
		}
		for _, c := range x.checks {
			fmt.Fprintf(&b, "  check %s\n", c)
		}
	}
	return b.String()
}

const goldenSchema = "testdata/schema.golden"

// TestBothEnginesHaveTheWrittenSchema holds both engines to one text: tables, columns, what
// may be NULL, keys, indexes, checks. A change of the schema shows in it; -update writes it
// from SQLite.
func TestBothEnginesHaveTheWrittenSchema(t *testing.T) {
	if *update {
		if err := os.WriteFile(goldenSchema, []byte(written(schema(t, "sqlite"))), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(goldenSchema)
	if err != nil {
		t.Fatal(err)
	}
	for _, engine := range []string{"sqlite", "postgres"} {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			have, want := strings.Split(written(schema(t, engine)), "\n"), strings.Split(string(want), "\n")
			for i := range max(len(have), len(want)) {
				if i >= len(have) || i >= len(want) || have[i] != want[i] {
					t.Fatalf("line %d of the schema is\n%s\nwritten is\n%s\n(go test ./internal/store -run Schema -update writes it anew)",
						i+1, line(have, i), line(want, i))
				}
			}
		})
	}
}

func line(list []string, i int) string {
	if i < len(list) {
		return list[i]
	}
	return "(nothing)"
}

// TestEveryTableBeginsWithTheShop is the tenant wall in the schema: it lets shops be spread
// over machines, and no key of one shop can touch another's rows.
func TestEveryTableBeginsWithTheShop(t *testing.T) {
	for _, engine := range []string{"sqlite", "postgres"} {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			list := schema(t, engine)
			if len(list) < 20 {
				t.Fatalf("there are %d tables", len(list))
			}
			used := map[string]bool{}
			for _, x := range list {
				for _, complaint := range complaints(x, used) {
					t.Errorf("%s: %s", x.name, complaint)
				}
			}
			for name := range spanning {
				if !used[name] {
					t.Errorf("%s is an exception that nothing needs", name)
				}
			}
			for name := range unordered {
				if !used[name] && engine == "postgres" {
					t.Errorf("%s is an exception that nothing needs", name)
				}
			}
		})
	}
}

// complaints says what is wrong with a table, and notes the exceptions that it needs.
func complaints(x table, used map[string]bool) (out []string) {
	bad := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }
	if c := x.columns[0]; c.name != "shop_id" || c.kind != "BIGINT" || c.null {
		bad("its first column is %s %s, want shop_id BIGINT NOT NULL", c.name, c.kind)
	}
	begins := func(columns []string) bool { return len(columns) > 0 && columns[0] == "shop_id" }
	if !begins(x.primary) {
		bad("its primary key (%s) does not begin with shop_id", strings.Join(x.primary, ", "))
	}
	inKey := slices.Clone(x.primary)
	for _, i := range x.indexes {
		inKey = append(inKey, i.columns...)
		if !begins(i.columns) {
			if used[i.name] = true; spanning[i.name] == "" {
				bad("index %s does not begin with shop_id", i.name)
			}
		}
	}
	for _, f := range x.foreign {
		if !begins(f.columns) || !begins(f.to) {
			bad("its reference to %s is not within the shop", f.table)
		}
	}
	for _, c := range x.columns {
		if !slices.Contains([]string{"BIGINT", "BLOB", "TEXT", "BOOLEAN"}, c.kind) {
			bad("%s is %s: that is not the same on both engines", c.name, c.kind)
		}
		if c.name == "id" && !slices.Contains(x.checks, "length of id = 16") {
			bad("its id may have any length")
		}
		if slices.Contains(inKey, c.name) && !c.ordered {
			if used[x.name+"."+c.name] = true; unordered[x.name+"."+c.name] == "" {
				bad("%s is in a key and sorted as the server likes", c.name)
			}
		}
		if strings.ContainsAny(c.value, "(") {
			bad("%s has the default %s: ids and times come from the program", c.name, c.value)
		}
	}
	return out
}

// A lint that cannot fail shows nothing.
func TestTheSchemaLintComplains(t *testing.T) {
	good := func() table {
		return table{
			name:    "things",
			columns: []column{{"shop_id", "BIGINT", "", false, true}, {"id", "BLOB", "", false, true}, {"name", "TEXT", "", false, true}},
			primary: []string{"shop_id", "id"},
			indexes: []index{{"things_name", true, []string{"shop_id", "name"}, ""}},
			foreign: []foreign{{[]string{"shop_id", "id"}, []string{"shop_id", "id"}, "members"}},
			checks:  []string{"length of id = 16"},
		}
	}
	tests := map[string]struct {
		spoil func(*table)
		want  string
	}{
		"no shop":                      {func(x *table) { x.columns = x.columns[1:] }, "first column"},
		"a shop that may be missing":   {func(x *table) { x.columns[0].null = true }, "first column"},
		"a key of all shops":           {func(x *table) { x.primary = []string{"id"} }, "primary key"},
		"a unique name over all shops": {func(x *table) { x.indexes[0].columns = []string{"name"} }, "things_name"},
		"a reference over shops":       {func(x *table) { x.foreign[0].columns = []string{"id"} }, "members"},
		"an id of any length":          {func(x *table) { x.checks = nil }, "any length"},
		"a sorted name":                {func(x *table) { x.columns[2].ordered = false }, "sorted"},
		"a time of the server":         {func(x *table) { x.columns[2].value = "now()" }, "default"},
		"a type of one engine":         {func(x *table) { x.columns[2].kind = "JSONB" }, "JSONB"},
	}
	if got := complaints(good(), map[string]bool{}); len(got) > 0 {
		t.Fatalf("a good table: %q", got)
	}
	for name, tt := range tests {
		x := good()
		tt.spoil(&x)
		if got := strings.Join(complaints(x, map[string]bool{}), "; "); !strings.Contains(got, tt.want) {
			t.Errorf("%s: complaints are %q, want one with %q", name, got, tt.want)
		}
	}
}

// No sequence, trigger or function decides anything inside the database, but for the rule
// that the book is append-only.
func TestTheDatabaseDecidesNothing(t *testing.T) {
	for engine, query := range map[string]string{
		"sqlite": "SELECT name FROM sqlite_master WHERE type IN ('trigger', 'view')",
		"postgres": `SELECT c.relname FROM pg_class c WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('S', 'v', 'm')
			AND c.relname NOT LIKE 'goose_%'
			UNION ALL SELECT p.proname FROM pg_proc p WHERE p.pronamespace = current_schema()::regnamespace
			UNION ALL SELECT t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
			WHERE c.relnamespace = current_schema()::regnamespace AND NOT t.tgisinternal`,
	} {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			c := storetest.Config(t, engine)
			storetest.Open(t, c)
			for _, r := range lines(t, raw(t, c), query) {
				if !slices.Contains(appendOnly, r[0]) {
					t.Errorf("there is %s", r[0])
				}
			}
		})
	}
}

var appendOnly = []string{
	"transactions_append_only", "postings_append_only",
	"transactions_never_changed", "transactions_never_cut", "postings_never_changed", "postings_never_cut",
}
