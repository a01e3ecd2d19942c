package programs

import (
	"context"

	"cagnotte/internal/loyalty"
	"cagnotte/internal/rules"
)

// Read gives the documents of what was said, checked as if they were all that the shop
// ran: to be tried, never to be published.
func (p *Programs) Read(ctx context.Context, shop loyalty.ShopID, said Said) ([]*rules.Document, error) {
	s, err := p.st.Shop(ctx, shop)
	if err != nil {
		return nil, err
	}
	docs, err := said.read(rules.SettingOf(s))
	if err != nil {
		return nil, err
	}
	out := make([]*rules.Document, len(docs))
	for i, d := range docs {
		if d.Starts != 0 && d.Ends != 0 && d.Ends <= d.Starts {
			return nil, loyalty.Invalid(d.field, "ends_before_it_begins", "program", d.Name)
		}
		out[i] = d.Document
	}
	if round := cycle(out); len(round) > 0 {
		return nil, loyalty.Invalid(docs[len(docs)-1].field, "exchange_cycle", "units", join(round))
	}
	return out, nil
}
