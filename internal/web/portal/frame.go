package portal

import (
	"fmt"
	"net/http"
	"time"

	"github.com/a-h/templ"

	"cagnotte/internal/web"
)

// menu is what members find at the foot of every page.
var menu = []struct{ name, path, icon string }{
	{"home", "/", "purse"},
	{"share", "/share", "share"},
	{"friends", "/friends", "people"},
	{"gifts", "/gifts", "gift"},
}

// languages are named in their own words.
var languages = map[string]string{"en": "English", "fr": "Français", "pl": "Polski"}

// icons are our own drawings, as paths on a field of 24.
var icons = map[string][]string{
	"purse":  {"M4 8h14a2 2 0 0 1 2 2v7a2 2 0 0 1-2 2H6a2 2 0 0 1-2-2z", "M4 8V6.5A1.5 1.5 0 0 1 5.5 5H16v3", "M16 13.5h.01"},
	"share":  {"M12 15V4", "M8 7.5 12 4l4 3.5", "M6 11H5v9h14v-9h-1"},
	"people": {"M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7z", "M3 20c0-3.5 2.5-5.5 6-5.5s6 2 6 5.5", "M16 4.5a3.5 3.5 0 0 1 0 6.3", "M17.5 14.8c2.2.7 3.5 2.5 3.5 5.2"},
	"gift":   {"M4 9h16v3H4z", "M5.5 12v8h13v-8", "M12 9v11", "M12 9C9 9 7.5 8 7.5 6.3 7.5 5 8.5 4 9.6 4 11.5 4 12 6.5 12 9zm0 0c3 0 4.5-1 4.5-2.7C16.5 5 15.5 4 14.4 4 12.5 4 12 6.5 12 9z"},
	"mail":   {"M4 6h16v12H4z", "m4 7 8 6 8-6"},
	"send":   {"M20 4 4 11l6 3 3 6z", "M20 4 10 14"},
	"qr":     {"M4 4h6v6H4z", "M14 4h6v6h-6z", "M4 14h6v6H4z", "M14 14h2v2h-2z", "M18 18h2v2h-2z", "M18 14h2", "M14 18v2"},
	"chat":   {"M5 18.5V6a1.5 1.5 0 0 1 1.5-1.5h11A1.5 1.5 0 0 1 19 6v8a1.5 1.5 0 0 1-1.5 1.5H9z"},
	"globe":  {"M12 20.5a8.5 8.5 0 1 0 0-17 8.5 8.5 0 0 0 0 17z", "M3.5 12h17", "M12 3.5c3 3 3 14 0 17c-3-3-3-14 0-17z"},
	"check":  {"m5 12.5 4.5 4.5L19 7.5"},
}

// name is what the shop is called; empty where no shop was found.
func (v *visit) name() string {
	if v.shop == nil {
		return "Cagnotte"
	}
	return v.shop.Name
}

// called is how a member is addressed in a corner: his first name, or his number.
func (v *visit) called() string {
	switch {
	case v.member.FirstName != "":
		return v.member.FirstName
	case len(v.member.Numbers) > 0:
		return v.member.Numbers[0]
	}
	return v.t("portal.profile.title")
}

// meta keeps the portal out of search engines; a friend's page says more of itself.
func (v *visit) meta() templ.Component {
	if v.tags != nil {
		return v.tags
	}
	return templ.Raw(`<meta name="robots" content="noindex">`)
}

func current(is bool) string {
	if is {
		return "page"
	}
	return "false"
}

// secure tells whether the portal's address keeps cookies from being read on their way.
func (v *visit) secure() bool { return len(v.look.Base) > 5 && v.look.Base[:5] == "https" }

// cookie is one of this portal's cookies, for this browser alone. Where the address is
// https it is bound to it. Without a lifetime it goes with the browser.
func (v *visit) cookie(name, value string, keep time.Duration) *http.Cookie {
	c := &http.Cookie{
		Name: v.cookieName(name), Value: value, Path: "/", HttpOnly: true, Secure: v.secure(), SameSite: http.SameSiteLaxMode,
	}
	if keep != 0 {
		c.MaxAge = int(keep / time.Second)
	}
	return c
}

// cookieName tells the portals apart that share one host.
func (v *visit) cookieName(name string) string {
	name = fmt.Sprintf("cagnotte-%d-%s", v.shop.ID, name)
	if v.secure() {
		name = "__Host-" + name
	}
	return name
}

// kept is the value of a cookie; empty when there is none.
func (v *visit) kept(name string) string {
	c, err := v.r.Cookie(v.cookieName(name))
	if err != nil {
		return ""
	}
	return c.Value
}

// speak changes the language for this browser.
func (v *visit) speak() error {
	l := v.r.PathValue("language")
	if v.look.Speaks(l) == l {
		http.SetCookie(v.w, v.cookie(languageCookie, l, 365*24*time.Hour))
	}
	back := "/"
	if from := v.r.Referer(); from != "" {
		back = web.Inside(from, v.r.Host, v.prefix)
	}
	return v.redirect(back)
}

// logo is where the shop's logo is; empty: the letters of its name stand there.
func (v *visit) logo() string {
	switch {
	case v.shop == nil:
		return ""
	case v.look.LogoFile != "":
		return v.path("/look/logo/" + v.look.LogoFile)
	}
	return v.look.Logo
}

// lookFile sends the shop's logo, or the picture of the tab. Its address has its digest, so it
// never changes.
func (v *visit) lookFile() error {
	b, kind, err := v.Office.Picture(v.ctx, v.shop.ID, v.r.PathValue("kind"), v.r.PathValue("digest"))
	if err != nil {
		return err
	}
	return v.sendPicture(b, kind, "public, max-age=31536000, immutable")
}

// picture is the shop's mark for the browser's tab.
func (v *visit) picture() error {
	h := v.w.Header()
	h.Set("Content-Type", "image/svg+xml")
	h.Set("Cache-Control", "public, max-age=86400")
	fmt.Fprintf(v.w, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 36 36"><rect width="36" height="36" rx="10" fill="oklch(.45 .09 %d)"/>`+
		`<text x="18" y="24" font-family="system-ui,sans-serif" font-size="15" font-weight="650" text-anchor="middle" fill="#fff">%s</text></svg>`,
		v.look.Hue, templ.EscapeString(v.mark()))
	return nil
}
