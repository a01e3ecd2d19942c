package api

import (
	"cagnotte/internal/fields"
	"cagnotte/internal/moment"
	"cagnotte/internal/office"
	"cagnotte/internal/pages"
)

// PortalPage is a page of the portal in one language, with what one of its versions says.
type PortalPage struct {
	Slug        string      `json:"slug" doc:"Its name in its address, /pages/{slug}"`
	Locale      string      `json:"locale"`
	State       string      `json:"state" enum:"draft,active" doc:"draft: readers see none of its versions"`
	Newest      int64       `json:"newest" doc:"The last version written; name it when you write the next"`
	Active      int64       `json:"active,omitempty" doc:"The version that readers see"`
	ChangedAt   moment.Time `json:"changed_at" format:"date-time"`
	PublishedAt moment.Time `json:"published_at,omitzero" format:"date-time" doc:"When a version was last shown to readers, or taken from them"`
	PublishedBy string      `json:"published_by,omitempty"`
	Version     int64       `json:"version" doc:"What follows is of this version"`
	Title       string      `json:"title"`
	Body        string      `json:"body,omitempty" doc:"Markdown with fields; missing in lists"`
	VisitorBody string      `json:"visitor_body,omitempty" doc:"For who is not signed in; missing: the body"`
	InMenu      bool        `json:"in_menu"`
	Position    int64       `json:"position" doc:"In the menu, from the smallest on"`
	WrittenAt   moment.Time `json:"written_at" format:"date-time"`
	WrittenBy   string      `json:"written_by,omitempty"`
}

// PortalPages are all pages of a shop, in their newest versions.
type PortalPages struct {
	Data []PortalPage `json:"data" maxItems:"200"`
}

// PageText is what a page says from now on.
type PageText struct {
	Version     int64  `json:"version,omitempty" minimum:"0" doc:"The newest version that was read; missing: the page is new. Another one by now is a conflict"`
	Title       string `json:"title" doc:"Without fields"`
	Body        string `json:"body" doc:"Markdown; fields in braces, {{ member_ref_link }}: GET /v1/fields"`
	VisitorBody string `json:"visitor_body,omitempty" doc:"For who is not signed in; missing: the body"`
	InMenu      bool   `json:"in_menu,omitempty" doc:"The portal links to it at the foot of its pages"`
	Position    int64  `json:"position,omitempty" minimum:"0" maximum:"1000"`
	Actor       string `json:"actor,omitempty" doc:"Who wrote it"`
}

// PagePublication shows a version to readers.
type PagePublication struct {
	Locale  string `json:"locale" enum:"en,fr,pl"`
	Version int64  `json:"version,omitempty" minimum:"0" doc:"Missing: the newest"`
	Actor   string `json:"actor,omitempty"`
}

// PageWithdrawal takes a page from readers.
type PageWithdrawal struct {
	Locale string `json:"locale" enum:"en,fr,pl"`
	Actor  string `json:"actor,omitempty"`
}

// PagePreview is the way to a version that is not published.
type PagePreview struct {
	Path   string      `json:"path" doc:"Behind the address of the portal; with &as=visitor as a visitor sees it. All data in it is invented"`
	EndsAt moment.Time `json:"ends_at" format:"date-time" doc:"Nobody can open it from then on"`
}

// PageTemplate is a text to begin a page with.
type PageTemplate struct {
	Slug        string `json:"slug"`
	Locale      string `json:"locale"`
	Title       string `json:"title"`
	Body        string `json:"body"`
	VisitorBody string `json:"visitor_body,omitempty"`
	Position    int64  `json:"position"`
	Legal       bool   `json:"legal" doc:"Has to be checked by a lawyer before it is published"`
}

// PageTemplates are the texts to begin with, in every language.
type PageTemplates struct {
	Data []PageTemplate `json:"data" maxItems:"100"`
}

// TextField is something that a text may leave open.
type TextField struct {
	Name     string `json:"name" doc:"Written {{ name }} or {name}"`
	Meaning  string `json:"meaning"`
	Sample   string `json:"sample"`
	Visitors bool   `json:"visitors" doc:"Known of who is not signed in, too"`
}

// TextFields are all of them.
type TextFields struct {
	Lang string      `json:"lang" doc:"The language of the meanings"`
	Data []TextField `json:"data" maxItems:"100"`
}

type pagePath struct {
	Slug   string `path:"slug" unknown:"page_unknown"`
	Locale string `query:"locale" enum:"en,fr,pl" doc:"Needed"`
}

type pageVersion struct {
	Slug    string `path:"slug" unknown:"page_unknown"`
	Locale  string `query:"locale" enum:"en,fr,pl" doc:"Needed"`
	Version int    `query:"version" minimum:"0" maximum:"1000000000" doc:"The newest when missing"`
}

type pageSlug struct {
	Slug string `path:"slug" unknown:"page_unknown"`
}

type inLanguage struct {
	Lang string `query:"lang" enum:"en,fr,pl" doc:"Accept-Language decides when missing"`
}

// pageRoutes are the pages that the shop writes for its portal.
func (a *API) pageRoutes() {
	read, settings, path := office.ScopeRead, office.ScopeSettings, "/v1/pages/{slug}"
	mount(a, operation{method: "GET", path: "/v1/fields", id: "fields", summary: "What texts may leave open for each reader", scope: read}, a.fields)
	mount(a, operation{method: "GET", path: "/v1/page-templates", id: "page-templates", summary: "Texts to begin a page with", scope: read}, a.pageTemplates)
	mount(a, operation{method: "GET", path: "/v1/pages", id: "pages", summary: "All pages of the portal", scope: read}, a.listPages)
	mount(a, operation{method: "GET", path: path, id: "page", summary: "One page in one language and version", scope: read}, a.page)
	mount(a, operation{method: "PUT", path: path, id: "put-page", summary: "Write the next version of a page", scope: settings}, a.putPage)
	mount(a, operation{method: "DELETE", path: path, id: "remove-page", summary: "Remove a page in one language, with all its versions", scope: settings}, a.removePage)
	mount(a, operation{method: "POST", path: path + "/publish", id: "publish-page", summary: "Show a version to readers", scope: settings}, a.publishPage)
	mount(a, operation{method: "POST", path: path + "/unpublish", id: "unpublish-page", summary: "Take a page from readers", scope: settings}, a.unpublishPage)
	mount(a, operation{
		method: "GET", path: path + "/preview", id: "preview-page", summary: "The way to a version that is not published, for an hour", scope: settings,
	}, a.previewPage)
}

func shownPage(x pages.Page) PortalPage {
	return PortalPage{
		Slug: x.Slug, Locale: x.Locale, State: x.State(), Newest: x.Newest, Active: x.Active, ChangedAt: x.ChangedAt, PublishedAt: x.PublishedAt,
		PublishedBy: x.PublishedBy, Version: x.Version, Title: x.Title, Body: x.Body, VisitorBody: x.VisitorBody, InMenu: x.InMenu,
		Position: x.Position, WrittenAt: x.WrittenAt, WrittenBy: x.WrittenBy,
	}
}

func onePage(x pages.Page, err error) (*PortalPage, error) {
	if err != nil {
		return nil, err
	}
	out := shownPage(x)
	return &out, nil
}

func (a *API) listPages(c *call, _ *none, _ *none) (*PortalPages, error) {
	list, err := a.pages.List(c.ctx, c.shop())
	out := &PortalPages{Data: make([]PortalPage, len(list))}
	for i, x := range list {
		out.Data[i] = shownPage(x)
	}
	return out, err
}

func (a *API) page(c *call, p *pageVersion, _ *none) (*PortalPage, error) {
	return onePage(a.pages.Get(c.ctx, c.shop(), p.Slug, p.Locale, int64(p.Version)))
}

func (a *API) putPage(c *call, p *pagePath, b *PageText) (*PortalPage, error) {
	return onePage(a.pages.Put(c.ctx, c.shop(), pages.Writing{
		Slug: p.Slug, Locale: p.Locale, Read: b.Version, Title: b.Title, Body: b.Body, VisitorBody: b.VisitorBody, InMenu: b.InMenu,
		Position: b.Position, By: b.Actor,
	}))
}

func (a *API) removePage(c *call, p *pagePath, _ *none) (*PortalPage, error) {
	return onePage(a.pages.Remove(c.ctx, c.shop(), p.Slug, p.Locale))
}

func (a *API) publishPage(c *call, p *pageSlug, b *PagePublication) (*PortalPage, error) {
	return onePage(a.pages.Publish(c.ctx, c.shop(), p.Slug, b.Locale, b.Version, b.Actor))
}

func (a *API) unpublishPage(c *call, p *pageSlug, b *PageWithdrawal) (*PortalPage, error) {
	return onePage(a.pages.Unpublish(c.ctx, c.shop(), p.Slug, b.Locale, b.Actor))
}

func (a *API) previewPage(c *call, p *pageVersion, _ *none) (*PagePreview, error) {
	token, ends, err := a.pages.PreviewToken(c.ctx, c.shop(), p.Slug, p.Locale, int64(p.Version))
	if err != nil {
		return nil, err
	}
	return &PagePreview{Path: "/pages/" + p.Slug + "?preview=" + token, EndsAt: ends}, nil
}

func (a *API) pageTemplates(*call, *none, *none) (*PageTemplates, error) {
	list, err := pages.Starters()
	out := &PageTemplates{}
	for _, s := range list {
		out.Data = append(out.Data, PageTemplate{s.Slug, s.Locale, s.Title, s.Body, s.VisitorBody, s.Position, s.Legal})
	}
	return out, err
}

func (a *API) fields(c *call, p *inLanguage, _ *none) (*TextFields, error) {
	printer, err := a.printer(c, p.Lang)
	if err != nil {
		return nil, err
	}
	out := &TextFields{Lang: printer.Tag()}
	for _, f := range fields.All() {
		out.Data = append(out.Data, TextField{f.Name, printer.Say(f.Meaning), f.Sample, f.Visitors})
	}
	return out, nil
}
