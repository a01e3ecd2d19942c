package admin

import "cagnotte/internal/staff"

// legalRoutes are who stands behind the shop, and what it tells its members by law.
var legalRoutes = []route{
	{pattern: "GET /settings/legal", right: staff.Settings, show: settingsOf("legal")},
	{pattern: "POST /settings/legal", right: staff.Settings, show: set("legal")},
}
