package rules

import "cagnotte/internal/phrase"

// This file and its sisters say what a program is: sentence by sentence, for whoever takes
// part in it, in no language yet. Locale has the words. A summary leaves out what members
// have no use for, the weight of the signs of fraud, and nothing else.

// Summary says what a program is: when it runs, who gets what for what, on which
// conditions, how often, how long, and how a friend finds his referrer.
func Summary(d *Document, s Setting) []phrase.Paragraph {
	out := []phrase.Paragraph{{Sentences: d.sentences(s)}}
	for i := range d.Rules {
		out = append(out, phrase.Paragraph{Rule: d.Rules[i].Name, Sentences: d.Rules[i].sentences(s)})
	}
	return out
}

// notes collects sentences.
type notes []phrase.Phrase

// say adds a sentence where it holds.
func (n *notes) say(yes bool, key string, with phrase.Args) {
	if yes {
		*n = append(*n, phrase.Phrase{Key: key, With: with})
	}
}

// count adds a sentence about a number, unless it is zero.
func (n *notes) count(number int64, key string, with phrase.Args) {
	if number != 0 {
		*n = append(*n, phrase.Phrase{Key: key, N: number, With: with})
	}
}

func (d *Document) sentences(s Setting) []phrase.Phrase {
	var out notes
	when := phrase.Args{"Name": phrase.Name(d.Name), "From": phrase.Begin(d.Starts), "Until": phrase.End(d.Ends)}
	switch {
	case d.Starts != 0 && d.Ends != 0:
		out.say(true, "about.both", when)
	case d.Starts != 0:
		out.say(true, "about.from", when)
	case d.Ends != 0:
		out.say(true, "about.until", when)
	default:
		out.say(true, "about.open", when)
	}
	refers := false
	for i := range d.Rules {
		refers = refers || d.Rules[i].Refer
	}
	r := d.Referral
	out.say(r.LastTouch, "touch.last", nil)
	out.say(refers && !r.LastTouch, "touch.first", nil)
	out.count(int64(r.WindowDays), "window", nil)
	out.count(int64(r.ExpireDays), "lapse", nil)
	out.say(r.HoldScore != 0, "hold", nil)
	out.say(r.Buyers, "buyers", nil)
	out.say(r.Members, "accounts", nil)
	out.count(d.Cap.N, "cap.program", phrase.Args{"Per": perPeriod(d.Cap.Period)})
	out.budget(d.Budget, "budget.program", s)
	return out
}

func (n *notes) budget(b Budget, key string, s Setting) {
	per := perPeriod(b.Period)
	n.count(b.Uses, key+".uses", phrase.Args{"Per": per})
	n.say(b.Money > 0, key+".money", phrase.Args{"Amount": phrase.Amount{N: b.Money, Unit: s.Currency}, "Per": per})
}
