package intake_test

import (
	"log/slog"
	"strings"
	"testing"
	"time"

	"cagnotte/internal/intake"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
)

const firstLight = `program "Points"
  earn 1 point per 1.00 EUR
  refer friend 500 points, referrer 1000 points, on first order, from 20.00 EUR
program "Coffee"
  stamp 1 per item, of article COFFEE
  exchange 3 stamps for product voucher of COFFEE
`

func who(number string) loyalty.Who {
	return loyalty.Who{Keys: []loyalty.Key{{Kind: loyalty.ByNumber, Key: number}}}
}

func fact(kind, ext, member string, at moment.Time) *loyalty.Fact {
	return &loyalty.Fact{
		Kind: kind, Feed: "web", ExternalID: ext, Via: "api", Origin: loyalty.FromLive, OccurredAt: at, Member: who(member),
	}
}

func paid(ext, member string, at moment.Time, lines ...loyalty.Line) *loyalty.Fact {
	f := fact(loyalty.OrderPaid, ext, member, at)
	f.Order = &loyalty.Order{Series: "web", Ref: ext, Currency: "EUR", Lines: lines}
	return f
}

func summary(a intake.Answer) string {
	var b strings.Builder
	b.WriteString(a.Status)
	if a.Err != nil {
		b.WriteString(a.Err.Error())
	}
	for _, l := range a.Lines {
		if l.Rule == "" {
			continue
		}
		b.WriteString("; " + l.Rule + " " + l.Outcome + " " + string(l.Part) + " " + string(l.Code))
		if l.Amount != 0 {
			b.WriteString(" " + time.Duration(l.Amount).String())
		}
	}
	return b.String()
}

func TestOneOrderGoesAllTheWay(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := storetest.Shop(t, st, firstLight)
		in := intake.New(st, storetest.Box(t), slog.New(slog.DiscardHandler), intake.Options{})
		defer in.Close()
		at := st.Clock() - 10*moment.Day
		join := fact(loyalty.MemberJoined, "j1", "anna", at)
		friend := fact(loyalty.MemberJoined, "j2", "bela", at+1)
		friend.Referrer = who("anna")
		order := paid("1001", "bela", at+2, loyalty.Line{SKU: "COFFEE", Quantity: 4, Amount: 4550})
		back := fact(loyalty.Refunded, "r1", "bela", at+3)
		back.Refund = &loyalty.Refund{Series: "web", Ref: "1001"}
		for _, step := range []struct {
			fact *loyalty.Fact
			want string
		}{
			{join, "recorded"},
			{friend, "recorded; bond noted friend "},
			{order, "recorded; earn given member  45ns; refer given friend  500ns; refer given referrer  1µs; stamp given member  4ns; exchange exchanged member  3ns"},
			{back, "recorded; earn taken_back member ORDER_RETURNED 45ns; refer taken_back friend ORDER_RETURNED 500ns; refer taken_back referrer ORDER_RETURNED 1µs; exchange undone member ORDER_RETURNED 3ns; stamp taken_back member ORDER_RETURNED 4ns"},
		} {
			got, err := in.Record(t.Context(), s.ID, step.fact)
			if err != nil {
				t.Fatal(err)
			}
			if g := summary(got[0]); g != step.want {
				t.Errorf("%s: %s\nwant %s", step.fact.ExternalID, g, step.want)
			}
		}
	})
}
