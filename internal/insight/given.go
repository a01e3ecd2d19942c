package insight

import (
	"context"
	"fmt"
	"slices"

	"cagnotte/internal/decide"
	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/rules"
)

// Given is what a program gave in a while. Amounts are minor units of the shop's currency,
// or of the unit that stands beside them.
type Given struct {
	Rewards  int64
	Members  int64       // who were given anything
	Friends  int64       // who came by somebody and led to a reward
	Cost     int64       // what was given and not taken back, as far as it has a price
	Unpriced bool        // something of it has no price
	Units    []GivenUnit // in the order of the rules
	Vouchers int64       // not taken back
	Gifts    int64
	Choices  int64
	Budgets  []Budget
}

// GivenUnit is how much of a unit was given and not taken back: points, stamps, referrals,
// or money by its currency.
type GivenUnit struct {
	Unit string
	N    int64
}

// Budget is how much of a budget is used up in the period that runs.
type Budget struct {
	Rule   string // empty: of the whole program
	Period string // day, month, year; empty: in all
	Uses   bool   // Size and Used count rewards; otherwise they are minor units of money
	Size   int64
	Used   int64
}

// Given sums what each program of a shop gave since a time, and how its budgets stand. A
// program that gave nothing has a row of zeros.
func (in *Insight) Given(ctx context.Context, shop loyalty.ShopID, since, now moment.Time) (map[id.Program]*Given, error) {
	s, err := in.st.Shop(ctx, shop)
	if err != nil {
		return nil, err
	}
	book, err := in.st.Book(ctx, s)
	if err != nil {
		return nil, err
	}
	out := map[id.Program]*Given{}
	for _, p := range book.Programs {
		out[p.ID] = &Given{}
		if out[p.ID].Budgets, err = in.budgets(ctx, s, p, now); err != nil {
			return nil, err
		}
	}
	rows, err := in.st.Given(ctx, shop, since)
	if err != nil {
		return nil, fmt.Errorf("what was given: %w", err)
	}
	for _, row := range rows {
		p, g := book.Program(row.Program), out[row.Program]
		if p == nil || row.Amount == row.Taken {
			continue
		}
		rule, i := ruleGiven(p, row.Version, row.Rule, row.Part)
		if rule == nil {
			continue
		}
		g.add(s, rule, i, row.Rewards, row.Amount-row.Taken)
	}
	reached, err := in.st.GivenTo(ctx, shop, since)
	if err != nil {
		return nil, fmt.Errorf("whom it was given to: %w", err)
	}
	for p, n := range reached {
		if g := out[p]; g != nil {
			g.Members, g.Friends = n.Members, n.Friends
		}
	}
	return out, nil
}

// add counts n more of what a rule gives.
func (g *Given) add(s *loyalty.Shop, rule *rules.Compiled, i int, rewards, n int64) {
	g.Rewards += rewards
	give := &rule.Gives[i]
	switch {
	case give.Voucher != nil:
		g.Vouchers += n
	case give.Gift != nil:
		g.Gifts += n
	case len(give.Choice) > 0:
		g.Choices += n
	default:
		k := slices.IndexFunc(g.Units, func(u GivenUnit) bool { return u.Unit == give.Unit })
		if k < 0 {
			k, g.Units = len(g.Units), append(g.Units, GivenUnit{Unit: give.Unit})
		}
		g.Units[k].N += n
	}
	if !rule.Priced(i, s.Currency) {
		g.Unpriced = true
		return
	}
	g.Cost += rule.WorthOf(i, n, s.Currency)
}

// ruleGiven finds the rule of a version, and which of its gives goes to somebody.
func ruleGiven(p *rules.Program, version int, name string, part loyalty.Part) (*rules.Compiled, int) {
	v := p.Version(version)
	if v == nil {
		return nil, 0
	}
	for _, r := range v.Rules {
		if r.Name != name {
			continue
		}
		for i := range r.Gives {
			if r.Gives[i].Part == part || len(r.Gives) == 1 {
				return r, i
			}
		}
	}
	return nil, 0
}

// budgets tells how the budgets of the version stand that judges now.
func (in *Insight) budgets(ctx context.Context, s *loyalty.Shop, p *rules.Program, now moment.Time) ([]Budget, error) {
	v := p.InForce(now, now)
	if v == nil {
		v = p.Newest()
	}
	if v == nil {
		return nil, nil
	}
	var out []Budget
	var names []string
	for _, r := range v.Rules {
		for _, l := range r.Budgets {
			if slices.Contains(names, l.Name) {
				continue
			}
			b := Budget{Rule: r.Name, Period: l.Period, Uses: l.What == rules.Uses, Size: l.Size}
			if l.Name == "budget#uses" || l.Name == "budget#money" {
				b.Rule = ""
			}
			names, out = append(names, l.Name), append(out, b)
		}
	}
	if len(out) == 0 {
		return nil, nil
	}
	used, err := in.st.Budgets(ctx, s.ID, p.ID)
	if err != nil {
		return nil, fmt.Errorf("budgets: %w", err)
	}
	for _, name := range decide.BudgetNames(p, now, s) {
		i := slices.Index(names, name.Name)
		for _, u := range used {
			if i >= 0 && u.Name == name.Name && u.Period == name.Period {
				out[i].Used = u.Used
			}
		}
	}
	return out, nil
}
