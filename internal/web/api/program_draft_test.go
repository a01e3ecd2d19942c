package api_test

import (
	"strings"
	"testing"

	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
)

func TestDraftsAreWrittenComparedAndPublished(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st)
		begun := s.want(201, "POST", "/v1/program-drafts", `{"text":"program \"Spring\"\n  earn much"}`, "Accept-Language", "fr", "Idempotency-Key", "d1")
		id := text(t, begun, "id")
		if text(t, begun, "problems", 0, "line") != "2" || text(t, begun, "problems", 0, "code") != "program_text" || dig(t, begun, "document") != nil ||
			!strings.HasPrefix(text(t, begun, "problems", 0, "detail"), "La ligne 2 est illisible\u00a0: «\u00a0much\u00a0» n’est pas une récompense") {
			t.Errorf("%v", begun)
		}
		if again := s.want(201, "POST", "/v1/program-drafts", `{"text":"program \"Spring\"\n  earn much"}`, "Idempotency-Key", "d1"); text(t, again, "id") != id {
			t.Errorf("%v", again)
		}
		read := s.want(200, "GET", "/v1/program-drafts/"+id+"?lang=pl", "")
		if text(t, read, "text") != "program \"Spring\"\n  earn much" || text(t, read, "lang") != "pl" || !strings.HasPrefix(text(t, read, "problems", 0, "detail"), "Wiersza 2 nie można odczytać: „much” nie jest nagrodą") {
			t.Errorf("%v", read)
		}
		for _, path := range []string{"/difference", "/publish"} {
			method, body := "GET", ""
			if path == "/publish" {
				method, body = "POST", `{"revision":1}`
			}
			if p := s.want(422, method, "/v1/program-drafts/"+id+path, body); text(t, p, "code") != "program_text" || text(t, p, "field") != "text" {
				t.Errorf("%s: %v", path, p)
			}
		}
		put := s.want(200, "PUT", "/v1/program-drafts/"+id, `{"revision":1,"document":`+spring+`}`)
		if text(t, put, "revision") != "2" || text(t, put, "name") != "Spring" || len(dig(t, put, "problems").([]any)) != 0 || text(t, put, "document", "name") != "Spring" {
			t.Errorf("%v", put)
		}
		if p := s.want(409, "PUT", "/v1/program-drafts/"+id, `{"revision":1,"text":"program \"Mine\""}`); text(t, p, "code") != "draft_changed" || text(t, p, "field") != "revision" || text(t, p, "args", "revision") != "2" {
			t.Errorf("%v", p)
		}
		whole := s.want(200, "GET", "/v1/program-drafts/"+id+"/difference?lang=en", "")
		if dig(t, whole, "same") != false || dig(t, whole, "from") != nil || len(dig(t, whole, "changes").([]any)) != 3 {
			t.Errorf("%v", whole)
		}
		s.want(200, "POST", "/v1/program-drafts/"+id+"/publish?dry_run=true", `{"revision":2}`)
		made := s.want(200, "POST", "/v1/program-drafts/"+id+"/publish", `{"revision":2}`)
		if text(t, made, "outcome") != "created" || text(t, made, "starts_at") != "2020-01-01T00:00:00Z" {
			t.Errorf("%v", made)
		}
		if p := s.want(404, "GET", "/v1/program-drafts/"+id, ""); text(t, p, "code") != "draft_unknown" {
			t.Errorf("%v", p)
		}

		program := text(t, made, "id")
		next := s.want(201, "POST", "/v1/program-drafts", `{"program":"`+program+`"}`)
		id = text(t, next, "id")
		if text(t, next, "based_on") != "1" || strings.Contains(text(t, next, "text"), "starts") || text(t, next, "program") != program {
			t.Errorf("%v", next)
		}
		more := strings.Replace(text(t, next, "text"), "earn 1 point", "earn 2 points", 1)
		s.want(200, "PUT", "/v1/program-drafts/"+id, `{"revision":1,"text":`+quote(more)+`}`)
		list := s.want(200, "GET", "/v1/program-drafts?limit=1", "")
		if text(t, list, "data", 0, "revision") != "2" || dig(t, list, "has_more") != false {
			t.Errorf("%v", list)
		}
		diff := s.want(200, "GET", "/v1/program-drafts/"+id+"/difference?lang=en", "")
		if text(t, diff, "from") != "1" || !strings.Contains(text(t, diff, "changes", 1), "Rule “earn” – before: For each paid order, the member receives 1 point for each full €1.00. Now: For each paid order, the member receives 2 points per €1.00, in proportion.") {
			t.Errorf("%v", diff)
		}
		later := s.want(200, "POST", "/v1/program-drafts/"+id+"/publish", `{"revision":2,"starts_at":"2190-01-01T00:00:00Z"}`)
		if text(t, later, "version") != "2" || text(t, later, "starts_at") != "2190-01-01T00:00:00Z" {
			t.Errorf("%v", later)
		}
		one := s.want(200, "GET", "/v1/programs/"+program, "")
		if text(t, one, "state") != "in_force" || text(t, one, "versions", 0, "state") != "in_force" || text(t, one, "versions", 1, "state") != "scheduled" {
			t.Errorf("%v", one)
		}
		same := s.want(200, "GET", "/v1/programs/"+program+"/difference?from=2&to=2&lang=fr", "")
		if dig(t, same, "same") != true || text(t, same, "changes", 0) != "Rien ne change." {
			t.Errorf("%v", same)
		}
		both := s.want(200, "GET", "/v1/programs/"+program+"/difference?from=1&to=2&lang=pl", "")
		if dig(t, both, "same") != false || text(t, both, "from") != "1" || text(t, both, "to") != "2" || !strings.HasPrefix(text(t, both, "changes", 1), "Reguła „earn” – przedtem: ") {
			t.Errorf("%v", both)
		}
		if last := s.want(200, "GET", "/v1/programs/"+program+"/difference?lang=pl", ""); text(t, last, "from") != "1" || text(t, last, "changes", 1) != text(t, both, "changes", 1) {
			t.Errorf("%v", last)
		}

		s.want(200, "POST", "/v1/programs/"+program+"/versions/2/withdraw?dry_run=true", "")
		gone := s.want(200, "POST", "/v1/programs/"+program+"/versions/2/withdraw", "")
		if text(t, gone, "versions", 1, "state") != "withdrawn" || text(t, gone, "versions", 1, "withdrawn_at") == "" || strings.Contains(text(t, gone, "text"), "2 points") {
			t.Errorf("%v", gone)
		}
		if p := s.want(409, "POST", "/v1/programs/"+program+"/versions/1/withdraw", ""); text(t, p, "code") != "version_begun" || text(t, p, "field") != "version" {
			t.Errorf("%v", p)
		}
		thrown := text(t, s.want(201, "POST", "/v1/program-drafts", `{"program":"`+program+`"}`), "id")
		s.want(200, "DELETE", "/v1/program-drafts/"+thrown+"?revision=1", "")
		if left := s.want(200, "GET", "/v1/program-drafts", ""); len(dig(t, left, "data").([]any)) != 0 {
			t.Errorf("%v", left)
		}
	})
}

func TestWhatDraftsRefuse(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st)
		id := text(t, s.want(201, "POST", "/v1/program-drafts", `{"text":"program \"A\"\n  earn 1 point per order"}`), "id")
		made := s.want(200, "POST", "/v1/programs", `{"programs":[`+spring+`]}`)
		program, draft := "/v1/programs/"+text(t, made, "programs", 0, "id"), "/v1/program-drafts/"+id
		for _, tt := range []struct {
			method, path, body string
			status             int
			code, field        string
		}{
			{"POST", "/v1/program-drafts", `{}`, 422, "required", "text"},
			{"POST", "/v1/program-drafts", `{"text":"x","document":` + spring + `}`, 422, "text_or_document", "document"},
			{"POST", "/v1/program-drafts", `{"text":"x\u0000"}`, 422, "control_character", "text"},
			{"POST", "/v1/program-drafts", `{"text":"` + strings.Repeat("x", 500_001) + `"}`, 422, "too_long", "text"},
			{"POST", "/v1/program-drafts", `{"program":"prg_0000000000000000000000000g"}`, 404, "program_unknown", "program"},
			{"POST", "/v1/program-drafts", `{"program":"x"}`, 422, "want_id", "program"},
			{"POST", "/v1/program-drafts", `{"document":{"name":"A","rules":[]}}`, 422, "program_rule", "document"},
			{"PUT", draft, `{"text":"x"}`, 422, "required", "revision"},
			{"PUT", draft, `{"revision":1}`, 422, "required", "text"},
			{"PUT", draft, `{"revision":1,"text":"x","based_on":1}`, 404, "version_unknown", "based_on"},
			{"PUT", draft, `{"revision":1.5,"text":"x"}`, 422, "want_integer", "revision"},
			{"PUT", "/v1/program-drafts/drf_0000000000000000000000000g", `{"revision":1,"text":"x"}`, 404, "draft_unknown", "id"},
			{"GET", "/v1/program-drafts/x", ``, 404, "draft_unknown", "id"},
			{"GET", draft + "?lang=de", ``, 422, "unknown_value", "lang"},
			{"DELETE", draft, ``, 422, "required", "revision"},
			{"DELETE", draft + "?revision=2", ``, 409, "draft_changed", "revision"},
			{"POST", draft + "/publish", `{}`, 422, "required", "revision"},
			{"POST", draft + "/publish", `{"revision":2}`, 409, "draft_changed", "revision"},
			{"POST", draft + "/publish", `{"revision":1,"starts_at":"soon"}`, 422, "want_time", "starts_at"},
			{"GET", draft + "/difference?from=1", ``, 404, "version_unknown", "from"},
			{"GET", program + "/difference?from=2", ``, 404, "version_unknown", "from"},
			{"GET", program + "/difference?to=0", ``, 422, "out_of_range", "to"},
			{"POST", program + "/versions/2/withdraw", ``, 404, "version_unknown", "version"},
			{"POST", program + "/versions/x/withdraw", ``, 422, "want_integer", "version"},
		} {
			if p := s.want(tt.status, tt.method, tt.path, tt.body); text(t, p, "code") != tt.code || text(t, p, "field") != tt.field {
				t.Errorf("%s %s %.80s: %s of %s, want %s of %s", tt.method, tt.path, tt.body, text(t, p, "code"), text(t, p, "field"), tt.code, tt.field)
			}
		}
		other := s.want(201, "POST", "/v1/program-drafts", `{"text":"program \"B\"\n  starts 2190-01-01\n  earn 1 point per order"}`)
		path := "/v1/program-drafts/" + text(t, other, "id") + "/publish"
		if p := s.want(422, "POST", path, `{"revision":1,"starts_at":"2191-01-01T00:00:00Z"}`); text(t, p, "code") != "starts_in_text" || text(t, p, "field") != "starts_at" {
			t.Errorf("%v", p)
		}
		if a := s.want(200, "POST", path, `{"revision":1}`); text(t, a, "starts_at") != "2189-12-31T23:00:00Z" {
			t.Errorf("%v", a)
		}
	})
}
