package admin

import "cagnotte/internal/staff"

// memberRoutes are the list of members, and what is done to many at once.
var memberRoutes = []route{
	{pattern: "GET /members", right: staff.See, show: (*visit).members},
	{pattern: "POST /members/export", right: staff.Export, show: (*visit).exportMembers, fresh: true},
	{pattern: "POST /members/views", right: staff.See, show: (*visit).saveView},
	{pattern: "POST /views/{id}/drop", right: staff.See, show: (*visit).dropView},
	{pattern: "GET /members/new", right: staff.Members, show: (*visit).askNewcomer},
	{pattern: "POST /members/new", right: staff.Members, show: (*visit).addNewcomer},
	{pattern: "GET /members/lead", right: staff.Members, show: (*visit).askLead},
	{pattern: "POST /members/lead", right: staff.Members, show: (*visit).addLead},
	{pattern: "POST /members/look", right: staff.Members, show: (*visit).lookNewcomer, asks: true},
	{pattern: "GET /bulk", right: staff.Members, show: (*visit).askBulk},
	{pattern: "POST /bulk", right: staff.Members, show: (*visit).beginBulk, fresh: true},
	{pattern: "GET /bulks", right: staff.Members, show: (*visit).bulks},
	{pattern: "GET /bulks/{id}", right: staff.Members, show: (*visit).bulk},
	{pattern: "POST /bulks/{id}/stop", right: staff.Members, show: (*visit).stopBulk},
	{pattern: "POST /bulks/{id}/undo", right: staff.Members, show: (*visit).undoBulk, fresh: true},
}
