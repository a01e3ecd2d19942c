package faults

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
	"testing"
	"time"

	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
)

var (
	qStored = store.New("faults.stored", `SELECT e.external_id FROM events e WHERE e.kind = 'order_paid' AND e.shop_id = $1`)
	qPoints = store.New("faults.points", `
		SELECT COALESCE(CAST(SUM(a.balance) AS BIGINT), 0) FROM accounts a WHERE a.shop_id = $1 AND a.unit = 'points'`)
	qPosted = store.New("faults.posted", `
		SELECT COALESCE(CAST(SUM(p.amount) AS BIGINT), 0) FROM postings p
		WHERE p.shop_id = $1 AND p.unit = 'points' AND p.member_id IS NOT NULL`)
)

// The real program is killed in the middle of its work, again and again, while clients
// report orders and repeat what was not acknowledged. Nothing acknowledged is lost,
// nothing is there twice.
func TestKilledUnderLoad(t *testing.T) {
	for _, engine := range []string{"sqlite", "postgres"} {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			kills, least := 50, 5_000
			if os.Getenv("CAGNOTTE_PROVE") != "" {
				kills, least = 500, 50_000
			}
			c := storetest.Config(t, engine)
			s := newServer(t, c)
			load := newLoad(s)
			for range 24 {
				load.clients.Go(load.client)
			}
			dice := rand.New(rand.NewPCG(3, 5))
			for done := 0; done < kills || load.acknowledged() < least; done++ {
				if done > 20*kills {
					t.Fatalf("%d kills and only %d acknowledged", done, load.acknowledged())
				}
				s.runFor(time.Duration(250+dice.IntN(350)) * time.Millisecond)
			}
			s.start()
			load.finish()
			s.stop()
			load.check(t, storetest.Open(t, c))
		})
	}
}

// server is the real program, started and killed.
type server struct {
	t    *testing.T
	bin  string
	args []string
	addr string
	key  string
	env  []string
	cmd  *exec.Cmd
}

func newServer(t *testing.T, c store.Config) *server {
	t.Helper()
	dir := t.TempDir()
	s := &server{t: t, bin: filepath.Join(dir, "cagnotte"), env: append(os.Environ(), "CAGNOTTE_KEY="+storetest.Key)}
	args := []string{"build", "-o", s.bin}
	if tag := os.Getenv("CAGNOTTE_PLANTED"); tag != "" {
		args = append(args, "-tags", tag)
	}
	if out, err := exec.CommandContext(t.Context(), "go", append(args, "cagnotte/cmd/cagnotte")...).CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	s.args = []string{"--data", filepath.Join(dir, "data")}
	if c.URL != "" {
		s.args = append(s.args, "--database", c.URL)
	} else {
		s.args = []string{"--data", c.Folder}
	}
	s.key = regexp.MustCompile(`cag_live_\w+`).FindString(s.tool("shop", "create", "Killed"))
	program := filepath.Join(dir, "program.txt")
	if err := os.WriteFile(program, []byte("program \"Points\"\n  starts 2020-01-01\n  earn 1 point per 1.00 EUR\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s.tool("program", "apply", program, "--shop", "killed")
	ln, err := net.Listen("tcp", "127.0.0.1:0") // a free port, kept for every start
	if err != nil {
		t.Fatal(err)
	}
	s.addr = ln.Addr().String()
	ln.Close()
	return s
}

func (s *server) tool(args ...string) string {
	s.t.Helper()
	cmd := exec.CommandContext(s.t.Context(), s.bin, append(args, s.args...)...)
	cmd.Env = s.env
	out, err := cmd.CombinedOutput()
	if err != nil {
		s.t.Fatalf("%v: %v\n%s", args, err, out)
	}
	return string(out)
}

func (s *server) start() {
	s.t.Helper()
	s.cmd = exec.CommandContext(s.t.Context(), s.bin, append([]string{"serve", "--addr", s.addr}, s.args...)...)
	s.cmd.Env = s.env
	if err := s.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	for {
		res, err := http.Get("http://" + s.addr + "/healthz")
		if err == nil {
			res.Body.Close()
			return
		}
		select {
		case <-s.t.Context().Done():
			s.t.Fatal("the server does not come up")
		case <-time.After(5 * time.Millisecond): // a real process has real time
		}
	}
}

// runFor lets the server live for a while and kills it without warning.
func (s *server) runFor(d time.Duration) {
	s.start()
	time.Sleep(d) // what happens in this while is the test: real time, a real process
	if err := s.cmd.Process.Kill(); err != nil {
		s.t.Error(err)
	}
	_ = s.cmd.Wait() // it was killed
}

func (s *server) stop() {
	if err := s.cmd.Process.Signal(os.Interrupt); err != nil {
		s.t.Error(err)
	}
	if err := s.cmd.Wait(); err != nil {
		s.t.Errorf("the server did not end well: %v", err)
	}
}

// load is what clients did and were told.
type load struct {
	s       *server
	clients sync.WaitGroup
	ctx     context.Context
	end     context.CancelFunc
	mu      sync.Mutex
	next    int
	acked   map[int]bool
	sent    map[int]bool
	calls   int
	unsure  int
}

func newLoad(s *server) *load {
	l := &load{s: s, acked: map[int]bool{}, sent: map[int]bool{}}
	l.ctx, l.end = context.WithCancel(s.t.Context())
	return l
}

func (l *load) acknowledged() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.acked)
}

// client reports one order after the other and repeats each until it is acknowledged; one
// in ten it repeats even then.
func (l *load) client() {
	http := &http.Client{Timeout: 10 * time.Second}
	for l.ctx.Err() == nil {
		l.mu.Lock()
		n := l.next
		l.next++
		l.sent[n] = true
		l.mu.Unlock()
		for !l.post(http, n) && l.s.t.Context().Err() == nil {
		}
		if n%10 == 0 {
			l.post(http, n)
		}
	}
}

// began is when the first order was placed.
var began = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

func cents(n int) int { return 100 + n%900 }

func (l *load) post(c *http.Client, n int) bool {
	body, err := json.Marshal(map[string]any{"events": []any{map[string]any{
		"type": "order_paid", "id": fmt.Sprint(n), "feed": "web", "occurred_at": began.Add(time.Duration(n) * time.Millisecond),
		"member": map[string]any{"number": fmt.Sprintf("M%d", n%200)},
		"order": map[string]any{"ref": fmt.Sprint(n), "currency": "EUR", "lines": []any{
			map[string]any{"sku": "MUG", "quantity": 1, "amount": cents(n)},
		}},
	}}})
	if err != nil {
		panic(err)
	}
	req, err := http.NewRequestWithContext(l.s.t.Context(), "POST", "http://"+l.s.addr+"/v1/events", bytes.NewReader(body))
	if err != nil {
		panic(err)
	}
	req.Header.Set("Authorization", "Bearer "+l.s.key)
	req.Header.Set("Content-Type", "application/json")
	l.mu.Lock()
	l.calls++
	l.mu.Unlock()
	res, err := c.Do(req)
	if err != nil {
		l.mu.Lock()
		l.unsure++
		l.mu.Unlock()
		time.Sleep(10 * time.Millisecond) // the server is away: a real client waits
		return false
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err != nil {
		return false
	}
	if res.StatusCode != http.StatusOK {
		if res.StatusCode != http.StatusServiceUnavailable {
			l.s.t.Errorf("order %d: %s: %s", n, res.Status, answer)
		}
		return res.StatusCode < 500
	}
	l.mu.Lock()
	l.acked[n] = true
	l.mu.Unlock()
	return true
}

// finish lets every client end with an acknowledgement.
func (l *load) finish() {
	l.end()
	l.clients.Wait()
}

// check compares what was acknowledged with what is stored.
func (l *load) check(t *testing.T, st *store.Store) {
	stored := map[string]int{}
	err := st.Read(t.Context(), qStored, func(r store.Scanner) error {
		var ext string
		err := r.Scan(&ext)
		stored[ext]++
		return err
	}, int64(1))
	if err != nil {
		t.Fatal(err)
	}
	lost, doubled, phantoms, points := 0, 0, 0, int64(0)
	for n := range l.acked {
		if stored[fmt.Sprint(n)] == 0 {
			lost++
		}
	}
	for ext, times := range stored {
		var n int
		if _, err := fmt.Sscan(ext, &n); err != nil || !l.sent[n] {
			phantoms++
		}
		if times > 1 {
			doubled++
		}
		points += int64(cents(n) / 100)
	}
	balances, posted := count(t, st, qPoints, int64(1)), count(t, st, qPosted, int64(1))
	t.Logf("%d calls, %d acknowledged, %d stored, %d calls without an answer: %d lost, %d doubled, %d phantoms; %d points",
		l.calls, len(l.acked), len(stored), l.unsure, lost, doubled, phantoms, balances)
	if lost+doubled+phantoms > 0 || balances != points || posted != points {
		t.Errorf("lost %d, doubled %d, phantoms %d; points %d in balances, %d in postings, want %d", lost, doubled, phantoms, balances, posted, points)
	}
	if l.unsure == 0 {
		t.Error("no call was ever cut off: the kills did not hit the load")
	}
}
