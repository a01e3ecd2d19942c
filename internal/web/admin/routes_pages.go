package admin

import "cagnotte/internal/staff"

// pageRoutes are the pages that the shop writes for its portal.
var pageRoutes = []route{
	{pattern: "GET /pages", right: staff.Settings, show: (*visit).pageList},
	{pattern: "GET /pages/new", right: staff.Settings, show: (*visit).newPage},
	{pattern: "GET /pages/{slug}/text", right: staff.Settings, show: (*visit).editPage},
	{pattern: "POST /pages", right: staff.Settings, show: (*visit).putPage},
	{pattern: "POST /pages/preview", right: staff.Settings, show: (*visit).previewPage, asks: true},
	{pattern: "POST /pages/{slug}/publish", right: staff.Settings, show: (*visit).publishPage},
	{pattern: "POST /pages/{slug}/unpublish", right: staff.Settings, show: (*visit).unpublishPage},
	{pattern: "POST /pages/{slug}/move", right: staff.Settings, show: (*visit).movePage},
	{pattern: "POST /pages/{slug}/remove", right: staff.Settings, show: (*visit).removePage},
}
