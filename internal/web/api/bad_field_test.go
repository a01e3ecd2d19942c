package api_test

import (
	"fmt"
	"strings"
)

// badField is one field of a body that is right but for it: @ stands in its place. KNOWN,
// PROGRAM, CLAIM and REFERRAL are ids of what is there.
type badField struct{ method, path, body, field string }

// wholeNumbers are fields that take a whole number above zero; those that end in a question
// mark take zero, too.
var wholeNumbers = []badField{
	{"POST", "/v1/transfers", `{"id":"SECRET","from":{"number":"KNOWN"},"to":{"number":"FRIEND"},"unit":"points","amount":@}`, "amount"},
	{"POST", "/v1/members/KNOWN/exchanges", `{"id":"SECRET","program":"PROGRAM","rule":"mug","times":@}`, "times"},
	{"POST", "/v1/claims/CLAIM/choice", `{"id":"SECRET","option":@}`, "option"},
	{"POST", "/v1/orders", `{"ref":"SECRET","currency":"EUR","lines":[{"sku":"a","amount":@}]}`, "lines[0].amount?"},
	{"POST", "/v1/orders", `{"ref":"SECRET","currency":"EUR","lines":[{"sku":"a","quantity":@,"amount":1}]}`, "lines[0].quantity?"},
	{"POST", "/v1/orders", `{"ref":"SECRET","currency":"EUR","lines":[{"sku":"a","unit_price":@}]}`, "lines[0].unit_price?"},
	{"POST", "/v1/orders", `{"ref":"SECRET","currency":"EUR","lines":[{"sku":"a","amount":5,"tax":@}]}`, "lines[0].tax?"},
	{"POST", "/v1/orders", `{"ref":"SECRET","currency":"EUR","lines":[{"sku":"a","amount":5,"discount":@}]}`, "lines[0].discount?"},
	{"POST", "/v1/orders", `{"ref":"SECRET","currency":"EUR","delivery":@,"lines":[{"sku":"a","amount":5}]}`, "delivery?"},
	{"POST", "/v1/orders", `{"ref":"SECRET","currency":"EUR","paid_with_rewards":@,"lines":[{"sku":"a","amount":5}]}`, "paid_with_rewards?"},
	{"POST", "/v1/orders", `{"ref":"SECRET","currency":"EUR","paid_with_gift_cards":@,"lines":[{"sku":"a","amount":5}]}`, "paid_with_gift_cards?"},
	{"POST", "/v1/carts/evaluate", `{"ref":"SECRET","currency":"EUR","lines":[{"sku":"a","quantity":@,"amount":5}]}`, "lines[0].quantity?"},
	{"POST", "/v1/carts/evaluate", `{"ref":"SECRET","currency":"EUR","lines":[{"sku":"a","amount":5}],"delivery":@}`, "delivery?"},
	{"POST", "/v1/carts/hold", `{"id":"SECRET","ref":"SECRET","currency":"EUR","lines":[{"sku":"a","amount":5}],"pay":[{"unit":"EUR","amount":@}]}`, "pay[0].amount"},
	{"POST", "/v1/carts/hold", `{"id":"SECRET","ref":"SECRET","currency":"EUR","lines":[{"sku":"a","amount":5}],"hold_seconds":@}`, "hold_seconds?"},
	{"POST", "/v1/carts/redeem", `{"id":"SECRET","ref":"SECRET","currency":"EUR","lines":[{"sku":"a","amount":5,"tax_rate":@}]}`, "lines[0].tax_rate?"},
	{"POST", "/v1/carts/redeem", `{"id":"SECRET","ref":"SECRET","currency":"EUR","lines":[{"sku":"a","amount":5}],"delivery_tax_rate":@}`, "delivery_tax_rate?"},
	{"POST", "/v1/voucher-batches", `{"name":"SECRET","origin":"generated","count":@,"terms":{"kind":"cash","amount":500}}`, "count"},
	{"POST", "/v1/voucher-batches", `{"name":"SECRET","origin":"generated","count":1,"terms":{"kind":"cash","amount":@}}`, "terms.amount"},
	{"POST", "/v1/voucher-batches", `{"name":"SECRET","origin":"generated","count":1,"terms":{"kind":"product","article":"MUG","amount":1,"percent":@}}`, "terms.percent?"},
	{"POST", "/v1/voucher-batches", `{"name":"SECRET","origin":"generated","count":1,"terms":{"kind":"cash","amount":500,"uses":@}}`, "terms.uses?"},
	{"POST", "/v1/voucher-batches", `{"name":"SECRET","origin":"generated","count":1,"terms":{"kind":"cash","amount":500,"per_member":@}}`, "terms.per_member?"},
	{"POST", "/v1/voucher-batches", `{"name":"SECRET","origin":"generated","count":1,"terms":{"kind":"cash","amount":500,"minimum":@}}`, "terms.minimum?"},
	{"POST", "/v1/refunds", `{"id":"SECRET","ref":"1","amount":@}`, "amount?"},
	{"POST", "/v1/refunds", `{"id":"SECRET","ref":"1","lines":[{"line":1,"quantity":@}]}`, "lines[0].quantity"},
	{"POST", "/v1/refunds", `{"id":"SECRET","ref":"1","lines":[{"line":1,"quantity":1,"amount":@}]}`, "lines[0].amount?"},
	{"POST", "/v1/events", `{"events":[{"type":"custom_event","id":"SECRET","member":{"number":"KNOWN"},"happening":{"name":"quiz","amount":@}}]}`, "events[0].happening.amount?"},
	{"POST", "/v1/events", `{"events":[{"type":"custom_event","id":"SECRET","member":{"number":"KNOWN"},"happening":{"name":"quiz","items":@}}]}`, "events[0].happening.items?"},
}

func badNumbers() []bad {
	var out []bad
	for _, f := range wholeNumbers {
		name, zero := strings.CutSuffix(f.field, "?")
		add := func(v, code string, status int, field string) {
			out = append(out, bad{f.path + " " + name + " " + v, f.method, f.path, strings.Replace(f.body, "@", v, 1), status, code, field})
		}
		for _, v := range []string{`1e3`, `1.5`, `1e308`, `"12"`, `"1,5"`, `"NaN"`, `null`, `true`, `[1]`, `0.1234567890123456789`} {
			add(v, "want_integer", 422, name)
		}
		for _, v := range []string{`-1`, `9223372036854775808`, `-9223372036854775809`, `9223372036854775807`, `-9223372036854775808`} {
			add(v, "out_of_range", 422, name)
		}
		if !zero {
			add(`0`, "out_of_range", 422, name)
		}
		add(`NaN`, "unreadable_json", 400, "")
		add(`1_000`, "unreadable_json", 400, "")
	}
	return out
}

// shortTexts are fields that take 1 to 120 bytes; those that end in a question mark may be
// empty.
var shortTexts = []badField{
	{"POST", "/v1/members/KNOWN/merge", `{"id":"SECRET","other":{"number":"FRIEND"},"actor":@,"reason":"r"}`, "actor"},
	{"POST", "/v1/members/KNOWN/merge", `{"id":"SECRET","other":{"number":"FRIEND"},"actor":"a","reason":@}`, "reason"},
	{"POST", "/v1/members/KNOWN/block", `{"id":"SECRET","actor":@,"reason":"r"}`, "actor"},
	{"POST", "/v1/members/KNOWN/block", `{"id":"SECRET","actor":"a","reason":@}`, "reason"},
	{"POST", "/v1/members/KNOWN/unblock", `{"id":"SECRET","actor":@,"reason":"r"}`, "actor"},
	{"POST", "/v1/members/KNOWN/unblock", `{"id":"SECRET","actor":"a","reason":@}`, "reason"},
	{"PUT", "/v1/members/KNOWN/group", `{"id":"SECRET","group":@,"actor":"a"}`, "group?"},
	{"PUT", "/v1/members/KNOWN/group", `{"id":"SECRET","group":"g","actor":@}`, "actor"},
	{"POST", "/v1/members/KNOWN/tags", `{"id":"SECRET","add":[@],"actor":"a"}`, "add"},
	{"POST", "/v1/members/KNOWN/tags", `{"id":"SECRET","add":["x"],"actor":@}`, "actor"},
	{"POST", "/v1/members/KNOWN/adjustments", `{"id":"SECRET","unit":@,"amount":5,"reason":"r","actor":"a"}`, "unit"},
	{"POST", "/v1/members/KNOWN/adjustments", `{"id":"SECRET","unit":"points","amount":5,"reason":@,"actor":"a"}`, "reason"},
	{"POST", "/v1/members/KNOWN/adjustments", `{"id":"SECRET","unit":"points","amount":5,"reason":"r","actor":@}`, "actor"},
	{"POST", "/v1/members/KNOWN/exchanges", `{"id":"SECRET","program":"PROGRAM","rule":@}`, "rule"},
	{"POST", "/v1/transfers", `{"id":"SECRET","from":{"number":"KNOWN"},"to":{"number":"FRIEND"},"unit":@,"amount":5}`, "unit"},
	{"PUT", "/v1/members/KNOWN/referrer", `{"id":"SECRET","referrer":{"number":"FRIEND"},"actor":@,"reason":"r"}`, "actor"},
	{"PUT", "/v1/members/KNOWN/referrer", `{"id":"SECRET","referrer":{"number":"FRIEND"},"actor":"a","reason":@}`, "reason"},
	{"POST", "/v1/referrals", `{"id":"SECRET","friend":{"number":"SECRET"},"referrer":{"number":"KNOWN"},"actor":@,"reason":"r"}`, "actor"},
	{"POST", "/v1/referrals", `{"id":"SECRET","friend":{"number":"SECRET"},"referrer":{"number":"KNOWN"},"actor":"a","reason":@}`, "reason"},
	{"POST", "/v1/referrals/REFERRAL/review", `{"id":"SECRET","outcome":"accept","actor":@,"reason":"r"}`, "actor"},
	{"POST", "/v1/referrals/REFERRAL/review", `{"id":"SECRET","outcome":"accept","actor":"a","reason":@}`, "reason"},
	{"POST", "/v1/claims/CLAIM/fulfilment", `{"id":"SECRET","state":"shipped","actor":@}`, "actor"},
	{"POST", "/v1/clicks", `{"id":"SECRET","code":"SECRET","visitor":@}`, "visitor"},
	{"POST", "/v1/vouchers/redemptions", `{"id":"SECRET","code":"22222222","site":@}`, "site?"},
	{"POST", "/v1/vouchers/redemptions", `{"id":"SECRET","code":"22222222","channel":@}`, "channel?"},
	{"POST", "/v1/voucher-batches", `{"name":@,"origin":"generated","count":1,"terms":{"kind":"cash","amount":500}}`, "name"},
	{"POST", "/v1/voucher-batches", `{"name":"SECRET","origin":"generated","count":1,"terms":{"kind":"product","article":@,"amount":1}}`, "terms.article"},
	{"POST", "/v1/voucher-batches", `{"name":"SECRET","origin":"generated","count":1,"terms":{"kind":"cash","amount":500,"exclusive":@}}`, "terms.exclusive?"},
	{"POST", "/v1/vouchers/validate", `{"code":"SPRING","client":@}`, "client?"},
	{"POST", "/v1/vouchers/withdrawals", `{"id":"SECRET","code":"SPRING","actor":@,"reason":"r"}`, "actor"},
	{"POST", "/v1/vouchers/withdrawals", `{"id":"SECRET","code":"SPRING","actor":"a","reason":@}`, "reason"},
	{"POST", "/v1/carts/evaluate", `{"ref":@,"currency":"EUR","lines":[{"sku":"a","amount":5}]}`, "ref"},
	{"POST", "/v1/carts/evaluate", `{"ref":"SECRET","currency":"EUR","lines":[{"sku":@,"amount":5}]}`, "lines[0].sku"},
	{"POST", "/v1/carts/hold", `{"id":"SECRET","ref":"SECRET","currency":"EUR","codes":[@],"lines":[{"sku":"a","amount":5}]}`, "codes[0]"},
	{"POST", "/v1/carts/hold", `{"id":"SECRET","ref":"SECRET","currency":"EUR","chosen":[@],"lines":[{"sku":"a","amount":5}]}`, "chosen[0]"},
	{"POST", "/v1/carts/hold", `{"id":"SECRET","ref":"SECRET","currency":"EUR","lines":[{"sku":"a","amount":5}],"pay":[{"unit":@,"amount":5}]}`, "pay[0].unit"},
	{"POST", "/v1/carts/release", `{"id":"SECRET","ref":@}`, "ref"},
	{"POST", "/v1/orders", `{"ref":"SECRET","currency":"EUR","site":@,"lines":[{"sku":"a","amount":5}]}`, "site?"},
	{"POST", "/v1/orders", `{"ref":"SECRET","currency":"EUR","codes":[@],"lines":[{"sku":"a","amount":5}]}`, "codes[0]"},
}

func badTexts() []bad {
	var out []bad
	for _, f := range shortTexts {
		name, optional := strings.CutSuffix(f.field, "?")
		list := strings.Contains(f.body, "[@]")
		add := func(v, code string) {
			field := name
			if list && code == "want_text" {
				field = strings.TrimSuffix(name, "[0]") + "[0]"
			}
			out = append(out, bad{f.path + " " + name + " " + fmt.Sprintf("%.12s", v), f.method, f.path, strings.Replace(f.body, "@", v, 1), 422, code, field})
		}
		add(`5`, "want_text")
		add(`["SECRET"]`, "want_text")
		add(`"`+strings.Repeat("SECRET", 21)+`"`, "too_long")
		add(`"SECRET\u0007"`, "control_character")
		if !optional {
			add(`""`, "required")
		}
		if !optional && !list {
			add(`null`, map[bool]string{true: "want_text", false: "required"}[list])
		}
	}
	return out
}

// badActs are what the doors of members, referrals, claims and vouchers cannot mean.
func badActs() []bad {
	const nobody = "mem_0000000000000000000000000g"
	var out []bad
	add := func(name, method, path, body string, status int, code, field string) {
		out = append(out, bad{name, method, path, body, status, code, field})
	}
	staff := `"actor":"a","reason":"r"`
	for path, body := range map[string]string{
		"POST /v1/members/@/merge":       `{"id":"SECRET","other":{"number":"KNOWN"},` + staff + `}`,
		"POST /v1/members/@/block":       `{"id":"SECRET",` + staff + `}`,
		"POST /v1/members/@/unblock":     `{"id":"SECRET",` + staff + `}`,
		"PUT /v1/members/@/group":        `{"id":"SECRET","group":"g","actor":"a"}`,
		"POST /v1/members/@/tags":        `{"id":"SECRET","add":["x"],"actor":"a"}`,
		"POST /v1/members/@/adjustments": `{"id":"SECRET","unit":"points","amount":5,` + staff + `}`,
		"POST /v1/members/@/exchanges":   `{"id":"SECRET","program":"PROGRAM","rule":"mug"}`,
		"PUT /v1/members/@/referrer":     `{"id":"SECRET","none":true,` + staff + `}`,
	} {
		method, path, _ := strings.Cut(path, " ")
		to := func(id string) string { return strings.Replace(path, "@", id, 1) }
		add("nobody "+path, method, to(nobody), body, 404, "member_unknown", "member")
		add("no id "+path, method, to("SECRET"), body, 404, "member_unknown", "id")
		add("unknown field "+path, method, to("KNOWN"), `{"SECRE":1,`+body[1:], 422, "unknown_field", "SECRE")
		add("the clock's feed "+path, method, to("KNOWN"), `{"feed":"clock",`+body[1:], 422, "reserved", "feed")
		add("no name of the fact "+path, method, to("KNOWN"), strings.Replace(body, `"id":"SECRET",`, "", 1), 422, "required", "id")
		add("to come "+path, method, to("KNOWN"), `{"occurred_at":"2190-01-01T00:00:00Z",`+body[1:], 422, "in_the_future", "occurred_at")
		add("no time "+path, method, to("KNOWN"), `{"occurred_at":"SECRET",`+body[1:], 422, "want_time", "occurred_at")
		add("a parameter "+path, method, to("KNOWN")+"?dryrun=true", body, 422, "unknown_parameter", "dryrun")
	}
	for _, v := range []string{`1e3`, `1.5`, `1e308`, `"12"`, `"1,5"`, `null`} {
		add("an adjustment of "+v, "POST", "/v1/members/KNOWN/adjustments", `{"id":"SECRET","unit":"points","amount":`+v+`,`+staff+`}`, 422, "want_integer", "amount")
	}
	for _, v := range []string{`0`, `9223372036854775808`, `100000000000001`, `-100000000000001`, `-9223372036854775808`} {
		add("an adjustment of "+v, "POST", "/v1/members/KNOWN/adjustments", `{"id":"SECRET","unit":"points","amount":`+v+`,`+staff+`}`, 422, "out_of_range", "amount")
	}
	add("an adjustment in a foreign currency", "POST", "/v1/members/KNOWN/adjustments", `{"id":"SECRET","unit":"USD","amount":5,`+staff+`}`, 422, "unknown_unit", "unit")
	add("more taken than there is", "POST", "/v1/members/KNOWN/adjustments", `{"id":"SECRET","unit":"points","amount":-50,`+staff+`}`, 409, "INSUFFICIENT_BALANCE", "amount")
	add("a taking with an end", "POST", "/v1/members/KNOWN/adjustments", `{"id":"SECRET","unit":"points","amount":-5,"expires_at":"2190-01-01T00:00:00Z",`+staff+`}`, 422, "only_when_given", "expires_at")
	add("value that ends before it opens", "POST", "/v1/members/KNOWN/adjustments", `{"id":"SECRET","unit":"points","amount":5,"opens_at":"2190-01-02T00:00:00Z","expires_at":"2190-01-01T00:00:00Z",`+staff+`}`, 422, "ends_before_it_begins", "expires_at")

	add("a merge with nobody", "POST", "/v1/members/KNOWN/merge", `{"id":"SECRET",`+staff+`}`, 422, "required", "other")
	add("a merge with an empty one", "POST", "/v1/members/KNOWN/merge", `{"id":"SECRET","other":{},`+staff+`}`, 422, "required", "other")
	add("a merge with a stranger", "POST", "/v1/members/KNOWN/merge", `{"id":"SECRET","other":{"email":"SECRET@example.com"},`+staff+`}`, 404, "member_unknown", "other")
	add("a merge with himself", "POST", "/v1/members/KNOWN/merge", `{"id":"SECRET","other":{"number":"KNOWN"},`+staff+`}`, 422, "same_member", "other")
	add("a merge by a bad e-mail", "POST", "/v1/members/KNOWN/merge", `{"id":"SECRET","other":{"email":"SECRET"},`+staff+`}`, 422, "invalid_email", "other.email")
	add("no tags", "POST", "/v1/members/KNOWN/tags", `{"id":"SECRET","actor":"a"}`, 422, "required", "add")
	add("21 tags", "POST", "/v1/members/KNOWN/tags", `{"id":"SECRET","add":["SECRET"`+strings.Repeat(`,"x"`, 20)+`],"actor":"a"}`, 422, "too_many", "add")
	add("an exchange of nothing", "POST", "/v1/members/KNOWN/exchanges", `{"id":"SECRET","program":"PROGRAM","rule":"SECRET"}`, 404, "exchange_unknown", "rule")
	add("an exchange of a program that is not there", "POST", "/v1/members/KNOWN/exchanges", `{"id":"SECRET","program":"prg_0000000000000000000000000g","rule":"mug"}`, 404, "exchange_unknown", "rule")
	add("a program by a wrong id", "POST", "/v1/members/KNOWN/exchanges", `{"id":"SECRET","program":"SECRET","rule":"mug"}`, 422, "want_id", "program")
	add("an exchange without enough", "POST", "/v1/members/KNOWN/exchanges", `{"id":"SECRET","program":"PROGRAM","rule":"mug"}`, 409, "INSUFFICIENT_BALANCE", "times")
	add("a transfer from nobody", "POST", "/v1/transfers", `{"id":"SECRET","to":{"number":"KNOWN"},"unit":"points","amount":5}`, 422, "required", "from")
	add("a transfer from a stranger", "POST", "/v1/transfers", `{"id":"SECRET","from":{"number":"SECRET"},"to":{"number":"KNOWN"},"unit":"points","amount":5}`, 404, "member_unknown", "from")
	add("a transfer to nobody", "POST", "/v1/transfers", `{"id":"SECRET","from":{"number":"KNOWN"},"unit":"points","amount":5}`, 422, "required", "to")
	add("a transfer to a stranger", "POST", "/v1/transfers", `{"id":"SECRET","from":{"number":"KNOWN"},"to":{"number":"SECRET"},"unit":"points","amount":5}`, 404, "member_unknown", "to")
	add("a transfer to oneself", "POST", "/v1/transfers", `{"id":"SECRET","from":{"number":"KNOWN"},"to":{"number":"known"},"unit":"points","amount":5}`, 422, "same_member", "to")
	add("a transfer by a bad phone", "POST", "/v1/transfers", `{"id":"SECRET","from":{"number":"KNOWN"},"to":{"phone":"12"},"unit":"points","amount":5}`, 422, "invalid_phone", "to.phone")
	add("a transfer of too much", "POST", "/v1/transfers", `{"id":"SECRET","from":{"number":"KNOWN"},"to":{"number":"FRIEND"},"unit":"points","amount":50}`, 409, "INSUFFICIENT_BALANCE", "amount")
	add("a transfer of what nobody has", "POST", "/v1/transfers", `{"id":"SECRET","from":{"number":"KNOWN"},"to":{"number":"FRIEND"},"unit":"SECRET","amount":5}`, 422, "unknown_unit", "unit")

	add("a referrer and none", "PUT", "/v1/members/KNOWN/referrer", `{"id":"SECRET","referrer":{"number":"FRIEND"},"none":true,`+staff+`}`, 422, "referrer_or_none", "none")
	add("neither a referrer nor none", "PUT", "/v1/members/KNOWN/referrer", `{"id":"SECRET",`+staff+`}`, 422, "required", "referrer")
	add("none where there is none", "PUT", "/v1/members/KNOWN/referrer", `{"id":"SECRET","none":true,`+staff+`}`, 409, "no_bond", "member")
	add("his own referrer", "PUT", "/v1/members/KNOWN/referrer", `{"id":"SECRET","referrer":{"number":"KNOWN"},`+staff+`}`, 409, "SELF_REFERRAL", "referrer")
	add("his friend for a referrer", "PUT", "/v1/members/KNOWN/referrer", `{"id":"SECRET","referrer":{"number":"FRIEND"},`+staff+`}`, 409, "MUTUAL_REFERRAL", "referrer")
	add("a stranger for a referrer", "PUT", "/v1/members/KNOWN/referrer", `{"id":"SECRET","referrer":{"number":"SECRET"},`+staff+`}`, 404, "member_unknown", "referrer")
	add("none that is a text", "PUT", "/v1/members/KNOWN/referrer", `{"id":"SECRET","none":"yes",`+staff+`}`, 422, "want_boolean", "none")
	add("a bond of nobody", "POST", "/v1/referrals", `{"id":"SECRET","referrer":{"number":"KNOWN"},`+staff+`}`, 422, "required", "friend")
	add("a bond of an empty one", "POST", "/v1/referrals", `{"id":"SECRET","friend":{},"referrer":{"number":"KNOWN"},`+staff+`}`, 422, "required", "friend")
	add("a bond by a bad e-mail", "POST", "/v1/referrals", `{"id":"SECRET","friend":{"email":"SECRET"},"referrer":{"number":"KNOWN"},`+staff+`}`, 422, "invalid_email", "friend.email")
	add("a bond to nobody", "POST", "/v1/referrals", `{"id":"SECRET","friend":{"email":"SECRET@example.com"},`+staff+`}`, 422, "required", "referrer")
	add("a bond to a stranger", "POST", "/v1/referrals", `{"id":"SECRET","friend":{"email":"SECRET@example.com"},"referrer":{"code":"SECRET"},`+staff+`}`, 404, "member_unknown", "referrer")
	add("a review of nothing", "POST", "/v1/referrals/ref_0000000000000000000000000g/review", `{"id":"SECRET","outcome":"accept",`+staff+`}`, 404, "referral_unknown", "id")
	add("a review by a wrong id", "POST", "/v1/referrals/SECRET/review", `{"id":"SECRET","outcome":"accept",`+staff+`}`, 404, "referral_unknown", "id")
	add("an outcome that is none", "POST", "/v1/referrals/REFERRAL/review", `{"id":"SECRET","outcome":"SECRET",`+staff+`}`, 422, "unknown_value", "outcome")
	add("a review without an outcome", "POST", "/v1/referrals/REFERRAL/review", `{"id":"SECRET",`+staff+`}`, 422, "required", "outcome")
	add("a state that is none", "GET", "/v1/referrals?state=SECRET", "", 422, "unknown_value", "state")
	add("a referrer by a wrong id", "GET", "/v1/referrals?referrer=SECRET", "", 422, "want_id", "referrer")
	add("a friend by another id", "GET", "/v1/referrals?friend=REFERRAL", "", 422, "want_id", "friend")
	add("a cursor of our own making", "GET", "/v1/referrals?starting_after=SECRET", "", 422, "invalid_cursor", "starting_after")
	add("a referral that is not there", "GET", "/v1/referrals/ref_0000000000000000000000000g", "", 404, "referral_unknown", "id")
	add("the friends of nobody", "GET", "/v1/members/"+nobody+"/referrals", "", 404, "member_unknown", "member")
	add("the code of nobody", "GET", "/v1/members/"+nobody+"/code", "", 404, "member_unknown", "member")
	add("a click without a code", "POST", "/v1/clicks", `{"id":"SECRET","visitor":"v"}`, 422, "required", "code")
	add("a click on nothing", "POST", "/v1/clicks", `{"id":"SECRET","code":"","visitor":"v"}`, 422, "required", "code")
	add("a click without a name or a time", "POST", "/v1/clicks", `{"code":"SECRET","visitor":"v"}`, 422, "required", "id")
	add("an invitation of nobody", "POST", "/v1/invitations", `{"id":"SECRET","referrer":{"number":"KNOWN"}}`, 422, "required", "email")
	add("an invitation to no address", "POST", "/v1/invitations", `{"id":"SECRET","referrer":{"number":"KNOWN"},"email":"SECRET"}`, 422, "invalid_email", "email")
	add("an invitation by nobody", "POST", "/v1/invitations", `{"id":"SECRET","email":"SECRET@example.com"}`, 422, "required", "referrer")

	add("claims in no state", "GET", "/v1/claims?state=SECRET", "", 422, "unknown_value", "state")
	add("claims by a bad cursor", "GET", "/v1/claims?starting_after=SECRET", "", 422, "invalid_cursor", "starting_after")
	add("the claims of nobody", "GET", "/v1/members/"+nobody+"/claims", "", 404, "member_unknown", "member")
	add("a choice of nothing", "POST", "/v1/claims/rwd_0000000000000000000000000g/choice", `{"id":"SECRET","option":1}`, 404, "reward_unknown", "reward_id")
	add("a choice by a wrong id", "POST", "/v1/claims/SECRET/choice", `{"id":"SECRET","option":1}`, 404, "reward_unknown", "reward_id")
	add("a third of two", "POST", "/v1/claims/CLAIM/choice", `{"id":"SECRET","option":3}`, 422, "out_of_range", "option")
	add("a choice that is sent", "POST", "/v1/claims/CLAIM/fulfilment", `{"id":"SECRET","state":"shipped","actor":"a"}`, 409, "claim_state", "state")
	add("a fulfilment of no state", "POST", "/v1/claims/CLAIM/fulfilment", `{"id":"SECRET","state":"SECRET","actor":"a"}`, 422, "unknown_value", "state")
	add("a fulfilment of nothing", "POST", "/v1/claims/rwd_0000000000000000000000000g/fulfilment", `{"id":"SECRET","state":"shipped","actor":"a"}`, 404, "reward_unknown", "reward_id")
	for _, code := range []string{"SECRET", "22222222", "", "0", "ŁÓDŹ"} {
		want := bad{"a voucher " + code, "POST", "/v1/vouchers/redemptions", `{"id":"SECRET","code":"` + code + `"}`, 409, "CODE_UNKNOWN", "code"}
		if code == "" {
			want.status, want.code = 422, "required"
		}
		out = append(out, want)
	}
	for part, body := range map[string]string{
		"order": `{"ref":"1"}`, "refund": `{"ref":"1"}`, "adjust": `{"unit":"points","amount":5,"reason":"r","actor":"a"}`, "staff": `{"actor":"a"}`,
		"transfer": `{"unit":"points","amount":5}`, "other": `{"number":"FRIEND"}`, "use": `{"code":"22222222"}`, "happening": `{"name":"quiz"}`,
	} {
		add("an update with "+part, "POST", "/v1/events", `{"events":[{"type":"member_updated","id":"SECRET","member":{"number":"KNOWN"},"`+part+`":`+body+`}]}`, 422, "not_of_this_type", "events[0]."+part)
	}
	add("an enrolment with a field of nobody", "POST", "/v1/members", `{"id":"SECRET","number":"SECRET","fields":{"shoe":"1"}}`, 422, "custom_field_unknown", "fields.shoe")
	add("an update with a field of nobody", "POST", "/v1/events", `{"events":[{"type":"member_updated","id":"SECRET","member":{"number":"KNOWN","fields":{"shoe":"1"}}}]}`, 422, "custom_field_unknown", "events[0].member.fields.shoe")
	add("members by a field of nobody", "GET", "/v1/members?field=shoe&value=SECRET", "", 422, "custom_field_unknown", "value")
	add("members by a field alone", "GET", "/v1/members?field=shoe", "", 422, "required", "value")
	add("members by a value alone", "GET", "/v1/members?value=SECRET", "", 422, "required", "field")
	add("members by number and field", "GET", "/v1/members?number=SECRET&field=shoe", "", 422, "one_key_only", "number")
	add("fields of nobody", "PUT", "/v1/members/"+nobody+"/fields", `{"id":"SECRET","fields":{}}`, 404, "member_unknown", "member")
	add("members by group and number", "GET", "/v1/members?number=SECRET&group=g", "", 422, "one_key_only", "number")
	return out
}

// badDocuments are programs as documents that say what no program says.
func badDocuments() []bad {
	var out []bad
	rule := func(name, rule, code, at string) {
		out = append(out, bad{name, "POST", "/v1/programs", `{"programs":[{"name":"SECRET","rules":[{"name":"ok","trigger":"order_paid","gives":[{"part":"member","unit":"points","amount":1}]},` + rule + `]}]}`, 422, code, "programs[0].rules[1]" + at})
	}
	give := func(name, give, code, at string) {
		rule(name, `{"name":"r","trigger":"order_paid","gives":[`+give+`]}`, code, at)
	}
	for _, v := range []string{`1e3`, `1.5`, `1e308`, `"12"`, `"1,5"`, `true`, `null`} {
		give("a give of "+v, `{"part":"member","unit":"points","amount":`+v+`}`, "want_integer", ".gives[0].amount")
		rule("a minimum of "+v, `{"name":"r","trigger":"order_paid","gives":[{"part":"member","unit":"points","amount":1}],"when":{"minimum":`+v+`}}`, "want_integer", ".when.minimum")
	}
	for _, v := range []string{`9223372036854775808`, `-9223372036854775809`} {
		give("a give of "+v, `{"part":"member","unit":"points","amount":`+v+`}`, "out_of_range", ".gives[0].amount")
	}
	for _, v := range []string{`0`, `-5`, `9223372036854775807`} {
		give("a give of "+v, `{"part":"member","unit":"points","amount":`+v+`}`, "program_rule", "")
	}
	rule("a minimum below zero", `{"name":"r","trigger":"order_paid","gives":[{"part":"member","unit":"points","amount":1}],"when":{"minimum":-1}}`, "not_in_text", ".when.minimum")
	rule("a waiting time below zero", `{"name":"r","trigger":"order_paid","gives":[{"part":"member","unit":"points","amount":1}],"wait_days":-1}`, "not_in_text", ".wait_days")
	rule("a waiting time of ages", `{"name":"r","trigger":"order_paid","gives":[{"part":"member","unit":"points","amount":1}],"wait_days":40000}`, "program_rule", "")
	rule("a rounding that is none", `{"name":"r","trigger":"order_paid","gives":[{"part":"member","unit":"points","amount":1}],"round":300}`, "out_of_range", ".round")
	rule("a rounding below zero", `{"name":"r","trigger":"order_paid","gives":[{"part":"member","unit":"points","amount":1}],"round":-1}`, "out_of_range", ".round")
	rule("a trigger that is none", `{"name":"r","trigger":"SECRET","gives":[{"part":"member","unit":"points","amount":1}]}`, "program_rule", "")
	rule("a rule without a trigger", `{"name":"r","gives":[{"part":"member","unit":"points","amount":1}]}`, "required", ".trigger")
	rule("a rule without a name", `{"trigger":"order_paid","gives":[{"part":"member","unit":"points","amount":1}]}`, "required", ".name")
	rule("a rule of the same name", `{"name":"ok","trigger":"order_paid","gives":[{"part":"member","unit":"points","amount":1}]}`, "program_rule", "")
	rule("a rule that gives nothing", `{"name":"r","trigger":"order_paid"}`, "program_rule", "")
	rule("a rule with an unknown field", `{"name":"r","trigger":"order_paid","SECRE":1}`, "unknown_field", ".SECRE")
	rule("a rule of the wrong shape", `"SECRET"`, "want_object", "")
	rule("gives that are no list", `{"name":"r","trigger":"order_paid","gives":{}}`, "want_list", ".gives")
	give("a foreign currency", `{"part":"member","unit":"USD","amount":5}`, "program_rule", "")
	give("a part that is none", `{"part":"uncle","unit":"points","amount":5}`, "not_in_text", ".gives[0].part")
	give("a measure that is none", `{"part":"member","unit":"points","amount":5,"measure":"SECRET"}`, "not_in_text", ".gives[0].measure")
	give("a voucher that is none", `{"part":"member","voucher":{"kind":"none","amount":5},"amount":1}`, "program_rule", "")
	give("a voucher of nothing", `{"part":"member","voucher":{"kind":"cash"},"amount":1}`, "program_rule", "")
	give("a voucher of more than all", `{"part":"member","voucher":{"kind":"cash","percent":10001},"amount":1}`, "program_rule", "")
	give("a gift with a quote", `{"part":"member","gift":{"name":"a\"b"},"amount":1}`, "program_rule", "")
	give("a gift on two lines", `{"part":"member","gift":{"name":"a\nb"},"amount":1}`, "program_rule", "")
	give("a choice of one", `{"part":"member","choice":[{"part":"member","unit":"points","amount":5}],"amount":1}`, "program_rule", "")
	give("a number deep in a choice", `{"part":"member","choice":[{"part":"member","unit":"points","amount":1.5}],"amount":1}`, "want_integer", ".gives[0].choice[0].amount")
	door := func(name, body, code, field string) {
		out = append(out, bad{name, "POST", "/v1/programs", body, 422, code, field})
	}
	good := `{"name":"Other","rules":[{"name":"r","trigger":"order_paid","gives":[{"part":"member","unit":"points","amount":1}]}]}`
	door("programs twice over", `{"text":"SECRET","programs":[`+good+`]}`, "text_or_document", "programs")
	door("the same program twice", `{"programs":[`+good+`,`+good+`]}`, "program_twice", "programs[1]")
	door("no programs", `{"programs":[]}`, "required", "text")
	door("a program without rules", `{"programs":[{"name":"Other","rules":[]}]}`, "program_rule", "programs[0]")
	door("a program without a name", `{"programs":[{"rules":[]}]}`, "required", "programs[0].name")
	door("a name with a quote", `{"programs":[`+strings.Replace(good, "Other", `a\"b`, 1)+`]}`, "program_rule", "programs[0]")
	door("an end before the start", `{"programs":[`+strings.Replace(good, `"rules"`, `"starts":"2026-03-02T00:00:00Z","ends":"2026-03-01T00:00:00Z","rules"`, 1)+`]}`, "program_rule", "programs[0]")
	door("a start that is no time", `{"programs":[`+strings.Replace(good, `"rules"`, `"starts":"SECRET","rules"`, 1)+`]}`, "want_time", "programs[0].starts")
	door("a cap of something else", `{"programs":[`+strings.Replace(good, `"rules"`, `"cap":{"n":5,"what":"points","period":"day"},"rules"`, 1)+`]}`, "program_rule", "programs[0]")
	door("a cap below zero", `{"programs":[`+strings.Replace(good, `"rules"`, `"cap":{"n":-5,"what":"rewards","period":"day"},"rules"`, 1)+`]}`, "program_rule", "programs[0]")
	for _, x := range []struct{ path, body, code, field string }{
		{"versions", `{}`, "required", "text"},
		{"versions", `{"text":"program \"SECRET\"\n  earn 1 point"}`, "other_program", "text"},
		{"versions", `{"document":` + good + `}`, "other_program", "document"},
		{"versions", `{"document":{"name":"Gifts","rules":[{"name":"r","trigger":"order_paid","gives":[{"part":"member","unit":"points","amount":-1}]}]}}`, "program_rule", "document.rules[0]"},
		{"copy", `{}`, "required", "name"},
		{"copy", `{"name":""}`, "required", "name"},
		{"copy", `{"name":"a\"b"}`, "invalid_program_name", "name"},
		{"copy", `{"name":"a\nb"}`, "invalid_program_name", "name"},
		{"copy", `{"name":"` + strings.Repeat("SECRET", 40) + `"}`, "invalid_program_name", "name"},
		{"pause", `{"from":"2020-01-01T00:00:00Z"}`, "too_soon", "from"},
		{"pause", `{"from":"2190-01-02T00:00:00Z","until":"2190-01-01T00:00:00Z"}`, "ends_before_it_begins", "until"},
		{"pause", `{"from":"SECRET"}`, "want_time", "from"},
		{"pause", `{"until":5}`, "want_text", "until"},
		{"pause", `{"at":"2190-01-01T00:00:00Z"}`, "unknown_field", "at"},
		{"activate", `{"at":"2020-01-01T00:00:00Z"}`, "too_soon", "at"},
		{"activate", `{"at":"tomorrow"}`, "want_time", "at"},
	} {
		out = append(out, bad{x.path + " " + x.body[:min(30, len(x.body))], "POST", "/v1/programs/PROGRAM/" + x.path, x.body, 422, x.code, x.field})
	}
	for path, body := range map[string]string{"versions": `{"text":"program\n  earn 1 point"}`, "copy": `{"name":"x"}`, "pause": `{}`, "activate": `{}`} {
		out = append(out, bad{path + " of nothing", "POST", "/v1/programs/prg_0000000000000000000000000g/" + path, body, 404, "program_unknown", "id"})
	}
	out = append(out, bad{"what is not paused goes on", "POST", "/v1/programs/PROGRAM/activate", `{}`, 409, "not_paused", "id"})
	return out
}
