package main

import (
	"cmp"
	"fmt"
	"math/rand/v2"
	"slices"

	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/people"
)

// demoFriends join in the last weeks, each by somebody's link: what a dashboard shows.
var demoFriends = []string{
	"Agata Lis", "Bruno Lefèvre", "Celina Maj", "David Roux", "Ewa Sowa", "Fabien Noir", "Grażyna Król", "Hugo Faure", "Inès Garnier", "Jakub Wrona",
	"Karol Zając", "Léa Ménard", "Michał Żak", "Nina Colin", "Oskar Wilk", "Paul Guérin",
}

// fillFriends lets friends come by links, and others look or be invited without coming.
func fillFriends(e *env, p *parts, shop *loyalty.Shop) error {
	dice := rand.New(rand.NewPCG(5, 3))
	now := p.st.Clock()
	var facts []*loyalty.Fact
	for i, name := range demoFriends {
		var first, last string
		if _, err := fmt.Sscan(name, &first, &last); err != nil {
			return err
		}
		at := now - moment.Time(56-i*7/2)*moment.Day - moment.Time(1+dice.IntN(20))*moment.Hour
		number := fmt.Sprint(2001 + i)
		_, err := p.people.Enrol(e.ctx, shop.ID, people.Enrolment{
			Fact:     loyalty.Fact{Feed: "web", ExternalID: "demo-friend-" + number, Via: "demo", Origin: loyalty.FromLive, OccurredAt: at, Touch: loyalty.OriginLink},
			Person:   people.Naming{Number: number, FirstName: first, LastName: last, Locale: []string{"fr", "pl"}[i%2], Email: fmt.Sprintf("friend%d@example.com", i+1)},
			Referrer: people.Naming{Number: demoNumber([]int{2, 7, 2, 10, 4}[i%5])},
		})
		if err != nil {
			return err
		}
		for n := range dice.IntN(4) {
			bought := at + moment.Time(1+dice.Int64N(int64(now-at)-1))
			item := demoMenu[3+dice.IntN(2)]
			order := &loyalty.Order{Series: "web", Ref: fmt.Sprintf("F%s-%d", number, n), Currency: shop.Currency, Lines: []loyalty.Line{
				{SKU: item.sku, Category: item.category, Quantity: 1 + int64(dice.IntN(2)), Amount: 2 * item.cents},
			}}
			facts = append(facts, demoFact(number, "demo-friend-order-"+order.Ref, loyalty.OrderPaid, bought, order, nil))
		}
	}
	for i := range 30 { // who looks, and does not come
		f := demoFact("", fmt.Sprint("demo-look-", i), loyalty.LinkClicked, now-moment.Time(1+dice.Int64N(int64(55*moment.Day))), nil, nil)
		f.Member = loyalty.Who{Keys: []loyalty.Key{{Kind: loyalty.ByVisitor, Key: fmt.Sprint("demo-visitor-", i)}}}
		f.Referrer, f.Touch = demoWho(demoNumber([]int{2, 7, 10, 4}[i%4])), loyalty.OriginLink
		facts = append(facts, f)
	}
	slices.SortStableFunc(facts, func(a, b *loyalty.Fact) int { return cmp.Compare(a.OccurredAt, b.OccurredAt) })
	return recordDemo(e, p.in, shop, facts)
}
