package loyalty

import (
	"slices"
	"strings"
)

// Portal is how a shop shows itself to its members and their friends: where its pages are,
// how they look, and what people may do there. It decides nothing about value.
type Portal struct {
	On        bool     `json:"on"`
	Base      string   `json:"base"` // the address of its pages, without a slash at the end: links are made from it alone
	Shop      string   `json:"shop"` // the address of the shop itself, where friends are sent to
	Hosts     []string `json:"hosts"`
	Languages []string `json:"languages"` // the first one is spoken to whoever speaks none of them
	Hue       int      `json:"hue"`       // 0 to 359; how light a colour is stays ours, so that any hue can be read
	Logo      string   `json:"logo"`      // an https address of a picture; empty: the name's first letters
	ReplyTo   string   `json:"reply_to"`  // where answers to messages go
	Country   string   `json:"country"`   // where the shop is, "FR": whose rules about invitations hold

	Join    string     `json:"join"` // who may join in the portal: JoinOpen, JoinInvited or JoinClosed
	Numbers NumberForm `json:"numbers"`

	Landing     string   `json:"landing"`       // what a friend's page offers: LandingCoupon or LandingDiscover
	Coupon      string   `json:"coupon"`        // of LandingCoupon: the code that every friend is given
	Invitations string   `json:"invitations"`   // by e-mail: "on", "off", or empty for what is usual in the country
	Consent     string   `json:"consent"`       // of the tracker: ConsentStrict (nothing is kept before a yes) or ConsentService
	Off         []string `json:"off,omitempty"` // modules that are switched off
	SecretNo    int      `json:"secret_no"`     // rises when the secret of the shop's own sign-on is made anew

	Legal Identity `json:"legal"` // who stands behind the shop

	LogoFile string `json:"logo_file"` // the digest of the picture that was sent for Logo, which it goes before; empty: none
	IconFile string `json:"icon_file"` // that of the picture of a browser's tab

	Card       string            `json:"card"`        // how a member's number is drawn on his card: CardCode128 (or empty), CardEAN13, CardQR or CardOff
	NumberName map[string]string `json:"number_name"` // what the shop calls a member's number, by language; where it says nothing, our word
}

// Who may join in the portal.
const (
	JoinOpen    = "open"
	JoinInvited = "invited" // through a friend's link only
	JoinClosed  = "closed"
)

// How a member's card shows his number.
const (
	CardCode128 = "code128"
	CardEAN13   = "ean13" // numbers that are none are drawn as Code 128
	CardQR      = "qr"
	CardOff     = "off" // there is no card
)

// What a friend's page offers.
const (
	LandingCoupon   = "coupon"
	LandingDiscover = "discover"
)

// Whether the tracker may keep something in a browser.
const (
	ConsentStrict  = "strict"
	ConsentService = "service"
)

// NumberForm is how the numbers of members who join in the portal are made.
type NumberForm struct {
	Prefix string `json:"prefix"`
	Length int    `json:"length"` // of the digits behind the prefix, the check digit included
	Check  bool   `json:"check"`  // the last digit is a Luhn check digit (ISO/IEC 7812-1)
	EAN    bool   `json:"ean"`    // prefix and digits are an EAN-13, the last digit its check digit
}

// NewPortal is a portal that is off, with what most shops begin with.
func NewPortal() *Portal {
	return &Portal{
		Languages: []string{"fr", "pl", "en"}, Hue: 172, Join: JoinOpen, Landing: LandingDiscover, Consent: ConsentStrict,
		Numbers: NumberForm{Length: 8, Check: true},
	}
}

// consentFirst are countries where a shop may not write to a friend who has not asked for
// it, in a member's name or not. Poland: Article 398 of the Electronic Communications Law
// of 12 July 2024.
var consentFirst = []string{"PL", "DE"}

// Invites tells whether members may let the shop write to their friends.
func (p *Portal) Invites() bool {
	switch p.Invitations {
	case "on":
		return true
	case "off":
		return false
	}
	return p.Country != "" && !slices.Contains(consentFirst, p.Country)
}

// Speaks gives the language in which to speak to somebody who wants one: his, or the
// shop's first.
func (p *Portal) Speaks(want string) string {
	base, _, _ := strings.Cut(strings.ReplaceAll(strings.ToLower(want), "_", "-"), "-")
	if slices.Contains(p.Languages, base) || len(p.Languages) == 0 {
		return base
	}
	return p.Languages[0]
}

// Origin is where the product answers: the address of the pages without their path.
func (p *Portal) Origin() string {
	scheme, rest, _ := strings.Cut(p.Base, "://")
	host, _, _ := strings.Cut(rest, "/")
	return scheme + "://" + host
}

// Link is the address of one of the portal's pages; path begins with a slash.
func (p *Portal) Link(path string) string { return p.Base + path }

// Invite is the address that leads to a member by his personal code.
func (p *Portal) Invite(code string) string { return p.Base + "/i/" + code }
