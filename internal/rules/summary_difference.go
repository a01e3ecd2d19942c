package rules

import (
	"reflect"
	"slices"
	"strings"

	"cagnotte/internal/money"
	"cagnotte/internal/phrase"
)

// Difference says what changes from one document to another, sentence against sentence;
// empty when they are equal, and only then. Without a document before (nil) all of it is
// new.
func Difference(was, is *Document, s Setting) []phrase.Phrase {
	var out notes
	if was == nil {
		out.say(true, "diff.new", phrase.Args{"Text": phrase.Phrases{Join: "space", List: is.sentences(s)}})
		for i := range is.Rules {
			out.say(true, "diff.rule.new", whole(&is.Rules[i], s))
		}
		return out
	}
	out.say(was.Name != is.Name, "diff.name", phrase.Args{"Old": phrase.Name(was.Name), "New": phrase.Name(is.Name)})
	before, after := *was, *is
	before.Name = after.Name // said above
	out.compare("", before.sentences(s), after.sentences(s))
	a, b := was.Referral.HoldScore, is.Referral.HoldScore
	out.say(a != b && a != 0 && b != 0, "diff.hold", phrase.Args{"Old": phrase.Whole(a), "New": phrase.Whole(b)})
	for i := range was.Rules {
		if r := &was.Rules[i]; is.rule(r.Name) == nil {
			out.say(true, "diff.rule.gone", whole(r, s))
		}
	}
	for i := range is.Rules {
		r := &is.Rules[i]
		old := was.rule(r.Name)
		if old == nil {
			out.say(true, "diff.rule.new", whole(r, s))
			continue
		}
		before := len(out)
		out.compare(r.Name, old.sentences(s), r.sentences(s))
		same := len(out) == before && !reflect.DeepEqual(old, r) && reflect.DeepEqual(old.meaning(), r.meaning())
		out.say(same, "diff.rule.same", phrase.Args{"Rule": phrase.Name(r.Name)})
	}
	out.say(!slices.Equal(was.common(is), is.common(was)), "diff.order", nil)
	return out
}

// meaning writes a rule in one of the ways in which it can be written: what may be said or
// left unsaid with the same effect is left unsaid. A field that has no sentence is no such
// thing: a test wants to hear of each.
func (r *Rule) meaning() Rule {
	out := *r
	if r.Recur.Kind == Every && r.Recur.N == 1 || r.Recur.Kind == Once && r.Trigger == OnReaching {
		out.Recur.Kind, out.Recur.N = Each, 0
	}
	percent := func(g Give) bool { return g.Measure == Percent }
	if r.Round == money.HalfUp && r.Step == 0 && slices.ContainsFunc(r.Gives, percent) {
		out.Round = money.Down // a per cent is rounded to the nearest where nothing is said
	}
	return out
}

func (d *Document) rule(name string) *Rule {
	for i := range d.Rules {
		if d.Rules[i].Name == name {
			return &d.Rules[i]
		}
	}
	return nil
}

// common lists the names of the rules that another document has too, in this one's order.
func (d *Document) common(other *Document) []string {
	var out []string
	for i := range d.Rules {
		if other.rule(d.Rules[i].Name) != nil {
			out = append(out, d.Rules[i].Name)
		}
	}
	return out
}

func whole(r *Rule, s Setting) phrase.Args {
	return phrase.Args{"Rule": phrase.Name(r.Name), "Text": phrase.Phrases{Join: "space", List: r.sentences(s)}}
}

// compare sets the sentences of one topic against each other.
func (n *notes) compare(rule string, before, after []phrase.Phrase) {
	key, with := "diff.", phrase.Args{}
	if rule != "" {
		key, with = "diff.rule.", phrase.Args{"Rule": phrase.Name(rule)}
	}
	say := func(what string, old, new *phrase.Phrase) {
		args := phrase.Args{}
		if rule != "" {
			args["Rule"] = with["Rule"]
		}
		if old != nil {
			args["Old"] = *old
		}
		if new != nil {
			args["New"] = *new
		}
		n.say(true, key+what, args)
	}
	for i := range before {
		switch j := find(after, before[i]); {
		case j < 0:
			say("dropped", &before[i], nil)
		case !reflect.DeepEqual(before[i], after[j]):
			say("changed", &before[i], &after[j])
		}
	}
	for j := range after {
		if find(before, after[j]) < 0 {
			say("added", nil, &after[j])
		}
	}
}

// find gives the place of the sentence on the same topic; -1 when there is none.
func find(list []phrase.Phrase, x phrase.Phrase) int {
	return slices.IndexFunc(list, func(y phrase.Phrase) bool { return topic(x.Key) == topic(y.Key) })
}

// topic is what a sentence is about, whatever it says of it. Each comes once in a rule.
func topic(key string) string {
	head, rest, _ := strings.Cut(key, ".")
	switch head {
	case "cond":
		which, _, _ := strings.Cut(rest, ".")
		return head + "." + which
	case "give", "multiply", "exchange", "discount", "pay":
		return "give"
	case "budget": // in uses and in money: one of each may stand beside the other
		return key
	}
	return head
}
