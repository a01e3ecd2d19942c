package imports

import (
	"fmt"
	"io"
	"maps"
	"slices"

	"cagnotte/internal/ledger"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/money"
)

// Why rows of a file lead to nothing, without being wrong.
const (
	SkippedAdjustment = "adjustment"         // corrects an account, not an order
	SkippedStock      = "stock_correction"   // items that went without a price or a customer
	SkippedGuest      = "guest_refund"       // a return of nobody, from no order: nothing hangs on it
	SkippedFree       = "free_return"        // an article that came back at price 0
	SkippedEmpty      = "no_quantity"        // a quantity of 0
	SkippedIncomplete = "incomplete_invoice" // another row of its invoice cannot be read
)

// MaxErrors is how many row errors are listed; further ones are only counted.
const MaxErrors = 1_000

// RowError is one row that could not be read, or the first row of an invoice that was
// refused.
type RowError struct {
	Line  int64 // in the file, the header being 1
	Field string
	Code  string
}

// String is the error for people: "line 7: quantity: not_a_number".
func (e RowError) String() string { return fmt.Sprintf("line %d: %s: %s", e.Line, e.Field, e.Code) }

// Moved is what members were given of a unit, what returns and ends took, and what was
// exchanged for vouchers.
type Moved struct{ Given, Taken, Exchanged int64 }

// Totals is what an import did.
type Totals struct {
	Shop     string
	Currency string
	Decimals int
	Reward   bool

	Lines   int64            // rows of the file, without its header
	Orders  int64            // recorded now
	Refunds int64            // recorded now
	Guests  int64            // orders of nobody known, among Orders
	Members map[string]bool  // who was named, by key
	Skipped map[string]int64 // rows that led to nothing, by reason

	Facts      int64 // what the file says: recorded now, recorded before, refused
	Recorded   int64
	Duplicates int64
	Bought     int64 // minor units of the orders recorded now
	Returned   int64 // minor units of the returns recorded now

	Units     map[ledger.Unit]Moved
	Vouchers  int64 // issued, less those withdrawn again
	Clock     int   // members for whom the clock had something to do afterwards
	Errors    []RowError
	ErrorRows int64
}

func newTotals(s *loyalty.Shop, reward bool) Totals {
	return Totals{
		Shop: s.Slug, Currency: s.Currency, Decimals: s.Decimals, Reward: reward,
		Members: map[string]bool{}, Skipped: map[string]int64{}, Units: map[ledger.Unit]Moved{},
	}
}

func (t *Totals) fail(line int64, field, code string) {
	t.ErrorRows++
	if len(t.Errors) < MaxErrors {
		t.Errors = append(t.Errors, RowError{line, field, code})
	}
}

// value adds what one receipt says about value.
func (t *Totals) value(lines []loyalty.ReceiptLine) {
	for _, l := range lines {
		if l.Unit == "" {
			continue
		}
		m := t.Units[l.Unit]
		switch l.Outcome {
		case loyalty.Given, loyalty.Waiting:
			m.Given += l.Amount
		case loyalty.TakenBack, loyalty.Expired:
			m.Taken += l.Amount
		case loyalty.Exchanged:
			m.Exchanged += l.Amount
			t.Vouchers++
		case loyalty.Undone:
			if l.Voucher.IsZero() {
				m.Taken += l.Amount
				break
			}
			m.Exchanged -= l.Amount
			t.Vouchers--
		default:
			continue
		}
		t.Units[l.Unit] = m
	}
}

// Unchanged tells whether everything in the file was known before.
func (t *Totals) Unchanged() bool { return t.Recorded == 0 && t.Duplicates > 0 }

// Report writes the totals for people, errors last.
func (t *Totals) Report(w io.Writer) error {
	r := &report{w: w}
	mode := "history, which gives no reward"
	if t.Reward {
		mode = "judged by the programs"
	}
	r.line("shop %s: %s", t.Shop, mode)
	r.line("%-12s %12d", "lines", t.Lines)
	r.line("%-12s %12d  bought %s %s, %d of guests", "orders", t.Orders, money.Text(t.Bought, t.Decimals), t.Currency, t.Guests)
	r.line("%-12s %12d  returned %s %s", "refunds", t.Refunds, money.Text(t.Returned, t.Decimals), t.Currency)
	r.line("%-12s %12d", "members", len(t.Members))
	r.line("%-12s %12d", "known before", t.Duplicates)
	for _, why := range slices.Sorted(maps.Keys(t.Skipped)) {
		r.line("%-12s %12d  %s", "skipped", t.Skipped[why], why)
	}
	for _, u := range slices.Sorted(maps.Keys(t.Units)) {
		decimals := 0
		if string(u) == t.Currency {
			decimals = t.Decimals
		}
		m := t.Units[u]
		r.line("%-12s %12s  %s, taken back %s, exchanged %s", "given", money.Text(m.Given, decimals), u,
			money.Text(m.Taken, decimals), money.Text(m.Exchanged, decimals))
	}
	if t.Reward {
		r.line("%-12s %12d", "vouchers", t.Vouchers)
		r.line("%-12s %12d  members with work of the clock", "due", t.Clock)
	}
	if t.Unchanged() {
		r.line("nothing changed: all %d facts of this file were recorded before", t.Duplicates)
		if t.Reward {
			r.line("a fact is judged once, when it first comes: --reward gives nothing for what was imported before, with or without it; use a shop that has not seen the file")
		}
	}
	for _, e := range t.Errors {
		r.line("%s", e)
	}
	if n := t.ErrorRows - int64(len(t.Errors)); n > 0 {
		r.line("and %d more errors", n)
	}
	return r.err
}

type report struct {
	w   io.Writer
	err error
}

func (r *report) line(format string, args ...any) {
	if r.err == nil {
		_, r.err = fmt.Fprintf(r.w, format+"\n", args...)
	}
}
