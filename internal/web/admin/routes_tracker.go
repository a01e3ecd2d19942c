package admin

import "cagnotte/internal/staff"

// trackerRoutes are the check of what comes from the shop: its pages and its orders.
var trackerRoutes = []route{
	{pattern: "GET /tracker", right: staff.See, show: (*visit).tracker},
	{pattern: "POST /tracker/trial", right: staff.Members, show: (*visit).beginTrial},
}
