package admin

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/a-h/templ"

	"cagnotte/internal/loyalty"
)

// section is one page of the settings, which is saved by itself.
type section struct {
	code   string
	fill   func(*visit, *form, *loyalty.Portal)
	take   func(*form, *loyalty.Portal)
	fields func(*visit, *form) templ.Component
	brief  func(*visit, *loyalty.Portal) string // what holds now, in a few words
}

// sections are what is set of the shop's portal, in the order in which they are offered.
func sections() []section {
	return []section{
		{"shop", fillShop, takeShop, shopFields, func(v *visit, _ *loyalty.Portal) string { return v.shop.Name }},
		{"legal", fillLegal, takeLegal, legalFields, briefLegal},
		{"languages", fillLanguages, takeLanguages, languageFields, briefLanguages},
		{"portal", fillPortal, takePortal, portalFields, briefPortal},
		{"joining", fillJoining, takeJoining, joiningFields, func(v *visit, p *loyalty.Portal) string { return v.t("admin.settings.field.join." + p.Join) }},
		{"card", fillCard, takeCard, cardFields, briefCard},
		{"friends", fillFriends, takeFriends, friendFields, func(v *visit, p *loyalty.Portal) string { return v.t("admin.settings.field.landing." + p.Landing) }},
		{"consent", fillConsent, takeConsent, consentFields, func(v *visit, p *loyalty.Portal) string { return v.t("admin.settings.field.consent." + p.Consent) }},
	}
}

// otherSettings are the pages beside those of the portal.
var otherSettings = []string{"texts", "pictures", "modules", "fields", "retention", "papers", "keys", "sites", "channels", "groups"}

func sectionOf(code string) section {
	for _, s := range sections() {
		if s.code == code {
			return s
		}
	}
	panic("no section " + code) // routes name those that there are
}

// settings is what there is to set, and what holds now.
func (v *visit) settings() error {
	p, err := v.Office.Portal(v.ctx, v.shop.ID)
	if err != nil {
		return err
	}
	return v.show(http.StatusOK, settingsView(v, p))
}

// settingsOf shows a page of them.
func settingsOf(code string) page {
	return func(v *visit) error {
		p, err := v.Office.Portal(v.ctx, v.shop.ID)
		if err != nil {
			return err
		}
		s, f := sectionOf(code), v.blank()
		s.fill(v, f, p)
		return v.show(http.StatusOK, sectionView(v, f, s))
	}
}

// set saves a page of them: what it does not show stays as it is.
func set(code string) page {
	return func(v *visit) error {
		f, err := v.read()
		if err != nil {
			return err
		}
		p, err := v.Office.Portal(v.ctx, v.shop.ID)
		if err != nil {
			return err
		}
		s, was := sectionOf(code), v.blank()
		s.fill(v, was, p)
		s.take(f, p)
		if f.ok() {
			err := v.Office.SetPortal(v.ctx, v.shop.ID, p)
			if err == nil && code == "shop" && f.get("name") != v.shop.Name {
				err = v.Office.Rename(v.ctx, v.shop.ID, f.get("name"))
			}
			if err != nil && !f.blame(err) {
				return err
			}
		}
		if !f.ok() {
			return v.show(http.StatusUnprocessableEntity, sectionView(v, f, s))
		}
		is := v.blank()
		s.fill(v, is, p)
		if code == "shop" {
			is.values["name"] = f.get("name")
		}
		v.note("", "section", code)
		v.changes("admin.settings.field.", was, is)
		v.tell("admin.settings.said", "")
		return v.redirect("/settings/" + code)
	}
}

// previewShop shows the colour that somebody is choosing.
func (v *visit) previewShop() error {
	f, err := v.read()
	if err != nil {
		return err
	}
	return v.show(http.StatusOK, sectionView(v, f, sectionOf("shop")))
}

// hueOf is the hue of a form; that of the shop's beginning where it is none.
func hueOf(f *form) int {
	n, err := strconv.Atoi(f.get("hue"))
	if err != nil || n < 0 || n > 359 {
		return loyalty.NewPortal().Hue
	}
	return n
}

// number takes a whole number of a form.
func (f *form) number(name string) int {
	n, err := strconv.Atoi(f.get(name))
	if err != nil {
		f.problem(name, "not_a_number")
	}
	return n
}

func fillShop(v *visit, f *form, p *loyalty.Portal) {
	f.values["name"], f.values["hue"], f.values["logo"], f.values["shop"], f.values["reply_to"] = v.shop.Name, strconv.Itoa(p.Hue), p.Logo, p.Shop, p.ReplyTo
}

func takeShop(f *form, p *loyalty.Portal) {
	if f.get("name") == "" {
		f.problem("name", "required")
	}
	p.Hue, p.Logo, p.Shop, p.ReplyTo = f.number("hue"), f.get("logo"), f.get("shop"), f.get("reply_to")
}

func fillLanguages(_ *visit, f *form, p *loyalty.Portal) {
	f.lists["languages"] = p.Languages
	if len(p.Languages) > 0 {
		f.values["first"] = p.Languages[0]
	}
}

func takeLanguages(f *form, p *loyalty.Portal) {
	p.Languages = ahead(f.get("first"), f.lists["languages"])
	if len(p.Languages) > 0 && p.Languages[0] != f.get("first") {
		f.problem("first", "unknown_language")
	}
}

func briefLanguages(_ *visit, p *loyalty.Portal) string {
	var out []string
	for _, tag := range p.Languages {
		for _, l := range languages {
			if l.tag == tag {
				out = append(out, l.name)
			}
		}
	}
	return strings.Join(out, ", ")
}

func fillPortal(_ *visit, f *form, p *loyalty.Portal) {
	f.values["base"], f.values["hosts"] = p.Base, strings.Join(p.Hosts, "\n")
	if p.On {
		f.values["on"] = "yes"
	}
}

func takePortal(f *form, p *loyalty.Portal) {
	p.On, p.Base, p.Hosts = f.get("on") == "yes", f.get("base"), strings.Fields(f.get("hosts"))
}

func briefPortal(v *visit, p *loyalty.Portal) string {
	if !p.On {
		return v.t("admin.settings.nothing")
	}
	return p.Base
}

func fillJoining(_ *visit, f *form, p *loyalty.Portal) {
	f.values["join"], f.values["numbers.prefix"], f.values["numbers.length"] = p.Join, p.Numbers.Prefix, strconv.Itoa(p.Numbers.Length)
	if p.Numbers.Check {
		f.values["check"] = "yes"
	}
}

func takeJoining(f *form, p *loyalty.Portal) {
	p.Join = f.get("join")
	p.Numbers = loyalty.NumberForm{Prefix: f.get("numbers.prefix"), Length: f.number("numbers.length"), Check: f.get("check") == "yes", EAN: p.Numbers.EAN}
}

func fillFriends(_ *visit, f *form, p *loyalty.Portal) {
	f.values["landing"], f.values["coupon"], f.values["invitations"], f.values["country"] = p.Landing, p.Coupon, p.Invitations, p.Country
}

func takeFriends(f *form, p *loyalty.Portal) {
	p.Landing, p.Coupon, p.Invitations, p.Country = f.get("landing"), f.get("coupon"), f.get("invitations"), f.get("country")
}

func fillConsent(_ *visit, f *form, p *loyalty.Portal) { f.values["consent"] = p.Consent }

func takeConsent(f *form, p *loyalty.Portal) { p.Consent = f.get("consent") }

// usual says what the country's usage is for invitations.
func usual(v *visit, country string) string {
	if (&loyalty.Portal{Country: country}).Invites() {
		return v.t("admin.settings.field.invitations.usual.on")
	}
	return v.t("admin.settings.field.invitations.usual.off")
}
