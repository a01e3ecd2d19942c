package api_test

import (
	"fmt"
	"strings"
	"testing"

	"cagnotte/internal/loyalty"
	"cagnotte/internal/referral"
	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
)

const invitations = `program "Friends"
  starts 2020-01-01
  referral held from score 100
  refer friend 500 points, referrer 1 referral, on first order, from 20.00 EUR
  exchange 3 referrals for gift "Mug" by hand
`

// join enrols somebody under a number, and gives his id.
func (s *site) join(number, more string) string {
	s.t.Helper()
	return text(s.t, s.want(200, "POST", "/v1/members", `{"id":"join-`+number+`","number":"`+number+`"`+more+`}`), "member")
}

// order reports a paid order of one line.
func (s *site) order(ref, number, amount string) map[string]any {
	s.t.Helper()
	return s.want(200, "POST", "/v1/orders", `{"ref":"`+ref+`","currency":"EUR","member":{"number":"`+number+`"},"lines":[{"sku":"TEA","amount":`+amount+`}]}`)
}

func TestReferralsAreListedCountedAndChanged(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st)
		s.publish(invitations)
		anna, celina := s.join("anna", ""), s.join("celina", "")
		code := text(t, s.want(200, "GET", "/v1/members/"+anna+"/code", ""), "code")
		bela := s.join("bela", `,"referrer":{"code":"`+code+`"},"touch":"code"`)
		dora := s.join("dora", `,"referrer":{"number":"anna"}`)
		s.order("1", "bela", "4500")

		all := s.want(200, "GET", "/v1/referrals?limit=1", "")
		if text(t, all, "data", 0, "friend") != bela || text(t, all, "data", 0, "state") != "rewarded" || text(t, all, "data", 0, "order") != "api/1" {
			t.Errorf("%v", all)
		}
		if next := s.want(200, "GET", "/v1/referrals?starting_after="+text(t, all, "next_cursor"), ""); text(t, next, "data", 0, "friend") != dora {
			t.Errorf("%v", next)
		}
		for query, friends := range map[string]string{
			"state=rewarded": bela, "state=joined": dora, "state=flagged": "", "referrer=" + anna: bela + dora,
			"referrer=" + anna + "&state=joined": dora, "friend=" + dora: dora, "friend=" + dora + "&state=rewarded": "",
			"friend=" + bela + "&referrer=" + celina: "", "referrer=" + celina: "",
		} {
			got := ""
			for i := range dig(t, s.want(200, "GET", "/v1/referrals?"+query, ""), "data").([]any) {
				got += text(t, s.want(200, "GET", "/v1/referrals?"+query, ""), "data", i, "friend")
			}
			if got != friends {
				t.Errorf("%s: %s, want %s", query, got, friends)
			}
		}
		if one := s.want(200, "GET", "/v1/referrals/"+text(t, all, "data", 0, "id"), ""); text(t, one, "origin") != "code" || dig(t, one, "active") != true {
			t.Errorf("%v", one)
		}
		of := s.want(200, "GET", "/v1/members/"+anna+"/referrals", "")
		if text(t, of, "linked") != "2" || text(t, of, "validated") != "1" || text(t, of, "last_linked_at") == "" || text(t, of, "data", 0, "friend") != bela {
			t.Errorf("%v", of)
		}
		if strings.Contains(string(s.send("GET", "/v1/members/"+anna+"/referrals", "").body), "api/1") {
			t.Error("a referrer reads of his friend's order")
		}

		// Staff gives bela another referrer: the counters follow, what was validated too.
		body := `{"id":"s1","actor":"eva","reason":"a mistake at the till","referrer":{"number":"celina"}}`
		if tried := s.want(200, "PUT", "/v1/members/"+bela+"/referrer?dry_run=true", body); text(t, tried, "status") != "tried" {
			t.Errorf("%v", tried)
		}
		s.want(200, "PUT", "/v1/members/"+bela+"/referrer", body)
		if again := s.want(200, "PUT", "/v1/members/"+bela+"/referrer", body); text(t, again, "status") != "duplicate" {
			t.Errorf("%v", again)
		}
		for m, counts := range map[string]string{anna: "1 0", celina: "1 1"} {
			of := s.want(200, "GET", "/v1/members/"+m+"/referrals", "")
			if got := text(t, of, "linked") + " " + text(t, of, "validated"); got != counts {
				t.Errorf("%s: %s, want %s", m, got, counts)
			}
		}
		if m := s.want(200, "GET", "/v1/members/"+bela, ""); text(t, m, "referred_by") != celina {
			t.Errorf("%v", m)
		}
		s.want(200, "PUT", "/v1/members/"+bela+"/referrer?dry_run=true", `{"id":"s2","actor":"eva","reason":"nobody did","none":true}`)
		s.want(200, "PUT", "/v1/members/"+bela+"/referrer", `{"id":"s2","actor":"eva","reason":"nobody did","none":true}`)
		if m := s.want(200, "GET", "/v1/members/"+bela, ""); text(t, m, "referred_by") != "" {
			t.Errorf("%v", m)
		}
		if p := s.want(409, "PUT", "/v1/members/"+bela+"/referrer", `{"id":"s3","actor":"eva","reason":"again","none":true}`); text(t, p, "code") != "no_bond" {
			t.Errorf("%v", p)
		}

		// A friend who is not a member yet.
		s.want(200, "POST", "/v1/referrals", `{"id":"s4","actor":"eva","reason":"on paper","friend":{"email":"fela@example.com"},"referrer":{"number":"anna"}}`)
		fela := text(t, s.want(200, "GET", "/v1/members?email=fela@example.com", ""), "data", 0, "id")
		if m := s.want(200, "GET", "/v1/members/"+fela, ""); text(t, m, "state") != "prospect" || text(t, m, "referred_by") != anna {
			t.Errorf("%v", m)
		}
		s.want(404, "GET", "/v1/members/"+fela+"/code", "")
	})
}

func TestStaffHasAWordOnWhatIsFlagged(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st)
		s.publish(invitations)
		s.join("anna", `,"signals":{"device":"d-1"}`)
		bela := s.join("bela", `,"referrer":{"number":"anna"},"signals":{"device":"d-1"}`)
		s.order("1", "bela", "4500")
		flagged := s.want(200, "GET", "/v1/referrals?state=flagged", "")
		if text(t, flagged, "data", 0, "reason") != "SAME_DEVICE" || text(t, flagged, "data", 0, "score") != "100" {
			t.Fatalf("%v", flagged)
		}
		path := "/v1/referrals/" + text(t, flagged, "data", 0, "id") + "/review"
		body := `{"id":"r1","outcome":"accept","actor":"eva","reason":"a family"}`
		s.want(200, "POST", path+"?dry_run=true", body)
		s.want(200, "POST", path, body)
		if again := s.want(200, "POST", path, body); text(t, again, "status") != "duplicate" {
			t.Errorf("%v", again)
		}
		w := s.want(200, "GET", "/v1/members/"+bela+"/wallet", "")
		if text(t, w, "units", 0, "available") != "500" {
			t.Errorf("%v", w)
		}
		if p := s.want(409, "POST", path, `{"id":"r2","outcome":"refuse","actor":"eva","reason":"after all"}`); text(t, p, "code") != "referral_decided" {
			t.Errorf("%v", p)
		}
	})
}

func TestAClickTellsNobodyWhoseCodeItIs(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st)
		s.publish(invitations)
		anna := s.join("anna", "")
		code := text(t, s.want(200, "GET", "/v1/members/"+anna+"/code", ""), "code")
		shape := func(code, visitor string) string {
			a := s.want(200, "POST", "/v1/clicks", `{"code":"`+code+`","visitor":"`+visitor+`","occurred_at":"2026-03-01T10:00:00Z"}`)
			if len(a) != 2 {
				t.Errorf("%v", a)
			}
			return text(t, a, "status")
		}
		for i, c := range []string{code, strings.ToLower(code), "22222222222", "no code at all", "ŁÓDŹ"} {
			if got := shape(c, "v-"+string(rune('a'+i))); got != "recorded" {
				t.Errorf("%s: %s", c, got)
			}
		}
		if shape(code, "v-a") != "duplicate" {
			t.Error("the same click counts twice")
		}
		bela := s.join("bela", `,"visitor":"v-a"`)
		if m := s.want(200, "GET", "/v1/members/"+bela, ""); text(t, m, "referred_by") != anna {
			t.Errorf("the click did not tie the bond: %v", m)
		}
		s.want(200, "POST", "/v1/invitations", `{"id":"i1","referrer":{"number":"anna"},"email":"fela@example.com","first_name":"Fela"}`)
		if again := s.want(200, "POST", "/v1/invitations", `{"id":"i2","referrer":{"number":"anna"},"email":"fela@example.com"}`); text(t, again, "decisions", 0, "code") != "ALREADY_INVITED" {
			t.Errorf("%v", again)
		}
		fela := s.join("fela", `,"email":"Fela@example.com"`)
		if m := s.want(200, "GET", "/v1/members/"+fela, ""); text(t, m, "referred_by") != anna || text(t, m, "first_name") != "Fela" {
			t.Errorf("the invitation did not tie the bond: %v", m)
		}
	})
}

func TestSightingsAreReadNewestFirstWithWhatTheyLack(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st)
		list := referral.New(st, s.in)
		for _, x := range []loyalty.Sighting{
			{Kind: loyalty.SawOrder, Source: "ga4", Ref: "A1", Visitor: "phone", Currency: "EUR", Priced: true, Amount: 4500},
			{Kind: loyalty.SawOrder, Source: "own", Ref: "A2"},
		} {
			if err := list.See(t.Context(), s.opened.Test.ID, x); err != nil {
				t.Fatal(err)
			}
		}
		s.want(200, "POST", "/v1/orders", `{"series":"web","ref":"A1","currency":"EUR","member":{"email":"bela@example.com"},"lines":[{"sku":"SOAP","quantity":1,"amount":4500}]}`)
		first := s.want(200, "GET", "/v1/sightings?limit=1", "")
		second := s.want(200, "GET", "/v1/sightings?starting_after="+text(t, first, "next_cursor"), "")
		newest, oldest := dig(t, first, "data", 0), dig(t, second, "data", 0)
		if text(t, newest, "ref") != "A2" || dig(t, newest, "amount") != nil || fmt.Sprint(dig(t, newest, "lacks")) != "[visitor code amount server]" {
			t.Errorf("the newest: %v", newest)
		}
		if text(t, oldest, "ref") != "A1" || text(t, oldest, "amount") != "4500" || text(t, oldest, "event") == "" || len(dig(t, oldest, "lacks").([]any)) != 0 {
			t.Errorf("the one before: %v", oldest)
		}
		if e := s.want(200, "GET", "/v1/events/"+text(t, oldest, "event"), ""); text(t, e, "order", "ref") != "A1" {
			t.Errorf("it was taken over by %v", e)
		}
	})
}
