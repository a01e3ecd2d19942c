package admin_test

// legalRows belong to mayOpen.
var legalRows = map[string]string{
	"GET /admin/settings/legal":  "o",
	"POST /admin/settings/legal": "o",

	"GET /admin/settings/texts":                  "o",
	"GET /admin/settings/texts/{kind}":           "o",
	"POST /admin/settings/texts/{kind}/begin":    "o",
	"POST /admin/settings/texts/{kind}/publish":  "o",
	"POST /admin/settings/texts/{kind}/withdraw": "o",
}
