package portal_test

import (
	"net/http"
	"strings"
	"testing"

	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
	"cagnotte/internal/web/portal"
)

// mayOpen says for every route who may: everybody, or members alone. A new one needs a row
// here: somebody has to think about it once.
var mayOpen = map[string]string{
	"GET /{$}":                           "all",
	"GET /language/{language}":           "all",
	"GET /icon.svg":                      "all",
	"GET /pages/{slug}":                  "all",
	"GET /sign-in":                       "all",
	"POST /sign-in":                      "all",
	"POST /sign-in/passkey":              "all",
	"POST /sign-in/passkey/ask":          "all",
	"GET /sign-in/code":                  "all",
	"POST /sign-in/code":                 "all",
	"GET /sign-in/{id}/{token}":          "all",
	"POST /sign-in/{id}/{token}":         "all",
	"GET /join":                          "all",
	"POST /join":                         "all",
	"GET /on":                            "all",
	"GET /i/{code}":                      "all",
	"GET /i/{code}/{card}":               "all",
	"POST /i/{code}/seen":                "all",
	"POST /i/{code}/go":                  "all",
	"POST /i/{code}/coupon":              "all",
	"GET /stop/{token}":                  "all",
	"POST /stop/{token}":                 "all",
	"GET /invite":                        "member",
	"POST /invite":                       "member",
	"GET /friends":                       "member",
	"POST /friends/{id}/remind":          "member",
	"POST /sign-out":                     "member",
	"POST /sign-out/others":              "member",
	"GET /history":                       "member",
	"GET /gifts":                         "member",
	"GET /gifts/{code}":                  "member",
	"POST /gifts/{code}":                 "member",
	"GET /programs/{id}/{digest}":        "member",
	"GET /gifts/{code}/picture/{digest}": "member",
	"GET /appeal":                        "member",
	"POST /appeal":                       "member",
	"GET /share":                         "member",
	"GET /share/qr.png":                  "member",
	"GET /share/leaflet.pdf":             "member",
	"GET /profile":                       "member",
	"GET /profile/data.json":             "member",
	"GET /profile/pin":                   "member",
	"POST /profile/pin":                  "member",
	"POST /profile/consent":              "member",
	"GET /look/{kind}/{digest}":          "all",
	"GET /card":                          "member",
	"GET /legal/{kind}":                  "all",
	"POST /legal/accept":                 "member",
	"POST /profile/fields":               "member",

	"POST /gifts/{code}/passkey/ask":     "member",
	"GET /profile/passkeys":              "member",
	"POST /profile/passkeys":             "member",
	"POST /profile/passkeys/ask":         "member",
	"POST /profile/passkeys/{id}/remove": "member",
}

// listed is a mux that only notes its routes.
type listed struct{ routes []string }

func (l *listed) HandleFunc(pattern string, _ func(http.ResponseWriter, *http.Request)) {
	l.routes = append(l.routes, pattern)
}

func TestEveryRouteHasItsReaders(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st)
		var l listed
		portal.Mount(portal.Services{})(&l)
		seen := map[string]bool{}
		for _, pattern := range l.routes {
			method, path, _ := strings.Cut(pattern, " ")
			if strings.HasPrefix(path, "/p/{shop}") {
				continue // the same page below the shop's name
			}
			seen[pattern] = true
			who, known := mayOpen[pattern]
			if !known {
				t.Errorf("%s has no row", pattern)
			}
			if who != "member" {
				continue
			}
			path = strings.NewReplacer("{code}", "X", "{id}", "X", "{token}", "X").Replace(path)
			b := s.browser()
			b.c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
			g := b.get(path)
			if method == "POST" {
				g = b.post(path)
			}
			if g.StatusCode != http.StatusSeeOther || g.Header.Get("Location") != "/sign-in" {
				t.Errorf("%s lets a visitor in: %d", pattern, g.StatusCode)
			}
		}
		for pattern := range mayOpen {
			if !seen[pattern] {
				t.Errorf("there is no route %s", pattern)
			}
		}
	})
}
