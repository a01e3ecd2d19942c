package pages_test

import (
	"errors"
	"strings"
	"testing"

	"cagnotte/internal/id"
	"cagnotte/internal/locale"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/pages"
	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
)

// issuing is a shop that publishes legal texts.
type issuing struct {
	*testing.T
	p    *pages.Pages
	shop *loyalty.Shop
	now  moment.Time
}

func newIssuing(t *testing.T, st *store.Store) *issuing {
	t.Helper()
	b := &issuing{T: t, p: pages.New(st, storetest.Box(t)), shop: storetest.Shop(t, st, "program \"Points\"\n  earn 1 point per 1.00 EUR\n")}
	b.now = moment.DayOf(2026, 11, 26, b.shop.Zone) + 22*moment.Hour
	st.Clock = func() moment.Time { return b.now }
	return b
}

var behind = map[string]string{
	"company": "Maison *Lavande*, SAS", "company_address": "Lyon", "company_numbers": "SIREN 356000000", "company_contact": "a@b.example", "company_publisher": "Camille",
	"company_host": "Web", "shop_name": "Maison Lavande", "shop_url": "https://shop.example",
}

func (b *issuing) issue(kind, applies string) pages.Issue {
	return pages.Issue{
		Kind: kind, Languages: []string{"fr", "pl"}, Values: func(string) map[string]string { return behind }, Applies: applies, Checked: true, By: "Alicia",
		Said: []pages.Said{{"Points", []string{"1 point per 1.00 EUR"}}},
	}
}

// write puts a text into the draft of each language.
func (b *issuing) write(kind, body string) {
	b.Helper()
	for _, tag := range []string{"fr", "pl"} {
		was, _ := b.p.Get(b.Context(), b.shop.ID, pages.DraftSlug(kind), tag, 0)
		_, err := b.p.Put(b.Context(), b.shop.ID, pages.Writing{Slug: pages.DraftSlug(kind), Locale: tag, Read: was.Newest, Title: "T " + tag, Body: body, By: "Alicia"})
		if err != nil {
			b.Fatal(err)
		}
	}
}

func (b *issuing) publish(kind, applies string) pages.Edition {
	b.Helper()
	e, err := b.p.PublishEdition(b.Context(), b.shop, b.issue(kind, applies))
	if err != nil {
		b.Fatal(err)
	}
	return e
}

func (b *issuing) refused(in pages.Issue, code string) {
	b.Helper()
	_, err := b.p.PublishEdition(b.Context(), b.shop, in)
	if p, ok := errors.AsType[*loyalty.Problem](err); !ok || p.Code != code {
		b.Errorf("%v, want %s", err, code)
	}
}

// read is an edition as somebody reads it.
func (b *issuing) read(kind string, edition int64, languages ...string) string {
	b.Helper()
	_, text, err := b.p.ReadEdition(b.Context(), b.shop.ID, kind, edition, languages...)
	if err != nil {
		return err.Error()
	}
	return text.Locale + " " + text.Body
}

// A change is announced before it applies, takes its place on its day, and what was published
// stays word by word, whatever becomes of the draft and of the shop's identity.
func TestEditionsOfALegalText(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		b := newIssuing(t, st)
		b.refused(b.issue(pages.Terms, ""), "legal_language_missing")
		b.write(pages.Terms, "One, by {{ company }}")
		if first := b.publish(pages.Terms, ""); first.Edition != 1 || first.AppliesAt != b.now {
			t.Errorf("%+v", first)
		}
		if got := b.read(pages.Terms, 0, "pl", "fr"); got != `pl One, by Maison \*Lavande\*\, SAS` {
			t.Errorf("read %q", got)
		}
		b.write(pages.Terms, "Two")
		b.refused(b.issue(pages.Terms, "2026-12-10"), "legal_too_soon")
		b.refused(b.issue(pages.Terms, "soon"), "invalid_date")
		unread := b.issue(pages.Terms, "")
		unread.Checked = false
		b.refused(unread, "legal_unread")
		second := b.publish(pages.Terms, "2026-12-11") // fifteen days after the 26th
		if second.Edition != 2 || second.AppliesAt != moment.DayOf(2026, 12, 11, b.shop.Zone) {
			t.Errorf("%+v", second)
		}
		b.refused(b.issue(pages.Terms, ""), "legal_coming")
		if got := b.read(pages.Terms, 0, "fr"); !strings.HasPrefix(got, "fr One") {
			t.Errorf("before its day: %q", got)
		}
		if got := b.read(pages.Terms, 2, "fr"); got != "fr Two" {
			t.Errorf("announced: %q", got)
		}
		b.now = second.AppliesAt - 1
		if got := b.read(pages.Terms, 0, "fr"); !strings.HasPrefix(got, "fr One") {
			t.Errorf("a microsecond early: %q", got)
		}
		b.now = second.AppliesAt
		if got := b.read(pages.Terms, 0, "en"); got != "fr Two" {
			t.Errorf("on its day: %q", got)
		}
		if got := b.read(pages.Terms, 1, "fr"); !strings.HasPrefix(got, "fr One") {
			t.Errorf("the first one is %q", got)
		}
		if err := b.p.WithdrawEdition(t.Context(), b.shop.ID, pages.Terms, 2); !errors.Is(err, loyalty.ErrConflict) {
			t.Errorf("what applies is withdrawn: %v", err)
		}
		b.write(pages.Terms, "Three")
		third := b.publish(pages.Terms, "2027-01-01")
		if err := b.p.WithdrawEdition(t.Context(), b.shop.ID, pages.Terms, 3); err != nil {
			t.Error(err)
		}
		b.now = third.AppliesAt
		if got := b.read(pages.Terms, 0, "fr"); got != "fr Two" {
			t.Errorf("a withdrawn one holds: %q", got)
		}
		b.write(pages.Notice, "Who we are")
		b.publish(pages.Notice, "")
		if e := b.publish(pages.Notice, ""); e.Edition != 2 || e.AppliesAt != b.now { // nobody is asked about it
			t.Errorf("%+v", e)
		}
		if _, err := b.p.Publish(t.Context(), b.shop.ID, pages.DraftSlug(pages.Terms), "fr", 0, "x"); !errors.Is(err, loyalty.ErrConflict) {
			t.Errorf("a draft is shown as a page: %v", err)
		}
	})
}

// What is not finished, or says another thing to each reader, is not published.
func TestWhatIsNotFinishedIsNotPublished(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		b := newIssuing(t, st)
		for _, x := range []struct{ body, code string }{
			{"Within [number] days", "text_unfinished"},
			{"[x](https://a.example) and [y]", "text_unfinished"},
			{"Dear {{ first_name }}", "field_of_readers"},
		} {
			b.write(pages.Privacy, x.body)
			b.refused(b.issue(pages.Privacy, ""), x.code)
		}
		b.write(pages.Privacy, "By {{ company }}")
		empty := b.issue(pages.Privacy, "")
		empty.Values = func(string) map[string]string { return map[string]string{"company": ""} }
		b.refused(empty, "field_without_value")
		b.write(pages.Privacy, `[See](https://a.example) \[here\]`)
		b.publish(pages.Privacy, "")
	})
}

// Each template can be read: it warns, is about the shop's identity, and what is open in it keeps
// it from being published.
func TestTemplatesOfLegalTexts(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		b := newIssuing(t, st)
		said := func(tag string) []pages.Said { return []pages.Said{{"Été *2026*", []string{"1 point / 1,00 EUR"}}} }
		for _, kind := range pages.LegalKinds {
			if err := b.p.Begin(t.Context(), b.shop.ID, kind, locale.Tags, false, "Alicia", said); err != nil {
				t.Fatal(err)
			}
			for _, tag := range locale.Tags {
				x, err := b.p.Get(t.Context(), b.shop.ID, pages.DraftSlug(kind), tag, 0)
				if err != nil {
					t.Fatal(err)
				}
				lawyer := map[string]string{"en": "lawyer", "fr": "juriste", "pl": "prawnika"}[tag]
				if !strings.HasPrefix(x.Body, "> **") || !strings.Contains(x.Body[:120], lawyer) || !strings.Contains(x.Body, "{{ company }}") || len(x.Title) < 5 {
					t.Errorf("%s in %s: %q %.100q", kind, tag, x.Title, x.Body)
				}
				if speaks := strings.Contains(x.Body, `### Été \*2026\*`) && strings.Contains(x.Body, `1 point \/ 1\,00 EUR`); speaks != (kind == pages.Terms) || strings.Contains(x.Body, "((") {
					t.Errorf("%s in %s speaks of the programs: %v", kind, tag, speaks)
				}
			}
			if err := b.p.Begin(t.Context(), b.shop.ID, kind, locale.Tags, false, "Alicia", said); err != nil {
				t.Fatal(err)
			}
			if x, _ := b.p.Get(t.Context(), b.shop.ID, pages.DraftSlug(kind), "fr", 0); x.Newest != 1 {
				t.Error("what was written is written over")
			}
		}
		if err := b.p.Begin(t.Context(), b.shop.ID, pages.Terms, locale.Tags, true, "Alicia", said); err != nil {
			t.Fatal(err)
		}
		if x, _ := b.p.Get(t.Context(), b.shop.ID, pages.DraftSlug(pages.Terms), "fr", 0); x.Newest != 2 {
			t.Errorf("asked for anew, and is version %d", x.Newest)
		}
		b.refused(b.issue(pages.Terms, ""), "text_unfinished")
		b.publish(pages.Notice, "") // it leaves nothing open
		if got := b.read(pages.Notice, 0, "fr"); strings.Contains(got, "juriste") || !strings.Contains(got, `Maison \*Lavande\*`) {
			t.Errorf("%q", got)
		}
	})
}

// A member is asked about what comes, else about what holds, until he has said yes; the time and
// the language of his first word stay.
func TestWhatAMemberAccepted(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		b := newIssuing(t, st)
		m := id.Mint[id.MemberKind](int64(b.now), [8]byte{1})
		asked := func() (out string) {
			list, err := b.p.Editions(t.Context(), b.shop.ID)
			if err != nil {
				t.Fatal(err)
			}
			accepted, err := b.p.Acceptances(t.Context(), b.shop.ID, m)
			if err != nil {
				t.Fatal(err)
			}
			for _, e := range list.Asked(accepted, b.now) {
				out += e.Kind + string(rune('0'+e.Edition)) + " "
			}
			return out
		}
		accept := func(kind string, edition int64, tag string) error {
			return b.p.Accept(t.Context(), b.shop.ID, m, pages.Acceptance{Kind: kind, Edition: edition, Locale: tag, Way: pages.InPortal})
		}
		for _, kind := range []string{pages.Terms, pages.Notice} {
			b.write(kind, "One")
			b.publish(kind, "")
		}
		if got := asked(); got != "terms1 " {
			t.Errorf("asked about %q", got)
		}
		first := b.now
		if err := accept(pages.Terms, 1, "fr"); err != nil {
			t.Fatal(err)
		}
		b.now += moment.Hour
		if err := accept(pages.Terms, 1, "pl"); err != nil {
			t.Fatal(err)
		}
		for _, bad := range []struct {
			kind    string
			edition int64
		}{{pages.Terms, 2}, {pages.Notice, 1}, {"none", 1}} {
			if err := accept(bad.kind, bad.edition, "fr"); !errors.Is(err, loyalty.ErrNotFound) {
				t.Errorf("%+v is accepted: %v", bad, err)
			}
		}
		if got := asked(); got != "" {
			t.Errorf("asked about %q", got)
		}
		b.publish(pages.Terms, "2026-12-20")
		if got := asked(); got != "terms2 " {
			t.Errorf("asked about %q", got)
		}
		if err := accept(pages.Terms, 2, "pl"); err != nil {
			t.Fatal(err)
		}
		list, err := b.p.Acceptances(t.Context(), b.shop.ID, m)
		if err != nil || len(list) != 2 || list[1] != (pages.Acceptance{Kind: pages.Terms, Edition: 1, Locale: "fr", At: first, Way: pages.InPortal}) || list[0].Edition != 2 || list[0].Locale != "pl" {
			t.Errorf("%+v, %v", list, err)
		}
		if n, err := b.p.AcceptedBy(t.Context(), b.shop.ID, pages.Terms); err != nil || n[1] != 1 || n[2] != 1 {
			t.Errorf("%v, %v", n, err)
		}
	})
}
