package share

import (
	"html"
	"strings"
)

// Site is what snippets for a shop's pages lead to.
type Site struct {
	Base   string // where the product answers, without a slash at the end: http or https
	Slug   string // the shop's name in addresses
	Portal string // the portal's address: http or https
	// Word gives the words of a key in the language of the shop's pages. The keys are in the
	// catalogue: share.place.CODE.text for each placement with words, share.place.close.text.
	Word func(key string) string
}

// Placement is a snippet of HTML that a shop copies into a page of its own.
type Placement struct {
	Code  string // header, account, confirmation, mail, popup
	Title string // key of what the place is called
	Where string // key of the sentence that says where the snippet goes
	HTML  string
}

// Placements gives the snippets for the places where customers should see the program, in the
// order in which a shop would set them up. None without web addresses and a name of the shop.
func Placements(in Site) []Placement {
	if !webAddress(in.Base) || !webAddress(in.Portal) || in.Slug == "" {
		return nil
	}
	base := strings.TrimRight(in.Base, "/")
	word := func(place string) string { return html.EscapeString(line(in.Word("share.place." + place + ".text"))) }
	fillIn := strings.NewReplacer(
		"{base}", html.EscapeString(base), "{slug}", html.EscapeString(in.Slug), "{portal}", html.EscapeString(in.Portal),
		"{header}", word("header"), "{confirmation}", word("confirmation"), "{mail}", word("mail"),
		"{popup}", word("popup"), "{close}", word("close"),
	)
	const (
		tracker = `<script async src="{base}/t.js?site={slug}" data-site="{slug}"></script>`
		widget  = `<script type="module" src="{base}/w.js"></script>` + "\n" +
			`<cagnotte-widget site="{slug}" src="{base}"></cagnotte-widget>`
	)
	var placements []Placement
	for _, p := range []struct{ code, snippet string }{
		{"header", `<a href="{portal}">{header}</a>` + "\n" + tracker},
		{"account", widget},
		{"confirmation", "<h2>{confirmation}</h2>\n" + widget + "\n" + tracker},
		// programs for mail run no scripts and know no style sheets
		{"mail", `<p style="margin:16px 0;font-family:sans-serif"><a href="{portal}" style="color:#1a1a1a;font-weight:bold">{mail}</a></p>`},
		// the browser opens and closes it by itself, without a script that a policy might forbid
		{"popup", `<button type="button" popovertarget="cagnotte-popup">{popup}</button>` + "\n" +
			`<div id="cagnotte-popup" popover>` + "\n" +
			`<button type="button" popovertarget="cagnotte-popup" popovertargetaction="hide">{close}</button>` + "\n" +
			widget + "\n</div>"},
	} {
		place := "share.place." + p.code
		placements = append(placements, Placement{p.code, place + ".title", place + ".where", fillIn.Replace(p.snippet)})
	}
	return placements
}
