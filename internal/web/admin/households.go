package admin

import (
	"crypto/rand"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/people"
)

// household is some members who live or work together, as staff has confirmed.
type household struct {
	Name    string
	Members []id.Member
}

type householdsPage struct {
	crowd
	list []household
}

func (v *visit) askHouseholds() error { return v.showHouseholds(http.StatusOK, v.blank()) }

func (v *visit) showHouseholds(status int, f *form) error {
	of, err := v.People.Households(v.ctx, v.shop.ID)
	if err != nil {
		return err
	}
	p := &householdsPage{}
	var all []id.Member
	for _, name := range slices.Sorted(maps.Keys(of)) {
		who := of[name]
		slices.SortFunc(who, func(a, b id.Member) int { return strings.Compare(a.String(), b.String()) })
		p.list, all = append(p.list, household{name, who}), append(all, who...)
	}
	if p.crowd, err = v.crowd(all); err != nil {
		return err
	}
	return v.show(status, householdsView(v, f, p))
}

// addHousehold confirms that two members live or work together.
func (v *visit) addHousehold() error {
	f, err := v.read()
	if err != nil {
		return err
	}
	once := f.once()
	first, err := v.typedMember(f, "first")
	if err != nil {
		return err
	}
	second, err := v.typedMember(f, "second")
	if err != nil {
		return err
	}
	if f.get("reason") == "" {
		f.problem("reason", "required")
	}
	if f.ok() && first == second {
		f.problem("second", "same_member")
	}
	if f.ok() {
		err = v.houseTogether(once, f.get("reason"), first, second)
		f.blame(err, "staff.reason=reason")
	}
	switch {
	case !f.ok():
		return v.showHouseholds(http.StatusUnprocessableEntity, f)
	case err != nil:
		return err
	}
	v.note(first.String(), "other", second.String(), "reason", f.get("reason"))
	v.tell("admin.households.said", "")
	return v.redirect("/referrals/households")
}

// typedMember finds whom a field names by number, e-mail or phone.
func (v *visit) typedMember(f *form, name string) (id.Member, error) {
	text := f.get(name)
	if text == "" {
		f.problem(name, "required")
		return id.Member{}, nil
	}
	for _, n := range []people.Naming{{Number: text}, {Email: text}, {Phone: text}} {
		if n.Email != "" && !strings.Contains(text, "@") {
			continue
		}
		w, _, err := v.People.Who(n, name)
		if err != nil {
			continue // it is not of that form
		}
		m, err := v.People.Find(v.ctx, v.shop.ID, w)
		if err == nil {
			return m.ID, nil
		}
		if !errors.Is(err, loyalty.ErrNotFound) {
			return id.Member{}, err
		}
	}
	f.problem(name, "member_unknown")
	return id.Member{}, nil
}

// houseTogether puts two members into one household: that of the first, of the second, or a new one.
func (v *visit) houseTogether(once, reason string, first, second id.Member) error {
	of, err := v.People.Households(v.ctx, v.shop.ID)
	if err != nil {
		return err
	}
	name := "hh-" + strings.ToLower(rand.Text()[:12])
	for _, m := range []id.Member{second, first} {
		for home, list := range of {
			if slices.Contains(list, m) {
				name = home
			}
		}
	}
	for i, m := range []id.Member{first, second} {
		x := v.deskFact(loyalty.StaffHousehold, once+"-"+[]string{"first", "second"}[i])
		x.Member = loyalty.Who{ID: m}
		x.Staff = &loyalty.Staff{Actor: v.me.ID.String(), Reason: reason, Household: name}
		if slices.Contains(of[name], m) {
			continue
		}
		if _, err := v.deskRecord(x); err != nil {
			return err
		}
	}
	return nil
}

// removeHousehold takes a member out of his household.
func (v *visit) removeHousehold() error {
	f, err := v.read()
	if err != nil {
		return err
	}
	which, err := id.Parse[id.MemberKind](v.r.PathValue("id"))
	if err != nil {
		return loyalty.NotFound("member", "member_unknown")
	}
	x := v.deskFact(loyalty.StaffHousehold, f.once())
	x.Member = loyalty.Who{ID: which}
	x.Staff = &loyalty.Staff{Actor: v.me.ID.String(), Reason: v.t("admin.households.removed_reason"), No: true}
	if _, err := v.deskRecord(x); err != nil {
		return err
	}
	v.note(which.String())
	v.tell("admin.households.said.removed", "")
	return v.redirect("/referrals/households")
}
