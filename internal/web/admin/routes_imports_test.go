package admin_test

import (
	"bytes"
	"context"
	"mime/multipart"
	"net/http"
	"path"
	"strings"
	"testing"

	"cagnotte/internal/imports"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/people"
	"cagnotte/internal/staff"
	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"

	"cagnotte/internal/id"
)

// importsRows belong to mayOpen.
var importsRows = map[string]string{
	"GET /admin/imports":               "oms",
	"GET /admin/imports/new":           "oms",
	"POST /admin/imports/new":          "oms",
	"GET /admin/imports/{id}":          "oms",
	"POST /admin/imports/{id}/check":   "oms",
	"POST /admin/imports/{id}/run":     "oms",
	"POST /admin/imports/{id}/stop":    "oms",
	"POST /admin/imports/{id}/undo":    "oms",
	"POST /admin/imports/{id}/refused": "om",
}

// importCrowd lets imports name people, as the program does.
type importCrowd struct{ *people.People }

func (c importCrowd) Who(n imports.Named, field string) (loyalty.Who, *loyalty.Person, error) {
	return c.People.Who(people.Naming{
		Number: n.Number, ExternalID: n.ExternalID, Email: n.Email, Phone: n.Phone, FirstName: n.FirstName, LastName: n.LastName, Locale: n.Locale,
	}, field)
}

// bring sends a file, and gives the path of its import.
func (b *browser) bring(once, reads, name string, file []byte) got {
	b.t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	_ = w.WriteField("once", once) // a buffer takes everything
	_ = w.WriteField("reads", reads)
	part, err := w.CreateFormFile("file", name)
	if err != nil {
		b.t.Fatal(err)
	}
	_, _ = part.Write(file)
	_ = w.Close()
	r, err := http.NewRequestWithContext(context.Background(), "POST", b.server.URL+"/admin/imports/new", &body)
	if err != nil {
		b.t.Fatal(err)
	}
	r.Header.Set("Content-Type", w.FormDataContentType())
	return b.do(r)
}

// work does what the jobs of an import do.
func (s *site) importWork(at string) {
	s.t.Helper()
	which, err := id.Parse[id.ImportKind](path.Base(at))
	if err != nil {
		s.t.Fatal(err)
	}
	say := func(_ *loyalty.Shop, _ string, e imports.RowError) string { return e.Code }
	if _, err := s.files.Work(say)(s.t.Context(), store.Job{Shop: s.shop.ID, Kind: imports.ImportJob, Subject: which}); err != nil {
		s.t.Fatal(err)
	}
}

// A file in a code page and with a separator of its own is proposed as it is, tried, run, and
// what it said of balances is taken back to what was before.
func TestAFileIsTriedRunAndTakenBack(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st).withShop()
		s.publish(cardPrograms)
		b := s.as(staff.Owner)
		b.bring("e1", "members", "x.csv", []byte("PK\x03\x04 no workbook")).wants(t, http.StatusUnprocessableEntity, "neither CSV nor XLSX")
		members := b.bring("a1", "members", "members.csv", []byte("Numer;Imi\xea;E-mail\n1;\xa3ucja;lucja@example.com\n2;Jan;no address\n3;Ola;ola@example.com\n"))
		at := members.Request.URL.Path
		members.wants(t, http.StatusOK, "Łucja", `value="semicolon" selected`, `value="windows-1250" selected`)
		if again := b.bring("a1", "members", "members.csv", []byte("Numer\n1\n")); again.Request.URL.Path != at {
			t.Error("the same upload is another import", again.Request.URL.Path)
		}
		b.get(at+"?separator=comma").wants(t, http.StatusOK, "Numer;Imię;E-mail")
		sent := []string{"source", "kasa", "separator", "semicolon", "encoding", "windows-1250", "decimal", "point", "dates", "iso", "number", "Numer", "first_name", "Imię"}
		b.post(at+"/check", append(sent[2:], "source", "not a name", "email", "E-mail")...).wants(t, http.StatusUnprocessableEntity, "not a name", "Only plain letters")
		b.post(at+"/check", append(sent, "email", "E-mail")...).wants(t, http.StatusOK, "Being tried", "data-again")
		s.importWork(at)
		b.get(at).wants(t, http.StatusOK, "Tried, ready", "New members</dt><dd>2<", "Line 3", "E-mail: ", "1 row refused")
		b.post(at+"/check", append(sent[2:], "source", "no name", "email", "E-mail")...).wants(t, http.StatusUnprocessableEntity, `value="no name"`)
		if g := b.post(at + "/refused"); !strings.Contains(g.body, "3;E-mail;invalid_email;2;Jan;no address") {
			t.Errorf("rows that were not taken: %q", g.body)
		}
		b.post(at+"/run").wants(t, http.StatusOK, "Running")
		s.importWork(at)
		b.get(at).wants(t, http.StatusOK, "Done", "New members</dt><dd>2<", "Members and orders stay")
		like := b.bring("a2", "members", "later.csv", []byte("Numer;Imi\xea;E-mail\n4;\xa3ukasz;lukasz@example.com\n"))
		like.wants(t, http.StatusOK, `name="source" type="text" value="kasa"`, "Łukasz")
		b.post(like.Request.URL.Path+"/stop").wants(t, http.StatusOK, "Dropped")

		balances := b.bring("b1", "balances", "balances.csv", []byte("number,unit,amount\n1,points,120\n3,points,30\n9,points,5\n"))
		at = balances.Request.URL.Path
		b.post(at+"/check", "source", "kasa", "separator", "comma", "encoding", "utf-8", "decimal", "point", "dates", "iso",
			"member_number", "number", "unit", "unit", "amount", "amount").wants(t, http.StatusOK)
		s.importWork(at)
		b.get(at).wants(t, http.StatusOK, "150 points")
		b.post(at+"/run").wants(t, http.StatusOK)
		s.importWork(at)
		b.get(at).wants(t, http.StatusOK, "Undo the import")
		s.as(staff.Support).get(at).wants(t, http.StatusOK)
		b.post(at+"/undo").wants(t, http.StatusOK, "Being undone")
		s.importWork(at)
		s.importWork(at)
		b.get(at).wants(t, http.StatusOK, "Undone", "Taken back</dt><dd>2<")
		m, err := s.people.Find(t.Context(), s.shop.ID, loyalty.Who{Keys: []loyalty.Key{{Kind: loyalty.ByNumber, Key: "1"}}})
		if err != nil {
			t.Fatal(err)
		}
		b.get("/admin/members/"+m.ID.String()+"?tab=wallet").wants(t, http.StatusOK, "0 points")
		b.get("/admin/imports").wants(t, http.StatusOK, "members.csv", "balances.csv", "later.csv")
	})
}
