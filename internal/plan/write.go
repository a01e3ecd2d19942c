package plan

import (
	"cmp"
	"slices"
	"strconv"

	"cagnotte/internal/loyalty"
	"cagnotte/internal/rules"
)

// Document is the program that the answers say. It is one that the text can say wherever
// Problems finds nothing.
func (a *Answers) Document(s rules.Setting) *rules.Document {
	d := &rules.Document{Name: a.Name, Starts: a.Starts, Ends: a.Ends, Cap: a.Cap, Budget: a.Budget}
	w := writer{a: a, s: s, d: d}
	if a.Kind == Referral {
		d.Referral = a.Referrals
		w.referral()
	} else {
		w.member()
	}
	w.swap()
	for i := range a.Tiers {
		t := &a.Tiers[i]
		w.add("tier-"+strconv.Itoa(i+1), rules.Rule{Trigger: rules.OnReaching, Need: t.Need, Unit: a.Unit()}, &t.Reward, loyalty.AsMember)
	}
	return d
}

type writer struct {
	a *Answers
	s rules.Setting
	d *rules.Document
}

// add writes a rule that gives one reward.
func (w *writer) add(slot string, r rules.Rule, x *Reward, part loyalty.Part) {
	g := x.give(part, w.s)
	if len(r.Gives) > 0 { // says how it is measured
		g.Measure, g.Per = r.Gives[0].Measure, r.Gives[0].Per
	}
	r.Gives = []rules.Give{g}
	w.put(slot, r, x)
}

// put writes a rule, with what holds for its reward.
func (w *writer) put(slot string, r rules.Rule, x *Reward) {
	r.Name = cmp.Or(w.a.Names[slot], slot)
	r.Expiry, r.Cap, r.Worth = x.Valid, x.Limit, x.Worth
	w.d.Rules = append(w.d.Rules, r)
}

// order makes a rule answer to orders, with what they have to be.
func (w *writer) order(r rules.Rule) rules.Rule {
	a := w.a
	r.Trigger = cmp.Or(a.Trigger, rules.OnOrder)
	r.When.Minimum, r.When.Items, r.When.Basket, r.When.BasketItems = a.Minimum, a.Items, a.Basket, a.BasketItems
	r.When.Codes, r.When.Channels, r.When.WithinDays = a.Codes, a.Channels, a.Within
	r.Except, r.Basis, r.WaitDays = a.Except, a.Basis, a.Wait
	return r
}

func (w *writer) referral() {
	a := w.a
	for i := range a.Rows {
		row := &a.Rows[i]
		if !row.some() {
			continue
		}
		r, slot := w.moment(i), Moments[i]
		f, x := &row.Friend, &row.Referrer
		switch {
		case x.None():
			w.add(slot, r, f, loyalty.AsFriend)
		case f.None():
			w.add(slot, r, x, loyalty.AsReferrer)
		case row.apart():
			w.add(slot+"-friend", r, f, loyalty.AsFriend)
			w.add(slot+"-referrer", r, x, loyalty.AsReferrer)
		default:
			r.Gives = []rules.Give{f.give(loyalty.AsFriend, w.s), x.give(loyalty.AsReferrer, w.s)}
			w.put(slot, r, f)
		}
	}
	if i := slices.Index(Moments[:], a.Counts); i >= 0 {
		r := w.moment(i)
		r.Gives = []rules.Give{{Part: loyalty.AsReferrer, Unit: rules.Referrals, Amount: 1}}
		w.put("counts", r, &Reward{})
	}
}

// moment is a rule of a referral that gives nothing yet.
func (w *writer) moment(i int) rules.Rule {
	r := rules.Rule{Refer: true}
	switch i {
	case Invited:
		r.Trigger = rules.OnInvitation
	case Joined:
		r.Trigger = rules.OnSignUp
	case Ordered:
		r = w.order(r)
		r.Recur = w.a.First
	case Again:
		r = w.order(r)
		r.Recur = w.a.Each
	}
	if i < Ordered && w.a.Rows[i].Once {
		r.Recur.Kind = rules.Once
	}
	r.When.Buyer = w.a.Buyer
	return r
}

// member writes what a member is given for what he does himself.
func (w *writer) member() {
	a := w.a
	r := rules.Rule{Trigger: a.Event, Event: a.EventName}
	switch a.Kind {
	case Event:
		if slices.Contains(channelled, a.Event) {
			r.When.Channels = a.Channels
		}
	case Article:
		r = w.order(rules.Rule{Of: rules.Articles{SKUs: a.Things}})
	case Category:
		r = w.order(rules.Rule{Of: rules.Articles{Categories: a.Things}})
	default:
		r = w.order(rules.Rule{})
	}
	r.Recur = a.Often
	r.When.Groups, r.When.Segments = a.Groups, a.Segments
	switch a.Per {
	case Stamped:
		g := rules.Give{Part: loyalty.AsMember, Unit: rules.Stamps, Amount: a.Stamps}
		if a.StampPer > 0 {
			g.Measure = rules.PerItem
		}
		if a.StampPer > 1 {
			g.Per = a.StampPer
		}
		r.Gives = []rules.Give{g}
		w.put("stamp", r, &Reward{Limit: a.StampCap})
		w.add("full", rules.Rule{Trigger: rules.OnThreshold, Need: a.Card, Unit: rules.Stamps, Asked: a.Asked}, &a.Reward, loyalty.AsMember)
	case PerSum:
		r.Gives = []rules.Give{{Measure: rules.PerAmount, Per: a.PerN}}
		w.add("reward", r, &a.Reward, loyalty.AsMember)
	case PerItem:
		g := rules.Give{Measure: rules.PerItem}
		if a.PerN > 1 {
			g.Per = a.PerN
		}
		r.Gives = []rules.Give{g}
		w.add("reward", r, &a.Reward, loyalty.AsMember)
	default:
		w.add("reward", r, &a.Reward, loyalty.AsMember)
	}
	if a.Kind == Event && !a.Bonus.None() {
		r := w.order(rules.Rule{Recur: rules.Recurrence{Kind: rules.First}})
		w.add("first", r, &a.Bonus, loyalty.AsMember)
	}
}

// channelled are the events that happen in a channel.
var channelled = []string{rules.OnSignUp, rules.OnNewsletter, rules.OnPortal, rules.OnCustomEvent}

func (w *writer) swap() {
	if x := &w.a.Swap; x.Need > 0 {
		w.add("spend", rules.Rule{Trigger: rules.OnThreshold, Need: x.Need, Unit: w.a.Unit(), Asked: x.Asked}, &x.Reward, loyalty.AsMember)
	}
}

// give is the reward as rules say it.
func (r *Reward) give(part loyalty.Part, s rules.Setting) rules.Give {
	g := rules.Give{Part: part, Amount: 1}
	switch r.Kind {
	case Money:
		g.Unit, g.Amount = s.Currency, r.Amount
	case Points:
		g.Unit, g.Amount = rules.Points, r.Amount
	case Percent:
		g.Unit, g.Amount, g.Measure = s.Currency, r.Amount, rules.Percent
	case Cash:
		g.Voucher = &rules.Voucher{Kind: "cash", Amount: r.Amount}
	case CashPercent:
		g.Voucher = &rules.Voucher{Kind: "cash", Percent: r.Amount}
	case Special:
		g.Voucher = &rules.Voucher{Kind: "special", Amount: r.Amount}
	case SpecialPercent:
		g.Voucher = &rules.Voucher{Kind: "special", Percent: r.Amount}
	case Product:
		g.Voucher = &rules.Voucher{Kind: "product", Article: r.Name, Amount: r.Amount}
	case InCategory:
		g.Voucher = &rules.Voucher{Kind: "category", Article: r.Name, Amount: r.Amount, Percent: r.Off}
	case Gift, ByHand:
		g.Gift = &rules.Gift{Name: r.Name, ByHand: r.Kind == ByHand}
	}
	return g
}
