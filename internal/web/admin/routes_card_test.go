package admin_test

// cardRows belong to mayOpen.
var cardRows = map[string]string{
	"GET /admin/members/{id}":               "omsr",
	"POST /admin/members/{id}/credit":       "oms",
	"POST /admin/members/{id}/undo/{event}": "oms",
	"POST /admin/members/{id}/gift":         "oms",
	"POST /admin/members/{id}/claim":        "oms",
	"POST /admin/members/{id}/block":        "oms",
	"POST /admin/members/{id}/unblock":      "oms",
	"POST /admin/members/{id}/tag":          "oms",
	"POST /admin/members/{id}/untag":        "oms",
	"POST /admin/members/{id}/group":        "oms",
	"POST /admin/members/{id}/person":       "oms",
	"POST /admin/members/{id}/note":         "oms",
	"POST /admin/members/{id}/unnote":       "oms",
	"POST /admin/members/{id}/consent":      "oms",
	"POST /admin/members/{id}/referrer":     "oms",
	"POST /admin/members/{id}/merge":        "oms",
	"POST /admin/members/{id}/erase":        "oms",
	"POST /admin/members/{id}/export":       "om",
}
