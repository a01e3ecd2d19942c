package admin_test

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"cagnotte/internal/moment"
	"cagnotte/internal/passkey/passkeytest"
	"cagnotte/internal/staff"
	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
)

// atName is a back office at localhost: an address of numbers has no passkeys.
func atName(t *testing.T, st *store.Store) (s *site, pass func(moment.Time)) {
	pass = clocked(st)
	s = open(t, st).withShop()
	s.server.URL = strings.Replace(s.server.URL, "127.0.0.1", "localhost", 1)
	return s, pass
}

func (s *site) device() *passkeytest.Device { return &passkeytest.Device{Origin: s.server.URL} }

// optionsOf are what a page's script is told to ask a device for.
func (b *browser) optionsOf(path string) []byte {
	b.t.Helper()
	g := b.post(path)
	g.wants(b.t, http.StatusOK)
	for _, c := range g.Cookies() {
		if c.Name == "cagnotte-office-passkey" && c.HttpOnly && c.MaxAge == 300 && c.SameSite == http.SameSiteLaxMode {
			return []byte(g.body)
		}
	}
	b.t.Fatalf("%s gives no ticket", path)
	return nil
}

// invited is a browser of somebody who has chosen his password.
func (s *site) invited(email string, r staff.Role) (*browser, got) {
	s.t.Helper()
	_, token, err := s.staff.Invite(s.t.Context(), s.shop.ID, staff.Newcomer{Name: "Somebody", Email: email, Role: r})
	if err != nil {
		s.t.Fatal(err)
	}
	b := s.browser()
	return b, b.post("/admin/join/"+s.shop.Slug+"/"+token, "password", password)
}

var removesKey = regexp.MustCompile(`/admin/account/passkeys/psk_\w+/remove`)

// An owner with a passkey needs no app: he sets it up, comes in by it alone, confirms by it, adds
// another one, and keeps the last.
func TestAnOwnerComesInByAPasskeyAlone(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s, pass := atName(t, st)
		b, g := s.invited("boss@example.com", staff.Owner)
		g.wants(t, http.StatusOK, "Choose one of the two", "Add a passkey", `data-ask="/admin/factor/passkey/ask"`, "Scan this square", "/a/passkey.")
		d := s.device()
		b.post("/admin/factor/passkey", "name", "My device", "passkey", "{}").wants(t, http.StatusUnprocessableEntity, "took too long", "Scan this square")
		options := b.optionsOf("/admin/factor/passkey/ask")
		begun := b.session()
		b.post("/admin/factor/passkey", "name", "My device", "passkey", string(d.Create(t, options))).wants(t, http.StatusOK, "Your first program")
		if b.session() == begun {
			t.Error("the session is the one of before the proof")
		}
		b.get("/admin/account").wants(t, http.StatusOK, "My device", "your passkey is enough", "your only protection")
		if removesKey.MatchString(b.get("/admin/account").body) {
			t.Error("the only proof can be removed")
		}

		c := s.browser()
		c.get("/admin/sign-in").wants(t, http.StatusOK, "Sign in with a passkey", `data-ask="/admin/sign-in/passkey/ask"`)
		kept := keptOf(c.post("/admin/people", "name", "Zoé", "email", "zoe@example.com", "role", "support"))
		options = c.optionsOf("/admin/sign-in/passkey/ask")
		answer := string(d.Get(t, options))
		c.post("/admin/sign-in/passkey", "passkey", answer, "kept", kept).wants(t, http.StatusOK, "has waited", `value="Zoé"`)
		c.post("/admin/people", "name", "Zoé", "email", "zoe@example.com", "role", "support").wants(t, http.StatusOK, "/admin/join/") // fresh already
		s.browser().post("/admin/sign-in/passkey", "passkey", answer).wants(t, http.StatusUnprocessableEntity, "took too long")

		pass(16 * moment.Minute)
		g = c.post("/admin/settings/keys", "name", "till", "scopes", "till")
		g.wants(t, http.StatusUnauthorized, "Confirm with a passkey", "What you typed is kept")
		if strings.Contains(g.body, `name="code"`) {
			t.Error("a code is asked for of who has no app")
		}
		c.get("/admin/account").wants(t, http.StatusOK, "Confirm that it is you, then add a passkey")
		c.post("/admin/account/passkeys/ask").wants(t, http.StatusUnprocessableEntity, "Confirm first that it is you")
		c.post("/admin/second/passkey", "passkey", "{}", "kept", keptOf(g)).wants(t, http.StatusUnprocessableEntity, "took too long", "What you typed is kept")
		options = c.optionsOf("/admin/second/passkey/ask")
		c.post("/admin/second/passkey", "passkey", string(d.Get(t, options)), "kept", keptOf(g)).wants(t, http.StatusOK, "has waited", `value="till"`)
		c.post("/admin/settings/keys", "name", "till", "scopes", "till").wants(t, http.StatusOK, "cag_live_")

		other := s.device()
		options = c.optionsOf("/admin/account/passkeys/ask")
		made := string(other.Create(t, options))
		c.post("/admin/account/passkeys", "name", "", "passkey", made).wants(t, http.StatusUnprocessableEntity, "name-wrong")
		other.Keys = nil
		options = c.optionsOf("/admin/account/passkeys/ask")
		c.post("/admin/account/passkeys", "name", "Spare key", "passkey", string(other.Create(t, options))).wants(t, http.StatusOK, "Spare key", "is added")
		pass(moment.Minute)
		gone := removesKey.FindString(c.get("/admin/account").body) // the first one
		c.post(gone).wants(t, http.StatusOK, "is removed")
		b.get("/admin/account").wants(t, http.StatusOK, "Sign in") // other browsers are out
		c.post(gone).wants(t, http.StatusOK)                       // gone already
		c.post("/admin/account/passkeys/nonsense/remove").wants(t, http.StatusNotFound)
		e := s.browser()
		options = e.optionsOf("/admin/sign-in/passkey/ask")
		e.post("/admin/sign-in/passkey", "passkey", string(d.Get(t, options))).wants(t, http.StatusUnprocessableEntity, "not known here")

		// An app as a spare, and without it again.
		c.post("/admin/second/passkey", "passkey", string(other.Get(t, c.optionsOf("/admin/second/passkey/ask")))).wants(t, http.StatusOK)
		secret := secretIn.FindStringSubmatch(c.get("/admin/factor").body)[1]
		c.post("/admin/factor", "secret", secret, "code", s.codeNow(secret, 0)).wants(t, http.StatusOK)
		c.get("/admin/second").wants(t, http.StatusOK, "Confirm with a passkey", `name="code"`)
		c.post("/admin/account/app/remove").wants(t, http.StatusOK, "app for codes is removed")
		for _, want := range []string{
			"POST /factor/passkey", "POST /sign-in/passkey", "POST /second/passkey", "POST /account/passkeys", "POST /account/passkeys/{id}/remove", "POST /account/app/remove",
		} {
			if !slices.ContainsFunc(s.deeds(s.shop), func(d staff.Done) bool { return d.Action == want }) {
				t.Errorf("no record of %s", want)
			}
		}
	})
}

// Where browsers have no passkeys, none is asked for.
func TestNoPasskeysWhereThereAreNone(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := openAt(t, st, "https://office.example").withShop() // the reader comes by another name
		s.server.URL = strings.Replace(s.server.URL, "127.0.0.1", "localhost", 1)
		b, g := s.invited("boss@example.com", staff.Owner)
		if strings.Contains(g.body, "data-passkey") || strings.Contains(s.browser().get("/admin/sign-in").body, "data-passkey") {
			t.Error("a passkey is asked for")
		}
		for _, path := range []string{"/admin/sign-in/passkey", "/admin/second/passkey", "/admin/factor/passkey"} {
			b.post(path+"/ask").wants(t, http.StatusNotFound)
			b.post(path, "passkey", "{}").wants(t, http.StatusNotFound)
		}
		s.browser().post("/admin/second/passkey", "passkey", "{}").wants(t, http.StatusUnauthorized, "Sign in")
		s.browser().post("/admin/factor/passkey", "passkey", "{}").wants(t, http.StatusUnauthorized, "Sign in")
	})
}
