// Package web is the edge to the outside: the server, what every request passes, and the
// one place where errors become answers. The audiences (the API, later the back office,
// the portal, the till) are its sub-packages: each mounts its own routes.
//
// A handler decodes, calls one operation, and renders. Nothing here decides, and nothing
// here reads the database.
package web

import (
	"context"
	"crypto/rand"
	"log/slog"
	"net/http"
	"strings"

	"cagnotte/internal/locale"
)

// Edge is what all audiences share: the log, and the words of problems.
type Edge struct {
	log   *slog.Logger
	words *locale.Catalog
}

// NewEdge makes it.
func NewEdge(log *slog.Logger, words *locale.Catalog) *Edge { return &Edge{log, words} }

// Mux is what routes are mounted on: http.ServeMux, or a test that lists them.
type Mux interface {
	HandleFunc(pattern string, handler func(http.ResponseWriter, *http.Request))
}

// Mount adds the routes of one audience.
type Mount func(Mux)

// New is the whole site as one handler.
func New(e *Edge, mounts ...Mount) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", healthz)
	for _, mount := range mounts {
		mount(mux)
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := requestID(r)
		w.Header().Set("X-Request-Id", id)
		w.Header().Set("X-Content-Type-Options", "nosniff")
		r = r.WithContext(context.WithValue(r.Context(), requestKey{}, id))
		defer e.rescue(w, r)
		if h, pattern := mux.Handler(r); pattern == "" {
			e.unrouted(h, w, r)
			return
		}
		mux.ServeHTTP(w, r)
	})
}

func healthz(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	_, _ = w.Write([]byte("ok\n")) // a caller who is gone needs no answer
}

// Readiness mounts what a load balancer asks: 200 while ready gives nil, else 503 with the
// reason. What note gives is said beside it and changes no status.
func Readiness(ready func() error, note func(context.Context) string) Mount {
	return func(mux Mux) {
		mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/plain; charset=utf-8")
			w.Header().Set("Cache-Control", "no-store")
			text := "ready\n"
			if err := ready(); err != nil {
				w.WriteHeader(http.StatusServiceUnavailable)
				text = err.Error() + "\n"
			}
			if said := note(r.Context()); said != "" {
				text += said + "\n"
			}
			_, _ = w.Write([]byte(text)) // a caller who is gone needs no answer
		})
	}
}

type requestKey struct{}

// requestID takes over the caller's id where it is harmless, so that one id joins both
// sides' logs.
func requestID(r *http.Request) string {
	given := r.Header.Get("X-Request-Id")
	ok := given != "" && len(given) <= 64 && !strings.ContainsFunc(given, func(c rune) bool {
		return (c < '0' || c > '9') && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && c != '-' && c != '_' && c != '.'
	})
	if ok {
		return given
	}
	return rand.Text()
}

// RequestID is the id of the request that a context belongs to.
func RequestID(ctx context.Context) string {
	id, _ := ctx.Value(requestKey{}).(string)
	return id
}

// rescue turns a panic into an answer and a line in the log.
func (e *Edge) rescue(w http.ResponseWriter, r *http.Request) {
	v := recover()
	if v == nil {
		return
	}
	if v == http.ErrAbortHandler {
		panic(v)
	}
	e.log.Error("panic", "request_id", RequestID(r.Context()), "route", r.Pattern, "panic", v)
	e.Fail(w, r, errPanic)
}

// unrouted answers what no route is there for. The mux knows whether the path or only the
// method is wrong, and which methods there are.
func (e *Edge) unrouted(h http.Handler, w http.ResponseWriter, r *http.Request) {
	probe := &headersOnly{header: http.Header{}}
	h.ServeHTTP(probe, r)
	switch probe.status {
	case http.StatusMethodNotAllowed:
		w.Header().Set("Allow", probe.header.Get("Allow"))
		e.Fail(w, r, errMethod)
	case http.StatusNotFound:
		e.Fail(w, r, errRoute)
	default: // the mux's own redirect to a clean path
		h.ServeHTTP(w, r)
	}
}

type headersOnly struct {
	header http.Header
	status int
}

// Header gives the headers that are set.
func (h *headersOnly) Header() http.Header { return h.header }

// WriteHeader notes the status.
func (h *headersOnly) WriteHeader(status int) { h.status = status }

// Write throws the body away.
func (h *headersOnly) Write(b []byte) (int, error) { return len(b), nil }
