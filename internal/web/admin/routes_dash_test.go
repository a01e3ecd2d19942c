package admin_test

// dashRows belong to mayOpen.
var dashRows = map[string]string{
	"GET /admin":         "omscr",
	"POST /admin/target": "o",
	"POST /admin/setup":  "o",
}
