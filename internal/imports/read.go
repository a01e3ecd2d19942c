package imports

import (
	"bufio"
	"compress/gzip"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/money"
)

// priceDecimals is what a unit price may have; a line's total is rounded once.
const priceDecimals = 4

// invoice is what a file says under one number, whatever the order of its rows.
type invoice struct {
	number   string
	first    int64       // its first row, for errors
	rows     int64       // that could be read
	at       moment.Time // the earliest of its rows
	customer string
	lines    []loyalty.Line
	broken   bool // a row of it cannot be read: no part of it is recorded
}

// reader gathers a file's rows into invoices.
type reader struct {
	mapping  Mapping
	shop     *loyalty.Shop
	totals   *Totals
	column   Columns
	at       map[string]int
	when     lastTime
	invoices map[string]*invoice
	order    []*invoice
}

// unpack reads gzip where the file is one, and drops a byte order mark.
func unpack(src io.Reader) (io.Reader, error) {
	b := bufio.NewReaderSize(src, 1<<16)
	if head, _ := b.Peek(2); len(head) == 2 && head[0] == 0x1f && head[1] == 0x8b {
		z, err := gzip.NewReader(b)
		if err != nil {
			return nil, fmt.Errorf("unpack: %w", err)
		}
		b = bufio.NewReaderSize(z, 1<<16)
	}
	if head, _ := b.Peek(3); string(head) == "\ufeff" {
		_, _ = b.Discard(3) // it was peeked at
	}
	return b, nil
}

// read takes in the whole file; memory is bounded by its invoices.
func (r *reader) read(src io.Reader) error {
	src, err := unpack(src)
	if err != nil {
		return err
	}
	c := csv.NewReader(src)
	c.FieldsPerRecord, c.ReuseRecord = -1, true
	header, err := c.Read()
	if err != nil {
		return fmt.Errorf("read the header: %w", err)
	}
	if err := r.header(header); err != nil {
		return err
	}
	width := len(header)
	for {
		row, err := c.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		r.totals.Lines++
		if bad, ok := errors.AsType[*csv.ParseError](err); ok {
			r.totals.fail(int64(bad.StartLine), "row", "unreadable_csv")
			continue
		}
		if err != nil {
			return fmt.Errorf("read row %d: %w", r.totals.Lines, err)
		}
		line, _ := c.FieldPos(0)
		if len(row) != width {
			r.broken(row, int64(line), "row", "wrong_number_of_fields")
			continue
		}
		r.row(row, int64(line))
	}
}

func (r *reader) header(names []string) error {
	r.at = make(map[string]int, len(names))
	for i, n := range names {
		r.at[strings.TrimSpace(n)] = i
	}
	k := r.mapping.Columns
	for _, want := range []string{k.Invoice, k.Article, k.Quantity, k.At, k.Price, k.Member} {
		if _, ok := r.at[want]; !ok {
			return loyalty.Invalid("file", "column_missing", "column", want)
		}
	}
	r.column, r.invoices = k, map[string]*invoice{}
	return nil
}

func (r *reader) field(row []string, column string) string {
	if i := r.at[column]; i < len(row) {
		return strings.TrimSpace(row[i])
	}
	return ""
}

// invoice finds or begins the one that a row belongs to.
func (r *reader) invoice(number string, line int64) *invoice {
	v := r.invoices[number]
	if v == nil {
		v = &invoice{number: strings.Clone(number), first: line}
		r.invoices[v.number] = v
		r.order = append(r.order, v)
	}
	return v
}

// broken notes a row that cannot be read; its invoice, where it names one, is then left
// out whole, since what is recorded under its number stays for ever.
func (r *reader) broken(row []string, line int64, field, code string) {
	r.totals.fail(line, field, code)
	if n := canonical(r.field(row, r.column.Invoice)); n != "" && utf8.ValidString(n) {
		v := r.invoice(n, line)
		v.broken, v.lines = true, nil
	}
}

// row takes in one line of an invoice.
func (r *reader) row(row []string, line int64) {
	number := canonical(r.field(row, r.column.Invoice))
	if number == "" {
		r.totals.fail(line, "invoice", "required")
		return
	}
	refund := strings.HasPrefix(number, r.mapping.Refund)
	if strings.HasPrefix(number, r.mapping.Adjustment) {
		r.totals.Skipped[SkippedAdjustment]++
		return
	}
	l, at, field, code := r.line(row, refund)
	switch {
	case code == "":
	case field == "":
		r.totals.Skipped[code]++
		return
	default:
		r.broken(row, line, field, code)
		return
	}
	customer := canonical(r.field(row, r.column.Member))
	if v := r.invoices[number]; v != nil && v.customer != customer && !v.broken {
		r.broken(row, line, "member", "another_member")
		return
	}
	v := r.invoice(number, line)
	v.rows++
	if v.broken {
		return
	}
	v.customer = strings.Clone(customer)
	if v.at == 0 || at < v.at {
		v.at = at
	}
	v.lines = append(v.lines, l)
}

// line reads the figures of a row. A code with a field is an error, one without a reason
// to skip it.
func (r *reader) line(row []string, refund bool) (l loyalty.Line, at moment.Time, field, code string) {
	l.SKU = strings.Clone(canonical(r.field(row, r.column.Article)))
	if l.SKU == "" {
		return l, 0, "article", "required"
	}
	at, err := r.when.parse(r.field(row, r.column.At), r.shop.Zone)
	if err != nil {
		return l, 0, "at", "not_a_time"
	}
	if l.Quantity, err = strconv.ParseInt(r.field(row, r.column.Quantity), 10, 64); err != nil {
		return l, 0, "quantity", "not_a_number"
	}
	price, err := money.Parse(r.field(row, r.column.Price), priceDecimals)
	switch {
	case errors.Is(err, money.ErrRange), price < 0:
		return l, 0, "price", "out_of_range"
	case err != nil:
		return l, 0, "price", "not_an_amount"
	case l.Quantity > loyalty.MaxQuantity || l.Quantity < -loyalty.MaxQuantity || l.Quantity == math.MinInt64:
		return l, 0, "quantity", "out_of_range"
	case l.Quantity == 0:
		return l, 0, "", SkippedEmpty
	case refund && l.Quantity > 0:
		return l, 0, "quantity", "return_above_zero"
	case !refund && l.Quantity < 0 && price == 0:
		return l, 0, "", SkippedStock
	case !refund && l.Quantity < 0:
		return l, 0, "quantity", "order_below_zero"
	}
	if refund {
		l.Quantity = -l.Quantity
	}
	l.Amount, err = money.MulDiv(price, l.Quantity, int64(math.Pow10(priceDecimals-r.shop.Decimals)), money.HalfUp)
	switch {
	case err != nil || l.Amount > money.Max:
		return l, 0, "price", "out_of_range"
	case refund && l.Amount == 0: // a return without an amount would mean its share of the order
		return l, 0, "", SkippedFree
	}
	return l, at, "", ""
}

// lastTime remembers the time that was read last: most rows have that of the row above.
type lastTime struct {
	text string
	at   moment.Time
}

func (l *lastTime) parse(text string, zone *time.Location) (moment.Time, error) {
	if text == l.text && text != "" {
		return l.at, nil
	}
	at, _, err := moment.ParseLocal(text, zone)
	if err == nil {
		l.text, l.at = strings.Clone(text), at
	}
	return at, err
}

// facts turns the invoices into facts, in the order in which they are judged.
func (r *reader) facts(reward bool) []*entry {
	origin := loyalty.FromImport
	if reward {
		origin = loyalty.FromLive
	}
	out := make([]*entry, 0, len(r.order))
	for _, v := range r.order {
		refund := strings.HasPrefix(v.number, r.mapping.Refund)
		switch {
		case v.broken:
			r.totals.Skipped[SkippedIncomplete] += v.rows
			continue
		case refund && v.customer == "":
			r.totals.Skipped[SkippedGuest] += v.rows
			continue
		}
		f := &loyalty.Fact{
			Feed: r.mapping.Name, ExternalID: v.number, Via: loyalty.FromImport, Origin: origin,
			Kind: loyalty.OrderPaid, OccurredAt: v.at,
		}
		if v.customer != "" {
			k := r.mapping.MemberKey(v.customer)
			f.Member.Keys = []loyalty.Key{k}
			r.totals.Members[k.Key] = true
		}
		e := &entry{fact: f, line: v.first}
		for _, l := range v.lines {
			e.amount += l.Amount
		}
		if refund {
			f.Kind, f.Refund = loyalty.Refunded, &loyalty.Refund{Lines: returned(v.lines)}
		} else {
			f.Order = &loyalty.Order{Series: r.mapping.Name, Ref: v.number, Currency: r.shop.Currency, Lines: v.lines}
		}
		out = append(out, e)
	}
	r.invoices, r.order = nil, nil
	slices.SortFunc(out, func(a, b *entry) int { return a.position().Compare(b.position()) })
	return out
}

func returned(lines []loyalty.Line) []loyalty.RefundLine {
	out := make([]loyalty.RefundLine, len(lines))
	for i, l := range lines {
		out[i] = loyalty.RefundLine{SKU: l.SKU, Quantity: l.Quantity, Amount: l.Amount}
	}
	return out
}
