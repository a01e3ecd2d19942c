package store

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
)

// A shop travels as the rows of its tables, whatever they are: the tables are those of
// shopTables, and their columns are read from the database. A table or column that is made
// later travels without a line here.

// staying are the tables of a shop that do not travel, each with its reason.
var staying = map[string]string{
	"sign_ins":       "letters on their way, each for minutes",
	"sessions":       "browsers that are signed in here: elsewhere they sign in again",
	"used_tokens":    "of the shop's own sign-on, for minutes",
	"till_codes":     "of members who stand before a till, for minutes",
	"staff":          "who works in the back office is let in anew where the shop goes",
	"staff_sessions": "browsers that are signed in here",
	"staff_links":    "on their way, each for hours",
	"staff_passkeys": "of people who stay here, for this address",
	"staff_tries":    "of browsers and networks that know this address",
	"saved_views":    "of people who stay here",
	"bulks":          "done where they were begun; what they did stands in the facts",
	"bulk_members":   "of these",
	"imports":        "files on their way, and who brought them; what they said stands in the facts",
	"import_facts":   "of these",
	"answers":        "kept for a day, and readable with the caller's key alone",
	"jobs":           "what is still to be done is done where it was begun; a copy must not send it, too",
	"sightings":      "what browsers saw of orders in the last month; what was taken over stands in the facts",
	"visitors":       "who was counted on a day, kept for two",
	"feed_notes":     "what came from the shop lately and was no fact; where the shop goes it is told anew",
	"feed_trials":    "of who tries the way of a friend, for an hour",
	"member_terms":   "words of names in clear; they are made again from the sealed persons",
}

// shopsOwn are the columns of shops that say where a shop is in its database, not what it is.
var shopsOwn = []string{"shop_id", "live_shop", "removed_at", "emptied_at"}

// ColumnKind is what a column holds.
type ColumnKind string

// The kinds of columns that there are; test of the schema holds the tables to them.
const (
	KindText   ColumnKind = "text"
	KindNumber ColumnKind = "number"
	KindBytes  ColumnKind = "bytes"
	KindBool   ColumnKind = "bool"
)

// sqlKind is the kind in the words of a {{rows}} macro.
var sqlKind = map[ColumnKind]string{KindText: "text", KindNumber: "bigint", KindBytes: "bytea", KindBool: "boolean"}

// Column is one column of a table that travels.
type Column struct {
	Name string
	Kind ColumnKind
}

// Table is a table that travels with a shop, without its shop_id: which shop a row belongs
// to is said by where it is.
type Table struct {
	Name        string
	Columns     []Column
	read, write *Q
}

// TravelTables lists the tables that make a shop, its own row first, in an order in which
// they can be filled: what others point to comes before them.
func (s *Store) TravelTables(ctx context.Context) ([]*Table, error) {
	names := []string{"shops"}
	for _, t := range slices.Backward(shopTables) {
		if staying[t.table] == "" {
			names = append(names, t.table)
		}
	}
	var out []*Table
	for _, name := range names {
		columns, primary, err := s.columns(ctx, name)
		if err != nil {
			return nil, fmt.Errorf("columns of %s: %w", name, err)
		}
		if len(columns) == 0 {
			return nil, fmt.Errorf("there is no table %s", name)
		}
		out = append(out, newTable(name, columns, primary))
	}
	return out, nil
}

func newTable(name string, columns []Column, primary []string) *Table {
	t := &Table{Name: name}
	for _, c := range columns {
		if c.Name == "shop_id" || name == "shops" && slices.Contains(shopsOwn, c.Name) {
			continue
		}
		t.Columns = append(t.Columns, c)
	}
	var read, rows, write, into []string
	for _, c := range t.Columns {
		read, into = append(read, "x."+c.Name), append(into, c.Name)
		rows, write = append(rows, c.Name+":"+sqlKind[c.Kind]), append(write, "r."+c.Name)
	}
	order := make([]string, len(primary))
	for i, p := range primary {
		order[i] = "x." + p
	}
	t.read = compile("travel.read."+name, fmt.Sprintf("SELECT %s FROM %s x WHERE x.shop_id = $1 ORDER BY %s",
		strings.Join(read, ", "), name, strings.Join(order, ", ")))
	t.write = compile("travel.write."+name, fmt.Sprintf("INSERT INTO %s (shop_id, %s) SELECT $1, %s FROM {{rows %s}}",
		name, strings.Join(into, ", "), strings.Join(write, ", "), strings.Join(rows, ", ")))
	return t
}

// Queries are the statements by which the table is read and written, for the lints.
func (t *Table) Queries() []*Q { return []*Q{t.read, t.write} }

// Rows reads a shop's rows of a table as of the view's instant, in the order of their key.
// The values of a row stand in the order of the columns: string, int64, []byte or bool, or
// nil; each may keep them.
func (v *View) Rows(ctx context.Context, t *Table, shop loyalty.ShopID, each func([]any) error) error {
	return v.Read(ctx, t.read, func(r Scanner) error {
		row, into := make([]any, len(t.Columns)), make([]any, len(t.Columns))
		for i, c := range t.Columns {
			into[i] = c.Kind.place()
		}
		if err := r.Scan(into...); err != nil {
			return err
		}
		for i, c := range t.Columns {
			row[i] = c.Kind.value(into[i])
		}
		return each(row)
	}, int64(shop))
}

// place is where a value of the kind is scanned to; value takes it from there.
func (k ColumnKind) place() any {
	switch k {
	case KindNumber:
		return new(*int64)
	case KindBytes:
		return new([]byte)
	case KindBool:
		return new(*bool)
	}
	return new(*string)
}

func (k ColumnKind) value(place any) any {
	switch p := place.(type) {
	case **int64:
		if *p != nil {
			return **p
		}
	case **string:
		if *p != nil {
			return **p
		}
	case **bool:
		if *p != nil {
			return **p
		}
	case *[]byte:
		if *p != nil {
			return slices.Clone(*p)
		}
	}
	return nil
}

// PutRows queues rows of a table for a shop, each as Rows gives them. Flush must follow
// before the rows are changed.
func (t *Tx) PutRows(table *Table, shop loyalty.ShopID, rows [][]any) {
	args := []any{int64(shop)}
	for i, c := range table.Columns {
		args = append(args, c.Kind.column(rows, i))
	}
	t.Rows(table.write, len(rows), args...)
}

// column gathers the i-th values of rows, in the form that a macro takes.
func (k ColumnKind) column(rows [][]any, i int) any {
	switch k {
	case KindNumber:
		return gather[int64](rows, i)
	case KindBool:
		return gather[bool](rows, i)
	case KindBytes:
		out := make([][]byte, len(rows))
		for n, r := range rows {
			out[n], _ = r[i].([]byte)
		}
		return out
	}
	return gather[string](rows, i)
}

func gather[T any](rows [][]any, i int) []*T {
	out := make([]*T, len(rows))
	for n, r := range rows {
		if v, ok := r[i].(T); ok {
			out[n] = &v
		}
	}
	return out
}

var (
	qSealedPersons = New("persons.sealed", `
		SELECT p.member_id, p.sealed, w.wrapped FROM persons p
		JOIN person_keys w ON w.shop_id = $1 AND w.member_id = p.member_id
		WHERE p.shop_id = $1 ORDER BY p.member_id`)
	qSlugTaken = New("shops.slug.taken", `SELECT s.shop_id FROM shops s WHERE s.slug = $1`)
	qSetLive   = New("shops.live", `UPDATE shops SET live_shop = $2 WHERE shop_id = $1`)
)

// SealedPersons reads what is kept of persons, each with the key that opens it, by member.
// Whose key was destroyed is not there any more.
func (v *View) SealedPersons(ctx context.Context, shop loyalty.ShopID, each func(m id.Member, sealed, wrapped []byte) error) error {
	return v.Read(ctx, qSealedPersons, func(r Scanner) error {
		var m id.Member
		var sealed, wrapped []byte
		if err := r.Scan(&m, &sealed, &wrapped); err != nil {
			return err
		}
		return each(m, sealed, wrapped)
	}, int64(shop))
}

// NextShop is the next number that no shop ever had.
func (t *Tx) NextShop(ctx context.Context) (n loyalty.ShopID, err error) {
	t.Query(qNextShop, 1, func(r Scanner) error { return r.Scan(&n) })
	return n, t.Flush(ctx)
}

// SlugTaken tells whether a shop has the slug.
func (t *Tx) SlugTaken(ctx context.Context, slug string) (taken bool, err error) {
	t.Query(qSlugTaken, 1, func(Scanner) error { taken = true; return nil }, slug)
	return taken, t.Flush(ctx)
}

// SetLive makes a shop the test twin of a live one.
func (t *Tx) SetLive(ctx context.Context, twin, live loyalty.ShopID) error {
	return t.Exec(ctx, qSetLive, int64(twin), int64(live))
}

// ForgetSearchTerms says that the words by which a shop's members are found must be made
// again, which people does.
func (t *Tx) ForgetSearchTerms(ctx context.Context, shop loyalty.ShopID) error {
	return t.Exec(ctx, qDropSetting, int64(shop), termsMade)
}
