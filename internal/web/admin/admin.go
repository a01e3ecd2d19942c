// Package admin is the back office: what the shop's own people see and do, at /admin, and
// the same in the test shop at /admin/test. Pages are rendered here whole; a script only
// saves a reload, and every list works without it.
//
// A handler asks the operations and renders. Nothing here decides about value. What a role
// may not do is neither routed nor shown.
package admin

import (
	"log/slog"
	"net/http"
	"strings"

	"github.com/klauspost/compress/gzhttp"

	"cagnotte/internal/checkout"
	"cagnotte/internal/feed"
	"cagnotte/internal/gifts"
	"cagnotte/internal/imports"
	"cagnotte/internal/insight"
	"cagnotte/internal/office"
	"cagnotte/internal/outreach"
	"cagnotte/internal/pages"
	"cagnotte/internal/people"
	"cagnotte/internal/programs"
	"cagnotte/internal/referral"
	"cagnotte/internal/rewards"
	"cagnotte/internal/staff"
	"cagnotte/internal/web"
)

// Services is what the back office needs.
type Services struct {
	Edge      *web.Edge
	Log       *slog.Logger
	Staff     *staff.Staff
	Office    *office.Office
	People    *people.People
	Referrals *referral.Referrals
	Programs  *programs.Programs
	Gifts     *gifts.Gifts
	Insight   *insight.Insight
	Rewards   *rewards.Rewards
	Checkout  *checkout.Checkout
	Outreach  *outreach.Outreach
	Pages     *pages.Pages
	Imports   *imports.Files
	Feed      *feed.Feed
	Limits    *web.Limiter // nil: none
	URL       string       // where the back office is, as the operator says; empty: he does not
}

// Admin is the mounted audience.
type Admin struct {
	Services
	mux   web.Mux
	cross *http.CrossOriginProtection
	zip   func(http.Handler) http.HandlerFunc

	places map[string]bool // the patterns of all routes: the menu has what there is
}

// Mount gives the routes of the back office, for web.New.
func Mount(s Services) web.Mount {
	zip, err := gzhttp.NewWrapper(gzhttp.MinSize(512))
	if err != nil {
		panic(err) // our own options
	}
	return func(mux web.Mux) {
		a := &Admin{Services: s, mux: mux, cross: http.NewCrossOriginProtection(), zip: zip, places: map[string]bool{}}
		for _, part := range all {
			for _, r := range part {
				a.mount(r)
			}
		}
	}
}

// page answers one request; an error becomes a page that says it.
type page func(*visit) error

// route is one thing that can be seen or done. Paths are below /admin, and below /admin/test
// for the test shop.
type route struct {
	pattern string      // method and path
	right   staff.Right // who may; empty: everybody, signed in or not
	show    page
	fresh   bool // the second factor has to be proved lately: value or secrets are at stake
	asks    bool // a POST that changes nothing: no record of it
	whole   bool // of the installation or the person, not of one shop: not below /admin/test
}

func (a *Admin) mount(r route) {
	method, path, _ := strings.Cut(r.pattern, " ")
	a.places[r.pattern] = true
	h := a.zip(a.cross.Handler(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) { a.serve(w, q, &r) })))
	a.mux.HandleFunc(method+" /admin"+strings.TrimSuffix(path, "/{$}"), h)
	if !r.whole {
		a.mux.HandleFunc(method+" /admin/test"+strings.TrimSuffix(path, "/{$}"), h)
	}
}
