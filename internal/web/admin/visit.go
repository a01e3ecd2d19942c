package admin

import (
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/a-h/templ"

	"cagnotte/internal/gifts"
	"cagnotte/internal/id"
	"cagnotte/internal/locale"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/staff"
	"cagnotte/internal/web"
)

// visit is one request of one person.
type visit struct {
	*Admin
	ctx    context.Context
	w      http.ResponseWriter
	r      *http.Request
	route  *route
	me     *staff.Session // nil: nobody is signed in
	live   *loyalty.Shop  // whose staff he is; nil as long as nobody is
	shop   *loyalty.Shop  // that he looks at: the live one or its twin
	prefix string         // before every path: /admin or /admin/test
	say    *locale.Printer
	status int        // that was answered
	done   staff.Done // what the record says of this request, beside who and when
	kept   string     // a form that waits, sealed
	said   *said      // what the page before led to
	part   bool       // a search for a picker stopped before its end
	barred string     // the code of why it was refused; empty: it was not
	same   bool       // what was sent had been done before: a second click leaves no second record

	pictured map[string]gifts.Picture // of the catalogue, where a page shows it

	portal *loyalty.Portal // of the shop, once somebody asked
}

func (a *Admin) serve(w http.ResponseWriter, r *http.Request, to *route) {
	v := &visit{Admin: a, ctx: r.Context(), w: w, r: r, route: to, prefix: "/admin"}
	head(w.Header())
	err := v.enter()
	if err == nil {
		err = v.may(to)
	}
	if err != nil && !errors.Is(err, errAnswered) {
		v.fail(err)
	}
	switch {
	case v.status >= http.StatusBadRequest:
		v.refuse()
	case err == nil:
		v.record()
	}
}

// errAnswered stops a request that was answered by another page than its own.
var errAnswered = errors.New("answered")

// head sets what holds for every page: nothing but our own files runs or shows in it, what a
// script puts into the page goes through one policy, and nobody else frames it.
func head(h http.Header) {
	h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: https:; connect-src 'self'; "+
		"form-action 'self'; frame-ancestors 'none'; base-uri 'none'; require-trusted-types-for 'script'; trusted-types cagnotte")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
	h.Set("Cache-Control", "no-store")
}

// enter finds who is there, and the shop and the language.
func (v *visit) enter() error {
	test := strings.HasPrefix(v.r.URL.Path, "/admin/test/") || v.r.URL.Path == "/admin/test"
	if test {
		v.prefix = "/admin/test"
	}
	v.say = v.Edge.Words().Printer(v.language(), nil)
	err := v.known(test)
	v.say = v.Edge.Words().Printer(v.language(), nil)
	if v.shop != nil {
		v.say = v.say.For(v.shop)
	}
	return err
}

// language is what the reader chose here, else his account's, else his browser's.
func (v *visit) language() string {
	if c, err := v.r.Cookie(v.cookieName(languageCookie)); err == nil && v.speaks(c.Value) {
		return c.Value
	}
	if v.me != nil && v.me.Locale != "" {
		return v.me.Locale
	}
	return web.Language(v.r)
}

func (v *visit) speaks(tag string) bool {
	return slices.Contains(locale.Tags, tag)
}

// may shows the page, if this person may see it: who has not come in is asked to, and finds
// what he typed again. What his role may not see is not there.
func (v *visit) may(to *route) error {
	if to.right != "" {
		if !v.me.In() {
			v.because("not_in")
			return v.askIn()
		}
		if !v.me.Role.May(to.right) {
			v.because("role_may_not")
			return loyalty.NotFound("", "screen_unknown")
		}
		if to.fresh && v.r.Method == http.MethodPost && !v.Staff.Fresh(v.me) {
			v.because("prove_again")
			return v.askAgain()
		}
	}
	if module := moduleOf(to.pattern); !v.moduleOn(module) {
		return v.moduleIsOff(module)
	}
	return to.show(v)
}

// record notes a deed, once, after it was done.
func (v *visit) record() {
	if !v.recorded() || v.same {
		return
	}
	if err := v.Staff.Note(context.WithoutCancel(v.ctx), v.seen(), v.deedOf(v.done)); err != nil {
		v.Log.Error("a deed of the staff was done and not recorded", "route", v.route.pattern, "error", err)
	}
}

// refuse notes a deed that was refused: to whom, which, why, and about what. Nothing that was
// typed is kept, and a stranger leaves nothing.
func (v *visit) refuse() {
	if !v.recorded() || v.status >= http.StatusInternalServerError {
		return
	}
	d := staff.Done{Object: v.done.Object, Refused: cmp.Or(v.barred, "refused")}
	if which := v.r.PathValue("id"); d.Object == "" && anID.MatchString(which) {
		d.Object = which
	}
	if err := v.Staff.Refuse(context.WithoutCancel(v.ctx), v.seen(), v.deedOf(d)); err != nil {
		v.Log.Error("a deed of the staff was refused and not recorded", "route", v.route.pattern, "error", err)
	}
}

// anID is what ids look like; whatever else stands in an address was typed by somebody.
var anID = regexp.MustCompile(`^[a-z]{3}_[0-9a-hjkmnp-tv-z]{26}$`)

// because keeps the first reason why something was refused.
func (v *visit) because(code string) { v.barred = cmp.Or(v.barred, code) }

// recorded tells whether requests of this kind leave a record.
func (v *visit) recorded() bool { return v.r.Method == http.MethodPost && !v.route.asks && v.me != nil }

// seen is the shop that this person looks at.
func (v *visit) seen() loyalty.ShopID {
	if v.shop != nil {
		return v.shop.ID
	}
	return v.live.ID
}

func (v *visit) deedOf(d staff.Done) staff.Done {
	d.Who, d.Action, d.Network = v.me.ID, v.route.pattern, v.Limits.Network(v.r)
	return d
}

// note says what the record of this request is about, and what was said. It names no person.
func (v *visit) note(object string, pairs ...string) {
	v.done.Object = object
	if v.done.Detail == nil {
		v.done.Detail = map[string]string{}
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		v.done.Detail[pairs[i]] = pairs[i+1]
	}
}

// change says which field of the object this request changed, by the key of its words, and what
// stood there before and after.
func (v *visit) change(field, before, after string) {
	if before != after {
		v.done.Changes = append(v.done.Changes, staff.Change{Field: field, Before: before, After: after})
	}
}

// changeOf is change for what a member is or has: the values are kept as long as he is.
func (v *visit) changeOf(m id.Member, field, before, after string) {
	v.done.Member = m
	v.change(field, before, after)
}

// changes says which fields of a form have changed; their words begin with prefix.
func (v *visit) changes(prefix string, before, after *form) {
	for _, name := range slices.Sorted(maps.Keys(after.values)) {
		v.change(prefix+name, before.values[name], after.values[name])
	}
	for _, name := range slices.Sorted(maps.Keys(after.lists)) {
		v.change(prefix+name, strings.Join(before.lists[name], ", "), strings.Join(after.lists[name], ", "))
	}
}

// can tells whether this person may do something: what he may not is not shown.
func (v *visit) can(right staff.Right) bool { return v.me.In() && v.me.Role.May(right) }

// test tells whether the test shop is looked at.
func (v *visit) test() bool { return v.shop != nil && v.shop.Twin() }

// path is the path of a screen; to is the same for links.
func (v *visit) path(path string) string {
	if path == "/" {
		return v.prefix
	}
	return v.prefix + path
}

func (v *visit) to(path string) templ.SafeURL { return templ.SafeURL(v.path(path)) }

// whole is a link to a page of the person, not of a shop.
func (v *visit) whole(path string) templ.SafeURL { return templ.SafeURL("/admin" + path) }

// now is the shop's time.
func (v *visit) now() moment.Time { return v.Office.Now(v.shop) }

// t gives the words of a key.
func (v *visit) t(key string, pairs ...string) string { return v.say.Say(key, pairs...) }

// redirect sends the reader to another screen.
func (v *visit) redirect(path string) error { return v.redirectTo(v.path(path)) }

func (v *visit) redirectTo(path string) error {
	v.status = http.StatusSeeOther
	http.Redirect(v.w, v.r, path, http.StatusSeeOther)
	return nil
}

// show renders a page.
func (v *visit) show(status int, c templ.Component) error {
	v.status = status
	v.w.Header().Set("Content-Type", "text/html; charset=utf-8")
	v.w.Header().Set("Content-Language", v.say.Tag())
	v.takeSaid()
	v.w.WriteHeader(status)
	if err := c.Render(v.ctx, v.w); err != nil {
		v.Log.Warn("a page was not sent whole", "route", v.r.Pattern, "error", err)
	}
	return nil
}

// fail says an error on a page of its own.
func (v *visit) fail(err error) {
	problem := v.Edge.Problem(v.r, err)
	text := problem.Detail
	v.because(problem.Code)
	if said, ok := errors.AsType[*loyalty.Problem](err); ok && problem.Status < http.StatusInternalServerError {
		text = v.say.Problem(said)
	}
	title := "admin.wrong.title"
	if problem.Status == http.StatusNotFound {
		title = "admin.missing.title"
	}
	_ = v.show(problem.Status, failed(v, v.t(title), text, problem.RequestID)) // show never fails
}

// said is what a deed led to: a sentence on the next page, and how to undo it.
type said struct {
	Key   string
	Pairs []string
	Undo  string // the path that a button posts to; empty: nothing to undo
	Bad   bool
}

const saidCookie = "cagnotte-office-said"

// tell keeps a sentence for the next page; undo is a path without its prefix, or empty.
func (v *visit) tell(key, undo string, pairs ...string) {
	if undo != "" {
		undo = v.path(undo)
	}
	text, err := json.Marshal(said{Key: key, Pairs: pairs, Undo: undo})
	if err != nil {
		return // strings
	}
	http.SetCookie(v.w, v.cookie(saidCookie, base64.RawURLEncoding.EncodeToString(text), 60))
}

// takeSaid reads what the page before led to, once.
func (v *visit) takeSaid() {
	c, err := v.r.Cookie(v.cookieName(saidCookie))
	if err != nil || v.r.Method != http.MethodGet || !v.me.In() {
		return
	}
	http.SetCookie(v.w, v.cookie(saidCookie, "", -1))
	text, err := base64.RawURLEncoding.DecodeString(c.Value)
	var s said
	if err != nil || json.Unmarshal(text, &s) != nil || !strings.HasPrefix(s.Key, "admin.") || !v.say.Has(s.Key) {
		return
	}
	if s.Undo != "" && !strings.HasPrefix(s.Undo, v.prefix+"/") {
		s.Undo = ""
	}
	v.said = &s
}

const languageCookie = "cagnotte-office-language"

// cookie is one of ours, for this browser alone: seconds is its life, 0 until the browser
// closes, less than 0 removes it. By TLS it is bound to this host (__Host-), so that no
// neighbour below the same domain plants one.
func (v *visit) cookie(name, value string, seconds int) *http.Cookie {
	c := &http.Cookie{
		Name: v.cookieName(name), Value: value, Path: "/admin", HttpOnly: true, Secure: v.secure(), SameSite: http.SameSiteLaxMode, MaxAge: seconds,
	}
	if c.Secure {
		c.Path = "/"
	}
	return c
}

func (v *visit) cookieName(name string) string {
	if v.secure() {
		return "__Host-" + name
	}
	return name
}

// secure tells whether the browser speaks to us, or to a proxy before us, by TLS. A proxy's
// word is taken from anybody: it only makes a cookie stricter.
func (v *visit) secure() bool {
	return v.r.TLS != nil || strings.EqualFold(v.r.Header.Get("X-Forwarded-Proto"), "https")
}

// speak changes the language for this browser, and for its person wherever he comes in. A page
// of somebody else's that leads here changes nobody's account.
func (v *visit) speak() error {
	l := v.r.PathValue("language")
	if v.speaks(l) {
		http.SetCookie(v.w, v.cookie(languageCookie, l, 365*24*3600))
		if from := v.r.Header.Get("Sec-Fetch-Site"); v.me.In() && (from == "same-origin" || from == "none") {
			if err := v.Staff.Speak(v.ctx, v.me, l); err != nil {
				return err
			}
		}
	}
	back := "/admin"
	if from := v.r.Referer(); from != "" {
		if at := web.Inside(from, v.r.Host, "/admin"); at != "/" {
			back += at
		}
	}
	return v.redirectTo(back)
}

// query is the address of this screen with some parameters changed: an empty value removes
// one.
func (v *visit) query(pairs ...string) templ.SafeURL {
	q := v.r.URL.Query()
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] == "" {
			q.Del(pairs[i])
		} else {
			q.Set(pairs[i], pairs[i+1])
		}
	}
	return templ.SafeURL(v.r.URL.Path + suffix(q))
}

func suffix(q url.Values) string {
	if len(q) == 0 {
		return ""
	}
	return "?" + q.Encode()
}
