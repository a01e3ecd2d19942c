package programs

import (
	"context"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/store"
)

// Withdraw takes a version back that has not begun: the one before it goes on. Like a
// change it wants Ahead before its start, so that nothing which was recorded was judged by
// it, on any machine; the version stays in the list, and judges never.
func (p *Programs) Withdraw(ctx context.Context, shop loyalty.ShopID, which id.Program, n int, dry bool) (Program, error) {
	s, x, err := p.paused(ctx, shop, which)
	if err != nil {
		return Program{}, err
	}
	v, err := x.Version(n, "version")
	if err != nil {
		return Program{}, err
	}
	now := p.in.Now(s)
	refused := loyalty.Conflict("version", "version_begun", "starts", v.StartsAt.String())
	switch {
	case v.WithdrawnAt != 0:
		return Program{}, loyalty.Conflict("version", "version_withdrawn")
	case v.State == Replaced:
		return Program{}, loyalty.Conflict("version", "version_replaced")
	case v.StartsAt < now+Ahead:
		return Program{}, refused
	case dry:
		return x, nil
	}
	return p.change(ctx, shop, which, func(tx *store.Tx) error {
		done, err := tx.WithdrawVersion(ctx, shop, which, n, now, now+Ahead)
		if err == nil && !done {
			return loyalty.Conflict("version", "version_withdrawn") // by somebody else, just now
		}
		return err
	})
}
