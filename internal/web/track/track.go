// Package track is what stands on the pages of a shop itself: the tracker and the widget, and
// the two doors by which they speak with us. Anybody may call these doors from anywhere and
// say whatever he likes, so nothing that comes through them moves value: they keep sightings
// and touches, and give words.
package track

import (
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"cagnotte/internal/feed"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/office"
	"cagnotte/internal/people"
	"cagnotte/internal/programs"
	"cagnotte/internal/referral"
	"cagnotte/internal/signin"
	"cagnotte/internal/web"
	"cagnotte/internal/web/assets"
)

// Services is what the tracker and the widget need.
type Services struct {
	Edge      *web.Edge
	Log       *slog.Logger
	Office    *office.Office
	People    *people.People
	Programs  *programs.Programs
	Referrals *referral.Referrals
	SignIn    *signin.SignIn
	Feed      *feed.Feed   // nil: nothing is noted
	Limits    *web.Limiter // nil: none
}

type track struct{ Services }

// Mount gives the routes, for web.New.
func Mount(s Services) web.Mount {
	t := &track{s}
	return func(mux web.Mux) {
		for _, name := range []string{"t.js", "w.js"} {
			mux.HandleFunc("GET /"+name, func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Access-Control-Allow-Origin", "*") // a script is the same for everybody; integrity= asks for it
				t.loaded(r)
				assets.Send(w, r, name)
			})
		}
		mux.HandleFunc("POST /e", t.event)
		mux.HandleFunc("GET /w/{file}", t.words)
		mux.HandleFunc("POST /w/{file}", t.words)
	}
}

// visit finds the shop that a page speaks of, if the page may speak for it.
func (t *track) visit(r *http.Request, slug string) (*loyalty.Shop, *loyalty.Portal, error) {
	if slug == "" {
		return nil, nil, loyalty.NotFound("", "portal_unknown")
	}
	shop, look, err := t.Office.PortalAt(r.Context(), r.Host, slug)
	if err != nil {
		return nil, nil, err
	}
	if origin := r.Header.Get("Origin"); !ours(look, origin) {
		if u, err := url.Parse(origin); err == nil {
			t.Feed.Page(shop.ID, u.Host, false)
		}
		return nil, nil, loyalty.NotFound("", "portal_unknown")
	}
	return shop, look, nil
}

// loaded notes from which page a script was asked for, where the script's address (`?site=`) or
// this server's tells whose it is. Browsers send the origin of the page, and no more, and ask
// once an hour.
func (t *track) loaded(r *http.Request) {
	u, err := url.Parse(r.Referer())
	if err != nil || u.Host == "" {
		return
	}
	shop, look, err := t.Office.PortalAt(r.Context(), r.Host, r.URL.Query().Get("site"))
	if err == nil && !strings.EqualFold(u.Host, r.Host) { // our own pages show it, too
		t.Feed.Page(shop.ID, u.Host, ours(look, u.Scheme+"://"+u.Host))
	}
}

// ours tells whether an origin is one of the shop's own pages: the host of its address, or
// one that it has listed, letter by letter. Without TLS only a machine speaks to itself.
func ours(look *loyalty.Portal, origin string) bool {
	u, err := url.Parse(origin)
	if err != nil || u.Host == "" || origin != u.Scheme+"://"+u.Host {
		return false
	}
	host := strings.ToLower(u.Host)
	if u.Scheme != "https" && (u.Scheme != "http" || !slices.Contains([]string{"localhost", "127.0.0.1", "[::1]"}, name(u))) {
		return false
	}
	if slices.Contains(look.Hosts, host) {
		return true
	}
	at, err := url.Parse(look.Shop)
	return err == nil && at.Host != "" && strings.EqualFold(at.Host, host)
}

func name(u *url.URL) string {
	if strings.Contains(u.Hostname(), ":") {
		return "[" + u.Hostname() + "]"
	}
	return u.Hostname()
}

// allow lets a page of the shop read the answer. It never allows credentials: none are
// wanted here.
func allow(w http.ResponseWriter, origin string) {
	w.Header().Add("Vary", "Origin")
	w.Header().Set("Access-Control-Allow-Origin", origin)
}
