package plan

import (
	"bytes"
	"cmp"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"cagnotte/internal/loyalty"
	"cagnotte/internal/rules"
)

// Read gives the answers that say a document; false where the document says more than the
// questions ask, so that something of it would be lost.
func Read(d *rules.Document, s rules.Setting) (*Answers, bool) {
	a := &Answers{
		Name: d.Name, Starts: d.Starts, Ends: d.Ends, Cap: d.Cap, Budget: d.Budget, Referrals: d.Referral, Kind: kindOf(d),
		Names: map[string]string{},
	}
	for i := range d.Rules {
		a.rule(&d.Rules[i], s)
	}
	if a.Orders() {
		a.Trigger = cmp.Or(a.Trigger, rules.OnOrder)
	}
	for slot, name := range a.Names {
		if slot == name {
			delete(a.Names, slot)
		}
	}
	return a, len(a.Tiers) <= MaxTiers && same(a.Document(s), d) && len(a.Problems(s)) == 0
}

// kindOf is what a document is about.
func kindOf(d *rules.Document) string {
	if rules.Refers(d) {
		return Referral
	}
	kind := Basket
	for i := range d.Rules {
		r := &d.Rules[i]
		switch {
		case r.Trigger == rules.OnThreshold || r.Trigger == rules.OnReaching:
		case !r.Orders():
			return Event
		case len(r.Of.SKUs) > 0:
			kind = Article
		case len(r.Of.Categories) > 0:
			kind = Category
		}
	}
	return kind
}

// rule takes what one rule says. What it cannot take is missed by the comparison.
func (a *Answers) rule(r *rules.Rule, s rules.Setting) {
	if len(r.Gives) == 0 {
		return
	}
	x := rewardOf(r, 0, s)
	switch {
	case r.Refer && len(r.Gives) == 1 && r.Gives[0].Unit == rules.Referrals:
		if i := momentOf(r); i == Joined || i == Ordered {
			a.Counts, a.Names["counts"] = Moments[i], r.Name
			a.conditions(r, i)
		}
	case r.Refer:
		a.row(r, s)
	case r.Trigger == rules.OnThreshold && r.Unit == rules.Stamps && a.Kind != Referral:
		a.Card, a.Asked, a.Reward, a.Names["full"] = r.Need, r.Asked, x, r.Name
	case r.Trigger == rules.OnThreshold:
		a.Swap, a.Names["spend"] = Swap{Need: r.Need, Reward: x, Asked: r.Asked}, r.Name
	case r.Trigger == rules.OnReaching:
		a.Tiers = append(a.Tiers, Tier{Need: r.Need, Reward: x})
		a.Names["tier-"+strconv.Itoa(len(a.Tiers))] = r.Name
	case a.Kind == Event && r.Orders():
		a.Bonus, a.Names["first"] = x, r.Name
		a.orders(r)
	default:
		a.main(r, x)
	}
}

// main takes what a member is given for what he does himself.
func (a *Answers) main(r *rules.Rule, x Reward) {
	a.Often, a.Groups, a.Segments = r.Recur, r.When.Groups, r.When.Segments
	if a.Kind == Event {
		a.Event, a.EventName, a.Channels = r.Trigger, r.Event, r.When.Channels
	} else {
		a.Things = append(r.Of.SKUs, r.Of.Categories...)
		a.orders(r)
	}
	g := &r.Gives[0]
	if g.Unit == rules.Stamps {
		a.Per, a.Stamps, a.StampCap, a.Names["stamp"] = Stamped, g.Amount, r.Cap, r.Name
		if g.Measure == rules.PerItem {
			a.StampPer = max(1, g.Per)
		}
		return
	}
	a.Reward, a.Names["reward"] = x, r.Name
	switch g.Measure {
	case rules.PerAmount:
		a.Per, a.PerN = PerSum, g.Per
	case rules.PerItem:
		a.Per, a.PerN = PerItem, max(1, g.Per)
	}
}

// orders takes which orders count.
func (a *Answers) orders(r *rules.Rule) {
	a.Trigger = r.Trigger
	a.Minimum, a.Items, a.Basket, a.BasketItems = r.When.Minimum, r.When.Items, r.When.Basket, r.When.BasketItems
	a.Codes, a.Channels, a.Within = r.When.Codes, r.When.Channels, r.When.WithinDays
	a.Except, a.Basis, a.Wait = r.Except, r.Basis, r.WaitDays
}

// momentOf is the row of a referral that a rule belongs to; -1 when there is none.
func momentOf(r *rules.Rule) int {
	switch {
	case r.Trigger == rules.OnInvitation:
		return Invited
	case r.Trigger == rules.OnSignUp:
		return Joined
	case !slices.Contains(Triggers, r.Trigger):
		return -1
	case r.Recur.Kind == rules.First, r.Recur.Kind == rules.Very, r.Recur.Together > 0:
		return Ordered
	}
	return Again
}

// conditions takes what a rule of a referral asks for.
func (a *Answers) conditions(r *rules.Rule, i int) {
	a.Buyer = r.When.Buyer
	switch i {
	case Ordered:
		a.First = r.Recur
		a.orders(r)
	case Again:
		a.Each = r.Recur
		a.orders(r)
	default:
		a.Rows[i].Once = r.Recur.Kind == rules.Once
	}
}

// row takes what friend and referrer get at one moment.
func (a *Answers) row(r *rules.Rule, s rules.Setting) {
	i := momentOf(r)
	if i < 0 {
		return
	}
	row := &a.Rows[i]
	a.conditions(r, i)
	was := row.some()
	for k := range r.Gives {
		x := rewardOf(r, k, s)
		if r.Gives[k].Part == loyalty.AsFriend {
			row.Friend = x
		} else {
			row.Referrer = x
		}
	}
	slot := Moments[i]
	if was { // the second rule of this moment: the first one was a side's, too
		row.Apart = true
		side, other := "-friend", "-referrer"
		if r.Gives[0].Part == loyalty.AsReferrer {
			side, other = other, side
		}
		a.Names[slot+other], a.Names[slot+side] = a.Names[slot], r.Name
		delete(a.Names, slot)
		row.Apart = false
		row.Apart = !row.apart()
		return
	}
	a.Names[slot] = r.Name
}

// rewardOf takes what a rule's give is, and what holds for it.
func rewardOf(r *rules.Rule, k int, s rules.Setting) Reward {
	g := &r.Gives[k]
	x := Reward{Amount: g.Amount, Valid: r.Expiry, Limit: r.Cap, Worth: r.Worth}
	switch v := g.Voucher; {
	case g.Gift != nil:
		x.Kind, x.Name, x.Amount = Gift, g.Gift.Name, 0
		if g.Gift.ByHand {
			x.Kind = ByHand
		}
	case v != nil && (v.Kind == "product" || v.Kind == "category"):
		x.Kind, x.Name, x.Amount, x.Off = v.Kind, v.Article, v.Amount, v.Percent
	case v != nil && v.Percent > 0:
		x.Kind, x.Amount = v.Kind+"_percent", v.Percent
	case v != nil:
		x.Kind, x.Amount = v.Kind, v.Amount
	case g.Measure == rules.Percent:
		x.Kind = Percent
	case g.Unit == rules.Points:
		x.Kind = Points
	case g.Unit == s.Currency:
		x.Kind = Money
	default:
		return Reward{}
	}
	return x
}

// same tells whether two documents say the same, in whatever order their rules and
// beneficiaries stand: none of what a wizard writes depends on it.
func same(a, b *rules.Document) bool {
	x, errX := json.Marshal(sorted(a))
	y, errY := json.Marshal(sorted(b))
	return errX == nil && errY == nil && bytes.Equal(x, y)
}

func sorted(d *rules.Document) *rules.Document {
	out := *d
	out.Rules = slices.Clone(d.Rules)
	for i := range out.Rules {
		r := &out.Rules[i]
		r.Gives = slices.Clone(r.Gives)
		slices.SortFunc(r.Gives, func(a, b rules.Give) int { return strings.Compare(string(a.Part), string(b.Part)) })
	}
	slices.SortStableFunc(out.Rules, func(a, b rules.Rule) int { return strings.Compare(a.Name, b.Name) })
	return &out
}
