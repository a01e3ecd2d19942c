package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"

	"cagnotte/internal/loyalty"
	"cagnotte/internal/staff"
)

// demoStaff works in the demo shop's back office: somebody of each role.
var demoStaff = []staff.Newcomer{
	{Name: "Alicia Kaczmarek", Email: "owner@example.com", Locale: "fr", Role: staff.Owner},
	{Name: "Marek Lis", Email: "marketing@example.com", Locale: "pl", Role: staff.Marketing},
	{Name: "Sophie Renard", Email: "support@example.com", Locale: "fr", Role: staff.Support},
	{Name: "Kim Carter", Email: "cashier@example.com", Locale: "en", Role: staff.Cashier},
	{Name: "Rémi Blanc", Email: "reader@example.com", Locale: "fr", Role: staff.ReadOnly},
}

// staff lets the demo's staff in where it is missing, and makes a link for each that opens
// once: nobody has to set up a second factor to look around. It gives the owner's; all of
// them lie beside the data.
func (c *demoCmd) staff(e *env, p *parts, shop *loyalty.Shop) (owner string, err error) {
	var all strings.Builder
	for _, n := range demoStaff {
		if _, err := p.staff.Add(e.ctx, shop.ID, n); err != nil && !errors.Is(err, loyalty.ErrConflict) {
			return "", err
		}
		token, err := p.staff.EnterLink(e.ctx, shop.ID, n.Email)
		if err != nil {
			return "", err
		}
		at := "http://" + p.at + "/admin/enter/" + shop.Slug + "/" + token
		if n.Role == staff.Owner {
			owner = at
		}
		all.WriteString(string(n.Role) + " " + at + "\n")
	}
	list, err := p.staff.List(e.ctx, shop.ID)
	if err == nil {
		err = c.draft(e, p, shop, list)
	}
	if err != nil {
		return "", err
	}
	return owner, os.WriteFile(filepath.Join(c.Data, "demo-staff.txt"), []byte(all.String()), 0o600)
}
