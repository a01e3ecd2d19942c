package api_test

import (
	"encoding/json"
	"strings"
	"testing"

	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
)

const spring = `{"name":"Spring","starts":"2020-01-01T00:00:00Z","rules":[
  {"name":"earn","trigger":"order_paid","gives":[{"part":"member","unit":"points","amount":1,"measure":"amount","per":100}]},
  {"name":"welcome","trigger":"sign_up","gives":[{"part":"member","choice":[{"part":"member","gift":{"name":"Mug"},"amount":1},{"part":"member","unit":"points","amount":500}],"amount":1}]}]}`

func TestProgramsAreDocumentsToo(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st)
		s.want(200, "POST", "/v1/programs?dry_run=true", `{"programs":[`+spring+`]}`)
		made := s.want(200, "POST", "/v1/programs", `{"programs":[`+spring+`]}`)
		id := text(t, made, "programs", 0, "id")
		one := s.want(200, "GET", "/v1/programs/"+id, "")
		if text(t, one, "text") != "program \"Spring\"\n  starts 2020-01-01T00:00:00Z\n  earn: earn 1 point per 1.00 EUR\n  welcome: earn choice of gift \"Mug\" or 500 points, on sign-up\n" {
			t.Errorf("%s", text(t, one, "text"))
		}
		document, _ := json.Marshal(dig(t, one, "document"))
		for _, body := range []string{`{"programs":[` + string(document) + `]}`, `{"text":` + quote(text(t, one, "text")) + `}`} {
			if again := s.want(200, "POST", "/v1/programs", body); text(t, again, "programs", 0, "outcome") != "unchanged" {
				t.Errorf("%s: %v", body, again)
			}
		}
		undated := strings.Replace(string(document), `"starts":"2020-01-01T00:00:00Z"`, `"ends":"2190-01-01T00:00:00Z"`, 1)
		version := s.want(200, "POST", "/v1/programs/"+id+"/versions", `{"document":`+undated+`}`)
		if text(t, version, "version") != "2" || text(t, version, "outcome") != "new_version" {
			t.Errorf("%v", version)
		}
		s.want(200, "POST", "/v1/programs/"+id+"/versions?dry_run=true", `{"text":"program \"Spring\"\n  earn 2 points per order"}`)
		if p := s.want(422, "POST", "/v1/programs/"+id+"/versions", `{"text":"program \"Summer\"\n  earn 2 points per order"}`); text(t, p, "code") != "other_program" {
			t.Errorf("%v", p)
		}

		s.want(200, "POST", "/v1/programs/"+id+"/copy?dry_run=true", `{"name":"Summer"}`)
		copied := s.want(200, "POST", "/v1/programs/"+id+"/copy", `{"name":"Summer"}`)
		if text(t, copied, "outcome") != "created" || text(t, copied, "version") != "1" {
			t.Errorf("%v", copied)
		}
		summer := s.want(200, "GET", "/v1/programs/"+text(t, copied, "id"), "")
		if got := text(t, summer, "text"); !strings.HasPrefix(got, "program \"Summer\"\n  earn: earn 1 point") {
			t.Errorf("%s", got)
		}
		if p := s.want(409, "POST", "/v1/programs/"+id+"/copy", `{"name":"Summer"}`); text(t, p, "code") != "program_exists" {
			t.Errorf("%v", p)
		}
		first := s.want(200, "GET", "/v1/programs?limit=1", "")
		if next := s.want(200, "GET", "/v1/programs?starting_after="+text(t, first, "next_cursor"), ""); text(t, next, "data", 0, "name") != "Summer" || dig(t, next, "has_more") != false {
			t.Errorf("%v", next)
		}
	})
}

func TestAProgramPauses(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st)
		clock := func(at string) {
			t.Helper()
			s.want(200, "POST", "/v1/shop/clock", `{"at":"`+at+`"}`)
		}
		clock("2026-03-01T12:00:00Z")
		s.publish(counter)
		id := text(t, s.want(200, "GET", "/v1/programs", ""), "data", 0, "id")
		anna := s.join("anna", "")
		s.order("1", "anna", "50000")
		if p := s.want(422, "POST", "/v1/programs/"+id+"/pause", `{"from":"2026-03-01T12:00:09Z"}`); text(t, p, "code") != "too_soon" || text(t, p, "field") != "from" {
			t.Errorf("%v", p)
		}
		if tried := s.want(200, "POST", "/v1/programs/"+id+"/pause?dry_run=true", `{}`); len(dig(t, tried, "pauses").([]any)) != 1 {
			t.Errorf("%v", tried)
		}
		paused := s.want(200, "POST", "/v1/programs/"+id+"/pause", `{"from":"2026-03-02T12:00:00Z"}`)
		if dig(t, paused, "running") != true || text(t, paused, "pauses", 0, "from") != "2026-03-02T12:00:00Z" {
			t.Errorf("%v", paused)
		}
		s.order("2", "anna", "700") // the pause is announced, and has not begun
		clock("2026-03-02T12:00:00Z")
		ask := `{"id":"x1","program":"` + id + `","rule":"mug"}`
		if p := s.want(409, "POST", "/v1/members/"+anna+"/exchanges", ask); text(t, p, "code") != "PROGRAM_NOT_RUNNING" || text(t, p, "field") != "program" {
			t.Errorf("%v", p)
		}
		if out := s.order("3", "anna", "700"); text(t, out, "decisions", 0, "code") != "PROGRAM_NOT_RUNNING" {
			t.Errorf("%v", out)
		}
		if p := s.want(409, "POST", "/v1/programs/"+id+"/pause", `{"from":"2026-04-01T00:00:00Z"}`); text(t, p, "code") != "already_paused" {
			t.Errorf("%v", p)
		}
		s.want(200, "POST", "/v1/programs/"+id+"/activate?dry_run=true", `{}`)
		on := s.want(200, "POST", "/v1/programs/"+id+"/activate", `{"at":"2026-03-03T00:00:00Z"}`)
		if dig(t, on, "running") != false || text(t, on, "pauses", 0, "until") != "2026-03-03T00:00:00Z" {
			t.Errorf("%v", on)
		}
		clock("2026-03-03T00:00:00Z")
		s.want(200, "POST", "/v1/members/"+anna+"/exchanges", ask)
		if got := s.has(anna); got != "407" {
			t.Errorf("%s points, want 407", got)
		}
		if p := s.want(409, "POST", "/v1/programs/"+id+"/activate", `{}`); text(t, p, "code") != "not_paused" {
			t.Errorf("%v", p)
		}
		// A pause to come is called off.
		s.want(200, "POST", "/v1/programs/"+id+"/pause", `{"from":"2026-03-05T00:00:00Z","until":"2026-03-06T00:00:00Z"}`)
		s.want(200, "POST", "/v1/programs/"+id+"/activate", `{}`)
		clock("2026-03-05T12:00:00Z")
		if out := s.order("4", "anna", "700"); text(t, out, "decisions", 0, "outcome") != "given" {
			t.Errorf("%v", out)
		}
	})
}
