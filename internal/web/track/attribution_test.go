package track_test

import (
	"slices"
	"strings"
	"testing"

	"cagnotte/internal/intake"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/people"
	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
)

// landed lets a browser come by Anna's link, with consent.
func (s *site) landed(visitor string) {
	s.t.Helper()
	s.tell(map[string]any{"type": "landing", "consent": true, "visitor": visitor, "code": s.code})
}

// thanked lets a browser see the page that thanks for an order.
func (s *site) thanked(visitor, ref, total string) {
	s.t.Helper()
	s.tell(map[string]any{"type": "order", "source": "ga4", "consent": true, "visitor": visitor, "ref": ref, "total": total, "currency": "EUR"})
}

func (s *site) wantAnna(points int64) {
	s.t.Helper()
	if got := s.points(s.anna); got != points {
		s.t.Errorf("Anna has %d points, want %d", got, points)
	}
}

// S1-29, S1-30: the browser is followed to the order, and becomes the person.
func TestTheServersReportTakesTheBrowserOver(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st, refer)
		s.landed(phone)
		s.at("2026-03-05")
		s.thanked(phone, "A1", "45")
		s.wantAnna(0) // a sighting gives nothing
		if got := s.seen()[0].Lacks(); !slices.Equal(got, []string{loyalty.LacksCode, loyalty.LacksServer}) {
			t.Errorf("before the report it lacks %v", got)
		}
		a := s.report(order{ref: "A1", email: "bela@example.com", amount: 4500})
		s.wantAnna(1000)
		if got := s.points(a.Member); got != 500 {
			t.Errorf("the friend has %d points", got)
		}
		if x := s.seen()[0]; x.Event != a.Event || len(x.Lacks()) > 0 {
			t.Errorf("taken over by %s, want %s; lacks %v", x.Event, a.Event, x.Lacks())
		}
		again := s.report(order{ref: "A1", email: "bela@example.com", amount: 4500})
		if again.Status != intake.Duplicate || again.Event != a.Event {
			t.Errorf("the same report again is %s %s", again.Status, again.Event)
		}
	})
}

// A browser that tells late changes nothing of a report that was recorded; the next report of
// the same order takes it over.
func TestALateSightingWaitsForTheNextReport(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st, refer)
		s.landed(phone)
		s.at("2026-03-05")
		first := s.report(order{ref: "A1", email: "bela@example.com", amount: 4500})
		s.thanked(phone, "A1", "45.00")
		again := s.report(order{ref: "A1", email: "bela@example.com", amount: 4500})
		if again.Status != intake.Duplicate || again.Event != first.Event {
			t.Errorf("the same report again is %s %s", again.Status, again.Event)
		}
		s.wantAnna(0)
		if got := s.seen()[0].Lacks(); !slices.Contains(got, loyalty.LacksServer) {
			t.Errorf("it lacks %v", got)
		}
		s.at("2026-03-08")
		s.report(order{ref: "A1", email: "bela@example.com", amount: 4500, kind: loyalty.OrderFulfilled})
		s.wantAnna(1000)
	})
}

// Whoever guesses the number of somebody's order does not come into it.
func TestASightingThatDoesNotFitIsNotTakenOver(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st, refer)
		thief := strings.Repeat("thief", 4)
		s.landed(phone)
		s.landed(thief)
		for name, tell := range map[string]func(ref string){
			"another amount": func(ref string) { s.thanked(thief, ref, "46.00") },
			"no amount":      func(ref string) { s.thanked(thief, ref, "") },
			"two browsers":   func(ref string) { s.thanked(thief, ref, "45.00"); s.thanked(phone, ref, "45.00") },
			"a currency": func(ref string) {
				s.tell(map[string]any{"type": "order", "consent": true, "visitor": thief, "ref": ref, "total": "45", "currency": "PLN"})
			},
			"another order": func(ref string) { s.thanked(thief, ref+"0", "45.00") },
			"a refund": func(ref string) {
				s.tell(map[string]any{"type": "refund", "consent": true, "visitor": thief, "ref": ref, "total": "45"})
			},
			"a month ago": func(ref string) {
				s.thanked(thief, ref, "45.00")
				s.at("2026-04-10")
				if err := s.referrals.SweepSightings(t.Context(), s.shop.ID); err != nil {
					t.Fatal(err)
				}
			},
		} {
			ref := strings.ReplaceAll(name, " ", "-")
			tell(ref)
			s.report(order{ref: ref, email: strings.ReplaceAll(name, " ", ".") + "@example.com", amount: 4500})
			if got := s.points(s.anna); got != 0 {
				t.Fatalf("%s: Anna has %d points", name, got)
			}
		}
	})
}

// Pages say what an order cost in several ways.
func TestAmountsAreUnderstoodWithAndWithoutTaxAndDelivery(t *testing.T) {
	s := open(t, storetest.Open(t, storetest.Config(t, "sqlite")), strings.Replace(refer, "first order", "each order", 1))
	for i, tt := range []struct {
		total string
		fits  bool
	}{{"45", true}, {"45.00000000001", true}, {"37.50", true}, {"49.90", true}, {"42.40", true}, {"45.01", false}, {"-45", false}, {"NaN", false}, {"1e400", false}, {"45,00", false}} {
		ref, visitor := "A"+string(rune('0'+i)), strings.Repeat("x", 16)+string(rune('a'+i))
		s.landed(visitor)
		s.thanked(visitor, ref, tt.total)
		f := &loyalty.Fact{
			Kind: loyalty.OrderPaid, Feed: "shop", ExternalID: ref, Via: "api", Origin: loyalty.FromLive,
			Member: loyalty.Who{Keys: []loyalty.Key{{Kind: loyalty.ByExternal, Key: ref}}},
			Order: &loyalty.Order{
				Series: "shop", Ref: ref, Currency: "EUR", Lines: []loyalty.Line{{SKU: "SOAP", Quantity: 1, Amount: 4500, Tax: 750}},
				Circumstances: loyalty.Circumstances{Delivery: 490},
			},
		}
		was := s.points(s.anna)
		if _, err := s.people.Record(t.Context(), s.shop.ID, f); err != nil {
			t.Fatal(err)
		}
		if fits := s.points(s.anna) > was; fits != tt.fits {
			t.Errorf("a page that says %s is believed: %v", tt.total, fits)
		}
	}
}

// P12: on day 8 the browser has forgotten everything.
func TestAttributionSurvivesAClearedBrowser(t *testing.T) {
	other := strings.Repeat("other", 4)
	for name, back := range map[string]func(s *site){
		"by the code that he types": func(s *site) {
			s.thanked(other, "A1", "45.00") // the browser has another name now
			s.report(order{ref: "A1", email: "bela@example.com", amount: 4500, code: s.code})
		},
		"by the address at which he was invited": func(s *site) {
			s.thanked(other, "A1", "45.00")
			s.report(order{ref: "A1", email: "bela@example.com", amount: 4500})
		},
		"by the code in the address of the same page, without a yes": func(s *site) {
			s.tell(map[string]any{"type": "order", "code": s.code, "ref": "A1", "total": "45.00"})
			s.report(order{ref: "A1", email: "bela@example.com", amount: 4500})
		},
	} {
		t.Run(name, func(t *testing.T) {
			storetest.Each(t, func(t *testing.T, st *store.Store) {
				s := open(t, st, refer)
				if strings.Contains(name, "invited") {
					s.invite("bela@example.com")
				}
				s.landed(phone)
				s.at("2026-03-09")
				back(s)
				s.wantAnna(1000)
			})
		})
	}
}

func (s *site) invite(email string) {
	s.t.Helper()
	who, person, err := s.people.Who(people.Naming{Email: email}, "member")
	if err != nil {
		s.t.Fatal(err)
	}
	f := &loyalty.Fact{
		Kind: loyalty.InvitationSent, Feed: "portal", ExternalID: "invite", Via: "portal", Origin: loyalty.FromLive, Member: who, Person: person,
		Referrer: loyalty.Who{ID: s.anna},
	}
	answers, err := s.people.Record(s.t.Context(), s.shop.ID, f)
	if err == nil {
		err = answers[0].Err
	}
	if err != nil {
		s.t.Fatal(err)
	}
}

// F3: who recommends himself, in his own browser, gets nothing.
func TestTheReferrersOwnBrowserIsSeen(t *testing.T) {
	const held = "program \"Friends\"\n  starts 2020-01-01\n  referral held from score 50\n" +
		"  refer friend 500 points, referrer 1000 points, on first order\n"
	for name, known := range map[string]func(s *site){
		"where he ordered before": func(s *site) {
			s.thanked(phone, "A0", "30.00")
			s.report(order{ref: "A0", email: "anna.nowak@example.com", amount: 3000})
		},
		"where he is signed in": func(s *site) {
			s.tell(map[string]any{"type": "identify", "consent": true, "visitor": phone, "token": s.token("anna")})
		},
	} {
		t.Run(name, func(t *testing.T) {
			storetest.Each(t, func(t *testing.T, st *store.Store) {
				s := open(t, st, held)
				known(s)
				s.landed(phone)
				s.at("2026-03-03")
				s.tell(map[string]any{"type": "order", "consent": true, "visitor": phone, "code": s.code, "ref": "A1", "total": "45"})
				a := s.report(order{ref: "A1", email: "second.account@example.com", amount: 4500})
				if a.Member == s.anna {
					t.Fatal("the second account is taken for Anna's first one")
				}
				s.wantAnna(0)
				if !slices.ContainsFunc(a.Lines, func(l loyalty.ReceiptLine) bool { return l.Outcome == loyalty.Held && l.Code == loyalty.SameDevice }) {
					t.Errorf("lines %+v", a.Lines)
				}
			})
		})
	}
}

// F3 again, where the shop's server names the browser: one that is a member's already makes
// nobody that member, and is a sign of its device.
func TestTheReferrersOwnBrowserIsSeenByTheServer(t *testing.T) {
	const held = "program \"Friends\"\n  starts 2020-01-01\n  referral held from score 50\n" +
		"  refer friend 500 points, referrer 1000 points, on first order\n"
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st, held)
		if a := s.report(order{ref: "A0", email: "anna.nowak@example.com", amount: 3000, visitor: phone}); a.Member != s.anna {
			t.Fatal("Anna is somebody else")
		}
		s.at("2026-03-03")
		o := order{ref: "A1", email: "second.account@example.com", amount: 4500, visitor: phone, code: s.code}
		a := s.report(o)
		if a.Member == s.anna {
			t.Fatal("the second account is taken for Anna's first one")
		}
		s.wantAnna(0)
		if !slices.ContainsFunc(a.Lines, func(l loyalty.ReceiptLine) bool { return l.Outcome == loyalty.Held && l.Code == loyalty.SameDevice }) {
			t.Errorf("lines %+v", a.Lines)
		}
		for range 2 { // the same reports again are the same ones
			if again := s.report(o); again.Status != intake.Duplicate || again.Event != a.Event {
				t.Errorf("the same report again is %s %s", again.Status, again.Event)
			}
			if again := s.report(order{ref: "A0", email: "anna.nowak@example.com", amount: 3000, visitor: phone}); again.Status != intake.Duplicate {
				t.Errorf("the first report again is %s", again.Status)
			}
		}
		thief := strings.Repeat("thief", 4)
		s.thanked(thief, "A4", "45.00")
		if a := s.report(order{ref: "A4", email: "third.account@example.com", amount: 4500, visitor: phone}); s.seen()[0].Event == a.Event {
			t.Error("a sighting of another browser is taken over, though the server named one")
		}
		if a := s.report(order{ref: "A2", email: "anna.nowak@example.com", amount: 100, visitor: phone}); a.Member != s.anna {
			t.Error("Anna's next order is somebody else's")
		}
		if a := s.report(order{ref: "A3", amount: 100, visitor: phone}); a.Member != s.anna {
			t.Error("an order of her browser alone is nobody's")
		}
	})
}

// F9: a code that comes in at the checkout does not push a link away.
func TestACodeTypedWithTheOrderDoesNotTakeAFriendAway(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st, refer)
		hijacker := s.enrol("coupons", "coupons@example.com")
		codes, err := s.people.Codes(t.Context(), s.shop.ID, hijacker)
		if err != nil {
			t.Fatal(err)
		}
		s.landed(phone)
		s.at("2026-03-03")
		s.thanked(phone, "A1", "45")
		a := s.report(order{ref: "A1", email: "bela@example.com", amount: 4500, code: codes[0]})
		s.wantAnna(1000)
		if got := s.points(hijacker); got != 0 {
			t.Errorf("who came in at the checkout has %d points", got)
		}
		if !slices.ContainsFunc(a.Lines, func(l loyalty.ReceiptLine) bool { return l.Code == loyalty.NoteTyped }) {
			t.Errorf("nothing says that a code was typed with the order: %+v", a.Lines)
		}
	})
}

// A browser that is a member's already makes nobody that member.
func TestAFamilysBrowserDoesNotMixItsMembers(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st, refer)
		s.thanked(phone, "A0", "30.00")
		s.report(order{ref: "A0", email: "anna.nowak@example.com", amount: 3000})
		s.thanked(phone, "A1", "45.00")
		if a := s.report(order{ref: "A1", email: "bela@example.com", amount: 4500}); a.Member == s.anna {
			t.Error("Bela's order is Anna's")
		}
	})
}
