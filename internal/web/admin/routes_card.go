package admin

import "cagnotte/internal/staff"

// cardRoutes are the card of one member, and what is done on it.
var cardRoutes = []route{
	{pattern: "GET /members/{id}", right: staff.See, show: (*visit).card},
	{pattern: "POST /members/{id}/credit", right: staff.Value, show: (*visit).cardCredit, fresh: true},
	{pattern: "POST /members/{id}/undo/{event}", right: staff.Value, show: (*visit).cardUndo, fresh: true},
	{pattern: "POST /members/{id}/gift", right: staff.Value, show: (*visit).cardGift, fresh: true},
	{pattern: "POST /members/{id}/claim", right: staff.Members, show: (*visit).cardClaim},
	{pattern: "POST /members/{id}/block", right: staff.Members, show: (*visit).cardBlock},
	{pattern: "POST /members/{id}/unblock", right: staff.Members, show: (*visit).cardUnblock},
	{pattern: "POST /members/{id}/tag", right: staff.Members, show: (*visit).cardTag},
	{pattern: "POST /members/{id}/untag", right: staff.Members, show: (*visit).cardUntag},
	{pattern: "POST /members/{id}/group", right: staff.Members, show: (*visit).cardGroup},
	{pattern: "POST /members/{id}/person", right: staff.Members, show: (*visit).cardPerson},
	{pattern: "POST /members/{id}/note", right: staff.Members, show: (*visit).cardNote},
	{pattern: "POST /members/{id}/unnote", right: staff.Members, show: (*visit).cardUnnote},
	{pattern: "POST /members/{id}/consent", right: staff.Members, show: (*visit).cardConsent},
	{pattern: "POST /members/{id}/referrer", right: staff.Review, show: (*visit).cardReferrer},
	{pattern: "POST /members/{id}/merge", right: staff.Members, show: (*visit).cardMerge, fresh: true},
	{pattern: "POST /members/{id}/erase", right: staff.Members, show: (*visit).cardErase, fresh: true},
	{pattern: "POST /members/{id}/export", right: staff.Export, show: (*visit).cardExport, fresh: true},
}
