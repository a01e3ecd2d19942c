package admin

import "cagnotte/internal/staff"

// memberRoutes are the list of members, and what is done to many at once.
var memberRoutes = []route{
	{pattern: "GET /members", right: staff.See, show: (*visit).members},
}
