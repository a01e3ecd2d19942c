package api

import (
	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
)

// Sighting is what a browser told on a page of the shop.
type Sighting struct {
	ID       id.Sighting `json:"id"`
	Kind     string      `json:"kind" enum:"landing,cart,order,refund"`
	Source   string      `json:"source" enum:"own,ga4,segment,matomo" doc:"In which form the page said it"`
	Ref      string      `json:"ref,omitempty" doc:"The number of the order, as the page gives it"`
	Currency string      `json:"currency,omitempty"`
	Amount   *int64      `json:"amount,omitempty" doc:"Minor units; missing where the page said none that can be read"`
	Visitor  string      `json:"visitor,omitempty" doc:"The browser; missing without consent"`
	Code     string      `json:"code,omitempty" doc:"The personal code by which it came"`
	SeenAt   moment.Time `json:"seen_at" format:"date-time"`
	Event    id.Event    `json:"event,omitzero" doc:"The report of the order that took the browser over"`
	Lacks    []string    `json:"lacks" doc:"What an order would need to lead to a referrer: visitor, code, ref, amount, server"`
}

func (a *API) sightings(c *call, p *paging, _ *none) (*Page[Sighting], error) {
	from, err := after[id.SightingKind](p.StartingAfter)
	if err != nil {
		return nil, err
	}
	rows, err := a.referrals.Sightings(c.ctx, c.shop(), from, p.Limit+1)
	if err != nil {
		return nil, err
	}
	return page(rows, p.Limit, func(s *loyalty.Sighting) id.Sighting { return s.ID }, func(s *loyalty.Sighting) Sighting {
		out := Sighting{
			ID: s.ID, Kind: s.Kind, Source: s.Source, Ref: s.Ref, Currency: s.Currency, Visitor: s.Visitor, Code: s.Code,
			SeenAt: s.SeenAt, Event: s.Event, Lacks: filled(s.Lacks()),
		}
		if s.Priced {
			out.Amount = &s.Amount
		}
		return out
	}), nil
}
