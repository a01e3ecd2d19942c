package store

import (
	"context"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
)

// A reward's id begins with the time when it was recorded, and it is never given after
// that: so the rows of a while are found by the table's own key.
var (
	qGiven = New("rewards.given", `
		SELECT w.program_id, w.version, w.rule, w.part, w.unit, COUNT(*), CAST(SUM(w.amount) AS BIGINT), CAST(SUM(w.taken) AS BIGINT)
		FROM rewards w WHERE w.shop_id = $1 AND w.id >= $2 AND w.given_at >= $3 AND w.state <> 'void'
		GROUP BY w.program_id, w.version, w.rule, w.part, w.unit
		ORDER BY w.program_id, w.version, w.rule, w.part, w.unit`)
	qGivenTo = New("rewards.given.to", `
		SELECT w.program_id, COUNT(DISTINCT w.member_id),
		  COUNT(DISTINCT CASE WHEN w.part = 'friend' THEN w.member_id WHEN w.part = 'referrer' THEN w.from_member END)
		FROM rewards w WHERE w.shop_id = $1 AND w.id >= $2 AND w.given_at >= $3 AND w.state <> 'void'
		GROUP BY w.program_id`)
	qBudgets = New("counters.budgets", `SELECT c.name, c.period, c.used FROM counters c WHERE c.shop_id = $1 AND c.owner = $2`)
)

// Given is what one beneficiary of a rule was given in a while, in one unit.
type Given struct {
	Program id.Program
	Version int
	Rule    string
	Part    loyalty.Part
	Unit    string // empty: vouchers, gifts, choices
	Rewards int64
	Amount  int64
	Taken   int64 // of the amount, by returns
}

// GivenTo is how many people a program reached in a while.
type GivenTo struct{ Members, Friends int64 }

// Given sums what programs gave since a time.
func (s *Store) Given(ctx context.Context, shop loyalty.ShopID, since moment.Time) ([]Given, error) {
	var out []Given
	err := s.Read(ctx, qGiven, func(r Scanner) error {
		var g Given
		err := r.Scan(&g.Program, &g.Version, &g.Rule, &g.Part, &g.Unit, &g.Rewards, &g.Amount, &g.Taken)
		out = append(out, g)
		return err
	}, int64(shop), rewardsFrom(since), int64(since))
	return out, err
}

// GivenTo counts whom programs gave something since a time.
func (s *Store) GivenTo(ctx context.Context, shop loyalty.ShopID, since moment.Time) (map[id.Program]GivenTo, error) {
	out := map[id.Program]GivenTo{}
	err := s.Read(ctx, qGivenTo, func(r Scanner) error {
		var p id.Program
		var g GivenTo
		err := r.Scan(&p, &g.Members, &g.Friends)
		out[p] = g
		return err
	}, int64(shop), rewardsFrom(since), int64(since))
	return out, err
}

// rewardsFrom is the first id that a reward recorded at a time can have.
func rewardsFrom(t moment.Time) []byte {
	from := id.Mint[id.RewardKind](max(0, int64(t)), [8]byte{})
	return from.Bytes()
}

// BudgetUsed is how much of a budget is used up: by its name and period, as decide names
// them.
type BudgetUsed struct {
	Name, Period string
	Used         int64
}

// Budgets gives what is used of a program's budgets.
func (s *Store) Budgets(ctx context.Context, shop loyalty.ShopID, p id.Program) ([]BudgetUsed, error) {
	var out []BudgetUsed
	err := s.Read(ctx, qBudgets, func(r Scanner) error {
		var b BudgetUsed
		err := r.Scan(&b.Name, &b.Period, &b.Used)
		out = append(out, b)
		return err
	}, int64(shop), p.String())
	return out, err
}
