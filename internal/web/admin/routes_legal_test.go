package admin_test

// legalRows belong to mayOpen.
var legalRows = map[string]string{
	"GET /admin/settings/legal":  "o",
	"POST /admin/settings/legal": "o",
}
