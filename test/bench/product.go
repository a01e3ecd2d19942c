package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"sync"
	"sync/atomic"
	"time"
)

// programs are twenty active ones: most of what a shop runs does not concern an order, and
// has to be looked at all the same.
func programs() string {
	var b bytes.Buffer
	fmt.Fprint(&b, `program "Points"
  starts 2020-01-01
  earn 1 point per 1.00 EUR, except articles POST, valid 12 months
program "Card"
  starts 2020-01-01
  stamp 1 per item, of article COFFEE
  exchange 10 stamps for product voucher of COFFEE
program "Friends"
  starts 2020-01-01
  refer referrer 10 points, on each order, from 20.00 EUR
`)
	for i := range 17 {
		fmt.Fprintf(&b, "program \"Campaign %d\"\n  starts 2020-01-01\n  earn %d points per order, of category season-%d, from 30.00 EUR\n", i+1, i+5, i+1)
	}
	return b.String()
}

var liveKey = regexp.MustCompile(`cag_live_\w+`)

// seed makes the shop with its programs and members; every member was sent by one of a
// tenth of them.
func (s *side) seed(ctx context.Context) error {
	out, err := s.tool(ctx, "shop", "create", "Bench")
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(s.dir, "key"), []byte(liveKey.FindString(out)), 0o600); err != nil {
		return err
	}
	file := filepath.Join(s.dir, "programs.txt")
	if err := os.WriteFile(file, []byte(programs()), 0o600); err != nil {
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
	referrers := s.o.members / 10
	for from := 0; from < s.o.members; from += 1000 {
		var events []any
		for i := from; i < min(from+1000, s.o.members); i++ {
			e := map[string]any{
				"type": "member_joined", "id": fmt.Sprintf("join-%d", i), "feed": "seed",
				"occurred_at": "2026-01-01T00:00:00Z", "member": map[string]any{"number": number(i)},
			}
			if i >= referrers {
				e["occurred_at"] = "2026-01-02T00:00:00Z"
				e["referrer"] = map[string]any{"number": number(i % referrers)}
			}
			events = append(events, e)
		}
		if err := p.post(ctx, http.DefaultClient, map[string]any{"events": events}); err != nil {
			return err
		}
	}
	for from := 0; from < hotFriends; from += 1000 { // who all have the same referrer
		var events []any
		for i := from; i < from+1000; i++ {
			events = append(events, map[string]any{
				"type": "member_joined", "id": fmt.Sprintf("hot-%d", i), "feed": "seed", "occurred_at": "2026-01-02T00:00:00Z",
				"member": map[string]any{"number": hotNumber(i)}, "referrer": map[string]any{"number": number(0)},
			})
		}
		if err := p.post(ctx, http.DefaultClient, map[string]any{"events": events}); err != nil {
			return err
		}
	}
	return nil
}

// hotFriends are members beside the others whom one referrer sent.
const hotFriends = 2_000

func hotNumber(i int) string { return fmt.Sprintf("H%07d", i) }

func number(i int) string { return fmt.Sprintf("N%07d", i) }

// running is the product as a process.
type running struct {
	cmd  *exec.Cmd
	base string
	key  string
}

func (s *side) start(ctx context.Context, batch int) (*running, error) {
	key, err := os.ReadFile(filepath.Join(s.dir, "key"))
	if err != nil {
		return nil, err
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	addr := ln.Addr().String()
	ln.Close()
	args := append([]string{"serve", "--addr", addr, "--batch", fmt.Sprint(batch)}, s.flags()...)
	cmd := exec.CommandContext(ctx, s.o.binary, args...)
	cmd.Stderr = os.Stderr
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	p := &running{cmd, "http://" + addr, string(key)}
	return p, p.up(ctx)
}

func (p *running) up(ctx context.Context) error {
	for range 2000 {
		res, err := http.Get(p.base + "/healthz")
		if err == nil {
			return res.Body.Close()
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		time.Sleep(5 * time.Millisecond)
	}
	return fmt.Errorf("%s does not answer", p.base)
}

func (p *running) stop() {
	_ = p.cmd.Process.Signal(os.Interrupt) // it may have gone
	_ = p.cmd.Wait()
}

func (p *running) post(ctx context.Context, c *http.Client, body any) error {
	b, err := json.Marshal(body)
	if err != nil {
		return err
	}
	return p.send(ctx, c, b)
}

func (p *running) send(ctx context.Context, c *http.Client, body []byte) error {
	req, err := http.NewRequestWithContext(ctx, "POST", p.base+"/v1/events", bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+p.key)
	req.Header.Set("Content-Type", "application/json")
	res, err := c.Do(req)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s", res.Status, answer)
	}
	return err
}

var serial atomic.Int64 // orders are new in every round

// order is the body of one event: a friend's order of one coffee and one mug.
func (s *side) order() []byte { return s.orders(1) }

// orders is the body of so many events.
func (s *side) orders(n int) []byte {
	out := []byte(`{"events":[`)
	for i := range n {
		if i > 0 {
			out = append(out, ',')
		}
		out = s.event(out)
	}
	return append(out, `]}`...)
}

// event writes one order behind what is there.
func (s *side) event(to []byte) []byte {
	n := serial.Add(1)
	referrers := s.o.members / 10
	who := number(referrers + rand.IntN(s.o.members-referrers))
	switch {
	case s.hotReferrer:
		who = hotNumber(rand.IntN(hotFriends))
	case s.filled:
		who = number(rand.IntN(s.o.members))
	}
	now := time.Now().UTC().Format(time.RFC3339Nano)
	return fmt.Appendf(to, `{"type":"order_paid","id":"o-%d","feed":"web","occurred_at":"%s","member":{"number":"%s"},`+
		`"order":{"ref":"%d","currency":"EUR","lines":[{"sku":"COFFEE","category":"drinks","quantity":1,"amount":390},`+
		`{"sku":"MUG","category":"shop","quantity":1,"amount":%d}]}}`, n, now, who, n, 2000+n%3000)
}

// product measures the product with that many facts per transaction at most.
func (s *side) product(ctx context.Context, batch int) (sample, error) {
	p, err := s.start(ctx, batch)
	if err != nil {
		return sample{}, err
	}
	defer p.stop()
	return s.hammer(ctx, p, []int{p.cmd.Process.Pid}, true)
}

// hello measures a bare HTTP server that decodes the same body and answers.
func (s *side) hello(ctx context.Context) (sample, error) {
	self, err := os.Executable()
	if err != nil {
		return sample{}, err
	}
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return sample{}, err
	}
	addr := ln.Addr().String()
	ln.Close()
	cmd := exec.CommandContext(ctx, self, "hello", addr)
	if err := cmd.Start(); err != nil {
		return sample{}, err
	}
	p := &running{cmd, "http://" + addr, "none"}
	defer p.stop()
	if err := p.up(ctx); err != nil {
		return sample{}, err
	}
	return s.hammer(ctx, p, []int{cmd.Process.Pid}, false)
}

// hammer sends orders from all clients for one length, and counts what was answered.
func (s *side) hammer(ctx context.Context, p *running, pids []int, database bool) (sample, error) {
	return s.strike(ctx, p, s.o.clients, 1, pids, database)
}

// strike sends orders from so many clients, so many in each request.
func (s *side) strike(ctx context.Context, p *running, clients, each int, pids []int, database bool) (sample, error) {
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: clients, MaxConnsPerHost: clients}}
	defer client.CloseIdleConnections()
	var (
		group  sync.WaitGroup
		count  atomic.Int64
		failed atomic.Pointer[error]
		going  atomic.Bool
		end    atomic.Bool
	)
	for range clients {
		group.Go(func() {
			for !end.Load() {
				if err := p.send(ctx, client, s.orders(each)); err != nil {
					failed.Store(&err)
					return
				}
				if going.Load() {
					count.Add(int64(each))
				}
			}
		})
	}
	time.Sleep(500 * time.Millisecond) // connections and caches are made
	meter, err := s.meter(pids, database)
	if err != nil {
		return sample{}, err
	}
	going.Store(true)
	time.Sleep(s.o.length)
	going.Store(false)
	x, err := meter.read(count.Load())
	end.Store(true)
	group.Wait()
	if e := failed.Load(); e != nil {
		return sample{}, *e
	}
	return x, err
}

// hello is the bare server.
func hello(addr string) {
	type line struct {
		SKU, Category    string
		Quantity, Amount int64
	}
	var body struct {
		Events []struct {
			Type, ID, Feed string
			Occurred       time.Time `json:"occurred_at"`
			Member         struct{ Number string }
			Order          struct {
				Ref, Currency string
				Lines         []line
			}
		}
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprintln(w, "ok") })
	mux.HandleFunc("POST /v1/events", func(w http.ResponseWriter, r *http.Request) {
		b := body
		if err := json.NewDecoder(r.Body).Decode(&b); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprintf(w, `{"results":[{"id":"%s","status":"recorded"}]}`, b.Events[0].ID)
	})
	s := &http.Server{Addr: addr, Handler: mux, ReadHeaderTimeout: time.Minute}
	fmt.Fprintln(os.Stderr, s.ListenAndServe())
}
