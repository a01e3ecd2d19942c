package admin

import (
	"net/http"
	"slices"
	"strings"

	"cagnotte/internal/loyalty"
	"cagnotte/internal/office"
)

// shownEntries is how many of a list's entries are shown: a shop with more keeps them by the API.
const shownEntries = 500

// lists are those that are kept here; sources belong to channels and come by the API.
var lists = map[string]office.List{"sites": office.Sites, "channels": office.Channels, "groups": office.Groups}

func listOf(code string) page {
	return func(v *visit) error {
		f := v.blank("code", v.r.URL.Query().Get("code"))
		if f.get("code") != "" {
			e, err := v.Office.Entry(v.ctx, v.shop.ID, lists[code], f.get("code"))
			if err != nil {
				return err
			}
			f.values["name"], f.values["address"], f.values["opening_hours"] = e.Name, e.Address, strings.ReplaceAll(e.Hours, "; ", "\n")
			if e.Archived {
				f.values["archived"] = "yes"
			}
		}
		return v.showList(http.StatusOK, f, code)
	}
}

func (v *visit) showList(status int, f *form, code string) error {
	list, err := v.Office.Entries(v.ctx, v.shop.ID, lists[code], "", shownEntries)
	if err != nil {
		return err
	}
	return v.show(status, listView(v, f, code, list))
}

// putEntry adds an entry, or changes the one with its code.
func putEntry(code string) page {
	return func(v *visit) error {
		f, err := v.read()
		if err != nil {
			return err
		}
		l, typed := lists[code], f.get("code")
		e, err := v.Office.Entry(v.ctx, v.shop.ID, l, typed) // what is not asked for here stays
		if err != nil && !notFound(err) {
			return err
		}
		was := e
		e.Code, e.Name, e.Archived = typed, f.get("name"), f.get("archived") == "yes"
		if l == office.Sites {
			e.Address, e.Hours = f.get("address"), oneLine(f.get("opening_hours"))
		}
		err = v.Office.PutEntry(v.ctx, v.shop.ID, l, e)
		if f.blame(err) {
			return v.showList(http.StatusUnprocessableEntity, f, code)
		}
		if err != nil {
			return err
		}
		v.note("", "list", code, "code", e.Code)
		v.change("admin.settings.list.name", was.Name, e.Name)
		v.change("admin.settings.list.archived", tickOf(was.Archived), tickOf(e.Archived))
		v.change("admin.settings.list.address", was.Address, e.Address)
		v.change("admin.settings.list.opening_hours", was.Hours, e.Hours)
		v.tell("admin.settings.said", "")
		return v.redirect("/settings/" + code)
	}
}

func dropEntry(code string) page {
	return func(v *visit) error {
		f, err := v.read()
		if err != nil {
			return err
		}
		_, err = v.Office.DropEntry(v.ctx, v.shop.ID, lists[code], f.get("code"))
		if f.blame(err) {
			return v.showList(http.StatusUnprocessableEntity, v.refused(f), code)
		}
		if err != nil {
			return err
		}
		v.note("", "list", code, "code", f.get("code"))
		v.tell("admin.settings.said.entry_gone", "")
		return v.redirect("/settings/" + code)
	}
}

// refused keeps what is wrong with a form of one button for the page's own form, which stays
// empty.
func (v *visit) refused(f *form) *form {
	out := v.blank()
	out.wrong, out.order = f.wrong, f.order
	return out
}

// sorted puts what is in use before what is not.
func sorted(list []office.Entry) []office.Entry {
	slices.SortStableFunc(list, func(a, b office.Entry) int {
		if a.Archived != b.Archived {
			if b.Archived {
				return -1
			}
			return 1
		}
		return strings.Compare(loyalty.Fold(a.Name), loyalty.Fold(b.Name))
	})
	return list
}

// oneLine writes the lines of opening hours behind one another, as they are kept.
func oneLine(s string) string {
	var out []string
	for line := range strings.Lines(s) {
		if line = strings.TrimSpace(line); line != "" {
			out = append(out, line)
		}
	}
	return strings.Join(out, "; ")
}

// openOf is when a site is open, line by line; as it is written where that cannot be read.
func (v *visit) openOf(e office.Entry) []string {
	h, ok := loyalty.ParseHours(e.Hours)
	if !ok {
		return []string{e.Hours}
	}
	return v.say.Hours(&h, v.now().Std().In(v.shop.Zone))
}
