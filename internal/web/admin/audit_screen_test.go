package admin_test

import (
	"net/http"
	"strings"
	"testing"

	"cagnotte/internal/moment"
	"cagnotte/internal/staff"
	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
)

// U17: each change stands with what was before and after, by field, in words.
func TestTheAuditSaysWhatWasBeforeAndAfter(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st).withShop()
		b := s.as(staff.Owner)
		changes := func(want ...[3]string) {
			t.Helper()
			got := map[[3]string]bool{}
			for _, c := range s.deeds(s.shop)[0].Changes {
				got[[3]string{c.Field, c.Before, c.After}] = true
			}
			if len(got) != len(want) {
				t.Errorf("%v, want %v", got, want)
			}
			for _, w := range want {
				if !got[w] {
					t.Errorf("%v is missing in %v", w, got)
				}
			}
		}
		b.post("/admin/settings/groups", "code", "gold", "name", "Gold").wants(t, http.StatusOK)
		changes([3]string{"admin.settings.list.name", "", "Gold"})
		b.post("/admin/settings/groups", "code", "gold", "name", "Or", "archived", "yes").wants(t, http.StatusOK)
		changes([3]string{"admin.settings.list.name", "Gold", "Or"}, [3]string{"admin.settings.list.archived", "", "yes"})
		b.post("/admin/settings/groups", "code", "gold", "name", "Or").wants(t, http.StatusOK)
		b.post("/admin/settings/consent", "consent", "service").wants(t, http.StatusOK)
		changes([3]string{"admin.settings.field.consent", "strict", "service"})
		b.post("/admin/settings/consent", "consent", "service").wants(t, http.StatusOK)
		changes()
		b.post("/admin/target", "target", "12.50").wants(t, http.StatusOK)
		changes([3]string{"admin.audit.field.per_new", "0.00", "12.50"})

		support := ""
		team, err := s.staff.List(t.Context(), s.shop.ID)
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range team {
			if a.Role == staff.Support {
				support = a.ID.String()
			}
		}
		b.post("/admin/people/"+support+"/role", "role", "read_only").wants(t, http.StatusOK)
		changes([3]string{"admin.role", "support", "read_only"})

		page := b.get("/admin/audit")
		page.wants(t, http.StatusOK, "<dt>Name</dt>", "</span>Gold</del>", "</span>Or</ins>", "</span>12.50</ins>", "</span>Support</del>", "</span>Read only</ins>", `href="/admin/settings/groups"`)
		b.get("/admin/audit?who="+support).wants(t, http.StatusOK, "Nobody has changed anything yet")
		for query, want := range map[string]string{"kind=settings": "Or</ins>", "kind=access": "Read only</ins>", "since=2020-01-01": "Or</ins>"} {
			b.get("/admin/audit?"+query).wants(t, http.StatusOK, want)
		}
		for query, not := range map[string]string{"kind=settings": "Read only</ins>", "kind=access": "Or</ins>", "kind=programs": "</ins>", "until=2020-01-01": "</ins>", "since=2099-01-01": "</ins>"} {
			if g := b.get("/admin/audit?" + query); strings.Contains(g.body, not) {
				t.Errorf("%s shows %s", query, not)
			}
		}
		csv := b.post("/admin/audit/export", "format", "csv", "of", "kind=settings")
		csv.wants(t, http.StatusOK, "Name,Gold,Or", "Somebody owner")
		if strings.Contains(csv.body, "Read only") {
			t.Error("the file has more than its filter")
		}
		b.get("/admin/audit?kind=exports").wants(t, http.StatusOK, "rows: ")
	})
}

// What was changed of a member is kept as it was, and goes with him; who opened his card is known.
func TestTheAuditForgetsWhoIsErased(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st).withShop()
		m := s.enrol("1001", "Anna", "Nowak", "anna@example.com")
		owner, marketing := s.as(staff.Owner), s.as(staff.Marketing)
		at := "/admin/members/" + m.ID.String()
		owner.post(at+"/person", "once", "p1", "first_name", "Hanna", "last_name", "Nowak", "email", "hanna@example.com", "locale", "en").wants(t, http.StatusOK)
		owner.post(at+"/tag", "once", "t1", "tags", "vip").wants(t, http.StatusOK)
		page := owner.get("/admin/audit?kind=members")
		page.wants(t, http.StatusOK, "</span>Anna</del>", "</span>Hanna</ins>", "</span>anna@example.com</del>", "</span>vip</ins>", ">Hanna Nowak</a>")
		if strings.Contains(page.body, "Last name") {
			t.Error("what did not change stands there")
		}
		for range 3 {
			marketing.get(at).wants(t, http.StatusOK)
		}
		owner.get("/admin/audit?kind=looks").wants(t, http.StatusOK, "Hanna Nowak", "Somebody marketing")
		looks, err := s.staff.LooksAt(t.Context(), s.shop.ID, s.shop.ID, m.ID, 10)
		if err != nil {
			t.Fatal(err)
		}
		times := map[string]int64{}
		for _, l := range looks {
			times[l.Name] = l.Times
		}
		if len(looks) != 2 || times["Somebody marketing"] != 3 {
			t.Errorf("the card was opened by %v", times)
		}
		owner.get(at+"?tab=data").wants(t, http.StatusOK, "Who opened this card", "Somebody marketing", "3 times")
		if g := s.as(staff.ReadOnly).get(at + "?tab=data"); strings.Contains(g.body, "Who opened this card") {
			t.Error("who may only read reads what the team looked at")
		}

		owner.post(at+"/erase", "once", "e1", "name", "Hanna Nowak").wants(t, http.StatusOK)
		page = owner.get("/admin/audit?kind=members")
		page.wants(t, http.StatusOK, "<dt>First name</dt>", "<dd>not kept any more</dd>")
		file := owner.post("/admin/audit/export", "format", "csv", "of", "")
		for _, gone := range []string{"Anna", "Hanna", "anna@example.com", "vip"} {
			if strings.Contains(strings.ReplaceAll(page.body, "tags: vip", ""), gone+"<") || strings.Contains(strings.ReplaceAll(file.body, "tags: vip", ""), gone) {
				t.Errorf("%s is still there", gone)
			}
		}
	})
}

// Looks are swept after a year, deeds are not.
func TestLooksAreForgottenAfterAYear(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		pass := clocked(st)
		s := open(t, st).withShop()
		m := s.enrol("1001", "Anna", "Nowak", "anna@example.com")
		s.as(staff.Owner).get("/admin/members/"+m.ID.String()).wants(t, http.StatusOK)
		for _, tt := range []struct {
			days moment.Time
			want int
		}{{364, 1}, {2, 0}} {
			pass(tt.days * moment.Day)
			if err := s.staff.Sweep(t.Context(), s.shop.ID); err != nil {
				t.Fatal(err)
			}
			list, _, err := s.staff.Looks(t.Context(), s.shop.ID, s.shop.ID, [16]byte{}, 0, 0, 10)
			if err != nil || len(list) != tt.want {
				t.Errorf("%d looks, want %d; %v", len(list), tt.want, err)
			}
		}
	})
}
