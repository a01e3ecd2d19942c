package storefront

import (
	"crypto/rand"
	"net/http"
	"strings"
)

// The way of a friend who follows a member's link. Before he agrees nothing is kept: the code
// stands in the address, and in the form that asks him. Once he has agreed the shop gives the
// browser a name, and reports the click under it; joining, ordering and the tracker on the pages
// name the browser by the same one. Whoever refuses types the code at the checkout, or is known by his e-mail address.

// linkParameter is where links have the code of the member who shared them.
const linkParameter = "cgr"

const (
	agreed   = "yes"
	declined = "no"
)

const maxCode = 40

// Sent is the code with which the reader came; empty: none.
func (v *visit) Sent() string {
	code := v.r.URL.Query().Get(linkParameter)
	if len(code) > maxCode {
		return ""
	}
	return code
}

// Asks tells whether the reader has yet to say what may be kept.
func (v *visit) Asks() bool { return v.kept(consentCookie) == "" }

// Agreed tells whether he said yes.
func (v *visit) Agreed() bool { return v.kept(consentCookie) == agreed }

// Visitor is the name of the browser, where its reader agreed: the pages give it to the
// tracker.
func (v *visit) Visitor() string {
	if !v.Agreed() {
		return ""
	}
	if v.named != "" {
		return v.named
	}
	return v.kept(visitorCookie)
}

// name gives the browser a name, unless it has one: letters and digits, as the tracker writes
// them.
func (v *visit) name() string {
	if v.named = v.kept(visitorCookie); v.named == "" {
		v.named = strings.ToLower(rand.Text())
		v.keep(visitorCookie, v.named, visitorTime)
	}
	return v.named
}

// follow names the browser of who agreed before, and reports a link that he followed. A page
// that is loaded into another one, or ahead of time, is no visit.
func (v *visit) follow() error {
	purpose, dest := v.r.Header.Get("Sec-Purpose"), v.r.Header.Get("Sec-Fetch-Dest")
	if v.r.Method != http.MethodGet || !v.Agreed() || purpose != "" || dest != "" && dest != "document" {
		return nil
	}
	v.name()
	if v.Sent() != "" {
		v.report(v.Sent())
	}
	return nil
}

// report tells Cagnotte whose link the browser followed. A shop goes on when that fails: the
// code can still be typed.
func (v *visit) report(code string) {
	visitor := v.name()
	k := click{ID: "click:" + visitor + ":" + code, Feed: feed, Code: code, Visitor: visitor}
	if err := v.api.click(v.r.Context(), v.lang, k); err != nil {
		v.Log.Warn("storefront: the click was not reported", "error", err)
	}
}

// consent keeps what the reader said. A no also takes away what a yes had left.
func (v *visit) consent() error {
	if v.r.FormValue("answer") != agreed {
		v.keep(consentCookie, declined, choiceTime)
		v.forget(visitorCookie)
		return v.back()
	}
	v.keep(consentCookie, agreed, choiceTime)
	v.name()
	if code := v.r.FormValue("code"); code != "" && len(code) <= maxCode {
		v.report(code)
	}
	return v.back()
}
