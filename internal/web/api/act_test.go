package api_test

import (
	"testing"

	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
)

const counter = `program "Counter"
  starts 2020-01-01
  earn 1 point per 1.00 EUR, valid 12 months
  mug: exchange 100 points for gift "Mug" by hand, when asked
  pick: exchange 50 points for choice of gift "Cup" or 60 points, when asked
  off: exchange 200 points for cash voucher of 5.00 EUR, when asked
`

// has gives what is available to a member in his first unit.
func (s *site) has(member string) string {
	s.t.Helper()
	w := s.want(200, "GET", "/v1/members/"+member+"/wallet", "")
	if len(dig(s.t, w, "units").([]any)) == 0 {
		return "nothing"
	}
	return text(s.t, w, "units", 0, "available")
}

func TestWhatStaffDoesAboutAMember(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st)
		s.publish(counter)
		anna := s.join("anna", `,"first_name":"Anna","last_name":"Nowak","birthday":"05-17"`)
		twin := s.join("anna-2", `,"first_name":"Hanna","last_name":"Nowacka"`)
		bela := s.join("bela", "")
		s.order("1", "anna", "30000")
		s.order("2", "anna-2", "7000")

		s.want(200, "PUT", "/v1/members/"+anna+"/group", `{"id":"g1","group":"gold","actor":"eva"}`)
		s.want(200, "PUT", "/v1/members/"+bela+"/group", `{"id":"g2","group":"gold","actor":"eva"}`)
		s.want(200, "POST", "/v1/members/"+anna+"/tags", `{"id":"t1","add":["likes tea","vip"],"actor":"eva"}`)
		s.want(200, "POST", "/v1/members/"+twin+"/tags", `{"id":"t2","add":["paper card"],"actor":"eva"}`)
		s.want(200, "POST", "/v1/members/"+anna+"/tags", `{"id":"t3","remove":["vip"],"actor":"eva"}`)
		m := s.want(200, "GET", "/v1/members/"+anna, "")
		if text(t, m, "group") != "gold" || text(t, m, "birthday") != "05-17" || text(t, m, "tags", 0) != "likes tea" || len(dig(t, m, "tags").([]any)) != 1 {
			t.Errorf("%v", m)
		}
		for query, want := range map[string]int{
			"group=gold": 2, "tag=likes+tea": 1, "tag=vip": 0, "group=gold&tag=likes+tea": 1, "group=none&tag=likes+tea": 0, "group=none": 0,
		} {
			if got := len(dig(t, s.want(200, "GET", "/v1/members?"+query, ""), "data").([]any)); got != want {
				t.Errorf("%s: %d, want %d", query, got, want)
			}
		}
		page := s.want(200, "GET", "/v1/members?group=gold&limit=1", "")
		if next := s.want(200, "GET", "/v1/members?group=gold&starting_after="+text(t, page, "next_cursor"), ""); text(t, next, "data", 0, "id") != bela {
			t.Errorf("%v", next)
		}

		s.want(200, "POST", "/v1/members/"+anna+"/adjustments?dry_run=true", `{"id":"a1","unit":"points","amount":11,"reason":"sorry","actor":"eva"}`)
		s.want(200, "POST", "/v1/members/"+anna+"/adjustments", `{"id":"a1","unit":"points","amount":11,"reason":"sorry","actor":"eva"}`)
		s.want(200, "POST", "/v1/transfers", `{"id":"x1","from":{"number":"anna"},"to":{"id":"`+bela+`"},"unit":"points","amount":40}`)
		if got := s.has(anna) + " " + s.has(bela); got != "271 40" {
			t.Errorf("%s points, want 271 40", got)
		}

		s.want(200, "POST", "/v1/members/"+bela+"/block", `{"id":"b1","actor":"eva","reason":"a fraud"}`)
		if p := s.want(409, "POST", "/v1/transfers", `{"id":"x2","from":{"number":"bela"},"to":{"number":"anna"},"unit":"points","amount":4}`); text(t, p, "code") != "MEMBER_BLOCKED" || text(t, p, "field") != "from" {
			t.Errorf("%v", p)
		}
		s.want(200, "POST", "/v1/members/"+bela+"/unblock", `{"id":"b2","actor":"eva","reason":"none after all"}`)
		if m := s.want(200, "GET", "/v1/members/"+bela, ""); text(t, m, "state") != "member" {
			t.Errorf("%v", m)
		}

		s.want(200, "POST", "/v1/members/"+anna+"/merge?dry_run=true", `{"id":"m0","other":{"number":"anna-2"},"actor":"eva","reason":"one person"}`)
		s.want(200, "POST", "/v1/members/"+anna+"/merge", `{"id":"m1","other":{"number":"anna-2"},"actor":"eva","reason":"one person"}`)
		if got := s.has(anna); got != "341" {
			t.Errorf("%s points after the merge, want 341", got)
		}
		if m := s.want(200, "GET", "/v1/members/"+twin, ""); text(t, m, "state") != "merged" || text(t, m, "merged_into") != anna {
			t.Errorf("%v", m)
		}
		if m := s.want(200, "GET", "/v1/members?number=ANNA-2", ""); text(t, m, "data", 0, "id") != anna || len(dig(t, m, "data", 0, "numbers").([]any)) != 2 {
			t.Errorf("%v", m)
		}
		for q, want := range map[string]int{"nowacka": 0, "hanna": 0, "nowak": 1} {
			if got := len(dig(t, s.want(200, "GET", "/v1/members?q="+q, ""), "data").([]any)); got != want {
				t.Errorf("%q finds %d, want %d", q, got, want)
			}
		}
		codes := s.want(200, "GET", "/v1/members/"+anna+"/code", "")
		if len(dig(t, codes, "also").([]any)) != 1 {
			t.Errorf("%v", codes)
		}
		if got := len(dig(t, s.want(200, "GET", "/v1/members?tag=paper+card", ""), "data").([]any)); got != 1 {
			t.Errorf("%d members have the tag of the one who was merged", got)
		}
	})
}

// Who has no name of his own takes that of the one who is merged into him.
func TestAMergeKeepsTheOnlyName(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st)
		s.publish(counter)
		anna := s.join("anna", "")
		s.join("anna-2", `,"first_name":"Hanna"`)
		s.want(200, "POST", "/v1/members/"+anna+"/merge", `{"id":"m1","other":{"number":"anna-2"},"actor":"eva","reason":"one person"}`)
		found := s.want(200, "GET", "/v1/members?q=hanna", "")
		if text(t, found, "data", 0, "id") != anna || text(t, found, "data", 0, "first_name") != "Hanna" {
			t.Errorf("%v", found)
		}
		s.want(200, "POST", "/v1/events", `{"events":[{"type":"member_updated","id":"u1","member":{"number":"anna","last_name":"Nowak"}}]}`)
		if m := s.want(200, "GET", "/v1/members/"+anna, ""); text(t, m, "first_name")+text(t, m, "last_name") != "HannaNowak" {
			t.Errorf("%v", m)
		}
	})
}

func TestGiftsChoicesAndVouchers(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st)
		s.publish(counter)
		program := text(t, s.want(200, "GET", "/v1/programs", ""), "data", 0, "id")
		anna := s.join("anna", "")
		bela := s.join("bela", "")
		s.order("1", "anna", "50000")
		ask := func(n, rule, more string) {
			t.Helper()
			s.want(200, "POST", "/v1/members/"+anna+"/exchanges", `{"id":"x`+n+`","program":"`+program+`","rule":"`+rule+`"`+more+`}`)
		}
		s.want(200, "POST", "/v1/members/"+anna+"/exchanges?dry_run=true", `{"id":"x","program":"`+program+`","rule":"mug"}`)
		ask("1", "mug", `,"times":2`)
		ask("2", "pick", "")
		ask("3", "off", "")
		if got := s.has(anna); got != "50" {
			t.Fatalf("%s points left, want 50", got)
		}
		open := s.want(200, "GET", "/v1/claims?limit=1", "")
		if text(t, open, "data", 0, "gift") != "Mug" || dig(t, open, "data", 0, "by_hand") != true || dig(t, open, "has_more") != true {
			t.Fatalf("%v", open)
		}
		mug := text(t, open, "data", 0, "reward_id")
		other := text(t, s.want(200, "GET", "/v1/claims?starting_after="+text(t, open, "next_cursor"), ""), "data", 0, "reward_id")
		s.want(200, "POST", "/v1/claims/"+mug+"/fulfilment", `{"id":"f1","state":"handed_over","actor":"till 3"}`)
		if p := s.want(409, "POST", "/v1/claims/"+mug+"/fulfilment", `{"id":"f2","state":"shipped","actor":"till 3"}`); text(t, p, "code") != "claim_state" || text(t, p, "field") != "state" {
			t.Errorf("%v", p)
		}
		left := s.want(200, "GET", "/v1/claims", "")
		if len(dig(t, left, "data").([]any)) != 1 || text(t, left, "data", 0, "reward_id") != other {
			t.Errorf("%v", left)
		}
		choices := s.want(200, "GET", "/v1/claims?state=to_choose", "")
		if text(t, choices, "data", 0, "options", 0, "gift", "name") != "Cup" || text(t, choices, "data", 0, "options", 1, "amount") != "60" {
			t.Errorf("%v", choices)
		}
		choice := text(t, choices, "data", 0, "reward_id")
		if p := s.want(422, "POST", "/v1/claims/"+choice+"/choice", `{"id":"c1","option":3}`); text(t, p, "field") != "option" {
			t.Errorf("%v", p)
		}
		s.want(200, "POST", "/v1/claims/"+choice+"/choice", `{"id":"c1","option":2}`)
		if got := s.has(anna); got != "110" {
			t.Errorf("%s points after the choice, want 110", got)
		}
		mine := s.want(200, "GET", "/v1/members/"+anna+"/claims?limit=2", "")
		if len(dig(t, mine, "data").([]any)) != 2 || dig(t, mine, "has_more") != true {
			t.Errorf("%v", mine)
		}
		code := text(t, s.want(200, "GET", "/v1/members/"+anna+"/wallet", ""), "vouchers", 0, "code")
		redeem := func(status int, n, code, more string) map[string]any {
			t.Helper()
			return s.want(status, "POST", "/v1/vouchers/redemptions", `{"id":"v`+n+`","code":"`+code+`","site":"WAW-1"`+more+`}`)
		}
		if p := redeem(409, "1", code, `,"member":{"id":"`+bela+`"}`); text(t, p, "code") != "CODE_NOT_YOURS" {
			t.Errorf("%v", p)
		}
		redeem(200, "1", code[:3]+"-"+code[3:], "")
		if p := redeem(409, "2", code, ""); text(t, p, "code") != "CODE_USED" || text(t, p, "field") != "code" {
			t.Errorf("%v", p)
		}
		if p := redeem(409, "3", "22222222", ""); text(t, p, "code") != "CODE_UNKNOWN" {
			t.Errorf("%v", p)
		}
	})
}
