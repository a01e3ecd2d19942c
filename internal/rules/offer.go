package rules

import (
	"cagnotte/internal/loyalty"
	"cagnotte/internal/phrase"
)

// Offer says what the rules of a document that tie two people give to one of them, as
// objects of a sentence, in the order of the rules; nothing twice.
func Offer(d *Document, s Setting, to loyalty.Part) []phrase.Phrase {
	var out []phrase.Phrase
	for i := range d.Rules {
		r := &d.Rules[i]
		if !r.Refer {
			continue
		}
		for k := range r.Gives {
			// Validated referrals are counted, not had: what they are exchanged for is said there.
			if g := &r.Gives[k]; g.Part == to && g.Unit != Referrals {
				out = append(out, g.phrase(r, s))
			}
		}
	}
	return out
}

// Refers tells whether a document has a rule that ties two people.
func Refers(d *Document) bool {
	for i := range d.Rules {
		if d.Rules[i].Refer {
			return true
		}
	}
	return false
}
