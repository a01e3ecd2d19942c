package admin

import (
	"encoding/csv"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"

	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/money"
)

// Any list can leave the back office as a file, by one mechanism:
//
//	return v.export(sheet{
//		Name:  "members",
//		Heads: []string{v.t("…"), …},
//		Rows: func(row func(cells ...any) error) error {
//			… read a page, and for each of it: if err := row("Anna", int64(3), amount{250, 2}, m.RegisteredAt); err != nil { return err }
//		},
//	}, f.get("format"))
//
// The route asks for staff.Export and a fresh second factor, and is a POST: it leaves one
// record, which says how many rows went. Rows are read while they are sent, so that a million
// of them are never in memory; whoever writes a list reads it page by page.

// sheet is a list that leaves as a file.
type sheet struct {
	Name  string // of the file, without day and ending
	Heads []string
	// Rows gives every row to row, in order. Cells are string, int64, amount, or moment.Time
	// (zero: empty).
	Rows func(row func(cells ...any) error) error
}

// amount is one of minor units.
type amount struct {
	Minor    int64
	Decimals int
}

// rowsOfSheet is how many rows a sheet of a workbook has at most, the heading included; a
// longer list goes on in a further one.
const rowsOfSheet = 1_000_000

// export sends a list as a file: "csv", or "xlsx".
func (v *visit) export(s sheet, format string) error {
	write, kind := v.csv, "text/csv; charset=utf-8"
	switch format {
	case "csv":
	case "xlsx":
		write, kind = v.xlsx, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	default:
		return loyalty.Invalid("format", "unknown_format")
	}
	day := v.People.Now().Std().In(v.shop.Zone).Format("2006-01-02")
	out := &begun{w: v.w, head: func(h http.Header) {
		h.Set("Content-Type", kind)
		h.Set("Content-Disposition", fmt.Sprintf(`attachment; filename="%s-%s-%s.%s"`, v.shop.Slug, s.Name, day, format))
	}}
	rows, err := write(s, out)
	if err != nil && !out.yes {
		return err // nothing has left
	}
	v.status = http.StatusOK
	v.note("", "format", format, "rows", strconv.FormatInt(rows, 10))
	if err != nil { // some has left, which is recorded; a file that is cut off says so by its length
		v.Log.Warn("an export was not sent whole", "list", s.Name, "rows", rows, "error", err)
		panic(http.ErrAbortHandler)
	}
	return nil
}

// begun notes that an answer has begun: from then on an error cannot be a page of its own.
type begun struct {
	w    http.ResponseWriter
	head func(http.Header)
	yes  bool
}

func (b *begun) Write(p []byte) (int, error) {
	if !b.yes {
		b.yes = true
		b.head(b.w.Header())
	}
	return b.w.Write(p)
}

// csv writes a list as text that a spreadsheet opens: in UTF-8 with its mark, separated as the
// reader's spreadsheet expects it.
func (v *visit) csv(s sheet, to io.Writer) (rows int64, err error) {
	if _, err := io.WriteString(to, "\ufeff"); err != nil {
		return 0, err
	}
	w := csv.NewWriter(to)
	w.UseCRLF = true
	if v.say.Tag() != "en" {
		w.Comma = ';'
	}
	if err := w.Write(s.Heads); err != nil {
		return 0, err
	}
	line := make([]string, len(s.Heads))
	err = s.Rows(func(cells ...any) error {
		for i, c := range cells {
			line[i] = v.cell(c)
		}
		rows++
		return w.Write(line[:len(cells)])
	})
	w.Flush()
	if err == nil {
		err = w.Error()
	}
	return rows, err
}

// cell writes a cell as text. A decimal is written as the reader's spreadsheet reads it.
func (v *visit) cell(c any) string {
	switch c := c.(type) {
	case string:
		return harmless(c)
	case int64:
		return strconv.FormatInt(c, 10)
	case amount:
		text := money.Text(c.Minor, c.Decimals)
		if v.say.Tag() != "en" {
			text = strings.Replace(text, ".", ",", 1)
		}
		return text
	case moment.Time:
		if c == 0 {
			return ""
		}
		return c.Std().In(v.shop.Zone).Format("2006-01-02 15:04:05")
	}
	panic(fmt.Sprintf("a cell of %T", c))
}

// harmless keeps a spreadsheet from taking what somebody typed for a formula.
func harmless(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r\n", rune(s[0])) {
		return "'" + s
	}
	return s
}

// xlsx writes a list as a workbook. Rows go to a file beside as they come; texts are cells of
// text, whatever they begin with.
func (v *visit) xlsx(s sheet, to io.Writer) (rows int64, err error) {
	book := excelize.NewFile()
	defer func() {
		if e := book.Close(); err == nil {
			err = e
		}
	}()
	if err := book.SetDocProps(&excelize.DocProperties{Creator: v.me.Name + " (" + v.me.ID.String() + ")", Title: s.Name}); err != nil {
		return 0, err // who took it away stands in the file
	}
	x := &workbook{v: v, book: book, heads: s.Heads}
	if err := x.styles(); err != nil {
		return 0, err
	}
	if err := x.next(); err != nil {
		return 0, err
	}
	if err := s.Rows(x.row); err != nil {
		return x.rows, err
	}
	if err := x.out.Flush(); err != nil {
		return x.rows, err
	}
	_, err = book.WriteTo(to)
	return x.rows, err
}

// workbook is one that is being written.
type workbook struct {
	v     *visit
	book  *excelize.File
	out   *excelize.StreamWriter
	heads []string
	rows  int64 // without headings
	at    int   // the line of the sheet
	n     int   // the sheet
	bold  int
	day   int
	two   map[int]int // styles of amounts, by their decimals
}

func (x *workbook) styles() (err error) {
	if x.bold, err = x.book.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}}); err != nil {
		return err
	}
	day := "yyyy-mm-dd hh:mm"
	x.day, err = x.book.NewStyle(&excelize.Style{CustomNumFmt: &day})
	x.two = map[int]int{}
	return err
}

func (x *workbook) decimals(n int) (int, error) {
	style, ok := x.two[n]
	if ok {
		return style, nil
	}
	form := "0"
	if n > 0 {
		form += "." + strings.Repeat("0", n)
	}
	style, err := x.book.NewStyle(&excelize.Style{CustomNumFmt: &form})
	x.two[n] = style
	return style, err
}

// next begins a sheet.
func (x *workbook) next() (err error) {
	if x.out != nil {
		if err := x.out.Flush(); err != nil {
			return err
		}
	}
	x.n++
	name := fmt.Sprintf("Sheet%d", x.n)
	if x.n > 1 {
		if _, err := x.book.NewSheet(name); err != nil {
			return err
		}
	}
	if x.out, err = x.book.NewStreamWriter(name); err != nil {
		return err
	}
	heads := make([]any, len(x.heads))
	for i, h := range x.heads {
		heads[i] = excelize.Cell{StyleID: x.bold, Value: h}
	}
	if err := x.out.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return err
	}
	x.at = 1
	return x.out.SetRow("A1", heads)
}

func (x *workbook) row(cells ...any) error {
	if x.at == rowsOfSheet {
		if err := x.next(); err != nil {
			return err
		}
	}
	line := make([]any, len(cells))
	for i, c := range cells {
		switch c := c.(type) {
		case moment.Time:
			if c != 0 { // a spreadsheet's times have no zone: it shows the shop's
				at := c.Std().In(x.v.shop.Zone)
				line[i] = excelize.Cell{StyleID: x.day, Value: daysOf(at)}
			}
		case amount:
			style, err := x.decimals(c.Decimals)
			if err != nil {
				return err
			}
			n, err := strconv.ParseFloat(money.Text(c.Minor, c.Decimals), 64)
			if err != nil {
				return err
			}
			line[i] = excelize.Cell{StyleID: style, Value: n}
		default:
			line[i] = c
		}
	}
	x.at, x.rows = x.at+1, x.rows+1
	return x.out.SetRow("A"+strconv.Itoa(x.at), line)
}

// daysOf is a time as spreadsheets count it: days since the end of 1899, by the clock on the
// wall.
func daysOf(t time.Time) float64 {
	wall := time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), 0, time.UTC)
	return wall.Sub(time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)).Hours() / 24
}
