package imports

import (
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"

	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/money"
)

// priceDecimals is what a unit price may have; a line's total is rounded once.
const priceDecimals = 4

// weighedDecimals is what a quantity may have: grams of a kilogram.
const weighedDecimals = 3

// between stands between the cells that name a member, and in none of them.
const between = "\x1f"

// reader gathers a file's rows of orders into invoices.
type reader struct {
	*table
	mapping  *Mapping
	shop     *loyalty.Shop
	totals   *Totals
	figures  figures
	place    places
	people   []personColumn
	article  string // of every line; empty: a column says it
	invoices map[string]*invoice
	order    []*invoice
	spoilt   map[string]bool // numbers of which a part was rejected
}

// places are the columns of a file of orders; -1: it has none.
type places struct {
	order, date, article, quantity, price, amount, tax, taken, category, currency, channel, site, delivery, refundOf int

	skip, adjustment, refund, delivering, discount, guest []test
}

// personColumn is a column that names somebody.
type personColumn struct {
	what string // number, external id, email, phone
	at   int
}

// peopleColumns are the columns of a file that name somebody, the surest first.
func (t *table) peopleColumns(who string) []personColumn {
	var out []personColumn
	for i, role := range personRoles(who) {
		if at := t.at(role); at >= 0 {
			out = append(out, personColumn{personRoles("")[i], at})
		}
	}
	return out
}

// newReader opens a file of orders.
func newReader(src io.Reader, m *Mapping, shop *loyalty.Shop, totals *Totals) (*reader, error) {
	t, err := open(src, m)
	if err != nil {
		return nil, err
	}
	r := &reader{
		table: t, mapping: m, shop: shop, totals: totals, figures: newFigures(m, shop.Zone), people: t.peopleColumns("member"),
		invoices: map[string]*invoice{}, spoilt: map[string]bool{}, article: m.fixed["article"],
	}
	r.place = places{
		order: t.at("order"), date: t.at("date"), article: t.at("article"), quantity: t.at("quantity"), price: t.at("unit price"),
		amount: t.at("amount"), tax: t.at("tax"), taken: t.at("line discount"), category: t.at("category"), currency: t.at("currency"),
		channel: t.at("channel"), site: t.at("site"), delivery: t.at("delivery"), refundOf: t.at("refund of"),
		skip: t.tests["skip"], adjustment: t.tests["adjustment"], refund: t.tests["refund"], delivering: t.tests["delivery"],
		discount: t.tests["discount"], guest: t.tests["guest"],
	}
	if r.article == "" && r.place.article < 0 {
		r.article = wholeOrder
	}
	return r, nil
}

// wholeOrder is the article of orders that a file has no articles of.
const wholeOrder = "order"

// read takes in the whole file; memory is bounded by its invoices.
func (r *reader) read() error {
	for {
		code, err := r.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		r.totals.Lines++
		switch {
		case err != nil:
			return fmt.Errorf("read row %d: %w", r.totals.Lines, err)
		case code == UnreadableCSV:
			r.totals.fail(r.line, "row", code)
		case code != "":
			r.broken("row", code)
		default:
			r.row()
		}
	}
}

// invoice finds or begins the one that a row belongs to.
func (r *reader) invoice(key, number string) *invoice {
	v := r.invoices[key]
	if v == nil {
		v = &invoice{number: strings.Clone(number), first: r.line}
		if key == number {
			key = v.number
		}
		r.invoices[key] = v
		r.order = append(r.order, v)
	}
	return v
}

// broken notes a row that cannot be read; its invoice, where it names one, is then left
// out whole, since what is recorded under its number stays for ever.
func (r *reader) broken(field, code string, args ...string) {
	r.totals.fail(r.line, field, code, args...)
	if n := r.mapping.number(r.cell(r.place.order)); n != "" && utf8.ValidString(n) {
		r.spoil(n, n)
	}
}

// spoil leaves out an invoice.
func (r *reader) spoil(key, number string) {
	v := r.invoice(key, number)
	v.broken, v.lines = true, nil
	r.spoilt[v.number] = true
}

// row takes in one row of an invoice.
func (r *reader) row() {
	p := &r.place
	if r.is(p.skip) != nil {
		r.totals.Skipped[SkippedByMapping]++
		return
	}
	number := r.mapping.number(r.cell(p.order))
	if number == "" {
		r.totals.fail(r.line, "invoice", Required)
		return
	}
	if r.is(p.adjustment) != nil {
		r.totals.Skipped[SkippedAdjustment]++
		return
	}
	by := r.is(p.refund)
	if by != nil && by.verb == below && r.is(p.discount) != nil {
		by = nil // what is taken off is below zero, and no return
	}
	l, at, field, code := r.figuresOf(by != nil)
	switch {
	case code == "":
	case field == "":
		r.totals.Skipped[code]++
		return
	default:
		r.broken(field, code)
		return
	}
	if c := r.cell(p.currency); c != "" && !strings.EqualFold(c, r.shop.Currency) {
		r.broken("currency", string(loyalty.WrongCurrency), "want", r.shop.Currency)
		return
	}
	inside := by != nil && !by.ownName && p.refundOf < 0
	key := number
	if inside {
		key += between + at.String()
	}
	r.add(key, number, at, l, by != nil, inside)
}

// add puts a row that could be read into its invoice.
func (r *reader) add(key, number string, at moment.Time, l loyalty.Line, refund, inside bool) {
	p := &r.place
	customer := r.customer()
	delivery := r.is(p.delivering) != nil
	if delivery && refund { // it belongs to no line, so nothing that was earned hangs on it
		r.totals.Skipped[SkippedDelivery]++
		return
	}
	v := r.invoices[key]
	switch {
	case v == nil || v.broken:
	case v.customer != customer:
		r.broken("member", AnotherMember)
		r.spoil(key, number)
		return
	case r.mapping.PerOrder && v.same(at, customer, l):
		r.totals.Skipped[SkippedRepeated]++
		return
	case r.mapping.PerOrder:
		r.broken("order", RepeatedOrder, "line", strconv.FormatInt(v.first, 10))
		r.spoil(key, number)
		return
	}
	v = r.invoice(key, number)
	v.rows++
	if v.broken {
		return
	}
	if v.customer != customer {
		v.customer = strings.Clone(customer)
	}
	v.refund, v.inside = refund, inside
	if v.at == 0 || at < v.at {
		v.at = at
	}
	if p.channel >= 0 || p.site >= 0 || p.delivery >= 0 || p.refundOf >= 0 {
		if field, code := r.beside(v); code != "" {
			r.broken(field, code)
			r.spoil(key, number)
			return
		}
	}
	switch {
	case delivery:
		v.circumstances().delivery += l.Amount
	case r.is(p.discount) != nil:
		v.circumstances().discount += l.Amount
	default:
		v.lines = append(v.lines, l)
	}
}

// beside takes in what a row says of its whole order; the first row that says something
// says it.
func (r *reader) beside(v *invoice) (field, code string) {
	p, c := &r.place, v.circumstances()
	if s := r.cell(p.channel); c.channel == "" && s != "" {
		c.channel = strings.Clone(s)
	}
	if s := r.cell(p.site); c.site == "" && s != "" {
		c.site = strings.Clone(s)
	}
	if s := r.mapping.number(r.cell(p.refundOf)); s != "" {
		if c.refundOf != "" && c.refundOf != s {
			return "refund of", AnotherOrder
		}
		c.refundOf = strings.Clone(s)
	}
	if s := r.cell(p.delivery); s != "" && !v.refund {
		n, code := r.figures.amount(s, r.shop.Decimals)
		if code == "" && n < 0 {
			code = OutOfRange
		}
		if code != "" {
			return "delivery", code
		}
		c.delivery = max(c.delivery, n) // files say it in every row, or in one
	}
	return "", ""
}

// customer is what a row says of its member; empty: a guest.
func (r *reader) customer() string {
	if r.is(r.place.guest) != nil {
		return ""
	}
	if len(r.people) == 1 {
		return r.personCell(r.people[0])
	}
	cells, any := make([]string, len(r.people)), false
	for i, c := range r.people {
		cells[i] = r.personCell(c)
		any = any || cells[i] != ""
	}
	if !any {
		return ""
	}
	return strings.Join(cells, between)
}

func (r *reader) personCell(c personColumn) string {
	if c.what == "email" || c.what == "phone" {
		return r.cell(c.at)
	}
	return r.mapping.number(r.cell(c.at))
}

// figuresOf reads the figures of a row. A code with a field is an error, one without a reason
// to skip it.
func (r *reader) figuresOf(refund bool) (l loyalty.Line, at moment.Time, field, code string) {
	p := &r.place
	l.SKU = r.article
	if p.article >= 0 {
		l.SKU = strings.Clone(r.mapping.number(r.cell(p.article)))
	}
	if l.SKU == "" {
		return l, 0, "article", Required
	}
	at, _, ok := r.figures.time(r.cell(p.date))
	if !ok {
		return l, 0, "at", NotATime
	}
	if field, code = r.amounts(&l, refund); code != "" {
		return l, 0, field, code
	}
	if p.tax >= 0 {
		if l.Tax, code = r.part(p.tax); code != "" {
			return l, 0, "tax", code
		}
		if l.Tax > l.Amount {
			return l, 0, "tax", OutOfRange
		}
	}
	if p.taken >= 0 {
		if l.Discount, code = r.part(p.taken); code != "" {
			return l, 0, "line discount", code
		}
	}
	if c := r.cell(p.category); c != "" {
		l.Category = strings.Clone(c)
	}
	return l, at, "", ""
}

// part reads an amount beside a line's own, whichever its sign; empty: 0.
func (r *reader) part(at int) (int64, string) {
	s := r.cell(at)
	if s == "" {
		return 0, ""
	}
	n, code := r.figures.amount(s, r.shop.Decimals)
	return max(n, -n), code
}

// amounts reads quantity and amount of a row. Signs are the file's way to tell orders from
// returns; a fact has none.
func (r *reader) amounts(l *loyalty.Line, refund bool) (field, code string) {
	p := &r.place
	thousandths, code := r.quantity()
	if code != "" {
		return "quantity", code
	}
	off := r.is(p.discount) != nil
	if thousandths == 0 && !off { // whatever its price
		return "", SkippedEmpty
	}
	field, at, decimals := "price", p.price, priceDecimals
	if at < 0 {
		field, at, decimals = "amount", p.amount, r.shop.Decimals
	}
	n, code := r.figures.amount(r.cell(at), decimals)
	if code != "" {
		return field, code
	}
	negative := thousandths < 0 || n < 0
	switch {
	case field == "price" && n < 0 && !off:
		return field, OutOfRange
	case thousandths > loyalty.MaxQuantity*1_000 || thousandths < -loyalty.MaxQuantity*1_000:
		return "quantity", OutOfRange
	case off:
	case refund && !negative && r.mapping.Negative:
		return "quantity", ReturnAboveZero
	case !refund && negative && n == 0:
		return "", SkippedStock
	case !refund && thousandths < 0:
		return "quantity", OrderBelowZero
	case !refund && n < 0:
		return field, OrderBelowZero
	}
	thousandths, n = max(thousandths, -thousandths), max(n, -n)
	if l.Quantity = thousandths / 1_000; thousandths%1_000 != 0 {
		if !r.mapping.Weighed {
			return "quantity", NotWhole
		}
		l.Quantity = 1
	}
	l.Amount = n
	if field == "price" {
		var err error
		if l.Amount, err = r.total(n, thousandths); err != nil {
			return field, OutOfRange
		}
	}
	switch {
	case l.Amount > money.Max:
		return field, OutOfRange
	case refund && l.Amount == 0: // a return without an amount would mean its share of the order
		return "", SkippedFree
	}
	return "", ""
}

// total is a unit price times a quantity, rounded once. Whole quantities keep the room that
// thousandths would take.
func (r *reader) total(price, thousandths int64) (int64, error) {
	scale := int64(math.Pow10(priceDecimals - r.shop.Decimals))
	if thousandths%1_000 == 0 {
		return money.MulDiv(price, thousandths/1_000, scale, money.HalfUp)
	}
	return money.MulDiv(price, thousandths, 1_000*scale, money.HalfUp)
}

// quantity reads how many, in thousandths; 1 where the file does not say it.
func (r *reader) quantity() (thousandths int64, code string) {
	if r.place.quantity < 0 {
		return 1_000, ""
	}
	s := r.cell(r.place.quantity)
	if n, err := strconv.ParseInt(s, 10, 64); err == nil {
		if n > math.MaxInt64/1_000 || n < -math.MaxInt64/1_000 {
			return 0, OutOfRange
		}
		return n * 1_000, ""
	}
	n, code := r.figures.amount(s, weighedDecimals)
	switch {
	case code == OutOfRange:
		return 0, code
	case code != "":
		return 0, NotANumber
	}
	return n, ""
}
