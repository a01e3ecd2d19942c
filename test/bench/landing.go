package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

var (
	sheetIn = regexp.MustCompile(`href="(/a/portal\.[0-9a-f]+\.css)"`)
	looker  atomic.Int64
)

// landing measures the page that a friend's link opens, each time by another person: the page
// itself and the note that somebody had it before him, stored. The other side is the style
// sheet of the same page, which is about as large and never changes. Beside them stand what a
// landing has in it: the page alone, and a landing of somebody who did not agree to be told
// apart, who is counted without a fact.
func (s *side) landing(ctx context.Context) error {
	p, err := s.start(ctx, 512)
	if err != nil {
		return err
	}
	defer p.stop()
	look := map[string]any{
		"on": true, "base": p.base, "shop": "https://shop.example", "hosts": []string{}, "languages": []string{"en"}, "hue": 172, "join": "open",
		"numbers": map[string]any{"length": 8}, "landing": "discover", "consent": "service",
	}
	agreed := func(consent string) error {
		look["consent"] = consent
		return p.put(ctx, "/v1/portal", look)
	}
	if err := agreed("service"); err != nil {
		return err
	}
	ids, err := p.members(ctx, 200)
	if err != nil {
		return err
	}
	var codes []string
	for _, m := range ids {
		body, err := p.get(ctx, "/v1/members/"+m+"/code")
		if err != nil {
			continue // a friend who has not joined has none
		}
		var x struct{ Code string }
		if err := json.Unmarshal(body, &x); err != nil {
			return err
		}
		codes = append(codes, x.Code)
	}
	if len(codes) < 20 {
		return fmt.Errorf("only %d members have a code", len(codes))
	}
	page, err := p.get(ctx, "/i/"+codes[0])
	if err != nil {
		return err
	}
	sheet := sheetIn.FindSubmatch(page)
	if sheet == nil {
		return errors.New("the page of a friend names no style sheet")
	}
	any := func() string { return codes[rand.IntN(len(codes))] }
	sides := []struct {
		name    string
		consent string
		one     func(context.Context, *http.Client) error
	}{
		{"landings with the click stored", "service", func(ctx context.Context, c *http.Client) error { return p.visit(ctx, c, any()) }},
		{"landings that are counted only", "strict", func(ctx context.Context, c *http.Client) error { return p.visit(ctx, c, any()) }},
		{"pages alone", "service", func(ctx context.Context, c *http.Client) error {
			_, err := p.as(ctx, c, agent(), "GET", "/i/"+any(), nil)
			return err
		}},
		{"static", "service", func(ctx context.Context, c *http.Client) error {
			_, err := p.as(ctx, c, agent(), "GET", string(sheet[1]), nil)
			return err
		}},
	}
	var rates []float64
	for range s.o.rounds {
		got := make([]load, len(sides))
		for i, x := range sides {
			if err := agreed(x.consent); err != nil {
				return err
			}
			if got[i], err = s.drive(ctx, p, x.one); err != nil {
				return fmt.Errorf("%s: %w", x.name, err)
			}
			fmt.Fprintf(os.Stderr, "%s %-30s %8.0f /s  %6.0f cpu-us, and %4.0f of the clients\n", s.engine, x.name, got[i].rate, got[i].cpu, got[i].clients)
		}
		rates = append(rates, got[0].rate/got[3].rate)
	}
	line("landing_rate_"+s.engine, rates, ">=0.5")
	return nil
}

// load is a rate with what each one cost the serving processes, and the clients beside them.
type load struct {
	sample
	clients float64 // CPU microseconds
}

// drive lets all readers do one thing again and again.
func (s *side) drive(ctx context.Context, p *running, one func(context.Context, *http.Client) error) (load, error) {
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: readers, MaxConnsPerHost: readers}}
	defer client.CloseIdleConnections()
	var (
		group      sync.WaitGroup
		done       atomic.Int64
		end        atomic.Bool
		mu         sync.Mutex
		failed     error
		begun, own int64
	)
	for range readers {
		group.Go(func() {
			for !end.Load() {
				if err := one(ctx, client); err != nil {
					mu.Lock()
					failed = errors.Join(failed, err)
					mu.Unlock()
					return
				}
				done.Add(1)
			}
		})
	}
	time.Sleep(300 * time.Millisecond) // connections and caches are made
	meter, err := s.meter([]int{p.cmd.Process.Pid}, true)
	mine, err2 := stat(os.Getpid())
	begun, own = done.Load(), int64(mine.user+mine.system)
	time.Sleep(s.o.length)
	x := load{}
	n := done.Load() - begun
	if err = errors.Join(err, err2); err == nil {
		x.sample, err = meter.read(n)
		mine, err2 = stat(os.Getpid())
		x.clients = float64((time.Duration(int64(mine.user+mine.system)-own) * tick).Microseconds()) / float64(max(1, n))
	}
	end.Store(true)
	group.Wait()
	return x, errors.Join(err, err2, failed)
}

func agent() string { return fmt.Sprintf("Mozilla/5.0 (visitor %d)", looker.Add(1)) }

// visit is one person: he opens the page, and his script says so.
func (p *running) visit(ctx context.Context, c *http.Client, code string) error {
	agent := agent()
	page, err := p.as(ctx, c, agent, "GET", "/i/"+code, nil)
	if err != nil {
		return err
	}
	path, proof := attribute(page, "data-seen"), attribute(page, "data-proof")
	if path == "" || proof == "" {
		return fmt.Errorf("the page of %s is not open", code)
	}
	_, err = p.as(ctx, c, agent, "POST", path, url.Values{"v": {proof}})
	return err
}

// attribute is the first one of that name on a page; empty when there is none.
func attribute(page []byte, name string) string {
	_, rest, _ := bytes.Cut(page, []byte(" "+name+`="`))
	value, _, _ := bytes.Cut(rest, []byte(`"`))
	return string(value)
}

func (p *running) as(ctx context.Context, c *http.Client, agent, method, path string, form url.Values) ([]byte, error) {
	r, err := http.NewRequestWithContext(ctx, method, p.base+path, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, err
	}
	r.Header.Set("User-Agent", agent)
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	res, err := c.Do(r)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode >= http.StatusMultipleChoices {
		err = fmt.Errorf("%s %s: %s", method, path, res.Status)
	}
	return body, err
}

func (p *running) put(ctx context.Context, path string, body any) error {
	b, err := json.Marshal(body)
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(ctx, "PUT", p.base+path, bytes.NewReader(b))
	if err != nil {
		return err
	}
	r.Header.Set("Authorization", "Bearer "+p.key)
	r.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		answer, _ := io.ReadAll(res.Body) // what it says is only for people
		return fmt.Errorf("PUT %s: %s: %s", path, res.Status, answer)
	}
	return nil
}
