package admin

import "cagnotte/internal/staff"

// importRoutes bring in files of what a shop has elsewhere.
var importRoutes = []route{
	{pattern: "GET /imports", right: staff.Members, show: (*visit).imports},
	{pattern: "GET /imports/new", right: staff.Members, show: (*visit).askImport},
	{pattern: "POST /imports/new", right: staff.Members, show: (*visit).bringImport},
	{pattern: "GET /imports/{id}", right: staff.Members, show: (*visit).oneImport},
	{pattern: "POST /imports/{id}/check", right: staff.Members, show: (*visit).checkImport},
	{pattern: "POST /imports/{id}/run", right: staff.Members, show: (*visit).runImport, fresh: true},
	{pattern: "POST /imports/{id}/stop", right: staff.Members, show: (*visit).stopImport},
	{pattern: "POST /imports/{id}/undo", right: staff.Members, show: (*visit).undoImport, fresh: true},
	{pattern: "POST /imports/{id}/refused", right: staff.Export, show: (*visit).refusedRows, fresh: true},
}
