package imports

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"

	"cagnotte/internal/loyalty"
)

// rejectedColumns are those that a file of rejected rows has in front. Such a file may be
// corrected and imported as it is, so they are never read.
var rejectedColumns = []string{"rejected_line", "rejected_field", "rejected_reason"}

// shown bounds how much of a header a problem repeats.
const shown = 300

// table is a file under way: its header is known, its rows come one after the other.
type table struct {
	mapping *Mapping
	csv     *csv.Reader
	headers []string
	tests   map[string][]test // with their columns in this file
	cells   []string          // of the row at hand
	line    int64             // of the row at hand; the header is 1
}

// open reads the header of a file and holds it against the mapping.
func open(src io.Reader, m *Mapping) (*table, error) {
	utf8, err := text(src, m.Encoding)
	if err != nil {
		return nil, err
	}
	t := &table{mapping: m, csv: csv.NewReader(utf8), tests: map[string][]test{}}
	t.csv.FieldsPerRecord, t.csv.ReuseRecord, t.csv.Comma = -1, true, m.Separator
	header, err := t.csv.Read()
	if errors.Is(err, io.EOF) {
		err = loyalty.Invalid("file", "file_empty")
	}
	if err != nil {
		return nil, fmt.Errorf("read the header: %w", err)
	}
	for _, h := range header {
		t.headers = append(t.headers, strings.TrimSpace(h))
	}
	return t, t.header()
}

func (t *table) header() error {
	m := t.mapping
	named := map[string]bool{}
	for _, role := range slices.Concat(roles[m.Reads], ownRoles(m.Reads, m.columns)) {
		c := m.columns[role]
		named[c.header] = true
		if c.header == "" {
			continue
		}
		if err := t.has(c.header, c.optional); err != nil {
			return err
		}
	}
	for kind, list := range m.tests {
		for _, x := range list {
			if x.header != "" {
				if err := t.has(x.header, false); err != nil {
					return err
				}
			} else {
				x.header = m.columns[x.role].header
			}
			named[x.header] = true
			x.at = slices.Index(t.headers, x.header)
			t.tests[kind] = append(t.tests[kind], x)
		}
	}
	if !m.refuseOthers {
		return nil
	}
	for _, h := range t.headers {
		if !named[h] && !slices.Contains(rejectedColumns, h) {
			delete(named, "")
			return loyalty.Invalid("file", "column_unknown", "column", short(h), "known", short(strings.Join(slices.Sorted(maps.Keys(named)), ", ")))
		}
	}
	return nil
}

// has refuses a file that is without a column, or has it twice.
func (t *table) has(header string, optional bool) error {
	i := slices.Index(t.headers, header)
	switch {
	case i < 0 && optional:
		return nil
	case i < 0:
		return loyalty.Invalid("file", "column_missing", "column", header, "found", short(strings.Join(t.headers, ", ")))
	case slices.Contains(t.headers[i+1:], header):
		return loyalty.Invalid("file", "column_twice", "column", header)
	}
	return nil
}

// short cuts what a problem repeats of a file.
func short(s string) string {
	if len(s) <= shown {
		return s
	}
	return strings.ToValidUTF8(s[:shown], "") + "…"
}

// at is the column of a role in this file; -1 when it has none.
func (t *table) at(role string) int {
	h := t.mapping.columns[role].header
	if h == "" {
		return -1
	}
	return slices.Index(t.headers, h)
}

// cell is a trimmed cell of the row at hand; empty where the file has no such column.
func (t *table) cell(at int) string {
	if at < 0 || at >= len(t.cells) {
		return ""
	}
	return strings.TrimSpace(t.cells[at])
}

// next reads a row. What is wrong with a row alone comes back as a code; io.EOF ends the
// file, any other error spoils it.
func (t *table) next() (code string, err error) {
	t.cells, err = t.csv.Read()
	if bad, ok := errors.AsType[*csv.ParseError](err); ok {
		t.line = int64(bad.StartLine)
		return UnreadableCSV, nil
	}
	if err != nil {
		return "", err
	}
	line, _ := t.csv.FieldPos(0)
	t.line = int64(line)
	if len(t.cells) != len(t.headers) {
		return WrongFields, nil
	}
	return "", nil
}

// is tells by which of some tests the row at hand is of their kind; nil: by none.
func (t *table) is(list []test) *test {
	for i := range list {
		if x := &list[i]; x.holds(t.cell(x.at)) {
			return x
		}
	}
	return nil
}

// holds tells whether a cell is what the test looks for. Capitals do not matter.
func (x *test) holds(cell string) bool {
	switch {
	case x.at < 0:
		return false
	case x.verb == below:
		return strings.HasPrefix(cell, "-") && strings.Trim(cell, "-0.,' \u00a0\u202f") != ""
	}
	for _, v := range x.values {
		switch {
		case x.verb == begins && len(cell) >= len(v) && strings.EqualFold(cell[:len(v)], v),
			x.verb == equals && (strings.EqualFold(cell, v) || v == emptiness && cell == ""):
			return true
		}
	}
	return false
}
