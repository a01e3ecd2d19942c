package api

import (
	"strings"

	"cagnotte/internal/loyalty"
)

// modulePaths are the doors of modules, by how their paths begin.
var modulePaths = []struct{ path, module string }{
	{"/v1/referrals", loyalty.ModuleReferral}, {"/v1/clicks", loyalty.ModuleReferral}, {"/v1/invitations", loyalty.ModuleReferral},
	{"/v1/members/{id}/code", loyalty.ModuleReferral}, {"/v1/members/{id}/referrals", loyalty.ModuleReferral}, {"/v1/members/{id}/referrer", loyalty.ModuleReferral},
	{"/v1/gifts", loyalty.ModuleGifts}, {"/v1/members/{id}/gifts", loyalty.ModuleGifts}, {"/v1/members/{id}/gift-claims", loyalty.ModuleGifts},
	{"/v1/pages", loyalty.ModulePages},
}

// moduleOf is the module of an operation; empty: it belongs to none.
func moduleOf(path string) string {
	for _, x := range modulePaths {
		if rest, ok := strings.CutPrefix(path, x.path); ok && (rest == "" || rest[0] == '/') {
			return x.module
		}
	}
	return ""
}

// open refuses what belongs to a module that the shop has switched off.
func (a *API) open(c *call, op *operation) error {
	module := moduleOf(op.path)
	if module == "" {
		return nil
	}
	look, err := a.office.Portal(c.ctx, c.shop())
	if err == nil && !look.Has(module) {
		err = loyalty.ModuleOff(module)
	}
	return err
}
