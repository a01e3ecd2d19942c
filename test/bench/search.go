package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"
)

// Names of the members that the shop is filled with: n has the first name n % 40 and the last
// name n / 40 % 500, which is one of twenty-five with an ending.
var (
	benchFirst = strings.Fields("anna bela camille dorota elodie franek gaelle hanna igor julie kasia louis malgorzata nicolas ola pauline rafal sophie tomasz zoe " +
		"adam beata celine darek emma filip gosia hugo ines jakub karol lea marek nina oskar piotr romain szymon theo wojciech")
	benchLast = strings.Fields("dupont nowak martin kowalska bernard wisniewski petit wojcik durand zielinska mazur lefevre dabrowska sobczak garnier vasseur rousseau " +
		"chevalier benoit lukaszewicz faure noel krawczyk lis moreau")
)

func benchName(n int) (first, last string) {
	k := n / len(benchFirst) % 500
	return benchFirst[n%len(benchFirst)], benchLast[k%len(benchLast)] + []string{"", "a", "ek", "icz", "owski", "in", "et", "eau", "ard", "ier", "on", "el", "as", "is", "os", "um", "er", "ak", "ik", "uk"}[k/len(benchLast)]
}

// searching measures what somebody waits for who looks for a member in the back office of a
// shop of a million: the whole page over HTTP, one after the other, against the bare query of
// the same beginning of a word on the same index.
func (s *side) searching(ctx context.Context) error {
	db, err := s.database()
	if err != nil {
		return err
	}
	defer db.Close()
	crowd := s.o.crowd
	if s.million {
		crowd = 1_000_000
	} else {
		if err := s.raw.fill(ctx, crowd); err != nil {
			return fmt.Errorf("fill: %w", err)
		}
		s.million = true
	}
	if err := s.nameMembers(ctx, db, crowd); err != nil {
		return fmt.Errorf("names: %w", err)
	}
	var members, terms, doing int
	for q, n := range map[string]*int{
		"SELECT COUNT(*) FROM members WHERE shop_id = 1": &members, "SELECT COUNT(*) FROM member_terms WHERE shop_id = 1": &terms,
		"SELECT COUNT(*) FROM member_terms WHERE shop_id = 1 AND term >= 'wojci' AND term < 'wojcj'": &doing,
	} {
		if err := db.QueryRowContext(ctx, q).Scan(n); err != nil {
			return err
		}
	}
	fmt.Fprintf(os.Stderr, "%s is searched with %d members, %d terms, %d of them wojci…\n", s.engine, members, terms, doing)
	joins, err := s.tool(ctx, "staff", "invite", "bench", "bench@example.com", "--name", "Bench")
	if err != nil {
		return err
	}
	p, err := s.start(ctx, 512)
	if err != nil {
		return err
	}
	defer p.stop()
	if _, err := p.enter(ctx, strings.TrimSpace(joins), url.Values{"password": {"long enough for a bench"}}); err != nil {
		return err
	}
	link, err := s.tool(ctx, "staff", "link", "bench", "bench@example.com")
	if err != nil {
		return err
	}
	client, err := p.enter(ctx, strings.TrimSpace(link), nil)
	if err != nil {
		return err
	}
	bare, err := db.PrepareContext(ctx, "SELECT t.term, t.member_id FROM member_terms t WHERE t.shop_id = 1 AND t.term >= $1 AND t.term < $2 ORDER BY t.term, t.member_id LIMIT 25")
	if err != nil {
		return err
	}
	defer bare.Close()
	var middle, slow, hard []float64
	for range s.o.rounds {
		pages, raws := []time.Duration{}, []time.Duration{}
		worst, slowest := "", time.Duration(0)
		for end := time.Now().Add(s.o.length); time.Now().Before(end); {
			first, last := benchName(rand.IntN(20_000))
			one, two := last[:min(len(last), 3+rand.IntN(3))], first[:2]
			begun := time.Now()
			if err := found(ctx, client, p.base+"/admin/members?q="+url.QueryEscape(one+" "+two)); err != nil {
				return err
			}
			took := time.Since(begun)
			if pages = append(pages, took); took > slowest {
				worst, slowest = one+" "+two, took
			}
			begun = time.Now()
			if err := drain(bare.QueryContext(ctx, one, one+"\U0010FFFF")); err != nil {
				return err
			}
			raws = append(raws, time.Since(begun))
		}
		worstHard, err := hardest(ctx, client, p.base)
		if err != nil {
			return err
		}
		hard = append(hard, worstHard.Seconds()*1000)
		slices.Sort(pages)
		slices.Sort(raws)
		middle = append(middle, pages[len(pages)/2].Seconds()/raws[len(raws)/2].Seconds())
		slow = append(slow, pages[len(pages)*99/100].Seconds()*1000)
		fmt.Fprintf(os.Stderr, "%s searches %8.2f ms, the hundredth slowest %.2f ms, the slowest %.2f ms (%s)   bare %.3f ms\n", s.engine, pages[len(pages)/2].Seconds()*1000, slow[len(slow)-1], slowest.Seconds()*1000, worst, raws[len(raws)/2].Seconds()*1000)
	}
	line("member_search_"+s.engine, middle, "<=40")
	line("member_search_p99_ms_"+s.engine, slow, "<=100")
	line("member_search_hard_ms_"+s.engine, hard, "<=250")
	return nil
}

// hardest looks for what many have one by one and nobody, or hardly anybody, together, and gives
// how long the slowest page took: no plan finds a full page early.
func hardest(ctx context.Context, client *http.Client, base string) (slowest time.Duration, err error) {
	for _, q := range []string{"wojci do", "anna zoe", "ma ju wo", "a b c", "a z", "n0 wojciech anna", "=x zz", "n0 e", "wojciech dorota emma"} {
		begun := time.Now()
		if err := opened(ctx, client, base+"/admin/members?q="+url.QueryEscape(q), ""); err != nil {
			return 0, err
		}
		took := time.Since(begun)
		fmt.Fprintf(os.Stderr, "  %-22s %8.2f ms\n", q, took.Seconds()*1000)
		slowest = max(slowest, took)
	}
	return slowest, nil
}

// nameMembers gives the members of the filled shop names, as the terms by which they are found.
func (s *side) nameMembers(ctx context.Context, db *sql.DB, n int) error {
	if _, err := db.ExecContext(ctx, "CREATE TABLE bench_names (n BIGINT PRIMARY KEY, first TEXT, last TEXT)"); err != nil {
		return err
	}
	for from := 0; from < 20_000; from += 200 {
		var values []string
		for i := from; i < from+200; i++ {
			first, last := benchName(i)
			values = append(values, fmt.Sprintf("(%d, '%s', '%s')", i, first, last))
		}
		if _, err := db.ExecContext(ctx, "INSERT INTO bench_names (n, first, last) VALUES "+strings.Join(values, ", ")); err != nil {
			return err
		}
	}
	member, counted := "unhex(printf('%032x', c.n))", "WITH RECURSIVE c(n) AS (SELECT %d UNION ALL SELECT n + 1 FROM c WHERE n < %d) "
	if s.engine == "postgres" {
		member, counted = "decode(lpad(to_hex(c.n), 32, '0'), 'hex')", "WITH c AS (SELECT generate_series(%d, %d) AS n) "
	}
	for _, term := range []string{"b.first", "b.last", "'=' || b.last || ' ' || b.first"} {
		q := fmt.Sprintf(counted, s.o.members, n-1)
		if s.engine == "postgres" {
			q += "INSERT INTO member_terms (shop_id, term, member_id) "
		} else {
			q = "INSERT INTO member_terms (shop_id, term, member_id) " + q
		}
		q += "SELECT 1, " + term + ", " + member + " FROM c JOIN bench_names b ON b.n = c.n % 20000"
		if _, err := db.ExecContext(ctx, q); err != nil {
			return err
		}
	}
	_, err := db.ExecContext(ctx, "DROP TABLE bench_names")
	if err == nil && s.engine == "postgres" {
		_, err = db.ExecContext(ctx, "ANALYZE member_terms, members, member_keys")
	}
	return err
}

// enter sends the form of a link that lets somebody in.
func (p *running) enter(ctx context.Context, path string, form url.Values) (*http.Client, error) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, err
	}
	client := &http.Client{Jar: jar}
	r, err := http.NewRequestWithContext(ctx, "POST", p.base+path, strings.NewReader(form.Encode()))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	res, err := client.Do(r)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: %s", path, res.Status)
	}
	return client, nil
}

// found reads a page of the back office that lists somebody.
func found(ctx context.Context, client *http.Client, at string) error {
	return opened(ctx, client, at, `name="m"`)
}

// opened reads a page that holds a text.
func opened(ctx context.Context, client *http.Client, at, has string) error {
	r, err := http.NewRequestWithContext(ctx, "GET", at, nil)
	if err != nil {
		return err
	}
	res, err := client.Do(r)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err == nil && (res.StatusCode != http.StatusOK || !strings.Contains(string(body), has)) {
		err = fmt.Errorf("%s: %s, and it has no %q", at, res.Status, has)
	}
	return err
}

func drain(rows *sql.Rows, err error) error {
	if err != nil {
		return err
	}
	n := 0
	for rows.Next() {
		n++
	}
	if n == 0 {
		err = errors.New("the bare query finds nobody")
	}
	return errors.Join(err, rows.Err(), rows.Close())
}
