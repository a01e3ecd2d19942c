package portal_test

import (
	"fmt"
	"maps"
	"math"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/referral"
	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
)

// proves tells whether the large forms are asked for.
var proves = os.Getenv("CAGNOTTE_PROVE") != ""

// leak is the |t| of Welch from which on dudect calls two series different.
const leak = 4.5

// shaken is how far apart two series may be. The small form runs beside other tests on machines that do something else, and
// looks for what is much larger than any noise.
func shaken() float64 {
	if proves {
		return leak
	}
	return 12
}

// times are how long answers took, in nanoseconds.
type times []float64

// trimmed is without the slowest tenth: those are the machine's, not the program's.
func (x times) trimmed() times {
	out := slices.Clone(x)
	slices.Sort(out)
	return out[:len(out)-len(out)/10]
}

func (x times) moments() (mean, variance float64) {
	for _, v := range x {
		mean += v
	}
	mean /= float64(len(x))
	for _, v := range x {
		variance += (v - mean) * (v - mean)
	}
	return mean, variance / float64(len(x)-1)
}

// welch tells how far apart the means of two series are, in standard errors.
func welch(a, b times) float64 {
	a, b = a.trimmed(), b.trimmed()
	ma, va := a.moments()
	mb, vb := b.moments()
	return (ma - mb) / math.Sqrt(va/float64(len(a))+vb/float64(len(b)))
}

func TestWelchSeesAShift(t *testing.T) {
	a, b, shifted := times{}, times{}, times{}
	for i := range 2000 {
		noise := float64(i * 7919 % 1000)
		a, b, shifted = append(a, noise), append(b, float64(i*104729%1000)), append(shifted, noise+100)
	}
	if x := math.Abs(welch(a, b)); x > 1 {
		t.Errorf("two series of one kind are %.1f apart", x)
	}
	if x := math.Abs(welch(a, shifted)); x < 10 {
		t.Errorf("a shift of a tenth is %.1f", x)
	}
}

// question is one request, made for the known or the unknown one of the n-th pair.
type question func(n int, known bool) *http.Request

// random is what differs between any two answers: names that were drawn.
var random = regexp.MustCompile(`(__Host-)?([\w-]+)=(sgn_)?[0-9A-Za-z]{26}\b`)

// answered is everything that one can read of an answer, without what was drawn.
func answered(w *httptest.ResponseRecorder) string {
	h := w.Header()
	h.Del("X-Request-Id")
	var out strings.Builder
	fmt.Fprintln(&out, w.Code)
	for _, name := range slices.Sorted(maps.Keys(h)) {
		fmt.Fprintln(&out, name, random.ReplaceAllString(strings.Join(h[name], "\n"), "$2=$3*"))
	}
	return out.String() + w.Body.String()
}

// series asks pairs in turn, the one or the other first, and gives how long each took.
// Answers that differ within a pair fail the test at once. hide takes out of an answer
// what was typed.
func (s *site) series(from, pairs int, handler http.Handler, ask question, hide func(string) string) (known, unknown times) {
	s.t.Helper()
	for n := from; n < from+pairs; n++ {
		var said [2]string
		for turn := range 2 {
			who := (n+turn)%2 == 0
			r, w := ask(n, who), httptest.NewRecorder()
			start := time.Now()
			handler.ServeHTTP(w, r)
			took := float64(time.Since(start))
			if who {
				known = append(known, took)
			} else {
				unknown = append(unknown, took)
			}
			said[turn] = hide(answered(w))
		}
		if said[0] != said[1] {
			s.t.Fatalf("pair %d is answered differently:\n%s\n%s", n, said[0], said[1])
		}
	}
	return known, unknown
}

// tries is how many series may look bad before one is believed. Each has pairs of its own.
const tries = 3

// alike fails where known and unknown ones are told apart by what is answered, or again and
// again by how long that takes: a machine that is busy once is not busy each time.
func (s *site) alike(what string, pairs int, ask question, hide func(string) string) {
	s.t.Helper()
	var seen []string
	for try := range tries {
		known, unknown := s.series(try*pairs, pairs, s.server.Config.Handler, ask, hide)
		mk, _ := known.trimmed().moments()
		mu, _ := unknown.trimmed().moments()
		x := welch(known, unknown)
		seen = append(seen, fmt.Sprintf("t %.1f: %.0f and %.0f µs", x, mk/1000, mu/1000))
		if math.Abs(x) < shaken() {
			s.t.Logf("%s, %d pairs: %s", what, pairs, strings.Join(seen, "; "))
			return
		}
	}
	s.t.Errorf("%s tells who is known, %d pairs: %s", what, pairs, strings.Join(seen, "; "))
}

func same(text string) string { return text }

// sent is a form as a browser sends it; cookies are those of an earlier answer.
func (s *site) sent(path string, form url.Values, cookies ...*http.Cookie) *http.Request {
	r := httptest.NewRequest("POST", s.server.URL+path, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	r.Header.Set("Accept-Language", "en")
	for _, c := range cookies {
		r.AddCookie(c)
	}
	return r
}

// crowd are addresses of members, who join when their pair is asked for, and as many of nobody that look
// like them.
func (s *site) crowd(n int) func(i int, known bool) string {
	s.t.Helper()
	joined := map[int]bool{}
	return func(i int, known bool) string {
		i %= n
		if !joined[i] { // before whoever comes first of the pair
			joined[i] = true
			s.enrol(fmt.Sprintf("K%04d", i), "Camille", fmt.Sprintf("k%04d@example.com", i))
		}
		if !known {
			return fmt.Sprintf("u%04d@example.com", i)
		}
		return fmt.Sprintf("k%04d@example.com", i)
	}
}

// done does all jobs.
func (s *site) done() {
	s.t.Helper()
	for {
		n, err := s.jobs.Round(s.t.Context())
		if err != nil {
			s.t.Fatal(err)
		}
		if n == 0 {
			return
		}
	}
}

// Neither what is answered nor how long that takes tells whose addresses are known (P3).
func TestSigningInTakesTheSameTimeForEverybody(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st)
		of := s.crowd(50)
		signIn := func(n int, known bool) *http.Request {
			return s.sent("/sign-in", url.Values{"email": {of(n, known)}})
		}
		pairs, looked, n := 2000, 2000, 1
		if !proves {
			looked, n = 400, 20 // the small form sees what is large
			if !st.Serial() {
				pairs = 400
			}
		}
		s.alike("signing in", pairs, signIn, same)
		s.alike("joining", 300, func(n int, known bool) *http.Request {
			return s.sent("/join", url.Values{"email": {of(n, known)}, "first_name": {"Camille"}, "terms": {"yes"}})
		}, same)

		// A handler that looks before it answers is found.
		looks := func(n int) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if err := r.ParseForm(); err != nil {
					t.Error(err)
				}
				key, _ := s.people.EmailKey(r.PostForm.Get("email"))
				for range n {
					_, _ = s.people.Find(r.Context(), s.shop.ID, loyalty.Who{Keys: []loyalty.Key{{Kind: loyalty.ByEmail, Key: key}}}) // what it finds is not the question
				}
				s.server.Config.Handler.ServeHTTP(w, r)
			})
		}
		known, unknown := s.series(0, looked, looks(n), signIn, same)
		if x := welch(known, unknown); math.Abs(x) < leak {
			t.Errorf("a planted look is not found: t %.1f", x)
		} else {
			t.Logf("a planted look: t %.1f", x)
		}
	})
}

// Nor does a wrong code: a letter that was never written is answered like one that was.
func TestAWrongCodeTakesTheSameTimeForEverybody(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st)
		people := 60
		if proves {
			people = 400
		}
		of := s.crowd(people * tries)
		waiting := map[bool][][]*http.Cookie{}
		for n := range people * tries {
			for _, known := range []bool{true, false} {
				w := httptest.NewRecorder()
				s.server.Config.Handler.ServeHTTP(w, s.sent("/sign-in", url.Values{"email": {of(n, known)}}))
				waiting[known] = append(waiting[known], w.Result().Cookies())
			}
		}
		s.done()
		s.alike("a wrong code", people*5, func(n int, known bool) *http.Request { // five tries are looked at, of each letter
			return s.sent("/sign-in/code", url.Values{"code": {"x"}}, waiting[known][n/5]...)
		}, same)
	})
}

// Inviting and reminding tell nobody who is a customer either.
func TestInvitingTakesTheSameTimeForEverybody(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		start, passed := st.Clock(), moment.Time(0)
		st.Clock = func() moment.Time { return start + passed }
		s, _, _ := hosted(t, st)
		const perDay = referral.MaxPerDay / 2 // on each of which a member invites five whom the shop knows, and five others
		members, pairs := 10, 200
		if proves {
			members, pairs = 100, 2000
		}
		of := s.crowd(pairs * tries)
		name := regexp.MustCompile(`\b[ku]\d{4}\b`)
		hide := func(text string) string { return name.ReplaceAllString(text, "*") }

		var in [][]*http.Cookie // of who invites, by number
		var who []id.Member
		for i := range members {
			email := fmt.Sprintf("host%03d@example.com", i)
			s.enrol(fmt.Sprintf("H%03d", i), "Jules", email)
			who = append(who, s.by(email))
			in = append(in, s.cookies(email))
		}
		day, asked := 0, 0
		s.alike("inviting", pairs, func(n int, known bool) *http.Request {
			if now := n / (members * perDay); now != day {
				s.done()
				day, passed = now, passed+7*moment.Day // so few a month that there is room
			}
			asked = max(asked, n+1)
			return s.sent("/invite", url.Values{"addresses": {of(n, known)}, "agreed": {"yes"}}, in[n%members]...)
		}, hide)
		s.done()

		passed += referral.RemindDays * moment.Day
		rows := map[string]id.Invitation{}
		for _, m := range who {
			var before id.Invitation
			for more := true; more; {
				var list []referral.Friend
				var err error
				if list, more, err = s.invites.Follow(t.Context(), s.shop.ID, m, before, 100); err != nil {
					t.Fatal(err)
				}
				for _, f := range list {
					rows[f.Address], before = f.ID, f.ID
				}
			}
		}
		first, turn := asked-pairs, 0 // the last ones, all of this month
		s.alike("reminding", pairs, func(n int, known bool) *http.Request {
			if n/pairs != turn {
				turn, passed = n/pairs, passed+referral.RemindDays*moment.Day
			}
			n = first + n%pairs
			which, found := rows[of(n, known)]
			if !found {
				t.Fatalf("%s is not on any list", of(n, known))
			}
			return s.sent("/friends/"+which.String()+"/remind", nil, in[n%members]...)
		}, hide)
	})
}

// cookies are those of a member who has just signed in.
func (s *site) cookies(email string) []*http.Cookie {
	s.t.Helper()
	b := s.browser()
	b.signIn(email)
	at, err := url.Parse(s.server.URL)
	if err != nil {
		s.t.Fatal(err)
	}
	return b.c.Jar.Cookies(at)
}
