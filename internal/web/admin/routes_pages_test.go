package admin_test

// pageRows belong to mayOpen.
var pageRows = map[string]string{
	"GET /admin/pages":                   "o",
	"GET /admin/pages/new":               "o",
	"GET /admin/pages/{slug}/text":       "o",
	"POST /admin/pages":                  "o",
	"POST /admin/pages/preview":          "o",
	"POST /admin/pages/{slug}/publish":   "o",
	"POST /admin/pages/{slug}/unpublish": "o",
	"POST /admin/pages/{slug}/move":      "o",
	"POST /admin/pages/{slug}/remove":    "o",
}
