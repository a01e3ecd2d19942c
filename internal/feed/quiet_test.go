package feed_test

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"cagnotte/internal/feed"
	"cagnotte/internal/intake"
	"cagnotte/internal/locale"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/message/local"
	"cagnotte/internal/moment"
	"cagnotte/internal/office"
	"cagnotte/internal/outreach"
	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
)

// stage is a live shop with a clock that the test moves.
type stage struct {
	t    *testing.T
	st   *store.Store
	in   *intake.Intake
	feed *feed.Feed
	out  *outreach.Outreach
	shop *loyalty.Shop
	now  moment.Time
}

func open(t *testing.T, engine string) *stage {
	t.Helper()
	x := &stage{t: t, now: moment.Of(time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC))}
	c := storetest.Config(t, engine)
	x.st = storetest.Open(t, c)
	x.st.Clock = func() moment.Time { return x.now }
	box := storetest.Box(t)
	x.in = intake.New(x.st, box, slog.New(slog.DiscardHandler), intake.Options{})
	t.Cleanup(x.in.Close)
	words, err := locale.New()
	if err != nil {
		t.Fatal(err)
	}
	x.feed = feed.New(x.st, x.in, slog.New(slog.DiscardHandler))
	x.out = outreach.New(x.st, x.in, box, words, slog.New(slog.DiscardHandler), outreach.Options{Kept: local.Outbox{}})
	made, err := office.New(x.st, x.in).CreateShop(t.Context(), "Maison Lavande", "EUR", "Europe/Paris")
	if err != nil {
		t.Fatal(err)
	}
	x.shop = made.Live
	return x
}

func (x *stage) order(ref string) {
	x.t.Helper()
	answers, err := x.in.Record(x.t.Context(), x.shop.ID, &loyalty.Fact{
		Kind: loyalty.OrderPaid, Feed: "web", ExternalID: ref, Via: "api", Origin: loyalty.FromLive, OccurredAt: x.now,
		Order: &loyalty.Order{Series: "web", Ref: ref, Currency: "EUR", Lines: []loyalty.Line{{SKU: "SOAP", Quantity: 1, Amount: 4500}}},
	})
	if err == nil {
		err = answers[0].Err
	}
	if err != nil {
		x.t.Fatal(err)
	}
}

// S1-38: a silence is written about once to each owner, whenever it is looked at, and ends with
// the next order; the one after that is another.
func TestASilenceIsWrittenAboutOnce(t *testing.T) {
	for _, engine := range []string{"sqlite", "postgres"} {
		t.Run(engine, func(t *testing.T) {
			x := open(t, engine)
			alarm := &feed.Alarm{Feed: x.feed, Shops: x.st.Shops, Tell: func(ctx context.Context, s *loyalty.Shop, q feed.Quiet) error {
				for _, owner := range []string{"zoe", "ines"} {
					err := x.out.TellSilence(ctx, s, outreach.Silence{Owner: owner, Name: owner, Email: owner + "@example.com", Locale: "en", Since: q.Since, Link: "https://lavande.example/admin/tracker"})
					if err != nil {
						return err
					}
				}
				return nil
			}}
			letters := func(want int) {
				t.Helper()
				if err := alarm.Look(t.Context()); err != nil {
					t.Fatal(err)
				}
				list, err := x.out.Outbox(t.Context(), x.shop.ID, 100)
				if err != nil || len(list) != want {
					t.Errorf("at %s: %d letters, want %d; %v", x.now, len(list), want, err)
				}
			}
			letters(0) // nothing has ever been sold
			for day := range 3 {
				x.order(fmt.Sprint("D", day))
				letters(0)
				x.now += moment.Day - moment.Hour
			}
			letters(0) // 23 hours
			x.now += moment.Hour - 1
			letters(0)
			x.now++
			letters(2) // 24 hours
			x.now += moment.Hour
			letters(2)
			x.now += 3 * moment.Day
			letters(2)
			x.order("again")
			if q, err := x.feed.Quiet(t.Context(), x.shop.ID); err != nil || q != nil {
				t.Errorf("it is silent after an order: %v %v", q, err)
			}
			x.now += 2 * moment.Day
			letters(2) // the order stood alone: that is no habit
			x.order("E1")
			x.now += moment.Day - moment.Minute
			x.order("E2")
			x.now += moment.Day - moment.Minute
			x.order("E3")
			x.now += moment.Day + moment.Minute
			letters(4)
			x.now += 8 * moment.Day
			letters(4) // nobody is told of an old silence when the letters of it are forgotten
			list, err := x.out.Outbox(t.Context(), x.shop.ID, 1)
			if err != nil || !strings.Contains(list[0].Subject, "No order has come to Maison Lavande since") {
				t.Errorf("%+v %v", list[0].Message, err)
			}
		})
	}
}

// The notes of a shop are bounded, whatever is sent: sixty of each kind, and nothing that looks
// like somebody's address.
func TestNotesAreBoundedAndNameNobody(t *testing.T) {
	for _, engine := range []string{"sqlite", "postgres"} {
		t.Run(engine, func(t *testing.T) {
			x := open(t, engine)
			conflict := loyalty.Conflict("id", "event_conflict")
			for i := range 200 {
				x.feed.Call(x.shop.ID, "POST /v1/orders", conflict, fmt.Sprint("A-", i))
				x.now += moment.Second
				if err := x.feed.Flush(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
			for _, ref := range []string{"zoe1@example.com", "Zoé Nowak", strings.Repeat("1", 200), "<b>1</b>"} {
				x.feed.Call(x.shop.ID, "POST /v1/orders", conflict, ref)
			}
			x.now += moment.Second
			r, err := x.feed.Report(t.Context(), x.shop.ID)
			if err != nil {
				t.Fatal(err)
			}
			if len(r.Faults) != 60 || r.Faults[0].Ref != "" || r.Faults[0].Times != 4 || r.Faults[1].Ref != "A-199" {
				t.Errorf("%d faults, the newest %+v, %+v", len(r.Faults), r.Faults[0], r.Faults[1])
			}
			x.now += 31 * moment.Day
			if err := x.feed.Sweep(t.Context(), x.shop.ID); err != nil {
				t.Fatal(err)
			}
			x.now -= 31 * moment.Day
			if r, err = x.feed.Report(t.Context(), x.shop.ID); err != nil || len(r.Faults) != 0 {
				t.Errorf("after a month: %d faults, %v", len(r.Faults), err)
			}
		})
	}
}
