package admin_test

// auditRows belong to mayOpen.
var auditRows = map[string]string{
	"GET /admin/audit":         "o",
	"POST /admin/audit/export": "o",
}
