package api_test

import (
	"testing"

	"cagnotte/internal/office"
	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
)

func TestMembersAreSearchedPageByPage(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st)
		for _, x := range []struct{ number, first, last string }{
			{"1", "Małgorzata", "Wójcik"}, {"2", "Malgo", "Nowak"}, {"3", "Zoé", "Malgorne"}, {"4", "Igor", "Petit"},
		} {
			s.want(200, "POST", "/v1/members", `{"id":"j`+x.number+`","number":"`+x.number+`","first_name":"`+x.first+`","last_name":"`+x.last+`"}`)
		}
		names, path := "", "/v1/members?q=malgo&limit=1"
		for next := ""; ; {
			got := s.want(200, "GET", path+next, "")
			names += text(t, got, "data", 0, "first_name") + " "
			if dig(t, got, "has_more") != true {
				break
			}
			next = "&starting_after=" + text(t, got, "next_cursor")
		}
		if names != "Malgo Zoé Małgorzata " {
			t.Errorf("found %s", names)
		}
		if got := s.want(200, "GET", "/v1/members?q=W%C3%93JCIK+ma%C5%82g", ""); text(t, got, "data", 0, "numbers", 0) != "1" {
			t.Errorf("%v", got)
		}
		if got := s.want(200, "GET", "/v1/members?q=gorzata", ""); len(dig(t, got, "data").([]any)) != 0 {
			t.Errorf("%v", got)
		}
		for path, code := range map[string]string{
			"?q=a&number=1": "one_key_only", "?q=--": "search_without_letters", "?q=a&starting_after=bWVtXw": "invalid_cursor", "?q=a+b+c+d+e+f+g": "too_many",
		} {
			if p := s.want(422, "GET", "/v1/members"+path, ""); text(t, p, "code") != code {
				t.Errorf("%s: %v", path, p)
			}
		}
		next := text(t, s.want(200, "GET", path, ""), "next_cursor")
		var err error
		if s.key, err = s.office.CreateKey(t.Context(), s.opened.Test.ID, office.ScopeTill); err != nil {
			t.Fatal(err)
		}
		s.want(200, "GET", path, "")
		s.want(403, "GET", path+"&starting_after="+next, "") // that would be an export
		s.key = s.live
		if got := s.want(200, "GET", "/v1/members?q=malgo", ""); len(dig(t, got, "data").([]any)) != 0 {
			t.Errorf("another shop's members: %v", got)
		}
	})
}
