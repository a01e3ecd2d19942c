package admin

import "cagnotte/internal/staff"

// legalRoutes are who stands behind the shop, and what it tells its members by law.
var legalRoutes = []route{
	{pattern: "GET /settings/legal", right: staff.Settings, show: settingsOf("legal")},
	{pattern: "POST /settings/legal", right: staff.Settings, show: set("legal")},
	{pattern: "GET /settings/texts", right: staff.Settings, show: (*visit).texts},
	{pattern: "GET /settings/texts/{kind}", right: staff.Settings, show: (*visit).text},
	{pattern: "POST /settings/texts/{kind}/begin", right: staff.Settings, show: (*visit).beginText},
	{pattern: "POST /settings/texts/{kind}/publish", right: staff.Settings, show: (*visit).publishText},
	{pattern: "POST /settings/texts/{kind}/withdraw", right: staff.Settings, show: (*visit).withdrawText},
}
