package portal

import (
	"net/http"
	"strings"
	"time"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/passkey"
)

// ticketCookie keeps what a browser was asked, until it answers: it goes with the browser that
// was asked, and no script reads it.
const (
	ticketCookie = "passkey"
	ticketFor    = 5 * time.Minute
)

// site is this portal as browsers know it for passkeys; nil where there are none: on an address
// of numbers, without TLS, or when the reader came by another name of the server.
func (v *visit) site() *passkey.Site {
	if v.shop == nil || !strings.EqualFold(v.look.Origin(), v.scheme()+"://"+v.r.Host) {
		return nil
	}
	return passkey.At(v.look.Base, v.shop.Name)
}

// scheme is that of the settings: TLS may end before us.
func (v *visit) scheme() string {
	scheme, _, _ := strings.Cut(v.look.Base, "://")
	return scheme
}

// options answers a script that asks for a passkey.
func (v *visit) options(options []byte, ticket string, err error) error {
	if err != nil {
		return v.refuse(err)
	}
	http.SetCookie(v.w, v.cookie(ticketCookie, ticket, ticketFor))
	v.w.Header().Set("Content-Type", "application/json")
	_, _ = v.w.Write(options) // a caller who is gone needs no answer
	return nil
}

// refuse tells a script, in words for its reader, why he is asked for no passkey.
func (v *visit) refuse(err error) error {
	f := v.blank()
	if !f.blame(err) {
		return err
	}
	v.w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	v.w.WriteHeader(http.StatusUnprocessableEntity)
	_, _ = v.w.Write([]byte(f.wrong[f.first]))
	return nil
}

// asked is what this browser was asked; it is gone then, whatever the answer.
func (v *visit) asked() string {
	http.SetCookie(v.w, v.cookie(ticketCookie, "", -time.Second))
	return v.kept(ticketCookie)
}

// here is site where a passkey is asked for or answered; others do not find the page.
func (v *visit) here() (*passkey.Site, error) {
	if at := v.site(); at != nil {
		return at, nil
	}
	return nil, loyalty.NotFound("", "passkeys_off")
}

// askEntry asks for a passkey to sign in with.
func (v *visit) askEntry() error {
	at, err := v.here()
	if err != nil {
		return err
	}
	if err := v.limit(); err != nil {
		return err
	}
	return v.options(v.SignIn.AskEntry(v.shop.ID, at))
}

// signInByPasskey takes it.
func (v *visit) signInByPasskey() error {
	at, err := v.here()
	if err != nil {
		return err
	}
	if err := v.limit(); err != nil {
		return err
	}
	f, err := v.read("passkey")
	if err != nil {
		return err
	}
	secret, err := v.SignIn.OpenByPasskey(v.ctx, v.shop.ID, at, v.asked(), f.values["passkey"])
	if f.blame(err) {
		return v.show(http.StatusUnprocessableEntity, signInPage(v, f))
	}
	if err != nil {
		return err
	}
	return v.in(secret)
}

// key is a passkey as its page shows it.
type key struct{ ID, Name, Added, Used string }

func (v *visit) keys() ([]key, error) {
	list, err := v.SignIn.Passkeys(v.ctx, v.shop.ID, v.member.ID)
	if err != nil {
		return nil, err
	}
	var out []key
	for _, k := range list {
		x := key{ID: k.ID.String(), Name: k.Name, Added: v.t("passkey.added", "Date", v.say.Date(k.AddedAt))}
		if k.UsedAt != 0 {
			x.Used = v.t("passkey.used", "Date", v.say.Date(k.UsedAt))
		}
		out = append(out, x)
	}
	return out, nil
}

// passkeys shows the member's passkeys, and asks for another one.
func (v *visit) passkeys() error {
	f := v.blank()
	f.values["name"] = v.t("passkey.name.usual")
	return v.showPasskeys(http.StatusOK, f)
}

func (v *visit) showPasskeys(status int, f *form) error {
	keys, err := v.keys()
	if err != nil {
		return err
	}
	return v.show(status, passkeysPage(v, f, keys, v.SignIn.Fresh(v.session)))
}

// askNewPasskey asks for a new one.
func (v *visit) askNewPasskey() error {
	at, err := v.here()
	if err != nil {
		return err
	}
	return v.options(v.SignIn.AskNewPasskey(v.ctx, v.shop.ID, at, v.session, v.kept(sessionCookie), v.called()))
}

// addPasskey takes it.
func (v *visit) addPasskey() error {
	at, err := v.here()
	if err != nil {
		return err
	}
	f, err := v.read("name", "passkey")
	if err != nil {
		return err
	}
	err = v.SignIn.AddPasskey(v.ctx, v.shop.ID, at, v.session, v.kept(sessionCookie), v.asked(), f.values["passkey"], f.values["name"])
	if f.blame(err) {
		return v.showPasskeys(http.StatusUnprocessableEntity, f)
	}
	if err != nil {
		return err
	}
	return v.redirect("/profile/passkeys")
}

// removePasskey ends one.
func (v *visit) removePasskey() error {
	which, err := id.Parse[id.PasskeyKind](v.r.PathValue("id"))
	if err != nil {
		return v.redirect("/profile/passkeys")
	}
	if err := v.SignIn.RemovePasskey(v.ctx, v.shop.ID, v.member.ID, which); err != nil {
		return err
	}
	return v.redirect("/profile/passkeys")
}
