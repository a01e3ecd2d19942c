package pages

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"cagnotte/internal/fields"
	"cagnotte/internal/locale"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/store"
)

// What a shop may write at most.
const (
	MaxPages    = 200    // of a shop, each language for itself
	MaxBody     = 30_000 // bytes: a page is rendered at each visit, and odd Markdown takes time that grows with its square
	MaxPosition = 1_000
)

// Page is a page in one language, with what one of its versions says.
type Page struct{ store.Page }

// States of a page.
const (
	Draft  = "draft"  // readers do not see it
	Active = "active" // readers see one of its versions, the newest or an older one
)

// State is Draft or Active.
func (p Page) State() string {
	if p.Active == 0 {
		return Draft
	}
	return Active
}

// Text is what a reader is told, in Markdown with fields.
func (p Page) Text(visitor bool) string {
	if visitor && p.VisitorBody != "" {
		return p.VisitorBody
	}
	return p.Body
}

// Writing is what somebody says in a page from now on.
type Writing struct {
	Slug, Locale string
	Read         int64 // the newest version that he had read; 0: there was no page
	Title        string
	Body         string // Markdown with fields
	VisitorBody  string // for who is not signed in; empty: the body
	InMenu       bool
	Position     int64 // in the menu, 0 to MaxPosition
	By           string
}

// List gives a shop's pages in their newest versions by slug and language, without bodies.
func (p *Pages) List(ctx context.Context, shop loyalty.ShopID) ([]Page, error) {
	return wrapped(p.st.Pages(ctx, shop))
}

// Get finds a page in one language and version (0: the newest); the problem `page_unknown`
// when there is none.
func (p *Pages) Get(ctx context.Context, shop loyalty.ShopID, slug, tag string, version int64) (Page, error) {
	row, found, err := p.st.Page(ctx, shop, slug, tag, version)
	if err == nil && !found {
		err = loyalty.NotFound("slug", "page_unknown")
	}
	return Page{row}, err
}

// Versions lists the newest versions of a page, most of them at most, without bodies;
// nothing when there is no such page.
func (p *Pages) Versions(ctx context.Context, shop loyalty.ShopID, slug, tag string, most int) ([]Page, error) {
	return wrapped(p.st.PageVersions(ctx, shop, slug, tag, most))
}

// Put writes a page's next version, which readers do not see before it is published; the
// problem `page_changed` where somebody else has written one since.
func (p *Pages) Put(ctx context.Context, shop loyalty.ShopID, w Writing) (Page, error) {
	if err := check(&w); err != nil {
		return Page{}, err
	}
	if w.Read == 0 {
		n, err := p.st.CountPages(ctx, shop)
		if err != nil {
			return Page{}, err
		}
		if n >= MaxPages {
			return Page{}, loyalty.Invalid("slug", "too_many", "max", fmt.Sprint(MaxPages))
		}
	}
	row := store.Page{
		Slug: w.Slug, Locale: w.Locale, Title: w.Title, Body: w.Body, VisitorBody: w.VisitorBody, InMenu: w.InMenu, Position: w.Position, WrittenBy: w.By,
	}
	err := p.st.Write(ctx, func(tx *store.Tx) error {
		done, err := tx.WritePage(ctx, shop, row, w.Read)
		if err == nil && !done {
			err = loyalty.Conflict("version", "page_changed")
		}
		return err
	})
	if err != nil {
		return Page{}, err
	}
	return p.Get(ctx, shop, w.Slug, w.Locale, 0)
}

// Publish shows a version to readers (0: the newest), in place of the one before it; the
// problems `page_unknown` and `version_unknown`, and `page_legal` of a draft of a legal text,
// which is published as an edition.
func (p *Pages) Publish(ctx context.Context, shop loyalty.ShopID, slug, tag string, version int64, by string) (Page, error) {
	if LegalOf(slug) != "" {
		return Page{}, loyalty.Conflict("slug", "page_legal")
	}
	x, err := p.Get(ctx, shop, slug, tag, 0)
	switch {
	case err != nil:
		return Page{}, err
	case version == 0:
		version = x.Newest
	case version < 0 || version > x.Newest:
		return Page{}, loyalty.NotFound("version", "version_unknown")
	}
	return p.show(ctx, shop, slug, tag, version, by)
}

// Unpublish takes a page from readers and keeps all its versions; the problem
// `page_unknown`.
func (p *Pages) Unpublish(ctx context.Context, shop loyalty.ShopID, slug, tag, by string) (Page, error) {
	return p.show(ctx, shop, slug, tag, 0, by)
}

func (p *Pages) show(ctx context.Context, shop loyalty.ShopID, slug, tag string, version int64, by string) (Page, error) {
	if err := line("actor", by, loyalty.MaxRefBytes); err != nil {
		return Page{}, err
	}
	err := p.st.Write(ctx, func(tx *store.Tx) error {
		done, err := tx.ShowPage(ctx, shop, slug, tag, version, by)
		return known(done, err)
	})
	if err != nil {
		return Page{}, err
	}
	return p.Get(ctx, shop, slug, tag, version)
}

// Remove takes a page in one language away, with all its versions, and gives what the
// newest said; the problem `page_unknown`.
func (p *Pages) Remove(ctx context.Context, shop loyalty.ShopID, slug, tag string) (Page, error) {
	was, err := p.Get(ctx, shop, slug, tag, 0)
	if err != nil {
		return Page{}, err
	}
	return was, p.st.Write(ctx, func(tx *store.Tx) error {
		done, err := tx.DropPage(ctx, shop, slug, tag)
		return known(done, err)
	})
}

func known(done bool, err error) error {
	if err == nil && !done {
		err = loyalty.NotFound("slug", "page_unknown")
	}
	return err
}

func wrapped(rows []store.Page, err error) ([]Page, error) {
	out := make([]Page, len(rows))
	for i, row := range rows {
		out[i] = Page{row}
	}
	return out, err
}

var slugForm = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

func check(w *Writing) error {
	if len(w.Slug) > 60 || !slugForm.MatchString(w.Slug) {
		return loyalty.Invalid("slug", "invalid_page_slug")
	}
	if !slices.Contains(locale.Tags, w.Locale) {
		return loyalty.Invalid("locale", "unknown_language")
	}
	w.Title = strings.TrimSpace(w.Title)
	if w.Title == "" {
		return loyalty.Invalid("title", "required")
	}
	if err := line("title", w.Title, loyalty.MaxText); err != nil {
		return err
	}
	if len(fields.Used(w.Title)) > 0 || fields.Check("title", w.Title) != nil {
		return loyalty.Invalid("title", "field_not_here") // menus show it to everybody
	}
	if strings.TrimSpace(w.Body) == "" {
		return loyalty.Invalid("body", "required")
	}
	if err := body("body", w.Body); err != nil {
		return err
	}
	if err := body("visitor_body", w.VisitorBody); err != nil {
		return err
	}
	if w.Position < 0 || w.Position > MaxPosition {
		return loyalty.Invalid("position", "out_of_range", "min", "0", "max", fmt.Sprint(MaxPosition))
	}
	return line("actor", w.By, loyalty.MaxRefBytes)
}

func line(field, v string, most int) error {
	switch {
	case len(v) > most:
		return loyalty.Invalid(field, "too_long", "max", fmt.Sprint(most))
	case !utf8.ValidString(v) || strings.ContainsFunc(v, unicode.IsControl):
		return loyalty.Invalid(field, "control_character")
	}
	return nil
}

func body(field, v string) error {
	switch {
	case len(v) > MaxBody:
		return loyalty.Invalid(field, "too_long", "max", fmt.Sprint(MaxBody))
	case !utf8.ValidString(v) || strings.ContainsFunc(v, func(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\r' && r != '\t' }):
		return loyalty.Invalid(field, "control_character")
	}
	return fields.Check(field, v)
}
