package imports

import (
	"fmt"
	"io"
	"maps"
	"slices"

	"cagnotte/internal/ledger"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/money"
	"cagnotte/internal/rules"
)

// Why rows of a file lead to nothing, without being wrong.
const (
	SkippedAdjustment = "adjustment"         // corrects an account, not an order
	SkippedStock      = "stock_correction"   // items that went without a price or a customer
	SkippedGuest      = "guest_refund"       // a return of nobody, from no order: nothing hangs on it
	SkippedFree       = "free_return"        // an article that came back at price 0
	SkippedEmpty      = "no_quantity"        // a quantity of 0, an amount of 0
	SkippedIncomplete = "incomplete_invoice" // another row of its invoice cannot be read
	SkippedNoLines    = "no_lines"           // delivery or a discount, and nothing that was bought
	SkippedDelivery   = "delivery_refund"    // delivery that came back
	SkippedByMapping  = "by_mapping"         // the mapping says so
	SkippedRepeated   = "repeated_row"       // the same row was there before
)

// Moved is what members were given of a unit, what returns and ends took, and what was
// exchanged for vouchers.
type Moved struct{ Given, Taken, Exchanged int64 }

// Totals is what an import did.
type Totals struct {
	Shop     string
	Currency string
	Decimals int
	Points   int    // decimals of points
	Reads    string // what the file holds
	Reward   bool
	DryRun   bool // nothing was stored: what is counted would be

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

	Joined  int64 // members who were not known, or had not joined
	Updated int64 // members who had joined before and were said something new of
	Labels  int64 // groups and tags given
	Bonds   int64 // friends whose referrer was not known

	Units     map[ledger.Unit]Moved
	Vouchers  int64      // issued, less those withdrawn again
	Clock     int        // members for whom the clock had something to do afterwards
	Errors    []RowError // the first MaxErrors of them
	ErrorRows int64

	rejected []RowError      // all of them
	spoilt   map[string]bool // numbers of orders that were left out whole
	mapping  *Mapping
}

func newTotals(s *loyalty.Shop, m *Mapping, o Options) Totals {
	return Totals{
		Shop: s.Slug, Currency: s.Currency, Decimals: s.Decimals, Points: s.PointDecimals, Reads: m.Reads, Reward: o.Reward, DryRun: o.DryRun,
		Members: map[string]bool{}, Skipped: map[string]int64{}, Units: map[ledger.Unit]Moved{}, spoilt: map[string]bool{}, mapping: m,
	}
}

// skip counts rows that lead to nothing.
func (t *Totals) skip(why string, rows int64) {
	if rows > 0 {
		t.Skipped[why] += rows
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
	r.line("shop %s: %s", t.Shop, t.mode())
	if t.DryRun {
		r.line("dry run: nothing was stored; this is what would be")
	}
	r.line("%-12s %12d", "lines", t.Lines)
	switch t.Reads {
	case ReadsOrders:
		r.line("%-12s %12d  bought %s %s, %d of guests", "orders", t.Orders, money.Text(t.Bought, t.Decimals), t.Currency, t.Guests)
		r.line("%-12s %12d  returned %s %s", "refunds", t.Refunds, money.Text(t.Returned, t.Decimals), t.Currency)
		r.line("%-12s %12d", "members", len(t.Members))
	case ReadsMembers:
		r.line("%-12s %12d", "joined", t.Joined)
		r.line("%-12s %12d", "updated", t.Updated)
		r.line("%-12s %12d  groups and tags", "labels", t.Labels)
	case ReadsReferrals:
		r.line("%-12s %12d", "referrals", t.Bonds)
	case ReadsBalances:
		r.line("%-12s %12d", "balances", t.Recorded)
	}
	r.line("%-12s %12d", "known before", t.Duplicates)
	for _, why := range slices.Sorted(maps.Keys(t.Skipped)) {
		r.line("%-12s %12d  %s", "skipped", t.Skipped[why], why)
	}
	t.units(r)
	if t.Reward && !t.DryRun {
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

// mode says what the import gives.
func (t *Totals) mode() string {
	switch {
	case t.Reads == ReadsReferrals:
		return "who recommended whom, which gives no reward"
	case t.Reads == ReadsBalances:
		return "opening balances"
	case t.Reward:
		return "judged by the programs"
	}
	return "history, which gives no reward"
}

// units writes what was moved, by unit.
func (t *Totals) units(r *report) {
	for _, u := range slices.Sorted(maps.Keys(t.Units)) {
		decimals := 0
		switch string(u) {
		case t.Currency:
			decimals = t.Decimals
		case rules.Points:
			decimals = t.Points
		}
		m := t.Units[u]
		if t.Reads == ReadsBalances {
			r.line("%-12s %12s  %s, taken %s", "given", money.Text(m.Given, decimals), u, money.Text(m.Taken, decimals))
			continue
		}
		r.line("%-12s %12s  %s, taken back %s, exchanged %s", "given", money.Text(m.Given, decimals), u,
			money.Text(m.Taken, decimals), money.Text(m.Exchanged, decimals))
	}
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
