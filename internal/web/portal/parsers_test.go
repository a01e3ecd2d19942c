package portal

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"cagnotte/internal/loyalty"
	"cagnotte/internal/web"
)

// led is where an address led: what it was, what is answered for it, and how a browser is to
// understand both.
type led struct {
	What   string   // which checker answered
	Typed  string   // what somebody wrote
	To     string   // the Location that is answered, as it travels
	Base   string   // of the page that answers
	Within string   // the path below which it stays; empty: any
	Hosts  []string // origins that are allowed
	Code   string   // that the address carries; empty: none
	Both   bool     // Typed itself is understood to be allowed, too
}

// reader decides as browsers do. It gives the places of cases that lead elsewhere.
const reader = `
const wrong = [];
const at = (text, base) => { try { return new URL(text, base); } catch { return null; } };
cases.forEach((c, i) => {
  const to = at(c.To, c.Base);
  const bad = !to || !c.Hosts.includes(to.origin) || to.username || to.password || c.Code && to.searchParams.get("cgr") !== c.Code
    || c.Within && to.pathname !== c.Within && !to.pathname.startsWith(c.Within + "/");
  const typed = c.Both ? at(c.Typed, c.Base) : to;
  if (bad || !typed || !c.Hosts.includes(typed.origin)) wrong.push([i, to ? to.href : "", typed ? typed.href : ""]);
});
document.body.textContent = "seen:" + btoa(unescape(encodeURIComponent(JSON.stringify({ n: cases.length, wrong })))) + ":";
`

// ask lets Chromium read all cases, and gives those that lead where they must not.
func ask(t *testing.T, cases []led) (wrong []string, which map[string]int) {
	t.Helper()
	chromium, err := exec.LookPath("chromium")
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("chromium is missing")
		}
		t.Skip("chromium is missing; test/with-browser.sh go test ./internal/web/portal installs it")
	}
	dir := t.TempDir()
	text, err := json.Marshal(cases)
	if err != nil {
		t.Fatal(err)
	}
	for name, b := range map[string]string{
		"cases.js": "const cases = " + string(text) + ";", "reader.js": reader,
		"page.html": `<!doctype html><meta charset="utf-8"><title>x</title><body><script src="cases.js"></script><script src="reader.js"></script>`,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(b), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	run := exec.CommandContext(t.Context(), chromium, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
		"--disable-background-networking", "--user-data-dir="+filepath.Join(dir, "profile"), "--dump-dom", "file://"+filepath.Join(dir, "page.html"))
	out, err := run.Output()
	if err != nil {
		t.Fatalf("chromium: %v", err)
	}
	m := regexp.MustCompile(`seen:([^:]+):`).FindSubmatch(out)
	if m == nil {
		t.Fatalf("chromium says nothing: %.300s", out)
	}
	text, err = base64.StdEncoding.DecodeString(string(m[1]))
	if err != nil {
		t.Fatal(err)
	}
	var said struct {
		N     int
		Wrong [][3]any
	}
	if err := json.Unmarshal(text, &said); err != nil {
		t.Fatal(err)
	}
	if said.N != len(cases) {
		t.Fatalf("chromium read %d of %d addresses", said.N, len(cases))
	}
	which = map[string]int{}
	for _, w := range said.Wrong {
		c := cases[int(w[0].(float64))]
		which[c.What]++
		wrong = append(wrong, fmt.Sprintf("%s: %q is answered %q, which a browser takes for %v (and what was typed for %v)", c.What, c.Typed, c.To, w[1], w[2]))
	}
	return wrong, which
}

// pieces are what addresses are bent with: what parsers have disagreed about.
var pieces = []string{
	"/", "//", `\`, "@", ":", "?", "#", "%", "%2f", "%5c", "%40", "%00", "%09", "%0a", "%0d", "%2e", "..", ".", "\t", "\n", "\r", " ", "\u00a0", "\u00ad", "\u200b", "\ufeff",
	"／", "．", "。", "＠", "：", "＼", "％", "℀", "ß", "İ", "ſ", "K", "[", "]", "[::1]", "<", ">", "|", "^", "`", "{", "}", "&", "=", ";", ",", "'", `"`, "\x00", "\x7f", "�",
	":443", ":0443", ":80", ":", ":99999", "http:", "https:", "HTTPS:", "ftp:", "javascript:", "data:", "blob:", "evil.example", "shop.example", "pl.shop.example",
	"club.example", "127.0.0.1", "0x7f.1", "2130706433", "xn--", "/p/shop", "/../", "/./", "/%2e%2e/", "//evil.example", `/\evil.example`, "///", "x", "A", "1", "-", "_",
}

// honest are addresses that are allowed, so that what is bent is often near to one.
var honest = []string{
	"https://shop.example/", "https://shop.example/tea?x=1#y", "https://PL.shop.example/a/b", "https://pl.shop.example", "https://shop.example?to=/x",
	"https://club.example/", "https://club.example/gifts?x=1", "https://club.example/p/shop", "https://club.example/p/shop/gifts", "https://club.example/p/shop/history?before=1#x",
	"/", "/gifts", "/p/shop/gifts", "//club.example/gifts", "https://club.example/p/shop/a/../b",
}

// bent makes an address that is likely to be understood in two ways.
func bent(dice *rand.Rand) string {
	s := honest[dice.IntN(len(honest))]
	switch dice.IntN(4) {
	case 0:
		s = honest[dice.IntN(5)]
	case 1:
		s = strings.NewReplacer("%s", []string{"evil.example", "127.0.0.1"}[dice.IntN(2)], "%%", "%").Replace(hostile[dice.IntN(len(hostile))])
		if dice.IntN(2) == 0 {
			s = strings.ReplaceAll(s, "shop.example", "club.example")
		}
	}
	r := []rune(s)
	for range 1 + dice.IntN(2) {
		at := dice.IntN(len(r) + 1)
		if dice.IntN(3) > 0 { // where parsers change their mind
			at = min(len(r), []int{0, 5, 6, 7, 8, strings.LastIndex(string(r), "/") + 1, len(r)}[dice.IntN(7)])
		}
		piece := []rune(pieces[dice.IntN(len(pieces))])
		if dice.IntN(4) == 0 {
			piece = []rune{rune("abcxyz019.-_~/:@?&=#"[dice.IntN(20)])}
		}
		end := at
		if dice.IntN(3) == 0 {
			end = min(len(r), at+1+dice.IntN(3)) // in the place of what was there
		}
		r = append(r[:at:at], append(piece, r[end:]...)...)
	}
	return string(r)
}

// location is what is sent when a handler redirects.
func location(to string) string {
	w := httptest.NewRecorder()
	http.Redirect(w, httptest.NewRequest("GET", "https://club.example/language/pl", nil), to, http.StatusSeeOther)
	return w.Header().Get("Location")
}

// Whatever is written, a browser goes to the shop from a friend's page, and stays in the portal
// when the language changes: what our parser takes for one of our addresses no browser takes
// for another (P8).
func TestABrowserGoesWhereWeThinkItGoes(t *testing.T) {
	t.Parallel()
	tried := 8_000
	if os.Getenv("CAGNOTTE_PROVE") != "" {
		tried = 50_000
	}
	look := &loyalty.Portal{Shop: "https://shop.example", Hosts: []string{"pl.shop.example"}}
	shop := []string{"https://shop.example", "https://pl.shop.example"}
	club := []string{"https://club.example"}
	dice := rand.New(rand.NewPCG(8, 8))
	var cases []led
	taken := map[string]int{}
	add := func(c led) {
		taken[c.What]++
		cases = append(cases, c)
	}
	for range tried {
		typed := bent(dice)
		own := inShop(look, typed) != nil
		if own {
			taken["the shop's own"]++
		}
		add(led{What: "target", Typed: typed, To: location(target(look, typed, "ABC")), Base: "https://club.example/i/ABC", Hosts: shop, Code: "ABC", Both: own})
		for _, prefix := range []string{"", "/p/shop"} {
			v := visit{prefix: prefix}
			path := web.Inside(typed, "club.example", prefix)
			if path != "/" {
				taken["inside"]++
			}
			add(led{What: "language", Typed: typed, To: location(v.path(path)), Base: "https://club.example/language/pl", Within: prefix, Hosts: club})
		}
		// What others have written in their place.
		if strings.HasPrefix(typed, "https://shop.example") {
			add(led{What: "naive: begins with the shop", Typed: typed, To: typed, Base: "https://club.example/i/ABC", Hosts: shop})
		}
		if i := strings.Index(typed, "//"); strings.HasPrefix(typed, "/") && i != 0 {
			add(led{What: "naive: begins with one slash", Typed: typed, To: typed, Base: "https://club.example/language/pl", Hosts: club})
		}
		if strings.Contains(typed, "//shop.example/") {
			add(led{What: "naive: has the shop in it", Typed: typed, To: typed, Base: "https://club.example/i/ABC", Hosts: shop})
		}
	}
	wrong, which := ask(t, cases)
	for _, w := range wrong {
		if !strings.HasPrefix(w, "naive") {
			t.Error(w)
		}
	}
	t.Logf("%d addresses: %v; led astray: %v", tried, taken, which)
	for what, least := range map[string]int{"the shop's own": tried / 50, "inside": tried / 50} {
		if taken[what] < least {
			t.Errorf("only %d of %d addresses were taken for %s", taken[what], tried, what)
		}
	}
	for what, least := range map[string]int{
		"naive: begins with the shop": tried / 400, "naive: begins with one slash": tried / 400, "naive: has the shop in it": tried / 40,
	} {
		if which[what] < least {
			t.Errorf("%s: found to be wrong %d times only of %d", what, which[what], taken[what])
		}
	}
}
