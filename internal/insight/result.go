package insight

import (
	"context"
	"errors"
	"maps"
	"slices"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/money"
	"cagnotte/internal/rules"
)

// BacktestReport says what programs would have done over a shop's past. Amounts are minor
// units of the shop's currency, or of the unit that stands beside them; rates hundredths of
// a per cent.
type BacktestReport struct {
	Currency string            `json:"currency"`
	Programs []BacktestProgram `json:"programs" doc:"What was tried"`
	From     moment.Time       `json:"from" format:"date-time" doc:"Where the period begins: nothing is given before it"`
	Until    moment.Time       `json:"until" format:"date-time" doc:"The last fact: what is due later still waits"`

	Facts       int64           `json:"facts" doc:"Facts that were judged"`
	Impossible  int64           `json:"impossible_facts" doc:"Facts among them that could not have happened with these programs"`
	LeftOut     []BacktestCount `json:"left_out" doc:"Facts that no program is tried over, by kind"`
	Orders      int64           `json:"orders" doc:"Paid orders of members"`
	Returns     int64           `json:"returns" doc:"Returns and cancellations by members"`
	GuestOrders int64           `json:"guest_orders" doc:"Paid orders of nobody known: they are never rewarded"`
	GuestAmount int64           `json:"guest_amount"`
	Bought      int64           `json:"bought" doc:"What members bought"`
	Returned    int64           `json:"returned" doc:"What of it came back"`
	Turnover    int64           `json:"turnover" doc:"What members bought and kept"`

	Members      int64 `json:"members" doc:"Members who did anything in the period"`
	Reached      int64 `json:"members_reached" doc:"Members who were given anything"`
	NewCustomers int64 `json:"new_customers" doc:"Members whose first order lies in the period"`
	NewReached   int64 `json:"new_customers_reached"`

	Cost         int64 `json:"cost" doc:"What was given and not taken back, as far as it has a price"`
	CostRate     int64 `json:"cost_rate" doc:"Of the turnover"`
	CostPerNew   int64 `json:"cost_per_new_customer,omitempty" doc:"Missing where there is no new customer"`
	Target       int64 `json:"target,omitempty" doc:"What the merchant is ready to spend for one"`
	WithinTarget bool  `json:"within_target" doc:"A target was named, and the cost of a new customer is not above it"`

	Rules     []BacktestRule   `json:"rules" doc:"In the order of the draft"`
	Units     []BacktestUnit   `json:"units"`
	Refused   []BacktestCount  `json:"refused" doc:"By reason, the most frequent first"`
	Winners   []BacktestMember `json:"winners" doc:"By value, or by units where nothing has a price"`
	Signs     []BacktestSign   `json:"signs" doc:"Signs that the programs would have been taken advantage of: figures, no proof"`
	BreakEven []BacktestUplift `json:"break_even" doc:"How much more members would have to buy: a calculation, no forecast"`
}

// BacktestProgram is a program that was tried.
type BacktestProgram struct {
	Name     string      `json:"name"`
	StartsAt moment.Time `json:"starts_at" format:"date-time"`
	Assumed  bool        `json:"assumed_start" doc:"It names no start in the past: tried as if it had run for the whole period"`
	EndsAt   moment.Time `json:"ends_at,omitzero" format:"date-time"`
}

// BacktestCount is how often something was so.
type BacktestCount struct {
	What string `json:"what"`
	N    int64  `json:"n"`
}

// BacktestRule is what one beneficiary of a rule would have been given.
type BacktestRule struct {
	Program string       `json:"program"`
	Rule    string       `json:"rule"`
	Part    loyalty.Part `json:"part,omitempty" enum:"member,friend,referrer" doc:"Missing: a rule that only multiplies"`
	What    string       `json:"what" enum:"units,voucher,gift,choice,multiplier"`
	Unit    string       `json:"unit,omitempty"`

	Rewards       int64           `json:"rewards" doc:"How often it gave"`
	Amount        int64           `json:"amount" doc:"How much: units, vouchers or gifts"`
	Returned      int64           `json:"rewards_taken_back" doc:"Rewards of which something went back with returns"`
	TakenBack     int64           `json:"taken_back"`
	Waiting       int64           `json:"rewards_waiting" doc:"Rewards that were not open yet at the end"`
	WaitingAmount int64           `json:"waiting"`
	WaitsUntil    moment.Time     `json:"waits_until,omitzero" format:"date-time" doc:"When the last of them opens"`
	Cost          int64           `json:"cost"`
	Unpriced      int64           `json:"unpriced" doc:"What was given, not taken back, and has no price"`
	Refused       []BacktestCount `json:"refused" doc:"By reason"`
	NoFriends     bool            `json:"no_friends" doc:"It rewards referrals: history knows nobody who was sent by somebody"`

	thing *rules.Give
}

// BacktestUnit is where the units of one kind went.
type BacktestUnit struct {
	Unit      string `json:"unit"`
	Program   string `json:"program,omitempty" doc:"Whose stamps or referrals they are"`
	Given     int64  `json:"given"`
	TakenBack int64  `json:"taken_back"`
	Exchanged int64  `json:"exchanged"`
	Ended     int64  `json:"ended" doc:"Not used in time. In history nobody could spend them"`
	Open      int64  `json:"open" doc:"At the end"`
	Waiting   int64  `json:"waiting" doc:"At the end: not open yet"`
	Owed      int64  `json:"owed" doc:"At the end: taken back after it was spent"`
}

// BacktestMember is a member in one of the lists.
type BacktestMember struct {
	Member    id.Member `json:"member"`
	Key       string    `json:"key,omitempty" doc:"The member's number or external id"`
	Rewards   int64     `json:"rewards"`
	TakenBack int64     `json:"rewards_taken_back" doc:"More than half of each"`
	Value     int64     `json:"value" doc:"What the rewards cost"`
	Units     int64     `json:"units" doc:"Where nothing in the draft has a price: units of its first rule"`
	Orders    int64     `json:"orders"`
	Turnover  int64     `json:"turnover" doc:"Bought and kept; below zero where more came back than was bought"`
	Count     int64     `json:"count,omitempty" doc:"Of a sign: its figure"`
	Day       string    `json:"day,omitempty" doc:"Of split_orders: the worst day"`
	Rule      string    `json:"rule,omitempty" doc:"Of a sign: the rule that it is about"`
}

// BacktestSign is one sign of abuse.
type BacktestSign struct {
	Sign    string           `json:"sign" enum:"above_turnover,mostly_returned,split_orders,at_the_minimum"`
	Members int64            `json:"members" doc:"How many show it"`
	Cases   []BacktestMember `json:"cases" doc:"The worst of them"`
}

// BacktestUplift is how much more members would have to buy, at a margin, for the cost to
// come back.
type BacktestUplift struct {
	Margin   int64 `json:"margin"`
	Possible bool  `json:"possible" doc:"False: the rewards of a sale cost as much as it earns"`
	Uplift   int64 `json:"uplift" doc:"More turnover, of the turnover there was"`
}

// margins are those for which an uplift is worked out; what the shop's is, it knows itself.
var margins = []int64{20_00, 30_00, 40_00, 50_00}

// report makes the figures of a tally.
func (t *trial) report(s *tally, left map[string]int64) *BacktestReport {
	r := &BacktestReport{
		Currency: t.shop.Currency, Programs: t.tried, From: t.start, Until: t.now,
		Facts: s.facts, Impossible: s.impossible, LeftOut: sortedCounts(left),
		Orders: s.orders, Returns: s.returns, GuestOrders: s.guestOrders, GuestAmount: s.guestAmount,
		Bought: s.bought, Returned: s.returned, Turnover: s.bought - s.returned,
		Members: s.members, Reached: s.reached, NewCustomers: s.newcomers, NewReached: s.newGot,
		Cost: s.cost, Target: t.question.Target, Refused: sortedCounts(s.refused),
		Winners: s.winners, BreakEven: breakEven(s.cost, s.bought-s.returned),
	}
	if r.Winners == nil {
		r.Winners = []BacktestMember{}
	}
	r.CostRate = rate(s.cost, r.Turnover)
	if s.newcomers > 0 {
		r.CostPerNew, _ = money.MulDiv(s.cost, 1, s.newcomers, money.HalfUp)
		r.WithinTarget = r.Target > 0 && r.CostPerNew <= r.Target
	}
	for _, p := range t.book.Programs {
		for _, c := range p.Versions[0].Rules {
			r.Rules = append(r.Rules, s.rulesOf(c)...)
		}
	}
	r.Units = t.units(s)
	for _, name := range Signs {
		x := BacktestSign{Sign: name, Cases: []BacktestMember{}}
		if found := s.signs[name]; found != nil {
			x.Members, x.Cases = found.members, found.cases
		}
		r.Signs = append(r.Signs, x)
	}
	return r
}

// rate is part ÷ whole in hundredths of a per cent; zero where there is no whole.
func rate(part, whole int64) int64 {
	if whole <= 0 {
		return 0
	}
	n, _ := money.MulDiv(part, 100_00, whole, money.HalfUp)
	return n
}

// breakEven works out how much more turnover makes up for the cost. What is sold more
// earns its margin, and is rewarded at the same rate.
func breakEven(cost, turnover int64) []BacktestUplift {
	out := make([]BacktestUplift, len(margins))
	per := rate(cost, turnover)
	for i, m := range margins {
		out[i] = BacktestUplift{Margin: m, Possible: turnover > 0 && per < m}
		if out[i].Possible {
			out[i].Uplift, _ = money.MulDiv(per, 100_00, m-per, money.Up)
		}
	}
	return out
}

// rulesOf gives one row for each beneficiary of a rule.
func (s *tally) rulesOf(c *rules.Compiled) []BacktestRule {
	base := BacktestRule{Program: c.Version.Program.Name, Rule: c.Name, What: "multiplier", Refused: []BacktestCount{}}
	if c.Multiplies() {
		return []BacktestRule{base}
	}
	out := make([]BacktestRule, len(c.Gives))
	for i := range c.Gives {
		g := &c.Gives[i]
		row := base
		row.Part, row.What, row.Unit, row.thing, row.NoFriends = g.Part, "units", g.Unit, g, c.Refer
		switch {
		case g.Voucher != nil:
			row.What = "voucher"
		case g.Gift != nil:
			row.What = "gift"
		case len(g.Choice) > 0:
			row.What = "choice"
		}
		if x := s.rules[ruleOf{c, i}]; x != nil {
			row.Rewards, row.Amount, row.Returned, row.TakenBack = x.rewards, x.amount, x.returned, x.taken
			row.Waiting, row.WaitingAmount, row.WaitsUntil = x.waiting, x.waitingAmount, x.opens
			row.Cost, row.Unpriced, row.Refused = x.cost, x.unpricedAmount, sortedCounts(x.refused)
		}
		out[i] = row
	}
	return out
}

// units lists the kinds of units, those of programs with the program's name.
func (t *trial) units(s *tally) []BacktestUnit {
	out := []BacktestUnit{}
	for _, u := range slices.Sorted(maps.Keys(s.units)) {
		x := s.units[u]
		if *x == (unitTally{}) {
			continue
		}
		row := BacktestUnit{
			Unit: string(u), Given: x.given, TakenBack: x.taken, Exchanged: x.exchanged, Ended: x.ended, Open: x.open,
			Waiting: x.waiting, Owed: x.owed,
		}
		for _, p := range t.book.Programs {
			for _, name := range []string{rules.Stamps, rules.Referrals} {
				if p.UnitOf(name) == u {
					row.Unit, row.Program = name, p.Name
				}
			}
		}
		out = append(out, row)
	}
	return out
}

// names gives the listed members the numbers that people know them by.
func (in *Insight) names(ctx context.Context, shop loyalty.ShopID, r *BacktestReport) error {
	var all []*BacktestMember
	for i := range r.Winners {
		all = append(all, &r.Winners[i])
	}
	for i := range r.Signs {
		for j := range r.Signs[i].Cases {
			all = append(all, &r.Signs[i].Cases[j])
		}
	}
	known := map[id.Member]string{}
	for _, m := range all {
		key, ok := known[m.Member]
		if !ok {
			row, err := in.st.Member(ctx, shop, m.Member)
			switch {
			case errors.Is(err, loyalty.ErrNotFound): // gone since
			case err != nil:
				return err
			case len(row.Keys) > 0:
				key = row.Keys[len(row.Keys)-1].Key // a number before an external id
			}
			known[m.Member] = key
		}
		m.Key = key
	}
	return nil
}
