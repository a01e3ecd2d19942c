package web_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"cagnotte/internal/locale"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/web"
)

func site(t *testing.T, log io.Writer, handle func(*web.Edge, http.ResponseWriter, *http.Request)) http.Handler {
	t.Helper()
	words, err := locale.New()
	if err != nil {
		t.Fatal(err)
	}
	e := web.NewEdge(slog.New(slog.NewTextHandler(log, nil)), words)
	return web.New(e, func(m web.Mux) {
		m.HandleFunc("GET /x", func(w http.ResponseWriter, r *http.Request) { handle(e, w, r) })
	})
}

func get(h http.Handler, path string, headers ...string) (*httptest.ResponseRecorder, web.Problem) {
	r := httptest.NewRequest("GET", path, nil)
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	var p web.Problem
	_ = json.Unmarshal(w.Body.Bytes(), &p) // what is no problem stays empty
	return w, p
}

func TestErrorsBecomeProblems(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		err    error
		status int
		code   string
	}{
		{"of the input", loyalty.Invalid("amount", "required"), 422, "required"},
		{"wrapped", fmt.Errorf("record: %w", loyalty.Conflict("id", "event_conflict")), 409, "event_conflict"},
		{"not found", loyalty.NotFound("member", "member_unknown"), 404, "member_unknown"},
		{"busy", fmt.Errorf("%w: the queue is full", loyalty.ErrUnavailable), 503, "unavailable"},
		{"ours", errors.New("the disk fell out: SECRET"), 500, "internal"},
		{"a caller who left", context.Canceled, 503, "unavailable"},
	}
	for _, tt := range tests {
		var log strings.Builder
		h := site(t, &log, func(e *web.Edge, w http.ResponseWriter, r *http.Request) { e.Fail(w, r, tt.err) })
		w, p := get(h, "/x", "X-Request-Id", "abc-1", "Accept-Language", "de, fr-CA;q=0.8")
		if w.Code != tt.status || p.Status != tt.status || p.Code != tt.code || p.RequestID != "abc-1" {
			t.Errorf("%s: %d %s", tt.name, w.Code, w.Body)
		}
		if w.Header().Get("Content-Language") != "fr" || w.Header().Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s: %v", tt.name, w.Header())
		}
		if (w.Code == 503) != (w.Header().Get("Retry-After") != "") {
			t.Errorf("%s: Retry-After %q", tt.name, w.Header().Get("Retry-After"))
		}
		if strings.Contains(w.Body.String(), "SECRET") {
			t.Errorf("%s tells its particulars: %s", tt.name, w.Body)
		}
		if logged := strings.Contains(log.String(), "request_id=abc-1"); logged != (w.Code >= 500) {
			t.Errorf("%s: in the log: %v", tt.name, logged)
		}
	}
}

func TestWhatRepeatsTheInputIsLeftOut(t *testing.T) {
	t.Parallel()
	h := site(t, io.Discard, func(e *web.Edge, w http.ResponseWriter, r *http.Request) {
		e.Fail(w, r, loyalty.Invalid("adjust.unit", "unknown_unit", "unit", "SECRET"))
	})
	if w, _ := get(h, "/x"); strings.Contains(w.Body.String(), "SECRET") {
		t.Errorf("%s", w.Body)
	}
}

func TestAPanicIsAnAnswer(t *testing.T) {
	t.Parallel()
	h := site(t, io.Discard, func(*web.Edge, http.ResponseWriter, *http.Request) { panic("SECRET") })
	if w, p := get(h, "/x"); w.Code != 500 || p.Code != "internal" || strings.Contains(w.Body.String(), "SECRET") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func TestRoutesThatAreNotThere(t *testing.T) {
	t.Parallel()
	h := site(t, io.Discard, func(*web.Edge, http.ResponseWriter, *http.Request) {})
	if w, p := get(h, "/y"); w.Code != 404 || p.Code != "route_unknown" {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	r := httptest.NewRequest("POST", "/x", nil)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if w.Code != 405 || w.Header().Get("Allow") != "GET, HEAD" {
		t.Errorf("%d %v", w.Code, w.Header())
	}
	if w, _ := get(h, "/healthz"); w.Code != 200 || w.Body.String() != "ok\n" {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func TestRequestIDs(t *testing.T) {
	t.Parallel()
	h := site(t, io.Discard, func(*web.Edge, http.ResponseWriter, *http.Request) {})
	for given, kept := range map[string]bool{"abc-1": true, "": false, "a b": false, "x\ny": false, strings.Repeat("a", 65): false} {
		w, _ := get(h, "/x", "X-Request-Id", given)
		if got := w.Header().Get("X-Request-Id"); got == "" || (got == given) != kept {
			t.Errorf("%q becomes %q", given, got)
		}
	}
}

func TestRunLetsRequestsFinish(t *testing.T) {
	t.Parallel()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	started := make(chan struct{})
	h := site(t, io.Discard, func(_ *web.Edge, w http.ResponseWriter, _ *http.Request) {
		close(started)
		time.Sleep(50 * time.Millisecond)
		fmt.Fprint(w, "done")
	})
	ended := make(chan error, 1)
	go func() { ended <- web.Run(ctx, ln, h) }()
	got := make(chan string, 1)
	go func() {
		resp, err := http.Get("http://" + ln.Addr().String() + "/x")
		if err != nil {
			got <- err.Error()
			return
		}
		defer resp.Body.Close()
		b, _ := io.ReadAll(resp.Body)
		got <- string(b)
	}()
	<-started
	stop()
	if s := <-got; s != "done" {
		t.Errorf("the request under way got %q", s)
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
}
