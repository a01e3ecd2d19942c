package admin

import "cagnotte/internal/staff"

// doors are how people come in. Each is open to everybody.
var doors = []route{
	{pattern: "GET /start/{token}", show: (*visit).askStart, whole: true},
	{pattern: "POST /start/{token}", show: (*visit).start, whole: true},
	{pattern: "GET /sign-in", show: (*visit).askSignIn, whole: true},
	{pattern: "POST /sign-in", show: (*visit).signIn, whole: true},
	{pattern: "GET /join/{shop}/{token}", show: (*visit).askAccept, whole: true},
	{pattern: "POST /join/{shop}/{token}", show: (*visit).accept, whole: true},
	{pattern: "GET /enter/{shop}/{token}", show: (*visit).askEnter, whole: true},
	{pattern: "POST /enter/{shop}/{token}", show: (*visit).enterByLink, whole: true},
	{pattern: "GET /language/{language}", show: (*visit).speak, whole: true},
}

// screens are what people see. Each of them has a row in test/browser.
var screens = []route{
	{pattern: "GET /{$}", right: staff.Self, show: (*visit).home},
	{pattern: "GET /second", show: (*visit).askSecond, whole: true},
	{pattern: "GET /factor", show: (*visit).askFactor, whole: true},
	{pattern: "GET /account", right: staff.Self, show: (*visit).account, whole: true},
	{pattern: "GET /people", right: staff.People, show: (*visit).people, whole: true},
	{pattern: "GET /members", right: staff.See, show: (*visit).members},
}

// forms are what people do. Each leaves one record (audit), and goes on to a screen.
var forms = []route{
	{pattern: "POST /second", show: (*visit).second, whole: true},
	{pattern: "POST /factor", show: (*visit).setFactor, whole: true},
	{pattern: "POST /sign-out", right: staff.Self, show: (*visit).leave, whole: true},
	{pattern: "POST /sign-out/others", right: staff.Self, show: (*visit).leaveOthers, whole: true},
	{pattern: "POST /account/password", right: staff.Self, show: (*visit).setPassword, fresh: true, whole: true},
	{pattern: "POST /people", right: staff.People, show: (*visit).letIn, fresh: true, whole: true},
	{pattern: "POST /people/{id}/role", right: staff.People, show: (*visit).setRole, fresh: true, whole: true},
	{pattern: "POST /people/{id}/renew", right: staff.People, show: (*visit).renew, fresh: true, whole: true},
	{pattern: "POST /people/{id}/remove", right: staff.People, show: (*visit).removePerson, fresh: true, whole: true},
}
