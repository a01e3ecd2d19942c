package main

import (
	"regexp"
	"strings"

	"cagnotte/internal/locale"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/pages"
	"cagnotte/internal/programs"
	"cagnotte/internal/rules"
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
		if s.Legal {
			continue // the terms are a legal text
		}
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
	return demoTexts(e, p, shop)
}

// openPlaces are what a template leaves to its shop, in square brackets.
var openPlaces = regexp.MustCompile(`\[([^\]]+)\]([^(]|$)`)

// demoTexts publishes the legal texts of the demo shop: the templates, with an ellipsis where a
// shop would say something of its own.
func demoTexts(e *env, p *parts, shop *loyalty.Shop) error {
	words, err := locale.New()
	if err != nil {
		return err
	}
	list, err := p.programs.List(e.ctx, shop.ID)
	if err != nil {
		return err
	}
	said := func(tag string) (out []pages.Said) {
		say := words.Printer(tag, nil).For(shop)
		for _, x := range list {
			if x.State == programs.InForce {
				out = append(out, pages.Said{Program: x.Name, Sentences: say.Summary(rules.Summary(x.Present().Document, rules.SettingOf(shop)))})
			}
		}
		return out
	}
	for _, kind := range pages.LegalKinds {
		if err := p.pages.Begin(e.ctx, shop.ID, kind, locale.Tags, false, "demo", said); err != nil {
			return err
		}
		for _, tag := range locale.Tags {
			x, err := p.pages.Get(e.ctx, shop.ID, pages.DraftSlug(kind), tag, 0)
			if err != nil {
				return err
			}
			_, note, _ := strings.Cut(x.Body, "\n\n")
			_, err = p.pages.Put(e.ctx, shop.ID, pages.Writing{
				Slug: x.Slug, Locale: tag, Read: x.Newest, Title: x.Title, Body: openPlaces.ReplaceAllString(note, "(…)$2"), By: "demo",
			})
			if err != nil {
				return err
			}
		}
		_, err := p.pages.PublishEdition(e.ctx, shop, pages.Issue{
			Kind: kind, Languages: locale.Tags, Checked: true, By: "demo", Said: said("en"), Values: func(tag string) map[string]string {
				out := words.Printer(tag, nil).IdentityFields(&demoIdentity)
				out["shop_name"], out["shop_url"] = shop.Name, "https://shop.example"
				return out
			},
		})
		if err != nil {
			return err
		}
	}
	// Everybody has accepted what holds, in his language.
	for i := range demoFirst {
		m, err := p.people.Find(e.ctx, shop.ID, demoWho(demoNumber(i)))
		if err != nil {
			return err
		}
		for _, kind := range []string{pages.Terms, pages.Privacy} {
			err := p.pages.Accept(e.ctx, shop.ID, m.ID, pages.Acceptance{Kind: kind, Edition: 1, Locale: m.Locale, Way: pages.WhileJoining})
			if err != nil {
				return err
			}
		}
	}
	return nil
}
