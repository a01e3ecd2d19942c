package storefront

import (
	"bytes"
	"errors"
	"net/http"
	"net/url"
	"strings"
)

// visit is one request.
type visit struct {
	*Shop
	w    http.ResponseWriter
	r    *http.Request
	s    *session // nil: none yet
	lang string

	named string // the browser's name, once this request gave it one
}

// view is what a page is made of.
type view struct {
	*visit
	Page, Title string
	Data        any
}

func (s *Shop) serve(w http.ResponseWriter, r *http.Request, show func(*visit) error) {
	v := &visit{Shop: s, w: w, r: r}
	r.Body = http.MaxBytesReader(w, r.Body, 64<<10)
	s.mu.Lock()
	v.s = s.visits[v.kept(sessionCookie)]
	s.mu.Unlock()
	v.lang = v.language()
	s.head(w.Header())
	err := v.follow()
	if err == nil {
		err = show(v)
	}
	if err != nil {
		s.Log.Warn("storefront", "path", r.URL.Path, "error", err)
		said := v.T("wrong.text")
		if p, ok := errors.AsType[*refused](err); ok && p.Detail != "" {
			said = p.Detail
		}
		_ = v.show(http.StatusBadGateway, "said", v.T("wrong.title"), said) // nothing more can be done
	}
}

// head lets run and show what comes from here and from Cagnotte, and nothing else.
func (s *Shop) head(h http.Header) {
	h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self' "+s.Cagnotte+"; style-src 'self'; img-src 'self' data: "+s.Cagnotte+
		"; connect-src 'self' "+s.Cagnotte+"; form-action 'self'; frame-ancestors 'none'; base-uri 'none'")
	h.Set("Referrer-Policy", "strict-origin")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-store")
}

func (v *visit) show(status int, page, title string, data any) error {
	var b bytes.Buffer
	if err := v.pages.ExecuteTemplate(&b, "layout.html", &view{v, page, title, data}); err != nil {
		return err
	}
	v.w.Header().Set("Content-Type", "text/html; charset=utf-8")
	v.w.Header().Set("Content-Language", v.lang)
	v.w.WriteHeader(status)
	_, _ = b.WriteTo(v.w) // the reader has gone
	return nil
}

// Body renders the part of a page that is its own.
func (v *view) Body() (any, error) { return v.render(v.Page, v) }

func (v *visit) missing() error {
	return v.show(http.StatusNotFound, "said", v.T("missing.title"), v.T("missing.text"))
}

func (v *visit) redirect(to string) error {
	http.Redirect(v.w, v.r, to, http.StatusSeeOther)
	return nil
}

// back goes to the page that a form was on; never to another site.
func (v *visit) back() error {
	at, err := url.Parse(v.r.FormValue("back"))
	if err != nil || at.Host != "" || !strings.HasPrefix(at.Path, "/") || strings.HasPrefix(at.Path, "//") || strings.Contains(at.Path, `\`) {
		return v.redirect("/")
	}
	return v.redirect(at.EscapedPath()) // a tab in it, once unescaped, is not there for a browser: /<tab>/evil.example
}

// Here is the path of this page, for forms that come back to it.
func (v *visit) Here() string {
	if v.r.Method != http.MethodGet {
		return "/"
	}
	return v.r.URL.Path
}

// Lang is the language of the page.
func (v *visit) Lang() string { return v.lang }

// Known is who is signed in; nil: nobody.
func (v *visit) Known() *Account {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.s == nil {
		return nil
	}
	return v.accounts[v.s.account]
}

// Pieces is how many pieces are in the cart.
func (v *visit) Pieces() (n int64) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.s != nil {
		for _, x := range v.s.cart {
			n += x
		}
	}
	return n
}
