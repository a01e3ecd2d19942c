package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"
)

// cartRate is how many carts are evaluated a second: a busy shop's tills and web shop together.
const cartRate = 500

// offers are fifty discounts, most of which a cart does not get, as in a shop that has run
// for years.
func offers() string {
	var b bytes.Buffer
	fmt.Fprint(&b, "program \"Till\"\n  starts 2020-01-01\n  basket: discount 5 %, from basket of 50.00 EUR\n  three: discount 100 % on the cheapest of 3, of category drinks\n")
	for i := range 48 {
		fmt.Fprintf(&b, "  offer-%d: discount %d %%, of category season-%d, from %d.00 EUR\n", i, 5+i%10, i, 10+i)
	}
	return b.String()
}

// cart is a cart of thirty lines of a member who pays with money of his wallet.
func cart(n int, member string) []byte {
	lines := make([]any, 30)
	for i := range lines {
		category := fmt.Sprintf("season-%d", (n+i)%60)
		if i%5 == 0 {
			category = "drinks"
		}
		lines[i] = map[string]any{"sku": fmt.Sprintf("A-%d", i), "category": category, "quantity": 1 + i%3, "amount": 150 + 10*i, "tax_rate": 2000}
	}
	body, err := json.Marshal(map[string]any{
		"ref": fmt.Sprintf("cart-%d", n), "currency": "EUR", "member": map[string]any{"id": member}, "lines": lines,
	})
	if err != nil {
		panic(err) // plain values
	}
	return body
}

// carts measures the evaluation of carts at a steady rate, against the wallet of the same
// members at the same rate, which reads the same rows and decides nothing.
func (s *side) carts(ctx context.Context) error {
	file := filepath.Join(s.dir, "offers.txt")
	if err := os.WriteFile(file, []byte(offers()), 0o600); err != nil {
		return err
	}
	if _, err := s.tool(ctx, "program", "apply", file, "--shop", "bench"); err != nil {
		return err
	}
	p, err := s.start(ctx, 512)
	if err != nil {
		return err
	}
	defer p.stop()
	ids, err := p.members(ctx, 1_000)
	if err != nil {
		return err
	}
	evaluate := func(c *http.Client) error {
		n := rand.IntN(1 << 30)
		return p.ask(ctx, c, "POST", "/v1/carts/evaluate", cart(n, ids[n%len(ids)]))
	}
	lookup := func(c *http.Client) error {
		return p.ask(ctx, c, "GET", "/v1/members/"+ids[rand.IntN(len(ids))]+"/wallet", nil)
	}
	var ratios []float64
	for range s.o.rounds {
		e, err := s.steady(ctx, evaluate)
		if err != nil {
			return err
		}
		l, err := s.steady(ctx, lookup)
		if err != nil {
			return err
		}
		ratios = append(ratios, e/l)
		fmt.Fprintf(os.Stderr, "%s carts at %d/s p99 %.2f ms   their wallets p99 %.2f ms\n", s.engine, cartRate, e, l)
	}
	line("cart_eval_"+s.engine, ratios, "<=3")
	return nil
}

func (p *running) ask(ctx context.Context, c *http.Client, method, path string, body []byte) error {
	req, err := http.NewRequestWithContext(ctx, method, p.base+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+p.key)
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	res, err := c.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s: %s", path, res.Status, answer)
	}
	return err
}

// steady asks cartRate times a second for one length, whether answers have come or not, and
// gives the hundredth slowest in milliseconds, counted from when it was due.
func (s *side) steady(ctx context.Context, ask func(*http.Client) error) (float64, error) {
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 256}}
	defer client.CloseIdleConnections()
	var (
		mu     sync.Mutex
		times  []time.Duration
		failed error
		group  sync.WaitGroup
	)
	warm := time.Now().Add(300 * time.Millisecond)
	tick := time.NewTicker(time.Second / cartRate)
	defer tick.Stop()
	for end := warm.Add(s.o.length); time.Now().Before(end); {
		due := <-tick.C
		group.Go(func() {
			err := ask(client)
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				failed = err
			} else if due.After(warm) {
				times = append(times, time.Since(due))
			}
		})
	}
	group.Wait()
	if failed != nil || len(times) == 0 {
		return 0, fmt.Errorf("carts: %w", failed)
	}
	slices.Sort(times)
	return times[len(times)*99/100].Seconds() * 1000, nil
}
