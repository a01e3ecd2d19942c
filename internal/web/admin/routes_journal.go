package admin

import "cagnotte/internal/staff"

// journalRoutes are everything that happened, and why.
var journalRoutes = []route{
	{pattern: "GET /journal", right: staff.See, show: (*visit).journal},
	{pattern: "GET /journal/deeds", right: staff.People, show: (*visit).deeds},
	{pattern: "GET /journal/{id}", right: staff.See, show: (*visit).journalEntry},
	{pattern: "POST /journal/{id}/override", right: staff.Value, show: (*visit).override, fresh: true},
	{pattern: "POST /journal/{id}/undo", right: staff.Value, show: (*visit).undoOverride, fresh: true},
}
