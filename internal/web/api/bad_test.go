package api_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
)

// badEvent is an order of 45.50 EUR with one thing replaced; what is secret in it must
// never come back.
const goodEvent = `{"type":"order_paid","id":"SECRET-id","member":{"number":"SECRET-1"},"order":{"series":"web","ref":"SECRET-ref","currency":"EUR","lines":[{"sku":"SECRET-sku","quantity":1,"amount":4550}]}}`

func replaced(old, with string) string {
	if !strings.Contains(goodEvent, old) {
		panic("no " + old)
	}
	return `{"events":[` + strings.Replace(goodEvent, old, with, 1) + `]}`
}

type bad struct {
	name   string
	method string // POST when empty
	path   string // /v1/events when empty
	body   string
	status int
	code   string
	field  string
}

const (
	amount = `"amount":4550`
	line   = "events[0].order.lines[0]."
)

// gifts are a choice for whoever joins, and what it takes to flag a referral.
const gifts = `program "Gifts"
  starts 2020-01-01
  referral held from score 100
  earn choice of gift "Mug" or 500 points, on sign-up
  mug: exchange 100 points for gift "Mug" by hand, when asked
`

func badAmounts() []bad {
	var out []bad
	for _, v := range []string{`1e3`, `1.5`, `45.0`, `1e308`, `-1.5`, `"12"`, `"1,5"`, `"NaN"`, `null`, `true`, `[]`, `{}`, `1E2`, `0.1234567890123456789`} {
		out = append(out, bad{"an amount of " + v, "", "", replaced(amount, `"amount":`+v), 422, "want_integer", line + "amount"})
	}
	for _, v := range []string{`9223372036854775808`, `-9223372036854775809`, `100000000000001`, `-1`, `9223372036854775807`, `123456789012345678901234567890`} {
		out = append(out, bad{"an amount of " + v, "", "", replaced(amount, `"amount":`+v), 422, "out_of_range", line + "amount"})
	}
	for _, v := range []string{`NaN`, `Infinity`, `0x10`, `01`, `+1`, `1_000`, `.5`, `1.`, `１`} {
		out = append(out, bad{"an amount of " + v, "", "", replaced(amount, `"amount":`+v), 400, "unreadable_json", ""})
	}
	return out
}

func badEvents() []bad {
	many := strings.TrimSuffix(strings.Repeat(goodEvent+",", 1001), ",")
	lines := strings.TrimSuffix(strings.Repeat(`{"sku":"a","amount":1},`, 2001), ",")
	return []bad{
		{"no body", "", "", ``, 400, "unreadable_json", ""},
		{"half a body", "", "", `{"events":[`, 400, "unreadable_json", ""},
		{"two bodies", "", "", `{"events":[]}{"events":[]}`, 400, "unreadable_json", ""},
		{"a body that is not UTF-8", "", "", "{\"events\":[{\"type\":\"SECRET\xff\"}]}", 400, "unreadable_json", ""},
		{"a list for a body", "", "", `[` + goodEvent + `]`, 422, "want_object", ""},
		{"null for a body", "", "", `null`, 422, "want_object", ""},
		{"no events", "", "", `{}`, 422, "required", "events"},
		{"null events", "", "", `{"events":null}`, 422, "required", "events"},
		{"an empty list", "", "", `{"events":[]}`, 422, "required", "events"},
		{"events that are no list", "", "", `{"events":` + goodEvent + `}`, 422, "want_list", "events"},
		{"an event that is null", "", "", `{"events":[null]}`, 422, "want_object", "events[0]"},
		{"1,001 events", "", "", `{"events":[` + many + `]}`, 422, "too_many", "events"},
		{"an unknown field at the top", "", "", `{"events":[` + goodEvent + `],"tenant":"SECRET"}`, 422, "unknown_field", "tenant"},
		{"an unknown field of an event", "", "", replaced(`"id"`, `"balance":5,"id"`), 422, "unknown_field", "events[0].balance"},
		{"an unknown field of a member", "", "", replaced(`"number"`, `"role":"SECRET","number"`), 422, "unknown_field", "events[0].member.role"},
		{"an unknown field of a line", "", "", replaced(`"quantity"`, `"price":1,"quantity"`), 422, "unknown_field", line + "price"},
		{"another spelling of a field", "", "", replaced(`"amount"`, `"Amount"`), 422, "unknown_field", line + "Amount"},
		{"a field twice", "", "", replaced(amount, amount+`,"amount":1`), 422, "duplicate_field", line + "amount"},
		{"a line without an amount", "", "", replaced(","+amount, ``), 422, "required", line + "amount"},
		{"a quantity with a fraction", "", "", replaced(`"quantity":1`, `"quantity":1.5`), 422, "want_integer", line + "quantity"},
		{"a quantity below zero", "", "", replaced(`"quantity":1`, `"quantity":-1`), 422, "out_of_range", line + "quantity"},
		{"a line without an article", "", "", replaced(`"sku":"SECRET-sku",`, ``), 422, "required", line + "sku"},
		{"an empty article", "", "", replaced(`"SECRET-sku"`, `""`), 422, "required", line + "sku"},
		{"a control character", "", "", replaced(`"SECRET-sku"`, `"SECRET\u0000"`), 422, "control_character", line + "sku"},
		{"a long article", "", "", replaced(`SECRET-sku`, strings.Repeat("SECRET", 30)), 422, "too_long", line + "sku"},
		{"2,001 lines", "", "", replaced(`{"sku":"SECRET-sku","quantity":1,"amount":4550}`, lines), 422, "too_many", "events[0].order.lines"},
		{"lines that sum to too much", "", "", replaced(`[{"sku"`, `[{"sku":"a","amount":100000000000000},{"sku"`), 422, "out_of_range", "events[0].order.lines"},
		{"another currency", "", "", replaced(`"EUR"`, `"PLN"`), 422, "WRONG_CURRENCY", "events[0].order.currency"},
		{"no currency", "", "", replaced(`"currency":"EUR",`, ``), 422, "required", "events[0].order.currency"},
		{"no order", "", "", `{"events":[{"type":"order_paid","id":"SECRET","member":{"number":"1"}}]}`, 422, "required", "events[0].order"},
		{"a slash in the series", "", "", replaced(`"series":"web"`, `"series":"SECRET/x"`), 422, "no_slash", "events[0].order.series"},
		{"an unknown type", "", "", replaced(`order_paid`, `SECRET`), 422, "unknown_type", "events[0].type"},
		{"a fact of the clock", "", "", replaced(`order_paid`, `clock_due`), 422, "unknown_type", "events[0].type"},
		{"the feed of the clock", "", "", replaced(`"id"`, `"feed":"clock","id"`), 422, "reserved", "events[0].feed"},
		{"neither id nor key", "", "", replaced(`"id":"SECRET-id",`, ``), 422, "required", "events[0].id"},
		{"a time without a zone", "", "", replaced(`"id"`, `"occurred_at":"2026-03-01T10:00:00","id"`), 422, "want_time", "events[0].occurred_at"},
		{"a number for a time", "", "", replaced(`"id"`, `"occurred_at":1700000000,"id"`), 422, "want_text", "events[0].occurred_at"},
		{"a time to come", "", "", replaced(`"id"`, `"occurred_at":"2190-03-01T10:00:00Z","id"`), 422, "in_the_future", "events[0].occurred_at"},
		{"an id of another kind", "", "", replaced(`"number":"SECRET-1"`, `"id":"ord_01arz3ndektsv4rrffq69g5fav"`), 422, "want_id", "events[0].member.id"},
		{"a member who is not there", "", "", replaced(`"number":"SECRET-1"`, `"id":"mem_0000000000000000000000000g"`), 404, "member_unknown", "events[0].member"},
		{"an e-mail that is none", "", "", replaced(`"number":"SECRET-1"`, `"email":"SECRET@"`), 422, "invalid_email", "events[0].member.email"},
		{"a phone without a country", "", "", replaced(`"number":"SECRET-1"`, `"phone":"600100200"`), 422, "invalid_phone", "events[0].member.phone"},
		{"a locale that is none", "", "", replaced(`"number":"SECRET-1"`, `"number":"1","locale":"SECRET_?"`), 422, "invalid_locale", "events[0].member.locale"},
		{"an unknown touch", "", "", replaced(`"id"`, `"touch":"SECRET","id"`), 422, "unknown_value", "events[0].touch"},
		{"a member of the wrong shape", "", "", replaced(`{"number":"SECRET-1"}`, `"SECRET"`), 422, "want_object", "events[0].member"},
		{"nobody joins", "", "", `{"events":[{"type":"member_joined","id":"SECRET"}]}`, 422, "required", "events[0].member"},
		{"a unit nobody knows", "", "", `{"events":[{"type":"staff_adjust","id":"SECRET","member":{"number":"KNOWN"},"adjust":{"unit":"SECRET","amount":5,"reason":"r","actor":"a"}}]}`, 422, "unknown_unit", "events[0].adjust.unit"},
		{"more taken than there is", "", "", `{"events":[{"type":"staff_adjust","id":"SECRET","member":{"number":"KNOWN"},"adjust":{"unit":"points","amount":-50,"reason":"r","actor":"a"}}]}`, 409, "INSUFFICIENT_BALANCE", "events[0].adjust.amount"},
		{"nothing adjusted", "", "", `{"events":[{"type":"staff_adjust","id":"SECRET","member":{"number":"KNOWN"},"adjust":{"unit":"points","amount":0,"reason":"r","actor":"a"}}]}`, 422, "out_of_range", "events[0].adjust.amount"},
		{"the second of two", "", "", `{"events":[` + goodEvent + `,` + strings.Replace(goodEvent, amount, `"amount":1e2`, 1) + `]}`, 422, "want_integer", "events[1].order.lines[0].amount"},
		{"the same id with another body", "", "", `{"events":[{"type":"member_joined","id":"known","member":{"number":"SECRET"},"occurred_at":"2026-03-01T10:00:00Z"}]}`, 409, "event_conflict", "events[0].id"},
		{"an unknown parameter", "", "/v1/events?dryrun=true", `{"events":[` + goodEvent + `]}`, 422, "unknown_parameter", "dryrun"},
		{"a dry run that is neither", "", "/v1/events?dry_run=1", `{"events":[` + goodEvent + `]}`, 422, "want_boolean", "dry_run"},
	}
}

func badDoors() []bad {
	return []bad{
		{"an order line", "", "/v1/orders", `{"ref":"SECRET","currency":"EUR","lines":[{"sku":"","amount":1}]}`, 422, "required", "lines[0].sku"},
		{"an order in another currency", "", "/v1/orders", `{"ref":"SECRET","currency":"JPY","lines":[]}`, 422, "WRONG_CURRENCY", "currency"},
		{"an order's state", "", "/v1/orders", `{"ref":"SECRET","state":"SECRET"}`, 422, "unknown_value", "state"},
		{"an order without a ref", "", "/v1/orders", `{"currency":"EUR"}`, 422, "required", "ref"},
		{"a return without an id", "", "/v1/refunds", `{"ref":"SECRET"}`, 422, "required", "id"},
		{"a return of lines and an amount", "", "/v1/refunds", `{"id":"SECRET","ref":"SECRET","amount":5,"lines":[{"sku":"a","quantity":1}]}`, 422, "lines_or_amount", "amount"},
		{"a return of nothing", "", "/v1/refunds", `{"id":"SECRET"}`, 422, "required", "ref"},
		{"a member's e-mail", "", "/v1/members", `{"id":"SECRET","email":"SECRET SECRET@example.com"}`, 422, "invalid_email", "email"},
		{"a member's name", "", "/v1/members", `{"id":"SECRET","number":"1","first_name":"SECRET\nx"}`, 422, "control_character", "first_name"},
		{"a member without any key", "", "/v1/members", `{"id":"SECRET","first_name":"SECRET"}`, 422, "required", "member"},
		{"a program that cannot be read", "", "/v1/programs", `{"text":"program \"x\"\n  earn much"}`, 422, "program_text", "text"},
		{"no program", "", "/v1/programs", `{"text":""}`, 422, "required", "text"},
		{"the same program twice", "", "/v1/programs", `{"text":"program \"x\"\n  earn 1 point per order\nprogram \"x\"\n  earn 2 points per order"}`, 422, "program_twice", "text"},
		{"a program that ends before it begins", "", "/v1/programs", `{"text":"program \"x\"\n  ends 2026-03-01\n  earn 1 point per order"}`, 422, "ends_before_it_begins", "text"},
		{"a new version of the past", "", "/v1/programs", `{"text":"program \"Points\"\n  starts 2020-01-01\n  earn 9 points per order"}`, 422, "starts_too_soon", "text"},
		{"a clock without a time", "", "/v1/shop/clock", `{"at":""}`, 422, "want_time", "at"},
		{"a clock at nothing", "", "/v1/shop/clock", `{}`, 422, "required", "at"},
		{"a clock that goes back", "", "/v1/shop/clock", `{"at":"2020-01-01T00:00:00Z"}`, 409, "clock_goes_forward", "at"},
		{"a clock at the end of time", "", "/v1/shop/clock", `{"at":"9999-01-01T00:00:00Z"}`, 422, "out_of_range", "at"},
		{"an unknown kind of notice", "PUT", "/v1/shop/outbox", `{"kinds":["SECRET"]}`, 422, "unknown_value", "kinds[0]"},
		{"a shop made with a shop's key", "", "/v1/shops", `{"name":"SECRET","currency":"EUR","zone":"UTC"}`, 403, "scope_missing", ""},
		{"a limit of nothing", "GET", "/v1/members?limit=0", ``, 422, "out_of_range", "limit"},
		{"a limit that is no number", "GET", "/v1/members?limit=ten", ``, 422, "want_integer", "limit"},
		{"a cursor of our own making", "GET", "/v1/members?starting_after=SECRET", ``, 422, "invalid_cursor", "starting_after"},
		{"two keys", "GET", "/v1/members?number=SECRET&email=x@example.com", ``, 422, "one_key_only", "email"},
		{"a member by a wrong id", "GET", "/v1/members/SECRET", ``, 404, "member_unknown", "id"},
		{"the wallet of nobody", "GET", "/v1/members/mem_0000000000000000000000000g/wallet", ``, 404, "member_unknown", "member"},
		{"a receipt of nothing", "GET", "/v1/receipts/evt_0000000000000000000000000g", ``, 404, "event_unknown", "event"},
		{"a receipt in another language", "GET", "/v1/receipts/evt_0000000000000000000000000g?lang=SECRET", ``, 422, "unknown_value", "lang"},
		{"an order without a name", "GET", "/v1/orders", ``, 422, "required", "series"},
		{"a program that is not there", "GET", "/v1/programs/prg_0000000000000000000000000g", ``, 404, "program_unknown", "id"},
		{"a path that is not there", "GET", "/v1/SECRET", ``, 404, "route_unknown", ""},
		{"a method that is not there", "DELETE", "/v1/members", ``, 405, "method_not_allowed", ""},
	}
}

func TestBadInputGetsOneProblemAndStoresNothing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st)
		s.want(200, "POST", "/v1/shop/clock", `{"at":"2026-03-02T09:00:00Z"}`)
		s.publish(gifts + terms)
		known := text(t, s.want(200, "POST", "/v1/members", `{"id":"known","number":"KNOWN","occurred_at":"2026-03-01T10:00:00Z"}`), "member")
		s.want(200, "POST", "/v1/orders", `{"ref":"1","currency":"EUR","member":{"number":"known"},"lines":[{"sku":"a","amount":700}]}`)
		s.want(200, "POST", "/v1/events", `{"events":[{"type":"member_updated","id":"device","member":{"number":"KNOWN"},"signals":{"device":"d"}}]}`)
		s.want(200, "POST", "/v1/members", `{"id":"friend","number":"FRIEND","referrer":{"number":"KNOWN"},"signals":{"device":"d"}}`)
		names := strings.NewReplacer(
			"/KNOWN", "/"+known,
			"PROGRAM", text(t, s.want(200, "GET", "/v1/programs", ""), "data", 0, "id"),
			"CLAIM", text(t, s.want(200, "GET", "/v1/members/"+known+"/claims", ""), "data", 0, "reward_id"),
			"REFERRAL", text(t, s.want(200, "GET", "/v1/referrals?state=flagged", ""), "data", 0, "id"),
		)
		before := s.state(known)
		all := slices.Concat(badAmounts(), badEvents(), badDoors(), badNumbers(), badTexts(), badActs(), badDocuments())
		if len(all) < 700 {
			t.Errorf("there are only %d inputs", len(all))
		}
		for _, x := range all {
			method, path := "POST", "/v1/events"
			if x.method != "" {
				method = x.method
			}
			if x.path != "" {
				path = names.Replace(x.path)
			}
			body := strings.ReplaceAll(x.body, "PROGRAM", names.Replace("PROGRAM"))
			a := s.send(method, path, body, "Accept-Language", "pl")
			if a.status != x.status {
				t.Errorf("%s: %d, want %d: %s", x.name, a.status, x.status, a.body)
				continue
			}
			if got := a.header.Get("Content-Type"); got != "application/problem+json" {
				t.Errorf("%s: Content-Type %q", x.name, got)
			}
			p := a.json(t)
			if got := text(t, p, "field"); got != x.field {
				t.Errorf("%s: field %q, want %q", x.name, got, x.field)
			}
			if got := text(t, p, "code"); got != x.code {
				t.Errorf("%s: code %q, want %q", x.name, got, x.code)
			}
			if text(t, p, "detail") == "" || text(t, p, "request_id") == "" {
				t.Errorf("%s: without words or request id: %s", x.name, a.body)
			}
			if strings.Contains(string(a.body), "SECRET") {
				t.Errorf("%s: repeats the input: %s", x.name, a.body)
			}
		}
		if diff := cmp.Diff(before, s.state(known)); diff != "" {
			t.Errorf("something was stored (-before +after):\n%s", diff)
		}
	})
}

// state is everything that a bad request might have changed.
func (s *site) state(member string) string {
	s.t.Helper()
	out := fmt.Sprintln(s.events())
	for _, path := range []string{"/v1/shop", "/v1/members/" + member + "/wallet", "/v1/members/" + member + "/transactions", "/v1/members", "/v1/programs", "/v1/referrals", "/v1/members/" + member + "/claims"} {
		a := s.send("GET", path, "")
		if a.status != http.StatusOK {
			s.t.Fatalf("%s: %d %s", path, a.status, a.body)
		}
		out += string(a.body) + "\n"
	}
	return out
}
