package web

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"cagnotte/internal/locale"
	"cagnotte/internal/loyalty"
)

// Kinds of problems that only exist on the way in.
var (
	ErrUnreadable   = errors.New("unreadable")
	ErrUnknown      = errors.New("unknown caller")
	ErrTooLarge     = errors.New("too large")
	ErrTooMany      = errors.New("too many requests")
	ErrMediaType    = errors.New("unsupported media type")
	errMethodKind   = errors.New("method not allowed")
	errInternalKind = errors.New("internal")
)

var (
	errRoute  = &loyalty.Problem{Kind: loyalty.ErrNotFound, Code: "route_unknown"}
	errMethod = &loyalty.Problem{Kind: errMethodKind, Code: "method_not_allowed"}
	errPanic  = &loyalty.Problem{Kind: errInternalKind, Code: "internal"}
)

// statuses says what a kind of problem is over HTTP, and the code of an error of that kind
// that has none of its own.
var statuses = []struct {
	kind   error
	status int
	code   string
}{
	{loyalty.ErrInvalid, http.StatusUnprocessableEntity, "invalid"},
	{loyalty.ErrNotFound, http.StatusNotFound, "not_found"},
	{loyalty.ErrConflict, http.StatusConflict, "conflict"},
	{loyalty.ErrForbidden, http.StatusForbidden, "forbidden"},
	{loyalty.ErrUnavailable, http.StatusServiceUnavailable, "unavailable"},
	{ErrUnreadable, http.StatusBadRequest, "unreadable"},
	{ErrUnknown, http.StatusUnauthorized, "key_unknown"},
	{ErrTooLarge, http.StatusRequestEntityTooLarge, "too_large"},
	{ErrTooMany, http.StatusTooManyRequests, "rate_limited"},
	{ErrMediaType, http.StatusUnsupportedMediaType, "unsupported_media_type"},
	{errMethodKind, http.StatusMethodNotAllowed, "method_not_allowed"},
	{context.Canceled, http.StatusServiceUnavailable, "unavailable"}, // nobody reads it
	{context.DeadlineExceeded, http.StatusServiceUnavailable, "unavailable"},
}

// Problem is an error as RFC 9457 writes it. Code is stable and made for programs, Detail
// is worded for people; neither holds what the caller sent.
type Problem struct {
	Type      string            `json:"type" doc:"urn:cagnotte:problem: and the code"`
	Title     string            `json:"title"`
	Status    int               `json:"status"`
	Code      string            `json:"code" doc:"Stable; made for programs"`
	Field     string            `json:"field,omitempty" doc:"Which input, such as events[0].order.lines[2].amount"`
	Detail    string            `json:"detail" doc:"One sentence for people, in the language asked for"`
	Args      map[string]string `json:"args,omitempty" doc:"The figures behind the sentence"`
	RequestID string            `json:"request_id,omitempty"`
}

// Problem words an error for the caller of a request. What is no problem of his is
// "internal", with its particulars in the log alone.
func (e *Edge) Problem(r *http.Request, err error) *Problem {
	status, code := http.StatusInternalServerError, "internal"
	for _, s := range statuses {
		if errors.Is(err, s.kind) {
			status, code = s.status, s.code
			break
		}
	}
	p, ok := errors.AsType[*loyalty.Problem](err)
	if !ok {
		p = &loyalty.Problem{Kind: errInternalKind, Code: code}
	}
	if status >= 500 {
		e.log.Error("request failed", "request_id", RequestID(r.Context()), "route", r.Pattern, "status", status, "error", err)
	}
	said := *p
	said.Args = figures(p.Args)
	switch { // words of its own, or those of the nearest kind that has some
	case status >= 500:
		said.Kind = loyalty.ErrUnavailable
	case status == http.StatusUnauthorized, status == http.StatusMethodNotAllowed:
		said.Kind = loyalty.ErrForbidden
	}
	return &Problem{
		Type: "urn:cagnotte:problem:" + p.Code, Title: http.StatusText(status), Status: status,
		Code: p.Code, Field: p.Field, Detail: e.printer(r).Problem(&said), Args: said.Args,
		RequestID: RequestID(r.Context()),
	}
}

// echoes are arguments of problems that repeat what the caller sent: the sentence does
// without them.
var echoes = []string{"unit"}

func figures(args map[string]string) map[string]string {
	if args == nil {
		return nil
	}
	out := maps.Clone(args)
	for _, name := range echoes {
		if _, ok := out[name]; ok {
			out[name] = "…"
		}
	}
	return out
}

// Fail answers a request with a problem.
func (e *Edge) Fail(w http.ResponseWriter, r *http.Request, err error) {
	p := e.Problem(r, err)
	e.WriteProblem(w, r, p)
}

// WriteProblem sends a problem with the headers that belong to it.
func (e *Edge) WriteProblem(w http.ResponseWriter, r *http.Request, p *Problem) {
	body, err := json.Marshal(p)
	if err != nil {
		panic(err) // plain values only
	}
	h := w.Header()
	h.Set("Content-Type", "application/problem+json")
	h.Set("Content-Language", e.printer(r).Tag())
	h.Set("Cache-Control", "no-store")
	Hints(h, p)
	w.WriteHeader(p.Status)
	_, _ = w.Write(body) // a caller who is gone needs no answer
}

// Hints sets the headers that tell a program what to do about a problem.
func Hints(h http.Header, p *Problem) {
	switch {
	case p.Status == http.StatusUnauthorized:
		h.Set("WWW-Authenticate", `Bearer realm="cagnotte"`)
	case p.Status == http.StatusTooManyRequests:
		h.Set("Retry-After", p.Args["seconds"])
	case p.Status == http.StatusServiceUnavailable, p.Code == "in_progress":
		h.Set("Retry-After", strconv.Itoa(retrySeconds))
	}
}

const retrySeconds = 1

func (e *Edge) printer(r *http.Request) *locale.Printer {
	return e.words.Printer(Language(r), nil)
}

// Words is the catalogue of sentences.
func (e *Edge) Words() *locale.Catalog { return e.words }

// Language is the first language of the request that we speak.
func Language(r *http.Request) string {
	for part := range strings.SplitSeq(r.Header.Get("Accept-Language"), ",") {
		tag, _, _ := strings.Cut(strings.TrimSpace(part), ";")
		base, _, _ := strings.Cut(strings.ToLower(tag), "-")
		if slices.Contains(locale.Tags, base) {
			return base
		}
	}
	return locale.Fallback
}
