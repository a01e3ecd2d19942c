package intake_test

import (
	"fmt"
	"log/slog"
	"runtime"
	"sync/atomic"
	"testing"

	"cagnotte/internal/intake"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/store/storetest"
)

// BenchmarkRecord measures the door alone, without HTTP: referred orders of many members,
// 256 callers.
func BenchmarkRecord(b *testing.B) {
	for _, engine := range []string{"sqlite", "postgres"} {
		b.Run(engine, func(b *testing.B) {
			st := storetest.Open(b, storetest.Config(b, engine))
			s := storetest.Shop(b, st, firstLight)
			in := intake.New(st, storetest.Box(b), slog.New(slog.DiscardHandler), intake.Options{})
			defer in.Close()
			const members = 2_000
			at := st.Clock() - moment.Day
			for from := 0; from < members; from += 500 {
				var facts []*loyalty.Fact
				for i := from; i < from+500; i++ {
					f := fact(loyalty.MemberJoined, fmt.Sprint("j", i), fmt.Sprint("m", i), at)
					if i >= 200 {
						f.Referrer = who(fmt.Sprint("m", i%200))
						f.OccurredAt = at + 1
					}
					facts = append(facts, f)
				}
				if _, err := in.Record(b.Context(), s.ID, facts...); err != nil {
					b.Fatal(err)
				}
			}
			var n atomic.Int64
			b.SetParallelism(128)
			b.ResetTimer()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					i := n.Add(1)
					f := paid(fmt.Sprint(i), fmt.Sprint("m", 200+i*7919%(members-200)), st.Clock(),
						loyalty.Line{SKU: "COFFEE", Quantity: 1, Amount: 390}, loyalty.Line{SKU: "MUG", Quantity: 1, Amount: 2345})
					got, err := in.Record(b.Context(), s.ID, f)
					if err != nil || got[0].Err != nil {
						b.Error(err, got)
						return
					}
				}
			})
		})
	}
}

// BenchmarkClicks measures what a landing costs here: somebody whom nobody knows followed the
// link of one of 200 members, each time another one; as many callers as test/bench has.
func BenchmarkClicks(b *testing.B) {
	for _, engine := range []string{"sqlite", "postgres"} {
		b.Run(engine, func(b *testing.B) {
			st := storetest.Open(b, storetest.Config(b, engine))
			s := storetest.Shop(b, st, firstLight)
			in := intake.New(st, storetest.Box(b), slog.New(slog.DiscardHandler), intake.Options{})
			defer in.Close()
			var facts []*loyalty.Fact
			for i := range 200 {
				facts = append(facts, fact(loyalty.MemberJoined, fmt.Sprint("j", i), fmt.Sprint("m", i), st.Clock()-moment.Day))
			}
			if _, err := in.Record(b.Context(), s.ID, facts...); err != nil {
				b.Fatal(err)
			}
			var n atomic.Int64
			b.SetParallelism(32 / runtime.GOMAXPROCS(0))
			b.ResetTimer()
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					i := n.Add(1)
					f := fact(loyalty.LinkClicked, fmt.Sprint("c", i), "", st.Clock())
					f.Member = loyalty.Who{Keys: []loyalty.Key{{Kind: loyalty.ByVisitor, Key: fmt.Sprint("p-", i)}}}
					f.Referrer, f.Touch = who(fmt.Sprint("m", i*7919%200)), loyalty.OriginLink
					got, err := in.Record(b.Context(), s.ID, f)
					if err != nil || got[0].Err != nil {
						b.Error(err, got)
						return
					}
				}
			})
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "clicks/s")
		})
	}
}
