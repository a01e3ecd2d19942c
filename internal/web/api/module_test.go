package api_test

import (
	"testing"

	"cagnotte/internal/loyalty"
	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
)

func TestAModuleThatIsOffIsNotInTheAPI(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st)
		anna := s.join("anna", "")
		shop := s.opened.Test.ID
		set := func(off ...string) {
			t.Helper()
			p, err := s.office.Portal(t.Context(), shop)
			if err != nil {
				t.Fatal(err)
			}
			p.Off = off
			if err := s.office.SetPortal(t.Context(), shop, p); err != nil {
				t.Fatal(err)
			}
		}
		doors := []string{"/v1/referrals", "/v1/gifts", "/v1/members/" + anna + "/gifts", "/v1/members/" + anna + "/code", "/v1/members/" + anna + "/referrals"}
		for _, path := range doors {
			s.want(200, "GET", path, "")
		}
		set(loyalty.ModuleReferral, loyalty.ModuleGifts)
		for _, path := range doors {
			if got := s.want(403, "GET", path, ""); text(t, got, "code") != "module_off" {
				t.Error(path, got)
			}
		}
		s.want(200, "GET", "/v1/members/"+anna, "")
		// What the API says of the portal leaves the switches as they are.
		look := s.want(200, "GET", "/v1/portal", "")
		if dig(t, look, "on") != false {
			t.Fatal(look)
		}
		s.want(200, "PUT", "/v1/portal", `{"on":false,"hosts":[],"languages":["fr"],"hue":10,"join":"open","numbers":{"length":8},"landing":"discover","consent":"strict"}`)
		s.want(403, "GET", "/v1/gifts", "")
		set()
		for _, path := range doors {
			s.want(200, "GET", path, "")
		}
		if err := s.office.SetPortal(t.Context(), shop, &loyalty.Portal{Off: []string{"none"}}); err == nil {
			t.Error("a module that there is not was switched off")
		}
	})
}
