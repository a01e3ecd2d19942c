package intake

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"

	"cagnotte/internal/decide"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/rules"
	"cagnotte/internal/store/batch"
)

// Evaluate says what a cart comes to: what programs, vouchers and units that pay take off
// it, and what the order would earn. It takes no turns, writes nothing and waits for nobody
// who does; a hold or a redemption judges again. The fact is one of kind CartHeld. With
// choose, the programs are those that it picks or makes of the shop's.
func (in *Intake) Evaluate(ctx context.Context, shop loyalty.ShopID, f *loyalty.Fact, choose func(*loyalty.Shop, *rules.Book) (*rules.Book, error)) (*decide.Evaluation, error) {
	s, err := in.state(ctx, shop)
	if err != nil {
		return nil, err
	}
	if f.OccurredAt == 0 {
		f.OccurredAt = in.Now(s.shop)
	}
	if err := f.Check(s.shop, in.Now(s.shop)); err != nil {
		return nil, err
	}
	for {
		book := s.book
		if choose != nil {
			if book, err = choose(s.shop, s.book); err != nil {
				return nil, err
			}
		}
		out, err := in.evaluate(ctx, s.shop, book, f)
		if !errors.Is(err, batch.ErrStaleBook) {
			return out, err
		}
		if s, err = in.reload(ctx, shop); err != nil {
			return nil, err
		}
		reset(&ticket{fact: f})
	}
}

// Usable tells whether a fact of kind VoucherRedeemed would be taken now, why not, and of
// which voucher it speaks: nil for a code that the shop has not. Like Evaluate it takes no
// turns, writes nothing, and waits for nobody; the redemption judges again.
func (in *Intake) Usable(ctx context.Context, shop loyalty.ShopID, f *loyalty.Fact) (*loyalty.Voucher, *loyalty.Problem, error) {
	s, err := in.state(ctx, shop)
	if err != nil {
		return nil, nil, err
	}
	if err := f.Check(s.shop, in.Now(s.shop)); err != nil {
		return nil, nil, err
	}
	for {
		it := &batch.Item{Fact: f}
		b, err := batch.Look(ctx, in.st, in.box, s.shop, s.book, []*batch.Item{it})
		switch {
		case errors.Is(err, batch.ErrStaleBook):
			if s, err = in.reload(ctx, shop); err != nil {
				return nil, nil, err
			}
			reset(&ticket{fact: f})
			continue
		case err != nil:
			return nil, nil, err
		}
		defer b.End()
		if it.Err != nil {
			if p, ok := errors.AsType[*loyalty.Problem](it.Err); ok && p.Code == string(loyalty.CodeUnknown) {
				return nil, nil, nil
			}
			return nil, nil, it.Err
		}
		v, why := decide.Usable(s.book, b.Dossiers, f, b.Now)
		return v, why, nil
	}
}

func (in *Intake) evaluate(ctx context.Context, shop *loyalty.Shop, book *rules.Book, f *loyalty.Fact) (out *decide.Evaluation, err error) {
	it := &batch.Item{Fact: f}
	b, err := batch.Look(ctx, in.st, in.box, shop, book, []*batch.Item{it})
	if err != nil {
		return nil, err
	}
	defer b.End()
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("an evaluation failed: %v\n%s", p, debug.Stack())
		}
	}()
	if it.Err != nil {
		return nil, it.Err
	}
	return decide.Evaluate(book, b.Dossiers, f, b.Now), nil
}
