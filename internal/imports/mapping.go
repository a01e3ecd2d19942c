package imports

import (
	"embed"
	"slices"
	"strings"
	"time"

	"cagnotte/internal/loyalty"
)

// What a file may hold.
const (
	ReadsOrders    = "orders"
	ReadsMembers   = "members"
	ReadsReferrals = "referrals"
	ReadsBalances  = "balances"
)

// Kinds lists what files may hold, in the order in which a shop imports them.
var Kinds = []string{ReadsMembers, ReadsReferrals, ReadsOrders, ReadsBalances}

// Mapping says how the rows of a file become facts. Its name is the feed of what it reads
// unless it says otherwise, so one mapping stands for one system of record.
type Mapping struct {
	Name   string
	Reads  string // one of Kinds
	Feed   string // the system of record; the name when the mapping does not say it
	Series string // who numbers the orders; the feed when the mapping does not say it
	Prefix string // stands before every external id of the file
	Reason string // of bonds and balances, for whoever reads of them later; the name when nothing is said
	Phones string // "FR": whose phone numbers stand without their country; empty: none's
	Upper  bool   // numbers and articles are written in either case, and mean the same

	Separator rune
	Encoding  string
	Comma     bool // the decimal sign is a comma
	Thousands rune // what groups digits; 0: nothing does
	dates     []dateForm
	Zone      *time.Location // nil: the shop's
	Currency  string         // of every amount; empty: the shop's, or a column's

	PerOrder bool // a row is a whole order, not a line of one
	Negative bool // rows of returns have quantities or amounts below zero
	Weighed  bool // a quantity that is not whole is one item

	refuseOthers bool              // a column that the mapping does not name refuses the file
	columns      map[string]column // by role
	fixed        map[string]string // by role, for the whole file
	tests        map[string][]test // which rows are what: refund, delivery …
}

// column is where a file has something.
type column struct {
	header   string
	optional bool // a file may be without it
}

// test tells which rows are of a kind.
type test struct {
	role    string // whose column is looked at; empty: the column of that header
	header  string
	verb    string
	values  []string
	at      int // the column, once a file was opened; -1: it has none
	ownName bool
}

// The ways in which a test looks at a cell.
const (
	begins    = "begins with"
	equals    = "is"
	below     = "below"
	emptiness = "empty" // what may stand after "is"
)

//go:embed mappings/*.txt
var files embed.FS

// builtIn are the mappings that the program knows by itself. They are written in the form
// in which everybody writes his own.
var builtIn = load()

type written struct {
	Mapping
	text string
}

func load() []written {
	entries, err := files.ReadDir("mappings")
	if err != nil {
		panic(err) // they are embedded
	}
	var out []written
	for _, e := range entries {
		b, err := files.ReadFile("mappings/" + e.Name())
		if err != nil {
			panic(err)
		}
		m, err := ParseMapping(string(b))
		if err != nil {
			panic(e.Name() + ": " + err.Error()) // a test reads them all
		}
		out = append(out, written{m, string(b)})
	}
	return out
}

// MappingOf finds a built-in mapping for a kind of file by its name; loyalty.ErrNotFound
// when there is none.
func MappingOf(reads, name string) (Mapping, error) {
	i := slices.IndexFunc(builtIn, func(m written) bool { return m.Reads == reads && m.Name == name })
	if i < 0 {
		return Mapping{}, loyalty.NotFound("mapping", "mapping_unknown")
	}
	return builtIn[i].Mapping, nil
}

// Mappings lists the names of the built-in mappings for a kind of file; for the empty kind,
// of all.
func Mappings(reads string) []string {
	var names []string
	for _, m := range builtIn {
		if (reads == "" || m.Reads == reads) && !slices.Contains(names, m.Name) {
			names = append(names, m.Name)
		}
	}
	return names
}

// MappingText is a built-in mapping as it is written. Where a name stands for several
// kinds of files, the kind must be said: the problem `mapping_of_which`.
func MappingText(reads, name string) (string, error) {
	var found []written
	var kinds []string
	for _, m := range builtIn {
		if m.Name == name && (reads == "" || m.Reads == reads) {
			found, kinds = append(found, m), append(kinds, m.Reads)
		}
	}
	switch len(found) {
	case 0:
		return "", loyalty.NotFound("mapping", "mapping_unknown")
	case 1:
		return found[0].text, nil
	}
	return "", loyalty.Invalid("reads", "mapping_of_which", "known", strings.Join(kinds, ", "))
}

// For refuses a mapping that was written for another kind of file.
func (m *Mapping) For(reads string) error {
	if m.Reads != reads {
		return loyalty.Invalid("mapping", "mapping_of_another_kind", "reads", m.Reads, "want", reads)
	}
	return nil
}

// number is the one form of article, order and customer numbers.
func (m *Mapping) number(s string) string {
	s = strings.TrimSpace(s)
	if m.Upper {
		return strings.ToUpper(s)
	}
	return s
}

// has tells whether the mapping has a column for any of these roles.
func (m *Mapping) has(roles ...string) bool {
	return slices.ContainsFunc(roles, func(r string) bool { return m.columns[r].header != "" })
}

// header is what a file calls the column of what a problem names; the problem's own word
// where no column is meant.
func (m *Mapping) header(field string) string {
	for _, role := range rolesOf(field) {
		if c := m.columns[role]; c.header != "" {
			return c.header
		}
	}
	return field
}
