package admin

import (
	"net/http"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/staff"
)

// account is one's own: password, passkeys, app for codes, other browsers.
func (v *visit) account() error {
	return v.showAccount(http.StatusOK, v.blank("name", v.t("passkey.name.usual")))
}

func (v *visit) showAccount(status int, f *form) error {
	keys, err := v.Staff.Passkeys(v.ctx, v.me)
	if err != nil {
		return err
	}
	return v.show(status, accountView(v, f, keys))
}

func (v *visit) setPassword() error {
	f, err := v.read()
	if err != nil {
		return err
	}
	f.values["old"] = v.r.PostForm.Get("old")
	err = v.Staff.SetPassword(v.ctx, v.me, v.live.Name, f.get("old"), f.get("password"), v.from())
	if f.blame(err) {
		f.values["name"] = v.t("passkey.name.usual") // of the page's other form
		return v.showAccount(http.StatusUnprocessableEntity, f)
	}
	if err != nil {
		return err
	}
	v.tell("admin.said.password", "")
	return v.redirectTo("/admin/account")
}

// people is who works here.
func (v *visit) people() error {
	return v.showPeople(http.StatusOK, v.blank("role", string(staff.Marketing)), nil)
}

// showPeople lists them; link is the one that was just made for somebody, shown once.
func (v *visit) showPeople(status int, f *form, link *invited) error {
	all, err := v.Staff.List(v.ctx, v.live.ID)
	if err != nil {
		return err
	}
	return v.show(status, peopleView(v, f, all, link))
}

// letIn invites somebody.
func (v *visit) letIn() error {
	f, err := v.read()
	if err != nil {
		return err
	}
	a, token, err := v.Staff.Invite(v.ctx, v.live.ID, staff.Newcomer{
		Name: f.get("name"), Email: f.get("email"), Role: staff.Role(f.get("role")), Locale: v.say.Tag(),
	})
	if f.blame(err) {
		return v.showPeople(http.StatusUnprocessableEntity, f, nil)
	}
	if err != nil {
		return err
	}
	v.note(a.ID.String(), "role", string(a.Role))
	return v.showInvited(a, token)
}

// showInvited shows the link that was made for somebody, and writes to him.
func (v *visit) showInvited(a staff.Account, token string) error {
	link, err := v.invite(a, token)
	if err != nil {
		return err
	}
	return v.showPeople(http.StatusOK, v.blank("role", string(staff.Marketing)), link)
}

func (v *visit) whom() (id.Staff, error) {
	which, err := id.Parse[id.StaffKind](v.r.PathValue("id"))
	if err != nil {
		return which, loyalty.NotFound("", "staff_unknown")
	}
	v.note(which.String())
	return which, nil
}

func (v *visit) setRole() error {
	f, err := v.read()
	if err != nil {
		return err
	}
	which, err := v.whom()
	if err != nil {
		return err
	}
	was, err := v.colleague(which)
	if err != nil {
		return err
	}
	v.note(which.String(), "role", f.get("role"))
	v.change("admin.role", string(was.Role), f.get("role"))
	return v.changed(f, v.Staff.SetRole(v.ctx, v.live.ID, which, staff.Role(f.get("role"))), "admin.said.role")
}

// renew makes a new link for somebody who has lost his password or his second factor.
func (v *visit) renew() error {
	f, err := v.read()
	if err != nil {
		return err
	}
	which, err := v.whom()
	if err != nil {
		return err
	}
	token, err := v.Staff.Renew(v.ctx, v.live.ID, which)
	if f.blame(err) {
		return v.showPeople(http.StatusUnprocessableEntity, f, nil)
	}
	if err != nil {
		return err
	}
	a, err := v.colleague(which)
	if err != nil {
		return err
	}
	return v.showInvited(a, token)
}

func (v *visit) removePerson() error {
	f, err := v.read()
	if err != nil {
		return err
	}
	which, err := v.whom()
	if err != nil {
		return err
	}
	return v.changed(f, v.Staff.Remove(v.ctx, v.live.ID, which), "admin.said.removed")
}

func (v *visit) changed(f *form, err error, key string) error {
	if f.blame(err) {
		return v.showPeople(http.StatusUnprocessableEntity, f, nil)
	}
	if err != nil {
		return err
	}
	v.tell(key, "")
	return v.redirectTo("/admin/people")
}
