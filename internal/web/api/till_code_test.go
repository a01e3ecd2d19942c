package api_test

import (
	"regexp"
	"testing"

	"cagnotte/internal/office"
	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
)

// A till gives a member a code; it gives none to whom the shop does not know as a member.
func TestATillGivesACode(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st)
		anna := s.join("anna", "")
		again := s.join("anna-2", "")
		s.publish(counter)
		s.order("1", "bela", "1000") // a guest
		bela := text(t, s.want(200, "GET", "/v1/members?number=bela", ""), "data", 0, "id")
		till, err := s.office.CreateKey(t.Context(), s.opened.Test.ID, office.ScopeTill)
		if err != nil {
			t.Fatal(err)
		}
		s.key, till = till, s.key
		first := s.want(201, "POST", "/v1/members/"+anna+"/till-code", "")
		if text(t, first, "member") != anna || !regexp.MustCompile(`^\d{6}$`).MatchString(text(t, first, "code")) || text(t, first, "ends_at") == "" {
			t.Errorf("%v", first)
		}
		if p := s.want(404, "POST", "/v1/members/"+bela+"/till-code", ""); text(t, p, "code") != "member_unknown" {
			t.Errorf("%v", p)
		}
		if p := s.want(404, "POST", "/v1/members/mem_00000000000000000000000001/till-code", ""); text(t, p, "code") != "member_unknown" {
			t.Errorf("%v", p)
		}
		s.key = till
		s.want(200, "POST", "/v1/members/"+anna+"/merge", `{"id":"m1","other":{"number":"anna-2"},"actor":"eva","reason":"one person"}`)
		if got := s.want(201, "POST", "/v1/members/"+again+"/till-code", ""); text(t, got, "member") != anna {
			t.Errorf("who was merged gets a code of %v", got)
		}
	})
}
