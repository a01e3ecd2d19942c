// Command bench measures the product against the raw database beside it, in one run, and
// prints lines
//
//	ratio <name> <value> <target>
//
// The raw side writes the same rows into the same tables of the same database: a referred
// friend's order that gives him points and a stamp, and his referrer points (26 rows). All
// sides take turns in every round, so that a busy machine is busy for all of them; a
// ratio is the median of the rounds' ratios, with the smallest and the greatest beside it.
//
// What is measured: the product over HTTP as a process of its own (built by make), pgbench
// as it comes with PostgreSQL, a bare loop over the SQLite driver, a bare HTTP server. CPU
// is that of the serving processes, PostgreSQL's included, the load's not.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"time"
)

type options struct {
	rounds  int
	length  time.Duration
	members int
	clients int
	binary  string
	only    string
	batches bool
	search  bool
	crowd   int
	landing bool
	pages   bool
}

func main() {
	if len(os.Args) == 3 && os.Args[1] == "hello" {
		hello(os.Args[2])
		return
	}
	var o options
	flag.IntVar(&o.rounds, "rounds", 5, "how often every side is measured")
	flag.DurationVar(&o.length, "length", 5*time.Second, "how long each time")
	flag.IntVar(&o.members, "members", 20_000, "members of the shop")
	flag.IntVar(&o.clients, "clients", 256, "HTTP clients")
	flag.StringVar(&o.binary, "binary", "bin/cagnotte", "the product")
	flag.StringVar(&o.only, "only", "", "sqlite or postgres alone")
	flag.BoolVar(&o.batches, "batches", false, "only vouchers and events in batches")
	flag.BoolVar(&o.search, "search", false, "only the search of the back office in a shop of -crowd members")
	flag.IntVar(&o.crowd, "crowd", 1_000_000, "how many members the shop has that is searched; fewer take less time to make")
	flag.BoolVar(&o.landing, "landing", false, "only friends' pages")
	flag.BoolVar(&o.pages, "pages", false, "only pages of the back office")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, o)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// run measures both databases and prints.
func run(ctx context.Context, o options) error {
	fmt.Printf("machine: %d cores, %s %s; %d rounds of %s, %d members, %d clients\n",
		runtime.NumCPU(), runtime.GOOS, runtime.Version(), o.rounds, o.length, o.members, o.clients)
	dir, err := os.MkdirTemp("", "cagnotte-bench")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	url := os.Getenv("CAGNOTTE_TEST_POSTGRES")
	if url == "" && o.only != "sqlite" {
		return fmt.Errorf("CAGNOTTE_TEST_POSTGRES names no server: use make bench")
	}
	for _, engine := range []string{"postgres", "sqlite"} {
		if o.only != "" && o.only != engine {
			continue
		}
		s, err := newSide(ctx, o, engine, dir, url)
		if err != nil {
			return fmt.Errorf("%s: %w", engine, err)
		}
		if o.landing {
			if err := s.landing(ctx); err != nil {
				return fmt.Errorf("%s: %w", engine, err)
			}
			continue
		}
		if o.batches {
			for _, one := range []func(context.Context) error{s.vouchers, s.bulk} {
				if err := one(ctx); err != nil {
					return fmt.Errorf("%s: %w", engine, err)
				}
			}
			continue
		}
		if o.search {
			if err := s.searching(ctx); err != nil {
				return fmt.Errorf("%s: %w", engine, err)
			}
			continue
		}
		if o.pages {
			if err := s.pages(ctx); err != nil {
				return fmt.Errorf("%s: %w", engine, err)
			}
			continue
		}
		if err := s.measure(ctx); err != nil {
			return fmt.Errorf("%s: %w", engine, err)
		}
		if err := s.importing(ctx); err != nil {
			return fmt.Errorf("%s: import: %w", engine, err)
		}
		s.print()
		for _, more := range []func(context.Context) error{s.reads, s.landing, s.pages, s.vouchers, s.bulk, s.carts, s.hot, s.manyRules, s.grown, s.searching} {
			if err := more(ctx); err != nil {
				return fmt.Errorf("%s: %w", engine, err)
			}
		}
	}
	if o.batches || o.landing || o.search || o.pages {
		return nil
	}
	return evaluation()
}
