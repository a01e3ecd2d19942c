package portal_test

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"cagnotte/internal/loyalty"
	"cagnotte/internal/people"
	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
	"cagnotte/internal/web"
)

// secrets is what a member of the crawled shop is known by, beside his first name. Nothing
// else on a page looks like it.
var secrets = regexp.MustCompile(`(?i)zq(sur|mail|host|num|acc)|6[ .]?12[ .]?34|mem_`)

// crawled enrols members whose every name is such a secret, and gives their codes.
func (s *site) crawled(n int) (codes []string) {
	s.t.Helper()
	for i := range n {
		got, err := s.people.Enrol(s.t.Context(), s.shop.ID, people.Enrolment{
			Fact: loyalty.Fact{Feed: "web", ExternalID: fmt.Sprintf("join-%d", i), Via: "test", Origin: loyalty.FromLive},
			Person: people.Naming{
				Number: fmt.Sprintf("ZQNUM%04d", i), ExternalID: fmt.Sprintf("zqacc%04d", i), FirstName: fmt.Sprintf("Prénom%04d", i), LastName: fmt.Sprintf("Zqsur%04d", i),
				Email: fmt.Sprintf("zqmail%04d@zqhost.example", i), Phone: fmt.Sprintf("+33612340%03d", i), Locale: "fr",
			},
		})
		if err != nil {
			s.t.Fatal(err)
		}
		own, err := s.people.Codes(s.t.Context(), s.shop.ID, got.Member)
		if err != nil {
			s.t.Fatal(err)
		}
		codes = append(codes, own[0])
	}
	return codes
}

// crawler sends what whoever tries codes sends, and reads all of every answer.
type crawler struct {
	s       *site
	handler http.Handler
	status  map[int]int
}

func (c *crawler) ask(method, path, language string) (text string) {
	r := httptest.NewRequest(method, c.s.server.URL+path, nil)
	if method == "POST" {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	r.Header.Set("User-Agent", phone)
	r.Header.Set("Accept-Language", language)
	w := httptest.NewRecorder()
	c.handler.ServeHTTP(w, r)
	c.status[w.Code]++
	if w.Code >= http.StatusInternalServerError {
		c.s.t.Fatalf("%s %s: %d", method, path, w.Code)
	}
	text = answered(w)
	if told := secrets.FindString(text); told != "" {
		c.s.t.Fatalf("%s %s tells %s:\n%s", method, path, told, text)
	}
	return text
}

// guess draws a code that could be somebody's: its check character is right.
func guess(dice *rand.Rand) string {
	var b [32]byte
	for i := 0; i < len(b); i += 8 {
		binary.BigEndian.PutUint64(b[i:], dice.Uint64())
	}
	return loyalty.PersonalCode(b)
}

// Whoever tries codes without end, or has somebody's, reads first names and nothing else of
// anybody (F12).
func TestCodesLeadToNobodysName(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st)
		s.apply(friendsProgram)
		s.look(func(p *loyalty.Portal) {
			p.Shop, p.Landing, p.Coupon = "https://shop.example", loyalty.LandingCoupon, "WELCOME10"
		})
		members, tried := 100, 5_000
		if proves {
			members, tried = 500, 100_000
		}
		codes := s.crawled(members)
		dice := rand.New(rand.NewPCG(12, 12))
		c := &crawler{s: s, handler: s.mounted(nil), status: map[int]int{}}
		named, unknown := 0, ""
		for n := range tried {
			language := []string{"fr", "pl", "en"}[n%3]
			if n%25 != 0 { // nobody's
				text := c.ask("GET", "/i/"+guess(dice), language)
				if language == "fr" {
					text = regexp.MustCompile(`/language/\w+|req_\w+|[0-9a-zA-Z]{20,}`).ReplaceAllString(text, "")
					if unknown != "" && text != unknown {
						t.Fatalf("two codes of nobody are answered differently:\n%s\n%s", text, unknown)
					}
					unknown = text
				}
				continue
			}
			i := n / 25 % members
			code := codes[i]
			if n%2 == 1 {
				code = strings.ToLower(code[:4] + "-" + code[4:])
			}
			page := c.ask("GET", "/i/"+code, language)
			if strings.Contains(page, fmt.Sprintf("Prénom%04d", i)) {
				named++
			}
			if n%500 == 0 { // everything else that a code opens
				for _, path := range []string{"/go", "/coupon", "/seen"} {
					c.ask("POST", "/i/"+code+path, language)
				}
				card := regexp.MustCompile(`og:image" content="([^"]+)"`).FindStringSubmatch(page)
				at, err := url.Parse(card[1])
				if err != nil {
					t.Fatal(err)
				}
				c.ask("GET", at.Path, language)
				c.ask("GET", "/join?r="+code, language)
			}
		}
		if want := (tried + 24) / 25; named != want || c.status[http.StatusNotFound] != tried-want {
			t.Errorf("%d of %d pages name their member; %v", named, want, c.status)
		}
		t.Logf("%d codes: %v", tried, c.status)

		// What is looked for would be seen: the member's own pages have it.
		b := s.browser()
		b.signIn("zqmail0001@zqhost.example")
		if !secrets.MatchString(b.get("/profile").body) {
			t.Error("the member's own profile has none of it")
		}
	})
}

// With its limits, a network reads 404 as often as it may be wrong, and then nothing at all,
// not even where a code is somebody's.
func TestACrawlComesToItsEnd(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st)
		s.apply(friendsProgram)
		codes := s.crawled(5)
		now := time.Now()
		const burst = 60
		c := &crawler{s: s, status: map[int]int{}, handler: s.mounted(web.NewLimiter(
			web.Limits{Links: web.Rate{PerSecond: 1, Burst: burst}}, func() time.Time { return now }))}
		dice := rand.New(rand.NewPCG(13, 13))
		for range 200 { // neighbours with a friend's link are not held up, and use nothing up
			c.ask("GET", "/i/"+codes[dice.IntN(len(codes))], "fr")
		}
		tried := 2_000
		if proves {
			tried = 100_000
		}
		for n := range tried {
			code := guess(dice)
			if n > burst && n%100 == 0 {
				code = codes[n/100%len(codes)]
			}
			c.ask([]string{"GET", "POST"}[n%2], "/i/"+code+[]string{"", "/go"}[n%2], "fr")
		}
		if c.status[http.StatusOK] != 200 || c.status[http.StatusNotFound] != burst || c.status[http.StatusTooManyRequests] != tried-burst {
			t.Errorf("%v", c.status)
		}
		now = now.Add(time.Second) // one comes back each second
		c.ask("GET", "/i/"+codes[0], "fr")
		if c.status[http.StatusOK] != 201 {
			t.Errorf("a right link is not followed later: %v", c.status)
		}
	})
}
