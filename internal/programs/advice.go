package programs

import (
	"cagnotte/internal/loyalty"
	"cagnotte/internal/rules"
)

// Advice is one thing that is worth looking at before a program is published. None of it
// forbids anything: what does, is among the problems of a draft.
type Advice struct {
	Code string // its words are the caller's
	Good bool   // it was thought of
	Rule string // which one it is about; empty: the whole program
}

// Codes of advice.
const (
	AdviceEnd     = "end"     // it ends by itself, by a date or a budget
	AdviceCap     = "cap"     // whoever recommends, or buys, is rewarded only so often
	AdviceWait    = "wait"    // money is there only when an order can no longer come back
	AdviceExpiry  = "expiry"  // what is given ends some day
	AdviceMinimum = "minimum" // a fixed reward wants an order of some size
	AdviceHeld    = "held"    // referrals with signs of fraud are looked at first
)

// Advise looks at a program as somebody would who has seen others cost too much.
func Advise(d *rules.Document) []Advice {
	bounded := d.Ends != 0 || !d.Budget.None()
	out := []Advice{{Code: AdviceEnd, Good: bounded}}
	refers := false
	for i := range d.Rules {
		r := &d.Rules[i]
		refers = refers || r.Refer
		out = append(out, adviseRule(d, r)...)
	}
	if refers {
		out = append(out, Advice{Code: AdviceHeld, Good: d.Referral.HoldScore != 0})
	}
	return out
}

func adviseRule(d *rules.Document, r *rules.Rule) (out []Advice) {
	if len(r.Gives) == 0 || r.Trigger == rules.OnThreshold {
		return nil
	}
	say := func(when bool, code string, good bool) {
		if when {
			out = append(out, Advice{code, good, r.Name})
		}
	}
	fixed, units, sends, stamps := false, false, false, false
	for i := range r.Gives {
		g := &r.Gives[i]
		fixed = fixed || g.Measure == rules.Fixed
		units = units || g.Unit != "" && g.Unit != rules.Stamps && g.Unit != rules.Referrals
		stamps = stamps || g.Unit == rules.Stamps
		sends = sends || g.Part == loyalty.AsReferrer
	}
	capped := r.Cap.N > 0 || d.Cap.N > 0 || !r.Budget.None() || r.Recur.Kind == rules.First && !sends || r.Recur.Kind == rules.Very && !sends || r.Recur.Kind == rules.Once && !sends
	say(sends || fixed && r.Orders(), AdviceCap, capped)
	say(r.Orders() && (units || fixed) && !stamps, AdviceWait, r.WaitDays > 0)
	say(units, AdviceExpiry, r.Expiry != rules.Expiry{})
	say(r.Orders() && fixed && !stamps, AdviceMinimum, r.When.Minimum > 0 || r.When.Items > 0 || r.When.Basket > 0 || r.When.BasketItems > 0)
	return out
}
