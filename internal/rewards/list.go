package rewards

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"cagnotte/internal/loyalty"
)

// Listed is a code of a file, with the line that it stands in.
type Listed struct {
	Code string
	Line int
}

// ReadList reads codes from a file of one on each line, or from a CSV: the column `code`
// where the first row names one, else the first column. The file may be packed by gzip.
// Problems name what cannot be read; a file has MaxCodes codes at most.
func ReadList(src io.Reader) ([]Listed, error) {
	b := bufio.NewReaderSize(src, 1<<16)
	if head, _ := b.Peek(2); bytes.Equal(head, []byte{0x1f, 0x8b}) {
		z, err := gzip.NewReader(b)
		if err != nil {
			return nil, fmt.Errorf("unpack: %w", err)
		}
		b = bufio.NewReaderSize(z, 1<<16)
	}
	if head, _ := b.Peek(3); string(head) == "\ufeff" {
		_, _ = b.Discard(3) // it was peeked at
	}
	c := csv.NewReader(b)
	c.FieldsPerRecord, c.ReuseRecord, c.LazyQuotes = -1, true, true
	column := -1
	var out []Listed
	for {
		row, err := c.Read()
		switch {
		case errors.Is(err, io.EOF):
			return out, nil
		case err != nil:
			return nil, fmt.Errorf("read the codes: %w", err)
		}
		if column < 0 {
			column = slices.IndexFunc(row, func(s string) bool { return strings.EqualFold(strings.TrimSpace(s), "code") })
			if column >= 0 {
				continue
			}
			column = 0
		}
		line, _ := c.FieldPos(0)
		x := Listed{Line: line}
		if column < len(row) {
			x.Code = strings.Clone(strings.TrimSpace(row[column]))
		}
		if x.Code == "" && len(row) == 1 {
			continue
		}
		if out = append(out, x); len(out) > MaxCodes {
			return nil, loyalty.Invalid("codes", "too_many", "max", fmt.Sprint(MaxCodes))
		}
	}
}
