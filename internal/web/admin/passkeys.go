package admin

import (
	"net/http"
	"strings"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/passkey"
)

// ticketCookie keeps what a browser was asked, until it answers: it goes with the browser that
// was asked, and no script reads it.
const (
	ticketCookie  = "cagnotte-office-passkey"
	ticketSeconds = 300
)

// site is this back office as browsers know it for passkeys; nil where there are none: on an
// address of numbers, without TLS, or when the reader came by another name than the operator's.
// Without such a name it is where the reader is: a browser answers for no other address than the
// one that it shows, whatever a request says of it.
func (v *visit) site() *passkey.Site {
	if v.URL != "" && !strings.EqualFold(v.URL, v.here()) {
		return nil
	}
	return passkey.At(v.here(), "Cagnotte")
}

// options answers a script that asks for a passkey.
func (v *visit) options(options []byte, ticket string, err error) error {
	if err != nil {
		return v.unasked(err)
	}
	http.SetCookie(v.w, v.cookie(ticketCookie, ticket, ticketSeconds))
	v.status = http.StatusOK
	v.w.Header().Set("Content-Type", "application/json")
	_, _ = v.w.Write(options) // a caller who is gone needs no answer
	return nil
}

// unasked tells a script, in words for its reader, why he is asked for no passkey.
func (v *visit) unasked(err error) error {
	f := v.blank()
	if !f.blame(err) {
		return err
	}
	v.status = http.StatusUnprocessableEntity
	v.w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	v.w.WriteHeader(v.status)
	_, _ = v.w.Write([]byte(f.wrong[f.order[0]]))
	return nil
}

// ticket is what this browser was asked; it is gone then, whatever the answer.
func (v *visit) ticket() string {
	c, err := v.r.Cookie(v.cookieName(ticketCookie))
	if err != nil {
		return ""
	}
	http.SetCookie(v.w, v.cookie(ticketCookie, "", -1))
	return c.Value
}

// keySite is site where a passkey is asked for or answered; elsewhere that is not there.
func (v *visit) keySite() (*passkey.Site, error) {
	if at := v.site(); at != nil {
		return at, nil
	}
	return nil, loyalty.NotFound("", "passkeys_off")
}

// askEntry asks for a passkey to sign in with.
func (v *visit) askEntry() error {
	at, err := v.keySite()
	if err != nil {
		return err
	}
	if err := v.Limits.Enter(v.r); err != nil {
		return err
	}
	return v.options(v.Staff.AskEntry(at))
}

// signInByPasskey takes it: neither a shop nor an address is asked for.
func (v *visit) signInByPasskey() error {
	f, err := v.read()
	if err != nil {
		return err
	}
	at, err := v.keySite()
	if err != nil {
		return err
	}
	if err := v.Limits.Enter(v.r); err != nil {
		return err
	}
	shop, secret, err := v.Staff.OpenByPasskey(v.ctx, at, v.ticket(), f.get("passkey"))
	if f.blame(err) {
		return v.showSignIn(http.StatusUnprocessableEntity, f)
	}
	if err != nil {
		return err
	}
	live, _, err := v.Office.Pair(v.ctx, shop)
	if err != nil {
		return err
	}
	if err := v.opened(live, secret); err != nil {
		return err
	}
	return v.onward(f)
}

// askProof asks for one of somebody's own as his second proof.
func (v *visit) askProof() error {
	at, err := v.keySite()
	if err != nil {
		return err
	}
	if v.me == nil {
		return loyalty.Invalid("passkey", "passkey_ended")
	}
	return v.options(v.Staff.AskProof(v.ctx, v.me, at))
}

// secondByPasskey takes it.
func (v *visit) secondByPasskey() error {
	f, err := v.read()
	if err != nil {
		return err
	}
	if v.me == nil {
		return v.showSignIn(http.StatusUnauthorized, f)
	}
	at, err := v.keySite()
	if err != nil {
		return err
	}
	if err := v.Limits.Enter(v.r); err != nil {
		return err
	}
	err = v.Staff.ProveByPasskey(v.ctx, v.me, at, v.ticket(), f.get("passkey"))
	if f.blame(err) {
		return v.showSecond(http.StatusUnprocessableEntity, f)
	}
	if err != nil {
		return err
	}
	return v.come(f)
}

// askNewPasskey asks for a new one.
func (v *visit) askNewPasskey() error {
	at, err := v.keySite()
	if err != nil {
		return err
	}
	if v.me == nil {
		return loyalty.Invalid("passkey", "passkey_ended")
	}
	return v.options(v.Staff.AskNewPasskey(v.ctx, v.me, at, v.live.Name))
}

// setFirstPasskey takes the first proof of somebody who has chosen his password: he needs no app
// for codes.
func (v *visit) setFirstPasskey() error {
	f, err := v.read()
	if err != nil {
		return err
	}
	switch {
	case v.me == nil:
		return v.showSignIn(http.StatusUnauthorized, f)
	case v.me.Factor:
		return v.showSecond(http.StatusUnauthorized, f)
	}
	at, err := v.keySite()
	if err != nil {
		return err
	}
	err = v.Staff.AddPasskey(v.ctx, v.me, at, v.ticket(), f.get("passkey"), f.get("name"))
	if f.blame(err, "name=passkey") {
		return v.showNewFactor(http.StatusUnprocessableEntity, f)
	}
	if err != nil {
		return err
	}
	return v.come(f)
}

// addPasskey takes another one.
func (v *visit) addPasskey() error {
	f, err := v.read()
	if err != nil {
		return err
	}
	at, err := v.keySite()
	if err != nil {
		return err
	}
	err = v.Staff.AddPasskey(v.ctx, v.me, at, v.ticket(), f.get("passkey"), f.get("name"))
	if f.blame(err) {
		return v.showAccount(http.StatusUnprocessableEntity, f)
	}
	if err != nil {
		return err
	}
	v.tell("admin.said.passkey_added", "")
	return v.redirectTo("/admin/account")
}

// removePasskey ends one, and the sessions of other browsers.
func (v *visit) removePasskey() error {
	which, err := id.Parse[id.PasskeyKind](v.r.PathValue("id"))
	if err != nil {
		return loyalty.NotFound("", "passkey_gone")
	}
	v.note(which.String())
	return v.proofGone(v.Staff.RemovePasskey(v.ctx, v.me, which), "admin.said.passkey_gone")
}

// removeApp ends the app for codes of who has passkeys.
func (v *visit) removeApp() error {
	return v.proofGone(v.Staff.RemoveApp(v.ctx, v.me), "admin.said.app_gone")
}

func (v *visit) proofGone(err error, key string) error {
	f := v.blank("name", v.t("passkey.name.usual"))
	if f.blame(err) {
		return v.showAccount(http.StatusUnprocessableEntity, f)
	}
	if err != nil {
		return err
	}
	v.tell(key, "")
	return v.redirectTo("/admin/account")
}
