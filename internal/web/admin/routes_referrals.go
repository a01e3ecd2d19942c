package admin

import "cagnotte/internal/staff"

// referralRoutes are who sent whom, and what is to be decided about it.
var referralRoutes = []route{
	{pattern: "GET /referrals", right: staff.See, show: (*visit).referrals},
	{pattern: "POST /referrals/export", right: staff.Export, show: (*visit).exportReferrals, fresh: true},
	{pattern: "GET /referrals/review", right: staff.Review, show: (*visit).askReview},
	{pattern: "POST /referrals/{id}/review", right: staff.Review, show: (*visit).review},
	{pattern: "GET /referrals/households", right: staff.Review, show: (*visit).askHouseholds},
	{pattern: "POST /referrals/households", right: staff.Review, show: (*visit).addHousehold},
	{pattern: "POST /referrals/households/{id}/remove", right: staff.Review, show: (*visit).removeHousehold},
	{pattern: "GET /referrals/appeals", right: staff.Review, show: (*visit).askAppeals},
	{pattern: "POST /referrals/appeals/{id}/answer", right: staff.Review, show: (*visit).answerAppeal},
	{pattern: "GET /referrals/new", right: staff.Review, show: (*visit).askReferral},
	{pattern: "POST /referrals/new", right: staff.Review, show: (*visit).newReferral},
	{pattern: "POST /referrals/{id}/end", right: staff.Review, show: (*visit).endReferral},
}
