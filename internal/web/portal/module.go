package portal

import (
	"strings"

	"cagnotte/internal/loyalty"
)

// modulePaths are the pages of modules; all that is below them goes with them.
var modulePaths = map[string]string{
	"share": loyalty.ModuleReferral, "invite": loyalty.ModuleReferral, "friends": loyalty.ModuleReferral, "i": loyalty.ModuleReferral,
	"gifts": loyalty.ModuleGifts, "pages": loyalty.ModulePages,
}

// moduleOf is the module of a path; empty: it belongs to none.
func moduleOf(path string) string {
	first, _, _ := strings.Cut(strings.TrimPrefix(path, "/"), "/")
	return modulePaths[first]
}

// gated is a page that is not there while its module is off.
func gated(path string, show page) page {
	module := moduleOf(path)
	if module == "" {
		return show
	}
	return func(v *visit) error {
		if !v.look.Has(module) {
			return loyalty.NotFound("", "page_unknown")
		}
		return show(v)
	}
}
