package admin

import "cagnotte/internal/staff"

// programRoutes are the programs that run, their versions, and the drafts of both. What is
// done with a program lies below /programs/run, since words may stand beside its id.
var programRoutes = []route{
	{pattern: "GET /programs", right: staff.See, show: (*visit).programsPage},
	{pattern: "GET /programs/{id}", right: staff.See, show: (*visit).program},
	{pattern: "GET /programs/run/{id}/try", right: staff.See, show: (*visit).tryProgram},
	{pattern: "GET /programs/run/{id}/backtest", right: staff.See, show: (*visit).backtestProgram},
	{pattern: "GET /programs/run/{id}/picture/{digest}", right: staff.See, show: (*visit).picture},
	{pattern: "POST /programs/run/{id}/pause", right: staff.Publish, show: (*visit).pauseProgram},
	{pattern: "POST /programs/run/{id}/activate", right: staff.Publish, show: (*visit).activateProgram},
	{pattern: "POST /programs/run/{id}/withdraw/{n}", right: staff.Publish, show: (*visit).withdrawVersion},
	{pattern: "POST /programs/run/{id}/copy", right: staff.Draft, show: (*visit).copyProgram},
	{pattern: "POST /programs/run/{id}/test", right: staff.Draft, show: (*visit).testProgram},
	{pattern: "POST /programs/run/{id}/picture", right: staff.Publish, show: (*visit).setPicture},
	{pattern: "POST /programs/run/{id}/picture/remove", right: staff.Publish, show: (*visit).dropPicture},

	{pattern: "POST /programs/drafts", right: staff.Draft, show: (*visit).newDraft},
	{pattern: "GET /programs/drafts/{id}", right: staff.See, show: (*visit).draft},
	{pattern: "GET /programs/drafts/{id}/try", right: staff.See, show: (*visit).tryDraft},
	{pattern: "GET /programs/drafts/{id}/backtest", right: staff.See, show: (*visit).backtestDraft},
	{pattern: "POST /programs/drafts/{id}", right: staff.Draft, show: (*visit).saveDraft},
	// What is kept while somebody types is no deed of its own: the record has the saving.
	{pattern: "POST /programs/drafts/{id}/keep", right: staff.Draft, show: (*visit).keepDraft, asks: true},
	{pattern: "POST /programs/drafts/{id}/publish", right: staff.Publish, show: (*visit).publishDraft},
	{pattern: "POST /programs/drafts/{id}/ask", right: staff.Draft, show: (*visit).askToPublish},
	{pattern: "POST /programs/drafts/{id}/unask", right: staff.Draft, show: (*visit).unask},
	{pattern: "POST /programs/drafts/{id}/test", right: staff.Draft, show: (*visit).testDraft},
	{pattern: "POST /programs/drafts/{id}/remove", right: staff.Draft, show: (*visit).removeDraft},
}
