package admin_test

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"html"
	"log/slog"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"cagnotte/internal/id"
	"cagnotte/internal/jobs"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/people"
	"cagnotte/internal/staff"
	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
)

// facts records what the shop's systems report.
func (s *site) facts(list ...*loyalty.Fact) {
	s.t.Helper()
	for i, f := range list {
		f.Feed, f.Via, f.Origin = "web", "test", loyalty.FromLive
		if f.ExternalID == "" {
			f.ExternalID = fmt.Sprintf("%s-%d-%s", f.Kind, i, f.Member.ID)
		}
	}
	answers, err := s.people.Record(s.t.Context(), s.shop.ID, list...)
	if err != nil {
		s.t.Fatal(err)
	}
	for _, a := range answers {
		if a.Err != nil {
			s.t.Fatal(a.Err)
		}
	}
}

// works does the jobs of bulk deeds.
func (s *site) works() {
	s.t.Helper()
	r := jobs.New(s.st, slog.New(slog.DiscardHandler), map[string]jobs.Work{people.BulkJob: s.people.BulkWork})
	if _, err := r.Round(s.t.Context()); err != nil {
		s.t.Fatal(err)
	}
}

// did counts the records of one route.
func (s *site) did(action string) (n int) {
	for _, d := range s.deeds(s.shop) {
		if d.Action == action {
			n++
		}
	}
	return n
}

var bodyRow = regexp.MustCompile(`(?s)<tbody>.*</tbody>`)

// rows is the body of the list alone.
func (g got) rows() string { return bodyRow.FindString(g.body) }

// names fails unless the list has these members, in this order.
func (g got) names(t *testing.T, want ...string) {
	t.Helper()
	var got []string
	for _, m := range regexp.MustCompile(`href="/admin/members/mem_[^"]+">([^<]+)</a>\s*(<small|</span)`).FindAllStringSubmatch(g.rows(), -1) {
		got = append(got, strings.TrimSpace(m[1]))
	}
	if !slices.Equal(got, want) {
		t.Errorf("%s lists %q, want %q", g.Request.URL.RequestURI(), got, want)
	}
}

func TestTheListOfMembers(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st).withShop()
		owner, reader := s.as(staff.Owner), s.as(staff.ReadOnly)
		owner.get("/admin/members").wants(t, http.StatusOK, "No members yet", "/admin/members/new")
		zoe := s.enrol("A-1", "Zoé", "Dubois", "zoe@example.com")
		lukasz := s.enrol("A-2", "Łukasz", "Żak", "lukasz@example.com")
		adam := s.enrol("B-3", "Adam", "Dubois", "adam@example.com")
		s.facts(
			&loyalty.Fact{Kind: loyalty.StaffTag, Member: loyalty.Who{ID: zoe.ID}, Staff: &loyalty.Staff{Actor: "a", Add: []string{"vip"}}},
			&loyalty.Fact{Kind: loyalty.StaffBlock, Member: loyalty.Who{ID: adam.ID}, Staff: &loyalty.Staff{Actor: "a", Reason: "r"}},
			&loyalty.Fact{Kind: loyalty.StaffAdjust, Member: loyalty.Who{ID: lukasz.ID}, Adjust: &loyalty.Adjust{Unit: "EUR", Amount: 124000, Reason: "r", Actor: "a"}},
			&loyalty.Fact{Kind: loyalty.StaffBond, Member: loyalty.Who{ID: lukasz.ID}, Referrer: loyalty.Who{ID: zoe.ID}, Touch: "staff", Staff: &loyalty.Staff{Actor: "a", Reason: "r"}},
			&loyalty.Fact{Kind: loyalty.ConsentGiven, Member: loyalty.Who{ID: zoe.ID}, Consent: &loyalty.Consent{Purpose: loyalty.Marketing, Way: loyalty.WaySMS, Source: "till"}},
		)
		for path, want := range map[string][]string{
			"":                                   {"Adam Dubois", "Łukasz Żak", "Zoé Dubois"}, // the newest first
			"?sort=joined":                       {"Zoé Dubois", "Łukasz Żak", "Adam Dubois"},
			"?sort=joined&down=1":                {"Adam Dubois", "Łukasz Żak", "Zoé Dubois"},
			"?sort=name":                         {"Adam Dubois", "Zoé Dubois", "Łukasz Żak"},
			"?sort=number&down=1":                {"Adam Dubois", "Łukasz Żak", "Zoé Dubois"},
			"?q=zak+luk":                         {"Łukasz Żak"},
			"?q=dubois":                          {"Zoé Dubois", "Adam Dubois"},
			"?q=dubois&state=blocked":            {"Adam Dubois"},
			"?q=LUKASZ%40example.com":            {"Łukasz Żak"},
			"?q=a-2":                             {"Łukasz Żak"},
			"?state=member":                      {"Łukasz Żak", "Zoé Dubois"},
			"?state=nonsense":                    {"Adam Dubois", "Łukasz Żak", "Zoé Dubois"},
			"?tag=vip":                           {"Zoé Dubois"},
			"?referred=yes":                      {"Łukasz Żak"},
			"?referred=no":                       {"Adam Dubois", "Zoé Dubois"},
			"?holds=1":                           {"Łukasz Żak"},
			"?consent=marketing.sms.yes":         {"Zoé Dubois"},
			"?consent=marketing.sms.no":          {"Adam Dubois", "Łukasz Żak"},
			"?consent=marketing.post.yes":        {},
			"?consent=marketing.fax.yes":         {"Adam Dubois", "Łukasz Żak", "Zoé Dubois"},
			"?consent=marketing.sms.no&q=dubois": {"Adam Dubois"},
			"?since=2100-01-01":                  {},
			"?until=2100-01-01":                  {"Adam Dubois", "Łukasz Żak", "Zoé Dubois"},
			"?since=nonsense&after=x.y.z":        {"Adam Dubois", "Łukasz Żak", "Zoé Dubois"},
		} {
			g := owner.get("/admin/members" + path)
			if len(want) == 0 {
				g.wants(t, http.StatusOK, "No member matches")
			} else {
				g.names(t, want...)
			}
		}
		owner.get("/admin/members").wants(t, http.StatusOK, "€1,240.00", `0<span class="mute"> / 1</span>`, "Blocked", "Active", `aria-sort="none"`)
		owner.get("/admin/members?q=dubois").wants(t, http.StatusOK, "2 members")
		owner.get("/admin/members?tag=vip&referred=no").wants(t, http.StatusOK, "Tag: vip", "Remove: Has no referrer", "Clear filters")
		owner.get("/admin/members?consent=marketing.sms.no").wants(t, http.StatusOK, "Remove: Does not agree: Offers by text message", `<option value="marketing.sms.no" selected>`)
		owner.get("/admin/bulk?what=tag&all=1&consent=marketing.sms.yes").wants(t, http.StatusOK, "This is about 1 member.", "Zoé Dubois")
		if g := owner.post("/admin/members/export", "format", "csv", "of", "consent=marketing.sms.no"); strings.Contains(g.body, "zoe@") || !strings.Contains(g.body, "lukasz@") {
			t.Errorf("the file has others than the list: %s", g.body)
		}
		owner.post("/admin/members/views", "name", "To be texted", "of", "consent=marketing.sms.yes").wants(t, http.StatusOK, "/admin/members?consent=marketing.sms.yes")
		owner.get("/admin/members?q=--").wants(t, http.StatusOK, "letter")
		// A code and a phone find their owner alone.
		codes, err := s.people.Codes(t.Context(), s.shop.ID, zoe.ID)
		if err != nil {
			t.Fatal(err)
		}
		owner.get("/admin/members?q="+strings.ToLower(codes[0])).names(t, "Zoé Dubois")
		// Who only reads has nothing to press, and nothing to take away.
		g := reader.get("/admin/members")
		for _, x := range []string{"/admin/bulk", "/admin/members/export", "/admin/members/new", `type="checkbox" name="m"`} {
			if strings.Contains(g.body, x) {
				t.Errorf("who only reads sees %s", x)
			}
		}
		// The other shop has nobody.
		owner.get("/admin/test/members").wants(t, http.StatusOK, "No members yet")
	})
}

// Every order and filter gives every member once, page by page, forwards and backwards.
func TestTheListIsWholePageByPage(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st).withShop()
		for i := range 60 {
			s.enrol(fmt.Sprintf("N%02d", i*7%60), "Anna", fmt.Sprintf("Nowak %c", 'A'+i%3), "")
		}
		b := s.as(staff.Owner)
		next, prev := regexp.MustCompile(`rel="next" href="([^"]+)"`), regexp.MustCompile(`rel="prev" href="([^"]+)"`)
		ticks := regexp.MustCompile(`name="m" value="(mem_[^"]+)"`)
		follow := func(at string, link *regexp.Regexp) (pages [][]string, last string) {
			for at != "" {
				g := b.get(at)
				g.wants(t, http.StatusOK)
				var page []string
				for _, m := range ticks.FindAllStringSubmatch(g.body, -1) {
					page = append(page, m[1])
				}
				pages, last = append(pages, page), at
				at = ""
				if m := link.FindStringSubmatch(g.body); m != nil {
					at = strings.ReplaceAll(m[1], "&amp;", "&")
				}
			}
			return pages, last
		}
		for _, query := range []string{"", "?sort=joined", "?sort=joined&down=1", "?sort=name", "?sort=name&down=1", "?sort=number", "?sort=number&down=1", "?q=now+an", "?q=nowak&state=member", "?state=member", "?since=2020-01-01"} {
			forth, last := follow("/admin/members"+query, next)
			back, _ := follow(last, prev)
			slices.Reverse(back)
			if !slices.EqualFunc(forth, back, slices.Equal) {
				t.Errorf("%s: the pages are others on the way back: %d and %d", query, len(forth), len(back))
			}
			all := slices.Concat(forth...)
			once := slices.Compact(slices.Sorted(slices.Values(all)))
			if len(forth) != 3 || len(all) != 60 || len(once) != 60 {
				t.Errorf("%s: %d pages, %d rows, %d members", query, len(forth), len(all), len(once))
			}
		}
		b.get("/admin/members").wants(t, http.StatusOK, "60 members", "Instead all of this list: 60 members")
	})
}

// A page takes as many statements whatever it shows.
func TestAPageOfMembersIsReadAtOnce(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st).withShop()
		ask := func(n int) int {
			for i := range n {
				s.enrol(fmt.Sprintf("%d-%d", n, i), "Anna", "Nowak", "")
			}
			asked := 0
			st.Asked = func(*store.Tx, *store.Q, []any) { asked++ }
			defer func() { st.Asked = nil }()
			if _, err := s.people.Roster(t.Context(), s.shop.ID, people.Roster{Down: true}, people.RosterPlace{}, false, 25); err != nil {
				t.Fatal(err)
			}
			return asked
		}
		few, many := ask(1), ask(24)
		if few != many || few == 0 {
			t.Errorf("%d statements for one member, %d for a page", few, many)
		}
	})
}

func TestViewsOfTheList(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st).withShop()
		owner, reader := s.as(staff.Owner), s.as(staff.ReadOnly)
		owner.post("/admin/members/views", "name", "Our VIPs", "of", "q=anna+secret&tag=vip&sort=name&nonsense=1", "everybody", "1").wants(t, http.StatusOK, "The view is saved", "/admin/members?sort=name&amp;tag=vip")
		reader.post("/admin/members/views", "name", "Mine", "of", "state=blocked", "everybody", "1").wants(t, http.StatusOK, "Only yours")
		if g := reader.get("/admin/members"); !strings.Contains(g.body, "Our VIPs") || strings.Contains(g.body, "secret") {
			t.Error("a view of everybody's is not seen, or keeps what was looked for")
		}
		if strings.Contains(owner.get("/admin/members").body, "Mine") {
			t.Error("somebody sees another one's view")
		}
		owner.post("/admin/members/views", "name", " ", "of", "tag=vip").wants(t, http.StatusUnprocessableEntity, `id="view-wrong"`)
		list, err := st.SavedViews(t.Context(), s.shop.ID, "members")
		if err != nil || len(list) != 2 {
			t.Fatal(len(list), err)
		}
		for _, x := range list {
			path := "/admin/views/" + x.ID.String() + "/drop"
			if x.Name == "Mine" {
				owner.post(path).wants(t, http.StatusNotFound)
				reader.post(path).wants(t, http.StatusOK, "The view is forgotten")
			} else {
				reader.post(path).wants(t, http.StatusNotFound)
				owner.post(path).wants(t, http.StatusOK, "The view is forgotten")
			}
		}
	})
}

func TestExportingMembers(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st).withShop()
		evil := s.enrol("=1+1", `=HYPERLINK("http://evil")`, "-Dubois;\"x\"", "zoe@example.com")
		for i := range 600 { // more than one page of them
			s.enrol(fmt.Sprint("N", i), "Anna", "Nowak", "")
		}
		s.facts(&loyalty.Fact{Kind: loyalty.StaffAdjust, Member: loyalty.Who{ID: evil.ID}, Adjust: &loyalty.Adjust{Unit: "EUR", Amount: 1250, Reason: "r", Actor: "a"}})
		b := s.as(staff.Owner)
		g := b.post("/admin/members/export", "format", "csv", "of", "")
		g.wants(t, http.StatusOK)
		if x := g.Header.Get("Content-Disposition"); !strings.Contains(x, "attachment") || !strings.HasSuffix(x, `.csv"`) {
			t.Error(x)
		}
		text, marked := strings.CutPrefix(g.body, "\ufeff")
		rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
		if err != nil || !marked || len(rows) != 602 {
			t.Fatal(len(rows), marked, err)
		}
		last := rows[601] // the newest come first
		if last[0] != "'=1+1" || last[1] != `'=HYPERLINK("http://evil")` || last[2] != "'-Dubois;\"x\"" || last[10] != "12.50" || last[3] != "zoe@example.com" {
			t.Errorf("%q", last)
		}
		for i, c := range last {
			if c != "" && strings.ContainsAny(c[:1], "=+-@\t") {
				t.Errorf("cell %d is a formula: %q", i, c)
			}
		}
		g = b.post("/admin/members/export", "format", "xlsx", "of", "q=dubois")
		g.wants(t, http.StatusOK)
		book, err := excelize.OpenReader(bytes.NewReader([]byte(g.body)))
		if err != nil {
			t.Fatal(err)
		}
		defer book.Close()
		sheet, err := book.GetRows("Sheet1")
		if err != nil || len(sheet) != 2 || sheet[1][0] != "=1+1" || sheet[1][10] != "12.50" {
			t.Fatalf("%q %v", sheet, err)
		}
		if f, err := book.GetCellFormula("Sheet1", "A2"); err != nil || f != "" {
			t.Errorf("a formula: %q %v", f, err)
		}
		if p, err := book.GetDocProps(); err != nil || !strings.Contains(p.Creator, "Somebody owner") {
			t.Errorf("%+v %v", p, err)
		}
		b.post("/admin/members/export", "format", "pdf").wants(t, http.StatusUnprocessableEntity)
		deeds := s.deeds(s.shop)
		if len(deeds) < 2 || deeds[0].Detail["rows"] != "1" || deeds[0].Detail["format"] != "xlsx" || deeds[1].Detail["rows"] != "601" {
			t.Errorf("%+v", deeds[:min(2, len(deeds))])
		}
	})
}

func TestBulkDeedsOnScreens(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st).withShop()
		b := s.as(staff.Owner)
		zoe, adam := s.enrol("A-1", "Zoé", "Dubois", "zoe@example.com"), s.enrol("A-2", "Adam", "Dubois", "adam@example.com")
		s.enrol("A-3", "Ola", "Nowak", "")
		b.get("/admin/bulks").wants(t, http.StatusOK, "Nothing yet")
		b.get("/admin/bulk?what=credit").wants(t, http.StatusOK, "Choose members first")
		b.get("/admin/bulk?what=credit&q=--&all=1").wants(t, http.StatusOK, "letter")
		b.get("/admin/bulk?what=erase&all=1").wants(t, http.StatusNotFound)
		g := b.get("/admin/bulk?what=credit&m=" + zoe.ID.String() + "&m=nonsense&m=" + adam.ID.String() + "&m=" + id.Mint[id.MemberKind](9, [8]byte{1}).String())
		g.wants(t, http.StatusOK, "This is about 2 members.", "Zoé Dubois", "Credit 2 members")
		once := regexp.MustCompile(`name="once" value="([^"]+)"`).FindStringSubmatch(g.body)[1]
		form := []string{"what", "credit", "of", "", "m", zoe.ID.String(), "m", adam.ID.String(), "count", "2", "once", once, "unit", "EUR", "reason", "ten years"}
		b.post("/admin/bulk", append(form, "amount", "ten")...).wants(t, http.StatusUnprocessableEntity, "above zero", `value="ten"`, `value="ten years"`)
		b.post("/admin/bulk", "what", "credit", "m", zoe.ID.String(), "unit", "points", "amount", "5", "reason", "r").wants(t, http.StatusUnprocessableEntity, `id="unit-wrong"`) // no program knows points
		b.post("/admin/bulk", append(slices.Clone(form[:12]), "unit", "EUR", "amount", "1", "reason", "")...).wants(t, http.StatusUnprocessableEntity, `id="reason-wrong"`)
		g = b.post("/admin/bulk", append(form, "amount", "1 012,50")...)
		g.wants(t, http.StatusOK, "Credit of", `data-again`, "Stop")
		if again := b.post("/admin/bulk", append(form, "amount", "1 012,50")...); again.Request.URL.Path != g.Request.URL.Path {
			t.Error("a double click is two deeds")
		}
		b.get("/admin/members").wants(t, http.StatusOK, "In progress: Credit of")
		s.works()
		done := b.get(g.Request.URL.Path)
		done.wants(t, http.StatusOK, "Done", "Undo for 2 members")
		if strings.Contains(done.body, "data-again") {
			t.Error("a deed that is done is asked for again and again")
		}
		b.get("/admin/members").wants(t, http.StatusOK, "€1,012.50")
		undone := b.post(g.Request.URL.Path + "/undo")
		undone.wants(t, http.StatusOK, "Undoing: Credit of")
		s.works()
		b.get(undone.Request.URL.Path).wants(t, http.StatusOK, "Done", "What it takes back")
		b.get(g.Request.URL.Path).wants(t, http.StatusOK, "Undone")
		if g := b.get("/admin/members"); strings.Contains(g.body, "1,012.50") {
			t.Error("the credit is still there")
		}
		// All of a filter.
		b.get("/admin/bulk?what=block&all=1&q=dubois").wants(t, http.StatusOK, "This is about 2 members.")
		g = b.post("/admin/bulk", "what", "block", "of", "q=dubois", "all", "1", "count", "2", "once", "x", "reason", "a joke")
		b.post(g.Request.URL.Path+"/stop").wants(t, http.StatusOK, "Stopping")
		s.works()
		b.get(g.Request.URL.Path).wants(t, http.StatusOK, "Stopped")
		b.get("/admin/bulks").wants(t, http.StatusOK, "Blocking", "Stopped", "Undone", "Somebody owner")
		b.post("/admin/bulks/"+id.Mint[id.BulkKind](9, [8]byte{1}).String()+"/undo").wants(t, http.StatusNotFound)
		// The other shop's deeds are not here.
		at := strings.Replace(g.Request.URL.Path, "/admin/", "/admin/test/", 1)
		b.get(at).wants(t, http.StatusNotFound)
		var what []string
		for _, d := range s.deeds(s.shop) {
			what = append(what, d.Action)
		}
		slices.Reverse(what)
		want := []string{"POST /bulk", "POST /bulk", "POST /bulks/{id}/undo", "POST /bulk", "POST /bulks/{id}/stop"}
		if what = slices.DeleteFunc(what, func(a string) bool { return !strings.Contains(a, "bulk") }); !slices.Equal(what, want) {
			t.Errorf("%q", what)
		}
	})
}

// Above a thousand members somebody has to type how many they are (A6).
func TestManyMembersAreTyped(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st).withShop()
		join := func(from, to int) {
			var list []*loyalty.Fact
			for i := from; i < to; i++ {
				list = append(list, &loyalty.Fact{Kind: loyalty.MemberJoined, ExternalID: fmt.Sprint(i), Member: loyalty.Who{Keys: []loyalty.Key{{Kind: loyalty.ByNumber, Key: fmt.Sprint("N", i)}}}})
			}
			s.facts(list...)
		}
		join(0, 1_001)
		b := s.as(staff.Owner)
		b.get("/admin/members").wants(t, http.StatusOK, "More than 1,000 members")
		b.get("/admin/bulk?what=tag&all=1").wants(t, http.StatusOK, "type the number of members: 1,001")
		form := []string{"what", "tag", "of", "", "all", "1", "tag", "x", "reason", "r", "once", "a", "count", "1001"}
		b.post("/admin/bulk", form...).wants(t, http.StatusUnprocessableEntity, "Type the number")
		b.post("/admin/bulk", append(form, "typed", "1002")...).wants(t, http.StatusUnprocessableEntity, "Type the number")
		join(2_000, 2_100)
		b.post("/admin/bulk", append(form, "typed", "1,001")...).wants(t, http.StatusUnprocessableEntity, "There are 1,101 of them by now")
		b.post("/admin/bulk", "what", "tag", "of", "", "all", "1", "tag", "x", "reason", "r", "once", "a", "count", "1101", "typed", "1 101").wants(t, http.StatusOK, "Finding members")
		if n := s.did("POST /bulk"); n != 1 {
			t.Errorf("%d records", n)
		}
	})
}

func TestAddingMembers(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st).withShop()
		b := s.as(staff.Support)
		first := s.enrol("A-1", "Anna", "Nowak", "anna@example.com")
		second := s.enrol("A-12", "Anna", "Nowak", "anna.n@example.com")
		b.get("/admin/members/new").wants(t, http.StatusOK, "Recommending member")
		// Two of one name: the form offers both, and tells them apart (S0-11).
		b.post("/admin/members/look", "last_name", "Lis", "referrer", "anna nowak").wants(t, http.StatusOK, "A-1 – anna@example.com", "A-12 – anna.n@example.com", `value="Lis"`)
		b.post("/admin/members/look", "referrer", "nobody-like-that").wants(t, http.StatusOK, "Nobody is found")
		b.post("/admin/members/look", "email", "ANNA@example.com").wants(t, http.StatusOK, "Anna Nowak has this e-mail already", first.ID.String())
		form := []string{"first_name", "Marek", "last_name", "Lis", "email", "marek@example.com", "phone", "+48 512 345 678", "language", "pl", "once", "f1", "day", "5", "month", "11", "group", "GOLD", "consent", "spoken"}
		b.post("/admin/members/new", append(form, "referrer", "anna nowak")...).wants(t, http.StatusUnprocessableEntity, "pick the one", `value="Marek"`, second.ID.String())
		b.c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
		g := b.post("/admin/members/new", append(form, "referrer", "a-1")...) // a whole number is one member, though it begins another one's
		if g.StatusCode != http.StatusSeeOther {
			t.Fatal(g.StatusCode, g.body)
		}
		at := g.Header.Get("Location")
		if again := b.post("/admin/members/new", append(form, "referrer", "a-1")...); again.Header.Get("Location") != at {
			t.Errorf("a double click: %d %s", again.StatusCode, again.body)
		}
		which, err := id.Parse[id.MemberKind](strings.TrimPrefix(at, "/admin/members/"))
		if err != nil {
			t.Fatal(err)
		}
		m, err := s.people.Member(t.Context(), s.shop.ID, which)
		if err != nil || m.FirstName != "Marek" || m.Birthday != "11-05" || m.Group != "GOLD" || m.Locale != "pl" || m.ReferredBy != first.ID || len(m.Numbers) != 1 || m.State != loyalty.Enrolled {
			t.Errorf("%+v %v", m, err)
		}
		for _, x := range []struct {
			want string
			form []string
		}{
			{"Anna Nowak is known by this already", []string{"email", "anna@example.com"}},
			{"Anna Nowak is known by this already", []string{"number", "a-12"}},
			{`id="email-wrong"`, []string{"email", "no address"}},
			{`id="phone-wrong"`, []string{"phone", "12"}},
			{`id="last_name-wrong"`, nil},
			{`id="day-wrong"`, []string{"last_name", "X", "day", "31", "month", "2"}},
			{`id="referrer-wrong"`, []string{"last_name", "X", "referrer", "nobody-like-that"}},
		} {
			b.post("/admin/members/new", append(x.form, "once", "f2")...).wants(t, http.StatusUnprocessableEntity, x.want)
		}
		if n := s.did("POST /members/new"); n != 2 { // the double click is recorded, too: somebody pressed twice
			t.Errorf("%d records: %+v", n, s.deeds(s.shop))
		}
	})
}

func TestAddingLeads(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st).withShop()
		b := s.as(staff.Support)
		anna := s.enrol("A-1", "Anna", "Nowak", "anna@example.com")
		b.get("/admin/members/lead?by="+anna.ID.String()).wants(t, http.StatusOK, "Anna Nowak", "checked")
		form := []string{"first_name", "Marek", "email", "marek@example.com", "once", "l1", "note", "met at the fair"}
		b.post("/admin/members/lead", form...).wants(t, http.StatusUnprocessableEntity, `id="referrer-wrong"`, "met at the fair")
		b.post("/admin/members/lead", append(form, "by", anna.ID.String(), "date", "2199-01-01")...).wants(t, http.StatusUnprocessableEntity, "still to come")
		b.post("/admin/members/lead", "first_name", "Marek", "by", anna.ID.String(), "once", "l1").wants(t, http.StatusUnprocessableEntity, "e-mail or a phone")
		b.c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
		day := (st.Clock() - 3*moment.Day).Std().Format("2006-01-02")
		g := b.post("/admin/members/lead", append(form, "by", anna.ID.String(), "date", day)...)
		if g.StatusCode != http.StatusSeeOther {
			t.Fatal(g.StatusCode, g.body)
		}
		which, err := id.Parse[id.MemberKind](strings.TrimPrefix(g.Header.Get("Location"), "/admin/members/"))
		if err != nil {
			t.Fatal(err)
		}
		m, err := s.people.Member(t.Context(), s.shop.ID, which)
		if err != nil || m.State != loyalty.Prospect || m.ReferredBy != anna.ID || m.FirstName != "Marek" {
			t.Errorf("%+v %v", m, err)
		}
		list, err := st.ReferralsFrom(t.Context(), s.shop.ID, m.ID)
		if err != nil || len(list) != 1 || list[0].TouchedAt.Std().Format("2006-01-02") != day {
			t.Errorf("%+v %v", list, err)
		}
		b.c.CheckRedirect = nil
		b.get("/admin/members?state=prospect").wants(t, http.StatusOK, "Marek", "Lead", "Anna Nowak")
		b.post("/admin/members/lead", append(form[:len(form)-4], "once", "l2", "by", anna.ID.String())...).wants(t, http.StatusUnprocessableEntity, "Marek is known by this already")
	})
}

// Where words are too common to look at everybody who has them, the list says so and leads on,
// and a picker takes nobody for the only one.
func TestASearchThatStoppedEarlySaysSo(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st).withShop()
		for i := range 6 {
			s.enrol(fmt.Sprint("A", i), "Anna", "Nowak", "")
			s.enrol(fmt.Sprint("Z", i), "Zoé", "Lis", "")
		}
		s.enrol("B1", "Anna", "Zoeller", "")
		st.SetSearchBounds(1, 2, 2)
		b := s.as(staff.Owner)
		page := b.get("/admin/members?q=anna+zoe")
		page.wants(t, http.StatusOK, "Nobody in this part", "One more letter, or another word, helps", "Look further")
		if strings.Contains(page.body, "No member matches") {
			t.Error("it says that nobody is there")
		}
		next := regexp.MustCompile(`rel="next" href="([^"]+)"`)
		seen := 0
		for range 20 {
			seen += strings.Count(page.body, ">Anna Zoeller</a>")
			way := next.FindStringSubmatch(page.body)
			if way == nil {
				break
			}
			page = b.get(html.UnescapeString(way[1]))
			page.wants(t, http.StatusOK)
		}
		if seen != 1 || next.MatchString(page.body) {
			t.Errorf("found %d times on the way to the end", seen)
		}
		b.post("/admin/referrals/new", "is", "member", "friend", "anna zoe", "referrer", "Z1", "date", "2026-01-01").wants(t, http.StatusUnprocessableEntity, "One more letter")
	})
}
