package loyalty

import (
	"slices"
	"strconv"
	"strings"
)

// UnitNames is what a shop calls a unit, by language and then by form: the plural forms that the
// language has ("one", "few", "many", "other"), and in Polish "object", what one of it is called
// where somebody gets it. A language that is not there calls it what everybody does.
type UnitNames map[string]map[string]string

// UnitForms are the forms that a name has in each language.
var UnitForms = map[string][]string{
	"fr": {"one", "other"},
	"pl": {"one", "few", "many", "other", "object"},
	"en": {"one", "other"},
}

// maxUnitName bounds a form of a name, in bytes.
const maxUnitName = 40

// Check refuses a language that is not spoken, and a name without all of its forms.
func (n UnitNames) Check() error {
	for tag, forms := range n {
		want := UnitForms[tag]
		if want == nil {
			return Invalid("names", "unknown_language")
		}
		for form := range forms {
			if !slices.Contains(want, form) {
				return Invalid("names."+tag, "unknown_value", "known", strings.Join(want, " "))
			}
		}
		for _, form := range want {
			if err := text("names."+tag+"."+form, forms[form]); err != nil {
				return err
			}
			if len(forms[form]) > maxUnitName {
				return Invalid("names."+tag+"."+form, "too_long", "max", strconv.Itoa(maxUnitName))
			}
		}
	}
	return nil
}
