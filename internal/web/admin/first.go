package admin

import (
	"net/http"
	"net/url"

	"cagnotte/internal/loyalty"
	"cagnotte/internal/programs"
)

// begin is the screen that somebody comes to who wants none in particular: the dashboard, or,
// as long as the shop has neither pages nor a program, the page that gives it both. So whoever
// was interrupted goes on where he was.
func (v *visit) begin() (string, error) {
	if !v.can("settings") {
		return "/admin", nil
	}
	p, err := v.Office.Portal(v.ctx, v.live.ID)
	if err != nil || p.Base != "" {
		return "/admin", err
	}
	list, err := v.Programs.List(v.ctx, v.live.ID)
	if err != nil || len(list) > 0 {
		return "/admin", err
	}
	return "/admin/first", nil
}

// countries are those of the time zones that the first page offers.
var countries = map[string]string{
	"Europe/Paris": "FR", "Europe/Warsaw": "PL", "Europe/London": "GB", "Europe/Berlin": "DE", "Europe/Brussels": "BE", "Europe/Zurich": "CH",
	"Europe/Prague": "CZ", "Europe/Madrid": "ES", "Europe/Rome": "IT", "Europe/Lisbon": "PT", "Indian/Reunion": "FR",
	"America/Martinique": "FR", "America/Guadeloupe": "FR",
}

// askFirst shows what a new shop begins with.
func (v *visit) askFirst() error {
	p, err := v.Office.Portal(v.ctx, v.live.ID)
	if err != nil {
		return err
	}
	f := v.blank("on", "yes", "base", p.Base, "country", p.Country, "template", programs.Templates()[0].Code)
	f.lists["languages"] = p.Languages
	if p.Base == "" {
		f.values["base"], f.values["country"] = v.here()+"/p/"+v.live.Slug, countries[v.live.Zone.String()]
		f.lists["languages"] = ahead(v.say.Tag(), p.Languages)
	}
	return v.show(http.StatusOK, firstView(v, f))
}

// setFirst opens the shop's pages, those of its twin with them, and goes on to the program.
func (v *visit) setFirst() error {
	f, err := v.read()
	if err != nil {
		return err
	}
	p, err := v.Office.Portal(v.ctx, v.live.ID)
	if err != nil {
		return err
	}
	p.On, p.Base, p.Country, p.Languages = f.get("on") == "yes", f.get("base"), f.get("country"), ahead(v.say.Tag(), f.lists["languages"])
	err = v.Office.SetPortal(v.ctx, v.live.ID, p)
	if f.blame(err) {
		return v.show(http.StatusUnprocessableEntity, firstView(v, f))
	}
	if err != nil {
		return err
	}
	if err := v.setTwin(p); err != nil {
		return err
	}
	v.note("", "portal", p.Base)
	if t, err := programs.TemplateOf(f.get("template"), "template"); err == nil && f.get("then") != "later" {
		return v.redirectTo("/admin/programs/wizard/new?template=" + url.QueryEscape(t.Code))
	}
	return v.redirectTo("/admin")
}

// setTwin shows the test shop beside the live one, where it has no pages yet and the live one's
// address has room for them.
func (v *visit) setTwin(live *loyalty.Portal) error {
	_, twin, err := v.Office.Pair(v.ctx, v.live.ID)
	if err != nil {
		return err
	}
	p, err := v.Office.Portal(v.ctx, twin.ID)
	if err != nil || p.Base != "" || live.Base != live.Origin()+"/p/"+v.live.Slug {
		return err
	}
	t := *live
	t.Base = live.Origin() + "/p/" + twin.Slug
	return v.Office.SetPortal(v.ctx, twin.ID, &t)
}

// ahead puts one of some languages before the others.
func ahead(tag string, list []string) []string {
	out := make([]string, 0, len(list))
	for _, l := range list {
		if l == tag {
			out = append(out, l)
		}
	}
	for _, l := range list {
		if l != tag {
			out = append(out, l)
		}
	}
	return out
}
