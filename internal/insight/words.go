package insight

import (
	"cagnotte/internal/phrase"
)

// Phrases say a report in sentences, in no language yet: what was tried, what it would have
// cost, rule by rule, who would have won most, what looks like abuse, and what has to be
// sold more for it to pay. Reasons of refusals are for the caller to word.
func (r *BacktestReport) Phrases() []phrase.Phrase {
	w := &words{r: r}
	w.period()
	w.cost()
	for i := range r.Rules {
		w.rule(&r.Rules[i])
	}
	w.winners()
	for i := range r.Signs {
		w.sign(&r.Signs[i])
	}
	for _, u := range r.BreakEven {
		key := "backtest.uplift"
		if !u.Possible {
			key = "backtest.uplift.never"
		}
		if r.Cost > 0 {
			w.say(key, args{"Margin": phrase.Rate(u.Margin), "Uplift": phrase.Rate(u.Uplift)})
		}
	}
	return w.list
}

type args = map[string]phrase.Arg

type words struct {
	r    *BacktestReport
	list []phrase.Phrase
}

func (w *words) say(key string, with args) {
	w.list = append(w.list, phrase.Phrase{Key: key, With: with})
}

func (w *words) money(n int64) phrase.Amount { return phrase.Amount{N: n, Unit: w.r.Currency} }

func (w *words) period() {
	r := w.r
	w.say("backtest.period", args{
		"Orders": phrase.Whole(r.Orders), "Members": phrase.Whole(r.Members), "From": phrase.Begin(r.From),
		"Until": phrase.End(r.Until + 1), "Turnover": w.money(r.Turnover),
	})
	for _, p := range r.Programs {
		if p.Assumed {
			w.say("backtest.assumed", args{"Program": phrase.Name(p.Name)})
		}
	}
	if r.GuestOrders > 0 {
		w.say("backtest.guests", args{"Orders": phrase.Whole(r.GuestOrders), "Amount": w.money(r.GuestAmount)})
	}
}

func (w *words) cost() {
	r := w.r
	w.say("backtest.cost", args{"Cost": w.money(r.Cost), "Rate": phrase.Rate(r.CostRate)})
	w.say("backtest.reached", args{"Reached": phrase.Whole(r.Reached), "Members": phrase.Whole(r.Members)})
	if r.NewCustomers == 0 {
		w.say("backtest.no_new", nil)
		return
	}
	w.say("backtest.per_new", args{"New": phrase.Whole(r.NewCustomers), "Cost": w.money(r.CostPerNew)})
	if r.Target == 0 {
		return
	}
	key := "backtest.above_target"
	if r.WithinTarget {
		key = "backtest.within_target"
	}
	w.say(key, args{"Target": w.money(r.Target)})
}

func (w *words) rule(x *BacktestRule) {
	if x.What == "multiplier" {
		return
	}
	with := args{
		"Rule": phrase.Name(x.Rule), "Program": phrase.Name(x.Program), "Rewards": phrase.Whole(x.Rewards), "Cost": w.money(x.Cost),
		"Amount": phrase.Whole(x.Amount), "Back": phrase.Whole(x.TakenBack), "Waiting": phrase.Whole(x.WaitingAmount),
	}
	key := "backtest.rule.pieces"
	if x.What == "units" {
		key = "backtest.rule"
		for name, n := range map[string]int64{"Amount": x.Amount, "Back": x.TakenBack, "Waiting": x.WaitingAmount} {
			with[name] = phrase.Amount{N: n, Unit: x.Unit}
		}
	}
	if x.NoFriends {
		if last := len(w.list) - 1; w.list[last].Key == "backtest.no_friends" && w.list[last].With["Rule"] == with["Rule"] {
			return // both sides of it are said
		}
		w.say("backtest.no_friends", with)
		return
	}
	w.say(key, with)
	if x.Waiting > 0 {
		w.say("backtest.rule.waiting", with)
	}
	if x.Unpriced > 0 {
		w.say("backtest.rule.unpriced", with)
	}
}

// shown is how many members of a list are said.
const shown = 5

func (w *words) winners() {
	for i, m := range w.r.Winners {
		if i == shown {
			return
		}
		w.say("backtest.winner", w.member(&m))
	}
}

func (w *words) member(m *BacktestMember) args {
	name := m.Key
	if name == "" {
		name = m.Member.String()
	}
	return args{
		"Member": phrase.Name(name), "Value": w.money(m.Value), "Turnover": w.money(m.Turnover), "Orders": phrase.Whole(m.Orders),
		"Rewards": phrase.Whole(m.Rewards), "Count": phrase.Whole(m.Count), "Back": phrase.Whole(m.TakenBack), "Rule": phrase.Name(m.Rule),
		"Day": phrase.Name(m.Day),
	}
}

func (w *words) sign(x *BacktestSign) {
	if x.Members == 0 {
		return
	}
	w.say("backtest.sign."+x.Sign, args{"Members": phrase.Whole(x.Members)})
	for i, m := range x.Cases {
		if i == shown {
			return
		}
		w.say("backtest.case."+x.Sign, w.member(&m))
	}
}
