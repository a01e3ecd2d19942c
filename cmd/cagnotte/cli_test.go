package main

import (
	"bufio"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"cagnotte/internal/store/storetest"
)

// TestCommands runs the command line as people type it, each script in a folder of its
// own with examples/, a story, and the first rows of the real file.
func TestCommands(t *testing.T) {
	bin := program(t)
	t.Run("scripts", func(t *testing.T) { // the program stays until its scripts have ended
		testscript.Run(t, testscript.Params{Dir: "testdata/script", RequireExplicitExec: true, Setup: func(e *testscript.Env) error {
			return setup(e, bin)
		}})
	})
}

// TestCommandsOnPostgres runs them with --database, each script with two fresh ones.
func TestCommandsOnPostgres(t *testing.T) {
	storetest.Config(t, "postgres") // a machine without a server skips here, not within a script
	bin := program(t)
	t.Run("scripts", func(t *testing.T) {
		testscript.Run(t, testscript.Params{Dir: "testdata/postgres", RequireExplicitExec: true, Setup: func(e *testscript.Env) error {
			e.Setenv("ONE", storetest.Config(t, "postgres").URL)
			e.Setenv("TWO", storetest.Config(t, "postgres").URL)
			return setup(e, bin)
		}})
	})
}

// program builds the real one, without the race detector, under which every start takes a
// second.
func program(t *testing.T) (folder string) {
	t.Helper()
	folder = t.TempDir()
	out, err := exec.CommandContext(t.Context(), "go", "build", "-o", folder, ".").CombinedOutput()
	if err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	return folder
}

func setup(e *testscript.Env, bin string) error {
	e.Setenv("PATH", bin+string(os.PathListSeparator)+e.Getenv("PATH"))
	return errors.Join(
		os.CopyFS(filepath.Join(e.WorkDir, "examples"), os.DirFS("../../examples")),
		firstRows(filepath.Join(e.WorkDir, "orders.csv.gz"), 200),
		copyFile(filepath.Join(e.WorkDir, "first_light.txt"), "../../test/stories/first_light.txt"),
	)
}

// firstRows packs the header and the first rows of the real file.
func firstRows(to string, n int) (err error) {
	src, err := os.Open("../../testdata/online_retail_2010-12-01_to_15.csv.gz")
	if err != nil {
		return err
	}
	defer src.Close()
	unpacked, err := gzip.NewReader(src)
	if err != nil {
		return err
	}
	out, err := os.Create(to)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	packed := gzip.NewWriter(out)
	lines := bufio.NewScanner(unpacked)
	for range n + 1 {
		if !lines.Scan() {
			return errors.Join(lines.Err(), io.ErrUnexpectedEOF)
		}
		if _, err := io.WriteString(packed, lines.Text()+"\n"); err != nil {
			return err
		}
	}
	return packed.Close()
}

func copyFile(to, from string) error {
	b, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, b, 0o600)
}

// TestServe starts the server where a port is free, asks it something, and stops it as a
// signal would.
func TestServe(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name string
		args []string
		key  string // how a line begins that its first start prints
	}{
		{"serve", []string{"serve"}, "operator key"},
		{"demo", []string{"demo"}, "live key"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			folder := t.TempDir()
			args := append(tt.args, "--data", folder, "--addr", "127.0.0.1:0")
			s := start(t, args)
			if line(s.said, tt.key) == "" {
				t.Errorf("the first start says\n%s", s.said)
			}
			if status, body := s.get(t, "/healthz", ""); status != http.StatusOK || body != "ok\n" {
				t.Errorf("/healthz answers %d %q", status, body)
			}
			if status, _ := s.get(t, "/v1/shop", ""); status != http.StatusUnauthorized {
				t.Errorf("without a key /v1/shop answers %d", status)
			}
			if key := regexp.MustCompile(`cag_live_\w+`).FindString(s.said); key != "" {
				if status, body := s.get(t, "/v1/shop", key); status != http.StatusOK || !strings.Contains(body, `"slug":"demo"`) {
					t.Errorf("with its key /v1/shop answers %d %s", status, body)
				}
			}
			s.stop(t)

			again := start(t, args)
			again.stop(t)
			first, second := line(s.said, tt.key), line(again.said, tt.key)
			if tt.name == "serve" && second != "" || tt.name == "demo" && second != first {
				t.Errorf("the second start says\n%s", again.said)
			}
		})
	}
}

// line finds the line that begins with a word.
func line(text, word string) string {
	for l := range strings.Lines(text) {
		if strings.HasPrefix(l, word) {
			return l
		}
	}
	return ""
}

// server is the program running in this process.
type server struct {
	said    string // what it printed until it listened
	address string
	cancel  context.CancelFunc
	ended   chan int
	errs    *strings.Builder
}

func start(t *testing.T, args []string) *server {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	r, w := io.Pipe()
	s := &server{cancel: cancel, ended: make(chan int, 1), errs: &strings.Builder{}}
	go func() {
		code := run(ctx, args, w, s.errs)
		w.Close()
		s.ended <- code
	}()
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		s.said += lines.Text() + "\n"
		if _, rest, ok := strings.Cut(lines.Text(), "listens on "); ok {
			s.address, _, _ = strings.Cut(rest, " ")
			go io.Copy(io.Discard, r) // nothing more is expected, but nobody may wait for us
			return s
		}
	}
	t.Fatalf("it ended with %d before it listened:\n%s%s", <-s.ended, s.said, s.errs)
	return nil
}

func (s *server) get(t *testing.T, path, key string) (status int, body string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.address+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	if key != "" {
		r.Header.Set("Authorization", "Bearer "+key)
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	b, err := io.ReadAll(answer.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer.StatusCode, string(b)
}

func (s *server) stop(t *testing.T) {
	t.Helper()
	s.cancel()
	select {
	case code := <-s.ended:
		if code != 0 || s.errs.Len() > 0 {
			t.Errorf("it ended with %d and said\n%s", code, s.errs)
		}
	case <-time.After(30 * time.Second):
		t.Fatal("it does not stop")
	}
}
