package portal

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"time"

	"cagnotte/internal/locale"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/people"
	"cagnotte/internal/referral"
	"cagnotte/internal/share"
)

const (
	visitorCookie = "visitor" // the browser's name, once somebody did something
	visitorFor    = 180 * 24 * time.Hour
)

// What a friend's page says.
const (
	pageOpen     = "open"
	pageOwn      = "own"      // its member looks at it himself
	pageCustomer = "customer" // who looks has joined or bought already
	pageInactive = "inactive" // the member is blocked; the page does not say so
	pageExpired  = "expired"  // nothing is given for friends now
)

// welcoming is what a friend's page shows.
type welcoming struct {
	State, Code, Title, Reward string
	Target, To, Invited        string // where the button leads, and what it was asked for
	Proof                      string
	Ends                       string
	Terms                      []string
	Coupon                     string // shown once the friend asked for it
}

// host finds the member whose code the address has; the problem `invite_unknown` when it is
// nobody's. A network that guesses is asked to wait.
func (v *visit) host() (m *people.Member, code string, err error) {
	if err := v.Limits.Follow(v.r); err != nil {
		return nil, "", err
	}
	code, ok := loyalty.CanonicalCode(v.r.PathValue("code"))
	if ok {
		m, err = v.People.Find(v.ctx, v.shop.ID, loyalty.Who{Keys: []loyalty.Key{{Kind: loyalty.ByCode, Key: code}}})
	}
	if !ok || errors.Is(err, loyalty.ErrNotFound) {
		v.Limits.Astray(v.r)
		return nil, "", loyalty.NotFound("", "invite_unknown")
	}
	return m, code, err
}

// headline says who offers what.
func headline(say *locale.Printer, shop *loyalty.Shop, host *people.Member, o *referral.Offer) string {
	name, reward := host.FirstName, say.Objects(o.Friend)
	if name == "" {
		name = say.Say("invite.landing.somebody")
	}
	if reward == "" {
		return say.Say("invite.landing.title.plain", "Name", name, "Shop", shop.Name)
	}
	return say.Say("invite.landing.title", "Name", name, "Reward", reward)
}

// welcoming gathers what the page of a code shows to whoever looks.
func (v *visit) welcoming() (*welcoming, *people.Member, error) {
	host, code, err := v.host()
	if err != nil {
		return nil, nil, err
	}
	o, err := v.Referrals.Offer(v.ctx, v.shop)
	if err != nil {
		return nil, nil, err
	}
	x := &welcoming{Code: code, Title: headline(v.say, v.shop, host, o), Reward: v.say.Objects(o.Friend), Terms: v.say.Summary(o.Terms)}
	x.To, x.Invited = v.r.FormValue("to"), v.r.FormValue("e")
	x.Target = target(v.look, x.To, code)
	if o.Ends != 0 {
		x.Ends = v.say.Date(o.Ends - 1)
	}
	if x.State, err = v.state(recentOf(host, 0), o); err != nil {
		return nil, nil, err
	}
	v.tags = tags(v, x, cardText(v.say, v.shop, v.look, host, o))
	return x, host, nil
}

// state is what the page of a member says to whoever looks.
func (v *visit) state(host recent, o *referral.Offer) (string, error) {
	buyer, err := v.buyer()
	switch {
	case err != nil:
		return "", err
	case v.member != nil && v.member.ID == host.member:
		return pageOwn, nil
	case host.blocked:
		return pageInactive, nil
	case v.member != nil || buyer:
		return pageCustomer, nil
	case !o.Running:
		return pageExpired, nil
	}
	return pageOpen, nil
}

// buyer tells whether this browser is known as one that bought.
func (v *visit) buyer() (bool, error) {
	name := v.visitor()
	if name == "" {
		return false, nil
	}
	m, err := v.People.Find(v.ctx, v.shop.ID, loyalty.Who{Keys: []loyalty.Key{{Kind: loyalty.ByVisitor, Key: name}}})
	if errors.Is(err, loyalty.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	return m.FirstOrderAt != 0 || m.RegisteredAt != 0, nil
}

// landing is a friend's page. It changes and counts nothing, whoever fetches it.
func (v *visit) landing() error {
	key, same, err := v.alike()
	if err != nil {
		return err
	}
	now := v.Office.Clock()
	if same {
		if page := v.faces.page(key, now); page != nil {
			return v.send(page)
		}
	}
	x, _, err := v.welcoming()
	if err != nil {
		return err
	}
	if x.State == pageOpen {
		x.Proof = v.Invitations.Proof(v.shop.ID, x.Code)
	}
	if !same {
		return v.welcomed(http.StatusOK, x, v.blank())
	}
	page, err := v.draw(x, now)
	if err != nil {
		return err
	}
	v.faces.keep(key, page)
	return v.send(page)
}

func (v *visit) welcomed(status int, x *welcoming, f *form) error {
	v.mayLeave(x)
	return v.show(status, landingPage(v, x, f))
}

// mayLeave lets the forms of the page lead to the shop.
func (v *visit) mayLeave(x *welcoming) {
	if at := origin(x.Target); at != "" { // browsers hold the way of a form to its policy, to the end
		h := v.w.Header()
		h.Set("Content-Security-Policy", strings.Replace(h.Get("Content-Security-Policy"), "form-action 'self'", "form-action 'self' "+at, 1))
	}
}

// looker is who looks, as far as he can be told apart. A browser is given a name when somebody
// did something with it, or where the shop's visitors agreed to that.
func (v *visit) looker(code, invited string, acted bool) referral.Look {
	name := v.visitor()
	if name == "" && (acted || v.look.Consent == loyalty.ConsentService) {
		cookie := v.Invitations.Visitor(v.shop.ID)
		http.SetCookie(v.w, v.cookie(visitorCookie, cookie, visitorFor))
		name = v.Invitations.VisitorOf(v.shop.ID, cookie)
	}
	return referral.Look{Code: code, Visitor: name, Invited: invited, From: v.Limits.Network(v.r) + "\x00" + v.r.UserAgent()}
}

// seen takes the note of our script that somebody had the page before him. It answers the same
// whatever it counts.
func (v *visit) seen() error {
	if _, err := v.read(); err != nil {
		return err
	}
	if person(v.r) {
		host, code, err := v.recentHost()
		if err != nil {
			return err
		}
		o, err := v.Referrals.Offer(v.ctx, v.shop)
		if err != nil {
			return err
		}
		state, err := v.state(host, o)
		if err != nil {
			return err
		}
		if state == pageOpen {
			if _, err := v.Invitations.Seen(v.ctx, v.shop.ID, host.member, v.looker(code, v.r.FormValue("e"), false), v.r.PostFormValue("v")); err != nil {
				return err
			}
		}
	}
	v.w.WriteHeader(http.StatusNoContent)
	return nil
}

// leaveForShop sends the friend to the shop; that counts, since somebody pressed the button.
func (v *visit) leaveForShop() error {
	if _, err := v.read(); err != nil {
		return err
	}
	x, host, err := v.welcoming()
	if err != nil {
		return err
	}
	if x.Target == "" {
		return v.redirect("/i/" + x.Code)
	}
	if x.State == pageOpen && person(v.r) {
		if _, err := v.Invitations.Opened(v.ctx, v.shop.ID, host.ID, v.looker(x.Code, x.Invited, true)); err != nil {
			return err
		}
	}
	http.Redirect(v.w, v.r, x.Target, http.StatusSeeOther)
	return nil
}

// coupon gives the friend the shop's code. With his address, which he need not give, he is his
// friend's wherever he orders.
func (v *visit) coupon() error {
	f, err := v.read("email", "agreed")
	if err != nil {
		return err
	}
	x, host, err := v.welcoming()
	if err != nil {
		return err
	}
	if x.State != pageOpen || v.look.Landing != loyalty.LandingCoupon {
		return v.redirect("/i/" + x.Code)
	}
	key := ""
	if f.values["email"] != "" {
		var ok bool
		if key, ok = v.People.EmailKey(f.values["email"]); !ok {
			f.problem("email", "invalid_email")
		}
		if f.values["agreed"] == "" {
			f.problem("agreed", "not_agreed")
		}
	}
	if !f.ok() {
		return v.welcomed(http.StatusUnprocessableEntity, x, f)
	}
	if person(v.r) {
		l := v.looker(x.Code, x.Invited, true)
		l.Email = key
		if _, err := v.Invitations.Opened(v.ctx, v.shop.ID, host.ID, l); err != nil {
			return err
		}
	}
	x.Coupon = v.look.Coupon
	return v.welcomed(http.StatusOK, x, f)
}

// territories are the languages as networks write them.
var territories = map[string]string{"fr": "fr_FR", "pl": "pl_PL", "en": "en_GB"}

// picture is the address of the picture of a link.
func (x *welcoming) picture(v *visit, card share.CardText) string {
	return v.look.Invite(url.PathEscape(x.Code)) + "/" + share.CardName(card)
}

// asked is what the script's note carries of the address that the friend came by.
func asked(x *welcoming) string {
	if x.Invited == "" {
		return ""
	}
	return "?e=" + url.QueryEscape(x.Invited)
}
