package insight

import (
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"syscall"
	"testing"
	"time"

	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/rules"
	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
)

// benchProgram has points with an end, a card that exchanges itself and a first-order
// bonus. Its first line comes before it, with a budget or without: with one, all members
// are judged in the order of time.
const benchProgram = `  starts 2025-01-01
  earn 1 point per 1.00 EUR, after 14 days, valid 12 months, worth 0.01 EUR
  card: stamp 1 per item, of category coffee, at most 20 stamps per month
  full: exchange 10 stamps for cash voucher of 3.00 EUR, valid 60 days
  first: earn 5.00 EUR on first order, from 30.00 EUR
`

// BenchmarkBacktest tries a program over a generated history of 500,000 orders
// (CAGNOTTE_ORDERS says another number), a twelfth of which come back in part, by 150,000
// members in two years. It reports wall time and the CPU of this process, the reading of
// the database included.
func BenchmarkBacktest(b *testing.B) {
	orders := 500_000
	if n, err := strconv.Atoi(os.Getenv("CAGNOTTE_ORDERS")); err == nil {
		orders = n
	}
	for _, engine := range []string{"sqlite", "postgres"} {
		b.Run(engine, func(b *testing.B) {
			st := storetest.Open(b, storetest.Config(b, engine))
			s := shop(b, st, "s", "EUR", "Europe/Paris", 0, nil, 0, 0)
			const copies = 100
			generate(b, st, s, orders/copies)
			storetest.Multiply(b, st, s.ID, copies-1)
			for _, mode := range []struct{ name, more string }{{"apart", ""}, {"budget", "  budget 100000.00 EUR\n"}} {
				b.Run(mode.name, func(b *testing.B) {
					docs, err := rules.ParseFile("program \"Everything\"\n"+mode.more+benchProgram, rules.SettingOf(s))
					if err != nil {
						b.Fatal(err)
					}
					before := cpu(b)
					for b.Loop() {
						r, err := New(st).Backtest(b.Context(), s.ID, Question{Programs: docs})
						if err != nil || r.Orders < int64(orders)*9/10 || r.Cost == 0 {
							b.Fatal(err, r)
						}
					}
					b.ReportMetric(float64(orders)/b.Elapsed().Seconds()*float64(b.N), "orders/s")
					b.ReportMetric((cpu(b)-before).Seconds()/float64(b.N), "cpu-s/op")
				})
			}
		})
	}
}

// BenchmarkDashboard counts the three periods of a shop of more than 200,000 orders in two years, three
// quarters of whose members were sent by somebody, as if it had never been counted before.
func BenchmarkDashboard(b *testing.B) {
	for _, engine := range []string{"sqlite", "postgres"} {
		b.Run(engine, func(b *testing.B) {
			st := storetest.Open(b, storetest.Config(b, engine))
			w := draw(rand.New(rand.NewPCG(1, 2)), storetest.Zone(b, "Europe/Paris"), 700, 3_000)
			s := shop(b, st, "s", "EUR", "Europe/Paris", w.now, parsed(b, boardPrograms), w.now-800*moment.Day, w.now)
			w.record(b, st, door(b, st), s)
			storetest.Multiply(b, st, s.ID, benchOrders/len(w.orders))
			if n := storetest.Rows(b, st, s.ID)["orders"]; n < benchOrders {
				b.Fatal(n, "orders")
			}
			for _, period := range Periods {
				b.Run(period, func(b *testing.B) {
					in := New(st)
					for b.Loop() {
						d, err := in.Dashboard(b.Context(), s.ID, period)
						if err != nil || d.Orders.Now == 0 {
							b.Fatal(err, d)
						}
					}
				})
			}
		})
	}
}

// cpu is the user and system time of this process.
func cpu(b *testing.B) time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// generate records a history of so many orders.
func generate(b *testing.B, st *store.Store, s *loyalty.Shop, orders int) {
	in, rng := door(b, st), rand.New(rand.NewPCG(1, 2))
	start := moment.Of(time.Date(2024, 11, 1, 9, 0, 0, 0, time.UTC))
	step := moment.Time(int64(700*moment.Day) / int64(orders))
	var facts []*loyalty.Fact
	for i := range orders {
		at := start + moment.Time(i)*step
		who := loyalty.Who{Keys: []loyalty.Key{{Kind: loyalty.ByNumber, Key: fmt.Sprint(100_000 + rng.IntN(orders*3/10))}}}
		f := &loyalty.Fact{
			Feed: "shop", ExternalID: fmt.Sprint(i), Via: "import", Origin: loyalty.FromImport, Kind: loyalty.OrderPaid, OccurredAt: at, Member: who,
			Order: &loyalty.Order{Series: "shop", Ref: fmt.Sprint(i), Currency: "EUR"},
		}
		for range 1 + rng.IntN(4) {
			f.Order.Lines = append(f.Order.Lines, loyalty.Line{
				SKU: fmt.Sprint("A", rng.IntN(500)), Category: []string{"coffee", "tea", "cups"}[rng.IntN(3)], Quantity: 1 + int64(rng.IntN(3)),
				Amount: 200 + int64(rng.IntN(4_000)),
			})
		}
		facts = append(facts, f)
		if i%12 == 0 {
			back := f.Order.Lines[0]
			facts = append(facts, &loyalty.Fact{
				Feed: "shop", ExternalID: fmt.Sprint("R", i), Via: "import", Origin: loyalty.FromImport, Kind: loyalty.Refunded,
				OccurredAt: at + 5*moment.Day, Member: who,
				Refund: &loyalty.Refund{Series: "shop", Ref: fmt.Sprint(i), Lines: []loyalty.RefundLine{{SKU: back.SKU, Quantity: back.Quantity, Amount: back.Amount}}},
			})
		}
	}
	inOrder(facts)
	for i := 0; i < len(facts); i += 2_000 {
		answers, err := in.Record(b.Context(), s.ID, facts[i:min(i+2_000, len(facts))]...)
		if err != nil {
			b.Fatal(err)
		}
		for _, a := range answers {
			if a.Err != nil {
				b.Fatal(a.Err)
			}
		}
	}
}

const benchOrders = 200_000
