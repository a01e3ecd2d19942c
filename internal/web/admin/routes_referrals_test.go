package admin_test

// referralsRows belong to mayOpen.
var referralsRows = map[string]string{
	"GET /admin/referrals":                         "omsr",
	"POST /admin/referrals/export":                 "om",
	"GET /admin/referrals/review":                  "oms",
	"POST /admin/referrals/{id}/review":            "oms",
	"GET /admin/referrals/households":              "oms",
	"POST /admin/referrals/households":             "oms",
	"POST /admin/referrals/households/{id}/remove": "oms",
	"GET /admin/referrals/appeals":                 "oms",
	"POST /admin/referrals/appeals/{id}/answer":    "oms",
	"GET /admin/referrals/new":                     "oms",
	"POST /admin/referrals/new":                    "oms",
	"POST /admin/referrals/{id}/end":               "oms",
}
