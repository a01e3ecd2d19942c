package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// pageMembers is how many members a page of the back office lists.
const pageMembers = 25

var wayIn = regexp.MustCompile(`/admin/(join|enter)/\S+`)

// pages measures the CPU of the back office's list of members against the API's list of as many
// members, by the same process, in turns. Neither is compressed.
func (s *side) pages(ctx context.Context) error {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return err
	}
	staff := &http.Client{Jar: jar, Transport: &http.Transport{MaxIdleConnsPerHost: readers, DisableCompression: true}}
	defer staff.CloseIdleConnections()
	// Who has accepted the invitation is let in by a link, without the second factor that he lacks.
	var p *running
	for _, how := range [][]string{{"invite", "bench", "owner@example.com", "--name", "Owner"}, {"link", "bench", "owner@example.com"}} {
		if p != nil {
			p.stop()
		}
		said, err := s.tool(ctx, append([]string{"staff"}, how...)...)
		if err != nil {
			return err
		}
		way := wayIn.FindString(said)
		if way == "" {
			return errors.New("no way into the back office")
		}
		if p, err = s.start(ctx, 512); err != nil {
			return err
		}
		defer p.stop()
		if _, err := p.open(ctx, staff, "POST", way); err != nil {
			return err
		}
	}
	shop := &http.Client{Transport: staff.Transport}
	list := fmt.Sprintf("/v1/members?limit=%d", pageMembers)
	page, err := p.open(ctx, staff, "GET", "/admin/members")
	if err != nil {
		return err
	}
	if n := len(rowIn.FindAll(page, -1)); n != pageMembers+1 {
		return fmt.Errorf("the page has %d rows, want %d and a heading", n, pageMembers)
	}
	var ratios []float64
	for range s.o.rounds {
		rendered, err := s.spend(ctx, p, staff, "/admin/members")
		if err != nil {
			return err
		}
		listed, err := s.spend(ctx, p, shop, list)
		if err != nil {
			return err
		}
		ratios = append(ratios, rendered.cpu/listed.cpu)
		fmt.Fprintf(os.Stderr, "%s page of members %6.0f cpu-us %7.0f /s   list by API %6.0f cpu-us %7.0f /s\n", s.engine, rendered.cpu, rendered.rate, listed.cpu, listed.rate)
	}
	line("page_cpu_"+s.engine, ratios, "<=1.5")
	return nil
}

var rowIn = regexp.MustCompile(`<tr\b`)

// spend asks for a path from all readers for one length, and tells the CPU of an answer, the
// database's included.
func (s *side) spend(ctx context.Context, p *running, c *http.Client, path string) (sample, error) {
	var (
		group  sync.WaitGroup
		count  atomic.Int64
		mu     sync.Mutex
		failed error
	)
	m, err := s.meter([]int{p.cmd.Process.Pid}, true)
	if err != nil {
		return sample{}, err
	}
	end := time.Now().Add(s.o.length)
	for range readers {
		group.Go(func() {
			for time.Now().Before(end) {
				if _, err := p.open(ctx, c, "GET", path); err != nil {
					mu.Lock()
					failed = errors.Join(failed, err)
					mu.Unlock()
					return
				}
				count.Add(1)
			}
		})
	}
	group.Wait()
	if failed != nil {
		return sample{}, failed
	}
	return m.read(count.Load())
}

func (p *running) open(ctx context.Context, c *http.Client, method, path string) ([]byte, error) {
	form := url.Values{}
	if method == http.MethodPost {
		form.Set("password", "a sentence that nobody guesses")
	}
	r, err := http.NewRequestWithContext(ctx, method, p.base+path, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if c.Jar == nil {
		r.Header.Set("Authorization", "Bearer "+p.key)
	}
	res, err := c.Do(r)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s %s: %s", method, path, res.Status)
	}
	return body, err
}
