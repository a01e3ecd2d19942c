package portal_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/pages"
	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
)

// issues publishes an edition of a legal text in English; applies is its first day, or empty.
func (s *site) issues(p *pages.Pages, kind, body, applies string) pages.Edition {
	s.t.Helper()
	was, _ := p.Get(s.t.Context(), s.shop.ID, pages.DraftSlug(kind), "en", 0)
	_, err := p.Put(s.t.Context(), s.shop.ID, pages.Writing{Slug: pages.DraftSlug(kind), Locale: "en", Read: was.Newest, Title: "The " + kind, Body: body})
	if err != nil {
		s.t.Fatal(err)
	}
	e, err := p.PublishEdition(s.t.Context(), s.shop, pages.Issue{
		Kind: kind, Languages: []string{"en"}, Values: func(string) map[string]string { return nil }, Applies: applies, Checked: true,
	})
	if err != nil {
		s.t.Fatal(err)
	}
	return e
}

// Joining accepts what holds; a change is announced on every page, read before it applies, and
// accepted once. What somebody accepted goes with his data, and is erased with him.
func TestLegalTextsInThePortal(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s, _, code := hosted(t, st)
		s.look(func(p *loyalty.Portal) { p.Languages = []string{"en"} })
		p := pages.New(st, storetest.Box(t))
		visitor := s.browser()
		if g := visitor.get("/i/" + code); strings.Contains(g.body, "/legal/") {
			t.Error("a text that there is not is linked")
		}
		visitor.get("/legal/terms").wants(t, http.StatusNotFound)
		s.issues(p, pages.Terms, "See our [privacy notice](/legal/privacy).", "")
		s.issues(p, pages.Privacy, "What we keep.", "")
		s.issues(p, pages.Notice, "Who we are.", "")
		s.later(2 * moment.Second) // a friend's page may be a second old
		visitor.get("/i/"+code).wants(t, http.StatusOK, `href="/legal/terms"`, `href="/legal/privacy"`, `href="/legal/notice"`)
		visitor.get("/p/maison-lavande/legal/terms").wants(t, http.StatusOK, "<h1>The terms</h1>", "Edition 1, since", `href="/p/maison-lavande/legal/privacy"`)
		for _, bad := range []string{"?edition=2", "?edition=x", "?edition=-1"} {
			visitor.get("/legal/terms"+bad).wants(t, http.StatusNotFound)
		}
		visitor.post("/legal/accept", "kind", "terms", "edition", "1").wants(t, http.StatusOK, "Sign in")

		b := s.browser()
		b.get("/join").wants(t, http.StatusOK, `href="/legal/terms"`, `href="/legal/privacy"`)
		b.post("/join", "first_name", "Zofia", "email", "zofia@example.com", "terms", "yes").wants(t, http.StatusOK, "mailbox")
		home := b.post("/sign-in/code", "code", codeIn.FindString(s.letters("zofia@example.com")[0].Text))
		home.wants(t, http.StatusOK, "Zofia")
		if strings.Contains(home.body, "Please read") {
			t.Error("who has just accepted is asked again")
		}
		zofia := s.by("zofia@example.com")
		accepted := func() []pages.Acceptance {
			list, err := p.Acceptances(t.Context(), s.shop.ID, zofia)
			if err != nil {
				t.Fatal(err)
			}
			return list
		}
		if got := accepted(); len(got) != 2 || got[0].Way != pages.WhileJoining || got[0].Edition != 1 || got[0].Locale != "en" || got[0].At == 0 {
			t.Errorf("accepted by joining: %+v", got)
		}

		soon := st.Clock().AddDays(20, s.shop.Zone).Date(s.shop.Zone)
		second := s.issues(p, pages.Terms, "Other rules.", soon)
		b.get("/share").wants(t, http.StatusOK, "New terms apply from", `href="/legal/terms?edition=2"`)
		b.get("/legal/terms").wants(t, http.StatusOK, "See our")
		b.get("/legal/terms?edition=2").wants(t, http.StatusOK, "Other rules.", "applies from", "I accept these terms")
		visitor.get("/legal/terms?edition=2").wants(t, http.StatusOK, "Other rules.")
		for range 2 {
			if g := b.post("/legal/accept", "kind", "terms", "edition", "2", "locale", "en"); strings.Contains(g.body, "New terms apply") {
				t.Error("who has accepted is asked again")
			}
		}
		b.post("/legal/accept", "kind", "terms", "edition", "3").wants(t, http.StatusNotFound)
		if got := accepted(); len(got) != 3 || got[0].Edition != 2 || got[0].Way != pages.InPortal || got[0].At >= second.AppliesAt {
			t.Errorf("accepted in the portal: %+v", got)
		}
		other := s.browser()
		other.signIn("camille@example.com") // whom nobody has asked before
		other.get("/").wants(t, http.StatusOK, "New terms apply from", "Please read our privacy notice.")
		s.later(21 * moment.Day)
		other.get("/").wants(t, http.StatusOK, "Please read the terms of the program", `href="/legal/terms?edition=2"`)
		visitor.get("/legal/terms").wants(t, http.StatusOK, "Other rules.", "Edition 2, since")
		visitor.get("/legal/terms?edition=1").wants(t, http.StatusOK, "a later one has taken its place")

		var data struct {
			Accepted []struct {
				Text    string
				Edition int
			}
		}
		if err := json.Unmarshal([]byte(b.get("/profile/data.json").body), &data); err != nil || len(data.Accepted) != 3 || data.Accepted[0].Text != "terms" || data.Accepted[0].Edition != 2 {
			t.Errorf("the member's data: %+v, %v", data, err)
		}
		if err := s.people.Erase(t.Context(), s.shop.ID, zofia, "office", "x"); err != nil {
			t.Fatal(err)
		}
		if got := accepted(); len(got) != 0 {
			t.Errorf("kept of somebody who was erased: %+v", got)
		}
	})
}

// A consent names the edition of the words that it was given under.
func TestAConsentNamesTheEditionOfItsWords(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s, camille, _ := hosted(t, st)
		s.look(func(p *loyalty.Portal) { p.Languages = []string{"en"} })
		b := s.browser()
		b.signIn("camille@example.com")
		said := func() string {
			list, err := s.people.Consents(t.Context(), s.shop.ID, camille)
			if err != nil || len(list) == 0 {
				t.Fatal(len(list), err)
			}
			return list[0].Wording
		}
		b.post("/profile/consent", "purpose", loyalty.Newsletter, "way", loyalty.WayMail, "said", "given")
		if got := said(); got != "portal-1" {
			t.Errorf("wording %q", got)
		}
		s.issues(pages.New(st, storetest.Box(t)), pages.ConsentTexts, "What it means.", "")
		b.get("/profile").wants(t, http.StatusOK, `href="/legal/consents"`)
		s.later(moment.Second)
		b.post("/profile/consent", "purpose", loyalty.Newsletter, "way", loyalty.WayMail, "said", "given")
		if got := said(); got != "portal-1/consents-1" {
			t.Errorf("wording %q", got)
		}
	})
}
