package admin_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"cagnotte/internal/id"
	"cagnotte/internal/locale"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/message"
	"cagnotte/internal/people"
	"cagnotte/internal/referral"
	"cagnotte/internal/staff"
	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
	"cagnotte/internal/web/admin"
)

var none referral.Spot

// everything is a filter that all referrals pass.
func everything(s *site) referral.ListFilter {
	return referral.ListFilter{Until: s.office.Now(s.shop) + 1_000_000}
}

func TestTheJournalTellsWhatHappenedAndWhatWasRefused(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st).withShop()
		b := s.as(staff.ReadOnly)
		b.get("/admin/journal").wants(t, http.StatusOK, "Nothing has happened yet")
		s.withFriends()
		if err := s.outreach.Post(t.Context(), s.shop.ID, message.Letter{
			Key: "welcome/x", Moment: message.Welcome, Member: s.member("1001").ID, To: "anna@example.com", Locale: "en", Fields: map[string]string{"first_name": "Anna"},
		}); err != nil {
			t.Fatal(err)
		}
		all := b.get("/admin/journal")
		all.wants(t, http.StatusOK, "Order paid", "Joined", "Welcome", "A1", "Béla Nowak", "Refused: The amount that counts is below the minimum.")
		refused := b.get("/admin/journal?refused=1")
		refused.wants(t, http.StatusOK, "A2", "Refused because", "cause=BELOW_MINIMUM")
		if strings.Contains(refused.body, ">A1<") || strings.Contains(refused.body, "Welcome") {
			t.Error("what was not refused is among the refusals")
		}
		b.get("/admin/journal?cause=BELOW_MINIMUM").wants(t, http.StatusOK, "A2")
		for query, want := range map[string]string{
			"kind=orders": "A1", "kind=joined": "Joined", "kind=messages": "Welcome", "q=A2": "A2", "q=order-A1": "A1",
			"member=" + s.member("1003").ID.String(): "A2", "since=2020-01-01": "A1",
			"member=" + s.member("1003").ID.String() + "&refused=1": "A2", "member=" + s.member("1003").ID.String() + "&kind=joined": "Joined",
		} {
			b.get("/admin/journal?"+query).wants(t, http.StatusOK, want)
		}
		for _, query := range []string{"kind=clicks", "q=A3", "cause=CAP_REACHED", "until=2020-01-01", "since=2099-01-01", "member=" + s.member("1001").ID.String() + "&refused=1"} {
			b.get("/admin/journal?"+query).wants(t, http.StatusOK, "Nothing matches", "Clear filters")
		}
		b.get("/admin/journal?member="+id.Mint[id.MemberKind](1, [8]byte{}).String()).wants(t, http.StatusNotFound)
		b.get("/admin/test/journal").wants(t, http.StatusOK, "Nothing has happened yet")

		m := regexp.MustCompile(`/admin/journal/msg_\w+`).FindString(all.body)
		b.get(m).wants(t, http.StatusOK, "Waiting", "Anna Nowak")
		if strings.Contains(b.get(m).body, "m1001@example.com") {
			t.Error("the recipient is shown")
		}
	})
}

func TestTheJournalIsReadPageByPage(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st).withShop()
		if _, err := s.programs.Apply(t.Context(), s.shop.ID, friendly, false); err != nil {
			t.Fatal(err)
		}
		s.comes("1001", "Anna", "Nowak", "", "")
		s.comes("1002", "Béla", "Lis", "1001", "")
		for i := range 60 {
			s.buys("N"+string(rune('A'+i/26))+string(rune('a'+i%26)), "1002", 900)
		}
		b := s.as(staff.Owner)
		for _, query := range []string{"", "kind=orders", "refused=1", "cause=BELOW_MINIMUM", "member=" + s.member("1002").ID.String()} {
			seen := map[string]bool{}
			path := "/admin/journal?" + query
			for pages := 0; path != "" && pages < 5; pages++ {
				page := b.get(path)
				for _, m := range regexp.MustCompile(`>(N[A-Z][a-z])<`).FindAllStringSubmatch(page.body, -1) {
					if seen[m[1]] {
						t.Errorf("%q: %s is there twice", query, m[1])
					}
					seen[m[1]] = true
				}
				next := regexp.MustCompile(`rel="next" href="([^"]+)"`).FindStringSubmatch(page.body)
				if path = ""; next != nil {
					path = address(next[1])
				}
			}
			if len(seen) != 60 || path != "" {
				t.Errorf("%q: %d of 60, then %q", query, len(seen), path)
			}
		}
	})
}

func TestAFactIsExplainedTriedAnewAndOverridden(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st).withShop()
		s.withFriends()
		event := s.buys("A9", "1003", 1500)
		path := "/admin/journal/" + event.String()
		b := s.as(staff.Support)
		page := b.get(path)
		page.wants(t, http.StatusOK, "“Friends”, version 1", "order_paid", "A9", "Celina Lis", "at least €20.00 is needed", `data-copy=`, "Give it all the same", "Replay")
		if strings.Contains(page.body, "m1003@example.com") {
			t.Error("the payload names a person")
		}
		reads := s.as(staff.ReadOnly).get(path)
		reads.wants(t, http.StatusOK, "“Friends”, version 1")
		if strings.Contains(reads.body, "Give it all the same") || strings.Contains(reads.body, "replay=1") {
			t.Error("who only reads is offered more")
		}

		// Tried anew, by a program of today.
		if _, err := s.programs.Apply(t.Context(), s.shop.ID, `program "Points"
  starts 2020-01-01
  earn 1 point per 1.00 EUR
`, false); err != nil {
			t.Fatal(err)
		}
		rows := func() int {
			list, _, err := s.people.Journal(t.Context(), s.shop.ID, people.JournalFilter{Span: people.Span{Limit: 1000}})
			if err != nil {
				t.Fatal(err)
			}
			return len(list)
		}
		before := rows()
		b.get(path+"?replay=1").wants(t, http.StatusOK, "If it were reported again now", "“Points”, version 1", "15 points")
		if rows() != before || s.balance("1003", "points") != 0 {
			t.Error("a trial was stored")
		}

		over := path + "/override"
		once := hidden(t, page.body, `action="`+over+`"`, "once")
		b.post(over, "amount", "no", "unit", "EUR", "note", "", "once", once).wants(t, http.StatusUnprocessableEntity, "Type an amount above zero", "Something is missing here", `value="no"`)
		b.post(over, "amount", "5", "unit", "coins", "note", "x", "once", once).wants(t, http.StatusUnprocessableEntity)
		fields := []string{"amount", "2,50", "unit", "EUR", "note", "promised on the phone", "once", once}
		given := b.post(over, fields...)
		given.wants(t, http.StatusOK, "€2.50 given by hand", "Take it back", event.String())
		b.post(over, fields...).wants(t, http.StatusOK)
		if got := s.balance("1003", "EUR"); got != 250 {
			t.Errorf("he has %d", got)
		}
		if n := s.done("POST /journal/{id}/override"); n != 1 {
			t.Errorf("%d records", n)
		}
		undo := regexp.MustCompile(`/admin/journal/evt_\w+/undo`).FindString(given.body)
		b.post(undo).wants(t, http.StatusOK, "€2.50 taken back")
		b.post(undo).wants(t, http.StatusOK)
		if got := s.balance("1003", "EUR"); got != 0 {
			t.Errorf("after the undo he has %d", got)
		}
		if n := s.done("POST /journal/{id}/undo"); n != 1 {
			t.Errorf("%d records of the undo", n)
		}
		b.post(path+"/undo").wants(t, http.StatusConflict, "Only what was given by hand")

		other, err := s.office.CreateShop(t.Context(), "Café Bleu", "EUR", "Europe/Paris")
		if err != nil {
			t.Fatal(err)
		}
		s.add(other.Live, staff.Owner)
		theirs := s.asOf(other.Live, staff.Owner)
		theirs.get(path).wants(t, http.StatusNotFound)
		theirs.post(over, fields...).wants(t, http.StatusNotFound)
		theirs.post(undo).wants(t, http.StatusNotFound)
	})
}

func TestWhatTheTeamDidIsToldInWords(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st).withShop()
		r := s.withFriends()
		s.as(staff.Support).post("/admin/referrals/"+r.ID.String()+"/review", "outcome", "refuse", "reason", "one person", "once", "x")
		b := s.as(staff.Owner)
		b.get("/admin/journal/deeds").wants(t, http.StatusOK, "Referral reviewed", "Somebody support", "outcome: refuse")
		b.get("/admin/journal/deeds?object="+r.ID.String()).wants(t, http.StatusOK, "Referral reviewed")
		b.get("/admin/journal/deeds?object=ref_none").wants(t, http.StatusOK, "Nobody has changed anything yet")
		s.as(staff.Marketing).get("/admin/journal/deeds").wants(t, http.StatusNotFound)
	})
}

// Each route that changes something has words for the record of what the team did.
func TestEveryDeedHasWords(t *testing.T) {
	t.Parallel()
	words, err := locale.New()
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, pattern := range routesOf() {
		method, path, _ := strings.Cut(pattern, " ")
		if method != http.MethodPost || admin.Asks(method+" "+strings.TrimPrefix(path, "/admin")) {
			continue
		}
		n++
		key := admin.DeedKey(method + " " + strings.TrimPrefix(path, "/admin"))
		for _, tag := range locale.Tags {
			if p := words.Printer(tag, time.UTC); !p.Has(key) {
				t.Errorf("%s: there is no %s for %s", tag, key, pattern)
			}
		}
	}
	if n < 15 {
		t.Errorf("only %d routes", n)
	}
}

// Each kind of fact has words, and stands in one group of the filter.
func TestEveryKindOfFactIsInTheJournal(t *testing.T) {
	t.Parallel()
	words, err := locale.New()
	if err != nil {
		t.Fatal(err)
	}
	p := words.Printer("en", time.UTC)
	groups := admin.KindGroups()
	for _, kind := range append([]string{loyalty.ClockDue}, loyalty.Kinds...) {
		if !p.Has("admin.journal.kind." + kind) {
			t.Errorf("%s has no words", kind)
		}
		if groups[kind] != 1 {
			t.Errorf("%s stands in %d groups", kind, groups[kind])
		}
	}
}
