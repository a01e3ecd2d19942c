package imports

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"

	"cagnotte/internal/intake"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
)

// rows reads a file in which every row stands for itself. begin is told of the opened file
// and gives what takes in one row.
func (t *Totals) rows(src io.Reader, begin func(*table) func()) error {
	tab, err := open(src, t.mapping)
	if err != nil {
		return err
	}
	row := begin(tab)
	for {
		code, err := tab.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		t.Lines++
		switch {
		case err != nil:
			return fmt.Errorf("read row %d: %w", t.Lines, err)
		case code != "":
			t.fail(tab.line, "row", code)
		case tab.is(tab.tests["skip"]) != nil:
			t.Skipped[SkippedByMapping]++
		default:
			row()
		}
	}
}

// fact begins a fact of a file: history, which gives no reward by itself.
func (m *Mapping) fact(kind, name string, at moment.Time) *loyalty.Fact {
	return &loyalty.Fact{
		Kind: kind, Feed: m.Feed, ExternalID: name, Via: loyalty.FromImport, Origin: loyalty.FromImport, OccurredAt: at,
	}
}

// actor is who did what an import did.
func (m *Mapping) actor() string { return "import:" + m.Name }

// possible checks a fact before any of its row is recorded. One without a time happens
// when it is recorded.
func possible(f *loyalty.Fact, shop *loyalty.Shop, now moment.Time) error {
	c := *f
	if c.OccurredAt == 0 {
		c.OccurredAt = now
	}
	return c.Check(shop, now)
}

// when reads a cell with a date; no date is the zero time.
func (f *figures) when(cell string) (at moment.Time, day, ok bool) {
	if cell == "" {
		return 0, false, true
	}
	return f.time(cell)
}

// single is a row that became one fact.
type single struct {
	fact *loyalty.Fact
	line int64
	done func(*Totals) // counts it once it is recorded
}

// singles records rows that became one fact each, the oldest first, and what has no date
// at the end.
func (d *Desk) singles(ctx context.Context, shop *loyalty.Shop, t *Totals, o Options, list []single) error {
	slices.SortStableFunc(list, func(a, b single) int {
		x, y := a.fact.OccurredAt, b.fact.OccurredAt
		switch {
		case x == y:
			return 0
		case x == 0 || y != 0 && x > y:
			return 1
		}
		return -1
	})
	t.Facts = int64(len(list))
	through, done := d.door(t.mapping, o), int64(0)
	for part := range slices.Chunk(list, chunk) {
		facts := make([]*loyalty.Fact, len(part))
		for i, x := range part {
			facts[i] = x.fact
		}
		answers, err := through(ctx, shop.ID, facts...)
		if err != nil {
			return err
		}
		for i, a := range answers {
			switch {
			case errors.Is(a.Err, loyalty.ErrUnavailable):
				return a.Err
			case a.Err != nil:
				t.refused(part[i].line, "row", a.Err)
			case a.Status == intake.Duplicate:
				t.Duplicates++
			default:
				t.Recorded++
				part[i].done(t)
			}
		}
		done += int64(len(part))
		o.progress(done, t.Facts)
	}
	return nil
}

// once refuses a row that says otherwise what a row before has said, and leaves out one
// that repeats it: names maps identities to the first row of each.
func (t *Totals) once(names map[string]once, name, says string, line int64) bool {
	was, ok := names[name]
	switch {
	case !ok:
		names[name] = once{line, says}
		return true
	case was.says == says:
		t.Skipped[SkippedRepeated]++
	default:
		t.fail(line, "row", RepeatedRow, "line", fmt.Sprint(was.line))
	}
	return false
}

// once is the first row of an identity, and what it says.
type once struct {
	line int64
	says string
}
