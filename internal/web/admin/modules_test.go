package admin_test

import (
	"strings"
	"testing"

	"cagnotte/internal/staff"
	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
)

// A module that is off is in no menu and behind no door; who asks for it is read by the owner, and
// nothing is lost meanwhile.
func TestModulesAreSwitchedOffAndOn(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st).withShop()
		owner, support := s.as(staff.Owner), s.as(staff.Support)
		owner.get("/admin/referrals").wants(t, 200, `href="/admin/gifts"`)
		owner.post("/admin/settings/modules", "referral", "yes", "pages", "yes", "imports", "yes").wants(t, 200, "Modules")
		for path, off := range map[string]bool{"/admin/gifts": true, "/admin/gifts/claims": true, "/admin/referrals": false, "/admin/imports": false, "/admin/members": false} {
			got := support.get(path)
			if is := strings.Contains(got.body, "This module is off"); is != off || off != (got.StatusCode == 404) {
				t.Errorf("%s: off %v, %d", path, is, got.StatusCode)
			}
		}
		home := support.get("/admin/members")
		if strings.Contains(home.body, `href="/admin/gifts"`) {
			t.Error("the menu still has it")
		}
		if refused := owner.post("/admin/gifts/new", "code", "x"); refused.StatusCode != 403 && refused.StatusCode != 404 {
			t.Errorf("a form of it is taken: %d", refused.StatusCode)
		}
		support.get("/admin/gifts").wants(t, 404, "Request activation")
		support.post("/admin/modules/gifts/ask").wants(t, 200, "the owner reads it")
		support.post("/admin/modules/none/ask").wants(t, 404)
		owner.get("/admin/settings/modules").wants(t, 200, "asked for it on")
		owner.get("/admin/gifts").wants(t, 404, "Switch it on", "asked for it on")
		// Other settings leave the switches as they are.
		owner.post("/admin/settings/consent", "consent", "service").wants(t, 200)
		owner.get("/admin/gifts").wants(t, 404)
		owner.post("/admin/settings/modules", "referral", "yes", "gifts", "yes", "pages", "yes", "imports", "yes").wants(t, 200)
		owner.get("/admin/gifts").wants(t, 200, `href="/admin/gifts"`)
	})
}
