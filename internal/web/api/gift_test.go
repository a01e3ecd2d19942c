package api_test

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
)

// The catalogue as a shop uses it: an entry with its stock, what a member may ask for, a
// parcel with its address, codes of a partner, a claim that is given up.
func TestTheCatalogue(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st)
		s.publish(`program "Points"
  starts 2020-01-01
  earn 1 point per 1.00 EUR`)
		m := text(t, s.want(200, "POST", "/v1/orders", `{"ref":"1","currency":"EUR","member":{"number":"A1"},"lines":[{"sku":"POT","amount":50000}]}`), "member")
		s.want(200, "PUT", "/v1/gifts/MUG", `{"id":"g1","actor":"eva","gift":{"name":"Mug","names":{"fr":"Tasse"},"prices":[{"unit":"points","amount":200}],"limited":true,"cost":350,"delivery":"parcel","pictures":["/mug.jpg"]}}`)
		s.want(200, "PUT", "/v1/gifts/CINEMA", `{"id":"g2","actor":"eva","gift":{"name":"Cinema","prices":[{"unit":"points","amount":100}],"delivery":"code","pool":"cinema"}}`)
		s.want(200, "PUT", "/v1/gifts/BIKE", `{"id":"g3","actor":"eva","gift":{"name":"Bike","prices":[{"unit":"points","amount":90000}],"delivery":"by_hand"}}`)
		s.want(200, "POST", "/v1/gifts/MUG/stock", `{"id":"s1","actor":"eva","add":2}`)
		if g := s.want(200, "GET", "/v1/gifts/MUG", ""); fmt.Sprint(dig(t, g, "stock", 0, "left"), dig(t, g, "cost")) != "2350" {
			t.Errorf("the entry: %v", g)
		}
		offers := s.want(200, "GET", "/v1/members/"+m+"/gifts?lang=en", "")
		if got := fmt.Sprint(dig(t, offers, "data", 2, "code"), " ", dig(t, offers, "data", 2, "text")); !strings.Contains(fmt.Sprint(dig(t, offers, "data", 2)), "89,500 points more for “Bike”.") {
			t.Errorf("what is lacking: %s", got)
		}
		// A cart tells of them, too, beside the points that pay in it.
		for units, want := range map[string]string{"350": "CINEMA ", "200": "CINEMA MUG "} {
			e := s.want(200, "POST", "/v1/carts/evaluate?lang=en", `{"ref":"C1","gifts":true,"currency":"EUR","member":{"id":"`+m+`"},"lines":[{"sku":"A","amount":1000}],
				"draft":"program \"Pay\" pay with points, 100 points for 1.00 EUR","pay":[{"unit":"points","amount":`+units+`}]}`)
			got := ""
			for _, x := range dig(t, e, "gifts").([]any) {
				if x := x.(map[string]any); x["claimable"] == true {
					got += fmt.Sprint(x["code"], " ")
				}
			}
			if got != want || len(dig(t, e, "gifts").([]any)) != 3 {
				t.Errorf("beside %s points: %q\n%v", units, got, dig(t, e, "gifts"))
			}
		}
		if p := s.want(422, "POST", "/v1/members/"+m+"/gift-claims", `{"id":"c0","items":[{"gift":"MUG"}]}`); text(t, p, "field") != "address" {
			t.Errorf("a parcel without an address: %v", p)
		}
		s.want(200, "POST", "/v1/members/"+m+"/gift-claims", `{"id":"c1","items":[{"gift":"MUG"}],"address":{"name":"Anna Nowak","street":"1 rue Haute","postal_code":"69001","city":"Lyon"}}`)
		open := s.want(200, "GET", "/v1/claims?delivery=parcel", "")
		claim := text(t, open, "data", 0, "reward_id")
		one := s.want(200, "GET", "/v1/claims/"+claim, "")
		if got := fmt.Sprint(dig(t, one, "address", "name"), dig(t, one, "price"), dig(t, one, "cost"), dig(t, one, "state")); got != "Anna Nowak200350open" {
			t.Errorf("the claim: %s", got)
		}
		if e := s.want(200, "GET", "/v1/events/"+text(t, s.want(200, "POST", "/v1/members/"+m+"/gift-claims", `{"id":"c1","items":[{"gift":"MUG"}],"address":{"name":"Anna Nowak","street":"1 rue Haute","postal_code":"69001","city":"Lyon"}}`), "id"), ""); strings.Contains(fmt.Sprint(e), "Nowak") {
			t.Errorf("the fact holds an address: %v", e)
		}
		s.want(200, "POST", "/v1/claims/"+claim+"/fulfilment", `{"id":"f1","state":"shipped","actor":"eva","carrier":"Post","tracking":"T1"}`)
		if one = s.want(200, "GET", "/v1/claims/"+claim, ""); text(t, one, "tracking") != "T1" {
			t.Errorf("shipped: %v", one)
		}
		s.want(200, "POST", "/v1/claims/"+claim+"/fulfilment", `{"id":"f2","state":"delivered","actor":"eva"}`)
		if one = s.want(200, "GET", "/v1/claims/"+claim, ""); text(t, one, "state")+text(t, one, "tracking") != "deliveredT1" {
			t.Errorf("what was sent has arrived: %v", one)
		}
		if p := s.want(409, "POST", "/v1/claims/"+claim+"/fulfilment", `{"id":"f3","state":"delivered","actor":"eva"}`); text(t, p, "code") != "claim_state" {
			t.Errorf("it arrives once: %v", p)
		}

		s.want(200, "POST", "/v1/members/"+m+"/gift-claims", `{"id":"c2","items":[{"gift":"CINEMA"}]}`)
		waiting := text(t, s.want(200, "GET", "/v1/claims?state=waiting_code", ""), "data", 0, "reward_id")
		if got := s.want(200, "POST", "/v1/code-pools/cinema/codes", `{"codes":["AAA-1","AAA-2","AAA-1"]}`); fmt.Sprint(dig(t, got, "added"), dig(t, got, "twice", 0)) != "22" {
			t.Errorf("codes: %v", got)
		}
		if got := s.want(200, "POST", "/v1/code-pools/cinema/codes", `{"codes":["AAA-2"]}`); fmt.Sprint(dig(t, got, "added")) != "0" {
			t.Errorf("the same code: %v", got)
		}
		if one = s.want(200, "GET", "/v1/claims/"+waiting, ""); text(t, one, "codes", 0) != "AAA-1" || text(t, one, "state") != "delivered" {
			t.Errorf("who waited: %v", one)
		}
		if p := s.want(200, "GET", "/v1/code-pools", ""); fmt.Sprint(dig(t, p, "data", 0, "left"), " ", dig(t, p, "data", 0, "low")) != "1 false" {
			t.Errorf("the pool: %v", p)
		}
		s.want(200, "POST", "/v1/members/"+m+"/gift-claims", `{"id":"c3","items":[{"gift":"CINEMA"}]}`)
		if p := s.want(200, "GET", "/v1/code-pools", ""); fmt.Sprint(dig(t, p, "data", 0, "low")) != "true" {
			t.Errorf("the empty pool: %v", p)
		}

		if due := s.want(200, "GET", "/v1/claims/due?unit=points&reached=500", ""); len(dig(t, due, "data").([]any)) != 0 {
			t.Errorf("he has gifts: %v", due)
		}
		other := text(t, s.want(200, "POST", "/v1/orders", `{"ref":"2","currency":"EUR","member":{"number":"B1"},"lines":[{"sku":"POT","amount":60000}]}`), "member")
		if due := s.want(200, "GET", "/v1/claims/due?unit=points&reached=500", ""); text(t, due, "data", 0, "member") != other {
			t.Errorf("who has none: %v", due)
		}
		s.want(200, "POST", "/v1/members/"+other+"/gift-claims", `{"id":"c4","items":[{"gift":"MUG"}],"address":{"name":"B","street":"S","postal_code":"1","city":"C"}}`)
		claim = text(t, s.want(200, "GET", "/v1/claims?delivery=parcel", ""), "data", 0, "reward_id")
		s.want(200, "POST", "/v1/claims/"+claim+"/cancellation", `{"id":"x1","actor":"eva","reason":"his wish"}`)
		if p := s.want(409, "POST", "/v1/claims/"+claim+"/cancellation", `{"id":"x2","actor":"eva"}`); text(t, p, "code") != "claim_state" {
			t.Errorf("given up twice: %v", p)
		}
		if w := s.want(200, "GET", "/v1/members/"+other+"/wallet", ""); fmt.Sprint(dig(t, w, "units", 0, "available")) != "600" {
			t.Errorf("what it cost is back: %v", w)
		}
	})
}

// The last piece is one member's, and no code is given twice, however many ask at once.
func TestManyClaimsOfFewGifts(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st)
		s.publish(`program "Points"
  starts 2020-01-01
  earn 1 point per 1.00 EUR`)
		s.want(200, "PUT", "/v1/gifts/MUG", `{"id":"g1","actor":"eva","gift":{"name":"Mug","prices":[{"unit":"points","amount":1}],"limited":true,"delivery":"by_hand"}}`)
		s.want(200, "POST", "/v1/gifts/MUG/stock", `{"id":"s1","actor":"eva","add":50}`)
		s.want(200, "PUT", "/v1/gifts/CINEMA", `{"id":"g2","actor":"eva","gift":{"name":"Cinema","prices":[{"unit":"points","amount":1}],"delivery":"code","pool":"cinema"}}`)
		const codes, members, each = 500, 50, 20
		list := make([]string, codes)
		for i := range list {
			list[i] = fmt.Sprintf("%q", fmt.Sprintf("CODE-%03d", i))
		}
		s.want(200, "POST", "/v1/code-pools/cinema/codes", `{"codes":[`+strings.Join(list, ",")+`]}`)
		ids := make([]string, members)
		for i := range ids {
			ids[i] = text(t, s.want(200, "POST", "/v1/orders", fmt.Sprintf(`{"ref":"%d","currency":"EUR","member":{"number":"M%d"},"lines":[{"sku":"POT","amount":50000}]}`, i, i)), "member")
		}
		var mugs, gone atomic.Int64
		var group sync.WaitGroup
		for i, m := range ids {
			group.Go(func() {
				for k := range each {
					if a := s.send("POST", "/v1/members/"+m+"/gift-claims", fmt.Sprintf(`{"id":"c-%d-%d","items":[{"gift":"CINEMA"}]}`, i, k)); a.status != 200 {
						t.Errorf("a claim of a code: %d %s", a.status, a.body)
					}
					if k%5 == 0 {
						switch a := s.send("POST", "/v1/members/"+m+"/gift-claims", fmt.Sprintf(`{"id":"m-%d-%d","items":[{"gift":"MUG"}]}`, i, k)); a.status {
						case 200:
							mugs.Add(1)
						case 409:
							gone.Add(1)
						default:
							t.Errorf("a claim of a mug: %d %s", a.status, a.body)
						}
					}
				}
			})
		}
		group.Wait()
		if mugs.Load() != 50 || gone.Load() != members*4-50 {
			t.Errorf("%d mugs of 50 were claimed, %d refused", mugs.Load(), gone.Load())
		}
		seen, delivered, waiting := map[string]bool{}, 0, 0
		for _, m := range ids {
			for after := ""; ; {
				page := s.want(200, "GET", "/v1/members/"+m+"/claims?limit=100"+after, "")
				for i := range dig(t, page, "data").([]any) {
					switch x := dig(t, page, "data", i).(map[string]any); x["state"] {
					case "delivered":
						delivered++
						code := text(t, s.want(200, "GET", "/v1/claims/"+x["reward_id"].(string), ""), "codes", 0)
						if seen[code] {
							t.Fatalf("%s was given twice", code)
						}
						seen[code] = true
					case "waiting_code":
						waiting++
					}
				}
				if dig(t, page, "has_more") != true {
					break
				}
				after = "&starting_after=" + text(t, page, "next_cursor")
			}
		}
		if delivered != codes || waiting != members*each-codes {
			t.Errorf("%d codes were given, %d wait", delivered, waiting)
		}
	})
}
