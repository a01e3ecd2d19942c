package admin

import (
	"cmp"
	"net/url"
	"regexp"
	"strings"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/staff"
)

// deeds is the place where the record was before it had a screen of its own.
func (v *visit) deeds() error { return v.redirect("/audit" + suffix(v.r.URL.Query())) }

// outcomes are what the list can be narrowed to; its chips stand in the order of onlys.
var (
	outcomes = map[string]staff.Outcome{"done": staff.Granted, "refused": staff.Refused}
	onlys    = []string{"", "done", "refused"}
)

// onlyName names a chip in the words of the list.
func onlyName(only string) string { return cmp.Or(only, "all") }

// refusal says why something was refused; the code where its words need what was typed.
func (v *visit) refusal(code string) string {
	if key := "admin.refusal." + code; v.say.Has(key) {
		return v.t(key)
	}
	if v.say.Has("problem." + code) {
		if said := v.say.Problem(&loyalty.Problem{Code: code}); !strings.Contains(said, "no value") {
			return said
		}
	}
	return code
}

var notWord = regexp.MustCompile(`[^a-z0-9]+`)

// deedKey is the key of the words for what a route does: "POST /people/{id}/role" is
// admin.deed.people_role.
func deedKey(pattern string) string {
	_, path, _ := strings.Cut(pattern, " ")
	var words []string
	for part := range strings.SplitSeq(path, "/") {
		if part != "" && !strings.HasPrefix(part, "{") {
			words = append(words, notWord.ReplaceAllString(strings.ToLower(part), "_"))
		}
	}
	return "admin.deed." + strings.Join(words, "_")
}

// deed is what somebody did in words; the route where a later version has forgotten it.
func (v *visit) deed(d staff.Done) string {
	if key := deedKey(d.Action); v.say.Has(key) {
		return v.t(key)
	}
	return d.Action
}

// objectPath is where the object of a deed is shown; empty where it is nowhere.
func (v *visit) objectPath(object string) string {
	kind, _, _ := strings.Cut(object, "_")
	for _, x := range []struct{ kind, route, path string }{
		{"mem", "GET /members/{id}", "/members/"}, {"evt", "GET /journal/{id}", "/journal/"}, {"prg", "GET /programs/{id}", "/programs/"},
		{"imp", "GET /imports/{id}", "/imports/"}, {"blk", "GET /bulks/{id}", "/bulks/"}, {"drf", "GET /programs/drafts/{id}", "/programs/drafts/"},
	} {
		if x.kind == kind && v.places[x.route] {
			return x.path + object
		}
	}
	return ""
}

// deedPath is where the object of a deed is shown, by its id or by what was said of it; empty where
// it is nowhere.
func (v *visit) deedPath(d staff.Done) string {
	if at := v.objectPath(d.Object); at != "" {
		return at
	}
	if strings.HasPrefix(d.Object, "stf_") && v.can(staff.People) {
		return "/people"
	}
	for _, x := range []struct{ said, route, path string }{
		{"section", "GET /settings/" + d.Detail["section"], "/settings/"}, {"list", "GET /settings/" + d.Detail["list"], "/settings/"},
		{"gift", "GET /gifts/entry/{code}", "/gifts/entry/"},
	} {
		if said := d.Detail[x.said]; said != "" && v.places[x.route] {
			return x.path + url.PathEscape(said)
		}
	}
	if slug := d.Detail["slug"]; slug != "" {
		return pagePath(slug, d.Detail["locale"], 0)
	}
	return ""
}

// objectName is what the object of a deed is called.
func (v *visit) objectName(p *auditPage, d staff.Done) string {
	if m, err := id.Parse[id.MemberKind](d.Object); err == nil && p.named[m] != nil {
		return nameOf(p.named[m])
	}
	for _, said := range []string{"program", "name", "slug", "gift"} {
		if d.Detail[said] != "" {
			return d.Detail[said]
		}
	}
	return v.t("admin.deeds.open")
}

// lookedBy is who opened a card.
func (v *visit) lookedBy(l staff.Look) string { return cmp.Or(l.Name, v.t("admin.deeds.gone")) }
