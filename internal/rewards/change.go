package rewards

import (
	"context"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/store"
)

// This file: what is changed of a batch once it is issued. Each change holds from Ahead on, so
// that every machine, and every replay, judges a use by the same changes.

// Withdraw lets nobody use the codes of a batch any more, from Ahead on. Withdrawn again it
// stays as it is.
func (r *Rewards) Withdraw(ctx context.Context, shop loyalty.ShopID, which id.Vouchers, actor, why string) (*Batch, error) {
	if err := said(actor, why); err != nil {
		return nil, err
	}
	return r.change(ctx, shop, which, func(tx *store.Tx, b *store.VoucherBatch, now moment.Time) (*loyalty.BatchChange, error) {
		if b.Gone() != 0 {
			return nil, nil
		}
		if b.WithdrawnAt == 0 {
			return nil, tx.EndVoucherBatch(ctx, shop, which, now+Ahead, actor, why)
		}
		last := b.Changes[len(b.Changes)-1].From // a restoration, or what came behind it
		return &loyalty.BatchChange{Kind: loyalty.BatchWithdrawn, From: max(now+Ahead, last+moment.Second), Actor: actor, Reason: why}, nil
	})
}

// Restore lets the codes of a withdrawn batch be used again, from Ahead on. One that is not
// withdrawn stays as it is.
func (r *Rewards) Restore(ctx context.Context, shop loyalty.ShopID, which id.Vouchers, actor, why string) (*Batch, error) {
	if err := said(actor, why); err != nil {
		return nil, err
	}
	return r.change(ctx, shop, which, func(_ *store.Tx, b *store.VoucherBatch, now moment.Time) (*loyalty.BatchChange, error) {
		gone := b.Gone()
		if gone == 0 {
			return nil, nil
		}
		// Not before the withdrawal itself holds: changes hold in their order.
		return &loyalty.BatchChange{Kind: loyalty.BatchRestored, From: max(now, gone) + Ahead, Actor: actor, Reason: why}, nil
	})
}

// Extend lets the codes of a batch end later, from Ahead on; until is exclusive, zero: never.
// The problem `not_later` where they end then or later already, `batch_withdrawn` where nobody
// may use them. The end that they have said again changes nothing.
func (r *Rewards) Extend(ctx context.Context, shop loyalty.ShopID, which id.Vouchers, until moment.Time, actor, why string) (*Batch, error) {
	if err := said(actor, why); err != nil {
		return nil, err
	}
	return r.change(ctx, shop, which, func(_ *store.Tx, b *store.VoucherBatch, now moment.Time) (*loyalty.BatchChange, error) {
		switch end := b.End(); {
		case b.Gone() != 0:
			return nil, loyalty.Conflict("id", "batch_withdrawn")
		case until == end:
			return nil, nil
		case end == 0, until != 0 && (until <= end || until <= now+Ahead):
			return nil, loyalty.Invalid("until", "not_later")
		}
		return &loyalty.BatchChange{Kind: loyalty.BatchExtended, From: now + Ahead, Until: until, Actor: actor, Reason: why}, nil
	})
}

// Unextend takes the latest extension of a batch back: its codes end as they did before it. The
// problem `too_late_to_undo` once that end has passed, for somebody may have used a code since;
// `nothing_to_undo` where nothing was extended.
func (r *Rewards) Unextend(ctx context.Context, shop loyalty.ShopID, which id.Vouchers, actor, why string) (*Batch, error) {
	if err := said(actor, why); err != nil {
		return nil, err
	}
	return r.change(ctx, shop, which, func(_ *store.Tx, b *store.VoucherBatch, now moment.Time) (*loyalty.BatchChange, error) {
		before, ok := Before(b)
		switch {
		case !ok:
			return nil, loyalty.Conflict("id", "nothing_to_undo")
		case before != 0 && before <= now+Ahead:
			return nil, loyalty.Conflict("id", "too_late_to_undo")
		}
		return &loyalty.BatchChange{Kind: loyalty.BatchExtended, From: now + Ahead, Until: before, Actor: actor, Reason: why}, nil
	})
}

// Before is when the codes of a batch ended before the extension that holds of it; false where
// none does.
func Before(b *store.VoucherBatch) (end moment.Time, ok bool) {
	ends := []moment.Time{b.Terms.ExpiresAt}
	for _, x := range b.Changes {
		if x.Kind != loyalty.BatchExtended {
			continue
		}
		if n := len(ends); n > 1 && ends[n-2] == x.Until {
			ends = ends[:n-1] // an extension was taken back
		} else {
			ends = append(ends, x.Until)
		}
	}
	if len(ends) < 2 {
		return 0, false
	}
	return ends[len(ends)-2], true
}

// said refuses a change that nobody answers for.
func said(actor, why string) error {
	if err := loyalty.CheckText("actor", actor); err != nil {
		return err
	}
	return loyalty.CheckText("reason", why)
}

// change adds to the changes of a batch what decide makes of it; nil: nothing.
func (r *Rewards) change(ctx context.Context, shop loyalty.ShopID, which id.Vouchers, decide func(*store.Tx, *store.VoucherBatch, moment.Time) (*loyalty.BatchChange, error)) (*Batch, error) {
	s, err := r.st.Shop(ctx, shop)
	if err != nil {
		return nil, err
	}
	now := r.in.Now(s)
	err = r.st.Write(ctx, func(tx *store.Tx) error {
		b, err := tx.HoldVoucherBatch(ctx, shop, which)
		if err != nil {
			return err
		}
		x, err := decide(tx, b, now)
		if err != nil || x == nil {
			return err
		}
		return tx.ChangeVoucherBatch(ctx, shop, which, append(b.Changes, *x))
	})
	if err != nil {
		return nil, err
	}
	return r.Batch(ctx, shop, which)
}
