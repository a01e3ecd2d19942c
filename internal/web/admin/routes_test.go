package admin_test

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"cagnotte/internal/staff"
	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
	"cagnotte/internal/web/admin"
)

// mayOpen says for every route who may, in the order of staff.Roles: o(wner), m(arketing),
// s(upport), c(ashier), r(ead only); "all" is everybody, signed in or not. A new route needs a
// row here: somebody has to think about it once.
var mayOpen = func() map[string]string {
	rows := maps.Clone(ownRows)
	for _, more := range []map[string]string{
		dashRows,
		membersRows,
		cardRows,
		programsRows,
		wizardRows,
		referralsRows,
		journalRows,
		settingsRows,
		legalRows,
		importsRows,
		pageRows,
		giftsRows,
		trackerRows,
		auditRows,
	} {
		maps.Copy(rows, more)
	}
	return rows
}()

var ownRows = map[string]string{
	"GET /admin/start/{token}":         "all",
	"POST /admin/start/{token}":        "all",
	"GET /admin/sign-in":               "all",
	"POST /admin/sign-in":              "all",
	"POST /admin/sign-in/passkey/ask":  "all",
	"POST /admin/sign-in/passkey":      "all",
	"POST /admin/second/passkey/ask":   "all",
	"POST /admin/second/passkey":       "all",
	"POST /admin/factor/passkey/ask":   "all",
	"POST /admin/factor/passkey":       "all",
	"GET /admin/join/{shop}/{token}":   "all",
	"POST /admin/join/{shop}/{token}":  "all",
	"GET /admin/enter/{shop}/{token}":  "all",
	"POST /admin/enter/{shop}/{token}": "all",
	"GET /admin/language/{language}":   "all",
	"GET /admin/second":                "all",
	"POST /admin/second":               "all",
	"GET /admin/factor":                "all",
	"POST /admin/factor":               "all",

	"GET /admin":                   "omscr",
	"GET /admin/account":           "omscr",
	"POST /admin/account/password": "omscr",
	"POST /admin/sign-out":         "omscr",

	"POST /admin/account/passkeys/ask":         "omscr",
	"POST /admin/account/passkeys":             "omscr",
	"POST /admin/account/passkeys/{id}/remove": "omscr",
	"POST /admin/account/app/remove":           "omscr",

	"POST /admin/sign-out/others":    "omscr",
	"GET /admin/people":              "o",
	"POST /admin/people":             "o",
	"POST /admin/people/{id}/role":   "o",
	"POST /admin/people/{id}/renew":  "o",
	"POST /admin/people/{id}/remove": "o",
}

// listed is a mux that only notes its routes.
type listed struct{ routes []string }

func (l *listed) HandleFunc(pattern string, _ func(http.ResponseWriter, *http.Request)) {
	l.routes = append(l.routes, pattern)
}

func routesOf() []string {
	var l listed
	admin.Mount(admin.Services{})(&l)
	return slices.DeleteFunc(l.routes, func(r string) bool { return strings.Contains(r, " /admin/test") })
}

var placeholders = strings.NewReplacer("{token}", "X", "{shop}", "maison-lavande", "{language}", "fr", "{id}", "X", "{tab}", "wallet", "{step}", "1", "{n}", "1", "{event}", "X", "{slug}", "none-like-that", "{code}", "X")

// Each route is asked for by everybody: who may not is told that there is no such page, and
// who is not signed in is led to the door.
func TestEveryRouteHasItsRoles(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st).withShop()
		seen := map[string]bool{}
		tried := 0
		for _, pattern := range routesOf() {
			seen[pattern] = true
			who, known := mayOpen[pattern]
			if !known {
				t.Errorf("%s has no row", pattern)
			}
			if who == "all" {
				continue
			}
			method, path, _ := strings.Cut(pattern, " ")
			path = placeholders.Replace(path)
			visitor := s.browser()
			visitor.c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
			if method == "POST" {
				visitor.post(path, "x", "typed before").wants(t, http.StatusUnauthorized, `name="kept"`)
			} else if g := visitor.get(path); g.StatusCode != http.StatusSeeOther || !strings.HasPrefix(g.Header.Get("Location"), "/admin/sign-in") {
				t.Errorf("%s lets a visitor in: %d", pattern, g.StatusCode)
			}
			for _, r := range staff.Roles {
				b := s.as(r)
				b.c.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
				g := b.get
				if method == "POST" {
					g = func(p string) got { return b.post(p) }
				}
				answer := g(path)
				refused := answer.StatusCode == http.StatusNotFound && strings.Contains(answer.body, "or your role does not see it")
				if may := strings.Contains(who, string(r[0])); may == refused {
					t.Errorf("%s as %s: %d, may %v", pattern, r, answer.StatusCode, may)
				}
				if answer.StatusCode >= http.StatusInternalServerError {
					t.Errorf("%s as %s: %d %s", pattern, r, answer.StatusCode, answer.body)
				}
				tried++
			}
		}
		for pattern := range mayOpen {
			if !seen[pattern] {
				t.Errorf("there is no route %s", pattern)
			}
		}
		if tried < 50 {
			t.Errorf("only %d were tried", tried)
		}
	})
}

// What one shop's staff has in its hands opens nothing in another shop.
func TestAnotherShopsStaffIsNobodyHere(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st).withShop()
		other, err := s.office.CreateShop(t.Context(), "Café Bleu", "EUR", "Europe/Paris")
		if err != nil {
			t.Fatal(err)
		}
		s.add(other.Live, staff.Owner)
		theirs, err := s.staff.List(t.Context(), s.shop.ID)
		if err != nil || len(theirs) != len(staff.Roles) {
			t.Fatal(len(theirs), err)
		}
		b := s.asOf(other.Live, staff.Owner)
		for _, a := range theirs {
			for _, deed := range []string{"role", "renew", "remove"} {
				b.post("/admin/people/"+a.ID.String()+"/"+deed, "role", "owner").wants(t, http.StatusNotFound, "nobody like that")
			}
		}
		again, err := s.staff.List(t.Context(), s.shop.ID)
		if err != nil || len(again) != len(theirs) {
			t.Fatal(len(again), err)
		}
		// A link of one shop opens nothing at the address of another.
		token, err := s.staff.EnterLink(t.Context(), s.shop.ID, "owner@example.com")
		if err != nil {
			t.Fatal(err)
		}
		s.browser().post("/admin/enter/"+other.Live.Slug+"/"+token).wants(t, http.StatusNotFound)
	})
}
