package pages

import (
	"context"

	"cagnotte/internal/loyalty"
)

// Entry is a page in the portal's menu.
type Entry struct{ Slug, Title, Locale string }

// Menu lists what a shop's portal links to in its menu, each page in the first of the
// reader's languages that it has, else in any. A page that its shop keeps out of the menu
// in the language that the reader gets is not there.
func (p *Pages) Menu(ctx context.Context, shop loyalty.ShopID, languages ...string) ([]Entry, error) {
	rows, err := wrapped(p.st.ShownPages(ctx, shop))
	if err != nil {
		return nil, err
	}
	versions := map[string][]Page{}
	for _, x := range rows {
		versions[x.Slug] = append(versions[x.Slug], x)
	}
	var out []Entry
	for _, x := range rows {
		if x.InMenu && choose(versions[x.Slug], languages).Locale == x.Locale {
			out = append(out, Entry{x.Slug, x.Title, x.Locale})
		}
	}
	return out, nil
}

// Read gives a page as it was published, in the first of the reader's languages that it
// has, else in any; the problem `page_unknown` when nothing of that name is published.
func (p *Pages) Read(ctx context.Context, shop loyalty.ShopID, slug string, languages ...string) (Page, error) {
	rows, err := wrapped(p.st.ShownPage(ctx, shop, slug))
	if err == nil && len(rows) == 0 {
		err = loyalty.NotFound("slug", "page_unknown")
	}
	if err != nil {
		return Page{}, err
	}
	return choose(rows, languages), nil
}

// choose follows the reader's languages; whoever speaks none of them reads the first by
// the alphabet, which is the same one each time.
func choose(of []Page, languages []string) Page {
	for _, l := range languages {
		for _, x := range of {
			if x.Locale == l {
				return x
			}
		}
	}
	first := of[0]
	for _, x := range of {
		if x.Locale < first.Locale {
			first = x
		}
	}
	return first
}
