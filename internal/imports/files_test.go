package imports

import (
	"archive/zip"
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"cagnotte/internal/loyalty"
)

// A workbook becomes rows: days are days, whatever the workbook shows, and empty cells stay.
func TestAWorkbookBecomesRows(t *testing.T) {
	book := excelize.NewFile()
	day, err := book.NewStyle(&excelize.Style{NumFmt: 14})
	if err != nil {
		t.Fatal(err)
	}
	for cell, v := range map[string]any{"A1": "number", "B1": "joined", "C1": "first", "A2": 1001, "B2": 45352, "C2": "Łucja", "A3": "0042", "A4": 12.5} {
		if err := book.SetCellValue("Sheet1", cell, v); err != nil {
			t.Fatal(err)
		}
	}
	if err := book.SetCellStyle("Sheet1", "B2", "B2", day); err != nil {
		t.Fatal(err)
	}
	b, err := book.WriteToBuffer()
	if err != nil {
		t.Fatal(err)
	}
	got, err := plainFile(b.Bytes())
	if want := "number,joined,first\n1001,2024-03-01,Łucja\n0042,,\n12.5,,\n"; err != nil || string(got) != want {
		t.Errorf("%q, not %q: %v", got, want, err)
	}
}

// Files that are none, or that would fill the memory, are refused before they are stored.
func TestFilesThatAreRefused(t *testing.T) {
	bomb := func() []byte {
		var b bytes.Buffer
		z := zip.NewWriter(&b)
		for _, name := range []string{"[Content_Types].xml", "xl/workbook.xml", "xl/worksheets/sheet1.xml"} {
			w, err := z.Create(name)
			if err != nil {
				t.Fatal(err)
			}
			for range 40 {
				if _, err := w.Write(bytes.Repeat([]byte{' '}, 1<<20)); err != nil {
					t.Fatal(err)
				}
			}
		}
		if err := z.Close(); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}()
	for name, c := range map[string]struct {
		file []byte
		code string
	}{
		"nothing": {nil, "file_empty"}, "a bomb": {bomb, "import_too_large"}, "no workbook": {[]byte("PK\x03\x04 x"), "import_unreadable"},
		"of before 2007": {[]byte{0xd0, 0xcf, 0x11, 0xe0, 1}, "import_old_workbook"}, "NUL": {[]byte("a,b\n1,\x00\n"), "import_unreadable"},
		"many rows": {bytes.Repeat([]byte("1\n"), maxRows+2), "import_too_many_rows"}, "large": {make([]byte, MaxFile+1), "import_too_large"},
		"gzip that ends early": {[]byte{0x1f, 0x8b, 8, 0}, "import_unreadable"},
	} {
		if _, err := plainFile(c.file); code(err) != c.code {
			t.Errorf("%s: %v, not %s", name, err, c.code)
		}
	}
}

func code(err error) string {
	if p, ok := errors.AsType[*loyalty.Problem](err); ok {
		return p.Code
	}
	return ""
}

// What a text is written in and cut by is proposed.
func TestSeparatorAndEncodingAreProposed(t *testing.T) {
	for _, c := range []struct{ text, encoding, separator string }{
		{"a,b\n1,2\n", "utf-8", "comma"}, {"a;b;c\n1;2,5;3\n", "utf-8", "semicolon"}, {"a\tb\nŁ\tx\n", "utf-8", "tab"}, {"a|b\n1|2\n", "utf-8", "bar"},
		{"imi\xea;miasto\n\xa3ucja;\x8cwidnica\n", "windows-1250", "semicolon"}, {"imi\xea;miasto\n\xa3ucja;\xa6widnica\n\xb1;\xb6\n", "iso-8859-2", "semicolon"},
		{"pr\xe9nom;\xe2ge\nZo\xeb;3\n", "windows-1252", "semicolon"},
	} {
		if e, s := encodingOf([]byte(c.text)), separatorOf([]byte(c.text)); e != c.encoding || s != c.separator {
			t.Errorf("%q: %s %s, not %s %s", c.text, e, s, c.encoding, c.separator)
		}
	}
	if got, err := plainFile([]byte("\xff\xfea\x00;\x00b\x00\n\x00A\x01;\x001\x00\n\x00")); err != nil || strings.TrimPrefix(string(got), bom) != "a;b\nŁ;1\n" {
		t.Errorf("UTF-16: %q %v", got, err)
	}
}
