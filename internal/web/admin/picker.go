package admin

import (
	"errors"
	"slices"
	"strings"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/people"
)

// mostPicked is how many members a picker offers.
const mostPicked = 10

// pick finds up to ten members whom q may mean: whose number, e-mail, phone or personal code it
// is, then those whose name or number begins with it. Who was merged into somebody, and whoever
// is named after it, is left out. Nobody is found by what cannot be looked for. v.part
// tells that so many have these words that not all of them were looked at.
func (v *visit) pick(q string, not ...id.Member) ([]*people.Member, error) {
	q = strings.TrimSpace(q)
	if q == "" {
		return nil, nil
	}
	var out []*people.Member
	add := func(m *people.Member) {
		same := func(x *people.Member) bool { return x.ID == m.ID }
		if m.State != loyalty.Merged && !slices.Contains(not, m.ID) && !slices.ContainsFunc(out, same) && len(out) < mostPicked {
			out = append(out, m)
		}
	}
	country := "und"
	if look, err := v.Office.Portal(v.ctx, v.shop.ID); err == nil && look.Country != "" {
		country = "und-" + look.Country
	}
	for _, n := range []people.Naming{{Number: q}, {Email: q}, {Phone: q, Locale: country}, {Code: q}} {
		w, _, err := v.People.Who(n, "member")
		if err != nil {
			continue // it is no such thing
		}
		m, err := v.People.Find(v.ctx, v.shop.ID, w)
		if err == nil {
			add(m)
		} else if !errors.Is(err, loyalty.ErrNotFound) {
			return nil, err
		}
	}
	found, stopped, err := v.People.Search(v.ctx, v.shop.ID, q, people.Place{}, 2*mostPicked)
	if err != nil && !errors.Is(err, loyalty.ErrInvalid) {
		return nil, err
	}
	v.part = stopped != people.Place{}
	for _, m := range found {
		add(m.Who)
	}
	return out, nil
}

// homonyms says of a member what tells him apart from another one of his name: number, e-mail,
// phone, group.
func homonyms(m *people.Member) string {
	return strings.Join(slices.DeleteFunc([]string{strings.Join(m.Numbers, ", "), m.Email, m.Phone, m.Group}, func(s string) bool { return s == "" }), " – ")
}

// chosenMember is the member whom somebody chose in a picker; the problem `required` when he
// chose nobody.
func (f *form) chosenMember(name string) (id.Member, bool) {
	m, err := id.Parse[id.MemberKind](f.get(name))
	if err != nil {
		f.problem(name, "required")
	}
	return m, err == nil
}
