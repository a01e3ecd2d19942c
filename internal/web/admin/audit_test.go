package admin_test

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync"
	"testing"

	"cagnotte/internal/id"
	"cagnotte/internal/staff"
	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
	"cagnotte/internal/web/admin"
)

// Every test of this package watches the records (A8): each POST that worked leaves exactly one,
// whichever test sent it; only what is sent a second time, word for word, may leave none. And each POST route has been sent by one of them: a new one without a
// test that makes it work fails the package.

var worked = struct {
	sync.Mutex
	routes map[string]bool
}{routes: map[string]bool{}}

// watch notes what a site's POSTs led to, and at the end looks for their records.
type watch struct {
	mu    sync.Mutex
	count map[string]int             // by route
	forms map[string]map[string]bool // by route: address and contents of what was sent

	refused map[string]int // by route: POSTs that were refused
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

// broken ends a body as it ended.
type broken struct{ err error }

func (b broken) Read([]byte) (int, error) {
	if b.err != nil {
		return 0, b.err
	}
	return 0, io.EOF
}

func (w *watch) around(next http.Handler) http.Handler {
	var names http.ServeMux // which route a request is for
	admin.Mount(admin.Services{})(&names)
	return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		s := &status{rw, http.StatusOK}
		sent, err := io.ReadAll(r.Body)
		r.Body = io.NopCloser(io.MultiReader(bytes.NewReader(sent), broken{err})) // as it came
		next.ServeHTTP(s, r)
		_, route := names.Handler(r)
		method, path, _ := strings.Cut(route, " ")
		path = strings.TrimPrefix(strings.TrimPrefix(path, "/admin"), "/test")
		pattern := method + " " + path
		if method == http.MethodPost && s.code >= http.StatusBadRequest {
			w.mu.Lock()
			w.refused[pattern]++
			w.mu.Unlock()
			return
		}
		if method == http.MethodPost && !admin.Asks(pattern) {
			w.mu.Lock()
			w.count[pattern]++
			if w.forms[pattern] == nil {
				w.forms[pattern] = map[string]bool{}
			}
			w.forms[pattern][r.URL.Path+" "+string(sent)] = true
			w.mu.Unlock()
		}
	})
}

// check compares what worked with the records of all shops, and gives what does not agree.
func (w *watch) check(s *site) (wrong []string) {
	ctx := context.WithoutCancel(s.t.Context()) // it ends before what is cleaned up
	shops, err := s.st.Shops(ctx)
	if err != nil {
		return []string{err.Error()}
	}
	records, refusals := map[string]int{}, map[string]int{}
	for _, shop := range shops {
		for before := (id.Audit{}); ; {
			list, err := s.st.Audits(ctx, shop.ID, "", store.AuditedAll, before, 500)
			if err != nil {
				return []string{err.Error()}
			}
			for _, a := range list {
				before = a.ID
				if a.Refused == "" {
					records[a.Action]++
				} else {
					refusals[a.Action]++
				}
			}
			if len(list) < 500 {
				break
			}
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	for pattern, n := range w.count {
		if other := len(w.forms[pattern]); records[pattern] > n || records[pattern] < other {
			wrong = append(wrong, fmt.Sprintf("%s worked %d times, %d of them different, and left %d records", pattern, n, other, records[pattern]))
		}
		worked.Lock()
		worked.routes[pattern] = true
		worked.Unlock()
	}
	for pattern, n := range refusals {
		if n > w.refused[pattern] {
			wrong = append(wrong, fmt.Sprintf("%s was refused %d times and left %d records of that", pattern, w.refused[pattern], n))
		}
	}
	for pattern, n := range records {
		if w.count[pattern] == 0 {
			wrong = append(wrong, fmt.Sprintf("%d records of %s, which never worked", n, pattern))
		}
	}
	return wrong
}

// The watch notices a record that is missing, one too many, and one of nothing.
func TestADeedLeavesOneRecord(t *testing.T) {
	t.Parallel()
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := open(t, st).withShop()
		b := s.as(staff.Owner)
		const group = "POST /settings/groups"
		b.post("/admin/settings/groups", "code", "a", "name", "A").wants(t, http.StatusOK)
		b.post("/admin/settings/groups", "code", "", "name", "A").wants(t, http.StatusUnprocessableEntity)
		if wrong := s.watch.check(s); len(wrong) != 0 {
			t.Fatal(wrong)
		}
		s.watch.forms[group]["another"] = true
		if wrong := fmt.Sprint(s.watch.check(s)); !strings.Contains(wrong, "2 of them different, and left 1 records") {
			t.Error(wrong)
		}
		delete(s.watch.forms[group], "another")
		s.watch.count[group] = 0
		if wrong := fmt.Sprint(s.watch.check(s)); !strings.Contains(wrong, "1 records of "+group+", which never worked") {
			t.Error(wrong)
		}
		s.watch.count[group] = 1
		if err := s.staff.Note(t.Context(), s.shop.ID, staff.Done{Action: group}); err != nil {
			t.Fatal(err)
		}
		if wrong := fmt.Sprint(s.watch.check(s)); !strings.Contains(wrong, "left 2 records") {
			t.Error(wrong)
		}
		s.watch.count[group] = 2
	})
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
