package pages

import (
	"cmp"
	"context"
	"fmt"
	"regexp"
	"slices"

	"cagnotte/internal/loyalty"
	"cagnotte/internal/store"
)

// Placed is a page of the portal in all its languages, in the newest version of each.
type Placed struct {
	Slug   string
	In     []Page
	InMenu bool // in one of its languages at least
}

// Arranged lists a shop's pages as they stand in the menu, and those that do not behind them by
// name; drafts of legal texts are not among them.
func (p *Pages) Arranged(ctx context.Context, shop loyalty.ShopID) ([]Placed, error) {
	list, err := p.List(ctx, shop)
	if err != nil {
		return nil, err
	}
	var out []Placed
	for _, x := range list { // by name and language
		if LegalOf(x.Slug) != "" {
			continue
		}
		if len(out) == 0 || out[len(out)-1].Slug != x.Slug {
			out = append(out, Placed{Slug: x.Slug})
		}
		last := &out[len(out)-1]
		last.In, last.InMenu = append(last.In, x), last.InMenu || x.InMenu
	}
	slices.SortStableFunc(out, func(a, b Placed) int {
		if a.InMenu != b.InMenu {
			if a.InMenu {
				return -1
			}
			return 1
		}
		if !a.InMenu {
			return cmp.Compare(a.Slug, b.Slug)
		}
		return cmp.Or(cmp.Compare(a.In[0].Position, b.In[0].Position), cmp.Compare(a.Slug, b.Slug))
	})
	return out, nil
}

// Move lets a page of the menu change places with the one before it, or behind it; at the end of
// the menu nothing moves. The problem `page_unknown` when it is not in the menu.
func (p *Pages) Move(ctx context.Context, shop loyalty.ShopID, slug string, up bool) error {
	list, err := p.Arranged(ctx, shop)
	if err != nil {
		return err
	}
	list = slices.DeleteFunc(list, func(x Placed) bool { return !x.InMenu })
	i := slices.IndexFunc(list, func(x Placed) bool { return x.Slug == slug })
	if i < 0 {
		return loyalty.NotFound("slug", "page_unknown")
	}
	other := i + 1
	if up {
		other = i - 1
	}
	if other >= 0 && other < len(list) {
		list[i], list[other] = list[other], list[i]
	}
	step := int64(10)
	if int64(len(list))*step > MaxPosition {
		step = 1
	}
	return p.st.Write(ctx, func(tx *store.Tx) error {
		for n, x := range list {
			if err := tx.PlacePage(ctx, shop, x.Slug, step*int64(n+1)); err != nil {
				return err
			}
		}
		return nil
	})
}

// RemoveAll takes a page away in all its languages; the problems `page_unknown`, and `page_linked`
// where another page leads to it.
func (p *Pages) RemoveAll(ctx context.Context, shop loyalty.ShopID, slug string) error {
	list, err := p.List(ctx, shop)
	if err != nil {
		return err
	}
	leads := regexp.MustCompile(`/pages/` + regexp.QuoteMeta(slug) + `($|[^a-z0-9-])`)
	var mine []Page
	for _, x := range list {
		if x.Slug == slug {
			mine = append(mine, x)
			continue
		}
		versions := []int64{x.Newest}
		if x.Active > 0 && x.Active != x.Newest {
			versions = append(versions, x.Active)
		}
		for _, n := range versions {
			at, err := p.Get(ctx, shop, x.Slug, x.Locale, n)
			if err != nil {
				return err
			}
			if leads.MatchString(at.Body) || leads.MatchString(at.VisitorBody) {
				return loyalty.Conflict("slug", "page_linked", "page", fmt.Sprintf("%s (%s)", x.Title, x.Locale))
			}
		}
	}
	if len(mine) == 0 {
		return loyalty.NotFound("slug", "page_unknown")
	}
	return p.st.Write(ctx, func(tx *store.Tx) error {
		for _, x := range mine {
			if _, err := tx.DropPage(ctx, shop, x.Slug, x.Locale); err != nil {
				return err
			}
		}
		return nil
	})
}
