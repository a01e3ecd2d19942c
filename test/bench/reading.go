package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"cagnotte/internal/loyalty"
	"cagnotte/internal/rules"
)

// readers is how many clients read at once.
const readers = 32

// reads measures wallets against a static answer of the same process, in turns.
func (s *side) reads(ctx context.Context) error {
	p, err := s.start(ctx, 512)
	if err != nil {
		return err
	}
	defer p.stop()
	ids, err := p.members(ctx, 1_000)
	if err != nil {
		return err
	}
	wallet := func() string { return "/v1/members/" + ids[rand.IntN(len(ids))] + "/wallet" }
	static := func() string { return "/healthz" }
	var rates, tails []float64
	for range s.o.rounds {
		w, err := s.look(ctx, p, wallet)
		if err != nil {
			return err
		}
		h, err := s.look(ctx, p, static)
		if err != nil {
			return err
		}
		rates, tails = append(rates, w.rate/h.rate), append(tails, w.p99/h.p99)
		fmt.Fprintf(os.Stderr, "%s wallets %8.0f /s p99 %.2f ms   static %8.0f /s p99 %.2f ms\n", s.engine, w.rate, w.p99, h.rate, h.p99)
	}
	if s.engine == "postgres" {
		line("wallet_read_pg", rates, ">=0.3")
	} else {
		line("wallet_read_sqlite", rates, ">=0.5")
	}
	line("wallet_read_p99_"+s.engine, tails, "<=1.5")
	return nil
}

// members lists ids of members of the shop, past those who only recommend.
func (p *running) members(ctx context.Context, n int) ([]string, error) {
	var out []string
	after := ""
	for len(out) < n {
		var page struct {
			Data       []struct{ ID string }
			NextCursor string `json:"next_cursor"`
			HasMore    bool   `json:"has_more"`
		}
		body, err := p.get(ctx, "/v1/members?limit=100&starting_after="+after)
		if err != nil {
			return nil, err
		}
		if err := json.Unmarshal(body, &page); err != nil {
			return nil, err
		}
		for _, m := range page.Data {
			out = append(out, m.ID)
		}
		if after = page.NextCursor; !page.HasMore {
			break
		}
	}
	return out, nil
}

func (p *running) get(ctx context.Context, path string) ([]byte, error) {
	return p.getBy(ctx, http.DefaultClient, path)
}

func (p *running) getBy(ctx context.Context, c *http.Client, path string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, "GET", p.base+path, nil)
	if err != nil {
		return nil, err
	}
	req.Header.Set("Authorization", "Bearer "+p.key)
	res, err := c.Do(req)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s: %s", path, res.Status, body)
	}
	return body, err
}

// latency is a rate with the hundredth slowest answer in milliseconds.
type latency struct{ rate, p99 float64 }

// look reads paths from all readers for one length.
func (s *side) look(ctx context.Context, p *running, path func() string) (latency, error) {
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: readers, MaxConnsPerHost: readers}}
	defer client.CloseIdleConnections()
	var (
		group  sync.WaitGroup
		mu     sync.Mutex
		times  []time.Duration
		failed error
	)
	begin := time.Now().Add(300 * time.Millisecond) // connections and caches are made
	end := begin.Add(s.o.length)
	for range readers {
		group.Go(func() {
			var mine []time.Duration
			for time.Now().Before(end) {
				t := time.Now()
				if _, err := p.getBy(ctx, client, path()); err != nil {
					mu.Lock()
					failed = err
					mu.Unlock()
					return
				}
				if t.After(begin) {
					mine = append(mine, time.Since(t))
				}
			}
			mu.Lock()
			times = append(times, mine...)
			mu.Unlock()
		})
	}
	group.Wait()
	if failed != nil || len(times) == 0 {
		return latency{}, fmt.Errorf("reads: %w", failed)
	}
	slices.Sort(times)
	return latency{float64(len(times)) / s.o.length.Seconds(), times[len(times)*99/100].Seconds() * 1000}, nil
}

// hot measures events that all reward one referrer, against events spread over all.
func (s *side) hot(ctx context.Context) error {
	var ratios []float64
	for range s.o.rounds {
		spread, err := s.product(ctx, 512)
		if err != nil {
			return err
		}
		s.hotReferrer = true
		hot, err := s.product(ctx, 512)
		s.hotReferrer = false
		if err != nil {
			return err
		}
		ratios = append(ratios, hot.rate/spread.rate)
		fmt.Fprintf(os.Stderr, "%s one referrer %8.0f ev/s   spread %8.0f ev/s\n", s.engine, hot.rate, spread.rate)
	}
	line("hot_account_"+s.engine, ratios, ">=0.9")
	return nil
}

// grown measures the process in a shop of a million members: what it holds in memory under
// full load, and how long it takes from its start to its first durable answer.
func (s *side) grown(ctx context.Context) error {
	const million = 1_000_000
	if err := s.raw.fill(ctx, million); err != nil {
		return fmt.Errorf("fill: %w", err)
	}
	s.million = true
	was := s.o.members
	s.o.members, s.filled = million, true
	defer func() { s.o.members, s.filled = was, false }()
	var memory, start []float64
	for range s.o.rounds {
		begun := time.Now()
		p, err := s.start(ctx, 512)
		if err != nil {
			return err
		}
		err = p.send(ctx, http.DefaultClient, s.order())
		start = append(start, time.Since(begun).Seconds())
		if err == nil {
			_, err = s.hammer(ctx, p, []int{p.cmd.Process.Pid}, false)
		}
		if err == nil {
			memory = append(memory, resident(p.cmd.Process.Pid))
		}
		p.stop()
		if err != nil {
			return err
		}
	}
	want := "<=150"
	if s.engine == "sqlite" {
		want = "<=400"
	}
	line("memory_mb_"+s.engine, memory, want)
	line("start_s_"+s.engine, start, "<=0.5")
	return nil
}

// resident is the greatest resident size of a process so far, in megabytes.
func resident(pid int) float64 {
	status, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "status"))
	if err != nil {
		return 0
	}
	for l := range strings.Lines(string(status)) {
		if rest, ok := strings.CutPrefix(l, "VmHWM:"); ok {
			kb, _ := strconv.ParseFloat(strings.Fields(rest)[0], 64)
			return kb / 1024
		}
	}
	return 0
}

// manyRules measures a shop of a thousand rules against one of ten.
func (s *side) manyRules(ctx context.Context) error {
	rate := func(slug string, rules int) (float64, error) {
		if err := s.shopOf(ctx, slug, rules); err != nil {
			return 0, err
		}
		x, err := s.product(ctx, 512)
		return x.rate, err
	}
	was, err := os.ReadFile(filepath.Join(s.dir, "key"))
	if err != nil {
		return err
	}
	defer func() { _ = os.WriteFile(filepath.Join(s.dir, "key"), was, 0o600) }() // the next side asks the first shop again
	var ratios []float64
	for round := range s.o.rounds {
		few, err := rate(fmt.Sprintf("Few %d", round), 10)
		if err != nil {
			return err
		}
		many, err := rate(fmt.Sprintf("Many %d", round), 1_000)
		if err != nil {
			return err
		}
		ratios = append(ratios, many/few)
		fmt.Fprintf(os.Stderr, "%s 1,000 rules %8.0f ev/s   10 rules %8.0f ev/s\n", s.engine, many, few)
	}
	line("rules_1000_"+s.engine, ratios, ">=0.8")
	return nil
}

// shopOf makes a shop whose programs have so many rules, each about an article of its own,
// and lets the next measurement ask it.
func (s *side) shopOf(ctx context.Context, name string, n int) error {
	var b strings.Builder
	for i := range n {
		if i%100 == 0 {
			fmt.Fprintf(&b, "program \"Rules %d\"\n  starts 2020-01-01\n", i/100)
		}
		if i == 0 {
			fmt.Fprintln(&b, "  earn 1 point per 1.00 EUR")
			continue
		}
		fmt.Fprintf(&b, "  earn %d points per item, of ART-%d, from 10.00 EUR\n", i, i)
	}
	file := filepath.Join(s.dir, "rules.txt")
	if err := os.WriteFile(file, []byte(b.String()), 0o600); err != nil {
		return err
	}
	slug := strings.ToLower(strings.ReplaceAll(name, " ", "-"))
	out, err := s.tool(ctx, "shop", "create", name)
	if err != nil {
		return err
	}
	if _, err := s.tool(ctx, "program", "apply", file, "--shop", slug); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(s.dir, "key"), []byte(liveKey.FindString(out)), 0o600)
}

// tool runs a command of the product on this side's database.
func (s *side) tool(ctx context.Context, args ...string) (string, error) {
	out, err := exec.CommandContext(ctx, s.o.binary, append(args, s.flags()...)...).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%v: %w\n%s", args, err, out)
	}
	return string(out), nil
}

// evaluation compares a stored rule with the same written in Go, in this process.
func evaluation() error {
	docs, err := rules.ParseFile("program \"P\"\n  earn 1 point per 1.00 EUR, from 20.00 EUR, except GIFT, in channel web\n",
		rules.Setting{Currency: "EUR", Decimals: 2, Zone: time.UTC})
	if err != nil {
		return err
	}
	r := rules.Compile(&rules.Program{Name: "P"}, 1, 0, 0, 0, docs[0]).Rules[0]
	o := &loyalty.OrderRow{Lines: []loyalty.Line{{SKU: "A", Quantity: 1, Amount: 1500}, {SKU: "B", Quantity: 2, Amount: 1500}}}
	o.Back = make([]loyalty.Back, len(o.Lines))
	k := &rules.Case{Order: o, Channel: "web", Zone: time.UTC}
	sum := int64(0)
	stored := testing.Benchmark(func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if k.Eligible = r.Left(o, nil); r.Judge(k) < 0 {
				sum += r.Amount(0, k.Eligible, nil)
			}
		}
	})
	excluded := map[string]struct{}{"GIFT": {}}
	plain := testing.Benchmark(func(b *testing.B) {
		for b.Loop() {
			amount, items := int64(0), int64(0)
			for i := range o.Lines {
				if _, out := excluded[strings.ToUpper(o.Lines[i].SKU)]; !out {
					amount += o.Lines[i].Amount - o.Back[i].Amount
					items += o.Lines[i].Quantity - o.Back[i].Quantity
				}
			}
			if amount >= 2000 && items > 0 && strings.EqualFold(k.Channel, "web") {
				sum += amount / 100
			}
		}
	})
	if sum == 0 {
		return fmt.Errorf("neither rule gave anything")
	}
	fmt.Printf("\nrules\n  stored rule %d ns, %d allocations; the same in Go %d ns\n", stored.NsPerOp(), stored.AllocsPerOp(), plain.NsPerOp())
	line("rules_eval", []float64{float64(stored.NsPerOp()) / float64(max(1, plain.NsPerOp()))}, "<=5")
	line("rules_eval_allocs", []float64{float64(stored.AllocsPerOp())}, "<=0")
	return nil
}
