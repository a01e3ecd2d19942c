package admin

import "cagnotte/internal/staff"

// dashRoutes are the first screen and what its figures lead to.
var dashRoutes = []route{
	{pattern: "GET /{$}", right: staff.Self, show: (*visit).home},
}
