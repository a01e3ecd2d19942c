package admin

import "cagnotte/internal/staff"

// all is everything that the back office has; each part of it lists its own.
var all = [][]route{
	doors,
	own,
	dashRoutes,
	memberRoutes,
	cardRoutes,
	programRoutes,
	wizardRoutes,
	referralRoutes,
	journalRoutes,
	settingsRoutes,
	legalRoutes,
	importRoutes,
	pageRoutes,
	giftRoutes,
	trackerRoutes,
	auditRoutes,
}

// doors are how people come in. Each is open to everybody.
var doors = []route{
	{pattern: "GET /start/{token}", show: (*visit).askStart, whole: true},
	{pattern: "POST /start/{token}", show: (*visit).start, whole: true},
	{pattern: "GET /sign-in", show: (*visit).askSignIn, whole: true},
	{pattern: "POST /sign-in", show: (*visit).signIn, whole: true},
	{pattern: "POST /sign-in/passkey/ask", show: (*visit).askEntry, whole: true, asks: true},
	{pattern: "POST /sign-in/passkey", show: (*visit).signInByPasskey, whole: true},
	{pattern: "GET /join/{shop}/{token}", show: (*visit).askAccept, whole: true},
	{pattern: "POST /join/{shop}/{token}", show: (*visit).accept, whole: true},
	{pattern: "GET /enter/{shop}/{token}", show: (*visit).askEnter, whole: true},
	{pattern: "POST /enter/{shop}/{token}", show: (*visit).enterByLink, whole: true},
	{pattern: "GET /language/{language}", show: (*visit).speak, whole: true},
}

// own is what everybody has who works here, and who works here. Each screen has a row in
// test/browser; each form leaves one record, and goes on to a screen.
var own = []route{
	{pattern: "GET /second", show: (*visit).askSecond, whole: true},
	{pattern: "GET /factor", show: (*visit).askFactor, whole: true},
	{pattern: "GET /account", right: staff.Self, show: (*visit).account, whole: true},
	{pattern: "GET /people", right: staff.People, show: (*visit).people, whole: true},
	{pattern: "POST /second", show: (*visit).second, whole: true},
	{pattern: "POST /second/passkey/ask", show: (*visit).askProof, whole: true, asks: true},
	{pattern: "POST /second/passkey", show: (*visit).secondByPasskey, whole: true},
	{pattern: "POST /factor", show: (*visit).setFactor, whole: true},
	{pattern: "POST /factor/passkey/ask", show: (*visit).askNewPasskey, whole: true, asks: true},
	{pattern: "POST /factor/passkey", show: (*visit).setFirstPasskey, whole: true},
	{pattern: "POST /sign-out", right: staff.Self, show: (*visit).leave, whole: true},
	{pattern: "POST /sign-out/others", right: staff.Self, show: (*visit).leaveOthers, whole: true},
	{pattern: "POST /account/password", right: staff.Self, show: (*visit).setPassword, fresh: true, whole: true},
	{pattern: "POST /account/passkeys/ask", right: staff.Self, show: (*visit).askNewPasskey, whole: true, asks: true},
	{pattern: "POST /account/passkeys", right: staff.Self, show: (*visit).addPasskey, fresh: true, whole: true},
	{pattern: "POST /account/passkeys/{id}/remove", right: staff.Self, show: (*visit).removePasskey, fresh: true, whole: true},
	{pattern: "POST /account/app/remove", right: staff.Self, show: (*visit).removeApp, fresh: true, whole: true},
	{pattern: "POST /people", right: staff.People, show: (*visit).letIn, fresh: true, whole: true},
	{pattern: "POST /people/{id}/role", right: staff.People, show: (*visit).setRole, fresh: true, whole: true},
	{pattern: "POST /people/{id}/renew", right: staff.People, show: (*visit).renew, fresh: true, whole: true},
	{pattern: "POST /people/{id}/remove", right: staff.People, show: (*visit).removePerson, fresh: true, whole: true},
}
