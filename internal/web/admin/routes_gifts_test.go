package admin_test

// giftsRows belong to mayOpen.
var giftsRows = map[string]string{
	"GET /admin/gifts":                         "omsr",
	"GET /admin/gifts/new":                     "om",
	"POST /admin/gifts/new":                    "om",
	"GET /admin/gifts/entry/{code}":            "omsr",
	"POST /admin/gifts/entry/{code}":           "om",
	"POST /admin/gifts/entry/{code}/stock":     "om",
	"GET /admin/gifts/claims":                  "omsr",
	"POST /admin/gifts/claims":                 "oms",
	"POST /admin/gifts/claims/export":          "om",
	"GET /admin/gifts/pools":                   "omsr",
	"POST /admin/gifts/pools":                  "om",
	"GET /admin/gifts/due":                     "omsr",
	"POST /admin/gifts/due":                    "oms",
	"GET /admin/gifts/wallet":                  "omsr",
	"POST /admin/gifts/wallet/pays":            "om",
	"POST /admin/gifts/wallet/lasts":           "om",
	"GET /admin/vouchers":                      "omsr",
	"GET /admin/vouchers/new":                  "om",
	"POST /admin/vouchers/new":                 "om",
	"GET /admin/vouchers/batch/{id}":           "omsr",
	"POST /admin/vouchers/batch/{id}/withdraw": "om",
	"POST /admin/vouchers/batch/{id}/export":   "om",
	"GET /admin/vouchers/code":                 "omsr",
	"POST /admin/vouchers/code":                "oms",
}
