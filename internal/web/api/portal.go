package api

import (
	"cagnotte/internal/loyalty"
	"cagnotte/internal/share"
)

// Portal is how the shop shows itself to its members and their friends.
type Portal struct {
	On          bool          `json:"on"`
	Base        string        `json:"base,omitempty" example:"https://club.shop.example" doc:"The address of its pages, or one that ends in /p/ and the shop's slug; links in messages are made from it alone"`
	Shop        string        `json:"shop,omitempty" example:"https://shop.example" doc:"The address of the shop itself, where friends are sent to"`
	Hosts       []string      `json:"hosts" maxItems:"20" doc:"Hosts of the shop's pages: the tracker is answered there, and links may lead there"`
	Languages   []string      `json:"languages" maxItems:"3" doc:"fr, pl, en; the first one is spoken to whoever speaks none of them"`
	Hue         int           `json:"hue" minimum:"0" maximum:"359" doc:"The shop's colour"`
	Logo        string        `json:"logo,omitempty"`
	ReplyTo     string        `json:"reply_to,omitempty" doc:"Where answers to messages go"`
	Country     string        `json:"country,omitempty" example:"FR" doc:"Whose rules about invitations by e-mail hold"`
	Join        string        `json:"join" enum:"open,invited,closed" doc:"Who may join in the portal"`
	Numbers     PortalNumbers `json:"numbers"`
	Landing     string        `json:"landing" enum:"coupon,discover" doc:"What a friend's page offers"`
	Coupon      string        `json:"coupon,omitempty" doc:"The code that friends are given, where the landing page offers one"`
	Invitations string        `json:"invitations,omitempty" enum:",on,off" doc:"By e-mail; empty: what is usual in the country"`
	Consent     string        `json:"consent" enum:"strict,service" doc:"Of the tracker: strict keeps nothing in a browser before a yes"`
	SecretNo    int           `json:"secret_no,omitempty" minimum:"0" doc:"Raise it to make the secret of the shop's own sign-on anew"`

	Legal PortalLegal `json:"legal,omitzero" doc:"Who stands behind the shop; pages, messages and prints say it. Nothing, or company, address and email at least"`

	Card       string            `json:"card,omitempty" enum:",code128,ean13,qr,off" doc:"How a member's card shows his number; empty: code128"`
	NumberName map[string]string `json:"number_name,omitempty" doc:"What the shop calls the number of a member, by language"`

	SignOnSecret string `json:"sign_on_secret,omitempty" doc:"Signs tokens (JWT, HS256) by which the shop's pages let their customers in: docs/portal.md. It is told, never set: what a change says of it does not matter"`
}

// PortalNumbers is how the numbers of members who join in the portal are made.
type PortalNumbers struct {
	Prefix string `json:"prefix,omitempty"`
	Length int    `json:"length" minimum:"4" maximum:"18" doc:"Digits behind the prefix, the check digit included"`
	Check  bool   `json:"check,omitempty" doc:"The last digit is a check digit"`
	EAN    bool   `json:"ean,omitempty" doc:"Prefix and digits are an EAN-13"`
}

// PortalLegal is who stands behind the shop by law.
type PortalLegal struct {
	Company   string `json:"company,omitempty" doc:"The registered name"`
	Form      string `json:"form,omitempty" example:"SAS, 10 000 €" doc:"Legal form and capital"`
	Address   string `json:"address,omitempty" doc:"Of the seat, in lines"`
	Email     string `json:"email,omitempty" doc:"Where people write to"`
	Phone     string `json:"phone,omitempty"`
	Publisher string `json:"publisher,omitempty" doc:"Who answers for what the pages say"`
	Host      string `json:"host,omitempty" doc:"Who keeps the pages: name, address, phone"`
	Register  string `json:"register,omitempty" example:"RCS Lyon"`
	VAT       string `json:"vat,omitempty" doc:"With its country; those of FR and PL are checked"`
	SIREN     string `json:"siren,omitempty" doc:"Of France, checked"`
	NIP       string `json:"nip,omitempty" doc:"Of Poland, checked"`
	REGON     string `json:"regon,omitempty" doc:"Of Poland, checked"`
	KRS       string `json:"krs,omitempty" doc:"Of Poland, ten digits"`
}

func (a *API) portal(c *call, _ *none, _ *none) (*Portal, error) {
	p, err := a.office.Portal(c.ctx, c.shop())
	if err != nil {
		return nil, err
	}
	return a.shownPortal(c, p), nil
}

func (a *API) putPortal(c *call, _ *none, b *Portal) (*Portal, error) {
	was, err := a.office.Portal(c.ctx, c.shop())
	if err != nil {
		return nil, err
	}
	p := &loyalty.Portal{
		Off: was.Off, // modules are switched in the back office
		On:  b.On, Base: b.Base, Shop: b.Shop, Hosts: b.Hosts, Languages: b.Languages, Hue: b.Hue, Logo: b.Logo, ReplyTo: b.ReplyTo,
		Country: b.Country, Join: b.Join, Numbers: loyalty.NumberForm(b.Numbers), Landing: b.Landing, Coupon: b.Coupon,
		Invitations: b.Invitations, Consent: b.Consent, SecretNo: b.SecretNo, Legal: loyalty.Identity(b.Legal),
		Card: b.Card, NumberName: b.NumberName,
	}
	p.LogoFile, p.IconFile = was.LogoFile, was.IconFile // files come by the back office
	if err := a.office.SetPortal(c.ctx, c.shop(), p); err != nil {
		return nil, err
	}
	return a.shownPortal(c, p), nil
}

func (a *API) shownPortal(c *call, p *loyalty.Portal) *Portal {
	return &Portal{
		SignOnSecret: a.signin.Secret(c.shop(), p.SecretNo),
		On:           p.On, Base: p.Base, Shop: p.Shop, Hosts: filled(p.Hosts), Languages: filled(p.Languages), Hue: p.Hue, Logo: p.Logo, ReplyTo: p.ReplyTo,
		Country: p.Country, Join: p.Join, Numbers: PortalNumbers(p.Numbers), Landing: p.Landing, Coupon: p.Coupon,
		Invitations: p.Invitations, Consent: p.Consent, SecretNo: p.SecretNo, Legal: PortalLegal(p.Legal),
		Card: p.Card, NumberName: p.NumberName,
	}
}

// Placements are snippets for the shop's own pages and mails.
type Placements struct {
	Data []Placement `json:"data" maxItems:"20"`
}

// Placement is one place where customers see the program, with what to paste there.
type Placement struct {
	Code  string `json:"code" enum:"header,account,confirmation,mail,popup"`
	Title string `json:"title"`
	Where string `json:"where" doc:"Where it goes"`
	HTML  string `json:"html"`
}

// placementQuery says in which language the snippets speak.
type placementQuery struct {
	Locale string `query:"locale" enum:"fr,pl,en" default:"en"`
}

// placements makes the snippets of a portal that is on; the problem `portal_off` otherwise.
func (a *API) placements(c *call, p *placementQuery, _ *none) (*Placements, error) {
	look, err := a.office.Portal(c.ctx, c.shop())
	if err != nil {
		return nil, err
	}
	if !look.On {
		return nil, loyalty.Conflict("on", "portal_off")
	}
	s, _, err := a.office.Shop(c.ctx, c.shop())
	if err != nil {
		return nil, err
	}
	say := a.edge.Words().Printer(p.Locale, nil)
	out := &Placements{Data: []Placement{}}
	for _, x := range share.Placements(share.Site{Base: look.Origin(), Slug: s.Slug, Portal: look.Base, Word: func(key string) string { return say.Say(key) }}) {
		out.Data = append(out.Data, Placement{x.Code, say.Say(x.Title), say.Say(x.Where), x.HTML})
	}
	return out, nil
}
