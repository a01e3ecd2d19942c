package admin_test

// journalRows belong to mayOpen.
var journalRows = map[string]string{
	"GET /admin/journal":                "omsr",
	"GET /admin/journal/deeds":          "o",
	"GET /admin/journal/{id}":           "omsr",
	"POST /admin/journal/{id}/override": "oms",
	"POST /admin/journal/{id}/undo":     "oms",
}
