package admin_test

// trackerRows belong to mayOpen.
var trackerRows = map[string]string{
	"GET /admin/tracker":        "omsr",
	"POST /admin/tracker/trial": "oms",
}
