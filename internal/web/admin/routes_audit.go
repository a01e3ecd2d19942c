package admin

import "cagnotte/internal/staff"

// auditRoutes are what the team did, and what it saw.
var auditRoutes = []route{
	{pattern: "GET /audit", right: staff.People, show: (*visit).audit},
	{pattern: "POST /audit/export", right: staff.People, show: (*visit).exportAudit, fresh: true},
}
