package faults

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"sync"
	"testing"

	"cagnotte/internal/intake"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	publishing "cagnotte/internal/programs"
	"cagnotte/internal/seal"
	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
)

// TestMain lets the test binary be a second process: one that opens the same database and
// records what it is told.
func TestMain(m *testing.M) {
	if url := os.Getenv("CAGNOTTE_WORKER"); url != "" {
		if err := work(url, os.Stdin, os.Stdout); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// order is a fact as it goes to a worker.
type order struct {
	N       int
	Shop    loyalty.ShopID
	Kind    string
	Ref     string
	Member  string
	Other   string // the referrer of a joining; who is merged into the member
	At      moment.Time
	Coffees int64
	Cents   int64
	SKU     string
}

func (o order) fact() *loyalty.Fact {
	switch o.Kind {
	case loyalty.MemberJoined:
		return joins(o.Member, o.Other, o.At)
	case loyalty.StaffMerge:
		f := fact(loyalty.StaffMerge, "merge-"+o.Ref, o.Member, o.At)
		f.Other, f.Staff = number(o.Other), &loyalty.Staff{Actor: "eva", Reason: "the same person"}
		return f
	case loyalty.Refunded:
		return returns(o.Ref, o.Member, o.At, o.SKU)
	}
	return pays(o.Ref, o.Member, o.At, o.Coffees, o.Cents)
}

type done struct {
	N   int
	Err string
}

func work(url string, r io.Reader, w io.Writer) error {
	ctx := context.Background()
	st, err := store.Open(ctx, store.Config{URL: url})
	if err != nil {
		return err
	}
	defer st.Close()
	box, err := seal.New(storetest.Key)
	if err != nil {
		return err
	}
	log := slog.New(slog.NewTextHandler(os.Stderr, nil))
	in := intake.New(st, box, log, intake.Options{})
	defer in.Close()
	// A version is published some seconds before it starts. Whoever publishes here has a clock
	// that is late by as much, so that the version starts at once and races the orders.
	behind, err := store.Open(ctx, store.Config{URL: url})
	if err != nil {
		return err
	}
	defer behind.Close()
	behind.Clock = func() moment.Time { return st.Clock() - publishing.Ahead }
	editor := intake.New(behind, box, log, intake.Options{})
	defer editor.Close()
	var (
		mu    sync.Mutex
		group sync.WaitGroup
		out   = json.NewEncoder(w)
		lines = json.NewDecoder(r)
	)
	defer group.Wait()
	for {
		var o order
		if err := lines.Decode(&o); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		group.Go(func() {
			d := done{N: o.N}
			if o.Kind == publish {
				if _, err := publishing.New(behind, editor).Apply(ctx, o.Shop, double, false); err != nil {
					d.Err = err.Error()
				}
				mu.Lock()
				defer mu.Unlock()
				_ = out.Encode(d) // the parent has gone when this fails
				return
			}
			got, err := in.Record(ctx, o.Shop, o.fact())
			switch {
			case err != nil:
				d.Err = err.Error()
			case got[0].Err != nil:
				d.Err = got[0].Err.Error()
			}
			mu.Lock()
			defer mu.Unlock()
			_ = out.Encode(d) // the parent has gone when this fails
		})
	}
}

// process is a running worker.
type process struct {
	in   *json.Encoder
	pipe io.WriteCloser
	cmd  *exec.Cmd
	acks chan done
}

func start(t *testing.T, url string) *process {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), exe)
	cmd.Env = append(os.Environ(), "CAGNOTTE_WORKER="+url)
	cmd.Stderr = t.Output()
	pipe, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	p := &process{json.NewEncoder(pipe), pipe, cmd, make(chan done, 1024)}
	go func() {
		defer close(p.acks)
		lines := bufio.NewScanner(out)
		for lines.Scan() {
			var d done
			if json.Unmarshal(lines.Bytes(), &d) == nil {
				p.acks <- d
			}
		}
	}()
	return p
}

// race sends pairs of facts to two processes, a window of them at a time, and waits for
// both answers of each.
func race(t *testing.T, url string, pairs [][2]order) {
	t.Helper()
	two := both(t, url)
	two.race(t, pairs)
	two.end(t)
}

type processes [2]*process

func both(t *testing.T, url string) processes {
	t.Helper()
	return processes{start(t, url), start(t, url)}
}

func (two processes) race(t *testing.T, pairs [][2]order) {
	t.Helper()
	const window = 32
	answered := 0
	for from := 0; from < len(pairs); from += window {
		chunk := pairs[from:min(from+window, len(pairs))]
		for i, pair := range chunk {
			for k := range two {
				side := (k + i) % 2 // who is first changes
				pair[side].N = from + i
				if err := two[side].in.Encode(pair[side]); err != nil {
					t.Fatal(err)
				}
			}
		}
		for _, p := range two {
			for range chunk {
				d, ok := <-p.acks
				if !ok {
					t.Fatal("a process has ended")
				}
				if d.Err != "" {
					t.Fatalf("pair %d: %s", d.N, d.Err)
				}
				answered++
			}
		}
	}
	if answered != 2*len(pairs) {
		t.Fatalf("%d answers to %d pairs", answered, len(pairs))
	}
}

func (two processes) end(t *testing.T) {
	t.Helper()
	for _, p := range two {
		p.pipe.Close()
		if err := p.cmd.Wait(); err != nil {
			t.Fatal(err)
		}
	}
}
