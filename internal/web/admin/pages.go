package admin

import (
	"cmp"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"strconv"

	"cagnotte/internal/fields"
	"cagnotte/internal/ledger"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/pages"
	"cagnotte/internal/rules"
	"cagnotte/internal/share"
)

// shownVersions is how many versions of a page are offered to go back to.
const shownVersions = 20

// pageRow is a page of the list in all its languages.
type pageRow struct {
	pages.Placed
	First, Last bool // of the menu
}

// pageEdit is the screen on which one language of a page is written.
type pageEdit struct {
	form     *form
	fresh    bool // there is no page of this name yet
	now      pages.Page
	versions []pages.Page
	member   string // the preview, as HTML that pages made safe
	visitor  string
	phone    string // a link to the version that is open, for a phone; empty: there is none
	phoneQR  string // the same as an SVG of our own
}

func (v *visit) pageList() error {
	return v.showPages(http.StatusOK, v.blank())
}

func (v *visit) showPages(status int, f *form) error {
	list, err := v.Pages.Arranged(v.ctx, v.shop.ID)
	if err != nil {
		return err
	}
	starters, err := pages.Starters()
	if err != nil {
		return err
	}
	var rows []pageRow
	have := map[string]bool{}
	for i, x := range list {
		have[x.Slug] = true
		rows = append(rows, pageRow{x, i == 0, i+1 == len(list) || !list[i+1].InMenu})
	}
	var offers []pages.Starter
	for _, s := range starters {
		if s.Locale == v.say.Tag() && !have[s.Slug] && !s.Legal { // the terms are a legal text
			offers = append(offers, s)
		}
	}
	return v.show(status, pagesView(v, f, rows, offers))
}

// begin fills a form with a text to begin with, if there is one of that name and language.
func (f *form) begin(slug, tag string) error {
	list, err := pages.Starters()
	for _, s := range list {
		if s.Slug == slug && s.Locale == tag {
			f.values["title"], f.values["body"], f.values["visitor_body"] = s.Title, s.Body, s.VisitorBody
			f.values["position"], f.values["in_menu"] = strconv.FormatInt(s.Position, 10), "yes"
		}
	}
	return err
}

func (v *visit) newPage() error {
	q := v.r.URL.Query()
	f := v.blank("slug", q.Get("template"), "locale", cmp.Or(q.Get("locale"), v.say.Tag()), "read", "0", "position", "0")
	if err := f.begin(f.get("slug"), f.get("locale")); err != nil {
		return err
	}
	return v.showPage(http.StatusOK, &pageEdit{form: f, fresh: true})
}

// editPage shows a version of a page; a language that it does not have yet begins empty.
func (v *visit) editPage() error {
	slug, q := v.r.PathValue("slug"), v.r.URL.Query()
	list, err := v.Pages.List(v.ctx, v.shop.ID)
	if err != nil {
		return err
	}
	var of []pages.Page
	for _, x := range list {
		if x.Slug == slug {
			of = append(of, x)
		}
	}
	if len(of) == 0 {
		return loyalty.NotFound("slug", "page_unknown")
	}
	tag := cmp.Or(q.Get("locale"), of[0].Locale)
	if !v.speaks(tag) {
		return loyalty.NotFound("slug", "page_unknown")
	}
	version, _ := strconv.ParseInt(q.Get("version"), 10, 64) // what is no number is the newest
	x, err := v.Pages.Get(v.ctx, v.shop.ID, slug, tag, max(version, 0))
	f := v.blank("slug", slug, "locale", tag, "read", strconv.FormatInt(x.Newest, 10), "position", strconv.FormatInt(of[0].Position, 10))
	switch {
	case err == nil:
		f.values["title"], f.values["body"], f.values["visitor_body"] = x.Title, x.Body, x.VisitorBody
		f.values["position"] = strconv.FormatInt(x.Position, 10)
		f.values["in_menu"] = ticked(x.InMenu)
	case !notFound(err) || version > 0:
		return err
	default:
		f.values["in_menu"] = ticked(of[0].InMenu)
		if err := f.begin(slug, tag); err != nil {
			return err
		}
	}
	return v.showPage(http.StatusOK, &pageEdit{form: f, now: x})
}

func ticked(is bool) string {
	if is {
		return "yes"
	}
	return ""
}

// showPage shows the screen with what its form says, and how that would be read.
func (v *visit) showPage(status int, e *pageEdit) error {
	f := e.form
	list, err := v.Pages.Versions(v.ctx, v.shop.ID, f.get("slug"), f.get("locale"), shownVersions)
	if err != nil {
		return err
	}
	look, err := v.Office.Portal(v.ctx, v.shop.ID)
	if err != nil {
		return err
	}
	e.versions = list
	if err := v.onPhone(e, look); err != nil {
		return err
	}
	say := v.Edge.Words().Printer(f.get("locale"), nil).For(v.shop)
	open := say.IdentityFields(&look.Legal)
	open["shop_name"], open["shop_url"] = v.shop.Name, look.Shop
	asks := func(x fields.Field) string {
		if x.Link {
			return say.Say("pages.ask.link")
		}
		return say.Say("pages.ask.other")
	}
	member := fields.Sample()
	maps.Copy(member, open)
	member["balance"], member["points"] = say.Units(ledger.Unit(v.shop.Currency), 2450), say.Units(rules.Points, 1250)
	if len(f.get("body")) <= pages.MaxBody && len(f.get("visitor_body")) <= pages.MaxBody {
		e.member = pages.HTML(f.get("body"), pages.Reader{Values: member, Prefix: look.Base})
		e.visitor = pages.HTML(cmp.Or(f.get("visitor_body"), f.get("body")), pages.Reader{Values: open, Prefix: look.Base, Asks: asks, AskAt: "/sign-in"})
	}
	return v.show(status, pageView(v, e))
}

// previewPage shows how a text would be read; nothing is kept of it.
func (v *visit) previewPage() error {
	f, err := v.read()
	if err != nil {
		return err
	}
	return v.showPage(http.StatusOK, &pageEdit{form: f, fresh: f.get("fresh") == "yes"})
}

// putPage writes the next version, and shows it to readers where that was asked for.
func (v *visit) putPage() error {
	f, err := v.read()
	if err != nil {
		return err
	}
	read, err := strconv.ParseInt(f.get("read"), 10, 64)
	if err != nil || read < 0 {
		f.problem("", "page_changed")
	}
	w := pages.Writing{
		Slug: f.get("slug"), Locale: f.get("locale"), Read: read, Title: f.get("title"), Body: f.get("body"), VisitorBody: f.get("visitor_body"),
		InMenu: f.get("in_menu") == "yes", Position: int64(f.number("position")), By: v.me.Name,
	}
	if f.ok() {
		_, err = v.Pages.Put(v.ctx, v.shop.ID, w)
		if errors.Is(err, loyalty.ErrConflict) && v.wrote(w) {
			err, v.same = nil, true // the same form, sent twice
		}
		if err != nil && !f.blame(err, "version=", "locale=", "actor=") {
			return err
		}
	}
	if !f.ok() {
		return v.showPage(http.StatusUnprocessableEntity, &pageEdit{form: f, fresh: f.get("fresh") == "yes"})
	}
	v.note("", "slug", w.Slug, "locale", w.Locale)
	said := "admin.pages.said.saved"
	if f.get("then") == "publish" {
		if _, err := v.Pages.Publish(v.ctx, v.shop.ID, w.Slug, w.Locale, read+1, v.me.Name); err != nil {
			return err
		}
		said = "admin.pages.said.published"
	}
	v.tell(said, "")
	return v.redirect(pagePath(w.Slug, w.Locale, 0))
}

// wrote tells whether the newest version is the one of this writing, by the same person.
func (v *visit) wrote(w pages.Writing) bool {
	x, err := v.Pages.Get(v.ctx, v.shop.ID, w.Slug, w.Locale, 0)
	return err == nil && x.Version == w.Read+1 && x.WrittenBy == w.By && x.Title == w.Title && x.Body == w.Body &&
		x.VisitorBody == w.VisitorBody && x.InMenu == w.InMenu && x.Position == w.Position
}

func (v *visit) publishPage() error {
	f, err := v.read()
	if err != nil {
		return err
	}
	n, err := strconv.ParseInt(f.get("version"), 10, 64)
	if err != nil || n < 1 {
		return loyalty.NotFound("version", "version_unknown")
	}
	slug, tag := v.r.PathValue("slug"), f.get("locale")
	was, err := v.Pages.Get(v.ctx, v.shop.ID, slug, tag, 0)
	if err != nil {
		return err
	}
	if _, err := v.Pages.Publish(v.ctx, v.shop.ID, slug, tag, n, v.me.Name); err != nil {
		return err
	}
	v.note("", "slug", slug, "locale", tag, "version", strconv.FormatInt(n, 10))
	v.change("admin.audit.field.version", plainVersion(was.Active), strconv.FormatInt(n, 10))
	v.tell("admin.pages.said.published", "")
	return v.redirect(pagePath(slug, tag, 0))
}

func (v *visit) unpublishPage() error {
	f, err := v.read()
	if err != nil {
		return err
	}
	slug, tag := v.r.PathValue("slug"), f.get("locale")
	if _, err := v.Pages.Unpublish(v.ctx, v.shop.ID, slug, tag, v.me.Name); err != nil {
		return err
	}
	v.note("", "slug", slug, "locale", tag)
	v.tell("admin.pages.said.unpublished", "")
	return v.redirect(pagePath(slug, tag, 0))
}

// movePage lets a page change places with its neighbour in the menu.
func (v *visit) movePage() error {
	f, err := v.read()
	if err != nil {
		return err
	}
	slug, up := v.r.PathValue("slug"), f.get("to") == "up"
	if err := v.Pages.Move(v.ctx, v.shop.ID, slug, up); err != nil {
		return err
	}
	v.note("", "slug", slug, "to", f.get("to"))
	v.tell("admin.pages.said.moved", "")
	return v.redirect("/pages")
}

// removePage takes a page away in all its languages, if its confirmation was ticked and no other page
// leads to it.
func (v *visit) removePage() error {
	f, err := v.read()
	if err != nil {
		return err
	}
	slug := v.r.PathValue("slug")
	if f.get("sure") != "yes" {
		f.problem("", "page_not_sure")
	} else if err := v.Pages.RemoveAll(v.ctx, v.shop.ID, slug); err != nil && !f.blame(err, "slug=") {
		return err
	}
	if !f.ok() {
		return v.showPages(http.StatusUnprocessableEntity, f)
	}
	v.note("", "slug", slug)
	v.tell("admin.pages.said.removed", "")
	return v.redirect("/pages")
}

// onPhone makes a link to a version that opens for an hour on any phone, with its QR code; nothing
// where the portal is not open.
func (v *visit) onPhone(e *pageEdit, look *loyalty.Portal) error {
	if e.now.Version == 0 || !look.On {
		return nil
	}
	token, _, err := v.Pages.PreviewToken(v.ctx, v.shop.ID, e.now.Slug, e.now.Locale, e.now.Version)
	if err != nil {
		return err
	}
	e.phone = look.Link("/pages/" + url.PathEscape(e.now.Slug) + "?preview=" + url.QueryEscape(token))
	e.phoneQR, err = share.QRSVG(e.phone, v.t("admin.pages.phone.code"))
	return err
}

// pagePath is where a version of a page is written; 0 is the newest.
func pagePath(slug, tag string, version int64) string {
	at := "/pages/" + url.PathEscape(slug) + "/text?locale=" + url.QueryEscape(tag)
	if version > 0 {
		at += "&version=" + strconv.FormatInt(version, 10)
	}
	return at
}

// pageState is what readers see of a page: the end of a key of words.
func pageState(x pages.Page) string {
	if x.Active > 0 && x.Active < x.Newest {
		return "newer"
	}
	return x.State()
}

// legal tells whether a page begins with a text that a lawyer has to look at.
func legal(slug string) bool {
	list, _ := pages.Starters() // our own files
	for _, s := range list {
		if s.Slug == slug {
			return s.Legal
		}
	}
	return false
}

// plainVersion is a version of a page; empty: none.
func plainVersion(n int64) string {
	if n == 0 {
		return ""
	}
	return strconv.FormatInt(n, 10)
}
