package programs

import (
	"context"

	"cagnotte/internal/loyalty"
	"cagnotte/internal/phrase"
	"cagnotte/internal/rules"
)

// Compared is what a program of a text would change.
type Compared struct {
	Name    string
	From    int             // the version in force, or else the newest one; 0: the program is new
	Changes []phrase.Phrase // none: nothing
}

// Compare sets the programs of a text against what is in force.
func (p *Programs) Compare(ctx context.Context, shop loyalty.ShopID, text string) ([]Compared, error) {
	s, err := p.st.Shop(ctx, shop)
	if err != nil {
		return nil, err
	}
	set := rules.SettingOf(s)
	docs, err := (&Said{Text: text}).read(set)
	if err != nil {
		return nil, err
	}
	list, err := p.List(ctx, shop)
	if err != nil {
		return nil, err
	}
	var out []Compared
	for _, d := range docs {
		x := Compared{Name: d.Name}
		var was *rules.Document
		for i := range list {
			if list[i].Name == d.Name {
				v := list[i].Present()
				x.From, was = v.N, v.Document
			}
		}
		x.Changes = rules.Difference(was, d.Document, set)
		out = append(out, x)
	}
	return out, nil
}
