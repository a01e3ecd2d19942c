package rules

import (
	"cagnotte/internal/loyalty"
	"cagnotte/internal/phrase"
)

// Step is one rule as a picture shows it: when it happens, and who gets what.
type Step struct {
	Rule    string
	Trigger string
	When    phrase.Phrase // the occasion, or the whole sentence of a rule that gives nothing by itself
	Gets    []Get
	Also    []phrase.Phrase // the other sentences about it
}

// Get is what one beneficiary of a rule gets.
type Get struct {
	Part loyalty.Part
	What phrase.Phrase
}

// Steps shows a program rule by rule.
func Steps(d *Document, s Setting) []Step {
	out := make([]Step, len(d.Rules))
	for i := range d.Rules {
		r := &d.Rules[i]
		all := r.sentences(s)
		x := Step{Rule: r.Name, Trigger: r.Trigger, When: all[0], Also: all[1:]}
		if r.Discount == nil && r.Pay == nil && !r.Multiplies() {
			if r.Trigger == OnThreshold {
				x.When = phrase.Phrase{Key: "reward.units", With: phrase.Args{"Amount": phrase.Amount{N: r.Need, Unit: r.Unit}}}
			} else {
				x.When = r.occasion(s)
			}
			for k := range r.Gives {
				g := &r.Gives[k]
				part := g.Part
				if part == "" {
					part = loyalty.AsMember
				}
				x.Gets = append(x.Gets, Get{part, g.phrase(r, s)})
			}
		}
		out[i] = x
	}
	return out
}
