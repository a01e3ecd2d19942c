// Package portal is what members and their friends see: the shop's own pages for inviting,
// joining, collecting and choosing a gift, and the page that a friend's link opens. Pages
// are rendered here whole; each works without a script.
//
// A handler finds the shop by the address, the member by his session, asks the operations
// and renders. Nothing here decides about value.
package portal

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strings"

	"github.com/a-h/templ"
	"github.com/klauspost/compress/gzhttp"

	"cagnotte/internal/gifts"
	"cagnotte/internal/locale"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/office"
	"cagnotte/internal/pages"
	"cagnotte/internal/people"
	"cagnotte/internal/programs"
	"cagnotte/internal/referral"
	"cagnotte/internal/signin"
	"cagnotte/internal/web"
)

// Services is what the portal needs.
type Services struct {
	Edge      *web.Edge
	Log       *slog.Logger
	Office    *office.Office
	People    *people.People
	Referrals *referral.Referrals
	Programs  *programs.Programs
	Gifts     *gifts.Gifts
	SignIn    *signin.SignIn
	Pages     *pages.Pages
	Limits    *web.Limiter // nil: none

	Invitations *referral.Invitations
}

// Portal is the mounted audience.
type Portal struct {
	Services
	mux   web.Mux
	cross *http.CrossOriginProtection
	zip   func(http.Handler) http.HandlerFunc
	cards *cards
	faces *faces
}

// Mount gives the routes of the portal, for web.New.
func Mount(s Services) web.Mount {
	zip, err := gzhttp.NewWrapper(gzhttp.MinSize(512))
	if err != nil {
		panic(err) // our own options
	}
	return func(mux web.Mux) {
		p := &Portal{Services: s, mux: mux, cross: http.NewCrossOriginProtection(), zip: zip, cards: newCards(), faces: newFaces()}
		// Who is asked to unsubscribe by one click sends it from wherever he is (RFC 8058).
		p.cross.AddInsecureBypassPattern("POST /stop/{token}")
		p.cross.AddInsecureBypassPattern("POST /p/{shop}/stop/{token}")
		p.routes()
	}
}

// routes is the list of all pages. Each answers at the root of a shop's own address, and
// below /p/ and the shop's slug.
func (p *Portal) routes() {
	p.open("GET /{$}", (*visit).home)
	p.open("GET /language/{language}", (*visit).speak)
	p.open("GET /icon.svg", (*visit).picture)
	p.open("GET /look/{kind}/{digest}", (*visit).lookFile)
	p.member("GET /card", (*visit).memberCard)
	p.open("GET /pages/{slug}", (*visit).shopPage)
	p.open("GET /legal/{kind}", (*visit).legalPage)
	p.member("POST /legal/accept", (*visit).acceptLegal)
	p.open("GET /sign-in", (*visit).askSignIn)
	p.open("POST /sign-in", (*visit).signIn)
	p.open("POST /sign-in/passkey", (*visit).signInByPasskey)
	p.open("POST /sign-in/passkey/ask", (*visit).askEntry)
	p.open("GET /sign-in/code", (*visit).askCode)
	p.open("POST /sign-in/code", (*visit).code)
	p.open("GET /sign-in/{id}/{token}", (*visit).linked)
	p.open("POST /sign-in/{id}/{token}", (*visit).followed)
	p.open("GET /join", (*visit).askJoin)
	p.open("POST /join", (*visit).joins)
	p.open("GET /on", (*visit).signOn)
	p.open("GET /i/{code}", (*visit).landing)
	p.open("GET /i/{code}/{card}", (*visit).card)
	p.open("POST /i/{code}/seen", (*visit).seen)
	p.open("POST /i/{code}/go", (*visit).leaveForShop)
	p.open("POST /i/{code}/coupon", (*visit).coupon)
	p.open("GET /stop/{token}", (*visit).askStop)
	p.open("POST /stop/{token}", (*visit).stop)
	p.member("GET /invite", (*visit).askInvite)
	p.member("POST /invite", (*visit).invite)
	p.member("GET /friends", (*visit).friends)
	p.member("POST /friends/{id}/remind", (*visit).remind)
	p.member("POST /sign-out", (*visit).leave)
	p.member("POST /sign-out/others", (*visit).leaveOthers)
	p.member("GET /history", (*visit).history)
	p.member("GET /gifts", (*visit).catalogue)
	p.member("GET /gifts/{code}", (*visit).askClaim)
	p.member("POST /gifts/{code}", (*visit).claim)
	p.member("POST /gifts/{code}/passkey/ask", (*visit).askProof)
	p.member("GET /programs/{id}/{digest}", (*visit).posterFile)
	p.member("GET /gifts/{code}/picture/{digest}", (*visit).giftFile)
	p.member("GET /appeal", (*visit).askAppeal)
	p.member("POST /appeal", (*visit).appeal)
	p.member("GET /share", (*visit).sharePage)
	p.member("GET /share/qr.png", (*visit).qrPNG)
	p.member("GET /share/leaflet.pdf", (*visit).leaflet)
	p.member("GET /profile", (*visit).profile)
	p.member("POST /profile/consent", (*visit).agree)
	p.member("POST /profile/fields", (*visit).setOwn)
	p.member("GET /profile/data.json", (*visit).download)
	p.member("GET /profile/pin", (*visit).askPIN)
	p.member("POST /profile/pin", (*visit).setPIN)
	p.member("GET /profile/passkeys", (*visit).passkeys)
	p.member("POST /profile/passkeys", (*visit).addPasskey)
	p.member("POST /profile/passkeys/ask", (*visit).askNewPasskey)
	p.member("POST /profile/passkeys/{id}/remove", (*visit).removePasskey)
}

// page answers one request; an error becomes a page that says it.
type page func(*visit) error

// open mounts a page for everybody.
func (p *Portal) open(pattern string, show page) {
	method, path, _ := strings.Cut(pattern, " ")
	show = gated(path, show)
	h := p.zip(p.cross.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { p.serve(w, r, show) })))
	below := path
	if path == "/{$}" {
		p.mux.HandleFunc(method+" /p/{shop}", h)
		below = "/{$}"
	}
	p.mux.HandleFunc(method+" "+path, h)
	p.mux.HandleFunc(method+" /p/{shop}"+below, h)
}

// member mounts a page for who is signed in; others are asked to sign in, and come back.
func (p *Portal) member(pattern string, show page) {
	p.open(pattern, func(v *visit) error {
		if v.member == nil {
			return v.redirect("/sign-in")
		}
		return show(v)
	})
}

// visit is one request to one shop's portal.
type visit struct {
	*Portal
	ctx     context.Context
	w       http.ResponseWriter
	r       *http.Request
	shop    *loyalty.Shop
	look    *loyalty.Portal
	say     *locale.Printer
	prefix  string          // before every path of this portal: empty, or /p/ and the slug
	member  *people.Member  // nil: nobody is signed in
	session *signin.Session // of the member
	at      moment.Time     // the shop's time, once somebody asked
	texts   *pages.Editions // the shop's legal texts, once somebody asked
	tags    templ.Component // what a page says of itself to networks; nil: nothing
}

func (p *Portal) serve(w http.ResponseWriter, r *http.Request, show page) {
	v := &visit{Portal: p, ctx: r.Context(), w: w, r: r}
	head(w.Header())
	err := v.enter()
	if err == nil {
		err = show(v)
	}
	if err != nil {
		v.fail(err)
	}
}

// head sets what holds for every page: nothing but our own files runs or shows in it, and
// nobody else frames it.
func head(h http.Header) {
	h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: https:; connect-src 'self'; "+
		"manifest-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'")
	h.Set("Referrer-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
	h.Set("Cache-Control", "no-store")
}

// enter finds the shop, the member and the language.
func (v *visit) enter() error {
	v.say = v.Edge.Words().Printer(web.Language(v.r), nil)
	slug := v.r.PathValue("shop")
	if slug != "" {
		v.prefix = "/p/" + slug
	}
	var err error
	v.shop, v.look, err = v.Office.PortalAt(v.ctx, v.r.Host, slug)
	if err != nil {
		return err
	}
	err = v.known()
	v.say = v.Edge.Words().Printer(v.language(), nil).For(v.shop)
	return err
}

// language is what the reader chose, else what he registered with, else his browser's.
func (v *visit) language() string {
	if l := v.kept(languageCookie); l != "" && l == v.look.Speaks(l) {
		return l
	}
	if v.member != nil && v.member.Locale != "" {
		return v.look.Speaks(v.member.Locale)
	}
	for part := range strings.SplitSeq(v.r.Header.Get("Accept-Language"), ",") {
		tag, _, _ := strings.Cut(strings.TrimSpace(part), ";")
		if base, _, _ := strings.Cut(strings.ToLower(tag), "-"); base != "" && base == v.look.Speaks(base) {
			return base
		}
	}
	return v.look.Speaks("")
}

const languageCookie = "language"

// to is the path of one of this portal's pages, for links.
func (v *visit) to(path string) templ.SafeURL { return templ.SafeURL(v.path(path)) }

func (v *visit) path(path string) string {
	if path == "/" && v.prefix != "" {
		return v.prefix
	}
	return v.prefix + path
}

// redirect sends the reader to another page of this portal.
func (v *visit) redirect(path string) error {
	http.Redirect(v.w, v.r, v.path(path), http.StatusSeeOther)
	return nil
}

// show renders a page.
func (v *visit) show(status int, c templ.Component) error {
	v.w.Header().Set("Content-Type", "text/html; charset=utf-8")
	v.w.Header().Set("Content-Language", v.say.Tag())
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
	if said, ok := errors.AsType[*loyalty.Problem](err); ok && problem.Status < http.StatusInternalServerError {
		text = v.say.Problem(said) // in the language of the portal
	}
	title := "portal.wrong.title"
	if problem.Status == http.StatusNotFound {
		title = "portal.missing.title"
	}
	_ = v.show(problem.Status, failed(v, v.say.Say(title), text, problem.RequestID)) // show never fails
}

// mark is what stands for the shop where it has no logo: the first letters of its name.
func (v *visit) mark() string {
	var out []rune
	for word := range strings.FieldsSeq(v.name()) {
		out = append(out, []rune(word)[0])
	}
	return strings.ToUpper(string(out[:min(2, len(out))]))
}

// t gives the words of a key.
func (v *visit) t(key string, pairs ...string) string { return v.say.Say(key, pairs...) }
