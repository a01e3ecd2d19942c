package store

import (
	"context"

	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
)

const (
	pageColumns = `p.slug, p.locale, p.newest, p.active, p.changed_at, COALESCE(p.published_at, 0), p.published_by,
		v.version, v.title, v.in_menu, v.position, v.written_at, v.written_by, `
	pageTexts   = `v.body, v.visitor_body`
	noPageTexts = `'', ''`
	pageVersion = ` FROM pages p JOIN page_versions v ON v.shop_id = $1 AND v.slug = p.slug AND v.locale = p.locale AND v.version = `
)

var (
	qPages      = New("pages.all", `SELECT `+pageColumns+noPageTexts+pageVersion+`p.newest WHERE p.shop_id = $1 ORDER BY p.slug, p.locale`)
	qShownPages = New("pages.shown", `
		SELECT `+pageColumns+noPageTexts+pageVersion+`p.active WHERE p.shop_id = $1 ORDER BY v.position, p.slug, p.locale`)
	qShownPage = New("pages.shown.slug", `
		SELECT `+pageColumns+pageTexts+pageVersion+`p.active WHERE p.shop_id = $1 AND p.slug = $2 ORDER BY p.locale`)
	qPage = New("pages.one", `
		SELECT `+pageColumns+pageTexts+pageVersion+`CASE WHEN $4 > 0 THEN $4 ELSE p.newest END
		WHERE p.shop_id = $1 AND p.slug = $2 AND p.locale = $3`)
	qPageVersions = New("page_versions.of", `SELECT `+pageColumns+noPageTexts+`
		FROM page_versions v JOIN pages p ON p.shop_id = $1 AND p.slug = v.slug AND p.locale = v.locale
		WHERE v.shop_id = $1 AND v.slug = $2 AND v.locale = $3 ORDER BY v.version DESC LIMIT $4`)
	qCountPages = New("pages.count", `SELECT COUNT(*) FROM pages p WHERE p.shop_id = $1`)
	qPutPage    = New("pages.put", `
		INSERT INTO pages (shop_id, slug, locale, newest, active, changed_at, published_by) VALUES ($1, $2, $3, 1, 0, $4, '')
		ON CONFLICT (shop_id, slug, locale) DO NOTHING RETURNING newest`)
	qRaisePage = New("pages.raise", `
		UPDATE pages SET newest = newest + 1, changed_at = $5 WHERE shop_id = $1 AND slug = $2 AND locale = $3 AND newest = $4 RETURNING newest`)
	qPutPageVersion = New("page_versions.put", `
		INSERT INTO page_versions (shop_id, slug, locale, version, title, body, visitor_body, in_menu, position, written_at, written_by)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`)
	qShowPage = New("pages.show", `
		UPDATE pages SET active = $4, published_at = $5, published_by = $6, changed_at = $5
		WHERE shop_id = $1 AND slug = $2 AND locale = $3 AND newest >= $4 RETURNING newest`)
	qPlacePage        = New("page_versions.place", `UPDATE page_versions SET position = $3 WHERE shop_id = $1 AND slug = $2`)
	qDropPageVersions = New("page_versions.drop", `DELETE FROM page_versions WHERE shop_id = $1 AND slug = $2 AND locale = $3`)
	qDropPage         = New("pages.drop", `DELETE FROM pages WHERE shop_id = $1 AND slug = $2 AND locale = $3 RETURNING newest`)
)

// Page is a page of the portal in one language, with what one of its versions says.
type Page struct {
	Slug, Locale string
	Newest       int64 // the last version written
	Active       int64 // the version that readers are shown; 0: none
	ChangedAt    moment.Time
	PublishedAt  moment.Time // since when Active is shown, or nothing is; zero: never published
	PublishedBy  string

	Version     int64 // the one that follows
	Title       string
	Body        string // Markdown with fields; empty in lists
	VisitorBody string // for who is not signed in; empty: the body
	InMenu      bool
	Position    int64 // in the menu, from the smallest on
	WrittenAt   moment.Time
	WrittenBy   string
}

func (s *Store) pages(ctx context.Context, q *Q, args ...any) ([]Page, error) {
	var out []Page
	err := s.Read(ctx, q, func(r Scanner) error {
		var p Page
		err := r.Scan(&p.Slug, &p.Locale, &p.Newest, &p.Active, &p.ChangedAt, &p.PublishedAt, &p.PublishedBy,
			&p.Version, &p.Title, &p.InMenu, &p.Position, &p.WrittenAt, &p.WrittenBy, &p.Body, &p.VisitorBody)
		out = append(out, p)
		return err
	}, args...)
	return out, err
}

// Pages lists a shop's pages in their newest versions by slug and language, without their
// bodies.
func (s *Store) Pages(ctx context.Context, shop loyalty.ShopID) ([]Page, error) {
	return s.pages(ctx, qPages, int64(shop))
}

// ShownPages lists the pages that readers are shown, in the order of the menu, without
// their bodies.
func (s *Store) ShownPages(ctx context.Context, shop loyalty.ShopID) ([]Page, error) {
	return s.pages(ctx, qShownPages, int64(shop))
}

// ShownPage gives a page as readers are shown it, in each of its languages.
func (s *Store) ShownPage(ctx context.Context, shop loyalty.ShopID, slug string) ([]Page, error) {
	return s.pages(ctx, qShownPage, int64(shop), slug)
}

// Page finds a page in one language and version (0: the newest); false when there is none.
func (s *Store) Page(ctx context.Context, shop loyalty.ShopID, slug, locale string, version int64) (p Page, found bool, err error) {
	list, err := s.pages(ctx, qPage, int64(shop), slug, locale, version)
	if err != nil || len(list) == 0 {
		return Page{}, false, err
	}
	return list[0], true, nil
}

// PageVersions lists the newest versions of a page, most of them at most, without their
// bodies.
func (s *Store) PageVersions(ctx context.Context, shop loyalty.ShopID, slug, locale string, most int) ([]Page, error) {
	return s.pages(ctx, qPageVersions, int64(shop), slug, locale, most)
}

// CountPages tells how many pages a shop has, each language for itself.
func (s *Store) CountPages(ctx context.Context, shop loyalty.ShopID) (n int, err error) {
	err = s.Read(ctx, qCountPages, func(r Scanner) error { return r.Scan(&n) }, int64(shop))
	return n, err
}

// WritePage stores the version behind the one that the writer had read (0: there was no
// page); false when there is another one by now.
func (t *Tx) WritePage(ctx context.Context, shop loyalty.ShopID, p Page, read int64) (done bool, err error) {
	var version int64
	scan := func(r Scanner) error { return r.Scan(&version) }
	if read == 0 {
		t.Query(qPutPage, 1, scan, int64(shop), p.Slug, p.Locale, int64(t.Now))
	} else {
		t.Query(qRaisePage, 1, scan, int64(shop), p.Slug, p.Locale, read, int64(t.Now))
	}
	if err := t.Flush(ctx); err != nil || version == 0 {
		return false, err
	}
	return true, t.Exec(ctx, qPutPageVersion, int64(shop), p.Slug, p.Locale, version, p.Title, p.Body, p.VisitorBody, p.InMenu, p.Position,
		int64(t.Now), p.WrittenBy)
}

// ShowPage lets readers see a version, or nothing (0); false when there is no such page or
// version.
func (t *Tx) ShowPage(ctx context.Context, shop loyalty.ShopID, slug, locale string, version int64, by string) (done bool, err error) {
	t.Query(qShowPage, 1, there(&done), int64(shop), slug, locale, version, int64(t.Now), by)
	return done, t.Flush(ctx)
}

// PlacePage gives a page a place in the menu, in every language and version: the place is of the
// page, and going back to an older text does not move it.
func (t *Tx) PlacePage(ctx context.Context, shop loyalty.ShopID, slug string, position int64) error {
	return t.Exec(ctx, qPlacePage, int64(shop), slug, position)
}

// DropPage takes a page in one language away with all its versions; false when there is
// none.
func (t *Tx) DropPage(ctx context.Context, shop loyalty.ShopID, slug, locale string) (done bool, err error) {
	t.Rows(qDropPageVersions, 1, int64(shop), slug, locale)
	t.Query(qDropPage, 1, there(&done), int64(shop), slug, locale)
	return done, t.Flush(ctx)
}

func there(done *bool) func(Scanner) error {
	return func(r Scanner) error {
		*done = true
		return r.Scan(new(int64))
	}
}
