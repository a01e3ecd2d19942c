package admin_test

import (
	"encoding/csv"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"cagnotte/internal/decide"
	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/message"
	"cagnotte/internal/outreach"
	"cagnotte/internal/people"
	"cagnotte/internal/staff"
	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
)

const friendly = `program "Friends"
  starts 2020-01-01
  referral held from score 100
  refer friend 500 points, referrer 10.00 EUR, on first order, from 20.00 EUR
`

// withFriends publishes a program, and lets Béla join through Anna on her own tablet: that
// waits for a word. Celina came through Anna too, and her order was too small.
func (s *site) withFriends() (flagged *loyalty.Referral) {
	s.t.Helper()
	if _, err := s.programs.Apply(s.t.Context(), s.shop.ID, friendly, false); err != nil {
		s.t.Fatal(err)
	}
	s.comes("1001", "Anna", "Nowak", "", "tablet")
	s.comes("1002", "Béla", "Nowak", "1001", "tablet")
	s.comes("1003", "Celina", "Lis", "1001", "phone")
	s.buys("A1", "1002", 4500)
	s.buys("A2", "1003", 900)
	list, err := s.referrals.Latest(s.t.Context(), s.shop.ID, everything(s), none, 10)
	if err != nil {
		s.t.Fatal(err)
	}
	for _, r := range list {
		if r.State == loyalty.ReferralFlagged {
			return r
		}
	}
	s.t.Fatal("nothing is flagged")
	return nil
}

func (s *site) comes(number, first, last, referrer, device string) {
	s.t.Helper()
	n := people.Enrolment{
		Fact:   loyalty.Fact{Feed: "web", ExternalID: "join-" + number, Via: "test", Origin: loyalty.FromLive, Touch: loyalty.OriginLink},
		Person: people.Naming{Number: number, FirstName: first, LastName: last, Email: "m" + number + "@example.com", Locale: "en"},
	}
	var err error
	if device != "" {
		if n.Fact.Signals, err = s.people.Signals(map[string]string{loyalty.SignDevice: device}, n.Person, ""); err != nil {
			s.t.Fatal(err)
		}
	}
	if referrer != "" {
		n.Referrer = people.Naming{Number: referrer}
	}
	if _, err := s.people.Enrol(s.t.Context(), s.shop.ID, n); err != nil {
		s.t.Fatal(err)
	}
}

func (s *site) buys(ref, number string, cents int64) id.Event {
	s.t.Helper()
	a, err := s.people.Record(s.t.Context(), s.shop.ID, &loyalty.Fact{
		Kind: loyalty.OrderPaid, Feed: "web", ExternalID: "order-" + ref, Via: "test", Origin: loyalty.FromLive,
		Member: loyalty.Who{Keys: []loyalty.Key{{Kind: loyalty.ByNumber, Key: number}}},
		Order:  &loyalty.Order{Series: "web", Ref: ref, Currency: "EUR", Lines: []loyalty.Line{{SKU: "TEA", Quantity: 1, Amount: cents}}},
	})
	if err != nil || a[0].Err != nil {
		s.t.Fatal(err, a)
	}
	return a[0].Event
}

func (s *site) member(number string) *people.Member {
	s.t.Helper()
	m, err := s.people.Find(s.t.Context(), s.shop.ID, loyalty.Who{Keys: []loyalty.Key{{Kind: loyalty.ByNumber, Key: number}}})
	if err != nil {
		s.t.Fatal(err)
	}
	return m
}

func (s *site) balance(number, unit string) int64 {
	s.t.Helper()
	w, err := s.people.Wallet(s.t.Context(), s.shop.ID, s.member(number).ID, s.office.Now(s.shop))
	if err != nil {
		s.t.Fatal(err)
	}
	for _, b := range w.Units {
		if string(b.Unit) == unit {
			return b.Available
		}
	}
	return 0
}

// forms finds a hidden field of a form on a page.
func hidden(t *testing.T, body, form, name string) string {
	t.Helper()
	_, rest, ok := strings.Cut(body, form)
	m := regexp.MustCompile(`name="` + name + `" value="([^"]*)"`).FindStringSubmatch(rest)
	if !ok || m == nil {
		t.Fatalf("no %s behind %q", name, form)
	}
	return m[1]
}

// done counts the records of one route.
func (s *site) done(action string) (n int) {
	s.t.Helper()
	for _, d := range s.deeds(s.shop) {
		if d.Action == action {
			n++
		}
	}
	return n
}

func TestReferralsAreFollowedFilteredAndExported(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st).withShop()
		b := s.as(staff.Owner)
		b.get("/admin/referrals").wants(t, http.StatusOK, "No referral yet")
		s.withFriends()
		page := b.get("/admin/referrals")
		page.wants(t, http.StatusOK, "Béla Nowak", "Celina Lis", "Both use the same device.", "Risk 100", "1 to review", "Personal link",
			"/admin/members/"+s.member("1003").ID.String(), `class="count">1<`)
		if !regexp.MustCompile(`(?s)Account or order</span>\s*<b class="big">2</b>`).MatchString(page.body) {
			t.Error("the funnel does not count two who joined")
		}
		card := b.get("/admin/members/" + s.member("1001").ID.String() + "?tab=wallet")
		card.wants(t, http.StatusOK, "€10.00: paid as soon as somebody has reviewed and accepted the referral.")
		if strings.Contains(card.body, "the next on") {
			t.Error("what waits for a decision has no day, and the card names one")
		}
		b.get("/admin/referrals?state=flagged").wants(t, http.StatusOK, "Béla Nowak")
		if strings.Contains(b.get("/admin/referrals?state=flagged").body, "Celina") {
			t.Error("the filter lets others through")
		}
		b.get("/admin/referrals?origin=email").wants(t, http.StatusOK, "No referral matches", "Clear filters")
		list, err := s.programs.List(t.Context(), s.shop.ID)
		if err != nil {
			t.Fatal(err)
		}
		// What is held was given already, and waits; nothing was given for Celina.
		of := b.get("/admin/referrals?program=" + list[0].ID.String())
		of.wants(t, http.StatusOK, "Béla Nowak", "Referrer: €10.00, waiting", "Friend: 500 points, waiting")
		if strings.Contains(of.body, "Celina") {
			t.Error("a program that gave nothing is named")
		}
		b.get("/admin/test/referrals").wants(t, http.StatusOK, "No referral yet")

		s.comes("1004", "=cmd()", "Dora", "1001", "x")
		answer := b.post("/admin/referrals/export", "filter", "days=0")
		answer.wants(t, http.StatusOK)
		rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(answer.body, "\ufeff"))).ReadAll()
		if err != nil || len(rows) != 4 {
			t.Fatal(len(rows), err)
		}
		if rows[1][3] != "'=cmd() Dora" || rows[0][3] != "Friend" {
			t.Errorf("%q", rows)
		}
		if n := s.done("POST /referrals/export"); n != 1 {
			t.Errorf("%d records of the export", n)
		}
	})
}

func TestManyReferralsAreReadPageByPage(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st).withShop()
		if _, err := s.programs.Apply(t.Context(), s.shop.ID, friendly, false); err != nil {
			t.Fatal(err)
		}
		s.comes("1001", "Anna", "Nowak", "", "")
		for i := range 30 {
			s.comes("2"+string(rune('a'+i)), "Friend", string(rune('A'+i%26))+string(rune('a'+i/26))+"q", "1001", "")
		}
		b, seen := s.as(staff.ReadOnly), map[string]bool{}
		path := "/admin/referrals"
		for pages := 0; path != ""; pages++ {
			page := b.get(path)
			for _, m := range regexp.MustCompile(`<b>(Friend \w+)</b>`).FindAllStringSubmatch(page.body, -1) {
				if seen[m[1]] {
					t.Errorf("%s is there twice", m[1])
				}
				seen[m[1]] = true
			}
			next := regexp.MustCompile(`rel="next" href="([^"]+)"`).FindStringSubmatch(page.body)
			if path = ""; next != nil {
				path = strings.ReplaceAll(next[1], "&amp;", "&")
			}
			if pages > 3 {
				t.Fatal("it never ends")
			}
		}
		if len(seen) != 30 {
			t.Errorf("%d of 30", len(seen))
		}
	})
}

func TestAReferralIsReviewedWithItsEvidence(t *testing.T) {
	t.Parallel()
	for _, outcome := range []string{"accept", "refuse"} {
		t.Run(outcome, func(t *testing.T) { reviewed(t, outcome) })
	}
}

func reviewed(t *testing.T, outcome string) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st).withShop()
		b := s.as(staff.Support)
		b.get("/admin/referrals/review").wants(t, http.StatusOK, "Nothing to review")
		r := s.withFriends()
		page := b.get("/admin/referrals/review")
		page.wants(t, http.StatusOK, "Béla Nowak, recommended by Anna Nowak", "The same for both", "Device or browser", "+100", "m1002@example.com", "€10.00", "500 points", `data-key="a"`)
		path := "/admin/referrals/" + r.ID.String() + "/review"
		once := hidden(t, page.body, `value="accept"`, "once")

		b.post(path, "outcome", "refuse", "once", once).wants(t, http.StatusUnprocessableEntity, "Something is missing here")
		fields := []string{"outcome", outcome, "once", once, "reason", "we looked"}
		b.post(path, fields...).wants(t, http.StatusOK, "Nothing to review")
		b.post(path, fields...).wants(t, http.StatusOK, "Nothing to review") // a second click
		if n := s.done("POST /referrals/{id}/review"); n != 1 {
			t.Errorf("%d records", n)
		}
		want := map[string]int64{"accept": 1000, "refuse": 0}[outcome]
		if got := s.balance("1001", "EUR"); got != want {
			t.Errorf("%s gave %d, want %d", outcome, got, want)
		}
		b.post(path, "outcome", "accept", "once", "another").wants(t, http.StatusConflict)
		b.get("/admin/referrals").wants(t, http.StatusOK, "0 to review")
		if outcome == "accept" {
			b.get("/admin/referrals/review").wants(t, http.StatusOK, "What another limit would have held", "From risk")
		}
		// Another shop's staff does not find it.
		other, err := s.office.CreateShop(t.Context(), "Café Bleu", "EUR", "Europe/Paris")
		if err != nil {
			t.Fatal(err)
		}
		s.add(other.Live, staff.Owner)
		theirs := s.asOf(other.Live, staff.Owner)
		theirs.post(path, "outcome", "accept").wants(t, http.StatusNotFound)
		theirs.post("/admin/referrals/"+r.ID.String()+"/end").wants(t, http.StatusNotFound)
	})
}

func TestAReferralIsAddedByHand(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st).withShop()
		s.withFriends()
		s.comes("1005", "Anna", "Zając", "", "")
		b := s.as(staff.Support)
		page := b.get("/admin/referrals/new")
		once := hidden(t, page.body, `action="/admin/referrals/new"`, "once")

		// Homonyms are told apart, and what was typed stays.
		twice := b.post("/admin/referrals/new", "is", "lead", "first_name", "Fela", "email", "fela@example.com", "referrer", "anna", "note", "at the till", "once", once)
		twice.wants(t, http.StatusUnprocessableEntity, "Several members match", "1001 – m1001@example.com", "1005 – m1005@example.com", "fela@example.com", "at the till")
		fields := []string{
			"is", "lead", "first_name", "Fela", "email", "fela@example.com", "note", "at the till", "once", once,
			"referrer", "anna", "referrer_text", "anna", "referrer_id", s.member("1005").ID.String(),
		}
		b.c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
		b.post("/admin/referrals/new", fields...).wants(t, http.StatusSeeOther)
		said := b.get("/admin/referrals?days=0")
		said.wants(t, http.StatusOK, "The referral is recorded.", "Fela", "By the team")
		b.post("/admin/referrals/new", fields...).wants(t, http.StatusSeeOther)
		if n := s.done("POST /referrals/new"); n != 1 {
			t.Errorf("%d records", n)
		}
		_, person, err := s.people.Who(people.Naming{Email: "fela@example.com"}, "member")
		who, _, _ := s.people.Who(people.Naming{Email: "fela@example.com"}, "member")
		fela, err2 := s.people.Find(t.Context(), s.shop.ID, who)
		if err != nil || err2 != nil || person == nil || fela.State != loyalty.Prospect || fela.ReferredBy != s.member("1005").ID {
			t.Fatalf("%+v %v %v", fela, err, err2)
		}

		undo := regexp.MustCompile(`action="(/admin/referrals/ref_\w+/end[^"]*)"`).FindStringSubmatch(said.body)
		if undo == nil {
			t.Fatal("nothing to undo")
		}
		b.post(strings.ReplaceAll(undo[1], "&amp;", "&")).wants(t, http.StatusSeeOther)
		if fela, _ = s.people.Find(t.Context(), s.shop.ID, who); !fela.ReferredBy.IsZero() {
			t.Error("she still has a referrer")
		}

		// A member who was there before is recorded only when somebody insists.
		late := []string{"is", "member", "friend", "1005", "referrer", "1003", "note", "she says so", "once", "late"}
		b.post("/admin/referrals/new", late...).wants(t, http.StatusUnprocessableEntity, "Nobody will be rewarded: The account existed before")
		b.post("/admin/referrals/new", append(late, "anyway", "1")...).wants(t, http.StatusSeeOther)
		if s.member("1005").ReferredBy != s.member("1003").ID {
			t.Error("what was insisted on is not recorded")
		}
		for want, more := range map[string][]string{
			"Nobody can recommend themselves": {"friend", "1003", "referrer", "1003", "note", "x"},
			"Nobody has this name":            {"friend", "nobody at all", "referrer", "1003", "note", "x"},
			"lies in the future":              {"friend", "1003", "referrer", "1005", "note", "x", "date", "2099-01-01"},
			"not a day such as":               {"friend", "1003", "referrer", "1005", "note", "x", "date", "soon"},
			"Something is missing here":       {"friend", "1003", "referrer", "1005"},
		} {
			b.post("/admin/referrals/new", append(more, "is", "member")...).wants(t, http.StatusUnprocessableEntity, want)
		}
		// A lead known by name alone.
		b.post("/admin/referrals/new", "is", "lead", "first_name", "Gosia", "referrer", "1003", "note", "on paper", "once", "by-name").wants(t, http.StatusSeeOther)
		b.get("/admin/referrals?days=0").wants(t, http.StatusOK, "Gosia")
	})
}

// address unescapes what a page links to.
func address(s string) string {
	out, err := url.PathUnescape(strings.ReplaceAll(s, "&amp;", "&"))
	if err != nil {
		return s
	}
	return out
}

// The dashboard and the list behind it count the same, whoever was refused, replaced or bought for
// less than a reward asks.
func TestTheFunnelIsOneClickApartTheSame(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st).withShop()
		s.withFriends()
		s.comes("1004", "Dora", "Kos", "1003", "")
		s.comes("1005", "Ewa", "Kos", "1001", "")
		anna := s.member("1001")
		for name, f := range map[string]*loyalty.Fact{
			"dora": {Member: loyalty.Who{ID: s.member("1004").ID}, Referrer: loyalty.Who{ID: anna.ID}, Staff: &loyalty.Staff{Actor: "a", Reason: "a mistake"}},
			"ewa":  {Member: loyalty.Who{ID: s.member("1005").ID}, Staff: &loyalty.Staff{Actor: "a", Reason: "a mistake", No: true}},
		} {
			f.Kind, f.Feed, f.ExternalID, f.Via, f.Origin = loyalty.StaffBond, "office", name, "office", loyalty.FromStaff
			if a, err := s.people.Record(t.Context(), s.shop.ID, f); err != nil || a[0].Err != nil {
				t.Fatal(a, err)
			}
		}
		b := s.as(staff.Owner)
		numbers := func(path, list, number string) (out []string) {
			_, rest, ok := strings.Cut(b.get(path).body, list)
			rest, _, _ = strings.Cut(rest, "</ol>")
			for _, m := range regexp.MustCompile(number).FindAllStringSubmatch(rest, -1) {
				out = append(out, m[1])
			}
			if !ok || len(out) != 5 {
				t.Fatalf("%s: %v in %s", path, out, rest)
			}
			return out
		}
		for period, days := range map[string]string{"7d": "7", "28d": "28", "12m": "365"} {
			board := numbers("/admin?period="+period, `<ol class="funnel-columns">`, `<b>(\d+)</b>`)
			desk := numbers("/admin/referrals?days="+days, `<ol class="funnel`, `class="big"[^>]*>(\d+)<`)
			if !slices.Equal(board, desk) || board[3] != "2" {
				t.Errorf("%s: the dashboard says %v, the list %v", period, board, desk)
			}
		}
	})
}

// A household is confirmed while a referral is reviewed, or by hand, and taken off the list again:
// what its members share is no sign meanwhile.
func TestAHouseholdIsConfirmed(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st).withShop()
		r := s.withFriends()
		b := s.as(staff.Support)
		b.get("/admin/referrals/households").wants(t, http.StatusOK, "No household is confirmed yet")
		page := b.get("/admin/referrals/review")
		once := hidden(t, page.body, `value="accept"`, "once")
		b.post("/admin/referrals/"+r.ID.String()+"/review", "outcome", "accept", "also", "household", "once", once).wants(t, http.StatusOK, "Nothing to review")
		list := b.get("/admin/referrals/households")
		list.wants(t, http.StatusOK, "Household 1", "Anna Nowak", "Béla Nowak")
		signs := func() (trusted int) {
			t.Helper()
			of := map[bool]loyalty.Signals{}
			for friend, m := range map[bool]id.Member{true: r.Friend, false: r.Referrer} {
				x, err := s.people.Signs(t.Context(), s.shop.ID, m)
				if err != nil {
					t.Fatal(err)
				}
				of[friend] = x
			}
			for _, x := range decide.Signs(of[true], of[false]) {
				if x.Trusted {
					trusted++
				}
			}
			return trusted
		}
		if signs() != 1 {
			t.Error("the device that both share still weighs")
		}

		s.comes("1006", "Gosia", "Nowak", "", "")
		b.post("/admin/referrals/households", "first", "1001", "second", "nobody", "reason", "said so").wants(t, http.StatusUnprocessableEntity, `id="second-wrong"`, `value="1001"`)
		b.post("/admin/referrals/households", "first", "1001", "second", "m1001@example.com", "reason", "said so").wants(t, http.StatusUnprocessableEntity, "two different ones")
		b.post("/admin/referrals/households", "first", "1001", "second", "1006", "reason", "").wants(t, http.StatusUnprocessableEntity, `id="reason-wrong"`)
		b.post("/admin/referrals/households", "first", "m1006@example.com", "second", "1001", "reason", "said so at the till").wants(t, http.StatusOK, "one household now", "Household 1", "Gosia Nowak", "Béla Nowak")
		if strings.Contains(b.get("/admin/referrals/households").body, "Household 2") {
			t.Error("who joins a household makes another one")
		}
		b.post("/admin/referrals/households/"+r.Friend.String()+"/remove", "once", "away").wants(t, http.StatusOK, "counts as a sign again")
		if strings.Contains(b.get("/admin/referrals/households").body, "Béla Nowak") || signs() != 0 {
			t.Error("who was removed is still there")
		}
	})
}

// A member asks for a second look; staff sees it with what did not count, answers, and the answer
// is told in his pages and in a letter (G10).
func TestASecondLookIsAskedForAndAnswered(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st).withShop()
		r := s.withFriends()
		b := s.as(staff.Support)
		if err := s.outreach.Switch(t.Context(), s.shop.ID, true); err != nil {
			t.Fatal(err)
		}
		b.get("/admin/referrals/appeals").wants(t, http.StatusOK, "Nobody waits for an answer")
		a, err := s.people.Appeal(t.Context(), s.shop.ID, r.Friend, "Anna is my sister,\nwe are two people")
		if err != nil {
			t.Fatal(err)
		}
		b.get("/admin/referrals/review").wants(t, http.StatusOK, "1 member asks for a second look")
		page := b.get("/admin/referrals/appeals")
		page.wants(t, http.StatusOK, "Béla Nowak", "Anna is my sister,", "recommended by Anna Nowak", "Both use the same device.", "/admin/referrals/review?at="+r.ID.String(), `class="count">2<`)
		path := "/admin/referrals/appeals/" + a.ID.String() + "/answer"
		b.post(path, "outcome", "perhaps").wants(t, http.StatusUnprocessableEntity)
		b.post(path, "outcome", "changed", "reply", "You are two, indeed.").wants(t, http.StatusOK, "The member is told", "Nobody waits for an answer")
		b.post(path, "outcome", "stands").wants(t, http.StatusConflict)
		had, err := s.people.AppealsOf(t.Context(), s.shop.ID, r.Friend)
		if err != nil || len(had) != 1 || had[0].Outcome != people.AppealChanged || had[0].Reply != "You are two, indeed." {
			t.Errorf("%+v %v", had, err)
		}
		letters, err := s.outreach.Of(t.Context(), s.shop.ID, r.Friend, id.Message{}, 10)
		if err != nil {
			t.Fatal(err)
		}
		if n := len(slices.DeleteFunc(letters, func(k *outreach.Kept) bool { return k.Moment != message.AppealAnswered })); n != 1 {
			t.Errorf("%d letters tell the answer", n)
		}
		// Another shop's staff does not find it.
		other, err := s.office.CreateShop(t.Context(), "Café Bleu", "EUR", "Europe/Paris")
		if err != nil {
			t.Fatal(err)
		}
		s.add(other.Live, staff.Owner)
		s.asOf(other.Live, staff.Owner).post(path, "outcome", "stands").wants(t, http.StatusNotFound)
	})
}
