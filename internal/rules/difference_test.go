package rules_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"cagnotte/internal/moment"
	"cagnotte/internal/rules"
)

// place is a field of a document, somewhere below it: `rules.gives.voucher.amount`.
type place struct {
	name  string
	field func(d reflect.Value) (v reflect.Value, there bool)
}

// places lists every field that a document of that type can have. A list is its first
// item; a list of words, and whatever may be missing, is a place itself, too.
func places(of reflect.Type, name string, into func(reflect.Value) (reflect.Value, bool), depth int) []place {
	here := place{strings.TrimPrefix(name, "."), into}
	switch {
	case of == reflect.TypeFor[moment.Time]():
		return []place{here}
	case of.Kind() == reflect.Struct:
		var out []place
		for i := range of.NumField() {
			f := of.Field(i)
			label, _, _ := strings.Cut(f.Tag.Get("json"), ",")
			out = append(out, places(f.Type, name+"."+label, func(d reflect.Value) (reflect.Value, bool) {
				v, there := into(d)
				if !there {
					return v, false
				}
				return v.Field(i), true
			}, depth)...)
		}
		return out
	case of.Kind() == reflect.Pointer:
		return append(places(of.Elem(), name, func(d reflect.Value) (reflect.Value, bool) {
			v, there := into(d)
			if !there || v.IsNil() {
				return v, false
			}
			return v.Elem(), true
		}, depth), here)
	case of.Kind() == reflect.Slice && of.Elem().Kind() == reflect.Struct && depth < 3: // a choice has no choices
		return append(places(of.Elem(), name, func(d reflect.Value) (reflect.Value, bool) {
			v, there := into(d)
			if !there || v.Len() == 0 {
				return v, false
			}
			return v.Index(0), true
		}, depth+1), here)
	}
	return []place{here}
}

// notAlone are fields that never change without another one, so that no two documents
// differ by them alone; and those that a text always says in one way.
var notAlone = map[string]string{
	"rules.refer":                "the parts of its gives are others",
	"rules.gives.choice.part":    "that of the whole",
	"rules.gives.choice.measure": "what can be chosen is fixed",
	"rules.gives.choice.per":     "what can be chosen is fixed",
	"rules.gives.choice.choice":  "a choice has no choices",
	"cap.what":                   "a program's cap is in rewards",
}

// rare are programs with what two drawn ones seldom have at the same place.
const rare = `
program "A" earn choice of gift Mug or 5 points, on event review, where plan=gold
program "B" earn choice of gift "Tea cup" by hand or 5 points, on event visit, where plan=silver size=L
program "C" earn choice of product voucher of 1 MUG or gift Mug, on event review
program "D" earn choice of category voucher of 2 teas at 50 % or gift Mug by hand, on event review
program "E" earn choice of category voucher of 2 teas at 10 % or gift Tea, on event review
program "F" earn choice of cash voucher of 5.00 EUR or 5 points, on event review, worth 0.01 EUR, budget 10.00 EUR
program "G" earn choice of special voucher of 9.00 EUR or 5 points, on event review, worth 0.01 EUR, budget 20.00 EUR
program "H" stamp 1, at most 2 rewards per day
program "I" stamp 1, at most 2 stamps per day
program "J" earn gift Mug
program "K" earn gift "Tea cup"
program "L" earn gift Mug by hand
program "M" discount 1 free MUG
program "N" discount 1 free "TEA CUP"
program "O" discount 1 free MUG on top
program "P" discount 1 free "TEA CUP" on top
program "Q" discount 100 % on the cheapest of 2
program "R" discount 100 % on the cheapest of 3
`

// Whatever single field two documents differ by, the difference says something; and every
// field of a document is shown to be said. A field without words fails here, like one that
// no drawn program has: rulestest has to draw it first.
func TestEveryFieldIsSaid(t *testing.T) {
	t.Parallel()
	all := places(reflect.TypeFor[rules.Document](), "", func(d reflect.Value) (reflect.Value, bool) { return d, true }, 0)
	said := map[string]int{}
	rapid.Check(t, func(t *rapid.T) {
		var docs []*rules.Document
		var s rules.Setting
		for range 7 {
			d, set := drawn(t)
			docs, s = append(docs, d), set
		}
		list, err := rules.ParseFile(rare, s)
		if err != nil {
			t.Fatal(err)
		}
		docs = append(docs, list...)
		for _, is := range docs {
			for _, other := range docs {
				for _, p := range all {
					if said[p.name] >= enough {
						continue
					}
					alone(t, is, other, p, s, said)
				}
			}
		}
	})
	var unsaid []string
	for _, p := range all {
		if said[p.name] == 0 && notAlone[p.name] == "" && p.name != "rules.name" && p.name != "rules" {
			unsaid = append(unsaid, p.name)
		}
		if said[p.name] > 0 && notAlone[p.name] != "" {
			t.Errorf("%s can change alone after all", p.name)
		}
	}
	if slices.Sort(unsaid); len(unsaid) > 0 {
		t.Errorf("no two drawn programs differ by these fields alone, so nobody knows whether they are said: %v", unsaid)
	}
}

// enough is how many pairs of documents show that a field is said.
const enough = 40

// alone takes one field of a document from another one, wherever that makes a document
// again, and wants to hear of it.
func alone(t *rapid.T, is, other *rules.Document, p place, s rules.Setting, said map[string]int) {
	mine, theirs := len(is.Rules), len(other.Rules)
	if !strings.HasPrefix(p.name, "rules.") { // of the whole program
		mine, theirs = 1, 1
	}
	for i := range mine {
		for j := range theirs {
			have, there := p.field(withRule(is, i))
			want, also := p.field(withRule(other, j))
			if !there || !also || p.name == "rules" || p.name == "rules.name" || reflect.DeepEqual(have.Interface(), want.Interface()) {
				continue
			}
			was := clone(t, is, s)
			at := withRule(was, i)
			to, _ := p.field(at)
			to.Set(want)
			rest := was.Rules
			*was = at.Interface().(rules.Document)
			was.Rules = rest
			if !readable(was, s) {
				continue
			}
			if len(rules.Difference(was, is, s)) == 0 || len(rules.Difference(is, was, s)) == 0 {
				t.Fatalf("nobody hears of %s between\n%s\nand\n%s", p.name, was.Text(s), is.Text(s))
			}
			said[p.name]++
		}
	}
}

// withRule is a document whose first rule is its n-th one: the same rule, not a copy.
func withRule(d *rules.Document, n int) reflect.Value {
	out := *d
	out.Rules = d.Rules[n:]
	return reflect.ValueOf(&out).Elem()
}

// clone reads a document again from its text.
func clone(t *rapid.T, d *rules.Document, s rules.Setting) *rules.Document {
	list, err := rules.ParseFile(d.Text(s), s)
	if err != nil {
		t.Fatal(err)
	}
	return list[0]
}

// readable tells whether a document is one: its text reads as it.
func readable(d *rules.Document, s rules.Setting) bool {
	list, err := rules.ParseFile(d.Text(s), s)
	return err == nil && len(list) == 1 && reflect.DeepEqual(list[0], d)
}

func TestAllOfANewProgramIsNew(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d, s := drawn(t)
		if n := len(rules.Difference(nil, d, s)); n != 1+len(d.Rules) {
			t.Fatalf("%s\nis new in %d sentences", d.Text(s), n)
		}
	})
}
