package main

import (
	"cagnotte/internal/loyalty"
	"cagnotte/internal/office"
)

// demoGroups are the groups of the demo's members.
var demoGroups = []office.Entry{{Code: "SILVER", Name: "Silver"}, {Code: "GOLD", Name: "Gold"}}

// sortDemo puts some members into groups, gives some a tag, and adds a lead: a friend who is no
// customer yet.
func sortDemo(e *env, p *parts, shop *loyalty.Shop) error {
	for _, g := range demoGroups {
		if err := p.office.PutEntry(e.ctx, shop.ID, office.Groups, g); err != nil {
			return err
		}
	}
	by := func(kind, name string, who loyalty.Who, s loyalty.Staff) *loyalty.Fact {
		s.Actor = demoStaff[0].Name
		return &loyalty.Fact{
			Kind: kind, Feed: "web", ExternalID: "demo-" + name, Via: "demo", Origin: loyalty.FromStaff, OccurredAt: p.st.Clock(), Member: who, Staff: &s,
		}
	}
	var facts []*loyalty.Fact
	for i := range demoFirst {
		if i%3 == 1 {
			facts = append(facts, by(loyalty.StaffGroup, "group-"+demoNumber(i), demoWho(demoNumber(i)), loyalty.Staff{Group: demoGroups[i%2].Code}))
		}
		if i%5 == 2 {
			facts = append(facts, by(loyalty.StaffTag, "tag-"+demoNumber(i), demoWho(demoNumber(i)), loyalty.Staff{Add: []string{"tasting"}}))
		}
	}
	email, ok := p.people.EmailKey("ines.mazur@example.com")
	if ok {
		lead := by(loyalty.StaffBond, "lead", loyalty.Who{Keys: []loyalty.Key{{Kind: loyalty.ByEmail, Key: email}}}, loyalty.Staff{Reason: "met at the market"})
		lead.Person = &loyalty.Person{FirstName: "Inès", LastName: "Mazur", Email: "ines.mazur@example.com", Locale: "fr"}
		lead.Referrer, lead.Touch = demoWho(demoNumber(2)), loyalty.OriginStaff
		facts = append(facts, lead)
	}
	return recordDemo(e, p.in, shop, facts)
}
