package pages_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/pages"
	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
)

func code(err error) string {
	if p, ok := errors.AsType[*loyalty.Problem](err); ok {
		return strings.TrimSpace(p.Field + " " + p.Code)
	}
	if err != nil {
		return err.Error()
	}
	return ""
}

const program = `program "Points"
  earn 1 point per 1.00 EUR
`

// bench is two shops that write pages.
type bench struct {
	*testing.T
	pages *pages.Pages
	shop  loyalty.ShopID
	other loyalty.ShopID
}

func setup(t *testing.T, st *store.Store) *bench {
	t.Helper()
	b := &bench{T: t, pages: pages.New(st, storetest.Box(t)), shop: storetest.Shop(t, st, program).ID}
	b.other = storetest.Publish(t, st, &loyalty.Shop{Slug: "o", Name: "O", Currency: "PLN", Decimals: 2, Zone: storetest.Zone(t, "Europe/Warsaw")}, strings.Replace(program, "EUR", "PLN", 1)).ID
	return b
}

func (b *bench) put(shop loyalty.ShopID, w pages.Writing) pages.Page {
	b.Helper()
	x, err := b.pages.Put(b.Context(), shop, w)
	if err != nil {
		b.Fatal(err)
	}
	return x
}

func (b *bench) publish(shop loyalty.ShopID, slug, tag string, version int64) {
	b.Helper()
	if _, err := b.pages.Publish(b.Context(), shop, slug, tag, version, "Ewa"); err != nil {
		b.Fatal(err)
	}
}

// read is what a reader of some languages is told; a problem's code where it is nothing.
func (b *bench) read(shop loyalty.ShopID, slug string, languages ...string) string {
	b.Helper()
	x, err := b.pages.Read(b.Context(), shop, slug, languages...)
	if err != nil {
		return code(err)
	}
	return x.Locale + " " + x.Text(false)
}

func TestReadersSeeWhatWasPublished(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		b := setup(t, st)
		first := b.put(b.shop, pages.Writing{Slug: "how", Locale: "fr", Title: " Comment ", Body: "un", By: "Ewa"})
		if first.Version != 1 || first.Title != "Comment" || first.State() != pages.Draft || first.WrittenBy != "Ewa" || first.WrittenAt == 0 {
			t.Errorf("%+v", first)
		}
		const none = "slug page_unknown"
		if got := b.read(b.shop, "how", "fr"); got != none {
			t.Errorf("a draft is read: %q", got)
		}
		b.publish(b.shop, "how", "fr", 0)
		second := b.put(b.shop, pages.Writing{Slug: "how", Locale: "fr", Title: "Comment", Body: "deux", Read: 1})
		if second.State() != pages.Active || second.Active != 1 || second.Version != 2 {
			t.Errorf("%+v", second)
		}
		if got := b.read(b.shop, "how", "fr"); got != "fr un" {
			t.Errorf("%q before the second version was published", got)
		}
		b.publish(b.shop, "how", "fr", 2)
		if got := b.read(b.shop, "how", "fr"); got != "fr deux" {
			t.Errorf("%q after it was", got)
		}
		b.publish(b.shop, "how", "fr", 1) // back to what it said before
		if got := b.read(b.shop, "how", "fr"); got != "fr un" {
			t.Errorf("%q after going back", got)
		}
		if old, err := b.pages.Get(t.Context(), b.shop, "how", "fr", 2); err != nil || old.Body != "deux" {
			t.Errorf("version 2 is %+v %v", old, err)
		}
		if x, err := b.pages.Unpublish(t.Context(), b.shop, "how", "fr", "Ewa"); err != nil || x.State() != pages.Draft || x.Body != "deux" || x.PublishedBy != "Ewa" {
			t.Errorf("%+v %v", x, err)
		}
		if got := b.read(b.shop, "how", "fr"); got != none {
			t.Errorf("a page that was taken back is read: %q", got)
		}
		if was, err := b.pages.Remove(t.Context(), b.shop, "how", "fr"); err != nil || was.Body != "deux" {
			t.Errorf("%+v %v", was, err)
		}
		if _, err := b.pages.Get(t.Context(), b.shop, "how", "fr", 1); code(err) != none {
			t.Errorf("a removed page: %v", err)
		}
	})
}

func TestLanguagesFallBack(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		b := setup(t, st)
		for tag, body := range map[string]string{"pl": "a", "fr": "b", "en": "c"} {
			b.put(b.shop, pages.Writing{Slug: "how", Locale: tag, Title: "T " + tag, Body: body, InMenu: tag != "en", Position: 5})
		}
		b.put(b.shop, pages.Writing{Slug: "terms", Locale: "fr", Title: "R", Body: "r", InMenu: true, Position: 1})
		b.publish(b.shop, "how", "pl", 0)
		b.publish(b.shop, "how", "fr", 0)
		b.publish(b.shop, "terms", "fr", 0)
		for _, tt := range []struct {
			languages []string
			want      string
		}{
			{[]string{"pl", "fr"}, "pl a"}, // the reader's
			{[]string{"en", "pl"}, "pl a"}, // not published in his: the shop's first
			{[]string{"en", "en"}, "fr b"}, // in neither: any, and always the same
		} {
			if got := b.read(b.shop, "how", tt.languages...); got != tt.want {
				t.Errorf("%q read %q, want %q", tt.languages, got, tt.want)
			}
		}
		menu := func(languages ...string) []pages.Entry {
			got, err := b.pages.Menu(t.Context(), b.shop, languages...)
			if err != nil {
				t.Fatal(err)
			}
			return got
		}
		terms := pages.Entry{Slug: "terms", Title: "R", Locale: "fr"}
		if diff := cmp.Diff([]pages.Entry{terms, {Slug: "how", Title: "T pl", Locale: "pl"}}, menu("pl", "fr")); diff != "" {
			t.Error(diff)
		}
		b.publish(b.shop, "how", "en", 0) // which is not in the menu
		if diff := cmp.Diff([]pages.Entry{terms}, menu("en", "fr")); diff != "" {
			t.Error(diff)
		}
	})
}

func TestTwoShopsHaveOnePageEach(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		b := setup(t, st)
		b.put(b.shop, pages.Writing{Slug: "how", Locale: "fr", Title: "A", Body: "a", InMenu: true})
		b.publish(b.shop, "how", "fr", 0)
		if got := b.read(b.other, "how", "fr"); got != "slug page_unknown" {
			t.Errorf("the other shop reads %q", got)
		}
		b.put(b.other, pages.Writing{Slug: "how", Locale: "fr", Title: "B", Body: "b", InMenu: true})
		b.publish(b.other, "how", "fr", 0)
		b.put(b.other, pages.Writing{Slug: "how", Locale: "fr", Title: "B", Body: "bb", Read: 1})
		token, _, err := b.pages.PreviewToken(t.Context(), b.other, "how", "fr", 2)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := b.pages.Preview(t.Context(), b.shop, "how", token); code(err) != "slug page_unknown" {
			t.Errorf("the link of the other shop opens here: %v", err)
		}
		if _, err := b.pages.Remove(t.Context(), b.other, "how", "fr"); err != nil {
			t.Fatal(err)
		}
		if got := b.read(b.shop, "how", "fr"); got != "fr a" {
			t.Errorf("the first shop reads %q", got)
		}
		list, err := b.pages.List(t.Context(), b.shop)
		if err != nil || len(list) != 1 || list[0].Title != "A" {
			t.Errorf("%+v %v", list, err)
		}
		if list, err = b.pages.List(t.Context(), b.other); err != nil || len(list) != 0 {
			t.Errorf("%+v %v", list, err)
		}
	})
}

// Two people do not overwrite one another: of many who had read the same version, one
// writes the next.
func TestOneOfManyWritesTheNextVersion(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		b := setup(t, st)
		for read := range int64(2) { // a new page, then its second version
			var wrote atomic.Int64
			var all sync.WaitGroup
			for i := range 8 {
				all.Go(func() {
					_, err := b.pages.Put(t.Context(), b.shop, pages.Writing{Slug: "how", Locale: "fr", Title: "T", Body: fmt.Sprint(i), Read: read})
					switch code(err) {
					case "":
						wrote.Add(1)
					case "version page_changed":
					default:
						t.Error(err)
					}
				})
			}
			all.Wait()
			if wrote.Load() != 1 {
				t.Errorf("%d people wrote version %d", wrote.Load(), read+1)
			}
		}
	})
}

func TestWhatMayBeWritten(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		b := setup(t, st)
		good := pages.Writing{Slug: "a-page-2", Locale: "pl", Title: "T", Body: "b"}
		for want, change := range map[string]func(*pages.Writing){
			"slug invalid_page_slug":         func(w *pages.Writing) { w.Slug = "A page" },
			"locale unknown_language":        func(w *pages.Writing) { w.Locale = "de" },
			"title required":                 func(w *pages.Writing) { w.Title = " " },
			"title too_long":                 func(w *pages.Writing) { w.Title = strings.Repeat("x", 201) },
			"title control_character":        func(w *pages.Writing) { w.Title = "a\x00b" },
			"title field_not_here":           func(w *pages.Writing) { w.Title = "Hi {{ first_name }}" },
			"body required":                  func(w *pages.Writing) { w.Body = "\n" },
			"body too_long":                  func(w *pages.Writing) { w.Body = strings.Repeat("x", pages.MaxBody+1) },
			"body control_character":         func(w *pages.Writing) { w.Body = "a\x00" },
			"body field_unknown":             func(w *pages.Writing) { w.Body = "{{ member_reff_link }}" },
			"body field_unreadable":          func(w *pages.Writing) { w.Body = "{% include x %}" },
			"visitor_body field_unknown":     func(w *pages.Writing) { w.VisitorBody = "{member_reff_link}" },
			"visitor_body control_character": func(w *pages.Writing) { w.VisitorBody = "\xff" },
			"position out_of_range":          func(w *pages.Writing) { w.Position = 1_001 },
			"actor too_long":                 func(w *pages.Writing) { w.By = strings.Repeat("x", 121) },
			"version page_changed":           func(w *pages.Writing) { w.Read = 3 },
			"":                               func(*pages.Writing) {},
		} {
			w := good
			change(&w)
			if _, err := b.pages.Put(t.Context(), b.shop, w); code(err) != want {
				t.Errorf("%q, want %q", code(err), want)
			}
		}
		if _, err := b.pages.Publish(t.Context(), b.shop, "a-page-2", "pl", 2, ""); code(err) != "version version_unknown" {
			t.Errorf("a version to come: %v", err)
		}
		if _, err := b.pages.Publish(t.Context(), b.shop, "a-page-2", "fr", 0, ""); code(err) != "slug page_unknown" {
			t.Errorf("a language without a page: %v", err)
		}
		if _, err := b.pages.Unpublish(t.Context(), b.shop, "x", "pl", ""); code(err) != "slug page_unknown" {
			t.Errorf("no page: %v", err)
		}
		for i := range pages.MaxPages - 1 {
			w := good
			w.Slug = fmt.Sprintf("p%d", i)
			b.put(b.shop, w)
		}
		w := good
		w.Slug = "one-more"
		if _, err := b.pages.Put(t.Context(), b.shop, w); code(err) != "slug too_many" {
			t.Errorf("one more: %v", err)
		}
	})
}

// T7: the link of a preview opens for an hour, one version of one page.
func TestAPreviewEnds(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		now := st.Clock()
		st.Clock = func() moment.Time { return now }
		b := setup(t, st)
		b.put(b.shop, pages.Writing{Slug: "how", Locale: "fr", Title: "T", Body: "one"})
		b.put(b.shop, pages.Writing{Slug: "why", Locale: "fr", Title: "T", Body: "other"})
		token, ends, err := b.pages.PreviewToken(t.Context(), b.shop, "how", "fr", 0)
		if err != nil || ends != now+moment.Hour {
			t.Fatal(ends, err)
		}
		b.put(b.shop, pages.Writing{Slug: "how", Locale: "fr", Title: "T", Body: "two", Read: 1})
		open := func(slug, token string) string {
			x, err := b.pages.Preview(t.Context(), b.shop, slug, token)
			if err != nil {
				return code(err)
			}
			return x.Body
		}
		const none = "slug page_unknown"
		now += 59 * moment.Minute
		if got := open("how", token); got != "one" {
			t.Errorf("after 59 minutes: %q", got)
		}
		parts := strings.Split(token, ".")
		for name, forged := range map[string]string{
			"another version": strings.Join([]string{parts[0], "2", parts[2], parts[3]}, "."),
			"a later end":     strings.Join([]string{parts[0], parts[1], parts[2] + "0", parts[3]}, "."),
			"no signature":    strings.Join(parts[:3], "."),
			"nothing":         "", "a dot": ".", "dots": "...",
		} {
			if got := open("how", forged); got != none {
				t.Errorf("%s: %q", name, got)
			}
		}
		if got := open("why", token); got != none {
			t.Errorf("another page: %q", got)
		}
		now += 2 * moment.Minute
		if got := open("how", token); got != none {
			t.Errorf("after 61 minutes: %q", got)
		}
		if _, _, err := b.pages.PreviewToken(t.Context(), b.shop, "what", "fr", 0); code(err) != none {
			t.Errorf("no page: %v", err)
		}
	})
}

// What is offered to begin with can be published as it is, in every language, and says the
// same to everybody who reads it: no field is left over.
func TestStarters(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		b := setup(t, st)
		list, err := pages.Starters()
		if err != nil || len(list) != 9 {
			t.Fatal(len(list), err)
		}
		headings := map[string]int{}
		for _, s := range list {
			b.put(b.shop, pages.Writing{Slug: s.Slug, Locale: s.Locale, Title: s.Title, Body: s.Body, VisitorBody: s.VisitorBody, InMenu: true, Position: s.Position})
			b.publish(b.shop, s.Slug, s.Locale, 0)
			if s.Legal != (s.Slug == "terms") || s.Legal != strings.HasPrefix(s.Body, "> **") {
				t.Errorf("%s %s does not say that it is to be checked", s.Slug, s.Locale)
			}
			x, err := b.pages.Read(t.Context(), b.shop, s.Slug, s.Locale)
			if err != nil {
				t.Fatal(err)
			}
			for _, text := range []string{pages.HTML(x.Text(false), member()), pages.HTML(x.Text(true), visitor())} {
				if strings.ContainsAny(text, "{}") || len(harm(t, text)) > 0 || !strings.Contains(text, "<h2>") {
					t.Errorf("%s %s:\n%s", s.Slug, s.Locale, text)
				}
				headings[s.Slug] += strings.Count(text, "<h2>")
			}
		}
		if headings["how-it-works"] != 12 || headings["questions"] != 36 || headings["terms"] != 48 {
			t.Errorf("the languages say different things: %v", headings)
		}
		if menu, err := b.pages.Menu(t.Context(), b.shop, "pl", "fr"); err != nil || len(menu) != 3 || menu[0].Title != "Jak to działa" || menu[2].Slug != "terms" {
			t.Errorf("%+v %v", menu, err)
		}
	})
}
