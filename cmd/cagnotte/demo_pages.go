package main

import (
	"cagnotte/internal/loyalty"
	"cagnotte/internal/pages"
)

// demoIdentity is who stands behind the demo shop: nobody whom there is. The SIREN is one of nobody
// and only adds up.
var demoIdentity = loyalty.Identity{
	Company: "Maison Lavande", Form: "SAS, 10 000 €", Address: "1 rue des Lilas\n69001 Lyon", Email: "bonjour@lavande.example", Phone: "+33 4 99 00 00 00",
	Publisher: "Camille Lavande", Host: "Lavande Web, 2 rue des Lilas, 69001 Lyon, +33 4 99 00 00 01", Register: "RCS Lyon", SIREN: "100000009", VAT: "FR88100000009",
}

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
