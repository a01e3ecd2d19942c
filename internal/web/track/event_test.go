package track_test

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"cagnotte/internal/loyalty"
	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
	"cagnotte/internal/web"
	"cagnotte/internal/web/assets"
)

func TestWhatShopsLoadIsSmall(t *testing.T) {
	t.Parallel()
	for name, most := range map[string]int{"t.js": 1500, "w.js": 4000} {
		if n := assets.Size(name); n > most {
			t.Errorf("%s has %d bytes over the wire, want at most %d", name, n, most)
		}
	}
}

func TestTheScriptsAreForEveryPage(t *testing.T) {
	s := open(t, storetest.Open(t, storetest.Config(t, "sqlite")), refer)
	for _, name := range []string{"/t.js", "/w.js"} {
		w := s.ask("GET", name, "", "Origin", "https://anywhere.example")
		if w.Code != 200 || w.Header().Get("Access-Control-Allow-Origin") != "*" || w.Header().Get("Access-Control-Allow-Credentials") != "" ||
			w.Header().Get("Content-Type") != "text/javascript; charset=utf-8" || w.Body.Len() == 0 {
			t.Errorf("%s: %d %v", name, w.Code, w.Header())
		}
	}
}

// Who may speak for a shop (P10), and in which ways a hidden page might have it spoken (F8).
func TestOnlyTheShopsOwnPagesAreHeard(t *testing.T) {
	s := open(t, storetest.Open(t, storetest.Config(t, "sqlite")), refer)
	n := 0
	for _, tt := range []struct {
		name    string
		heard   bool
		headers []string
	}{
		{"the address of the shop", true, nil},
		{"a host that it lists", true, []string{"Origin", "https://shop.lavande.example"}},
		{"what Chromium sends with a beacon", true, []string{"Sec-Fetch-Dest", "empty", "Sec-Fetch-Mode", "no-cors", "Sec-Fetch-Site", "cross-site"}},
		{"without an origin", false, []string{"Origin", ""}},
		{"null", false, []string{"Origin", "null"}},
		{"the shop's host as a suffix", false, []string{"Origin", "https://evil-lavande.example"}},
		{"the shop's host as a prefix", false, []string{"Origin", "https://lavande.example.evil.example"}},
		{"the shop's host as a name", false, []string{"Origin", "https://lavande.example@evil.example"}},
		{"a host below one that is listed", false, []string{"Origin", "https://www.shop.lavande.example"}},
		{"another port", false, []string{"Origin", "https://lavande.example:8443"}},
		{"without TLS", false, []string{"Origin", "http://lavande.example"}},
		{"with a path", false, []string{"Origin", "https://lavande.example/"}},
		{"another scheme", false, []string{"Origin", "ftp://lavande.example"}},
		{"in an iframe", false, []string{"Sec-Fetch-Dest", "iframe"}},
		{"in a frame", false, []string{"Sec-Fetch-Dest", "frame"}},
		{"as a picture", false, []string{"Sec-Fetch-Dest", "image"}},
		{"as a script", false, []string{"Sec-Fetch-Dest", "script"}},
		{"as a style sheet", false, []string{"Sec-Fetch-Dest", "style"}},
		{"as an object", false, []string{"Sec-Fetch-Dest", "object"}},
		{"as an embed", false, []string{"Sec-Fetch-Dest", "embed"}},
		{"as a video", false, []string{"Sec-Fetch-Dest", "video"}},
		{"as a form", false, []string{"Sec-Fetch-Mode", "navigate"}},
		{"as a page", false, []string{"Sec-Fetch-Dest", "document", "Sec-Fetch-Mode", "navigate"}},
	} {
		visitor := strings.Repeat("v", 16) + strings.Repeat("w", n)
		w := s.send(`{"site":"`+s.shop.Slug+`","type":"landing","consent":true,"visitor":"`+visitor+`","code":"`+s.code+`"}`, tt.headers...)
		if w.Code != http.StatusNoContent || w.Body.Len() > 0 {
			t.Errorf("%s: %d %s", tt.name, w.Code, w.Body)
		}
		if w.Header().Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%s: the answer may be read", tt.name)
		}
		if tt.heard {
			n++
		}
		if got := len(s.seen()); got != n {
			t.Fatalf("%s: %d sightings, want %d", tt.name, got, n)
		}
	}
	for _, method := range []string{"GET", "HEAD", "PUT", "OPTIONS"} {
		if w := s.ask(method, "/e?site="+s.shop.Slug+"&type=landing&code="+s.code, "", "Origin", origin); w.Code != http.StatusMethodNotAllowed {
			t.Errorf("%s: %d", method, w.Code)
		}
	}
}

func TestWhatIsNotExactlyAnEventIsDroppedWithoutAWord(t *testing.T) {
	s := open(t, storetest.Open(t, storetest.Config(t, "sqlite")), refer)
	good := `"site":"` + s.shop.Slug + `","type":"order","consent":true,"visitor":"` + phone + `","ref":"A1","total":"45"`
	for name, body := range map[string]string{
		"an unknown field": `{` + good + `,"value":100}`, "a number as total": `{"site":"` + s.shop.Slug + `","type":"order","ref":"A1","total":45}`,
		"an unknown type": `{"site":"` + s.shop.Slug + `","type":"order_paid","ref":"A1"}`, "no type": `{"site":"` + s.shop.Slug + `"}`,
		"an unknown shop": `{"site":"nobody","type":"order","ref":"A1"}`, "no shop": `{"type":"order","ref":"A1"}`,
		"an unknown source": `{` + good + `,"source":"mine"}`, "two bodies": `{` + good + `}{` + good + `}`, "no JSON": `order=A1`, "a list": `[]`, "nothing": ``,
		"a long reference": `{"site":"` + s.shop.Slug + `","type":"order","ref":"` + strings.Repeat("1", loyalty.MaxRefBytes+1) + `"}`,
		"a line in it":     `{"site":"` + s.shop.Slug + `","type":"order","ref":"A\n1"}`, "too long": `{` + good + strings.Repeat(" ", 16<<10) + `}`,
		"a code that is nobody's": `{"site":"` + s.shop.Slug + `","type":"landing","code":"ABCDEFG"}`,
		"a token that is none":    `{"site":"` + s.shop.Slug + `","type":"identify","consent":true,"visitor":"` + phone + `","token":"a.b.c"}`,
	} {
		was := s.rows()
		if w := s.send(body); w.Code != http.StatusNoContent || w.Body.Len() > 0 {
			t.Errorf("%s: %d %s", name, w.Code, w.Body)
		}
		if n := len(s.seen()); n != 0 || !maps.Equal(was, s.rows()) {
			t.Fatalf("%s was kept: %v", name, s.seen()[0])
		}
	}
	s.send(`{` + good + `}`)
	if n := len(s.seen()); n != 1 {
		t.Errorf("the body from which all of these are made: %d sightings", n)
	}
}

// D5: strict consent is held on the server, too.
func TestWithoutAYesNoBrowserIsKept(t *testing.T) {
	for _, tt := range []struct {
		consent string
		yes     bool
		kept    bool
	}{{loyalty.ConsentStrict, false, false}, {loyalty.ConsentStrict, true, true}, {loyalty.ConsentService, false, true}} {
		s := open(t, storetest.Open(t, storetest.Config(t, "sqlite")), refer)
		s.look(func(p *loyalty.Portal) { p.Consent = tt.consent })
		was := s.rows()
		s.tell(map[string]any{"type": "landing", "consent": tt.yes, "visitor": phone, "code": s.code})
		if got := s.seen(); len(got) != 1 || (got[0].Visitor != "") != tt.kept || got[0].Code != s.code {
			t.Errorf("%s, yes is %v: kept %+v", tt.consent, tt.yes, got[0])
		}
		if fact := s.rows()["events"] > was["events"]; fact != tt.kept {
			t.Errorf("%s, yes is %v: a fact of a click is %v", tt.consent, tt.yes, fact)
		}
	}
}

// F13: whatever a browser says, and how often, nothing of value follows from it.
func TestNothingOfValueComesThroughThePublicDoor(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st, refer+`
program "All"
  starts 2020-01-01
  earn 1 point per 1.00 EUR
`)
		s.report(order{ref: "A0", email: "anna.nowak@example.com", amount: 4500})
		was := s.rows()
		for _, kind := range []string{"landing", "cart", "order", "refund", "identify", "order_paid", "staff_adjust"} {
			for _, source := range []string{"", "own", "ga4", "segment", "matomo"} {
				for _, ref := range []string{"", "A0", "A1"} {
					s.tell(map[string]any{"type": kind, "source": source, "consent": true, "visitor": phone, "code": s.code, "ref": ref, "total": "45.00", "currency": "EUR"})
				}
			}
		}
		is := s.rows()
		for table, n := range was {
			switch table {
			case "members", "member_keys", "events", "batches", "referrals", "receipts", "turns": // a browser that clicked
				if is[table] > n+2 {
					t.Errorf("%s has %d rows, had %d", table, is[table], n)
				}
			default:
				if is[table] != n {
					t.Errorf("%s has %d rows, had %d", table, is[table], n)
				}
			}
		}
		for _, table := range []string{"postings", "transactions", "lots", "rewards", "vouchers", "orders", "accounts"} {
			if _, looked := was[table]; !looked {
				t.Errorf("%s was not looked at", table)
			}
		}
		if n := len(s.seen()); n != 8 { // orders and returns by their reference, one landing, one cart
			t.Errorf("%d sightings, want 8", n)
		}
	})
}

func TestANetworkThatSendsTooMuchIsTold(t *testing.T) {
	s := open(t, storetest.Open(t, storetest.Config(t, "sqlite")), refer)
	now := time.Now()
	s.limits = web.NewLimiter(web.Limits{Browsers: web.Rate{PerSecond: 1, Burst: 3}}, func() time.Time { return now })
	s.mount()
	var got []int
	for range 4 {
		got = append(got, s.send(`{}`).Code)
	}
	got = append(got, s.ask("GET", "/w/"+s.shop.Slug+".json", "", "Origin", origin).Code)
	now = now.Add(2 * time.Second)
	got = append(got, s.ask("GET", "/w/"+s.shop.Slug+".json", "", "Origin", origin).Code)
	if want := []int{204, 204, 204, 429, 429, 200}; !slices.Equal(got, want) {
		t.Errorf("answers %v, want %v", got, want)
	}
}
