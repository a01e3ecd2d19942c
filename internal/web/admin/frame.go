package admin

import (
	"slices"
	"strings"

	"github.com/a-h/templ"

	"cagnotte/internal/staff"
)

// place is one entry of the menu.
type place struct {
	name, path, icon string
	right            staff.Right
	count            func(*visit) int64 // what waits there for this person; nil: nothing ever does
}

// menu is the rail at the side: groups of places, in order.
var menu = []struct {
	name   string
	places []place
}{
	{"", []place{
		{name: "home", path: "/", icon: "chart", right: staff.See},
		{name: "members", path: "/members", icon: "people", right: staff.See},
		{name: "referrals", path: "/referrals", icon: "share", right: staff.See, count: (*visit).toAnswer},
	}},
	{"programs", []place{
		{name: "programs", path: "/programs", icon: "wand", right: staff.See},
		{name: "gifts", path: "/gifts", icon: "gift", right: staff.See},
		{name: "vouchers", path: "/vouchers", icon: "ticket", right: staff.See},
	}},
	{"settings", []place{
		{name: "tracker", path: "/tracker", icon: "code", right: staff.See},
		{name: "imports", path: "/imports", icon: "down", right: staff.Members},
		{name: "journal", path: "/journal", icon: "list", right: staff.See},
		{name: "pages", path: "/pages", icon: "page", right: staff.Settings},
		{name: "settings", path: "/settings", icon: "gear", right: staff.Settings},
		{name: "audit", path: "/audit", icon: "clock", right: staff.People},
		{name: "people", path: "/people", icon: "key", right: staff.People},
		{name: "account", path: "/account", icon: "person", right: staff.Self},
	}},
}

// ours are the places of a group that there are, and that this person may go to.
func (v *visit) ours(list []place) (out []place) {
	for _, p := range list {
		path := p.path
		if path == "/" {
			path = "/{$}"
		}
		if v.places["GET "+path] && v.can(p.right) && v.moduleOn(moduleOf("GET "+p.path)) {
			out = append(out, p)
		}
	}
	return out
}

// waits is how much waits for this person at a place.
func (v *visit) waits(p place) int64 {
	if p.count == nil {
		return 0
	}
	return p.count(v)
}

// wholePlaces are those of the person and the installation: they have no test side.
var wholePlaces = []string{"people", "account"}

func (v *visit) placePath(p place) templ.SafeURL {
	if slices.Contains(wholePlaces, p.name) {
		return v.whole(p.path)
	}
	return v.to(p.path)
}

// icons are our own drawings, as paths on a field of 24.
var icons = map[string][]string{
	"chart":    {"M4 19.5h16", "m5 15 4-5 4 3 6-8"},
	"people":   {"M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7z", "M3 20c0-3.5 2.5-5.5 6-5.5s6 2 6 5.5", "M16 4.5a3.5 3.5 0 0 1 0 6.3", "M17.5 14.8c2.2.7 3.5 2.5 3.5 5.2"},
	"person":   {"M12 11.5a4 4 0 1 0 0-8 4 4 0 0 0 0 8z", "M4.5 20.5c0-4 3-6.500 7.500-6.500s7.500 2.500 7.500 6.500"},
	"share":    {"M12 15V4", "M8 7.5 12 4l4 3.5", "M6 11H5v9h14v-9h-1"},
	"wand":     {"m5 19 9.500-9.500", "m13 6 1-3 1 3 3 1-3 1-1 3-1-3-3-1z", "M18.500 13.500l.6 1.800 1.900.6-1.900.6-.6 1.900-.6-1.900-1.900-.6 1.900-.6z"},
	"gift":     {"M4 9h16v3H4z", "M5.5 12v8h13v-8", "M12 9v11", "M12 9C9 9 7.5 8 7.5 6.3 7.5 5 8.5 4 9.6 4 11.5 4 12 6.5 12 9zm0 0c3 0 4.5-1 4.5-2.7C16.5 5 15.5 4 14.4 4 12.500 4 12 6.500 12 9z"},
	"ticket":   {"M4 7h16v3.500a1.500 1.500 0 0 0 0 3V17H4v-3.500a1.500 1.500 0 0 0 0-3z", "M14 7v2", "M14 11v2", "M14 15v2"},
	"list":     {"M9 6h11", "M9 12h11", "M9 18h11", "M4.500 6h.01", "M4.500 12h.01", "M4.500 18h.01"},
	"gear":     {"M12 15.500a3.500 3.500 0 1 0 0-7 3.500 3.500 0 0 0 0 7z", "M12 3v2.500M12 18.500V21M3 12h2.500M18.500 12H21M5.600 5.600l1.800 1.800M16.600 16.600l1.800 1.800M18.400 5.600l-1.800 1.800M7.400 16.600l-1.800 1.800"},
	"key":      {"M8 15.500a4 4 0 1 0 0-8 4 4 0 0 0 0 8z", "M12 11.500h9", "M17 11.500v3", "M20 11.500v2.500"},
	"search":   {"M10.500 17a6.500 6.500 0 1 0 0-13 6.500 6.500 0 0 0 0 13z", "m15.500 15.500 4.500 4.500"},
	"menu":     {"M4 7h16", "M4 12h16", "M4 17h16"},
	"moon":     {"M20 13.500A8 8 0 0 1 10.500 4 8 8 0 1 0 20 13.500z"},
	"plus":     {"M12 5v14", "M5 12h14"},
	"down":     {"M12 4v11", "m8 11 4 4 4-4", "M5 19.500h14"},
	"check":    {"m5 12.5 4.5 4.5L19 7.5"},
	"cross":    {"m6 6 12 12", "M18 6 6 18"},
	"warn":     {"M12 4 2.500 20h19z", "M12 10v4.500", "M12 17.300h.01"},
	"info":     {"M12 20.500a8.500 8.500 0 1 0 0-17 8.500 8.500 0 0 0 0 17z", "M12 11v5", "M12 8h.01"},
	"cart":     {"M4 5h2.500l2 10h9l2-7H7.500", "M9.500 19.500h.01", "M16.500 19.500h.01"},
	"clock":    {"M12 20.500a8.500 8.500 0 1 0 0-17 8.500 8.500 0 0 0 0 17z", "M12 7v5l3.500 2"},
	"euro":     {"M17.500 6.500a6.500 6.500 0 1 0 0 11", "M4 10.500h9", "M4 13.500h8"},
	"star":     {"m12 4 2.500 5.200 5.700.8-4.100 4 1 5.600L12 16.900l-5.100 2.700 1-5.600-4.100-4 5.700-.8z"},
	"quote":    {"M9.500 7C7 7.500 5.500 9.500 5.500 12v5h5v-5h-3", "M18.500 7c-2.500.5-4 2.500-4 5v5h5v-5h-3"},
	"copy":     {"M9 9h10v11H9z", "M15 9V4H5v11h4"},
	"undo":     {"M5 9h9a5 5 0 0 1 0 10h-3", "M8.500 5 5 9l3.500 4"},
	"bolt":     {"M13 3 5 13.500h6L10 21l8-10.500h-6z"},
	"page":     {"M6 3.500h8l4 4v13H6z", "M14 3.500v4h4", "M9 12h6", "M9 15.500h6"},
	"mail":     {"M4 6h16v12H4z", "m4 7 8 6 8-6"},
	"code":     {"m8 8-4 4 4 4", "m16 8 4 4-4 4", "m13.500 6-3 12"},
	"cup":      {"M5 8h11v6a5 5 0 0 1-5 5h-1a5 5 0 0 1-5-5z", "M16 9.500h1.500a2.500 2.500 0 0 1 0 5H16", "M8 3.500v2", "M12 3.500v2"},
	"calendar": {"M4.500 6h15v14h-15z", "M4.500 10h15", "M8 3.500V7", "M16 3.500V7"},
	"pause":    {"M9 6v12", "M15 6v12"},
	"play":     {"M8 5v14l11-7z"},

	"up-right":   {"m6 18 12-12", "M9 6h9v9"},
	"down-right": {"m6 6 12 12", "M18 9v9H9"},
}

// initials stand for somebody in a small circle.
func initials(name string) string {
	var out []rune
	for word := range strings.FieldsSeq(name) {
		out = append(out, []rune(word)[0])
	}
	return strings.ToUpper(string(out[:min(2, len(out))]))
}

// tintOf gives somebody one of six colours, always the same.
func tintOf(name string) string {
	n := 0
	for _, r := range name {
		n += int(r)
	}
	return "av av" + string(rune('0'+n%6))
}

func current(is bool) string {
	if is {
		return "page"
	}
	return "false"
}

var languages = []struct{ tag, name string }{{"fr", "Français"}, {"pl", "Polski"}, {"en", "English"}}

// otherSide is the way from the shop to its twin, and back.
func (v *visit) otherSide() templ.SafeURL {
	if v.test() {
		return "/admin"
	}
	return "/admin/test"
}

func (v *visit) otherSideName() string {
	if v.test() {
		return v.t("admin.to_live")
	}
	return v.t("admin.to_test")
}
