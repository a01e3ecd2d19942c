package portal_test

import (
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/passkey/passkeytest"
	"cagnotte/internal/people"
	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
)

// openAtName is a portal at localhost, since an address of numbers has no passkeys, with two
// members and a gift for each; later moves its clock.
func openAtName(t *testing.T, st *store.Store) (s *site, later func(moment.Time)) {
	var by atomic.Int64
	now := st.Clock
	st.Clock = func() moment.Time { return now() + moment.Time(by.Load()) }
	s = open(t, st)
	s.server.URL = strings.Replace(s.server.URL, "127.0.0.1", "localhost", 1)
	s.look(func(*loyalty.Portal) {})
	s.apply("program \"Points\"\n  starts 2020-01-01\n  earn 1 point per 1.00 EUR\n")
	s.enrol("A1", "Camille", "camille@example.com")
	s.enrol("B2", "Marek", "marek@example.com")
	s.give("A1", 500)
	s.give("B2", 500)
	s.gift(&loyalty.Gift{Code: "PEN", Name: "Pen", Delivery: loyalty.GiftByHand, Prices: []loyalty.GiftPrice{{Unit: "points", Amount: 50}}}, 0)
	return s, func(d moment.Time) { by.Add(int64(d)) }
}

// phone is a device whose browser is at this portal.
func (s *site) phone() *passkeytest.Device { return &passkeytest.Device{Origin: s.server.URL} }

// asked gives the options that a page's script asks for, and the cookie that comes with them.
func (b *browser) asked(path string) (options []byte, ticket *http.Cookie) {
	b.t.Helper()
	g := b.post(path)
	g.wants(b.t, 200)
	for _, c := range g.Cookies() {
		if strings.HasSuffix(c.Name, "-passkey") {
			if !c.HttpOnly || c.MaxAge != 300 || c.SameSite != http.SameSiteLaxMode {
				b.t.Errorf("the ticket is kept as %v", c)
			}
			ticket = c
		}
	}
	if ticket == nil {
		b.t.Fatalf("%s gives no ticket", path)
	}
	return []byte(g.body), ticket
}

// bring puts a ticket into a browser, as who replays it would.
func (b *browser) bring(ticket *http.Cookie) {
	at, err := url.Parse(b.server.URL)
	if err != nil {
		b.t.Fatal(err)
	}
	b.c.Jar.SetCookies(at, []*http.Cookie{{Name: ticket.Name, Value: ticket.Value, Path: "/"}})
}

// add gives a member who is signed in a passkey.
func (b *browser) add(d *passkeytest.Device, name string) got {
	b.t.Helper()
	options, _ := b.asked("/profile/passkeys/ask")
	return b.post("/profile/passkeys", "name", name, "passkey", string(d.Create(b.t, options)))
}

// enter signs in by a passkey of a device.
func (b *browser) enter(d *passkeytest.Device) got {
	b.t.Helper()
	options, _ := b.asked("/sign-in/passkey/ask")
	return b.post("/sign-in/passkey", "passkey", string(d.Get(b.t, options)))
}

var removes = regexp.MustCompile(`/profile/passkeys/psk_\w+/remove`)

const (
	unknown = "This passkey is not known here"
	tooLate = "That took too long"
)

func TestAPasskeyLetsInAndSpends(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s, later := openAtName(t, st)
		b, d := s.browser(), s.phone()
		b.signIn("camille@example.com")
		b.get("/profile").wants(t, 200, "Add a passkey")
		b.get("/gifts/PEN").wants(t, 200, "Choose a secret number first", "Add a passkey", "I have a code from the till")
		b.add(d, "").wants(t, 422, "Something is missing")
		d.Keys = nil
		b.add(d, "Blue phone").wants(t, 200, "Blue phone", "Remove Blue phone")
		b.get("/profile").wants(t, 200, "Manage my passkeys")
		if name, _, _ := strings.Cut(string(d.Keys[0].Handle), "@"); len(d.Keys[0].Handle) != 32 || strings.Contains(name, "Camille") || strings.HasPrefix(name, "mem_") {
			t.Errorf("the device knows the member as %q", d.Keys[0].Handle)
		}

		page := b.get("/gifts/PEN")
		page.wants(t, 200, "Confirm with a passkey", `data-ask="/gifts/PEN/passkey/ask"`, "passkey.")
		if strings.Contains(page.body, `name="pin"`) {
			t.Error("a number is asked for that was never chosen")
		}
		b.post("/gifts/PEN", "key", "k1").wants(t, 422, "use your passkey, or type the code")
		options, _ := b.asked("/gifts/PEN/passkey/ask")
		b.post("/gifts/PEN", "key", "k1", "passkey", string(d.Get(t, options))).wants(t, 200, "It is yours")
		b.post("/gifts/PEN", "key", "k2").wants(t, 200, "It is yours") // proven for ten minutes
		later(11 * moment.Minute)
		b.post("/gifts/PEN", "key", "k3").wants(t, 422, "use your passkey")

		c := s.browser()
		c.get("/sign-in").wants(t, 200, "Sign in with a passkey")
		c.enter(d).wants(t, 200, `href="/profile"`, "Camille")
		c.post("/gifts/PEN", "key", "k4").wants(t, 200, "It is yours") // signing in so was a second proof
		c.get("/profile/passkeys").wants(t, 200, "Last used on")
	})
}

// Whatever is not the answer of the member's own passkey to the question of his own browser, once
// and within five minutes, opens nothing.
func TestPasskeysOfOthersAndOfYesterday(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s, later := openAtName(t, st)
		b, d, other, strange := s.browser(), s.phone(), s.browser(), s.phone()
		b.signIn("camille@example.com")
		b.add(d, "Phone").wants(t, 200)
		other.signIn("marek@example.com")
		other.add(strange, "Phone").wants(t, 200)

		// The same answer again: in the same browser, and with the ticket put back.
		in := s.browser()
		options, ticket := in.asked("/sign-in/passkey/ask")
		answer := string(d.Get(t, options))
		in.post("/sign-in/passkey", "passkey", answer).wants(t, 200, `href="/profile"`)
		thief := s.browser()
		thief.post("/sign-in/passkey", "passkey", answer).wants(t, 422, tooLate)
		thief.bring(ticket)
		thief.post("/sign-in/passkey", "passkey", answer).wants(t, 422, tooLate)

		// A challenge of another purpose, of another session, of before.
		options, ticket = b.asked("/gifts/PEN/passkey/ask")
		answer = string(d.Get(t, options))
		thief.bring(ticket)
		thief.post("/sign-in/passkey", "passkey", answer).wants(t, 422, tooLate)
		other.bring(ticket)
		other.post("/gifts/PEN", "key", "x", "passkey", answer).wants(t, 422, tooLate)
		options, _ = b.asked("/sign-in/passkey/ask")
		b.post("/gifts/PEN", "key", "x", "passkey", string(d.Get(t, options))).wants(t, 422, tooLate)
		options, _ = b.asked("/gifts/PEN/passkey/ask")
		answer = string(d.Get(t, options))
		later(5 * moment.Minute)
		b.post("/gifts/PEN", "key", "x", "passkey", answer).wants(t, 422, tooLate)

		// Somebody else's passkey, an unknown one, one whose owner another device does not know.
		options, _ = b.asked("/gifts/PEN/passkey/ask")
		b.post("/gifts/PEN", "key", "x", "passkey", string(strange.Sign(t, strange.Keys[0], challengeIn(t, options)))).wants(t, 422, unknown)
		options, _ = in.asked("/sign-in/passkey/ask")
		mixed := *strange.Keys[0]
		mixed.Handle = d.Keys[0].Handle
		in.post("/sign-in/passkey", "passkey", string(strange.Sign(t, &mixed, challengeIn(t, options)))).wants(t, 422, unknown)
		for _, nonsense := range []string{"", "{}", "x"} {
			in.asked("/sign-in/passkey/ask")
			in.post("/sign-in/passkey", "passkey", nonsense).wants(t, 422, unknown)
		}
		abroad := *d
		abroad.Origin = "http://localhost.example:80"
		options, _ = in.asked("/sign-in/passkey/ask")
		in.post("/sign-in/passkey", "passkey", string(abroad.Get(t, options))).wants(t, 422, unknown)

		// Another shop of the same server, and so of the same name: its members are others.
		made, err := s.office.CreateShop(t.Context(), "Autre", "EUR", "Europe/Paris")
		if err != nil {
			t.Fatal(err)
		}
		p := loyalty.NewPortal()
		p.On, p.Base = true, s.server.URL+"/p/"+made.Live.Slug
		if err := s.office.SetPortal(t.Context(), made.Live.ID, p); err != nil {
			t.Fatal(err)
		}
		prefix := "/p/" + made.Live.Slug
		options, theirs := thief.asked(prefix + "/sign-in/passkey/ask")
		thief.post(prefix+"/sign-in/passkey", "passkey", string(d.Get(t, options))).wants(t, 422, unknown)
		options, ticket = thief.asked("/sign-in/passkey/ask")
		theirs.Value = ticket.Value
		thief.bring(theirs)
		thief.post(prefix+"/sign-in/passkey", "passkey", string(d.Get(t, options))).wants(t, 422, tooLate)

		// One that was removed; nobody removes another one's.
		remove := removes.FindString(b.get("/profile/passkeys").body)
		other.post(remove).wants(t, 200)
		s.browser().enter(d).wants(t, 200, "Camille")
		b.post(remove).wants(t, 200)
		s.browser().enter(d).wants(t, 422, unknown)
		if b.post("/gifts/PEN/passkey/ask").StatusCode != 422 {
			t.Error("a passkey is asked for of who has none")
		}
	})
}

func TestWhoMayAddAPasskey(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s, later := openAtName(t, st)
		b, d := s.browser(), s.phone()
		b.signIn("camille@example.com")
		options, ticket := b.asked("/profile/passkeys/ask")
		answer := string(d.Create(t, options))
		b.post("/profile/passkeys", "name", "One", "passkey", answer).wants(t, 200, "Remove One")
		b.bring(ticket)
		b.post("/profile/passkeys", "name", "Two", "passkey", answer).wants(t, 422, tooLate)
		b.post("/profile/passkeys", "name", strings.Repeat("é", 61), "passkey", answer).wants(t, 422, "too long")
		for range 9 {
			b.add(d, "More").wants(t, 200)
		}
		b.post("/profile/passkeys/ask").wants(t, 422, "ten passkeys")
		if len(removes.FindAllString(b.get("/profile/passkeys").body, -1)) != 10 {
			t.Error("not all of the ten are listed")
		}
		for _, k := range d.Keys {
			if string(k.Handle) != string(d.Keys[0].Handle) {
				t.Error("a member has two handles")
			}
		}
		later(16 * moment.Minute)
		b.post("/profile/passkeys/ask").wants(t, 422, "sign in again")
		b.get("/profile/passkeys").wants(t, 200, "sign in again", "Remove More")

		s.server.URL = strings.Replace(s.server.URL, "localhost", "127.0.0.1", 1)
		c := s.browser()
		c.signIn("marek@example.com")
		for _, path := range []string{"/sign-in", "/profile", "/gifts/PEN"} {
			if strings.Contains(c.get(path).body, "passkey") {
				t.Errorf("%s offers a passkey on an address of numbers", path)
			}
		}
		c.post("/sign-in/passkey/ask").wants(t, 404)
		c.post("/profile/passkeys/ask").wants(t, 404)
	})
}

// Nothing of a passkey can be read in the database but random bytes.
func TestPasskeysAreSealed(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s, _ := openAtName(t, st)
		b := s.browser()
		b.signIn("camille@example.com")
		b.add(s.phone(), "Camille’s phone").wants(t, 200)
		m := s.member("camille@example.com")
		rows, err := st.Passkeys(t.Context(), s.shop.ID, m)
		if err != nil || len(rows) != 1 {
			t.Fatalf("%d rows, %v", len(rows), err)
		}
		for _, secret := range []string{"Camille", "publicKey"} {
			if strings.Contains(string(rows[0].Sealed)+string(rows[0].Handle), secret) {
				t.Errorf("%s can be read", secret)
			}
		}
	})
}

// The code of a till is a second proof once, within five minutes, for its member alone; five
// wrong ones end it.
func TestTheTillsCode(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s, later := openAtName(t, st)
		b, other := s.browser(), s.browser()
		b.signIn("camille@example.com")
		other.signIn("marek@example.com")
		camille := s.member("camille@example.com")
		code := func() string {
			c, _, err := s.signin.TillCode(t.Context(), s.shop.ID, camille, id.Key{1})
			if err != nil || len(c) != 6 {
				t.Fatalf("%q, %v", c, err)
			}
			return c
		}
		off := func(c string) string { return c[:5] + string('0'+(c[5]-'0'+1)%10) }
		claim := func(b *browser, c string) got { return b.post("/gifts/PEN", "key", c, "till", c) }
		const wrong = "This is not the code"

		first := code()
		claim(other, first).wants(t, 422, wrong)
		claim(b, first[:3]+" "+first[3:]).wants(t, 200, "It is yours")
		again := s.browser()
		again.signIn("camille@example.com")
		claim(again, first).wants(t, 422, wrong) // used
		later(11 * moment.Minute)

		old, now := code(), code()
		if old != now {
			claim(b, old).wants(t, 422, wrong)
		}
		claim(b, now).wants(t, 200, "It is yours")
		later(11 * moment.Minute)

		now = code()
		for range 4 {
			claim(b, off(now)).wants(t, 422, wrong)
		}
		claim(b, now).wants(t, 200, "It is yours")
		later(11 * moment.Minute)

		now = code()
		for range 5 {
			claim(b, off(now)).wants(t, 422, wrong)
		}
		claim(b, now).wants(t, 422, wrong)

		now = code()
		later(5 * moment.Minute)
		claim(b, now).wants(t, 422, wrong)
	})
}

// A day after its end nothing is left of a letter, and of a till's code.
func TestWhatHasEndedIsForgotten(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s, later := openAtName(t, st)
		b, at := s.browser(), s.server.URL
		b.post("/sign-in", "email", "camille@example.com")
		var which id.SignIn
		where, _ := url.Parse(at)
		for _, c := range b.c.Jar.Cookies(where) {
			if strings.HasSuffix(c.Name, "-wish") {
				which, _ = id.Parse[id.SignInKind](c.Value)
			}
		}
		if _, _, err := s.signin.TillCode(t.Context(), s.shop.ID, s.member("camille@example.com"), id.Key{1}); err != nil {
			t.Fatal(err)
		}
		there := func() (n int64) {
			row, err := st.SignIn(t.Context(), s.shop.ID, which)
			if err == nil && row != nil {
				n++
			}
			err = errors.Join(err, st.Read(t.Context(), qTillCodes, func(r store.Scanner) error {
				var codes int64
				err := r.Scan(&codes)
				n += codes
				return err
			}, int64(s.shop.ID)))
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
		for _, step := range []struct {
			wait moment.Time
			left int64
		}{{0, 2}, {23 * moment.Hour, 2}, {2 * moment.Hour, 0}} {
			later(step.wait)
			if err := s.signin.Sweep(t.Context(), s.shop.ID); err != nil {
				t.Fatal(err)
			}
			if n := there(); n != step.left {
				t.Errorf("%d rows are left, want %d", n, step.left)
			}
		}
	})
}

var qTillCodes = store.New("test.till_codes", `SELECT COUNT(*) FROM till_codes c WHERE c.shop_id = $1`)

// Of two who are one person, the passkeys of who stays are left: those of the other one would let
// in where nobody sees them.
func TestAMergeEndsPasskeys(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s, _ := openAtName(t, st)
		b, other, hers, his := s.browser(), s.browser(), s.phone(), s.phone()
		b.signIn("camille@example.com")
		b.add(hers, "Hers").wants(t, 200)
		other.signIn("marek@example.com")
		other.add(his, "His").wants(t, 200)
		s.record(&loyalty.Fact{
			Kind: loyalty.StaffMerge, Feed: "staff", ExternalID: "merge", Via: "test", Origin: loyalty.FromStaff, OccurredAt: st.Clock(),
			Member: loyalty.Who{ID: s.member("camille@example.com")}, Other: loyalty.Who{ID: s.member("marek@example.com")},
			Staff: &loyalty.Staff{Actor: "test", Reason: "one person"},
		})
		s.browser().enter(his).wants(t, 422, unknown)
		s.browser().enter(hers).wants(t, 200, "Camille")
		if page := other.get("/profile/passkeys"); !strings.Contains(page.body, "Remove Hers") || strings.Contains(page.body, "Remove His") {
			t.Error("the session of who was merged shows other passkeys")
		}
	})
}

var challengeText = regexp.MustCompile(`"challenge":"([^"]+)"`)

func challengeIn(t *testing.T, options []byte) string {
	t.Helper()
	m := challengeText.FindSubmatch(options)
	if m == nil {
		t.Fatalf("no challenge: %s", options)
	}
	return string(m[1])
}

// member finds somebody by his address.
func (s *site) member(email string) id.Member {
	s.t.Helper()
	who, _, err := s.people.Who(people.Naming{Email: email}, "")
	if err != nil {
		s.t.Fatal(err)
	}
	m, err := s.people.Find(s.t.Context(), s.shop.ID, who)
	if err != nil {
		s.t.Fatal(err)
	}
	return m.ID
}
