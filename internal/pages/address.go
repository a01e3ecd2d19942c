package pages

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
)

// schemes are where links of a page may lead.
var schemes = []string{"http", "https", "mailto", "tel"}

var noopener = regexp.MustCompile(`^noopener$`)

// address fills the fields of an address: one that is a whole address may begin it, every
// other value is a piece of it and cannot change what it is an address of. A reader who has
// no value is led to where he gets one.
func (m marks) address(s string, r Reader) string {
	var out strings.Builder
	for _, p := range m.parts(s) {
		if p.field == nil {
			out.WriteString(p.text)
			continue
		}
		v, has := r.value(*p.field)
		switch {
		case !has:
			return r.AskAt
		case p.field.Link && out.Len() == 0:
			out.WriteString(v)
		default:
			out.WriteString(url.QueryEscape(v))
		}
	}
	return out.String()
}

// address gives where a link leads, or nothing where it must not: http, https, mailto, tel,
// and paths of the portal, which stand below its prefix. What leaves the portal cannot
// reach back into its window.
func address(s, prefix string) (to, rel string) {
	u, err := url.Parse(s)
	switch {
	case err != nil || s == "":
		return "", ""
	case u.Scheme == "" && strings.HasPrefix(s, "/"):
		if u.Host != "" || strings.HasPrefix(s, "//") || strings.Contains(s, `\`) || strings.Contains(u.Path, "/..") {
			return "", ""
		}
		return prefix + s, ""
	case !slices.Contains(schemes, u.Scheme):
		return "", ""
	case u.Scheme == "mailto" || u.Scheme == "tel":
		if u.Opaque == "" {
			return "", ""
		}
		return s, ""
	case u.Host == "" || u.User != nil:
		return "", ""
	}
	return s, "noopener"
}

// secure tells whether a picture comes over https.
func secure(s string) bool {
	u, err := url.Parse(s)
	return err == nil && u.Scheme == "https" && u.Host != "" && u.User == nil
}
