package office

import (
	"context"
	"fmt"

	"cagnotte/internal/loyalty"
	"cagnotte/internal/money"
)

// Goals is what a shop has set itself.
func (o *Office) Goals(ctx context.Context, shop loyalty.ShopID) (loyalty.Goals, error) {
	return o.st.Goals(ctx, shop)
}

// SetPerNew says what a new customer may cost, in minor units; zero: nothing.
func (o *Office) SetPerNew(ctx context.Context, shop loyalty.ShopID, minor int64) error {
	if minor < 0 || minor > money.Max {
		return loyalty.Invalid("target", "out_of_range", "min", "0", "max", fmt.Sprint(int64(money.Max)))
	}
	return o.st.ChangeGoals(ctx, shop, func(g *loyalty.Goals) { g.PerNew = minor })
}

// SetReady says whether what is still to be set up is to be shown no more.
func (o *Office) SetReady(ctx context.Context, shop loyalty.ShopID, ready bool) error {
	return o.st.ChangeGoals(ctx, shop, func(g *loyalty.Goals) { g.Ready = ready })
}
