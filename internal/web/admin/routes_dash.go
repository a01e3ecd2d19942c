package admin

import "cagnotte/internal/staff"

// dashRoutes are the first screen and what is set on it.
var dashRoutes = []route{
	{pattern: "GET /{$}", right: staff.Self, show: (*visit).home},
	{pattern: "POST /target", right: staff.Settings, show: (*visit).setTarget},
	{pattern: "POST /setup", right: staff.Settings, show: (*visit).setReady},
}
