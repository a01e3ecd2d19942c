package admin

import "cagnotte/internal/staff"

// wizardRoutes lead through a program step by step. A preview and a trial over the past
// change nothing.
var wizardRoutes = []route{
	{pattern: "GET /programs/wizard/new", right: staff.Draft, show: (*visit).askTemplate},
	{pattern: "POST /programs/wizard/new", right: staff.Draft, show: (*visit).beginProgram},
	{pattern: "GET /programs/wizard/{id}", right: staff.Draft, show: (*visit).openWizard},
	{pattern: "GET /programs/wizard/{id}/{step}", right: staff.Draft, show: (*visit).wizardStep},
	{pattern: "POST /programs/wizard/{id}/{step}", right: staff.Draft, show: (*visit).wizardSave},
	{pattern: "POST /programs/wizard/{id}/{step}/preview", right: staff.Draft, show: (*visit).wizardPreview, asks: true},
	{pattern: "POST /programs/wizard/{id}/simulate", right: staff.Draft, show: (*visit).wizardTry, asks: true},
	{pattern: "POST /programs/wizard/{id}/test", right: staff.Draft, show: (*visit).wizardTest},
	{pattern: "POST /programs/wizard/{id}/publish", right: staff.Publish, show: (*visit).wizardPublish},
}
