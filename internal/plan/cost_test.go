package plan

import (
	"testing"

	"cagnotte/internal/rules"
)

// What a program costs before anything has happened, figure by figure.
func TestWhatIsGivenHasACost(t *testing.T) {
	t.Parallel()
	s := settings[0]
	euros := func(n int64) Reward { return Reward{Kind: Money, Amount: n} }
	for name, x := range map[string]struct {
		a    Answers
		want Cost
	}{
		"both sides":             {referral(Row{Friend: euros(5_00), Referrer: euros(10_00)}), Cost{15_00, false}},
		"a per cent of a basket": {referral(Row{Referrer: Reward{Kind: Percent, Amount: 10_00}}), Cost{6_20, false}},
		"a per cent with a cap":  {referral(Row{Referrer: Reward{Kind: Percent, Amount: 10_00, Limit: rules.Cap{N: 4_00, What: "EUR", Period: "order"}}}), Cost{4_00, false}},
		"a gift without a price": {referral(Row{Friend: euros(5_00), Referrer: Reward{Kind: Gift, Name: "Mug"}}), Cost{5_00, true}},
		"a gift with one":        {referral(Row{Referrer: Reward{Kind: Gift, Name: "Mug", Worth: 3_50}}), Cost{3_50, false}},
		"points by amount": {Answers{Kind: Basket, Per: PerSum, PerN: 1_00, Reward: Reward{Kind: Points, Amount: 1},
			Swap: Swap{Need: 100, Reward: Reward{Kind: Cash, Amount: 500}}}, Cost{3_10, false}}, // 62 points at 5 cents
		"points of less than a cent": {Answers{Kind: Basket, Per: PerSum, PerN: 1_00, Reward: Reward{Kind: Points, Amount: 1},
			Swap: Swap{Need: 1_000, Reward: Reward{Kind: Cash, Amount: 300}}}, Cost{19, false}},
		"points that nothing is exchanged for": {Answers{Kind: Basket, Reward: Reward{Kind: Points, Amount: 50}}, Cost{0, true}},
		"a stamp of ten":                       {Answers{Kind: Category, Per: Stamped, Stamps: 1, Card: 10, Reward: Reward{Kind: Product, Amount: 1, Name: "A", Worth: 2_00}}, Cost{20, false}},
		"one of three":                         {Answers{Kind: Article, Per: PerItem, PerN: 3, Reward: euros(3_00)}, Cost{1_00, false}},
	} {
		a := x.a
		a.Tidy(s)
		if got := a.Cost(62_00); got != x.want {
			t.Errorf("%s: %+v, want %+v", name, got, x.want)
		}
	}
}

func referral(first Row) Answers {
	a := Answers{Kind: Referral}
	a.Rows[Ordered] = first
	return a
}
