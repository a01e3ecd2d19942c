package admin_test

import (
	"context"
	"flag"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"cagnotte/internal/id"
	"cagnotte/internal/web/admin"
)

// Every test of this package watches the records (A8): each POST that worked leaves exactly one,
// whichever test sent it. And each POST route has been sent by one of them: a new one without a
// test that makes it work fails the package.

var worked = struct {
	sync.Mutex
	routes map[string]bool
}{routes: map[string]bool{}}

// watch notes what a site's POSTs led to, and at the end looks for their records.
type watch struct {
	mu    sync.Mutex
	count map[string]int
}

// status keeps the status of an answer.
type status struct {
	http.ResponseWriter
	code int
}

func (s *status) WriteHeader(code int) {
	s.code = code
	s.ResponseWriter.WriteHeader(code)
}

// Unwrap lets http.ResponseController through.
func (s *status) Unwrap() http.ResponseWriter { return s.ResponseWriter }

func (w *watch) around(next http.Handler) http.Handler {
	var names http.ServeMux // which route a request is for
	admin.Mount(admin.Services{})(&names)
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		s := &status{rw, http.StatusOK}
		next.ServeHTTP(s, r)
		_, route := names.Handler(r)
		method, path, _ := strings.Cut(route, " ")
		if method != http.MethodPost || s.code >= http.StatusBadRequest {
			return
		}
		path = strings.TrimPrefix(strings.TrimPrefix(path, "/admin"), "/test")
		if pattern := method + " " + path; !admin.Asks(pattern) {
			w.mu.Lock()
			w.count[pattern]++
			w.mu.Unlock()
		}
	})
}

// check compares what worked with the records of all shops.
func (w *watch) check(s *site) {
	ctx := context.WithoutCancel(s.t.Context()) // it ends before what is cleaned up
	shops, err := s.st.Shops(ctx)
	if err != nil {
		s.t.Error(err)
		return
	}
	records := map[string]int{}
	for _, shop := range shops {
		for before := (id.Audit{}); ; {
			list, err := s.st.Audits(ctx, shop.ID, "", before, 500)
			if err != nil {
				s.t.Error(err)
				return
			}
			for _, a := range list {
				records[a.Action]++
				before = a.ID
			}
			if len(list) < 500 {
				break
			}
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for pattern, n := range w.count {
		if records[pattern] != n {
			s.t.Errorf("%s worked %d times and left %d records", pattern, n, records[pattern])
		}
		worked.Lock()
		worked.routes[pattern] = true
		worked.Unlock()
	}
	for pattern, n := range records {
		if w.count[pattern] == 0 {
			s.t.Errorf("%d records of %s, which never worked", n, pattern)
		}
	}
}

func TestMain(m *testing.M) {
	flag.Parse()
	code := m.Run()
	for _, name := range []string{"test.run", "test.skip", "test.list", "test.bench"} {
		if flag.Lookup(name).Value.String() != "" {
			os.Exit(code) // not all tests ran
		}
	}
	for _, route := range slices.Sorted(slices.Values(routesOf())) {
		method, path, _ := strings.Cut(route, " ")
		pattern := method + " " + strings.TrimPrefix(path, "/admin")
		if method == http.MethodPost && !admin.Asks(pattern) && !worked.routes[pattern] {
			fmt.Printf("no test lets %s work: its record is not looked at\n", pattern)
			code = 1
		}
	}
	os.Exit(code)
}
