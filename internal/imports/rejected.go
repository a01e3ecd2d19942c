package imports

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"

	"cagnotte/internal/loyalty"
)

// WriteRejected reads the file a second time and writes the rows of it that were rejected,
// each behind its line, the column that is wrong, and why, in the words of say. All rows of
// an order that was left out are there. The file is written as the mapping says that such
// files are, so that it can be corrected and imported as it is.
func (t *Totals) WriteRejected(src io.Reader, to io.Writer, say func(RowError) string) error {
	tab, err := open(src, t.mapping)
	if err != nil {
		return err
	}
	keep := make([]int, 0, len(tab.headers)) // not those of a file that was itself of rejected rows
	row := slices.Clone(rejectedColumns)
	for i, h := range tab.headers {
		if !slices.Contains(rejectedColumns, h) {
			keep, row = append(keep, i), append(row, h)
		}
	}
	out := csv.NewWriter(encoded(to, t.mapping.Encoding))
	out.Comma = t.mapping.Separator
	if err := out.Write(row); err != nil {
		return err
	}
	why := make(map[int64]RowError, len(t.rejected))
	for _, e := range t.rejected {
		if _, ok := why[e.Line]; !ok {
			why[e.Line] = e
		}
	}
	order := tab.at("order")
	for {
		_, err := tab.next()
		if errors.Is(err, io.EOF) {
			out.Flush()
			return out.Error()
		}
		if err != nil {
			return fmt.Errorf("read line %d again: %w", tab.line, err)
		}
		e, ok := why[tab.line]
		if !ok && order >= 0 && t.spoilt[t.mapping.number(tab.cell(order))] {
			e, ok = RowError{Line: tab.line, Field: "order", Code: SkippedIncomplete}, true
		}
		if !ok {
			continue
		}
		row = append(row[:0], strconv.FormatInt(e.Line, 10), t.mapping.header(e.Field), say(e))
		for _, i := range keep {
			if i < len(tab.cells) {
				row = append(row, tab.cells[i])
			} else {
				row = append(row, "")
			}
		}
		if n := len(tab.headers); len(tab.cells) > n { // what stands behind the last column
			row = append(row, tab.cells[n:]...)
		}
		if err := out.Write(row); err != nil {
			return err
		}
	}
}

// encoded writes UTF-8 in the encoding of a mapping. Letters that it has not lose their
// accents; what is left then is a question mark. Only a reason can hold such letters: the
// rest was in that encoding.
func encoded(to io.Writer, encoding string) io.Writer {
	for _, m := range charmaps {
		if m.name == encoding {
			return &encoder{to: to, of: m.of}
		}
	}
	return to
}

type encoder struct {
	to   io.Writer
	of   *charmap.Charmap
	part []byte // the beginning of a letter: a writer's buffer may end within one
}

// Write encodes whole letters.
func (e *encoder) Write(p []byte) (int, error) {
	rest := append(e.part, p...)
	out := make([]byte, 0, len(rest))
	for len(rest) > 0 && utf8.FullRune(rest) {
		r, size := utf8.DecodeRune(rest)
		rest = rest[size:]
		out = e.letter(out, r)
	}
	e.part = slices.Clone(rest)
	if _, err := e.to.Write(out); err != nil {
		return 0, err
	}
	return len(p), nil
}

func (e *encoder) letter(out []byte, r rune) []byte {
	if b, ok := e.of.EncodeRune(r); ok {
		return append(out, b)
	}
	for _, plain := range loyalty.Fold(string(r)) {
		b, ok := e.of.EncodeRune(plain)
		if !ok {
			b = '?'
		}
		out = append(out, b)
	}
	return out
}
