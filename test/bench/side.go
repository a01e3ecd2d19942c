package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
)

// side is one database with everything that is measured on it.
type side struct {
	o      options
	engine string
	dir    string
	url    string // PostgreSQL, with the bench's schema
	raw    rawSide
	got    map[string][]sample

	hotReferrer bool // orders come from friends of one referrer
	million     bool // the shop has a million members
	filled      bool // the shop was filled with members who never joined by an event
}

// sample is one measurement: events a second, and CPU microseconds an event.
type sample struct{ rate, cpu float64 }

// rawSide writes the same rows without the product.
type rawSide interface {
	// single writes one event a transaction, batch a hundred, from as many writers as serve
	// it best.
	single(ctx context.Context) (sample, error)
	batch(ctx context.Context) (sample, error)
	// load writes rows of an import in the fastest way the database has; it tells rows a
	// second.
	load(ctx context.Context, h *history) (float64, error)
	// fill adds members to the product's shop until it has n.
	fill(ctx context.Context, n int) error
}

func newSide(ctx context.Context, o options, engine, dir, url string) (*side, error) {
	s := &side{o: o, engine: engine, dir: filepath.Join(dir, engine), got: map[string][]sample{}}
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		return nil, err
	}
	var err error
	if engine == "postgres" {
		if s.url, err = freshSchema(ctx, url); err != nil {
			return nil, err
		}
	}
	if err := s.seed(ctx); err != nil {
		return nil, fmt.Errorf("seed: %w", err)
	}
	if engine == "postgres" {
		s.raw, err = newRawPostgres(ctx, s)
	} else {
		s.raw, err = newRawSQLite(ctx, s)
	}
	return s, err
}

// flags name the database to the product.
func (s *side) flags() []string {
	f := []string{"--data", filepath.Join(s.dir, "data")}
	if s.url != "" {
		f = append(f, "--database", s.url)
	}
	return f
}

// measure takes every side in turn, round by round.
func (s *side) measure(ctx context.Context) error {
	turns := []struct {
		name string
		run  func(context.Context) (sample, error)
	}{
		{"raw one event a transaction", s.raw.single},
		{"product", func(ctx context.Context) (sample, error) { return s.product(ctx, 512) }},
		{"raw batches of 100", s.raw.batch},
		{"product, batches of 1", func(ctx context.Context) (sample, error) { return s.product(ctx, 1) }},
		{"HTTP hello", s.hello},
	}
	// An empty database is no shop: the tables first get as many orders as the product takes
	// in one turn, unmeasured, and their statistics.
	if _, err := s.product(ctx, 512); err != nil {
		return fmt.Errorf("warm-up: %w", err)
	}
	for round := range s.o.rounds {
		for i := range turns {
			t := turns[(i+round)%len(turns)] // nobody always follows the same one
			x, err := t.run(ctx)
			if err != nil {
				return fmt.Errorf("%s: %w", t.name, err)
			}
			s.got[t.name] = append(s.got[t.name], x)
			fmt.Fprintf(os.Stderr, "%s round %d  %-28s %8.0f ev/s  %6.0f cpu-us/ev\n", s.engine, round+1, t.name, x.rate, x.cpu)
		}
	}
	return nil
}

// print gives every side's figures and the ratios of this database.
func (s *side) print() {
	fmt.Printf("\n%s\n", s.engine)
	for _, name := range []string{"raw one event a transaction", "raw batches of 100", "product", "product, batches of 1", "HTTP hello", "raw import", "product import"} {
		var rates, cpus []float64
		for _, x := range s.got[name] {
			rates, cpus = append(rates, x.rate), append(cpus, x.cpu)
		}
		if len(rates) == 0 {
			continue
		}
		r, c := spread(rates), spread(cpus)
		fmt.Printf("  %-28s %8.0f /s (%.0f to %.0f)   %6.0f cpu-us (%.0f to %.0f)\n", name, r[1], r[0], r[2], c[1], c[0], c[2])
	}
	each := func(f func(i int) float64) []float64 {
		out := make([]float64, s.o.rounds)
		for i := range out {
			out[i] = f(i)
		}
		return out
	}
	at := func(name string, i int) sample { return s.got[name][i] }
	cpu := each(func(i int) float64 {
		return at("product", i).cpu / (at("raw batches of 100", i).cpu + at("HTTP hello", i).cpu)
	})
	gain := each(func(i int) float64 { return at("product", i).rate / at("product, batches of 1", i).rate })
	imported := each(func(i int) float64 { return at("product import", i).rate / at("raw import", i).rate })
	if s.engine == "postgres" {
		line("event_cpu", cpu, "<=2.0")
		line("event_rate_pg", each(func(i int) float64 {
			return at("product", i).rate / at("raw one event a transaction", i).rate
		}), ">=1.5")
		line("event_gain", gain, ">=2")
		line("import_rate", imported, ">=0.3")
		return
	}
	line("event_cpu_sqlite", cpu, "<=2.0")
	line("event_rate_sqlite", each(func(i int) float64 {
		return at("product", i).rate / at("raw batches of 100", i).rate
	}), ">=0.5")
	line("event_gain_sqlite", gain, ">=2")
	line("import_rate_sqlite", imported, ">=0.3")
}

func line(name string, ratios []float64, target string) {
	r := spread(ratios)
	fmt.Printf("ratio %s %.2f %s   (%.2f to %.2f)\n", name, r[1], target, r[0], r[2])
}

// spread is smallest, median, greatest.
func spread(v []float64) [3]float64 {
	s := slices.Sorted(slices.Values(v))
	return [3]float64{s[0], s[len(s)/2], s[len(s)-1]}
}
