package portal_test

import (
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
)

// What changed of a member or by the clock is seen a second later, and not shown until then
// from what was read before.
func TestAFriendsPageIsASecondOldAtMost(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s, camille, code := hosted(t, st)
		page := "/i/" + code
		s.browser().get(page).wants(t, 200, "Camille has something for you")
		s.block(camille)
		s.browser().get(page).wants(t, 200, "Camille has something for you") // kept: nobody asked again
		proof := s.browser().proof(code)
		s.later(moment.Second)
		s.browser().get(page).wants(t, 200, "This link is no longer active")
		s.browser().beat("POST", page+"/seen", proof).wants(t, 204)
		if n := s.visits(camille); n != 0 {
			t.Errorf("%d visits at a page that is not active", n)
		}
	})
}

func TestAnOfferEndsByTheClock(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st)
		s.apply(strings.Replace(friendsProgram, "starts 2020-01-01", "starts 2020-01-01\n  ends 2089-12-31", 1))
		s.enrol("A1", "Camille", "camille@example.com")
		codes, err := s.people.Codes(t.Context(), s.shop.ID, s.by("camille@example.com"))
		if err != nil {
			t.Fatal(err)
		}
		code := codes[0]
		s.browser().get("/i/"+code).wants(t, 200, "500 points")
		s.later(moment.Time(100*365) * moment.Day)
		s.browser().get("/i/"+code).wants(t, 200, "This offer has ended")
	})
}

// Who changes something sees it at once, in the process where he changed it; within a second
// everywhere else.
func TestWhatAShopChangesIsSeen(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s, _, code := hosted(t, st)
		other := process(t, st)
		other.shop = s.shop
		page := "/i/" + code
		for range 2 {
			s.browser().get(page).wants(t, 200, "500 points", "Discover Maison Lavande")
			other.browser().get(page).wants(t, 200, "500 points", "Discover Maison Lavande")
		}

		s.look(func(p *loyalty.Portal) { p.Landing, p.Coupon = loyalty.LandingCoupon, "WELCOME10" })
		s.browser().get(page).wants(t, 200, "Get my code")
		other.browser().get(page).wants(t, 200, "Discover Maison Lavande")
		s.later(moment.Second)
		other.browser().get(page).wants(t, 200, "Get my code")

		s.apply(strings.NewReplacer("Friends", "More", "500 points", "700 points").Replace(friendsProgram))
		s.browser().get(page).wants(t, 200, "700 points")
		s.later(moment.Second)
		s.browser().get(page).wants(t, 200, "700 points")
		other.browser().get(page).wants(t, 200, "700 points") // nothing was recorded there

		if err := s.office.Rename(t.Context(), s.shop.ID, "Maison Bleue"); err != nil {
			t.Fatal(err)
		}
		s.browser().get(page).wants(t, 200, "At Maison Bleue")
		s.later(moment.Second)
		other.browser().get(page).wants(t, 200, "At Maison Bleue")

		s.look(func(p *loyalty.Portal) { p.Languages = []string{"pl"} })
		s.browser().get(page).wants(t, 200, `<html lang="pl">`)
	})
}

// What is kept is for people who are not known and came by the bare link: a page of somebody's
// own is neither shown to others nor made of theirs.
func TestPagesAreNotMixed(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s, _, code := hosted(t, st)
		s.enrol("A2", "Jules", "jules@example.com")
		page := "/i/" + code
		own, jules := s.browser(), s.browser()
		own.signIn("camille@example.com")
		jules.signIn("jules@example.com")
		pressed := s.browser().stays()
		pressed.beat("POST", page+"/go", "").wants(t, 303)
		name := ""
		for _, c := range pressed.c.Jar.Cookies(must(url.Parse(s.server.URL))) {
			if strings.HasSuffix(c.Name, "-visitor") {
				name = s.invites.VisitorOf(s.shop.ID, c.Value)
			}
		}
		s.joins("lea", "lea@example.com", name)
		shown := map[string]string{}
		look := func(who string, b *browser, path, language, says string) {
			t.Helper()
			g := b.beat("GET", path, "", "Accept-Language", language)
			g.wants(t, 200, says, `<html lang="`+language+`">`)
			if g.Header.Get("Cache-Control") != "no-store" || g.Header.Get("Content-Language") != language {
				t.Errorf("%s: %v", who, g.Header)
			}
			if was := shown[who]; was != "" && was != g.body {
				t.Errorf("%s gets another page the second time:\n%s\n%s", who, was, g.body)
			}
			shown[who] = g.body
		}
		for range 2 { // each of them first makes it, then finds what others made
			look("the owner", own, page, "en", "This is your own link")
			look("a member", jules, page, "en", "Good to see you again")
			look("a buyer", pressed, page, "en", "Good to see you again")
			look("a stranger", s.browser(), page, "en", "Camille has something for you")
			look("a stranger in French", s.browser(), page, "fr", "Maison Lavande")
			look("a stranger in Polish", s.browser(), page, "pl", "Maison Lavande")
			look("below the slug", s.browser(), "/p/maison-lavande"+page, "en", `data-seen="/p/maison-lavande/i/`)
			look("with an address", s.browser(), page+"?to=https%3A%2F%2Fshop.example%2Fmug", "en", `name="to" value="https://shop.example/mug"`)
			look("invited", s.browser(), page+"?e=abc", "en", `name="e" value="abc"`)
		}
		for who, body := range shown {
			if who != "the owner" && who != "a member" && strings.Contains(body, `href="/profile"`) {
				t.Errorf("%s sees somebody's menu", who)
			}
		}
		plain := s.browser().beat("GET", page, "", "Accept-Encoding", "identity")
		plain.wants(t, 200, "Camille has something for you")
		if plain.Header.Get("Content-Encoding") != "" || plain.body != shown["a stranger"] {
			t.Error("without compression the page is another one")
		}
		zipped := s.browser().beat("GET", page, "", "Accept-Encoding", "gzip")
		if zipped.Header.Get("Content-Encoding") != "gzip" || !strings.HasPrefix(zipped.body, "\x1f\x8b") || !strings.Contains(zipped.Header.Get("Vary"), "Accept-Encoding") {
			t.Errorf("with compression: %v", zipped.Header)
		}
		refused := s.browser().beat("GET", page, "", "Accept-Encoding", "gzip;q=0")
		if refused.Header.Get("Content-Encoding") != "" || refused.body != plain.body {
			t.Error("who refuses compression gets it")
		}
	})
}

// Many people at once are each counted once, and each of their looks is recorded.
func TestLooksThatShareATransactionAreEachCounted(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s, camille, code := hosted(t, st)
		s.look(func(p *loyalty.Portal) { p.Consent = loyalty.ConsentService })
		proof := s.browser().proof(code)
		const people, twice = 40, 2
		var group sync.WaitGroup
		for range people {
			b := s.browser()
			b.beat("POST", "/i/"+code+"/seen", proof).wants(t, 204) // his browser gets a name
			for range twice {
				group.Go(func() {
					if g := b.beat("POST", "/i/"+code+"/seen", proof); g.StatusCode != http.StatusNoContent {
						t.Errorf("status %d", g.StatusCode)
					}
				})
			}
		}
		group.Wait()
		if n := s.visits(camille); n != people {
			t.Errorf("%d visits of %d people", n, people)
		}
		if n := len(s.referralsOf(camille)); n != people {
			t.Errorf("%d touches of %d people", n, people)
		}
	})
}

// Those who are written together are each counted, whoever is named twice once.
func TestVisitsOfOneTransactionAddUp(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s, camille, _ := hosted(t, st)
		s.enrol("A2", "Jules", "jules@example.com")
		jules, day := s.by("jules@example.com"), "2026-03-01"
		list := []store.Visit{{Day: day, Of: camille, Visitor: "b"}, {Day: day, Of: jules, Visitor: "a"}, {Day: day, Of: camille, Visitor: "a"}, {Day: day, Of: camille, Visitor: "b"}}
		for again, want := range []int{3, 0} {
			counted, err := st.Visited(t.Context(), s.shop.ID, list)
			if err != nil || len(counted) != want {
				t.Errorf("time %d: %v %v", again+1, counted, err)
			}
		}
		if c, j := s.visits(camille), s.visits(jules); c != 2 || j != 1 {
			t.Errorf("%d and %d visits", c, j)
		}
	})
}
