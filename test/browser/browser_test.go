// Package browser looks at the pages as people do: in a real browser, against the real
// program with its demo shop. The tests themselves are the files *.test.mjs; each test of
// theirs is a test here.
package browser

import (
	"bufio"
	"context"
	"encoding/json"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// limit is how long the browser may take for everything.
const limit = 23 * time.Minute

func TestPagesInABrowser(t *testing.T) {
	node, chromium := tool(t, "node"), tool(t, "chromium")
	if major, err := exec.CommandContext(t.Context(), node, "-p", "parseInt(process.versions.node)").Output(); err != nil || len(major) < 3 && string(major) < "20" {
		lacking(t, "node 20 or newer")
	}
	install(t)
	s := start(t)
	r := newResults(t)
	ctx, stop := context.WithTimeout(t.Context(), limit)
	defer stop()
	run := exec.CommandContext(ctx, node, append([]string{"run.mjs"}, strings.Fields(os.Getenv("CAGNOTTE_BROWSER_TESTS"))...)...)
	run.Env = append(os.Environ(), s.env()...)
	run.Env = append(run.Env, "CAGNOTTE_CHROMIUM="+chromium, "CHROMIUM="+chromium)
	run.Stderr = os.Stderr
	run.Cancel = func() error { return run.Process.Signal(os.Interrupt) } // node closes its browser
	run.WaitDelay = 10 * time.Second
	out, err := run.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := run.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	lines.Buffer(nil, 16<<20)
	for lines.Scan() {
		r.line(lines.Bytes())
	}
	if err := lines.Err(); err != nil {
		t.Error(err)
	}
	if err := run.Wait(); err != nil {
		t.Errorf("node: %v", err)
	}
	r.close()
}

// tool finds a program. test/with-browser.sh installs what is missing; CI has no excuse.
func tool(t *testing.T, name string) string {
	t.Helper()
	path, err := exec.LookPath(name)
	if err != nil {
		lacking(t, name)
	}
	return path
}

func lacking(t *testing.T, what string) {
	t.Helper()
	if os.Getenv("CI") != "" {
		t.Fatalf("%s is missing", what)
	}
	t.Skipf("%s is missing; test/with-browser.sh go test ./test/browser installs it", what)
}

// install brings the packages of the lock file where they are missing or older.
func install(t *testing.T) {
	t.Helper()
	lock, err := os.Stat("package-lock.json")
	if err != nil {
		t.Fatal(err)
	}
	if have, err := os.Stat("node_modules/.package-lock.json"); err == nil && !have.ModTime().Before(lock.ModTime()) {
		return
	}
	if out, err := exec.CommandContext(t.Context(), tool(t, "npm"), "ci", "--ignore-scripts").CombinedOutput(); err != nil {
		t.Fatalf("npm ci: %v\n%s", err, out)
	}
}

// server is the program with its demo shop.
type server struct {
	bin, data, addr string
	front, pages    string            // where the storefront is, and where tests may put pages of a shop
	keys            map[string]string // by kind: live, test
}

// start builds the program and starts it with fresh data on a free port.
func start(t *testing.T) *server {
	t.Helper()
	dir := t.TempDir()
	s := &server{bin: filepath.Join(dir, "cagnotte"), data: filepath.Join(dir, "data"), keys: map[string]string{}}
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", s.bin, "cagnotte/cmd/cagnotte").CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	at := places(t, 4)
	s.addr, s.front, s.pages = at[0], at[1], at[2]
	log, err := os.Create(filepath.Join(dir, "log"))
	if err != nil {
		t.Fatal(err)
	}
	demo := exec.CommandContext(t.Context(), s.bin, "demo", "--data", s.data, "--addr", s.addr, "--shop-addr", s.front, "--limit-entering", "off", "--limit-browsers", "off")
	demo.Cancel = func() error { return demo.Process.Signal(os.Interrupt) } // it closes its database
	demo.WaitDelay = 10 * time.Second
	demo.Stdout, demo.Stderr = log, log
	if err := demo.Start(); err != nil {
		t.Fatal(err)
	}
	died := make(chan struct{})
	go func() {
		_ = demo.Wait() // how it ends is read from its log
		close(died)
	}()
	t.Cleanup(func() {
		<-died
		log.Close()
		if t.Failed() {
			said, _ := os.ReadFile(log.Name()) // a log that is gone explains nothing
			t.Logf("the server said:\n%s", said)
		}
	})
	s.await(t, died)
	said, err := os.ReadFile(log.Name())
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile(`cag_(live|test)_\w+`).FindAllStringSubmatch(string(said), -1) {
		s.keys[m[1]] = m[0]
	}
	if len(s.keys) != 2 {
		t.Fatalf("the demo shop has other keys than these: %v", s.keys)
	}
	return s
}

// places finds n free ports that follow one another.
func places(t *testing.T, n int) []string {
	t.Helper()
	for range 100 {
		first, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		open, out := []net.Listener{first}, []string{first.Addr().String()}
		for i := 1; i < n; i++ {
			ln, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(first.Addr().(*net.TCPAddr).Port+i)))
			if err != nil {
				break
			}
			open, out = append(open, ln), append(out, ln.Addr().String())
		}
		for _, ln := range open {
			ln.Close()
		}
		if len(out) == n {
			return out
		}
	}
	t.Fatal("there are no free ports")
	return nil
}

// await returns when the server answers.
func (s *server) await(t *testing.T, died <-chan struct{}) {
	t.Helper()
	for {
		res, err := http.Get("http://" + s.addr + "/healthz")
		if err == nil {
			res.Body.Close()
			return
		}
		select {
		case <-died:
			t.Fatal("the server has ended")
		case <-time.After(20 * time.Millisecond): // a real process has real time
		}
	}
}

// env tells the tests where the server is; shop.mjs reads it.
func (s *server) env() []string {
	return []string{
		"CAGNOTTE_BASE=http://" + s.addr, "CAGNOTTE_BIN=" + s.bin, "CAGNOTTE_DATA=" + s.data,
		"CAGNOTTE_STOREFRONT=http://" + s.front, "CAGNOTTE_PAGES=" + s.pages, "CAGNOTTE_SHOP=demo-test", "CAGNOTTE_STATES=" + filepath.Dir(s.data),
		"CAGNOTTE_LIVE_KEY=" + s.keys["live"], "CAGNOTTE_TEST_KEY=" + s.keys["test"],
	}
}

// said is a line of run.mjs: what a test printed, or how it ended.
type said struct {
	File, Name, Output string
	Passed             bool
	Milliseconds       int
}

// results makes tests of what run.mjs says.
type results struct {
	t      *testing.T
	output map[string][]string // of a file, since its last test
	ran    map[string]int
}

func newResults(t *testing.T) *results {
	return &results{t: t, output: map[string][]string{}, ran: map[string]int{}}
}

func (r *results) line(b []byte) {
	var x said
	if err := json.Unmarshal(b, &x); err != nil {
		r.t.Errorf("run.mjs says %q: %v", b, err)
		return
	}
	if x.Name == "" {
		r.output[x.File] = append(r.output[x.File], x.Output)
		return
	}
	r.ran[x.File]++
	r.t.Run(strings.TrimSuffix(x.File, ".test.mjs")+": "+strings.ReplaceAll(x.Name, "/", "∕"), func(t *testing.T) {
		t.Logf("%d ms", x.Milliseconds)
		for _, o := range append(r.output[x.File], x.Output) {
			if o != "" {
				t.Log(strings.TrimSpace(o))
			}
		}
		if !x.Passed {
			t.Fail()
		}
	})
	delete(r.output, x.File)
}

// close fails for a file none of whose tests ran.
func (r *results) close() {
	files, err := filepath.Glob("*.test.mjs")
	if err != nil || len(files) == 0 {
		r.t.Fatal("there are no tests: ", err)
	}
	named := strings.Fields(os.Getenv("CAGNOTTE_BROWSER_TESTS"))
	for _, f := range files {
		if r.ran[f] == 0 && (len(named) == 0 || slices.Contains(named, f)) {
			r.t.Errorf("no test of %s ran: %s", f, strings.Join(r.output[f], ""))
		}
	}
}
