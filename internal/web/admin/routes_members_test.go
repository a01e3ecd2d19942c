package admin_test

// membersRows belong to mayOpen.
var membersRows = map[string]string{
	"GET /admin/members": "omsr",
}
