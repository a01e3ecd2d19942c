package portal_test

import (
	"net/http"
	"net/netip"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"cagnotte/internal/loyalty"
	"cagnotte/internal/people"
	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
	"cagnotte/internal/web"
)

func TestWhoHasTheLetterComesIn(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st)
		s.enrol("A1", "Camille", "camille@example.com")
		b := s.browser()
		b.signIn("camille@example.com")
		b.get("/").wants(t, 200, "Camille", "My wallet")
		b.post("/sign-out").wants(t, 200, "Sign in")
		b.get("/history").wants(t, 200, "E-mail address")
	})
}

// A link opens in the browser that asked; machines that open it first change nothing (P4).
func TestALinkIsAButtonAndBelongsToItsBrowser(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st)
		s.enrol("A1", "Camille", "camille@example.com")
		b, other := s.browser(), s.browser()
		b.post("/sign-in", "email", "camille@example.com")
		letter := s.letters("camille@example.com")[0]
		link, code := linkIn.FindString(letter.Text), codeIn.FindString(letter.Text)
		for range 5 {
			for _, method := range []string{"GET", "HEAD"} {
				r, _ := http.NewRequestWithContext(t.Context(), method, s.server.URL+link, nil)
				r.Header.Set("User-Agent", "BarracudaCentral")
				r.Header.Set("Sec-Purpose", "prefetch")
				if g := other.do(r); g.StatusCode != 200 {
					t.Fatalf("%s: %d", method, g.StatusCode)
				}
			}
		}
		other.post(link).wants(t, 422, "Please type the code", `name="code"`)
		other.post(link, "code", "000000").wants(t, 422, "This is not the code")
		b.post(link).wants(t, 200, "Camille")
		other.post(link, "code", code).wants(t, 422, "This is not the code") // used up

		c := s.browser()
		c.post("/sign-in", "email", "camille@example.com")
		letter = s.letters("camille@example.com")[0]
		other.post(linkIn.FindString(letter.Text), "code", codeIn.FindString(letter.Text)).wants(t, 200, "Camille")
	})
}

func TestALetterIsShortLived(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st)
		s.enrol("A1", "Camille", "camille@example.com")
		b := s.browser()
		b.post("/sign-in", "email", "camille@example.com")
		first := codeIn.FindString(s.letters("camille@example.com")[0].Text)
		for range 5 {
			b.post("/sign-in/code", "code", "000000").wants(t, 422)
		}
		b.post("/sign-in/code", "code", first).wants(t, 422, "This is not the code") // too many tries

		b.post("/sign-in", "email", "camille@example.com")
		old := linkIn.FindString(s.letters("camille@example.com")[0].Text)
		b.post("/sign-in", "email", "camille@example.com")
		s.letters("camille@example.com")
		b.post(old).wants(t, 422, "This is not the code") // the next letter made it worthless
	})
}

// What is answered does not depend on whether somebody has that address (P3).
func TestNobodyLearnsWhoIsAMember(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st)
		s.enrol("A1", "Camille", "camille@example.com")
		bodies := map[string]bool{}
		for _, email := range []string{"camille@example.com", "nobody@example.com"} {
			b := s.browser()
			g := b.post("/sign-in", "email", email)
			bodies[g.body] = true
			g = b.post("/sign-in/code", "code", "123456")
			bodies[g.body] = true
		}
		if len(bodies) != 2 {
			t.Errorf("%d answers, want the same two for both addresses", len(bodies))
		}
		if n := len(s.letters("nobody@example.com")); n != 0 {
			t.Errorf("%d letters to nobody", n)
		}
		for range 19 {
			s.browser().post("/sign-in", "email", "camille@example.com")
		}
		if n := len(s.letters("camille@example.com")); n != 15 {
			t.Errorf("%d letters within an hour, want 15", n)
		}
	})
}

// A stranger who asks for letters to somebody's address and tries codes neither makes that
// person's letters worthless nor keeps further ones from coming.
func TestNobodyIsLockedOutByAnother(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st)
		now := time.Now()
		s.server.Config.Handler = s.mounted(web.NewLimiter(web.Limits{Letters: 5, Proxies: web.Proxies{netip.MustParsePrefix("127.0.0.0/8")}}, func() time.Time { return now }))
		const address = "email=camille%40example.com"
		s.enrol("A1", "Camille", "camille@example.com")
		from := func(b *browser, network, path, form string) got {
			return b.beat("POST", path, form, "X-Forwarded-For", network, "Sec-Fetch-Site", "same-origin")
		}
		camille := s.browser()
		from(camille, "192.0.2.1", "/sign-in", address).wants(t, 200, "mailbox")
		letters := s.letters("camille@example.com")
		mine := letters[0]

		passed := 0
		for range 12 {
			stranger := s.browser()
			if from(stranger, "198.51.100.7", "/sign-in", address).StatusCode != 200 {
				continue
			}
			passed++
			s.letters("camille@example.com")
			for range 6 { // he uses up the tries of what he asked for
				from(stranger, "198.51.100.7", "/sign-in/code", "code=000000").wants(t, 422)
			}
		}
		if passed != 5 {
			t.Errorf("one network asked for %d letters to one address, want 5", passed)
		}
		if n := len(s.letters("camille@example.com")); n != 6 {
			t.Errorf("%d letters, want her own and his five", n)
		}
		his := s.letters("camille@example.com")[0]
		// His letter is in her mailbox: link and code let her in, whatever he tried.
		from(s.browser(), "192.0.2.1", linkIn.FindString(his.Text), "code="+codeIn.FindString(his.Text)).wants(t, 200, "Camille")
		// Her own is as good as before, in the browser that asked for it.
		from(camille, "192.0.2.1", "/sign-in/code", "code="+codeIn.FindString(mine.Text)).wants(t, 200, "Camille")
		// And she gets another one.
		again := s.browser()
		from(again, "192.0.2.1", "/sign-in", address).wants(t, 200, "mailbox")
		if n := len(s.letters("camille@example.com")); n != 7 {
			t.Errorf("%d letters, want one more", n)
		}
		from(s.browser(), "198.51.100.7", "/sign-in", "email=other%40example.com").wants(t, 200, "mailbox")
		now = now.Add(12 * time.Minute)
		from(s.browser(), "198.51.100.7", "/sign-in", address).wants(t, 200, "mailbox")
	})
}

// Who has the link of a letter and not its code cannot try codes without end.
func TestALinkAloneIsTriedFewTimes(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st)
		s.enrol("A1", "Camille", "camille@example.com")
		s.browser().post("/sign-in", "email", "camille@example.com")
		letter := s.letters("camille@example.com")[0]
		link := linkIn.FindString(letter.Text)
		for range 10 {
			s.browser().post(link, "code", "000000").wants(t, 422)
		}
		s.browser().post(link, "code", codeIn.FindString(letter.Text)).wants(t, 422, "This is not the code")
	})
}

func TestJoining(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st)
		s.apply("program \"Invite\"\n  starts 2020-01-01\n  joined: refer friend 2.00 EUR, referrer 1.00 EUR, on sign-up\n")
		s.look(func(p *loyalty.Portal) { p.Numbers = loyalty.NumberForm{Prefix: "LAV-", Length: 8, Check: true} })
		s.enrol("A1", "Camille", "camille@example.com")
		who, _, _ := s.people.Who(people.Naming{Number: "A1"}, "")
		m, err := s.people.Find(t.Context(), s.shop.ID, who)
		if err != nil {
			t.Fatal(err)
		}
		codes, err := s.people.Codes(t.Context(), s.shop.ID, m.ID)
		if err != nil {
			t.Fatal(err)
		}
		b := s.browser()
		b.post("/join", "email", "zofia@example.com").wants(t, 422, `id="first_name-wrong"`, "Please tick this box")
		b.get("/join?r="+codes[0]).wants(t, 200, "Join Maison Lavande")
		b.post("/join", "first_name", "Zofia", "email", "zofia@example.com", "terms", "yes", "birthday", "17/05").wants(t, 200, "mailbox")
		b.post("/sign-in/code", "code", codeIn.FindString(s.letters("zofia@example.com")[0].Text)).wants(t, 200, "Zofia", "€2.00")
		profile := b.get("/profile")
		number := regexp.MustCompile(`LAV-\d{8}`).FindString(profile.body)
		if number == "" || !luhn(strings.TrimPrefix(number, "LAV-")) {
			t.Errorf("number %q", number)
		}
		w, err := s.people.Wallet(t.Context(), s.shop.ID, m.ID, 0)
		if err != nil || len(w.Units) != 1 || w.Units[0].Available != 100 {
			t.Errorf("the referrer has %+v (%v)", w, err)
		}

		// Who has an account already and joins again comes in, and nothing is changed.
		c := s.browser()
		c.post("/join", "first_name", "Other", "email", "Zofia@example.com", "terms", "yes").wants(t, 200, "mailbox")
		c.post("/sign-in/code", "code", codeIn.FindString(s.letters("Zofia@example.com")[0].Text)).wants(t, 200, "Zofia")
		if got := c.get("/profile"); !strings.Contains(got.body, number) {
			t.Errorf("another member came in: %s", got.body)
		}
	})
}

// luhn tells whether the last digit checks the others, by its definition.
func luhn(digits string) bool {
	sum := 0
	for i := range digits {
		d := int(digits[len(digits)-1-i] - '0')
		if i%2 == 1 {
			d *= 2
		}
		sum += d/10 + d%10
	}
	return sum%10 == 0
}

func TestTheShopsOwnSignOn(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st)
		token := func(change func(jwt.MapClaims), method jwt.SigningMethod, key any) string {
			c := jwt.MapClaims{"aud": s.shop.Slug, "sub": "acc-7", "email": "hugo@example.com", "given_name": "Hugo", "exp": st.Clock().Std().Add(2 * time.Minute).Unix(), "jti": "once-1"}
			change(c)
			out, err := jwt.NewWithClaims(method, c).SignedString(key)
			if err != nil {
				t.Fatal(err)
			}
			return out
		}
		secret := []byte(s.signin.Secret(s.shop.ID, 0))
		none := func(jwt.MapClaims) {}
		for name, bad := range map[string]string{
			"empty":      "",
			"rubbish":    "a.b.c",
			"unsigned":   token(none, jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType),
			"other key":  token(none, jwt.SigningMethodHS256, []byte("x")),
			"other hash": token(none, jwt.SigningMethodHS512, secret),
			"other shop": token(func(c jwt.MapClaims) { c["aud"] = "other" }, jwt.SigningMethodHS256, secret),
			"expired":    token(func(c jwt.MapClaims) { c["exp"] = st.Clock().Std().Add(-time.Minute).Unix() }, jwt.SigningMethodHS256, secret),
			"too long":   token(func(c jwt.MapClaims) { c["exp"] = st.Clock().Std().Add(time.Hour).Unix() }, jwt.SigningMethodHS256, secret),
			"no end":     token(func(c jwt.MapClaims) { delete(c, "exp") }, jwt.SigningMethodHS256, secret),
			"no name":    token(func(c jwt.MapClaims) { delete(c, "sub") }, jwt.SigningMethodHS256, secret),
			"no jti":     token(func(c jwt.MapClaims) { delete(c, "jti") }, jwt.SigningMethodHS256, secret),
		} {
			if g := s.browser().get("/on?token=" + bad); g.StatusCode != 422 || !strings.Contains(g.body, "no longer valid") {
				t.Errorf("%s: %d", name, g.StatusCode)
			}
		}
		good := token(none, jwt.SigningMethodHS256, secret)
		s.browser().get("/on?token="+good).wants(t, 200, "Hugo")
		s.browser().get("/on?token="+good).wants(t, 422, "no longer valid") // used
		again := token(func(c jwt.MapClaims) { c["jti"] = "once-2" }, jwt.SigningMethodHS256, secret)
		s.browser().get("/on?token="+again).wants(t, 200, "Hugo")
		s.look(func(p *loyalty.Portal) { p.SecretNo = 1 })
		old := token(func(c jwt.MapClaims) { c["jti"] = "once-3" }, jwt.SigningMethodHS256, secret)
		s.browser().get("/on?token="+old).wants(t, 422)
	})
}
