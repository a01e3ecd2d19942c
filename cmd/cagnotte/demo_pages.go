package main

import (
	"cagnotte/internal/loyalty"
	"cagnotte/internal/pages"
)

// demoPages gives the demo shop the pages that every shop may begin with, in every language.
func demoPages(e *env, p *parts, shop *loyalty.Shop) error {
	list, err := pages.Starters()
	if err != nil {
		return err
	}
	for _, s := range list {
		_, err := p.pages.Put(e.ctx, shop.ID, pages.Writing{
			Slug: s.Slug, Locale: s.Locale, Title: s.Title, Body: s.Body, VisitorBody: s.VisitorBody, InMenu: true, Position: s.Position, By: "demo",
		})
		if err != nil {
			return err
		}
		if _, err := p.pages.Publish(e.ctx, shop.ID, s.Slug, s.Locale, 0, "demo"); err != nil {
			return err
		}
	}
	return nil
}
