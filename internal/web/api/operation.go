package api

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"reflect"
	"strconv"
	"strings"

	"cagnotte/internal/loyalty"
	"cagnotte/internal/office"
	"cagnotte/internal/web"
)

// operation is one method on one path.
type operation struct {
	method, path string
	id           string // stable: client libraries name their functions after it
	summary      string
	scope        string
	status       int   // 0: 200
	limit        int64 // of the body in bytes; 0: 1 MiB
	asks         bool  // a POST that only reads: it stores no answer either
}

// called is how developers call it.
func (op *operation) called() string { return op.method + " " + op.path }

const defaultLimit = 1 << 20

// opensTo tells whether a key may do the operation.
func (op *operation) opensTo(a office.Access) bool {
	return a.May(op.scope) || a.Till() && tillMay[op.id]
}

// stores tells whether the answer is kept for an Idempotency-Key.
func (op *operation) stores() bool { return op.method == http.MethodPost && !op.asks }

// none stands for no parameters, or no body.
type none struct{}

// call is one request on its way through an operation.
type call struct {
	ctx    context.Context
	r      *http.Request
	access office.Access
	key    string // Idempotency-Key; empty in a dry run
	op     *operation
	told   bool // why it was refused is noted
}

// shop is the shop that the caller's key reaches.
func (c *call) shop() loyalty.ShopID { return c.access.Shop }

// dry is implemented by parameters that may ask for a dry run.
type dry interface{ dryRun() bool }

// weighty is implemented by bodies that ask for as much as several requests.
type weighty interface{ weight() int }

// weight is how many facts are reported.
func (e *Events) weight() int { return len(e.Events) }

// mount documents an operation and serves it: key and scope, parameters, body, the
// Idempotency-Key, fn, and its result or problem as JSON.
func mount[P, B, R any](a *API, op operation, fn func(*call, *P, *B) (*R, error)) {
	params := paramsOf(reflect.TypeFor[P]())
	var body *plan
	if reflect.TypeFor[B]() != reflect.TypeFor[none]() {
		body = planOf(reflect.TypeFor[B]())
	}
	if op.status == 0 {
		op.status = http.StatusOK
	}
	if op.limit == 0 {
		op.limit = defaultLimit
	}
	a.document(op, params, reflect.TypeFor[B](), reflect.TypeFor[R]())
	a.mux.HandleFunc(op.method+" "+op.path, func(w http.ResponseWriter, r *http.Request) {
		c, err := a.enter(r, &op)
		if err != nil {
			a.edge.Fail(w, r, err)
			return
		}
		var p P
		if err := bind(r, params, reflect.ValueOf(&p).Elem()); err != nil {
			a.edge.Fail(w, r, err)
			return
		}
		var raw []byte
		if body != nil {
			if raw, err = read(w, r, op.limit); err != nil {
				a.noteRefused(c, nil, err)
				a.edge.Fail(w, r, err)
				return
			}
		}
		answer := func() (out *R, err error) {
			if d, ok := any(&p).(dry); !ok || !d.dryRun() {
				defer func() { a.noteRefused(c, raw, err) }()
			}
			var b B
			if body != nil {
				if err := decode(raw, body, reflect.ValueOf(&b).Elem()); err != nil {
					return nil, err
				}
				if w, ok := any(&b).(weighty); ok {
					a.limits.Charge(c.access, w.weight()-1)
				}
			}
			return fn(c, &p, &b)
		}
		if d, ok := any(&p).(dry); ok && d.dryRun() || !op.stores() {
			c.key = ""
		}
		if c.key == "" {
			out, err := answer()
			a.send(w, r, op.status, out, err)
			return
		}
		a.once(w, c, raw, func() (int, []byte) {
			out, err := answer()
			return a.render(r, op.status, out, err)
		})
	})
}

// enter lets the caller in.
func (a *API) enter(r *http.Request, op *operation) (*call, error) {
	c := &call{ctx: r.Context(), r: r, key: r.Header.Get("Idempotency-Key"), op: op}
	if len(c.key) > 255 || strings.ContainsFunc(c.key, func(x rune) bool { return x <= ' ' || x > '~' }) {
		return nil, loyalty.Invalid("Idempotency-Key", "invalid_key")
	}
	bearer, err := bearer(r)
	if err != nil {
		a.unsigned(op, "key_missing")
		return nil, a.stranger(r, err)
	}
	if c.access, err = a.office.Authenticate(c.ctx, bearer); err != nil {
		if p, ok := errors.AsType[*loyalty.Problem](err); ok {
			a.unsigned(op, p.Code)
			return nil, a.stranger(r, &loyalty.Problem{Kind: web.ErrUnknown, Code: p.Code})
		}
		return nil, err
	}
	err = a.limits.Take(c.access)
	if err == nil && !op.opensTo(c.access) {
		err = &loyalty.Problem{Kind: loyalty.ErrForbidden, Code: "scope_missing", Args: map[string]string{"need": op.scope}}
	}
	if err == nil {
		err = a.open(c, op)
	}
	if err != nil {
		a.noteRefused(c, nil, err)
		return nil, err
	}
	return c, nil
}

// noteRefused lets the shop see, in its back office, why a report of its server was refused. raw
// is its body; nil: it was not read.
func (a *API) noteRefused(c *call, raw []byte, err error) {
	if err == nil || c.told || c.op.scope != office.ScopeFacts || c.access.Shop == 0 {
		return
	}
	c.told = true
	var b struct {
		Ref   string
		Order struct{ Ref string }
	}
	_ = json.Unmarshal(raw, &b) // what cannot be read names no order
	a.feed.Call(c.access.Shop, c.op.called(), err, cmp.Or(b.Ref, b.Order.Ref))
}

// unsigned notes a report without a valid key.
func (a *API) unsigned(op *operation, code string) {
	if op.scope == office.ScopeFacts {
		a.feed.Stranger(op.called(), code)
	}
}

// stranger is the problem of a caller without a valid key, or that he came too often.
func (a *API) stranger(r *http.Request, problem error) error {
	return cmp.Or(a.limits.Failed(r), problem)
}

func bearer(r *http.Request) (string, error) {
	scheme, token, ok := strings.Cut(r.Header.Get("Authorization"), " ")
	if !ok || !strings.EqualFold(scheme, "Bearer") || token == "" {
		return "", &loyalty.Problem{Kind: web.ErrUnknown, Code: "key_missing"}
	}
	return token, nil
}

// read takes a JSON body up to its limit.
func read(w http.ResponseWriter, r *http.Request, limit int64) ([]byte, error) {
	if kind := r.Header.Get("Content-Type"); kind != "" && kind != "application/json" {
		if base, _, err := mime.ParseMediaType(kind); err != nil || base != "application/json" {
			return nil, &loyalty.Problem{Kind: web.ErrMediaType, Code: "want_json"}
		}
	}
	if r.Header.Get("Content-Encoding") != "" {
		return nil, &loyalty.Problem{Kind: web.ErrMediaType, Code: "content_encoding"}
	}
	if r.ContentLength > limit {
		return nil, tooLarge(limit)
	}
	var b bytes.Buffer
	if r.ContentLength > 0 {
		b.Grow(int(r.ContentLength) + bytes.MinRead)
	}
	_, err := b.ReadFrom(http.MaxBytesReader(w, r.Body, limit))
	switch _, over := errors.AsType[*http.MaxBytesError](err); {
	case over:
		return nil, tooLarge(limit)
	case err != nil && !errors.Is(err, io.EOF):
		return nil, &loyalty.Problem{Kind: web.ErrUnreadable, Code: "unreadable_body"}
	}
	return b.Bytes(), nil
}

// send answers with a result or a problem.
func (a *API) send(w http.ResponseWriter, r *http.Request, status int, out any, err error) {
	if err != nil {
		a.edge.Fail(w, r, err)
		return
	}
	_, body := a.render(r, status, out, nil)
	write(w, status, body)
}

// render makes the bytes of an answer.
func (a *API) render(r *http.Request, status int, out any, err error) (int, []byte) {
	if err != nil {
		p := a.edge.Problem(r, err)
		status, out = p.Status, p
	}
	body, err := json.Marshal(out)
	if err != nil {
		panic(err) // plain values only
	}
	return status, body
}

func write(w http.ResponseWriter, status int, body []byte) {
	h := w.Header()
	h.Set("Content-Type", "application/json")
	if status >= 400 {
		h.Set("Content-Type", "application/problem+json")
	}
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(body) // a caller who is gone needs no answer
}

func tooLarge(limit int64) error {
	return &loyalty.Problem{Kind: web.ErrTooLarge, Code: "body_too_large", Args: map[string]string{"max": strconv.FormatInt(limit, 10)}}
}
