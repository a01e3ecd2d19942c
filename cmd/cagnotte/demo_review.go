package main

import (
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/people"
)

// reviewDemo lets two friends join who have something in common with their referrers: each
// waits for a word of the staff. One of them has ordered too little for a reward.
func reviewDemo(e *env, p *parts, shop *loyalty.Shop) error {
	now := p.st.Clock()
	join := func(i int, number, first, last, referrer string, at moment.Time, signals map[string]string) error {
		n := people.Enrolment{
			Fact: loyalty.Fact{
				Feed: "web", ExternalID: "demo-join-" + number, Via: "demo", Origin: loyalty.FromLive, OccurredAt: at, Touch: loyalty.OriginLink,
			},
			Person: people.Naming{Number: number, FirstName: first, LastName: last, Locale: []string{"fr", "pl"}[i/2], Email: "demo-" + number + "@example.com"},
		}
		var err error
		if n.Fact.Signals, err = p.people.Signals(signals, n.Person, loyalty.MemberJoined); err != nil {
			return err
		}
		if referrer != "" {
			n.Referrer = people.Naming{Number: referrer}
		}
		_, err = p.people.Enrol(e.ctx, shop.ID, n)
		return err
	}
	for i, x := range []struct {
		number, first, last, referrer string
		days                          int
		signals                       map[string]string
	}{
		{"1101", "Olivier", "Lambert", "", 12, map[string]string{loyalty.SignDevice: "demo-tablet", loyalty.SignIP: "192.0.2.10"}},
		{"1102", "Odile", "Lambert", "1101", 4, map[string]string{loyalty.SignDevice: "demo-tablet", loyalty.SignIP: "192.0.2.10"}},
		{"1103", "Zofia", "Mazur", "", 10, map[string]string{loyalty.SignPayment: "demo-card", loyalty.SignAddress: "demo-street 4"}},
		{"1104", "Jan", "Mazur", "1103", 2, map[string]string{loyalty.SignPayment: "demo-card", loyalty.SignAddress: "demo-street 4"}},
	} {
		if err := join(i, x.number, x.first, x.last, x.referrer, now-moment.Time(x.days)*moment.Day, x.signals); err != nil {
			return err
		}
	}
	order := func(ref, number string, cents int64, at moment.Time) *loyalty.Fact {
		return demoFact(number, "demo-order-"+ref, loyalty.OrderPaid, at, &loyalty.Order{
			Series: "web", Ref: ref, Currency: shop.Currency, Lines: []loyalty.Line{{SKU: "MUG", Category: "shop", Quantity: 1, Amount: cents}},
		}, nil)
	}
	home := func(number string) *loyalty.Fact {
		f := demoFact(number, "demo-home-"+number, loyalty.StaffHousehold, now-2*moment.Day, nil, nil)
		f.Origin = loyalty.FromStaff
		f.Staff = &loyalty.Staff{Actor: "demo", Reason: "mère et fille, en boutique", Household: "hh-demo"}
		return f
	}
	odile, err := p.people.Find(e.ctx, shop.ID, demoWho("1102"))
	if err != nil {
		return err
	}
	if _, err := p.people.Appeal(e.ctx, shop.ID, odile.ID, "Olivier est mon frère.\nNous partageons la tablette de nos parents, mais nous sommes bien deux."); err != nil {
		return err
	}
	if err := recordDemo(e, p.in, shop, []*loyalty.Fact{home(demoNumber(2)), home(demoNumber(3))}); err != nil {
		return err
	}
	return recordDemo(e, p.in, shop, []*loyalty.Fact{order("D00901", "1102", 2490, now-3*moment.Day), order("D00902", "1104", 1290, now-moment.Day)})
}
