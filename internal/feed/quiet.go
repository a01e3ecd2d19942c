package feed

import (
	"context"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/store"
)

const (
	quietAfter = moment.Day
	usual      = 3 * moment.Day // the days before, of which two must have had an order
	toldFor    = 7 * moment.Day // for how long a silence is written about
)

// Quiet is a shop of which nothing is heard.
type Quiet struct {
	Since moment.Time // the last order
}

// Quiet tells whether a shop is silent that used to sell: no order came for 24 hours, and on two
// of the three days before one did. Nil: it is not.
func (f *Feed) Quiet(ctx context.Context, shop loyalty.ShopID) (*Quiet, error) {
	now, err := f.now(ctx, shop)
	if err != nil {
		return nil, err
	}
	q, _, err := f.quiet(ctx, shop, now)
	return q, err
}

// quiet also gives the time of the last order that was told; zero: none ever was.
func (f *Feed) quiet(ctx context.Context, shop loyalty.ShopID, now moment.Time) (*Quiet, moment.Time, error) {
	last, err := f.bought(ctx, shop, 0, now+moment.Day)
	if err != nil || last == 0 {
		return nil, 0, err
	}
	if now-last < quietAfter {
		return nil, last, nil
	}
	before, err := f.bought(ctx, shop, last-usual, last-moment.Day)
	if err != nil || before == 0 {
		return nil, last, err
	}
	return &Quiet{Since: last}, last, nil
}

// bought is when the last order between two times was told; zero: none was.
func (f *Feed) bought(ctx context.Context, shop loyalty.ShopID, from, until moment.Time) (moment.Time, error) {
	list, err := f.st.JournalPage(ctx, shop, store.Journal{Kinds: boughtKinds}, store.Span{
		First: id.Mint[id.EventKind](int64(max(from, 0)), [8]byte{}), Before: id.Mint[id.EventKind](int64(max(until, 1)), [8]byte{}), Limit: 1,
	})
	if err != nil || len(list) == 0 {
		return 0, err
	}
	return list[0].RecordedAt, nil
}

// Alarm tells of silences. Tell is called for each shop that is silent and has not been for a
// week; it must write once about the same silence.
type Alarm struct {
	Feed  *Feed
	Shops func(context.Context) ([]*loyalty.Shop, error)
	Tell  func(context.Context, *loyalty.Shop, Quiet) error
}

// Look looks at every shop once. Test shops are silent for good reason.
func (a *Alarm) Look(ctx context.Context) error {
	shops, err := a.Shops(ctx)
	if err != nil {
		return err
	}
	for _, s := range shops {
		if s.Twin() {
			continue
		}
		q, err := a.Feed.Quiet(ctx, s.ID)
		if err != nil {
			return err
		}
		if q == nil {
			continue
		}
		now, err := a.Feed.now(ctx, s.ID)
		if err != nil {
			return err
		}
		if now-q.Since < toldFor {
			if err := a.Tell(ctx, s, *q); err != nil {
				return err
			}
		}
	}
	return nil
}
