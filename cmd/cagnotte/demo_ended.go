package main

import (
	"errors"

	"cagnotte/internal/loyalty"
	"cagnotte/internal/people"
)

// A second shop beside the demo's shows what a friend finds whose link leads to a program
// that has ended: its pages stand below /p/ on the same server.
const (
	demoEndedName = "Demo ended"
	demoEndedSlug = "demo-ended"
	demoEnded     = `program "Invite a friend"
  starts 2020-01-01
  ends 2020-12-31
  refer friend 5.00 EUR, referrer 10.00 EUR, on first order
`
)

// ended makes that shop at the first start, and gives the link of its only member.
func (c *demoCmd) ended(e *env, p *parts, front string) (string, error) {
	shop, err := p.st.ShopBySlug(e.ctx, demoEndedSlug)
	if errors.Is(err, loyalty.ErrNotFound) {
		made, err := p.office.CreateShop(e.ctx, demoEndedName, "EUR", "Europe/Paris")
		if err != nil {
			return "", err
		}
		if _, err := p.programs.Apply(e.ctx, made.Live.ID, demoEnded, false); err != nil {
			return "", err
		}
		shop = made.Live
	} else if err != nil {
		return "", err
	}
	got, err := p.people.Enrol(e.ctx, shop.ID, people.Enrolment{
		Fact:   loyalty.Fact{Feed: "web", ExternalID: "demo-join-1001", Via: "demo", Origin: loyalty.FromLive, OccurredAt: shopOpened},
		Person: people.Naming{Number: "1001", FirstName: demoFirst[0], Locale: "fr"},
	})
	if err != nil {
		return "", err
	}
	look, err := p.office.Portal(e.ctx, shop.ID)
	if err != nil {
		return "", err
	}
	look.On, look.Country, look.Base, look.Shop = true, "FR", "http://"+p.at+"/p/"+demoEndedSlug, "http://"+front
	if err := p.office.SetPortal(e.ctx, shop.ID, look); err != nil {
		return "", err
	}
	codes, err := p.people.Codes(e.ctx, shop.ID, got.Member)
	if err != nil {
		return "", err
	}
	return look.Invite(codes[0]), nil
}

// shopOpened is when the member of the ended program joined: the same at every start, so that
// it is the same fact. Microseconds UTC, 2 November 2020.
const shopOpened = 1_604_275_200_000_000
