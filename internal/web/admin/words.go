package admin

import (
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"cagnotte/internal/loyalty"
	"cagnotte/internal/people"
	"cagnotte/internal/staff"
)

// house is what the window says besides the screen's own title.
func (v *visit) house() string {
	if v.live == nil {
		return "Cagnotte"
	}
	return v.live.Name
}

// spaced shows a secret in groups of four, as people type it.
func spaced(s string) string {
	var out []string
	for chunk := range slices.Chunk([]byte(s), 4) {
		out = append(out, string(chunk))
	}
	return strings.Join(out, " ")
}

func plainOptions(list []string) (out []option) {
	for _, x := range list {
		out = append(out, option{x, x})
	}
	return out
}

func tongueOptions() (out []option) {
	for _, l := range languages {
		out = append(out, option{l.tag, l.name})
	}
	return out
}

// previewed lets the colour follow while it is chosen.
func previewed(v *visit, code string) templ.Attributes {
	if code != "shop" {
		return nil
	}
	return templ.Attributes{"data-preview": "look", "data-preview-at": v.path("/settings/shop/preview")}
}

func notFound(err error) bool { return errors.Is(err, loyalty.ErrNotFound) }

func roleOptions(v *visit) (out []option) {
	for _, r := range staff.Roles {
		out = append(out, option{string(r), v.t("admin.role." + string(r))})
	}
	return out
}

// nameOf is how a member is called: his name, or his number, or his id.
func nameOf(m *people.Member) string {
	if name := strings.TrimSpace(m.FirstName + " " + m.LastName); name != "" {
		return name
	}
	if len(m.Numbers) > 0 {
		return m.Numbers[0]
	}
	return m.ID.String()
}

// shownFields are the fields of a waiting form that are worth reading again.
func shownFields(f staff.Form) (out []string) {
	for _, name := range slices.Sorted(maps.Keys(f.Values)) {
		if len(f.Values[name]) > 0 && f.Values[name][0] != "" && !slices.Contains([]string{"password", "old", "once", "to", "kept", "secret", "passkey"}, name) {
			out = append(out, name)
		}
	}
	return out
}
