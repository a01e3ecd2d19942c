package insight

import (
	"context"

	"cagnotte/internal/loyalty"
)

// Habits is how a shop's customers buy, as its newest orders show: what a reward is measured
// against before it is promised.
type Habits struct {
	Orders  int64 // that were looked at
	Average int64 // minor units of one of them
	Buyers  int64 // members who made them
	Return  int64 // of these, who made more than one
}

// newest is how many orders Habits looks at.
const newest = 2_000

// Habits looks at the newest orders of a shop.
func (in *Insight) Habits(ctx context.Context, shop loyalty.ShopID) (Habits, error) {
	var h Habits
	sum, by := int64(0), map[[16]byte]int{}
	err := in.st.NewestOrders(ctx, shop, newest, func(member [16]byte, net int64) {
		if net <= 0 {
			return // came back whole
		}
		h.Orders++
		sum += net
		if member != ([16]byte{}) {
			by[member]++
		}
	})
	if err != nil {
		return Habits{}, err
	}
	for _, n := range by {
		h.Buyers++
		if n > 1 {
			h.Return++
		}
	}
	if h.Orders > 0 {
		h.Average = (sum + h.Orders/2) / h.Orders
	}
	return h, nil
}

// Again is the share of buyers who ordered more than once, in hundredths of a per cent.
func (h Habits) Again() int64 { return rate(h.Return, h.Buyers) }
