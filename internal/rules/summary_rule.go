package rules

import (
	"slices"

	"cagnotte/internal/loyalty"
	"cagnotte/internal/money"
	"cagnotte/internal/phrase"
)

// sentences says a rule: what it gives for what, on which conditions, how often, from when
// and until when, and what becomes of it.
func (r *Rule) sentences(s Setting) []phrase.Phrase {
	var out notes
	out = append(out, r.main(s))
	r.often(&out)
	r.Pay.terms(&out)
	r.counting(&out)
	r.conditions(&out, s)
	r.rounding(&out)
	wait := "wait"
	if r.Refer {
		wait = "wait.refer"
	}
	out.count(int64(r.WaitDays), wait, nil)
	r.Expiry.sentence(&out)
	r.limits(&out, s)
	r.returns(&out)
	r.rank(&out)
	out.say(r.Worth > 0, "worth", phrase.Args{"Amount": phrase.Amount{N: r.Worth, Unit: s.Currency}})
	return out
}

// main is the sentence that the others add to.
func (r *Rule) main(s Setting) phrase.Phrase {
	switch {
	case r.Discount != nil:
		return r.Discount.phrase(r, s)
	case r.Pay != nil:
		return r.Pay.phrase(s)
	case r.Multiplies():
		key := "multiply.money"
		if r.Unit == Points || r.Unit == Stamps {
			key = "multiply." + r.Unit
		}
		return phrase.Phrase{Key: key, With: phrase.Args{"Occasion": r.occasion(s), "Factor": phrase.Factor(r.Times)}}
	case r.Trigger == OnThreshold && len(r.Gives) > 0:
		key := "exchange.auto"
		if r.Asked {
			key = "exchange.asked"
		}
		return phrase.Phrase{Key: key, With: phrase.Args{"Price": phrase.Amount{N: r.Need, Unit: r.Unit}, "Reward": r.Gives[0].phrase(r, s)}}
	}
	var gets []phrase.Phrase
	for i := range r.Gives {
		g := &r.Gives[i]
		part := g.Part
		if part == "" {
			part = loyalty.AsMember
		}
		gets = append(gets, phrase.Phrase{Key: "gets." + string(part), With: phrase.Args{"Reward": g.phrase(r, s)}})
	}
	return phrase.Phrase{Key: "give", With: phrase.Args{"Occasion": r.occasion(s), "Gets": phrase.Phrases{Join: "gets", List: gets}}}
}

// phrase says what somebody gets, as the object of a sentence.
func (g *Give) phrase(r *Rule, s Setting) phrase.Phrase {
	if g.Measure == Percent {
		return phrase.Phrase{Key: "reward.percent", With: phrase.Args{"Rate": phrase.Rate(g.Amount)}}
	}
	bare := g.thing(s)
	switch {
	case g.Measure == PerItem && g.Per > 1:
		return phrase.Phrase{Key: "reward.per_items", N: g.Per, With: phrase.Args{"Reward": bare}}
	case g.Measure == PerItem:
		return phrase.Phrase{Key: "reward.per_item", With: phrase.Args{"Reward": bare}}
	case g.Measure == PerAmount && g.wholeSteps(r):
		return phrase.Phrase{Key: "reward.per_full", With: phrase.Args{"Reward": bare, "Per": phrase.Amount{N: g.Per, Unit: s.Currency}}}
	case g.Measure == PerAmount:
		return phrase.Phrase{Key: "reward.per_amount", With: phrase.Args{"Reward": bare, "Per": phrase.Amount{N: g.Per, Unit: s.Currency}}}
	}
	return bare
}

// wholeSteps tells whether a give comes for each full amount only: a part of it never
// makes a whole unit.
func (g *Give) wholeSteps(r *Rule) bool { return g.Amount == 1 && r.Round == money.Down && r.Step <= 1 }

// thing is a reward without its measure.
func (g *Give) thing(s Setting) phrase.Phrase {
	switch {
	case len(g.Choice) > 0:
		var list []phrase.Phrase
		for i := range g.Choice {
			list = append(list, g.Choice[i].thing(s))
		}
		return phrase.Phrase{Key: "reward.choice", With: phrase.Args{"Rewards": phrase.Phrases{Join: "or", List: list}}}
	case g.Voucher != nil:
		return g.Voucher.phrase(s)
	case g.Gift != nil && g.Gift.ByHand:
		return phrase.Phrase{Key: "reward.gift_by_hand", With: phrase.Args{"Gift": phrase.Name(g.Gift.Name)}}
	case g.Gift != nil:
		return phrase.Phrase{Key: "reward.gift", With: phrase.Args{"Gift": phrase.Name(g.Gift.Name)}}
	}
	return phrase.Phrase{Key: "reward.units", With: phrase.Args{"Amount": phrase.Amount{N: g.Amount, Unit: g.Unit}}}
}

func (v *Voucher) phrase(s Setting) phrase.Phrase {
	article := v.Kind == "product" || v.Kind == "category"
	switch {
	case article && v.Percent > 0:
		with := phrase.Args{"Article": phrase.Name(v.Article), "Rate": phrase.Rate(v.Percent)}
		return phrase.Phrase{Key: "voucher." + v.Kind + ".reduced", N: v.Amount, With: with}
	case article:
		return phrase.Phrase{Key: "voucher." + v.Kind, N: v.Amount, With: phrase.Args{"Article": phrase.Name(v.Article)}}
	case v.Percent > 0:
		return phrase.Phrase{Key: "voucher." + v.Kind + ".rate", With: phrase.Args{"Rate": phrase.Rate(v.Percent)}}
	}
	return phrase.Phrase{Key: "voucher." + v.Kind, With: phrase.Args{"Amount": phrase.Amount{N: v.Amount, Unit: s.Currency}}}
}

// orderKeys are the triggers that look at orders, by what their occasions are called.
var orderKeys = map[string]string{OnOrder: "paid", OnPlaced: "placed", OnFulfilled: "fulfilled"}

// occasion is when a rule gives: for each paid order, when somebody joins.
func (r *Rule) occasion(s Setting) phrase.Phrase {
	with := phrase.Args{"Of": phrase.Phrases{}}
	if r.Refer {
		with["Of"] = phrase.Phrase{Key: "of.friend"}
	}
	if orders := orderKeys[r.Trigger]; orders != "" {
		key := "on." + orders
		switch r.Recur.Kind {
		case First:
			key += ".first"
			if len(compileChecks(r)) > 0 {
				key += "_met"
			}
		case Very:
			key += ".very"
		case Nth:
			with["Number"] = phrase.Whole(r.Recur.N)
			key += ".nth"
		case Every:
			if r.Recur.N > 1 {
				return phrase.Phrase{Key: key + ".every", N: r.Recur.N, With: with}
			}
			key += ".each"
		default:
			if r.Recur.Together > 0 && r.Recur.Items {
				return phrase.Phrase{Key: key + ".items", N: r.Recur.Together, With: with}
			}
			if r.Recur.Together > 0 {
				with["Amount"] = phrase.Amount{N: r.Recur.Together, Unit: s.Currency}
				return phrase.Phrase{Key: key + ".together", With: with}
			}
			key += ".each"
		}
		return phrase.Phrase{Key: key, With: with}
	}
	key := "on." + r.Trigger
	switch r.Trigger {
	case OnReaching:
		return phrase.Phrase{Key: key, With: phrase.Args{"Amount": phrase.Amount{N: r.Need, Unit: r.Unit}}}
	case OnCustomEvent, OnStep:
		with["Event"] = phrase.Name(r.Event)
	}
	if r.Refer {
		key += ".friend"
	}
	delete(with, "Of")
	return phrase.Phrase{Key: key, With: with}
}

// often says how often the rule gives, where its occasion does not say it.
func (r *Rule) often(out *notes) {
	once := "often.once"
	if r.Refer {
		once = "often.once.friend"
	}
	out.say(r.Recur.Kind == Once || r.Recur.Together > 0 || r.Trigger == OnReaching, once, nil)
	if orderKeys[r.Trigger] != "" {
		return
	}
	n := phrase.Args{"Number": phrase.Whole(r.Recur.N)}
	out.say(r.Recur.Kind == Every && r.Recur.N > 1, "often.every", n)
	out.say(r.Recur.Kind == Nth, "often.nth", n)
	out.say(r.Recur.Kind == First || r.Recur.Kind == Very, once, nil)
}

// measured tells whether an amount of money decides what the rule gives, or whether.
func (r *Rule) measured() bool {
	byAmount := func(g Give) bool { return g.Measure == PerAmount || g.Measure == Percent }
	return r.Orders() && (slices.ContainsFunc(r.Gives, byAmount) || r.When.Minimum > 0 || r.Recur.Together > 0 && !r.Recur.Items)
}

// counting says which lines and which amount of an order count.
func (r *Rule) counting(out *notes) {
	out.say(!r.Of.Empty(), "counts", phrase.Args{"What": r.Of.phrases()})
	out.say(!r.Except.Empty(), "except", phrase.Args{"What": r.Except.phrases()})
	if !r.measured() && r.Basis == (Basis{}) {
		return
	}
	either := func(yes bool, one, other string) phrase.Phrase {
		if yes {
			return phrase.Phrase{Key: "basis." + one}
		}
		return phrase.Phrase{Key: "basis." + other}
	}
	b := r.Basis
	terms := []phrase.Phrase{
		either(b.BeforeTax, "before_tax", "with_tax"), either(b.BeforeDiscounts, "before_discounts", "after_discounts"),
		either(b.Delivery, "with_delivery", "without_delivery"), either(b.Rewards, "with_rewards", "without_rewards"),
	}
	if b.NoGiftCards {
		terms = append(terms, phrase.Phrase{Key: "basis.without_gift_cards"})
	}
	out.say(true, "basis", phrase.Args{"Terms": phrase.Phrases{Join: "comma", List: terms}})
}

func (a Articles) phrases() phrase.Phrases {
	out := phrase.Phrases{Join: "and"}
	for _, x := range []struct {
		key   string
		names []string
	}{{"what.articles", a.SKUs}, {"what.categories", a.Categories}, {"what.attributes", a.Attributes}} {
		if len(x.names) > 0 {
			out.List = append(out.List, named(x.key, phrase.AllOf(x.names), len(x.names)))
		}
	}
	return out
}

// named is a phrase about a list of names, whose length decides the plural.
func named(key string, names phrase.Arg, n int) phrase.Phrase {
	return phrase.Phrase{Key: key, N: int64(n), With: phrase.Args{"Names": names}}
}

// Thing says what a give is, without its measure: points, a voucher for a free coffee.
func (g *Give) Thing(s Setting) phrase.Phrase { return g.thing(s) }
