package admin_test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"cagnotte/internal/checkout"
	"cagnotte/internal/insight"
	"cagnotte/internal/locale"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/rewards"
	"cagnotte/internal/staff"
	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
	"cagnotte/internal/web"
	"cagnotte/internal/web/api"
	"cagnotte/internal/web/track"
)

const shopPages = "https://lavande.example"

// connected are the doors of a shop: its server's key, and its pages.
type connected struct {
	*site
	h   http.Handler
	key string
}

// connect opens the doors of the shop beside its back office.
func (s *site) connect() *connected {
	s.t.Helper()
	log := slog.New(slog.DiscardHandler)
	words, err := locale.New()
	if err != nil {
		s.t.Fatal(err)
	}
	edge := web.NewEdge(log, words)
	c := &connected{site: s, h: web.New(edge, api.Mount(api.Services{
		Edge: edge, Log: log, Office: s.office, People: s.people, Referrals: s.referrals, Programs: s.programs, Checkout: checkout.New(s.st, s.in),
		Rewards: rewards.New(s.st, s.in), Gifts: s.gifts, Insight: insight.New(s.st), Feed: s.feed, Version: "test",
	}), track.Mount(track.Services{
		Edge: edge, Log: log, Office: s.office, People: s.people, Programs: s.programs, Referrals: s.referrals, Feed: s.feed,
	}))}
	p := loyalty.NewPortal()
	p.On, p.Base, p.Shop = true, "https://"+s.shop.Slug+".example", shopPages
	if err := s.office.SetPortal(s.t.Context(), s.shop.ID, p); err != nil {
		s.t.Fatal(err)
	}
	if c.key, err = s.office.CreateKey(s.t.Context(), s.shop.ID); err != nil {
		s.t.Fatal(err)
	}
	return c
}

// tells sends what the shop's server tells, and gives the status.
func (c *connected) tells(path, body string) int {
	c.t.Helper()
	r := httptest.NewRequestWithContext(c.t.Context(), "POST", path, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	if c.key != "" {
		r.Header.Set("Authorization", "Bearer "+c.key)
	}
	w := httptest.NewRecorder()
	c.h.ServeHTTP(w, r)
	return w.Code
}

// sees sends what a page of an origin tells.
func (c *connected) sees(origin, body string) {
	c.t.Helper()
	r := httptest.NewRequestWithContext(c.t.Context(), "POST", "/e", strings.NewReader(`{"site":"`+c.shop.Slug+`",`+body+`}`))
	r.Header.Set("Origin", origin)
	w := httptest.NewRecorder()
	c.h.ServeHTTP(w, r)
	if w.Code != http.StatusNoContent {
		c.t.Errorf("%s: %d", body, w.Code)
	}
}

// report is an order as a shop's server reports it; more stands before its lines.
func report(ref, more string) string {
	return `{"ref":"` + ref + `","currency":"EUR",` + more + `"lines":[{"sku":"SOAP","quantity":1,"amount":4500}]}`
}

const bela = `"member":{"email":"bela@example.com"},`

// S1-38: each fault is named as soon as it has come, and nothing else is.
func TestTheTrackerNamesEachFault(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st)
		for _, tt := range []struct {
			name   string
			does   func(c *connected)
			title  string
			saying []string
		}{
			{"without line ids", func(c *connected) {
				c.want(422, `{"ref":"A-1","currency":"EUR",`+bela+`"lines":[{"quantity":1,"amount":4500}]}`)
			}, "Orders without article ids", []string{"A-1"}},
			{"with empty line ids", func(c *connected) {
				c.want(422, `{"ref":"A-1","currency":"EUR",`+bela+`"lines":[{"sku":"","quantity":1,"amount":4500}]}`)
			}, "Orders without article ids", []string{"A-1"}},
			{"in a list, without line ids", func(c *connected) {
				if got := c.tells("/v1/events", `{"events":[{"type":"order_paid","id":"x","order":`+strings.Replace(report("A-1", ""), `"SOAP"`, `""`, 1)+`}]}`); got != 422 {
					c.t.Error(got)
				}
			}, "Orders without article ids", nil},
			{"placed without lines", func(c *connected) {
				c.want(422, `{"ref":"A-1","currency":"EUR","state":"placed",`+bela+`"lines":[]}`)
			}, "Orders without lines", []string{"A-1"}},
			{"without a customer", func(c *connected) { c.want(200, report("A-1", "")) }, "Orders without a customer", []string{"A-1", "/admin/journal/evt_"}},
			{"without e-mail", func(c *connected) { c.want(200, report("A-1", `"member":{"external_id":"7"},`)) }, "Customers without an e-mail address", []string{"A-1"}},
			{"twice", func(c *connected) { c.want(200, report("A-1", bela)); c.want(200, report("A-1", bela)) }, "Orders sent twice<", []string{"A-1"}},
			{"twice, changed", func(c *connected) {
				c.want(200, report("A-1", bela))
				c.want(409, strings.Replace(report("A-1", bela), "4500", "4600", 1))
			}, "Orders sent twice with other contents", []string{"A-1"}},
			{"two hours late", func(c *connected) {
				c.want(200, report("A-1", bela+`"occurred_at":"`+(c.st.Clock()-2*moment.Hour-moment.Minute).String()+`",`))
			}, "Orders told hours late", []string{"A-1", "2 hours late"}},
			{"from the future", func(c *connected) {
				c.want(422, report("A-1", bela+`"occurred_at":"`+(c.st.Clock()+2*moment.Hour).String()+`",`))
			}, "clock is ahead", []string{"A-1"}},
			{"in another currency", func(c *connected) { c.want(422, strings.Replace(report("A-1", bela), "EUR", "PLN", 1)) }, "Calls that were refused", []string{"A-1", "field currency", "POST /v1/orders"}},
			{"unreadable", func(c *connected) { c.want(400, `{"ref":`) }, "Calls that were refused", []string{"POST /v1/orders"}},
			{"without a key", func(c *connected) { c.key = ""; c.want(401, report("A-1", bela)) }, "Calls without a valid key", []string{"this server"}},
			{"with a key that ended", func(c *connected) { c.key = "cag_live_nothing"; c.want(401, report("A-1", bela)) }, "Calls without a valid key", nil},
			{"with a key that may not", func(c *connected) {
				var err error
				if c.key, err = c.office.CreateKey(c.t.Context(), c.shop.ID, "read"); err != nil {
					c.t.Fatal(err)
				}
				c.want(403, report("A-1", bela))
			}, "Calls that were refused", nil},
			{"in the browser alone", func(c *connected) {
				c.sees(shopPages, `"type":"order","ref":"A-1","total":"45"`)
			}, "Orders that only a browser told of", []string{"A-1"}},
			{"on another address", func(c *connected) {
				c.sees("https://www.lavande.example", `"type":"order","ref":"A-1","total":"45"`)
			}, "an address that the shop does not name", []string{"www.lavande.example"}},
		} {
			t.Run(tt.name, func(t *testing.T) {
				shop, err := s.office.CreateShop(t.Context(), tt.name, "EUR", "Europe/Paris")
				if err != nil {
					t.Fatal(err)
				}
				s.shop, s.twin = shop.Live, shop.Test
				s.add(s.shop, staff.ReadOnly)
				c := s.connect()
				b := s.as(staff.ReadOnly)
				if got := faults(b.get("/admin/tracker")); len(got) != 0 && got[0] != "Calls without a valid key" {
					t.Errorf("before: %q", got)
				}
				tt.does(c)
				page := b.get("/admin/tracker")
				page.wants(t, http.StatusOK, append(tt.saying, tt.title)...)
				others := 0
				for _, f := range faults(page) {
					if !strings.Contains(f+"<", tt.title) && f != "Calls without a valid key" {
						others++
						t.Errorf("it also says %q", f)
					}
				}
			})
		}
	})
}

var faultTitle = regexp.MustCompile(`<li><p><span class="tag (?:bad|warn)">([^<]+)<`)

func faults(g got) (out []string) {
	for _, m := range faultTitle.FindAllStringSubmatch(g.body, -1) {
		out = append(out, m[1])
	}
	return out
}

func (c *connected) want(status int, body string) {
	c.t.Helper()
	if got := c.tells("/v1/orders", body); got != status {
		c.t.Errorf("%d, want %d: %s", got, status, body)
	}
}

// What is waited for ticks as it comes, and a server's report ends what only a browser had told.
func TestTheTrackerTicksWhatArrives(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st).withShop()
		c := s.connect()
		b := s.as(staff.Owner)
		b.get("/admin/tracker").wants(t, http.StatusOK, "Nothing has arrived yet", "Nothing yet", "&lt;script async src=&#34;https://maison-lavande.example/t.js?site=maison-lavande&#34; data-site=&#34;maison-lavande&#34;&gt;")
		anna := s.enrol("1001", "Anna", "Nowak", "anna@example.com")
		codes, err := s.people.Codes(t.Context(), s.shop.ID, anna.ID)
		if err != nil {
			t.Fatal(err)
		}
		c.sees(shopPages, `"type":"landing","code":"`+codes[0]+`"`)
		c.sees(shopPages, `"type":"cart","total":"45"`)
		c.sees(shopPages, `"type":"order","ref":"A-1042","total":"84.90"`)
		page := b.get("/admin/tracker")
		page.wants(t, http.StatusOK, "lavande.example ·", "0 s ago", "Orders that only a browser told of", "Half there")
		if n := strings.Count(page.body, `<li class="done">`); n != 3 {
			t.Errorf("%d lines tick, want 3", n)
		}
		c.want(200, strings.Replace(report("A-1042", bela), "4500", "8490", 1))
		if got := c.tells("/v1/refunds", `{"id":"r1","feed":"api","ref":"A-1042","lines":[{"line":1,"quantity":1}]}`); got != http.StatusOK {
			t.Fatal(got)
		}
		page = b.get("/admin/tracker")
		page.wants(t, http.StatusOK, "A-1042</a> · €84.90", "Live", "Nothing in the last 24 hours")
		if n := strings.Count(page.body, `<li class="done">`); n != 5 {
			t.Errorf("%d lines tick, want 5", n)
		}
		for _, system := range []string{"wordpress", "prestashop", "shopify", "gtm", "nonsense"} {
			b.get("/admin/tracker?system="+system).wants(t, http.StatusOK, "t.js")
		}
		b.get("/admin/test/tracker").wants(t, http.StatusOK, "the portal of this shop is off")
	})
}

// A page is seen when it loads the script, where the address tells whose it is; what is only tried,
// or sent again under the same key of its request, is no fault.
func TestWhatIsNoFaultIsNotNamed(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st).withShop()
		c := s.connect()
		b := s.as(staff.Owner)
		load := func(host, script, page string) {
			t.Helper()
			r := httptest.NewRequestWithContext(t.Context(), "GET", script, nil)
			r.Host = host
			r.Header.Set("Referer", page)
			w := httptest.NewRecorder()
			c.h.ServeHTTP(w, r)
			if w.Code != http.StatusOK {
				t.Errorf("%s: %d", page, w.Code)
			}
		}
		load("maison-lavande.example", "/t.js", "https://maison-lavande.example/") // our own
		load("maison-lavande.example", "/t.js", "nonsense")
		load("maison-lavande.example", "/t.js?site=nobody", shopPages+"/") // nobody's page
		if got := faults(b.get("/admin/tracker")); len(got) != 0 {
			t.Errorf("our own pages are named: %q", got)
		}
		b.get("/admin/tracker").wants(t, http.StatusOK, "A page of the shop was seen</b> <small>not yet")
		load("many-shops.example", "/t.js?site=maison-lavande", shopPages+"/")
		b.get("/admin/tracker").wants(t, http.StatusOK, "A page of the shop was seen</b> <small>lavande.example")
		if got := c.tells("/v1/orders?dry_run=true", `{"ref":"A-1","currency":"EUR","lines":[{"quantity":1,"amount":4500}]}`); got != http.StatusUnprocessableEntity {
			t.Error(got)
		}
		for range 2 {
			if got := c.tells("/v1/orders?dry_run=true", report("A-1", "")); got != http.StatusOK {
				t.Error(got)
			}
		}
		for range 2 {
			r := httptest.NewRequestWithContext(t.Context(), "POST", "/v1/orders", strings.NewReader(report("A-2", bela)))
			r.Header.Set("Authorization", "Bearer "+c.key)
			r.Header.Set("Idempotency-Key", "once")
			w := httptest.NewRecorder()
			c.h.ServeHTTP(w, r)
			if w.Code != http.StatusOK {
				t.Error(w.Code)
			}
		}
		if got := faults(b.get("/admin/tracker")); len(got) != 0 {
			t.Errorf("named: %q", got)
		}
		load("maison-lavande.example", "/t.js", "https://shop.lavande.example/")
		b.get("/admin/tracker").wants(t, http.StatusOK, "an address that the shop does not name", "shop.lavande.example")
	})
}

// Who goes the way of a friend is followed to the end, and nobody is rewarded for him.
func TestAFriendIsSimulated(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st).withShop()
		s.publish("program \"Friends\"\n  starts 2020-01-01\n  refer friend 500 points, referrer 1000 points, on first order, from 20.00 EUR\n")
		c := s.connect()
		b := s.as(staff.Owner)
		page := b.post("/admin/tracker/trial")
		page.wants(t, http.StatusOK, "Open the shop as a friend")
		m := regexp.MustCompile(`href="https://lavande\.example\?cgr=(TRY-[A-Z0-9]+)"`).FindStringSubmatch(page.body)
		if m == nil {
			t.Fatal(page.body)
		}
		const visitor = "abcdefghij0123456789"
		if got := c.tells("/v1/clicks", `{"id":"k1","feed":"web","code":"`+m[1]+`","visitor":"`+visitor+`"}`); got != http.StatusOK {
			t.Errorf("the click of the shop's server: %d", got)
		}
		c.sees(shopPages, `"type":"landing","consent":true,"visitor":"`+visitor+`","code":"`+m[1]+`"`)
		c.sees(shopPages, `"type":"cart","consent":true,"visitor":"`+visitor+`","total":"45"`)
		c.sees(shopPages, `"type":"order","consent":true,"visitor":"`+visitor+`","ref":"A-7","total":"45"`)
		b.get("/admin/tracker").wants(t, http.StatusOK, "The browser told of the order</b>", "A-7 ·")
		c.want(200, report("A-7", `"member":{"email":"staff@example.com","visitor":"`+visitor+`"},`))
		b.get("/admin/tracker").wants(t, http.StatusOK, "The way is complete")
		if list, err := s.referrals.Latest(t.Context(), s.shop.ID, everything(s), none, 10); err != nil || len(list) != 0 {
			t.Errorf("%d referrals came of it: %v", len(list), err)
		}
		next := b.post("/admin/tracker/trial")
		if next.wants(t, http.StatusOK); strings.Contains(next.body, m[1]) || strings.Contains(next.body, "The way is complete") {
			t.Error("a new trial goes on with the old one")
		}
	})
}

// A shop that sold and is silent for a day is told of, until the next order.
func TestASilentShopIsTold(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st).withShop()
		live := s.shop
		wall := moment.Of(time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC))
		s.shop = s.twin // its clock can be set
		c := s.connect()
		at := func(d moment.Time) {
			t.Helper()
			if err := s.office.SetClock(t.Context(), s.shop.ID, wall+d); err != nil {
				t.Fatal(err)
			}
		}
		silent := func(want bool) {
			t.Helper()
			q, err := s.feed.Quiet(t.Context(), s.shop.ID)
			if err != nil || (q != nil) != want {
				t.Errorf("silent: %v, want %v; %v", q != nil, want, err)
			}
		}
		at(0)
		silent(false)
		c.want(200, report("D1", bela))
		at(25 * moment.Hour)
		silent(false) // one day alone is no habit
		c.want(200, report("D2", bela))
		at(48 * moment.Hour)
		silent(false)
		at(49*moment.Hour + moment.Minute)
		silent(true)
		b := s.asOf(live, staff.Owner)
		b.get("/admin/test").wants(t, http.StatusOK, "No order has come since", "Look at what arrives")
		b.get("/admin/test/tracker").wants(t, http.StatusOK, "Silent", "No order has come since")
		c.want(200, report("D3", bela))
		silent(false)
		if g := b.get("/admin/test"); strings.Contains(g.body, "No order has come since") {
			t.Error("the dashboard goes on about a silence that has ended")
		}
	})
}
