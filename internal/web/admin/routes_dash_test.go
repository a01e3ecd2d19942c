package admin_test

// dashRows belong to mayOpen.
var dashRows = map[string]string{
	"GET /admin": "omscr",
}
