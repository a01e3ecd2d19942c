package portal

import (
	"crypto/rand"
	"net/http"
	"slices"

	"cagnotte/internal/loyalty"
	"cagnotte/internal/people"
)

// ownFields are those of the shop's own fields of members that a page has.
func (v *visit) ownFields(which func(*loyalty.CustomField) bool) ([]loyalty.CustomField, error) {
	list, err := v.People.CustomFields(v.ctx, v.shop.ID)
	return slices.DeleteFunc(list, func(c loyalty.CustomField) bool { return !which(&c) }), err
}

func ownField(c *loyalty.CustomField) string { return "own_" + c.Code }

// readOwn takes what a form says in some of the shop's own fields, as it is kept; what is wrong is
// said beside the field. Of those that must be said, none is empty.
func (v *visit) readOwn(f *form, list []loyalty.CustomField, asked bool) loyalty.FieldValues {
	out := map[string]string{}
	for i := range list {
		c := &list[i]
		name := ownField(c)
		x, err := c.Canon(f.values[name])
		switch {
		case err != nil:
			p := *err.(*loyalty.Problem)
			p.Field = name
			_ = f.blame(&p)
		case x == "" && c.Asked() && asked:
			f.problem(name, "required")
		}
		out[c.Code] = x
	}
	return loyalty.NewFieldValues(out)
}

func ownNames(list []loyalty.CustomField) (out []string) {
	for i := range list {
		out = append(out, ownField(&list[i]))
	}
	return out
}

// ownForm is a form with what is known of the member.
func (v *visit) ownForm(list []loyalty.CustomField) *form {
	f, values := v.blank(), v.member.Fields.All()
	for i := range list {
		f.values[ownField(&list[i])] = values[list[i].Code]
	}
	return f
}

// setOwn keeps what a member says of himself in those fields that he may write.
func (v *visit) setOwn() error {
	list, err := v.ownFields((*loyalty.CustomField).Writable)
	if err != nil {
		return err
	}
	f, err := v.read(ownNames(list)...)
	if err != nil {
		return err
	}
	said := v.readOwn(f, list, true).All()
	if !f.ok() {
		return v.showProfile(http.StatusUnprocessableEntity, f)
	}
	for i := range list { // what is empty is forgotten
		if _, ok := said[list[i].Code]; !ok {
			said[list[i].Code] = ""
		}
	}
	_, err = v.People.SetFields(v.ctx, v.shop.ID, v.member.ID, said, loyalty.Fact{
		Feed: "portal", ExternalID: "fields-" + rand.Text(), Via: "portal", Origin: loyalty.FromLive,
	}, "fields")
	if err != nil {
		return err
	}
	return v.redirect("/profile")
}

// ownKept gives the fields of a wish to join that the shop still has.
func (v *visit) ownKept(values map[string]string) (loyalty.FieldValues, error) {
	if len(values) == 0 {
		return "", nil
	}
	list, err := v.ownFields((*loyalty.CustomField).Writable)
	if err != nil {
		return "", err
	}
	kept := map[string]string{}
	for i := range list {
		if x, err := people.Checked(list, map[string]string{list[i].Code: values[list[i].Code]}, ""); err == nil {
			kept[list[i].Code] = x[list[i].Code]
		}
	}
	return loyalty.NewFieldValues(kept), nil
}

// writes are those of some fields that the member may write.
func writes(list []loyalty.CustomField) (out []loyalty.CustomField) {
	for i := range list {
		if list[i].Writable() {
			out = append(out, list[i])
		}
	}
	return out
}

// optional says of a field that it need not be filled in.
func optional(v *visit, c *loyalty.CustomField) string {
	if c.Asked() {
		return ""
	}
	return v.t("portal.optional")
}

// told are those that the member only reads, and in which something is known of him.
func (v *visit) told(list []loyalty.CustomField) (out []loyalty.CustomField) {
	values := v.member.Fields.All()
	for i := range list {
		if !list[i].Writable() && values[list[i].Code] != "" {
			out = append(out, list[i])
		}
	}
	return out
}
