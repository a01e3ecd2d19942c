package admin

import "cagnotte/internal/staff"

// legalRoutes are who stands behind the shop, what it tells its members by law, and how it looks.
var legalRoutes = []route{
	{pattern: "GET /settings/legal", right: staff.Settings, show: settingsOf("legal")},
	{pattern: "POST /settings/legal", right: staff.Settings, show: set("legal")},
	{pattern: "POST /settings/portal/check", right: staff.Settings, show: (*visit).checkDomain, asks: true},
	{pattern: "GET /settings/card", right: staff.Settings, show: settingsOf("card")},
	{pattern: "POST /settings/card", right: staff.Settings, show: set("card")},
	{pattern: "GET /settings/pictures", right: staff.Settings, show: (*visit).pictures},
	{pattern: "GET /settings/pictures/{kind}/{digest}", right: staff.Settings, show: (*visit).portalPicture},
	{pattern: "POST /settings/pictures/{kind}", right: staff.Settings, show: (*visit).setPortalPicture},
	{pattern: "POST /settings/pictures/{kind}/remove", right: staff.Settings, show: (*visit).dropPortalPicture},
	{pattern: "GET /settings/qr/{file}", right: staff.Settings, show: (*visit).portalQR},
	{pattern: "GET /settings/texts", right: staff.Settings, show: (*visit).texts},
	{pattern: "GET /settings/texts/{kind}", right: staff.Settings, show: (*visit).text},
	{pattern: "POST /settings/texts/{kind}/begin", right: staff.Settings, show: (*visit).beginText},
	{pattern: "POST /settings/texts/{kind}/publish", right: staff.Settings, show: (*visit).publishText},
	{pattern: "POST /settings/texts/{kind}/withdraw", right: staff.Settings, show: (*visit).withdrawText},
}
