package admin_test

// membersRows belong to mayOpen.
var membersRows = map[string]string{
	"GET /admin/members":          "omsr",
	"POST /admin/members/export":  "om",
	"POST /admin/members/views":   "omsr",
	"POST /admin/views/{id}/drop": "omsr",
	"GET /admin/members/new":      "oms",
	"POST /admin/members/new":     "oms",
	"GET /admin/members/lead":     "oms",
	"POST /admin/members/lead":    "oms",
	"POST /admin/members/look":    "oms",
	"GET /admin/bulk":             "oms",
	"POST /admin/bulk":            "oms",
	"GET /admin/bulks":            "oms",
	"GET /admin/bulks/{id}":       "oms",
	"POST /admin/bulks/{id}/stop": "oms",
	"POST /admin/bulks/{id}/undo": "oms",
}
