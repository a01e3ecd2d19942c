package admin

import "cagnotte/internal/staff"

// settingsRoutes are the shop's own settings, and what a new one begins with.
var settingsRoutes = []route{
	{pattern: "GET /first", right: staff.Settings, show: (*visit).askFirst, whole: true},
	{pattern: "POST /first", right: staff.Settings, show: (*visit).setFirst, whole: true},
	{pattern: "GET /settings", right: staff.Settings, show: (*visit).settings},
	{pattern: "GET /settings/shop", right: staff.Settings, show: settingsOf("shop")},
	{pattern: "POST /settings/shop", right: staff.Settings, show: set("shop")},
	{pattern: "POST /settings/shop/preview", right: staff.Settings, show: (*visit).previewShop, asks: true},
	{pattern: "GET /settings/languages", right: staff.Settings, show: settingsOf("languages")},
	{pattern: "POST /settings/languages", right: staff.Settings, show: set("languages")},
	{pattern: "GET /settings/portal", right: staff.Settings, show: settingsOf("portal")},
	{pattern: "POST /settings/portal", right: staff.Settings, show: set("portal")},
	{pattern: "GET /settings/joining", right: staff.Settings, show: settingsOf("joining")},
	{pattern: "POST /settings/joining", right: staff.Settings, show: set("joining")},
	{pattern: "GET /settings/friends", right: staff.Settings, show: settingsOf("friends")},
	{pattern: "POST /settings/friends", right: staff.Settings, show: set("friends")},
	{pattern: "GET /settings/consent", right: staff.Settings, show: settingsOf("consent")},
	{pattern: "POST /settings/consent", right: staff.Settings, show: set("consent")},
	{pattern: "GET /settings/keys", right: staff.Settings, show: (*visit).keys},
	{pattern: "POST /settings/keys", right: staff.Settings, show: (*visit).makeKey, fresh: true},
	{pattern: "POST /settings/keys/{id}/rotate", right: staff.Settings, show: (*visit).rotateKey, fresh: true},
	{pattern: "POST /settings/keys/{id}/end", right: staff.Settings, show: (*visit).endKey, fresh: true},
	{pattern: "GET /settings/sites", right: staff.Settings, show: listOf("sites")},
	{pattern: "POST /settings/sites", right: staff.Settings, show: putEntry("sites")},
	{pattern: "POST /settings/sites/drop", right: staff.Settings, show: dropEntry("sites")},
	{pattern: "GET /settings/channels", right: staff.Settings, show: listOf("channels")},
	{pattern: "POST /settings/channels", right: staff.Settings, show: putEntry("channels")},
	{pattern: "POST /settings/channels/drop", right: staff.Settings, show: dropEntry("channels")},
	{pattern: "GET /settings/groups", right: staff.Settings, show: listOf("groups")},
	{pattern: "POST /settings/groups", right: staff.Settings, show: putEntry("groups")},
	{pattern: "POST /settings/groups/drop", right: staff.Settings, show: dropEntry("groups")},
}
