// Package imports takes in files of a shop's past: orders and returns, members, who
// recommended whom, opening balances. It reads rows by a mapping and records what they say
// as facts through intake. A row that cannot be read is reported with its line and does
// not stop the rest; a file in another encoding than stated, or without a column, is
// refused before anything is recorded.
//
// An import has no state of its own: the identity of a fact (the mapping's feed and the
// row's own key) makes a second run of the same file, or of one that was stopped half-way,
// change nothing that is there. It decides nothing about value.
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
	DryRun   bool                    // judged, and nothing stored
	Progress func(done, total int64) // called after each chunk of facts; may be nil

	watch *watch // of an import that says afterwards what it brought; nil: nobody asks
}

func (o *Options) progress(done, total int64) {
	if o.Progress != nil {
		o.Progress(done, total)
	}
}

// entry is a fact with what the totals say about it.
type entry struct {
	fact   *loyalty.Fact
	line   int64
	amount int64
	number string // of the order
}

// position is where the fact will stand in its member's history.
func (e *entry) position() loyalty.Position {
	f := *e.fact
	f.FoldAt = f.OccurredAt
	return f.Position()
}

// begin refuses a mapping of another kind, or of another currency than the shop's.
func begin(m *Mapping, reads string, shop *loyalty.Shop, o Options) (Totals, error) {
	t := newTotals(shop, m, o)
	if err := m.For(reads); err != nil {
		return t, err
	}
	if m.Currency != "" && m.Currency != shop.Currency {
		return t, loyalty.Invalid("mapping", string(loyalty.WrongCurrency), "mapping", m.Currency, "want", shop.Currency)
	}
	return t, nil
}

// Orders imports a file of orders and returns, plain or packed by gzip, and lets what
// became due by it happen. The totals are also good when an error ended it early: what
// they count is recorded.
func (d *Desk) Orders(ctx context.Context, shop *loyalty.Shop, src io.Reader, m Mapping, o Options) (Totals, error) {
	t, err := begin(&m, ReadsOrders, shop, o)
	if err != nil {
		return t, err
	}
	r, err := newReader(src, &m, shop, &t)
	if err == nil {
		err = r.read()
	}
	if err != nil {
		return t, fmt.Errorf("import orders: %w", err)
	}
	entries := r.facts(d, o.Reward)
	t.spoilt = r.spoilt
	t.Facts = int64(len(entries))
	done := int64(0)
	for part := range slices.Chunk(entries, chunk) {
		if err := t.record(ctx, d.door(&m, o), shop.ID, part); err != nil {
			return t, fmt.Errorf("import orders: %w", err)
		}
		done += int64(len(part))
		o.progress(done, t.Facts)
	}
	return t, d.due(ctx, shop, &t)
}

// door is a way in for facts: they are recorded, or only judged.
type door func(context.Context, loyalty.ShopID, ...*loyalty.Fact) ([]intake.Answer, error)

// door is the way in for the facts of a file.
func (d *Desk) door(m *Mapping, o Options) door {
	in := d.wayIn(m, o)
	if o.watch != nil {
		return o.watch.around(in)
	}
	return in
}

func (d *Desk) wayIn(m *Mapping, o Options) door {
	personal := m.Reads != ReadsOrders || m.has("member email", "member phone")
	switch {
	case personal && o.DryRun:
		return d.People.Try
	case personal:
		return d.People.Record
	case o.DryRun:
		return d.Intake.Try
	}
	return d.Intake.Record
}

// due lets what became due by what was judged happen.
func (d *Desk) due(ctx context.Context, shop *loyalty.Shop, t *Totals) error {
	if !t.Reward || t.Recorded == 0 || t.DryRun {
		return nil
	}
	var err error
	if t.Clock, err = d.Intake.Due(ctx, shop.ID, d.Intake.Now(shop)); err != nil {
		return fmt.Errorf("import %s: what became due: %w", t.Reads, err)
	}
	return nil
}

// record records one chunk and counts what came of it.
func (t *Totals) record(ctx context.Context, in door, shop loyalty.ShopID, part []*entry) error {
	facts := make([]*loyalty.Fact, len(part))
	for i, e := range part {
		facts[i] = e.fact
	}
	answers, err := in(ctx, shop, facts...)
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
			t.refused(e.line, "invoice", a.Err)
			t.spoilt[e.number] = true
		case a.Status == intake.Duplicate:
			t.Duplicates++
		default:
			t.count(e)
			if !t.DryRun { // a dry run forgets each part of the file before it judges the next
				t.value(a.Lines)
			}
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
