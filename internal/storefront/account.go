package storefront

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"net/mail"
	"slices"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// feed names this shop as a system of record: all that it reports is numbered by it.
const feed = "web"

// AccountID is the id of an account, made of its address: accounts are kept in memory, and
// have the same id after the next start.
func AccountID(email string) string {
	sum := sha256.Sum256([]byte(strings.ToLower(email)))
	return "acc-" + hex.EncodeToString(sum[:8])
}

// form is what was typed and what is wrong with it: the field's name, and the key of the
// sentence.
type form struct {
	Email, Name, Code string
	Field, Wrong      string
	Said              string // by Cagnotte, in the reader's language
}

func (v *visit) account() error {
	return v.showAccount(http.StatusOK, &form{})
}

type accountPage struct {
	*form
	Account *Account
	Orders  []*order
}

func (v *visit) showAccount(status int, f *form) error {
	p := &accountPage{form: f, Account: v.Known()}
	v.mu.Lock()
	if v.s != nil {
		for _, o := range v.orders {
			if o.belongs(v.s) {
				p.Orders = append(p.Orders, o.copy())
			}
		}
	}
	v.mu.Unlock()
	slices.SortFunc(p.Orders, func(a, b *order) int { return b.At.Compare(a.At) })
	return v.show(status, "account", v.T("account.title"), p)
}

// typed reads the address and the name of a form.
func (v *visit) typed() *form {
	f := &form{Email: strings.TrimSpace(v.r.FormValue("email")), Name: strings.TrimSpace(v.r.FormValue("name")), Code: strings.TrimSpace(v.r.FormValue("code"))}
	if a, err := mail.ParseAddress(f.Email); err != nil || a.Address != f.Email || len(f.Email) > 200 {
		f.Field, f.Wrong = "email", "form.email"
	}
	if len(f.Name) > 80 || len(f.Code) > maxCode {
		f.Field, f.Wrong = "name", "form.long"
	}
	return f
}

// register opens an account, and reports who joined: by whose link, where the reader agreed,
// or by whose code, where he typed one.
func (v *visit) register() error {
	f := v.typed()
	if f.Wrong == "" && f.Name == "" {
		f.Field, f.Wrong = "name", "form.name"
	}
	id := AccountID(f.Email)
	v.mu.Lock()
	if v.accounts[id] != nil {
		f.Field, f.Wrong = "email", "form.taken"
	}
	v.mu.Unlock()
	if f.Wrong != "" {
		return v.showAccount(http.StatusUnprocessableEntity, f)
	}
	j := joining{
		ID: "joined:" + id, Feed: feed, ExternalID: id, Email: f.Email, FirstName: f.Name, Locale: v.lang, Visitor: v.Visitor(),
	}
	if f.Code != "" {
		j.Referrer, j.Touch = &who{Code: f.Code}, "code"
	}
	_, err := v.api.join(v.r.Context(), v.lang, j)
	p, ok := errors.AsType[*refused](err)
	if ok && p.Code != "event_conflict" { // he joined before this shop was started the last time
		f.Field, f.Said = "email", p.Detail
		return v.showAccount(http.StatusUnprocessableEntity, f)
	}
	if err != nil && !ok {
		return err
	}
	v.mu.Lock()
	v.accounts[id] = &Account{Email: f.Email, Name: f.Name}
	v.open().account = id
	v.mu.Unlock()
	return v.redirect("/account")
}

// signIn lets in whoever types the address of an account: this is a demo, and says so.
func (v *visit) signIn() error {
	f := v.typed()
	id := AccountID(f.Email)
	v.mu.Lock()
	if f.Wrong == "" && v.accounts[id] == nil {
		f.Field, f.Wrong = "email", "form.unknown"
	}
	if f.Wrong == "" {
		v.open().account = id
	}
	v.mu.Unlock()
	if f.Wrong != "" {
		return v.showAccount(http.StatusUnprocessableEntity, f)
	}
	return v.redirect("/account")
}

func (v *visit) signOut() error {
	v.mu.Lock()
	delete(v.visits, v.kept(sessionCookie))
	v.mu.Unlock()
	v.forget(sessionCookie)
	return v.redirect("/")
}

// tokenTime is how long a token of the sign-on is good; Cagnotte takes five minutes at most.
const tokenTime = time.Minute

// token names an account to Cagnotte: a JWT, signed with the secret that only the two know.
func (s *Shop) token(a *Account, slug, secret, lang string) (string, error) {
	return jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{
		"aud": slug, "sub": AccountID(a.Email), "exp": s.Now().Add(tokenTime).Unix(), "jti": rand.Text(),
		"email": a.Email, "given_name": a.Name, "locale": lang,
	}).SignedString([]byte(secret))
}

// wallet leads to the reader's pages in Cagnotte, signed in where the shop knows him.
func (v *visit) wallet() error {
	a := v.Known()
	if a == nil {
		return v.redirect("/account")
	}
	p, slug, err := v.api.portal(v.r.Context(), v.lang)
	if err != nil {
		return err
	}
	if p.Secret == "" { // a server that has no sign-on of shops: its own asks for the address
		return v.redirect(p.Base + "/")
	}
	token, err := v.token(a, slug, p.Secret, v.lang)
	if err != nil {
		return err
	}
	return v.redirect(p.Base + "/on?token=" + token)
}
