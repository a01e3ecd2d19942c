package loyalty

import "slices"

// Modules are parts of the program that a shop may do without. One that is off is not in any menu,
// page or door; what is in it stays as it was, and is there again when it is switched on.
const (
	ModuleReferral = "referral" // links, invitations, friends
	ModuleGifts    = "gifts"    // the catalogue and what members ask for
	ModulePages    = "pages"    // of the portal, that the shop writes
	ModuleImports  = "imports"  // files in the back office
)

// Modules lists them, in the order in which they are offered.
var Modules = []string{ModuleReferral, ModuleGifts, ModulePages, ModuleImports}

// Has tells whether a module is on. Whatever is no module is.
func (p *Portal) Has(module string) bool { return !slices.Contains(p.Off, module) }

// ModuleOff is the problem of what belongs to a module that is off.
func ModuleOff(module string) error {
	return &Problem{Kind: ErrForbidden, Code: "module_off", Args: map[string]string{"module": module}}
}
