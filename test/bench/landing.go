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
	seenIn  = regexp.MustCompile(`data-seen="([^"]+)" data-proof="([^"]+)"`)
	sheetIn = regexp.MustCompile(`href="(/a/portal\.[0-9a-f]+\.css)"`)
	looker  atomic.Int64
)

// landing measures the page that a friend's link opens, each time by another person: the page
// itself and the note that somebody had it before him, stored. The other side is the style
// sheet of the same page, which is about as large and never changes.
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
	if err := p.put(ctx, "/v1/portal", look); err != nil {
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
	var rates []float64
	for range s.o.rounds {
		visits, err := s.visits(ctx, p, codes)
		if err != nil {
			return err
		}
		static, err := s.look(ctx, p, func() string { return string(sheet[1]) })
		if err != nil {
			return err
		}
		rates = append(rates, visits/static.rate)
		fmt.Fprintf(os.Stderr, "%s landings with the click stored %8.0f /s   static %8.0f /s\n", s.engine, visits, static.rate)
	}
	line("landing_rate_"+s.engine, rates, ">=0.5")
	return nil
}

// visits counts pages that were opened and noted, a second.
func (s *side) visits(ctx context.Context, p *running, codes []string) (float64, error) {
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: readers, MaxConnsPerHost: readers}}
	defer client.CloseIdleConnections()
	var (
		group  sync.WaitGroup
		done   atomic.Int64
		mu     sync.Mutex
		failed error
	)
	begin := time.Now()
	end := begin.Add(s.o.length)
	for range readers {
		group.Go(func() {
			for time.Now().Before(end) {
				if err := p.visit(ctx, client, codes[rand.IntN(len(codes))]); err != nil {
					mu.Lock()
					failed = errors.Join(failed, err)
					mu.Unlock()
					return
				}
				done.Add(1)
			}
		})
	}
	group.Wait()
	return float64(done.Load()) / time.Since(begin).Seconds(), failed
}

// visit is one person: he opens the page, and his script says so.
func (p *running) visit(ctx context.Context, c *http.Client, code string) error {
	agent := fmt.Sprintf("Mozilla/5.0 (visitor %d)", looker.Add(1))
	page, err := p.as(ctx, c, agent, "GET", "/i/"+code, nil)
	if err != nil {
		return err
	}
	found := seenIn.FindSubmatch(page)
	if found == nil {
		return fmt.Errorf("the page of %s is not open", code)
	}
	_, err = p.as(ctx, c, agent, "POST", string(found[1]), url.Values{"v": {string(found[2])}})
	return err
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
