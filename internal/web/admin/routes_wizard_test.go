package admin_test

// wizardRows belong to mayOpen.
var wizardRows = map[string]string{
	"GET /admin/programs/wizard/new":                  "oms",
	"POST /admin/programs/wizard/new":                 "oms",
	"GET /admin/programs/wizard/{id}":                 "oms",
	"GET /admin/programs/wizard/{id}/{step}":          "oms",
	"POST /admin/programs/wizard/{id}/{step}":         "oms",
	"POST /admin/programs/wizard/{id}/{step}/preview": "oms",
	"POST /admin/programs/wizard/{id}/simulate":       "oms",
	"POST /admin/programs/wizard/{id}/test":           "oms",
	"POST /admin/programs/wizard/{id}/publish":        "om",
}
