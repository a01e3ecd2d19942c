// Package imports takes in files of a shop's past: it reads rows by a mapping, groups them
// into orders and returns, and records these as facts through intake, oldest first. A row
// that cannot be read is reported with its line and does not stop the rest.
//
// An import has no state of its own: the identity of a fact (mapping and invoice number)
// makes a second run of the same file, or of one that was stopped half-way, change nothing
// that is there. It decides nothing about value.
package imports

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"cagnotte/internal/intake"
	"cagnotte/internal/loyalty"
)

// chunk is how many facts are recorded at once: enough to fill several transactions, and
// far below what a lane's queue holds.
const chunk = 2_048

// Options of an import.
type Options struct {
	Reward   bool                    // judged by the programs; otherwise history, which gives nothing
	Progress func(done, total int64) // called after each chunk of facts; may be nil
}

// entry is a fact with what the totals say about it.
type entry struct {
	fact   *loyalty.Fact
	line   int64
	amount int64
}

// position is where the fact will stand in its member's history.
func (e *entry) position() loyalty.Position {
	f := *e.fact
	f.FoldAt = f.OccurredAt
	return f.Position()
}

// Orders imports a file of order lines, plain or packed by gzip, and lets what became due
// by it happen. The totals are also good when an error ended it early: what they count is
// recorded.
func Orders(ctx context.Context, in *intake.Intake, shop *loyalty.Shop, src io.Reader, m Mapping, o Options) (Totals, error) {
	t := newTotals(shop, o.Reward)
	if m.Currency != "" && m.Currency != shop.Currency {
		return t, loyalty.Invalid("mapping", string(loyalty.WrongCurrency), "mapping", m.Currency, "want", shop.Currency)
	}
	r := &reader{mapping: m, shop: shop, totals: &t}
	if err := r.read(src); err != nil {
		return t, fmt.Errorf("import orders: %w", err)
	}
	entries := r.facts(o.Reward)
	t.Facts = int64(len(entries))
	done := int64(0)
	for part := range slices.Chunk(entries, chunk) {
		if err := t.record(ctx, in, shop.ID, part); err != nil {
			return t, fmt.Errorf("import orders: %w", err)
		}
		if done += int64(len(part)); o.Progress != nil {
			o.Progress(done, t.Facts)
		}
	}
	if o.Reward && t.Recorded > 0 {
		var err error
		if t.Clock, err = in.Due(ctx, shop.ID, in.Now(shop)); err != nil {
			return t, fmt.Errorf("import orders: what became due: %w", err)
		}
	}
	return t, nil
}

// record records one chunk and counts what came of it.
func (t *Totals) record(ctx context.Context, in *intake.Intake, shop loyalty.ShopID, part []*entry) error {
	facts := make([]*loyalty.Fact, len(part))
	for i, e := range part {
		facts[i] = e.fact
	}
	answers, err := in.Record(ctx, shop, facts...)
	if err != nil {
		return err
	}
	for i, a := range answers {
		e := part[i]
		part[i] = nil // answered: its lines may go
		switch {
		case errors.Is(a.Err, loyalty.ErrUnavailable):
			return a.Err
		case a.Err != nil:
			field, code := "invoice", "internal"
			if p, ok := errors.AsType[*loyalty.Problem](a.Err); ok {
				field, code = p.Field, p.Code
			}
			t.fail(e.line, field, code)
		case a.Status == intake.Duplicate:
			t.Duplicates++
		default:
			t.count(e)
			t.value(a.Lines)
		}
	}
	return nil
}

func (t *Totals) count(e *entry) {
	t.Recorded++
	if e.fact.Kind == loyalty.Refunded {
		t.Refunds++
		t.Returned += e.amount
		return
	}
	t.Orders++
	t.Bought += e.amount
	if !e.fact.Member.Named() {
		t.Guests++
	}
}
