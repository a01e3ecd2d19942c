package storefront

import (
	"crypto/rand"
	"net/http"
)

// The way of a friend who follows a member's link. Before he agrees nothing is kept: the code
// stands in the address, and in the form that asks him. Once he has agreed the shop gives the
// browser a name of its own and reports the click under it; joining and ordering name the
// browser. Whoever refuses types the code at the checkout, or is known by his e-mail address.

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

// visitor is the name of the browser, where its reader agreed.
func (v *visit) visitor() string {
	if !v.Agreed() {
		return ""
	}
	return v.kept(visitorCookie)
}

// follow reports a link that was followed by somebody who agreed before. A page that is
// loaded into another one, or ahead of time, is no visit.
func (v *visit) follow() error {
	purpose, dest := v.r.Header.Get("Sec-Purpose"), v.r.Header.Get("Sec-Fetch-Dest")
	if v.r.Method != http.MethodGet || v.Sent() == "" || !v.Agreed() || purpose != "" || dest != "" && dest != "document" {
		return nil
	}
	v.report(v.Sent())
	return nil
}

// report names the browser and tells Cagnotte whose link it followed. A shop goes on when
// that fails: the code can still be typed.
func (v *visit) report(code string) {
	visitor := v.kept(visitorCookie)
	if visitor == "" {
		visitor = rand.Text()
		v.keep(visitorCookie, visitor, visitorTime)
	}
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
	if code := v.r.FormValue("code"); code != "" && len(code) <= maxCode {
		v.report(code)
	}
	return v.back()
}
