package locale

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"cagnotte/internal/loyalty"
	"cagnotte/internal/rules"
	"cagnotte/internal/rules/rulestest"
)

func paris(t interface{ Fatal(...any) }) *time.Location {
	zone, err := time.LoadLocation("Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

// programs that the golden file sums up: one of each kind that shops run.
var programs = []string{`program "Points de printemps"
  starts 2026-03-01
  ends 2026-05-31
  earn 1 point per 1.00 EUR, except category giftcards, valid 12 months
  welcome: earn 100 points on sign-up
  exchange 500 points for cash voucher of 5.00 EUR, valid 60 days, when asked
`, `program "Parrainage"
  referral window 30 days
  referral expires after 180 days
  referral held from score 80
  at most 10 rewards per month
  refer friend 500 points, referrer 10.00 EUR, on first order, from 20.00 EUR, after 14 days
`, `program "Carte café"
  stamp 1 per item of COFFEE "ICED COFFEE", at most 3 stamps per day
  exchange 10 stamps for product voucher of 1 COFFEE, valid 60 days
`, `program "Happy hour"
  earn 5 points per item of category teas, weekdays mon tue wed thu fri, hours 17:00 to 19:00, at site lyon paris
  double: multiply points by 2, weekdays sat sun, in channel web
`, `program "Zakupy"
  starts 2026-03-01T09:00
  ends 2026-12-31T18:30
  cashback: earn 2.5 % in EUR, before tax
`, `program "Filleuls"
  referral last touch
  referral of buyers too
  referral of members too
  refer referrer 1 referral, on validated referral
  three: earn gift "Sac en toile" on reaching 3 referrals
  ten: earn choice of gift "Mug" by hand or 2000 points or cash voucher of 20.00 EUR, on reaching 10 referrals
`, `program "Fidélité"
  sum: earn 10.00 EUR on orders of 200.00 EUR together, before discounts, with delivery
  items: earn 300 points on orders of 12 items together, of brand=Acme
  fifth: earn category voucher of 1 teas at 50 % on every 5 orders, from basket of 30.00 EUR, from 2 items
  third: earn product voucher of 2 MUG on order 3
`, `program "Anniversaire"
  birthday: earn special voucher of 10 %, on birthday, valid 30 days, for group gold
  news: earn 50 points on newsletter, once, at most 1 reward ever
  survey: earn 20 points on event "survey filled in", every 3 times, where plan=gold, for segment new
`, `program "Budget"
  budget 1000 uses per month
  code: earn cash voucher of 15 % with code SPRING5, budget 500.00 EUR, worth 5.00 EUR, exclusive
  best: earn 3 points per 2.50 EUR, round nearest to 5, exclusive in promo, priority 5, last, budget 25 uses per day
`, `program "Inscription"
  refer friend cash voucher of 5.00 EUR, referrer choice of 300 points or gift "Mug", on sign-up, within 14 days, by a buyer
`, `program "Liste d’envies"
  share: earn 1 point on link click, at most 5 points per day
  step: earn 10 points on step "profile complete", once
  placed: earn 20 points on each placed order, between 2026-03-01 and 2026-03-31, returns absorbed
  first: earn 100 points on very first fulfilled order, valid until the end of the year
`, `program "Points à points"
  earn 10 points per 3.00 EUR, with rewards, without gift cards, valid until 2026-12-31
  swap: exchange 100 points for 1.00 EUR, at most 2 rewards per month
`, `program "Amis des amis"
  refer friend 200 points, on each order, at most 3 rewards ever, valid until the end of the quarter
  joined: refer referrer gift "Carnet", on newsletter
  many: refer referrer 5.00 EUR on orders of 150.00 EUR together
`}

func parsed(t interface{ Fatal(...any) }, text string) (*rules.Document, rules.Setting) {
	s := rules.Setting{Currency: "EUR", Decimals: 2, Zone: paris(t)}
	list, err := rules.ParseFile(text, s)
	if err != nil {
		t.Fatal(fmt.Sprintf("%s: %v", text, err))
	}
	return list[0], s
}

func TestSummariesReadAsInTheGoldenFile(t *testing.T) {
	t.Parallel()
	c, err := New()
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, text := range programs {
		d, s := parsed(t, text)
		b.WriteString(text)
		for _, tag := range []string{"fr", "pl", "en"} {
			fmt.Fprintf(&b, "\n  -- %s\n", tag)
			for _, paragraph := range c.Printer(tag, paris(t)).Summary(rules.Summary(d, s)) {
				b.WriteString("  " + paragraph + "\n")
			}
		}
		b.WriteString("\n")
	}
	golden(t, "testdata/summaries.golden", b.String())
}

// changes are pairs of versions that the golden file of differences sets side by side.
var changes = []struct{ about, was, is string }{
	{"a season, its terms and its rules", `program "Printemps"
  ends 2026-05-31
  referral held from score 80
  earn 1 point per 1.00 EUR, valid 12 months
  welcome: earn 100 points on sign-up
  refer friend 500 points, referrer 10.00 EUR, on first order, from 20.00 EUR, after 14 days
`, `program "Été"
  ends 2026-08-31
  referral held from score 100
  at most 10 rewards per month
  refer friend 500 points, referrer 12.00 EUR, on first order, after 14 days, at most 5 rewards per month
  earn 1 point per 1.00 EUR, valid until the end of the year
  birthday: earn 50 points on birthday
`},
	{"a referral, how friends find their referrer", `program "Parrainage"
  referral window 30 days
  referral expires after 180 days
  refer friend 5.00 EUR, referrer 10.00 EUR, on first order, from 20.00 EUR, after 14 days, at most 10 rewards per month
`, `program "Parrainage"
  referral window 60 days
  referral last touch
  referral held from score 50
  refer friend 5.00 EUR, referrer 10.00 EUR, on each order, within 30 days, after 30 days, at most 10 rewards per month, by a buyer
`},
	{"a stamp card", `program "Carte café"
  stamp 1 per item, of category coffee, at most 3 stamps per day
  exchange 10 stamps for category voucher of 1 coffee, valid 60 days
`, `program "Carte café"
  stamp 1 per item, of category coffee tea, except DECAF, weekdays mon tue
  exchange 12 stamps for category voucher of 2 coffee at 50 %, valid 2 months, when asked
`},
	{"budgets in uses and in money", `program "Budget"
  budget 1000 uses per month
  budget 500.00 EUR per month
  code: earn cash voucher of 15 % with code SPRING5, budget 50 uses, worth 5.00 EUR, exclusive
`, `program "Budget"
  budget 1000 uses per month
  budget 800.00 EUR per month
  code: earn cash voucher of 20 % with code SPRING5 SUN, budget 50 uses, budget 400.00 EUR, worth 8.00 EUR, exclusive in promo, priority 5, last
`},
	{"the same, written otherwise", `program "Points"
  earn 2.5 % in EUR, on every 1 orders, round nearest
  three: earn gift "Mug" on reaching 3 referrals
`, `program "Points"
  earn 2.5 % in EUR
  three: earn gift "Mug" on reaching 3 referrals, once
`},
	{"rules in another order, and what counts", `program "Points"
  earn 3 points per 2.50 EUR, round nearest to 5, in channel web, returns absorbed
  double: multiply points by 2, for group gold
`, `program "Points"
  double: multiply points by 1.5, for group gold silver, for segment vip
  earn 3 points per 2.50 EUR, round up, in channel web app, at site lyon, before tax, with delivery, hours 17:00 to 19:00
`},
	{"a program that is new", "", `program "Bienvenue"
  starts 2026-09-01
  welcome: earn 100 points on sign-up, valid 3 months
  first: earn choice of gift "Tote bag" by hand or 300 points, on very first order, from 30.00 EUR
`},
	{"nothing", `program "Points" earn 1 point per 1.00 EUR
`, `program "Points" earn 1 point per 1.00 EUR
`},
}

func TestDifferencesReadAsInTheGoldenFile(t *testing.T) {
	t.Parallel()
	c, err := New()
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, x := range changes {
		is, s := parsed(t, x.is)
		var was *rules.Document
		if x.was != "" {
			was, _ = parsed(t, x.was)
		}
		b.WriteString("# " + x.about + "\n" + x.was + "  becomes\n" + x.is)
		for _, tag := range []string{"fr", "pl", "en"} {
			for _, line := range c.Printer(tag, paris(t)).Difference(rules.Difference(was, is, s)) {
				b.WriteString(tag + "  " + line + "\n")
			}
		}
		b.WriteString("\n")
	}
	golden(t, "testdata/differences.golden", b.String())
}

// Every program that can be written has a summary in every language, and every change of
// it can be said: no key without words, no figure left open.
func TestEverySummaryHasWords(t *testing.T) {
	t.Parallel()
	all := printers(t)
	rapid.Check(t, func(t *rapid.T) {
		d, s := parsed(t, rulestest.Program(t))
		other, _ := parsed(t, rulestest.Program(t))
		for _, p := range all {
			p = p.For(&loyalty.Shop{Currency: "EUR", Zone: s.Zone})
			list := append(p.Summary(rules.Summary(d, s)), p.Difference(rules.Difference(d, other, s))...)
			for _, x := range list {
				if x == "" || wordless.MatchString(unquoted.Replace(x)) || strings.Contains(x, "summary.") {
					t.Fatalf("%s: %s\nreads %q", p.tag, d.Text(s), x)
				}
			}
		}
	})
}

// unquoted takes away what the drawn programs call things.
var unquoted = strings.NewReplacer("Spring, & # 1 more", "")

func TestSummariesKnowTheDecimalsOfPoints(t *testing.T) {
	t.Parallel()
	s := rules.Setting{Currency: "EUR", Decimals: 2, PointDecimals: 2, Zone: paris(t)}
	list, err := rules.ParseFile(`program "A" earn 1.00 point per 1.00 EUR`+"\n  earn 0.01 points per 0.10 EUR, at most 12.50 points per day", s)
	if err != nil {
		t.Fatal(err)
	}
	p := printer(t, "fr").For(&loyalty.Shop{Currency: "EUR", PointDecimals: 2, Zone: s.Zone})
	got := p.Summary(rules.Summary(list[0], s))
	for i, want := range map[int]string{
		1: "le membre reçoit 1 point pour 1,00\u00a0€ d’achats, en proportion.",
		2: "le membre reçoit 0,01 point par tranche complète de 0,10\u00a0€.",
	} {
		if !strings.Contains(got[i], want) {
			t.Errorf("rule %d reads %q", i, got[i])
		}
	}
	if want := "au plus 12,5 points par jour"; !strings.Contains(got[2], want) {
		t.Errorf("the cap reads %q", got[2])
	}
}
