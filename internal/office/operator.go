package office

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/store"
)

// FirstOperatorKey makes the operator's first key: the token, or "" when there is one.
func (o *Office) FirstOperatorKey(ctx context.Context) (token string, err error) {
	live := 0
	err = o.st.Write(ctx, func(tx *store.Tx) (err error) {
		live, err = tx.LiveKeys(ctx, 0)
		return err
	})
	if err != nil || live > 0 {
		return "", err
	}
	return o.CreateKey(ctx, 0)
}

// Shops is a page of all shops, twins included, in the order of their making, after a
// number (zero: from the start).
func (o *Office) Shops(ctx context.Context, after loyalty.ShopID, limit int) ([]*loyalty.Shop, error) {
	return o.st.ShopPage(ctx, after, limit)
}

// Now is what time it is in a shop: a twin has a clock of its own.
func (o *Office) Now(s *loyalty.Shop) moment.Time { return o.in.Now(s) }

// RemoveShop takes a live shop and its twin out of sight for good: when it returns, their
// keys open nothing and their names are free. Other processes let the keys go within half
// a minute, and record nothing for them from now on. The rows go afterwards, by
// EmptyRemoved. The problem `not_confirmed` when confirm is not the slug.
func (o *Office) RemoveShop(ctx context.Context, slug, confirm string) (live, test *loyalty.Shop, err error) {
	if live, err = o.st.ShopBySlug(ctx, slug); err != nil {
		return nil, nil, err
	}
	if live.Twin() {
		return nil, nil, loyalty.Conflict("slug", "twin_goes_along")
	}
	if confirm != live.Slug {
		return nil, nil, loyalty.Invalid("confirm", "not_confirmed")
	}
	if test, err = o.st.Twin(ctx, live.ID); err != nil && !errors.Is(err, loyalty.ErrNotFound) {
		return nil, nil, err
	}
	both := []*loyalty.Shop{live}
	if test != nil {
		both = append(both, test)
	}
	err = o.st.Write(ctx, func(tx *store.Tx) error {
		for _, s := range both {
			if err := tx.HideShop(ctx, s.ID); err != nil {
				return err
			}
		}
		return nil
	})
	for _, s := range both {
		o.forget(s.ID)
	}
	o.known.clear()
	select {
	case o.wake <- struct{}{}:
	default: // it is awake already
	}
	return live, test, err
}

// EmptyRemoved deletes the rows of all shops that were removed, a bounded number at a
// time, so that other shops go on; progress hears how many of one shop are gone (nil:
// nobody listens). What was interrupted goes on where it stopped.
func (o *Office) EmptyRemoved(ctx context.Context, progress func(rows int64)) error {
	shops, err := o.st.Hidden(ctx)
	if err != nil {
		return err
	}
	for _, s := range shops {
		if err := o.st.EmptyShop(ctx, s, progress); err != nil {
			return err
		}
	}
	return nil
}

// RunRemovals empties removed shops until ctx ends: at the start what an earlier process
// left, then each time that a shop is removed.
func (o *Office) RunRemovals(ctx context.Context, log *slog.Logger) {
	again := time.NewTicker(time.Minute) // also those that another process did not finish
	defer again.Stop()
	for {
		if err := o.EmptyRemoved(ctx, nil); err != nil && ctx.Err() == nil {
			log.Warn("empty a removed shop", "error", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-o.wake:
		case <-again.C:
		}
	}
}
