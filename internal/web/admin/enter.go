package admin

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"cagnotte/internal/loyalty"
	"cagnotte/internal/share"
	"cagnotte/internal/staff"
	"cagnotte/internal/web"
)

const (
	sessionCookie = "cagnotte-office"
	shopCookie    = "cagnotte-office-shop"
	browserCookie = "cagnotte-office-browser"
)

// known finds who is signed in in this browser, and his shop or its twin.
func (v *visit) known(test bool) error {
	c, err := v.r.Cookie(v.cookieName(sessionCookie))
	if err != nil {
		return nil //nolint:nilerr // nobody is signed in
	}
	number, secret, _ := strings.Cut(c.Value, ".")
	n, err := strconv.ParseInt(number, 10, 64)
	if err != nil {
		return nil //nolint:nilerr // not a cookie of ours
	}
	me, err := v.Staff.Session(v.ctx, loyalty.ShopID(n), secret)
	if err != nil || me == nil {
		return err
	}
	live, twin, err := v.Office.Pair(v.ctx, loyalty.ShopID(n))
	if err != nil {
		return err
	}
	v.me, v.live, v.shop = me, live, live
	if test {
		v.shop = twin
	}
	return nil
}

// askIn leads somebody to the door. A form that he sent waits for him there.
func (v *visit) askIn() error {
	if v.r.Method == http.MethodPost {
		v.keep()
		if v.me != nil {
			return v.showSecond(http.StatusUnauthorized, v.blank())
		}
		return v.showSignIn(http.StatusUnauthorized, v.blank())
	}
	to := v.r.URL.RequestURI()
	if v.me != nil {
		return v.redirectTo("/admin" + v.second1() + "?to=" + url.QueryEscape(to))
	}
	return v.redirectTo("/admin/sign-in?to=" + url.QueryEscape(to))
}

// second1 is where somebody goes on who has given his password.
func (v *visit) second1() string {
	if v.me.Factor {
		return "/second"
	}
	return "/factor"
}

// askAgain asks for the second factor before something that needs a fresh one. The form
// waits.
func (v *visit) askAgain() error {
	v.keep()
	f := v.blank()
	return v.showSecond(http.StatusUnauthorized, f)
}

// keep seals what was sent.
func (v *visit) keep() {
	if _, err := v.read(); err != nil || v.kept != "" {
		return // too large to wait, or waiting already
	}
	v.kept = v.Staff.Keep(staff.Form{Path: v.r.URL.Path, Values: v.r.PostForm})
}

// onward is where somebody goes who has come in: to the page he wanted, or to the form that
// waits for him.
func (v *visit) onward(f *form) error {
	if v.kept != "" {
		waits, err := v.Staff.Kept(v.kept)
		if err != nil {
			return err
		}
		return v.show(http.StatusOK, again(v, waits))
	}
	to, err := v.begin()
	if err != nil {
		return err
	}
	if at := web.Inside(f.get("to"), v.r.Host, "/admin"); at != "/" {
		to = "/admin" + at
	}
	return v.redirectTo(to)
}

func (v *visit) askSignIn() error {
	if v.me.In() {
		return v.redirectTo("/admin")
	}
	f := v.blank("to", v.r.URL.Query().Get("to"), "shop", v.r.URL.Query().Get("shop"))
	if c, err := v.r.Cookie(v.cookieName(shopCookie)); err == nil && f.get("shop") == "" {
		f.values["shop"] = c.Value
	}
	return v.showSignIn(http.StatusOK, f)
}

// showSignIn asks for the shop only where there are several.
func (v *visit) showSignIn(status int, f *form) error {
	_, err := v.Office.LiveShop(v.ctx, "")
	return v.show(status, signInView(v, f, err != nil))
}

// signIn takes an address and a password.
func (v *visit) signIn() error {
	f, err := v.read()
	if err != nil {
		return err
	}
	if err := v.Limits.Enter(v.r); err != nil {
		return err
	}
	live, err := v.Office.LiveShop(v.ctx, f.get("shop"))
	secret := ""
	switch {
	case err == nil:
		secret, err = v.Staff.SignIn(v.ctx, live.ID, f.get("email"), f.get("password"), v.from())
	case f.get("shop") == "":
		err = loyalty.Invalid("shop", "required")
	default: // nor is it told which shops there are: nobody works in shop zero
		_, err = v.Staff.SignIn(v.ctx, 0, f.get("email"), f.get("password"), v.from())
	}
	if f.blame(err) {
		return v.showSignIn(http.StatusUnprocessableEntity, f)
	}
	if err != nil {
		return err
	}
	if err := v.opened(live, secret); err != nil {
		return err
	}
	if v.kept != "" {
		if !v.me.Factor {
			return v.redirectTo("/admin/factor")
		}
		return v.showSecond(http.StatusOK, f)
	}
	return v.redirectTo("/admin" + v.second1() + "?to=" + url.QueryEscape(f.get("to")))
}

// opened keeps a session in this browser, and ends the one that was there.
func (v *visit) opened(live *loyalty.Shop, secret string) error {
	if v.me != nil {
		if err := v.Staff.Leave(v.ctx, v.me); err != nil {
			return err
		}
	}
	me, err := v.Staff.Session(v.ctx, live.ID, secret)
	if err == nil && me == nil {
		err = loyalty.NotFound("", "link_used") // of somebody who is not let in (any more)
	}
	if err != nil {
		return err
	}
	v.me, v.live, v.shop = me, live, live
	http.SetCookie(v.w, v.cookie(shopCookie, live.Slug, 365*24*3600))
	v.carry()
	if v.me.In() {
		return v.know()
	}
	return nil
}

// from is where this request comes from, for wrong tries to be counted by.
func (v *visit) from() staff.From {
	out := staff.From{Network: v.Limits.Network(v.r)}
	if c, err := v.r.Cookie(v.cookieName(browserCookie)); err == nil {
		out.Browser = c.Value
	}
	return out
}

// know makes this browser a known one: what strangers do elsewhere keeps nobody out of it.
func (v *visit) know() error {
	kept, err := v.Staff.Know(v.ctx, v.me, v.from().Browser)
	if err == nil {
		http.SetCookie(v.w, v.cookie(browserCookie, kept, staff.KnownSeconds))
	}
	return err
}

// come goes on with who has just given his second proof.
func (v *visit) come(f *form) error {
	v.carry()
	if err := v.know(); err != nil {
		return err
	}
	return v.onward(f)
}

// carry gives the browser the secret of the session, which changes with each proof.
func (v *visit) carry() {
	http.SetCookie(v.w, v.cookie(sessionCookie, strconv.FormatInt(int64(v.live.ID), 10)+"."+v.me.Secret(), 0))
}

func (v *visit) askSecond() error {
	switch {
	case v.me == nil:
		return v.redirectTo("/admin/sign-in")
	case !v.me.Factor:
		return v.redirectTo("/admin/factor")
	}
	return v.showSecond(http.StatusOK, v.blank("to", v.r.URL.Query().Get("to")))
}

func (v *visit) showSecond(status int, f *form) error { return v.show(status, secondView(v, f)) }

// second takes the code of the second factor.
func (v *visit) second() error {
	f, err := v.read()
	if err != nil {
		return err
	}
	if v.me == nil {
		return v.showSignIn(http.StatusUnauthorized, f)
	}
	if err := v.Limits.Enter(v.r); err != nil {
		return err
	}
	err = v.Staff.Prove(v.ctx, v.me, f.get("code"), v.from())
	if f.blame(err, "password=code") {
		return v.showSecond(http.StatusUnprocessableEntity, f)
	}
	if err != nil {
		return err
	}
	return v.come(f)
}

// askFactor shows a new second factor to set up. Who has one proves it first.
func (v *visit) askFactor() error {
	switch {
	case v.me == nil:
		return v.redirectTo("/admin/sign-in")
	case v.me.Factor && !v.Staff.Fresh(v.me):
		return v.redirectTo("/admin/second?to=" + url.QueryEscape("/admin/factor"))
	}
	return v.showNewFactor(http.StatusOK, v.blank("to", v.r.URL.Query().Get("to")))
}

func (v *visit) showNewFactor(status int, f *form) error {
	x, err := staff.NewFactor(v.me.Account, v.live.Name)
	if err != nil {
		return err
	}
	return v.showFactor(status, f, x)
}

func (v *visit) showFactor(status int, f *form, x staff.Factor) error {
	qr, err := share.QRSVG(x.URL, v.t("admin.factor.qr"))
	if err != nil {
		return err
	}
	return v.show(status, factorView(v, f, x, qr))
}

// setFactor takes the first code of a new second factor.
func (v *visit) setFactor() error {
	f, err := v.read()
	if err != nil {
		return err
	}
	if v.me == nil {
		return v.showSignIn(http.StatusUnauthorized, f)
	}
	if v.me.Factor && !v.me.In() {
		return v.showSecond(http.StatusUnauthorized, f)
	}
	if err := v.Limits.Enter(v.r); err != nil {
		return err
	}
	x, err := staff.ShowFactor(f.get("secret"), v.me.Account, v.live.Name)
	if err != nil {
		return err
	}
	err = v.Staff.SetFactor(v.ctx, v.me, x.Secret, f.get("code"))
	if f.blame(err) {
		return v.showFactor(http.StatusUnprocessableEntity, f, x)
	}
	if err != nil {
		return err
	}
	return v.come(f)
}

// doorShop finds the shop that a link names.
func (v *visit) doorShop() (*loyalty.Shop, error) {
	return v.Office.LiveShop(v.ctx, v.r.PathValue("shop"))
}

// askAccept shows an invitation.
func (v *visit) askAccept() error {
	live, err := v.doorShop()
	if err != nil {
		return err
	}
	a, err := v.Staff.Invitation(v.ctx, live.ID, v.r.PathValue("token"))
	if err != nil {
		return err
	}
	return v.show(http.StatusOK, acceptView(v, v.blank(), live, a))
}

// accept takes the password that somebody chose who was invited.
func (v *visit) accept() error {
	f, err := v.read()
	if err != nil {
		return err
	}
	live, err := v.doorShop()
	if err != nil {
		return err
	}
	a, err := v.Staff.Invitation(v.ctx, live.ID, v.r.PathValue("token"))
	if err != nil {
		return err
	}
	secret, err := v.Staff.Accept(v.ctx, live, v.r.PathValue("token"), f.get("password"), v.say.Tag())
	if f.blame(err) {
		return v.show(http.StatusUnprocessableEntity, acceptView(v, f, live, a))
	}
	if err != nil {
		return err
	}
	if err := v.opened(live, secret); err != nil {
		return err
	}
	return v.redirectTo("/admin/factor")
}

// askEnter shows a button: a link that something fetches ahead opens nothing.
func (v *visit) askEnter() error { return v.show(http.StatusOK, enterView(v)) }

func (v *visit) enterByLink() error {
	live, err := v.doorShop()
	if err != nil {
		return err
	}
	secret, err := v.Staff.Enter(v.ctx, live.ID, v.r.PathValue("token"))
	if err != nil {
		return err
	}
	if err := v.opened(live, secret); err != nil {
		return err
	}
	return v.redirectTo("/admin")
}

// leave ends the session.
func (v *visit) leave() error {
	if err := v.Staff.Leave(v.ctx, v.me); err != nil {
		return err
	}
	http.SetCookie(v.w, v.cookie(sessionCookie, "", -1))
	return v.redirectTo("/admin/sign-in")
}

// leaveOthers ends the sessions in other browsers.
func (v *visit) leaveOthers() error {
	if err := v.Staff.LeaveOthers(v.ctx, v.me); err != nil {
		return err
	}
	v.tell("admin.said.left_others", "")
	return v.redirectTo("/admin/account")
}
