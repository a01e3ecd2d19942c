package admin

import (
	"net/http"
	"slices"
	"strings"

	"cagnotte/internal/locale"
	"cagnotte/internal/loyalty"
)

// The shop's own fields of members: what they are is set here; what somebody has in them stands on
// his card.

func (v *visit) fields() error {
	f := v.blank("code", v.asked("code"), "kind", loyalty.FieldText, "readers", loyalty.FieldForStaff)
	list, err := v.People.CustomFields(v.ctx, v.shop.ID)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(list, func(c loyalty.CustomField) bool { return c.Code == f.get("code") })
	switch {
	case i >= 0:
		c := list[i]
		f.values["kind"], f.values["readers"], f.values["options"], f.values["was"] = c.Kind, c.Readers, strings.Join(c.Options, "\n"), c.Code
		for language, name := range c.Names {
			f.values["name_"+language] = name
		}
		if c.Required {
			f.values["required"] = "yes"
		}
	default:
		f.values["code"] = ""
	}
	return v.show(http.StatusOK, fieldsView(v, f, list))
}

func (v *visit) showFields(f *form) error {
	list, err := v.People.CustomFields(v.ctx, v.shop.ID)
	if err != nil {
		return err
	}
	return v.show(http.StatusUnprocessableEntity, fieldsView(v, f, list))
}

// putField adds a field, or changes the one with its code.
func (v *visit) putField() error {
	f, err := v.read()
	if err != nil {
		return err
	}
	c := loyalty.CustomField{
		Code: f.get("code"), Kind: f.get("kind"), Readers: f.get("readers"), Required: f.get("required") == "yes", Names: map[string]string{},
		Options: strings.Split(f.get("options"), "\n"),
	}
	for _, l := range locale.Tags {
		c.Names[l] = f.get("name_" + l)
	}
	err = v.People.PutField(v.ctx, v.shop.ID, c)
	if f.blame(err) {
		return v.showFields(f)
	}
	if err != nil {
		return err
	}
	v.note("", "field", c.Code, "kind", c.Kind, "readers", c.Readers)
	v.tell("admin.settings.said", "")
	return v.redirect("/settings/fields")
}

func (v *visit) moveField() error {
	f, err := v.read()
	if err == nil {
		err = v.People.MoveField(v.ctx, v.shop.ID, f.get("code"))
	}
	if err != nil {
		return err
	}
	v.note("", "field", f.get("code"))
	return v.redirect("/settings/fields")
}

// dropField takes a field away, and what is known of members in it. The box must be ticked.
func (v *visit) dropField() error {
	f, err := v.read()
	if err != nil {
		return err
	}
	if f.get("sure") != "yes" {
		f.problem("sure", "required")
		return v.showFields(v.refused(f))
	}
	if err := v.People.DropField(v.ctx, v.shop.ID, f.get("code")); err != nil {
		return err
	}
	v.note("", "field", f.get("code"))
	v.tell("admin.fields.said.gone", "")
	return v.redirect("/settings/fields")
}

func (v *visit) fieldKinds() (out []option) {
	for _, k := range loyalty.FieldKinds {
		out = append(out, option{k, v.t("admin.fields.kind." + k)})
	}
	return out
}

func (v *visit) fieldReaders() (out []option) {
	for _, k := range loyalty.FieldReaders {
		out = append(out, option{k, v.t("admin.fields.readers." + k)})
	}
	return out
}

// ownField is the name of a shop's own field in a form.
func ownField(c *loyalty.CustomField) string { return "own_" + c.Code }

// ownValues are what a form says in the shop's own fields; those that it does not show are missing.
func (f *form) ownValues(list []loyalty.CustomField) map[string]string {
	out := map[string]string{}
	for i := range list {
		if x, ok := f.values[ownField(&list[i])]; ok {
			out[list[i].Code] = x
		}
	}
	return out
}

// ownAliases are how problems of the shop's own fields are called in a form.
func ownAliases(list []loyalty.CustomField) (out []string) {
	for i := range list {
		out = append(out, "fields."+list[i].Code+"="+ownField(&list[i]), "member.fields."+list[i].Code+"="+ownField(&list[i]))
	}
	return out
}

// ownOptions are what a field offers where it offers anything.
func (v *visit) ownOptions(c *loyalty.CustomField) (out []option) {
	out = []option{{"", "—"}}
	switch c.Kind {
	case loyalty.FieldYesNo:
		return append(out, option{"yes", v.t("own.yes")}, option{"no", v.t("own.no")})
	case loyalty.FieldChoice:
		for _, o := range c.Options {
			out = append(out, option{o, o})
		}
	}
	return out
}
