package pages_test

import (
	"errors"
	"strings"
	"testing"

	"cagnotte/internal/loyalty"
	"cagnotte/internal/pages"
	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
)

// Pages change places in the menu as readers see it, whatever they had before, and an older version
// keeps the place; one that another page leads to is not removed.
func TestPagesAreArrangedAndRemoved(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		p, shop := pages.New(st, storetest.Box(t)), storetest.Shop(t, st, "program \"Points\"\n  earn 1 point per 1.00 EUR\n").ID
		put := func(slug, tag, body string, menu bool, position int64) {
			t.Helper()
			was, _ := p.Get(t.Context(), shop, slug, tag, 0)
			w := pages.Writing{Slug: slug, Locale: tag, Read: was.Newest, Title: strings.ToUpper(slug), Body: body, InMenu: menu, Position: position}
			if _, err := p.Put(t.Context(), shop, w); err != nil {
				t.Fatal(err)
			}
			if _, err := p.Publish(t.Context(), shop, slug, tag, 0, ""); err != nil {
				t.Fatal(err)
			}
		}
		for i, slug := range []string{"a", "b", "c"} {
			put(slug, "en", "Text", true, int64(5*(i/2))) // a and b have one place
		}
		put("b", "fr", "Texte", true, 900)
		put("hidden", "en", "See [c](/pages/c) and [bb](/pages/b-b)", false, 0)
		menu := func() (out string) {
			t.Helper()
			list, err := p.Menu(t.Context(), shop, "en")
			if err != nil {
				t.Fatal(err)
			}
			for _, x := range list {
				out += x.Slug
			}
			return out
		}
		move := func(slug string, up bool, want string) {
			t.Helper()
			if err := p.Move(t.Context(), shop, slug, up); err != nil {
				t.Fatal(err)
			}
			if got := menu(); got != want {
				t.Errorf("%s moved, up %v: %s, want %s", slug, up, got, want)
			}
		}
		move("c", true, "acb")
		move("c", true, "cab")
		move("c", true, "cab")
		move("a", false, "cba")
		put("a", "en", "Another text", true, 30)
		if _, err := p.Publish(t.Context(), shop, "a", "en", 1, ""); err != nil {
			t.Fatal(err)
		}
		if got := menu(); got != "cba" {
			t.Errorf("an older version stands elsewhere: %s", got)
		}
		for _, slug := range []string{"hidden", "none"} {
			if err := p.Move(t.Context(), shop, slug, true); !errors.Is(err, loyalty.ErrNotFound) {
				t.Errorf("%s is moved: %v", slug, err)
			}
		}
		if x, ok := errors.AsType[*loyalty.Problem](p.RemoveAll(t.Context(), shop, "c")); !ok || x.Code != "page_linked" || x.Args["page"] != "HIDDEN (en)" {
			t.Errorf("a page that is linked is removed: %+v", x)
		}
		if err := p.RemoveAll(t.Context(), shop, "b"); err != nil { // bb is another one
			t.Error(err)
		}
		if _, err := p.Get(t.Context(), shop, "b", "fr", 0); !errors.Is(err, loyalty.ErrNotFound) {
			t.Errorf("its French is there: %v", err)
		}
		if err := p.RemoveAll(t.Context(), shop, "b"); !errors.Is(err, loyalty.ErrNotFound) {
			t.Errorf("removed twice: %v", err)
		}
		list, err := p.Arranged(t.Context(), shop)
		if err != nil || len(list) != 3 || list[0].Slug != "c" || list[2].Slug != "hidden" {
			t.Errorf("%+v %v", list, err)
		}
	})
}
