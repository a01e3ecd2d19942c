package store_test

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
)

// Every statement is read here by a small tokenizer: which tables it mentions under which
// names, and that each of them is held to one shop, the statement's first argument.

// acrossShops are the statements that do not name a shop, each with its reason.
var acrossShops = map[string]string{
	"shops":      "the operator's list; shops themselves",
	"shops.slug": "people name a shop by its slug",
	"shops.next": "the next free number of a shop",
	"keys.hash":  "a key names its shop",
	"keys.used":  "the uses of keys of all shops, each row with its shop",

	"staff_passkeys.credential": "a passkey names its shop: who signs in by it has said nothing else",

	"shops.slug.taken": "no two shops of an installation have the same slug",

	"shops.page":   "the operator's list; shops themselves",
	"shops.twin":   "a shop's twin; shops themselves",
	"shops.hidden": "shops that are being removed; shops themselves",

	"settings.portals": "whose pages an address is has to be found before there is a shop",
}

// wholeShop are the statements that read all of a shop's rows of a table, each with its
// reason. Every other one finds its rows by a key.
var wholeShop = map[string]string{
	"accounts.balances":         "the export of all balances",
	"figures.owed":              "what all members have; the dashboard keeps the answer for a while",
	"batches.last":              "replay: the last instant at which anything was recorded",
	"events.count":              "replay: how much there is to do",
	"events.any":                "stops at the first row",
	"orders.newest":             "stops at so many rows of the key",
	"events.last":               "stops at the first row",
	"programs":                  "a shop has few programs, and all of them judge",
	"program_versions":          "a shop has few programs, and all of them judge",
	"program_pauses":            "a shop has few programs, and all of them judge",
	"persons.sealed":            "the export of all persons, in clear",
	"keys.live":                 "a shop has few keys",
	"code_pools.all":            "a shop has few pools",
	"codes.copy":                "replay: codes are published like programs",
	"keys.drop":                 "a shop has few keys",
	"answers.sweep":             "what is kept for a day, swept in the background",
	"turns.sweep":               "what is taken in a day, swept in the background",
	"timers.next":               "stops at the first row of an index in that order",
	"staff.hold_owners":         "few people work in a shop's back office",
	"saved_views.list":          "a shop has few views",
	"legal_editions.all":        "a shop has few legal texts, each with few editions",
	"feed_notes.sweep":          "of each kind a shop keeps sixty",
	"feed_trials.drop":          "a shop has one trial",
	"feed_trials.one":           "a shop has one trial",
	"feed_trials.sweep":         "a shop has one trial",
	"pages.all":                 "a shop has few pages",
	"pages.shown":               "a shop has few pages",
	"pages.count":               "a shop has few pages",
	"gift_pictures.all":         "a catalogue has a thousand entries at most, each with one picture",
	"program_pictures.all":      "a shop has few programs, each with one picture",
	"voucher_batches.all":       "a replay copies all batches",
	"voucher_batches.unchecked": "a shop has few batches, and a process asks every few seconds",
}

// readsWhole tells why a statement may read all of a shop.
func readsWhole(name string) string {
	if strings.HasPrefix(name, "verify.") {
		return "verify looks at everything"
	}
	if strings.HasPrefix(name, "storetest.") {
		return "tests copy whole shops"
	}
	if strings.HasPrefix(name, "remove.") {
		return "a removed shop's rows are taken in portions"
	}
	if strings.HasPrefix(name, "history.") {
		return "a program is tried over all of a shop's past"
	}
	return wholeShop[name]
}

// forbidden are words that mean something else on each engine, or on each day.
var forbidden = strings.Fields("NOW RANDOM CURRENT_TIMESTAMP CURRENT_DATE CURRENT_TIME LOCALTIMESTAMP CLOCK_TIMESTAMP " +
	"GEN_RANDOM_UUID NEXTVAL SKIP LOCKED ILIKE USING LATERAL STRFTIME DATETIME TRIGGER ROWID CTID")

var tokens = regexp.MustCompile(`'[^']*'|\{\{[^}]*\}\}|--[^\n]*|[A-Za-z_][\w.]*|\$\d+|\d+|<>|<=|>=|\|\||\S`)

// reading is what a statement mentions.
type reading struct {
	tables     map[string]bool // of the schema
	names      map[string]bool // by which the statement calls them
	complaints []string
}

func (r *reading) bad(format string, args ...any) {
	r.complaints = append(r.complaints, fmt.Sprintf(format, args...))
}

// mention is a table under a name.
type mention struct{ table, name string }

// read reads a statement.
func read(text string, tables map[string]bool) *reading {
	r := &reading{tables: tables, names: map[string]bool{}}
	var list []string
	for _, t := range tokens.FindAllString(text, -1) {
		if !strings.HasPrefix(t, "--") {
			list = append(list, t)
		}
	}
	for i, t := range list {
		up := strings.ToUpper(t)
		if slices.Contains(forbidden, up) {
			r.bad("it says %s", t)
		}
		if t == "*" && i > 0 && !strings.Contains("(", list[i-1]) && (strings.EqualFold(list[i-1], "SELECT") || strings.EqualFold(list[i-1], "RETURNING")) {
			r.bad("it says %s *", list[i-1])
		}
		if up == "FOR" && i+1 < len(list) && strings.EqualFold(list[i+1], "UPDATE") {
			r.bad("it says FOR UPDATE")
		}
	}
	if end := r.scope(list, 0); end < len(list) {
		r.bad("a bracket too many")
	}
	return r
}

// scope reads one level of brackets from i on; each arm of a UNION stands for itself.
func (r *reading) scope(list []string, i int) int {
	var arm []string
	for ; i < len(list); i++ {
		switch strings.ToUpper(list[i]) {
		case "(":
			inner := []string{"("}
			start := i + 1
			i = r.scope(list, start)
			if i >= len(list) {
				r.bad("a bracket that does not end")
				return i
			}
			// What a list in brackets says is its columns or values, of which the first counts.
			inner = append(inner, list[start:min(start+2, i)]...)
			arm = append(arm, append(inner, ")")...)
		case ")":
			r.arm(arm)
			return i
		case "UNION", "EXCEPT", "INTERSECT":
			r.arm(arm)
			arm = nil
		default:
			arm = append(arm, list[i])
		}
	}
	r.arm(arm)
	return i
}

// arm holds every table of one SELECT, INSERT, UPDATE or DELETE to its shop.
func (r *reading) arm(list []string) {
	var (
		mentions []mention
		held     = map[string]bool{}
		clause   string
		cases    int
		or, shop bool // what the clause says
	)
	at := func(i int) string {
		if i < len(list) {
			return strings.ToUpper(list[i])
		}
		return ""
	}
	for i, t := range list {
		switch up := strings.ToUpper(t); up {
		case "CASE":
			cases++
		case "END":
			cases--
		case "SELECT", "FROM", "WHERE", "GROUP", "HAVING", "ORDER", "LIMIT", "SET", "VALUES", "RETURNING", "ON":
			clause, or, shop = up, false, false
		case "OR":
			or = or || cases == 0
		}
		if strings.HasSuffix(strings.ToLower(t), "shop_id") && at(i+1) == "=" {
			name := strings.ToLower(strings.TrimSuffix(strings.ToLower(t), "shop_id"))
			switch {
			case clause == "SET":
				r.bad("it moves a row to another shop")
			case at(i+2) == "$1" && (clause == "WHERE" || clause == "ON"):
				held[strings.TrimSuffix(name, ".")], shop = true, true
			}
		}
		if or && shop {
			or = false
			r.bad("an OR beside shop_id lets other shops in: it needs brackets")
		}
		if !r.tables[t] || i == 0 || (clause == "FROM" || clause == "ON") && at(i-1) == "." {
			continue
		}
		switch at(i - 1) {
		case "INTO":
			r.insert(list[i:])
		case "FROM", "JOIN", "UPDATE", ",":
			if at(i-1) == "," && clause != "FROM" {
				continue
			}
			name := at(i + 1)
			if name == "AS" {
				name = at(i + 2)
			}
			if name == "" || slices.Contains(strings.Fields("WHERE SET ON JOIN LEFT CROSS INNER ORDER GROUP LIMIT , ("), name) {
				name = ""
			}
			mentions = append(mentions, mention{t, strings.ToLower(name)})
		}
	}
	for _, m := range mentions {
		r.names[m.name], r.names[m.table] = true, true
		bare := m.name == "" && len(mentions) == 1 && held[""]
		if !bare && !held[m.name] && !held[m.table] {
			r.bad("%s %s is not held to the shop", m.table, m.name)
		}
	}
}

// insert wants the first column to be the shop and its value to be the statement's, and a
// conflict to be one within the shop.
func (r *reading) insert(list []string) {
	if len(list) < 5 || list[1] != "(" || list[2] != "shop_id" {
		r.bad("%s is not filled from shop_id on", list[0])
		return
	}
	rest := strings.ToUpper(strings.Join(list[3:], " "))
	if !regexp.MustCompile(`^[^()]*\) (SELECT \$1\b|VALUES \( \$1\b)`).MatchString(rest) {
		r.bad("%s gets a shop that is not the statement's", list[0])
	}
	if m := regexp.MustCompile(`ON CONFLICT \( (\S+)`).FindStringSubmatch(rest); m != nil && m[1] != "SHOP_ID" {
		r.bad("%s has a conflict over shops", list[0])
	}
}

// tablesOfSchema lists the tables that there are, as the schema is written down.
func tablesOfSchema(t *testing.T) map[string]bool {
	t.Helper()
	text, err := os.ReadFile(goldenSchema)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]bool{}
	for line := range strings.Lines(string(text)) {
		if name, ok := strings.CutPrefix(line, "table "); ok {
			out[strings.TrimSpace(name)] = true
		}
	}
	return out
}

// TestEveryStatementHoldsItsTablesToItsShop is the tenant wall in the statements.
func TestEveryStatementHoldsItsTablesToItsShop(t *testing.T) {
	tables, used, mentioned := tablesOfSchema(t), map[string]bool{}, 0
	for _, q := range store.Queries() {
		r := read(q.Text, tables)
		mentioned += len(r.names)
		if acrossShops[q.Name] != "" {
			used[q.Name] = len(r.complaints) > 0
			continue
		}
		for _, c := range r.complaints {
			t.Errorf("%s: %s\n%s", q.Name, c, q.Text)
		}
	}
	for name := range acrossShops {
		if !used[name] {
			t.Errorf("%s is an exception that nothing needs", name)
		}
	}
	if mentioned < 150 {
		t.Errorf("the lint found only %d names of tables", mentioned)
	}
}

// A lint that cannot fail shows nothing.
func TestTheStatementLintComplains(t *testing.T) {
	tables := map[string]bool{"lots": true, "members": true}
	good := []string{
		`SELECT l.id FROM lots l WHERE l.shop_id = $1 AND l.id = $2`,
		`SELECT l.id FROM lots l JOIN members m ON m.shop_id = $1 AND m.id = l.member_id WHERE l.shop_id = $1`,
		`SELECT x.id FROM (SELECT l.id FROM lots l WHERE l.shop_id = $1 UNION ALL SELECT m.id FROM members m WHERE m.shop_id = $1) AS x`,
		`UPDATE lots SET remaining = 0 WHERE shop_id = $1 AND (id = $2 OR id = $3)`,
		`INSERT INTO lots (shop_id, id) SELECT $1, r.id FROM {{rows id:bytea}} WHERE TRUE ON CONFLICT (shop_id, id) DO NOTHING`,
		`INSERT INTO lots (shop_id, id) VALUES ($1, $2)`,
		`DELETE FROM lots WHERE shop_id = $1`,
	}
	for _, text := range good {
		if got := read(text, tables).complaints; len(got) > 0 {
			t.Errorf("%q about\n%s", got, text)
		}
	}
	bad := map[string]string{
		`SELECT l.id FROM lots l WHERE l.id = $1`:                                                           "lots l",
		`SELECT l.id FROM lots l JOIN members m ON m.id = l.member_id WHERE l.shop_id = $1`:                 "members m",
		`SELECT l.id FROM lots l, members m WHERE l.shop_id = $1`:                                           "members m",
		`SELECT l.id FROM lots l WHERE l.shop_id = $1 AND EXISTS (SELECT 1 FROM members m WHERE m.id = $2)`: "members m",
		`SELECT l.id FROM lots l WHERE l.shop_id = $1 UNION ALL SELECT m.id FROM members m`:                 "members m",
		`SELECT l.id FROM lots l WHERE l.shop_id = $1 AND l.id = $2 OR l.id = $3`:                           "brackets",
		`SELECT l.id FROM lots l WHERE l.shop_id = $2 AND l.id = $1`:                                        "lots l",
		`SELECT l.shop_id = $1 FROM lots l`:                                                                 "lots l",
		`UPDATE lots SET remaining = 0 WHERE id = $1`:                                                       "lots",
		`UPDATE lots SET shop_id = $1 WHERE shop_id = $1`:                                                   "another shop",
		`DELETE FROM lots WHERE id = $1`:                                                                    "lots",
		`INSERT INTO lots (id) VALUES ($1)`:                                                                 "shop_id",
		`INSERT INTO lots (shop_id, id) VALUES ($2, $1)`:                                                    "not the statement's",
		`INSERT INTO lots (shop_id, id) SELECT r.shop, r.id FROM {{rows id:bytea}}`:                         "not the statement's",
		`INSERT INTO lots (shop_id, id) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING`:                        "conflict",
		`SELECT now() FROM lots l WHERE l.shop_id = $1`:                                                     "now",
		`SELECT * FROM lots l WHERE l.shop_id = $1`:                                                         "SELECT *",
		`SELECT l.id FROM lots l WHERE l.shop_id = $1 FOR UPDATE`:                                           "FOR UPDATE",
	}
	for text, want := range bad {
		if got := strings.Join(read(text, tables).complaints, "; "); !strings.Contains(got, want) {
			t.Errorf("complaints are %q, want one of %q about\n%s", got, want, text)
		}
	}
}

var (
	scanned  = regexp.MustCompile(`^SCAN (\w+)`)
	searched = regexp.MustCompile(`^SEARCH (\w+) USING .*\(shop_id=\?\)$`)
)

// TestNoStatementReadsAWholeTable looks at SQLite's plans, which are made without any
// statistics at first: a statement finds its rows by a key, or is a whole-shop read of the
// list above.
func TestNoStatementReadsAWholeTable(t *testing.T) {
	tables, used := tablesOfSchema(t), map[string]bool{}
	st := storetest.Open(t, storetest.Config(t, "sqlite"))
	for _, q := range store.Queries() {
		steps, err := st.Plan(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		names := read(q.Text, tables).names
		for _, step := range steps {
			if m := scanned.FindStringSubmatch(step); m != nil && names[m[1]] && acrossShops[q.Name] == "" {
				t.Errorf("%s: %s: it reads every shop's rows\n%s", q.Name, step, q.Text)
			}
			if m := searched.FindStringSubmatch(step); m != nil && names[m[1]] && !small[m[1]] {
				if used[q.Name] = true; readsWhole(q.Name) == "" {
					t.Errorf("%s: %s: it reads the whole shop\n%s", q.Name, step, q.Text)
				}
			}
		}
	}
	for name := range wholeShop {
		if !used[name] {
			t.Errorf("%s is an exception that nothing needs", name)
		}
	}
}

// small are the tables that have one row for each shop.
var small = map[string]bool{"s": true, "shops": true}
