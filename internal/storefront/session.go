package storefront

import (
	"crypto/rand"
	"net/http"
	"time"
)

// session is what the shop keeps for a browser that put something in the cart or signed in.
// Guarded by Shop.mu.
type session struct {
	account string // the id of who is signed in; empty: nobody
	cart    map[string]int64
	codes   []string // of vouchers, as they were typed
	points  int64    // that are to pay
	ref     string   // the number that the order will have
	orders  []string // that were placed in this browser
}

// Cookies of the shop. That of the session and that of the language come with what a reader
// does; the visitor's only with his consent.
const (
	sessionCookie = "session"
	visitorCookie = "visitor"
	consentCookie = "consent"
	langCookie    = "lang"
)

const (
	sessionTime = 24 * time.Hour
	visitorTime = 30 * 24 * time.Hour // as long as a referral waits for its friend
	choiceTime  = 180 * 24 * time.Hour
)

func (v *visit) keep(name, value string, lasts time.Duration) {
	http.SetCookie(v.w, &http.Cookie{
		Name: name, Value: value, Path: "/", MaxAge: int(lasts.Seconds()), HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: v.r.TLS != nil,
	})
}

func (v *visit) forget(name string) {
	http.SetCookie(v.w, &http.Cookie{Name: name, Path: "/", MaxAge: -1, HttpOnly: true, SameSite: http.SameSiteLaxMode})
}

// kept is the value of a cookie; empty when there is none.
func (v *visit) kept(name string) string {
	c, err := v.r.Cookie(name)
	if err != nil {
		return ""
	}
	return c.Value
}

// open gives the session, and makes it at the first need. The caller holds v.mu.
func (v *visit) open() *session {
	if v.s == nil {
		secret := rand.Text()
		v.s = &session{cart: map[string]int64{}}
		v.visits[secret] = v.s
		v.keep(sessionCookie, secret, sessionTime)
	}
	return v.s
}
