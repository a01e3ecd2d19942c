package admin

import (
	"cmp"
	"net/http"
	"regexp"
	"strings"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/staff"
)

// deedsPage is a page of what the staff did.
type deedsPage struct {
	only string // "done" or "refused"; empty: both
	list []staff.Done
	next string
}

// deeds lists what the staff did in this shop, the newest first; about one object when it is
// named.
func (v *visit) deeds() error {
	before, _ := id.Parse[id.AuditKind](v.asked("after"))
	p := deedsPage{}
	about := staff.About{Object: v.asked("object")}
	if outcome, known := outcomes[v.asked("only")]; known {
		p.only, about.Outcome = v.asked("only"), outcome
	}
	list, err := v.Staff.Deeds(v.ctx, v.live.ID, v.shop.ID, about, before, perPage+1)
	if err != nil {
		return err
	}
	p.list = list
	if len(list) > perPage {
		p.list = list[:perPage]
		p.next = list[perPage-1].ID.String()
	}
	return v.show(http.StatusOK, deedsView(v, p))
}

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
	} {
		if x.kind == kind && v.places[x.route] {
			return x.path + object
		}
	}
	return ""
}
