package api_test

import (
	"strings"
	"testing"

	"cagnotte/internal/moment"
	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
)

func TestKeysAreMadeSeenAndEnded(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st)
		s.key = s.live
		made := s.want(201, "POST", "/v1/keys", `{"name":"Kasa nr 3","scopes":["till"]}`)
		till, id := text(t, made, "secret"), text(t, made, "key", "id")
		if !strings.HasPrefix(till, "cag_live_") || !strings.HasPrefix(till, text(t, made, "key", "prefix")) || text(t, made, "key", "name") != "Kasa nr 3" {
			t.Fatalf("%v", made)
		}
		first := s.want(200, "GET", "/v1/keys?limit=1", "")
		if dig(t, first, "has_more") != true || strings.Contains(text(t, first, "data", 0, "prefix"), s.live) {
			t.Errorf("%v", first)
		}
		next := s.want(200, "GET", "/v1/keys?starting_after="+text(t, first, "next_cursor"), "")
		if text(t, next, "data", 0, "id") != id || dig(t, next, "data", 0, "last_used_at") != nil {
			t.Errorf("%v", next)
		}

		s.key = till
		s.want(200, "GET", "/v1/members?number=A", "")
		s.want(403, "GET", "/v1/members", "")
		s.want(403, "POST", "/v1/keys", `{"name":"more","scopes":["read"]}`)
		s.key = s.live
		ended := s.want(200, "DELETE", "/v1/keys/"+id, "")
		if text(t, ended, "revoked_at") == "" {
			t.Errorf("%v", ended)
		}
		s.want(200, "DELETE", "/v1/keys/"+id, "")
		s.want(409, "POST", "/v1/keys/"+id+"/rotate", "")
		s.key = till
		s.want(401, "GET", "/v1/members?number=A", "")
		s.key = s.opened.TestKey
		s.want(404, "DELETE", "/v1/keys/"+id, "") // the other shop's
	})
}

func TestAKeyGivesNoMoreThanItHas(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st)
		all := s.key
		whole := text(t, s.want(201, "POST", "/v1/keys", `{"name":"all","scopes":["facts","keys","programs","read","settings"]}`), "key", "id")
		for _, x := range []struct{ body, code, field string }{
			{`{"name":"x","scopes":[]}`, "required", "scopes"},
			{`{"name":"","scopes":["read"]}`, "required", "name"},
			{`{"name":"x","scopes":["shops"]}`, "unknown_value", "scopes"},
			{`{"name":"x","scopes":["till","read"]}`, "till_scope_alone", "scopes"},
		} {
			if p := s.want(422, "POST", "/v1/keys", x.body); text(t, p, "code") != x.code || text(t, p, "field") != x.field {
				t.Errorf("%s: %v", x.body, p)
			}
		}
		s.key = text(t, s.want(201, "POST", "/v1/keys", `{"name":"few","scopes":["keys","read"]}`), "secret")
		s.want(201, "POST", "/v1/keys", `{"name":"x","scopes":["read","read"]}`)
		for _, body := range []string{`{"name":"x","scopes":["facts"]}`, `{"name":"x","scopes":["till"]}`} {
			if p := s.want(403, "POST", "/v1/keys", body); text(t, p, "args", "need") != "facts" {
				t.Errorf("%s: %v", body, p)
			}
		}
		s.want(403, "POST", "/v1/keys/"+whole+"/rotate", "") // its new secret could do more
		s.key = all
		for range 96 {
			s.want(201, "POST", "/v1/keys", `{"name":"x","scopes":["read"]}`)
		}
		if p := s.want(409, "POST", "/v1/keys", `{"name":"x","scopes":["read"]}`); text(t, p, "code") != "too_many_keys" {
			t.Errorf("%v", p)
		}
		s.key = s.operator
		if got := text(t, s.want(201, "POST", "/v1/keys", `{"name":"second","scopes":["shops"]}`), "secret"); !strings.HasPrefix(got, "cag_op_") {
			t.Errorf("an operator's key begins with %s", got[:9])
		}
	})
}

// A leaked key is replaced without a stop: both work for a day, then the old one is dead.
func TestARotatedKeyGoesOnForADay(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st)
		s.key = s.live
		late, clock := moment.Time(0), st.Clock
		st.Clock = func() moment.Time { return clock() + late }
		made := s.want(201, "POST", "/v1/keys", `{"name":"web","scopes":["read"]}`)
		id := text(t, made, "key", "id")
		turned := s.want(201, "POST", "/v1/keys/"+id+"/rotate", "", "Idempotency-Key", "turn")
		fresh, freshID := text(t, turned, "secret"), text(t, turned, "key", "id")
		if text(t, turned, "replaced", "id") != id || text(t, turned, "replaced", "ends_at") == "" || text(t, turned, "key", "name") != "web" {
			t.Errorf("%v", turned)
		}
		if again := s.want(201, "POST", "/v1/keys/"+id+"/rotate", "", "Idempotency-Key", "turn"); text(t, again, "secret") != fresh {
			t.Errorf("asked again, another key: %v", again)
		}
		if p := s.want(409, "POST", "/v1/keys/"+id+"/rotate", ""); text(t, p, "code") != "key_ended" {
			t.Errorf("%v", p)
		}
		works := func(key string, status int) {
			t.Helper()
			s.key = key
			s.want(status, "GET", "/v1/members", "")
		}
		old := text(t, made, "secret")
		works(old, 200)
		works(fresh, 200)
		late = 24*moment.Hour - moment.Minute
		works(old, 200)
		works(fresh, 200)
		late = 24*moment.Hour - 5*moment.Second
		works(old, 200)
		late = 24*moment.Hour + moment.Second // it was seen six seconds ago, and is dead all the same
		works(old, 401)
		works(fresh, 200)
		s.key = s.live
		s.want(200, "DELETE", "/v1/keys/"+freshID, "")
		works(fresh, 401)
	})
}

func TestTheLastUseOfAKeyIsNotedBesideTheRequests(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st)
		now := st.Clock() / moment.Minute * moment.Minute
		st.Clock = func() moment.Time { return now }
		used := func() string {
			t.Helper()
			if err := s.office.NoteUses(t.Context()); err != nil {
				t.Fatal(err)
			}
			return text(t, s.want(200, "GET", "/v1/keys", ""), "data", 0, "last_used_at")
		}
		s.want(200, "GET", "/v1/members", "")
		first := now
		if got := used(); got != first.String() {
			t.Errorf("used at %s, noted %s", first, got)
		}
		now += 50 * moment.Second
		if got := used(); got != first.String() {
			t.Errorf("noted again within a minute: %s", got)
		}
		now += 10 * moment.Second
		s.want(200, "GET", "/v1/members", "")
		if got := used(); got != now.String() {
			t.Errorf("used at %s, noted %s", now, got)
		}
	})
}
