// Package storefront is a small web shop to try Cagnotte with: articles, a cart, accounts, a
// checkout, orders and returns. It knows nothing of Cagnotte but the API, with the key of a
// shop, and is connected exactly as docs/integrate.md tells a developer to do it.
//
// It is a demo: nobody pays, whoever types an e-mail address is signed in, and accounts,
// carts and orders are kept in memory. What members have is Cagnotte's, and stays.
package storefront

import (
	"embed"
	"fmt"
	"html/template"
	"log/slog"
	"net/http"
	"net/url"
	"sync"
	"time"
)

// Options are what the storefront is told.
type Options struct {
	Cagnotte string    // the address of the API, without a slash at the end; pages and scripts are there, too
	Key      string    // of the shop; it needs the scopes read, facts and settings
	Accounts []Account // that are there from the beginning
	Letters  Letters   // what was written to people; nil: the outbox is not shown
	Log      *slog.Logger
	Now      func() time.Time // time.Now when nil
	Client   *http.Client     // one with a time limit when nil
}

// Account is a customer of the shop.
type Account struct {
	Email string
	Name  string // the first name
}

// Shop is the running storefront; it is safe for many goroutines.
type Shop struct {
	Options
	api   *cagnotte
	pages *template.Template
	words map[string]map[string]string

	mu       sync.Mutex
	accounts map[string]*Account // by id
	visits   map[string]*session // by the secret of its cookie
	orders   map[string]*order   // by number
}

//go:embed pages words
var files embed.FS

// callTime is how long a page waits for Cagnotte.
const callTime = 10 * time.Second

// New makes it.
func New(o Options) (*Shop, error) {
	at, err := url.Parse(o.Cagnotte)
	if err != nil || at.Host == "" {
		return nil, fmt.Errorf("storefront: %q is no address of a server", o.Cagnotte)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Client == nil {
		o.Client = &http.Client{Timeout: callTime}
	}
	s := &Shop{
		Options: o, api: &cagnotte{at: o.Cagnotte, key: o.Key, http: o.Client},
		accounts: map[string]*Account{}, visits: map[string]*session{}, orders: map[string]*order{},
	}
	if s.words, err = readWords(); err != nil {
		return nil, err
	}
	if s.pages, err = template.ParseFS(files, "pages/*.html"); err != nil {
		return nil, fmt.Errorf("storefront: %w", err)
	}
	for _, a := range o.Accounts {
		s.accounts[AccountID(a.Email)] = &a
	}
	return s, nil
}

// Handler gives the pages.
func (s *Shop) Handler() http.Handler {
	mux := http.NewServeMux()
	for pattern, show := range map[string]func(*visit) error{
		"GET /{$}":                   (*visit).articles,
		"GET /articles/{sku}":        (*visit).article,
		"POST /language":             (*visit).speak,
		"POST /consent":              (*visit).consent,
		"GET /cart":                  (*visit).cart,
		"POST /cart":                 (*visit).changeCart,
		"POST /cart/pay":             (*visit).changePayment,
		"GET /checkout":              (*visit).checkout,
		"POST /checkout":             (*visit).buy,
		"GET /orders/{ref}":          (*visit).order,
		"POST /orders/{ref}/returns": (*visit).returnLine,
		"GET /account":               (*visit).account,
		"POST /account/register":     (*visit).register,
		"POST /account/sign-in":      (*visit).signIn,
		"POST /account/sign-out":     (*visit).signOut,
		"GET /wallet":                (*visit).wallet,
		"GET /mistakes":              (*visit).mistakes,
		"POST /mistakes":             (*visit).mistake,
	} {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) { s.serve(w, r, show) })
	}
	mux.Handle("GET /shop.css", sent("text/css; charset=utf-8", "pages/shop.css"))
	mux.Handle("GET /shop.js", sent("text/javascript; charset=utf-8", "pages/shop.js"))
	if s.Letters != nil {
		mux.HandleFunc("GET /outbox", func(w http.ResponseWriter, r *http.Request) { s.serve(w, r, (*visit).outbox) })
		mux.HandleFunc("GET /outbox/{id}", func(w http.ResponseWriter, r *http.Request) { s.serve(w, r, (*visit).letter) })
		mux.HandleFunc("GET /outbox/{id}/page", func(w http.ResponseWriter, r *http.Request) { s.serve(w, r, (*visit).letterPage) })
	}
	return http.NewCrossOriginProtection().Handler(mux)
}

// sent answers with a file of ours.
func sent(kind, name string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		b, err := files.ReadFile(name)
		if err != nil {
			panic(err) // it is embedded
		}
		w.Header().Set("Content-Type", kind)
		w.Header().Set("X-Content-Type-Options", "nosniff")
		_, _ = w.Write(b) // the reader has gone
	})
}
