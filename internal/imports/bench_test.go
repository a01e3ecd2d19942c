package imports_test

import (
	"testing"

	"cagnotte/internal/imports"
	"cagnotte/internal/store/storetest"
)

// The history import of the real file, from gzip to durable rows.
func BenchmarkHistory(b *testing.B) {
	file := real(b)
	for _, engine := range []string{"sqlite", "postgres"} {
		for _, mode := range []struct {
			name   string
			reward bool
		}{{"history", false}, {"reward", true}} {
			b.Run(engine+"/"+mode.name, func(b *testing.B) {
				facts := int64(0)
				for range b.N {
					b.StopTimer()
					st := storetest.Open(b, storetest.Config(b, engine))
					s, in := retailer(b, st), door(b, st)
					b.StartTimer()
					facts += load(b, in, s, file, imports.Options{Reward: mode.reward}).Recorded
				}
				b.ReportMetric(float64(facts)/b.Elapsed().Seconds(), "facts/s")
			})
		}
	}
}
