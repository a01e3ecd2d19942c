package storefront_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httputil"
	"net/url"
	"os"
	"strings"
	"sync"
	"testing"

	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
	"cagnotte/internal/storefront"
)

// wire stands between the shop and Cagnotte, and notes which fields are sent where.
type wire struct {
	mu   sync.Mutex
	sent map[string]map[string]bool // by path
}

func (w *wire) note(path string, body []byte) {
	var v any
	if len(body) == 0 || json.Unmarshal(body, &v) != nil {
		return
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.sent[path] == nil {
		w.sent[path] = map[string]bool{}
	}
	fields(v, "", w.sent[path])
}

// fields collects the names in a document: lines.sku, member.email.
func fields(v any, at string, into map[string]bool) {
	switch x := v.(type) {
	case map[string]any:
		for name, inner := range x {
			into[at+name] = true
			fields(inner, at+name+".", into)
		}
	case []any:
		for _, inner := range x {
			fields(inner, at, into)
		}
	}
}

func (w *wire) before(t *testing.T, api string) string {
	t.Helper()
	to, err := url.Parse(api)
	if err != nil {
		t.Fatal(err)
	}
	proxy := httputil.NewSingleHostReverseProxy(to)
	return serve(t, http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		w.note(r.URL.Path, body)
		r.Body = io.NopCloser(bytes.NewReader(body))
		proxy.ServeHTTP(rw, r)
	}))
}

// Each request of the document's way of a web shop is one that the storefront makes, with
// the same fields; and it makes no other.
func TestTheDocumentSaysWhatTheStorefrontDoes(t *testing.T) {
	raw, err := os.ReadFile("../../docs/integrate.md")
	if err != nil {
		t.Fatal(err)
	}
	_, text, ok := strings.Cut(string(raw), "## A web shop, from the click to the return\n")
	if !ok {
		t.Fatal("the document has no such section")
	}
	text, _, _ = strings.Cut(text, "\n## ")
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		x := open(t, st)
		w := &wire{sent: map[string]map[string]bool{}}
		shop, err := storefront.New(storefront.Options{Cagnotte: w.before(t, x.api.URL), Key: x.key, Log: quiet})
		if err != nil {
			t.Fatal(err)
		}
		x.front.Config.Handler = shop.Handler()
		x.ask("POST", "/v1/voucher-batches", `{"name":"B","origin":"chosen","codes":["SPRING-26"],"terms":{"kind":"cash","amount":500}}`)
		b := x.browser()
		b.send(200, "GET", "/?cgr="+x.code(), nil)
		b.post("/consent", "answer", "yes", "code", x.code())
		b.post("/account/register", "email", "bela@example.com", "name", "Béla")
		b.post("/cart", "sku", "MUG", "add", "1")
		b.post("/cart/pay", "codes", "SPRING-26")
		b.post(b.buys("bela@example.com", "Béla", x.code())+"/returns", "line", "1")

		said := map[string]bool{}
		for _, command := range strings.Split(text, "\ncurl ")[1:] {
			_, rest, _ := strings.Cut(command, `"$CAGNOTTE`)
			path, rest, _ := strings.Cut(rest, `"`)
			_, body, _ := strings.Cut(rest, "-d '")
			body, _, _ = strings.Cut(body, "'")
			var v any
			if err := json.Unmarshal([]byte(body), &v); err != nil {
				t.Fatalf("%s: %v\n%s", path, err, body)
			}
			said[path] = true
			names := map[string]bool{}
			fields(v, "", names)
			for name := range names {
				if !w.sent[path][name] {
					t.Errorf("%s: the storefront sends no %s", path, name)
				}
			}
		}
		if len(said) < 7 {
			t.Errorf("the document has only %v", said)
		}
		for path := range w.sent {
			if !said[path] {
				t.Errorf("the document says nothing of %s", path)
			}
		}
	})
}
