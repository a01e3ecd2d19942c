package insight

import (
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"cagnotte/internal/intake"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/rules"
	"cagnotte/internal/rules/rulestest"
	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
)

// tight are programs in which members compete, wait, exchange and lose; drawn programs do
// it more rarely.
var tight = []string{`
program "Race"
  budget 40.00 EUR per month
  earn 10 % in EUR, after 3 days, at most 6.00 EUR per month
  big: earn cash voucher of 5.00 EUR, from 30.00 EUR, budget 3 uses
`, `
program "Late race"
  earn 2 points per 1.00 EUR, after 9 days, valid 20 days
  swap: exchange 60 points for cash voucher of 3.00 EUR, budget 4 uses, valid 10 days
  goal: earn 5.00 EUR on reaching 100 points, budget 2 uses
`, `
program "Card"
  stamp 1 per item of MUG, returns absorbed
  full: exchange 3 stamps for 40 points
  cash: exchange 70 points for cash voucher of 2.00 EUR
  every: earn gift Mug on every 2 orders, after 2 days
`, `
program "Sums"
  sum: earn cash voucher of 5.00 EUR on orders of 60.00 EUR together, at most 2 rewards ever
  items: earn 1.00 EUR on orders of 4 items together, of MUG
  birthday: earn 2.00 EUR on birthday, budget 1 uses per year
  joins: earn choice of gift Mug or 50 points on sign-up, after 4 days
  multiply points by 3, for group gold
  earn 1 point per 1.00 EUR, round up, for segment vip
`}

var march = moment.Of(time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC))

// history draws what four members and a guest did in some weeks, as facts without origin.
func history(t *rapid.T) []loyalty.Fact {
	var out []loyalty.Fact
	at := march
	one := func(of ...string) string { return rapid.SampledFrom(of).Draw(t, "one") }
	n := func(least, most int) int64 { return int64(rapid.IntRange(least, most).Draw(t, "n")) }
	born, known := map[string]bool{}, map[string]moment.Time{}
	for i := range 12 + n(0, 40) {
		at += moment.Time(n(0, 60)) * moment.Hour
		if n(0, 4) > 0 { // else at the same instant as another one's
			at += moment.Time(n(1, 59)) * moment.Minute
		}
		who := one("anna", "bela", "carl", "dora")
		f := loyalty.Fact{
			Feed: one("web", "till:1"), ExternalID: fmt.Sprint("f", i), Via: "import", OccurredAt: at,
			Member: loyalty.Who{Keys: []loyalty.Key{{Kind: loyalty.ByNumber, Key: who}}},
		}
		ref := who + one("1", "2", "3", "4", "5", "6")
		switch kind := n(0, 15); kind {
		case 0:
			f.Kind, f.Happening = loyalty.MemberJoined, &loyalty.Happening{Channel: one("web", "app"), Site: one("lyon", "")}
		case 1:
			if born[who] {
				continue
			}
			f.Kind, f.Birthday = loyalty.MemberUpdated, map[string]string{"anna": "03-04", "bela": "03-11", "carl": "03-17", "dora": "03-23"}[who]
		case 2:
			f.Kind, f.Staff = loyalty.StaffGroup, &loyalty.Staff{Actor: "x", Group: one("gold", "")}
		case 3:
			f.Kind, f.Staff = loyalty.StaffTag, &loyalty.Staff{Actor: "x", Add: []string{one("vip", "new")}}
		case 4:
			f.Kind, f.Happening = one(loyalty.PortalActivated, loyalty.NewsletterJoined), nil
		case 5:
			f.Kind = loyalty.CustomEvent
			f.Happening = &loyalty.Happening{Name: one("filled in", "signed up"), Attributes: map[string]string{"plan": "gold", "size": one("L", "M")}}
		case 6, 7:
			f.Kind, f.Refund = loyalty.Refunded, &loyalty.Refund{Series: "web", Ref: ref}
			switch n(0, 2) {
			case 0:
				f.Refund.Amount = n(1, 60_00)
			case 1:
				f.Refund.Lines = []loyalty.RefundLine{{SKU: "MUG", Quantity: n(1, 3)}}
			}
		case 8:
			f.Kind, f.Refund = loyalty.Refunded, &loyalty.Refund{Lines: []loyalty.RefundLine{{SKU: one("MUG", "TEA"), Quantity: n(1, 3), Amount: n(1, 40_00)}}}
		default:
			f.Kind = loyalty.OrderPaid
			if kind == 9 {
				f.Kind = one(loyalty.OrderPlaced, loyalty.OrderFulfilled, loyalty.OrderCancelled)
			}
			f.Order = &loyalty.Order{Series: "web", Ref: ref, Currency: "EUR"}
			f.Order.Channel, f.Order.Site = one("web", "app", ""), one("lyon", "")
			if n(0, 3) == 0 {
				f.Order.Codes = []string{"SPRING5"}
			}
			if n(0, 3) == 0 {
				f.Order.Delivery, f.Order.GiftCards = n(0, 9_00), n(0, 9_00)
			}
			for range n(1, 3) {
				amount := rapid.SampledFrom([]int64{0, 1_00, 9_99, 20_00, 31_50, 45_00, 80_00, 240_00}).Draw(t, "amount")
				f.Order.Lines = append(f.Order.Lines, loyalty.Line{
					SKU: one("MUG", "TEA", "MUG", "HEART"), Category: one("teas", "sale", "hot drinks"), Quantity: n(1, 4), Amount: amount, Tax: amount / 6,
					Discount: n(0, 5_00), Attributes: map[string]string{"brand": one("Acme", "Other")},
				})
			}
			if n(0, 9) == 0 { // a guest
				f.Member, f.Order.Ref = loyalty.Who{}, "guest"+fmt.Sprint(i)
			}
		}
		switch f.Kind {
		case loyalty.MemberUpdated, loyalty.StaffGroup, loyalty.StaffTag, loyalty.PortalActivated:
			if known[who] == 0 || known[who] == at {
				continue // of nobody yet: it would be refused
			}
		default:
			if known[who] == 0 && f.Member.Named() {
				known[who] = at
			}
		}
		born[who] = born[who] || f.Birthday != ""
		out = append(out, f)
	}
	return out
}

// recorded records facts under an origin, as an import does: sorted, and what became due
// at the end.
func recorded(t *rapid.T, in *intake.Intake, s *loyalty.Shop, facts []loyalty.Fact, origin string) {
	ctx := t.Context()
	list := make([]*loyalty.Fact, len(facts))
	for i := range facts {
		f := facts[i]
		f.Origin, f.FoldAt = origin, f.OccurredAt
		list[i] = &f
	}
	inOrder(list)
	if len(list) == 0 {
		return
	}
	answers, err := in.Record(ctx, s.ID, list...)
	if err == nil && origin == loyalty.FromLive {
		_, err = in.Due(ctx, s.ID, in.Now(s))
	}
	for _, a := range answers {
		err = errors.Join(err, a.Err)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// Drawn programs over drawn histories: a backtest says what happens when the same facts
// are recorded to be judged.
func TestDrawnProgramsGiveWhatTheyGiveWhenRecorded(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		in := door(t, st)
		var shops, rows, competed atomic.Int64
		zone := storetest.Zone(t, "Europe/Paris")
		set := rules.Setting{Currency: "EUR", Decimals: 2, Zone: zone}
		rapid.Check(t, func(rt *rapid.T) {
			text := rapid.SampledFrom(tight).Draw(rt, "tight")
			if rapid.Bool().Draw(rt, "drawn") {
				text = rulestest.Program(rt)
				if second := rulestest.Program(rt); rapid.Bool().Draw(rt, "two") {
					_, rest, _ := strings.Cut(second, "\n")
					text += "program \"Second\"\n" + rest
				}
			}
			docs, err := rules.ParseFile(text, set)
			if err != nil {
				rt.Fatal(err)
			}
			facts := history(rt)
			if len(facts) == 0 {
				return
			}
			first, last := facts[0].OccurredAt, facts[len(facts)-1].OccurredAt
			n := shops.Add(1)
			past := shop(t, st, fmt.Sprint("past", n), "EUR", "Europe/Paris", last, nil, 0, 0)
			recorded(rt, in, past, facts, loyalty.FromImport)
			report, got, err := tried(t, st, past, Question{Programs: docs})
			if err != nil {
				rt.Fatalf("%v\n%s", err, text)
			}
			fresh := shop(t, st, fmt.Sprint("fresh", n), "EUR", "Europe/Paris", last, docs, first, last)
			recorded(rt, in, fresh, facts, loyalty.FromLive)
			want := booked(t, st, fresh, last)
			if diff := same(got, want); diff != "" {
				rt.Fatalf("%s\n%s\n%+v", text, diff, facts)
			}
			rows.Add(int64(len(want)))
			for _, c := range report.Refused {
				if c.What == string(loyalty.BudgetExhausted) {
					competed.Add(c.N)
				}
			}
			sound(t, text, report)
		})
		t.Logf("%d shops, %d rows, %d rewards for which a budget was used up", shops.Load(), rows.Load(), competed.Load())
		if rows.Load() < 4*shops.Load() || competed.Load() == 0 {
			t.Errorf("%d drawn histories came to %d rows, and %d refusals for a budget: they prove little", shops.Load(), rows.Load(), competed.Load())
		}
	})
}
