package rules

import (
	"slices"

	"cagnotte/internal/loyalty"
	"cagnotte/internal/phrase"
)

// Offers says what a program gives to who recommends and to who comes: for each of its rules
// about friends one paragraph, of what is given and on which conditions. A shop shows it
// where the whole summary is too long.
func Offers(d *Document, s Setting) []phrase.Paragraph {
	var out []phrase.Paragraph
	for i := range d.Rules {
		r := &d.Rules[i]
		if !slices.ContainsFunc(r.Gives, func(g Give) bool { return g.Part == loyalty.AsFriend || g.Part == loyalty.AsReferrer }) {
			continue
		}
		said := notes{r.main(s)}
		r.conditions(&said, s)
		out = append(out, phrase.Paragraph{Sentences: said})
	}
	return out
}
