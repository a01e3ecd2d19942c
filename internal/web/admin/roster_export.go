package admin

import (
	"net/url"
	"strings"

	"cagnotte/internal/ledger"
	"cagnotte/internal/people"
)

// exportedAtOnce is how many members are read at a time.
const exportedAtOnce = 500

// exportMembers sends the members of a filter, in its order.
func (v *visit) exportMembers() error {
	f, err := v.read()
	if err != nil {
		return err
	}
	of, err := url.ParseQuery(f.get("of"))
	if err != nil {
		return unread()
	}
	r, err := v.rosterOf(of)
	if err != nil {
		return err
	}
	if _, err := v.People.RosterCount(v.ctx, v.shop.ID, r.Of, 1); err != nil {
		return err // what cannot be looked for
	}
	if r.Groups, err = v.groups(); err != nil {
		return err
	}
	var heads []string
	for _, h := range []string{
		"number", "first_name", "last_name", "email", "phone", "language", "status", "group", "tags", "points", "wallet", "friends_all", "friends_rewarded",
		"referrer", "joined", "first_order",
	} {
		heads = append(heads, v.t("admin.members.column."+h))
	}
	for i := range r.Own {
		heads = append(heads, r.Own[i].Name(v.say.Tag()))
	}
	return v.export(sheet{Name: "members", Heads: heads, Rows: func(row func(...any) error) error {
		for at := (people.RosterPlace{}); ; {
			page, err := v.People.Roster(v.ctx, v.shop.ID, r.Of, at, false, exportedAtOnce)
			if err != nil {
				return err
			}
			for _, m := range page {
				if err := row(v.exported(r, m)...); err != nil {
					return err
				}
				at = m.Place
			}
			if len(page) < exportedAtOnce {
				return nil
			}
		}
	}}, f.get("format"))
}

func (v *visit) exported(r *roster, m *people.Listed) []any {
	out := []any{
		strings.Join(m.Numbers, " "), m.FirstName, m.LastName, m.Email, m.Phone, m.Locale, v.stateName(m), r.group(m.Group), strings.Join(m.Tags, " "),
		amount{m.Units[pointsUnit].Available, v.shop.PointDecimals}, amount{m.Units[ledger.Unit(v.shop.Currency)].Available, v.shop.Decimals},
		m.Friends.All, m.Friends.Rewarded, m.ReferrerName, m.RegisteredAt, m.FirstOrderAt,
	}
	values := m.Fields.All()
	for i := range r.Own {
		out = append(out, v.say.FieldValue(&r.Own[i], values[r.Own[i].Code]))
	}
	return out
}
