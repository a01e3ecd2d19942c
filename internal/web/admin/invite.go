package admin

import (
	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/outreach"
	"cagnotte/internal/staff"
)

// invited is a link that was just made for somebody: it is shown once, and a letter takes it
// to him where its address does not rest on a request.
type invited struct {
	Link, Email string
	Sent        bool // a letter is on its way, or in the local outbox
	Local       bool
}

// invite shows the link, and writes to whom it is for.
func (v *visit) invite(a staff.Account, token string) (*invited, error) {
	origin, err := v.origin(v.live)
	if err != nil {
		return nil, err
	}
	path := "/admin/join/" + v.live.Slug + "/" + token
	out := &invited{Link: origin + path, Email: a.Email, Local: !v.Outreach.Leaves(v.live)}
	if origin == "" {
		out.Link = v.here() + path
		return out, nil
	}
	// In the language of who invites: his own is known once he has come.
	err = v.Outreach.InviteStaff(v.ctx, v.live, outreach.Colleague{
		Name: a.Name, Email: a.Email, Role: v.t("admin.role." + string(a.Role)), By: v.me.Name, Locale: v.say.Tag(), Link: out.Link,
		EndsAt: v.Office.Clock() + staff.InviteFor,
	})
	if err != nil {
		if !v.blank().blame(err) {
			return nil, err
		}
		return out, nil // such a name or address no letter can carry: the link is there
	}
	out.Sent = true
	return out, nil
}

// colleague finds somebody of the team.
func (v *visit) colleague(which id.Staff) (staff.Account, error) {
	all, err := v.Staff.List(v.ctx, v.live.ID)
	if err != nil {
		return staff.Account{}, err
	}
	for _, a := range all {
		if a.ID == which {
			return a, nil
		}
	}
	return staff.Account{}, loyalty.NotFound("", "staff_unknown")
}
