package admin

import (
	"net/http"
	"slices"
	"strings"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/staff"
)

// modulePaths are the places of modules; all that is below them goes with them.
var modulePaths = map[string]string{
	"/referrals": loyalty.ModuleReferral, "/gifts": loyalty.ModuleGifts, "/pages": loyalty.ModulePages, "/imports": loyalty.ModuleImports,
}

// moduleOf is the module of a route's pattern; empty: it belongs to none.
func moduleOf(pattern string) string {
	_, path, _ := strings.Cut(pattern, " ")
	if i := strings.IndexByte(path[1:], '/'); i >= 0 {
		path = path[:i+1]
	}
	return modulePaths[path]
}

// moduleOn tells whether a module is on in the shop that is looked at.
func (v *visit) moduleOn(module string) bool {
	if module == "" || v.shop == nil {
		return true
	}
	if v.portal == nil {
		p, err := v.Office.Portal(v.ctx, v.shop.ID)
		if err != nil {
			v.Log.Warn("which modules are on could not be read", "error", err)
			return true
		}
		v.portal = p
	}
	return v.portal.Has(module)
}

// moduleIsOff says what would be there, and how to get it; a form that was sent is refused.
func (v *visit) moduleIsOff(module string) error {
	v.because("module_off")
	if v.r.Method != http.MethodGet {
		return loyalty.ModuleOff(v.t("admin.modules." + module))
	}
	asked, err := v.moduleAsked(module)
	if err != nil {
		return err
	}
	return v.show(http.StatusNotFound, moduleOffView(v, module, asked))
}

// moduleAsked says who asked last for a module; empty: nobody did.
func (v *visit) moduleAsked(module string) (string, error) {
	list, err := v.Staff.Deeds(v.ctx, v.live.ID, v.shop.ID, staff.About{Object: "module:" + module, Outcome: staff.Granted}, id.Audit{}, 1)
	if err != nil || len(list) == 0 || list[0].Action != "POST /modules/{code}/ask" {
		return "", err
	}
	return v.t("admin.modules.asked", "Who", list[0].Name, "Date", v.say.Date(list[0].At)), nil
}

// askModule notes that somebody would like a module to be on: owners read it beside its switch.
func (v *visit) askModule() error {
	module := v.r.PathValue("code")
	if !slices.Contains(loyalty.Modules, module) {
		return loyalty.NotFound("code", "module_unknown")
	}
	v.note("module:" + module)
	v.tell("admin.modules.said.asked", "")
	return v.redirect("/")
}

func (v *visit) modules() error {
	p, err := v.Office.Portal(v.ctx, v.shop.ID)
	if err != nil {
		return err
	}
	f := v.blank()
	asked := map[string]string{}
	for _, m := range loyalty.Modules {
		if p.Has(m) {
			f.values[m] = "yes"
		} else if asked[m], err = v.moduleAsked(m); err != nil {
			return err
		}
	}
	return v.show(http.StatusOK, modulesView(v, f, asked))
}

// setModules switches modules on and off.
func (v *visit) setModules() error {
	f, err := v.read()
	if err != nil {
		return err
	}
	p, err := v.Office.Portal(v.ctx, v.shop.ID)
	if err != nil {
		return err
	}
	p.Off = nil
	for _, m := range loyalty.Modules {
		if f.get(m) != "yes" {
			p.Off = append(p.Off, m)
		}
	}
	if err := v.Office.SetPortal(v.ctx, v.shop.ID, p); err != nil {
		return err
	}
	v.note("", "off", strings.Join(p.Off, ", "))
	v.tell("admin.settings.said", "")
	return v.redirect("/settings/modules")
}
