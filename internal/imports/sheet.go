package imports

import (
	"bytes"
	"compress/gzip"
	"encoding/csv"
	"errors"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"

	"cagnotte/internal/loyalty"
)

// Bounds of a file that is brought in by the back office. A larger one is for the command line.
const (
	MaxFile    = 16 << 20 // as it is sent
	maxPlain   = 64 << 20 // unpacked
	maxRows    = 200_000
	maxColumns = 200
)

func tooLarge(max int) error {
	return loyalty.Invalid("file", "import_too_large", "max", strconv.Itoa(max>>20))
}

// plainFile turns what was sent into a text of rows: workbooks become CSV, UTF-16 becomes UTF-8, and
// gzip is unpacked. Nothing is unpacked beyond its bound, and nothing is written to a disk.
func plainFile(sent []byte) ([]byte, error) {
	switch {
	case len(sent) == 0:
		return nil, loyalty.Invalid("file", "file_empty")
	case len(sent) > MaxFile:
		return nil, tooLarge(MaxFile)
	case bytes.HasPrefix(sent, []byte("PK\x03\x04")):
		return workbook(sent)
	case bytes.HasPrefix(sent, []byte{0xd0, 0xcf, 0x11, 0xe0}): // a workbook of before 2007, or one behind a password
		return nil, loyalty.Invalid("file", "import_old_workbook")
	case bytes.HasPrefix(sent, []byte{0x1f, 0x8b}):
		z, err := gzip.NewReader(bytes.NewReader(sent))
		if err != nil {
			return nil, loyalty.Invalid("file", "import_unreadable")
		}
		if sent, err = io.ReadAll(io.LimitReader(z, maxPlain+1)); err != nil {
			return nil, loyalty.Invalid("file", "import_unreadable")
		}
	case bytes.HasPrefix(sent, []byte{0xff, 0xfe}), bytes.HasPrefix(sent, []byte{0xfe, 0xff}):
		text, err := io.ReadAll(transform.NewReader(bytes.NewReader(sent), unicode.UTF16(unicode.LittleEndian, unicode.ExpectBOM).NewDecoder()))
		if err != nil {
			return nil, loyalty.Invalid("file", "import_unreadable")
		}
		sent = text
	}
	if len(sent) > maxPlain {
		return nil, tooLarge(maxPlain)
	}
	if bytes.IndexByte(sent, 0) >= 0 {
		return nil, loyalty.Invalid("file", "import_unreadable")
	}
	if bytes.Count(sent, []byte{'\n'}) > maxRows+1 {
		return nil, tooMany()
	}
	return sent, nil
}

func tooMany() error {
	return loyalty.Invalid("file", "import_too_many_rows", "max", strconv.Itoa(maxRows))
}

// workbook writes the first sheet of a workbook as CSV. Formulas are not calculated: what they
// gave when the file was saved is read.
func workbook(sent []byte) (out []byte, err error) {
	defer func() { // a workbook that was made to break its reader
		if recover() != nil {
			out, err = nil, loyalty.Invalid("file", "import_unreadable")
		}
	}()
	book, err := excelize.OpenReader(bytes.NewReader(sent), excelize.Options{
		UnzipSizeLimit: maxPlain, UnzipXMLSizeLimit: maxPlain, ShortDatePattern: "yyyy-mm-dd",
	})
	if err != nil {
		if strings.Contains(err.Error(), "unzip size exceeds") {
			return nil, tooLarge(maxPlain)
		}
		return nil, loyalty.Invalid("file", "import_unreadable")
	}
	defer func() { err = errors.Join(err, book.Close()) }()
	names := book.GetSheetList()
	if len(names) == 0 {
		return nil, loyalty.Invalid("file", "file_empty")
	}
	shown, err := book.Rows(names[0])
	if err != nil {
		return nil, loyalty.Invalid("file", "import_unreadable")
	}
	raw, err := book.Rows(names[0])
	if err != nil {
		return nil, loyalty.Invalid("file", "import_unreadable")
	}
	var text bytes.Buffer
	w := csv.NewWriter(&text)
	width := 0
	for n := 0; shown.Next() && raw.Next(); n++ {
		if n > maxRows {
			return nil, tooMany()
		}
		if text.Len() > maxPlain {
			return nil, tooLarge(maxPlain)
		}
		seen, err1 := shown.Columns()
		cells, err2 := raw.Columns(excelize.Options{RawCellValue: true})
		if err1 != nil || err2 != nil || len(cells) > maxColumns {
			return nil, loyalty.Invalid("file", "import_unreadable")
		}
		if n == 0 {
			width = len(cells)
		}
		for len(cells) < width { // a workbook leaves out empty cells at the end of a row
			cells = append(cells, "")
		}
		for i := range cells {
			if i < len(seen) {
				cells[i] = cellText(cells[i], seen[i])
			}
		}
		if strings.Join(cells, "") == "" {
			continue
		}
		if err := w.Write(cells); err != nil {
			return nil, err
		}
	}
	w.Flush()
	if text.Len() == 0 {
		return nil, loyalty.Invalid("file", "file_empty")
	}
	return text.Bytes(), w.Error()
}

// cellText is what a cell says: its value, or, of a number that is shown as a day, that day.
func cellText(raw, seen string) string {
	n, err := strconv.ParseFloat(raw, 64)
	if err != nil || raw == seen || n < 1 || n > 80_000 || !strings.ContainsAny(seen, "-/:.") || strings.ContainsAny(seen, "%€£$") {
		return raw
	}
	if _, err := strconv.ParseFloat(strings.NewReplacer(",", "", " ", "").Replace(seen), 64); err == nil {
		return raw // a number with groups, or rounded
	}
	at, err := excelize.ExcelDateToTime(n, false)
	if err != nil {
		return raw
	}
	if at = at.Round(time.Second); at.Hour() == 0 && at.Minute() == 0 && at.Second() == 0 {
		return at.Format("2006-01-02")
	}
	return at.Format("2006-01-02T15:04:05")
}
