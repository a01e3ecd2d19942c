package admin_test

// programsRows belong to mayOpen.
var programsRows = map[string]string{
	"GET /admin/programs":                           "omsr",
	"GET /admin/programs/{id}":                      "omsr",
	"GET /admin/programs/run/{id}/try":              "omsr",
	"GET /admin/programs/run/{id}/backtest":         "omsr",
	"GET /admin/programs/run/{id}/picture/{digest}": "omsr",
	"POST /admin/programs/run/{id}/pause":           "om",
	"POST /admin/programs/run/{id}/activate":        "om",
	"POST /admin/programs/run/{id}/withdraw/{n}":    "om",
	"POST /admin/programs/run/{id}/copy":            "oms",
	"POST /admin/programs/run/{id}/test":            "oms",
	"POST /admin/programs/run/{id}/picture":         "om",
	"POST /admin/programs/run/{id}/picture/remove":  "om",
	"POST /admin/programs/drafts":                   "oms",
	"GET /admin/programs/drafts/{id}":               "omsr",
	"GET /admin/programs/drafts/{id}/try":           "omsr",
	"GET /admin/programs/drafts/{id}/backtest":      "omsr",
	"POST /admin/programs/drafts/{id}":              "oms",
	"POST /admin/programs/drafts/{id}/keep":         "oms",
	"POST /admin/programs/drafts/{id}/publish":      "om",
	"POST /admin/programs/drafts/{id}/ask":          "oms",
	"POST /admin/programs/drafts/{id}/unask":        "oms",
	"POST /admin/programs/drafts/{id}/test":         "oms",
	"POST /admin/programs/drafts/{id}/remove":       "oms",
}
