package main

import (
	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/programs"
	"cagnotte/internal/staff"
)

// demoDraft is a program that somebody of the support has written and may not publish.
const demoDraft = `program "Rainy days"
  budget 300.00 EUR per month
  rain: earn 5 % in EUR, of categories drinks food, except category service, from 10.00 EUR, weekdays mon tue, after 14 days, valid 6 months
`

// draft begins a draft once, for which somebody asks to be published.
func (c *demoCmd) draft(e *env, p *parts, shop *loyalty.Shop, who []staff.Account) error {
	some, err := p.programs.Drafts(e.ctx, shop.ID, id.Draft{}, 1)
	if err != nil || len(some) > 0 {
		return err
	}
	d, err := p.programs.CreateDraft(e.ctx, shop.ID, id.Program{}, programs.Said{Text: demoDraft})
	if err != nil {
		return err
	}
	for _, a := range who {
		if a.Role == staff.Support {
			return p.programs.AskToPublish(e.ctx, shop.ID, d.ID, d.Revision, a.ID, "Mondays are empty when it rains.")
		}
	}
	return nil
}
