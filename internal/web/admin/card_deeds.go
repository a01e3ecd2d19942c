package admin

import (
	"errors"
	"net/http"
	"strings"

	"github.com/a-h/templ"

	"cagnotte/internal/id"
	"cagnotte/internal/intake"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/people"
)

// backToCard goes to the card's tab that a form came from.
func (v *visit) backToCard(m id.Member, f *form) error {
	to := "/members/" + m.String()
	for _, tab := range cardTabs[1:] {
		if f.get("tab") == tab {
			to += "?tab=" + tab
		}
	}
	return v.redirect(to)
}

// cardForm reads the form of a deed and whom it is about.
func (v *visit) cardForm() (*form, *people.Member, error) {
	f, err := v.read()
	if err != nil {
		return nil, nil, err
	}
	m, err := v.cardMember()
	if err == nil {
		v.note(m.ID.String())
	}
	return f, m, err
}

// cardBlock keeps a member from earning and spending.
func (v *visit) cardBlock() error {
	f, m, err := v.cardForm()
	if err != nil {
		return err
	}
	fact := v.officeFact(loyalty.StaffBlock, m.ID, f.once())
	fact.Staff = v.staffWord(f.get("reason"))
	_, _, err = v.recordOne(fact)
	if f.blame(err, "staff.reason=reason") {
		return v.showCard(http.StatusUnprocessableEntity, f, f.get("tab"), "block")
	}
	if err != nil {
		return err
	}
	v.note(m.ID.String(), "reason", f.get("reason"))
	v.change("admin.audit.field.state", "open", "blocked")
	v.tell("admin.card.said.blocked", "/members/"+m.ID.String()+"/unblock", "Name", nameOf(m))
	return v.backToCard(m.ID, f)
}

// cardUnblock lets him go on. To undo a block, no reason is asked for.
func (v *visit) cardUnblock() error {
	f, m, err := v.cardForm()
	if err != nil {
		return err
	}
	if err := v.notErased(m); err != nil {
		return err
	}
	reason := f.get("reason")
	if _, asked := f.values["reason"]; !asked {
		reason = v.t("admin.card.undo_reason")
	}
	fact := v.officeFact(loyalty.StaffBlock, m.ID, f.once())
	fact.Staff = v.staffWord(reason)
	fact.Staff.No = true
	_, _, err = v.recordOne(fact)
	if f.blame(err, "staff.reason=reason") {
		return v.showCard(http.StatusUnprocessableEntity, f, f.get("tab"), "unblock")
	}
	if err != nil {
		return err
	}
	v.note(m.ID.String(), "reason", reason)
	v.change("admin.audit.field.state", "blocked", "open")
	v.tell("admin.card.said.unblocked", "", "Name", nameOf(m))
	return v.backToCard(m.ID, f)
}

func (v *visit) notErased(m *people.Member) error {
	at, err := v.People.ErasedAt(v.ctx, v.shop.ID, m.ID)
	if err == nil && at != 0 {
		err = loyalty.Conflict("member", "person_erased")
	}
	return err
}

// cardTag gives the member labels: several, with commas between.
func (v *visit) cardTag() error {
	f, m, err := v.cardForm()
	if err != nil {
		return err
	}
	var add []string
	for t := range strings.SplitSeq(f.get("tags"), ",") {
		if t = strings.TrimSpace(t); t != "" {
			add = append(add, t)
		}
	}
	fact := v.officeFact(loyalty.StaffTag, m.ID, f.once())
	fact.Staff = v.staffWord("")
	fact.Staff.Add = add
	return v.cardLabelled(f, m, fact, "admin.card.said.tagged", "tags", strings.Join(add, ", "))
}

func (v *visit) cardUntag() error {
	f, m, err := v.cardForm()
	if err != nil {
		return err
	}
	fact := v.officeFact(loyalty.StaffTag, m.ID, f.once())
	fact.Staff = v.staffWord("")
	fact.Staff.Remove = []string{f.get("untag")}
	return v.cardLabelled(f, m, fact, "admin.card.said.untagged", "tags", f.get("untag"))
}

// cardGroup puts the member into a group, or into none.
func (v *visit) cardGroup() error {
	f, m, err := v.cardForm()
	if err != nil {
		return err
	}
	fact := v.officeFact(loyalty.StaffGroup, m.ID, f.once())
	fact.Staff = v.staffWord("")
	fact.Staff.Group = f.get("group")
	return v.cardLabelled(f, m, fact, "admin.card.said.grouped", "group", f.get("group"))
}

func (v *visit) cardLabelled(f *form, m *people.Member, fact *loyalty.Fact, said, field, value string) error {
	_, _, err := v.recordOne(fact)
	if f.blame(err, "staff.add=tags", "staff.group=group") {
		return v.showCard(http.StatusUnprocessableEntity, f, f.get("tab"), "labels")
	}
	if err != nil {
		return err
	}
	is, err := v.People.Member(v.ctx, v.shop.ID, m.ID)
	if err != nil {
		return err
	}
	v.note(m.ID.String(), field, value)
	v.changeOf(m.ID, "admin.audit.field.group", m.Group, is.Group)
	v.changeOf(m.ID, "admin.audit.field.tags", strings.Join(m.Tags, ", "), strings.Join(is.Tags, ", "))
	v.tell(said, "")
	return v.backToCard(m.ID, f)
}

// personFields are the fields of the form that says who somebody is.
func (c *card) personFields() *form {
	if len(c.Form.order) > 0 || c.Form.get("once") != "" {
		return c.Form // as it was sent
	}
	f := c.v.blank("first_name", c.FirstName, "last_name", c.LastName, "email", c.Email, "phone", c.Phone, "locale", c.Locale, "birthday", c.Birthday)
	for code, x := range c.Fields.All() {
		f.values["own_"+code] = x
	}
	return f
}

// cardPerson says anew who a member is.
func (v *visit) cardPerson() error {
	f, m, err := v.cardForm()
	if err != nil {
		return err
	}
	own, err := v.People.CustomFields(v.ctx, v.shop.ID)
	if err != nil {
		return err
	}
	done, err := v.People.Change(v.ctx, v.shop.ID, m.ID, people.Change{
		Fact: loyalty.Fact{Feed: officeFeed, ExternalID: f.once(), Via: officeFeed, Origin: loyalty.FromStaff},
		Person: people.Naming{
			Number: f.get("number"), Email: f.get("email"), Phone: f.get("phone"), FirstName: f.get("first_name"), LastName: f.get("last_name"), Locale: f.get("locale"),
		},
		Birthday: f.get("birthday"), Fields: f.ownValues(own),
	})
	if f.blame(err, ownAliases(own)...) {
		return v.showCard(http.StatusUnprocessableEntity, f, "", "person")
	}
	if err != nil {
		return err
	}
	v.same = done.Status == intake.Duplicate
	is, err := v.People.Member(v.ctx, v.shop.ID, m.ID)
	if err != nil {
		return err
	}
	v.note(m.ID.String())
	for _, x := range [][3]string{
		{"first_name", m.FirstName, is.FirstName}, {"last_name", m.LastName, is.LastName}, {"email", m.Email, is.Email}, {"phone", m.Phone, is.Phone},
		{"locale", m.Locale, is.Locale}, {"birthday", m.Birthday, is.Birthday}, {"number", strings.Join(m.Numbers, ", "), strings.Join(is.Numbers, ", ")},
	} {
		v.changeOf(m.ID, "admin.audit.field."+x[0], x[1], x[2])
	}
	v.tell("admin.card.said.person", "")
	return v.redirect("/members/" + m.ID.String())
}

// cardNote writes something down about the member.
func (v *visit) cardNote() error {
	f, m, err := v.cardForm()
	if err != nil {
		return err
	}
	n, err := v.People.Note(v.ctx, v.shop.ID, m.ID, v.me.ID, f.get("note"))
	if f.blame(err) {
		return v.showCard(http.StatusUnprocessableEntity, f, "", "")
	}
	if err != nil {
		return err
	}
	v.note(m.ID.String(), "note", n.ID.String())
	v.tell("admin.card.said.noted", "")
	return v.redirect("/members/" + m.ID.String() + "#notes")
}

func (v *visit) cardUnnote() error {
	f, m, err := v.cardForm()
	if err != nil {
		return err
	}
	which, err := id.Parse[id.NoteKind](f.get("which"))
	if err != nil {
		return loyalty.NotFound("note", "note_unknown")
	}
	if err := v.People.DropNote(v.ctx, v.shop.ID, m.ID, which); err != nil {
		return err
	}
	v.note(m.ID.String(), "note", which.String())
	v.tell("admin.card.said.unnoted", "")
	return v.redirect("/members/" + m.ID.String() + "#notes")
}

// mergePreview is what a merge would do, in words, without doing it.
type mergePreview struct {
	Other *people.Member
	Lines []string
	Wrong string // why it cannot be done
}

// mergeForm looks for the other member, then shows what will happen.
func (c *card) mergeForm() (templ.Component, error) {
	v := c.v
	list, err := v.pick(c.Form.get("pick"), c.ID)
	if err != nil {
		return nil, err
	}
	var p *mergePreview
	if which, err := id.Parse[id.MemberKind](c.Form.get("other")); err == nil && which != c.ID {
		if p, err = c.previewMerge(which); err != nil {
			return nil, err
		}
	}
	return mergeForm(c, list, p), nil
}

func (c *card) previewMerge(which id.Member) (*mergePreview, error) {
	v := c.v
	other, err := v.People.Member(v.ctx, v.shop.ID, which)
	if err != nil {
		return nil, err
	}
	fact := v.officeFact(loyalty.StaffMerge, c.ID, "preview-"+c.ID.String())
	fact.Other, fact.Staff = loyalty.Who{ID: which}, v.staffWord("-")
	answers, err := v.People.Try(v.ctx, v.shop.ID, fact)
	if err != nil {
		return nil, err
	}
	p := &mergePreview{Other: other}
	if said, ok := errors.AsType[*loyalty.Problem](answers[0].Err); ok {
		p.Wrong = v.say.Problem(said)
		return p, nil
	}
	if answers[0].Err != nil {
		return nil, answers[0].Err
	}
	for _, l := range answers[0].Lines {
		if l.Member == c.ID && l.Unit != "" && shownUnit(l.Unit) {
			p.Lines = append(p.Lines, v.say.Receipt(l, staffView))
		}
	}
	return p, nil
}

// cardMerge makes another member part of this one.
func (v *visit) cardMerge() error {
	f, m, err := v.cardForm()
	if err != nil {
		return err
	}
	other, ok := f.chosenMember("other")
	if !ok {
		return v.showCard(http.StatusUnprocessableEntity, f, f.get("tab"), "merge")
	}
	fact := v.officeFact(loyalty.StaffMerge, m.ID, f.once())
	fact.Other, fact.Staff = loyalty.Who{ID: other}, v.staffWord(f.get("reason"))
	_, _, err = v.recordOne(fact)
	if f.blame(err, "staff.reason=reason") {
		return v.showCard(http.StatusUnprocessableEntity, f, f.get("tab"), "merge")
	}
	if err != nil {
		return err
	}
	v.note(m.ID.String(), "other", other.String(), "reason", f.get("reason"))
	v.tell("admin.card.said.merged", "")
	return v.redirect("/members/" + m.ID.String())
}

// cardErase forgets the person, once his name was typed.
func (v *visit) cardErase() error {
	f, m, err := v.cardForm()
	if err != nil {
		return err
	}
	if !strings.EqualFold(strings.Join(strings.Fields(f.get("name")), " "), strings.Join(strings.Fields(nameOf(m)), " ")) {
		f.problem("name", "name_differs")
		return v.showCard(http.StatusUnprocessableEntity, f, "data", "erase")
	}
	err = v.People.Erase(v.ctx, v.shop.ID, m.ID, officeFeed, v.me.ID.String())
	if f.blame(err, "member=") {
		return v.showCard(http.StatusUnprocessableEntity, f, "data", "erase")
	}
	if err != nil {
		return err
	}
	v.tell("admin.card.said.erased", "")
	return v.redirect("/members/" + m.ID.String())
}

// cardExport hands over all that is known of a member, as a file.
func (v *visit) cardExport() error {
	_, m, err := v.cardForm()
	if err != nil {
		return err
	}
	text, err := v.People.Export(v.ctx, v.shop.ID, m.ID)
	if err != nil {
		return err
	}
	v.status = http.StatusOK
	v.w.Header().Set("Content-Type", "application/json")
	v.w.Header().Set("Content-Disposition", `attachment; filename="`+m.ID.String()+`.json"`)
	_, err = v.w.Write(text)
	return err
}
