package admin_test

// legalRows belong to mayOpen.
var legalRows = map[string]string{
	"GET /admin/settings/legal":  "o",
	"POST /admin/settings/legal": "o",

	"POST /admin/settings/portal/check":            "o",
	"GET /admin/settings/card":                     "o",
	"POST /admin/settings/card":                    "o",
	"GET /admin/settings/pictures":                 "o",
	"GET /admin/settings/pictures/{kind}/{digest}": "o",
	"POST /admin/settings/pictures/{kind}":         "o",
	"POST /admin/settings/pictures/{kind}/remove":  "o",
	"GET /admin/settings/qr/{file}":                "o",
	"GET /admin/settings/texts":                    "o",
	"GET /admin/settings/texts/{kind}":             "o",
	"POST /admin/settings/texts/{kind}/begin":      "o",
	"POST /admin/settings/texts/{kind}/publish":    "o",
	"POST /admin/settings/texts/{kind}/withdraw":   "o",
}
