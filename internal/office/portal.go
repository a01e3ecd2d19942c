package office

import (
	"context"
	"net/mail"
	"net/url"
	"slices"
	"strings"

	"cagnotte/internal/locale"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/store"
)

// Portal is how a shop shows itself to members and friends; one that is off when nobody has
// set it up.
func (o *Office) Portal(ctx context.Context, shop loyalty.ShopID) (*loyalty.Portal, error) {
	return o.st.Portal(ctx, shop)
}

// SetPortal changes how a shop shows itself. A problem names the setting that is wrong.
func (o *Office) SetPortal(ctx context.Context, shop loyalty.ShopID, p *loyalty.Portal) error {
	if err := checkPortal(p); err != nil {
		return err
	}
	all, err := o.st.Portals(ctx)
	if err != nil {
		return err
	}
	for other, x := range all {
		if other != shop && p.On && x.On && x.Base == p.Base {
			return loyalty.Conflict("base", "address_taken")
		}
	}
	err = o.st.Write(ctx, func(tx *store.Tx) error { return tx.PutPortal(ctx, shop, p) })
	o.houses.forget()
	return err
}

// PortalAt finds whose portal answers at a host and path: the one whose own address that
// host is, the one that a path below /p/ names, or else the only one that there is.
// loyalty.ErrNotFound when there is none. What it gives is shared: nobody may change it. What
// another process changed is seen within a second; while nothing changes, the pointers stay
// the same.
func (o *Office) PortalAt(ctx context.Context, host, slug string) (*loyalty.Shop, *loyalty.Portal, error) {
	all, err := o.house(ctx)
	if err != nil {
		return nil, nil, err
	}
	if slug != "" {
		s := all.slugs[slug]
		if s == nil {
			return nil, nil, loyalty.NotFound("shop", "shop_unknown")
		}
		return all.portal(s.ID)
	}
	if shop, ok := all.hosts[strings.ToLower(host)]; ok {
		return all.portal(shop)
	}
	if len(all.rooted) == 1 {
		return all.portal(all.rooted[0])
	}
	return nil, nil, loyalty.NotFound("", "portal_unknown")
}

func (x *house) portal(shop loyalty.ShopID) (*loyalty.Shop, *loyalty.Portal, error) {
	s, p := x.shops[shop], x.portals[shop]
	if s == nil || p == nil || !p.On {
		return nil, nil, loyalty.NotFound("", "portal_unknown")
	}
	return s, p, nil
}

const (
	maxHosts  = 20
	maxDigits = 18
	maxPrefix = 12
)

func checkPortal(p *loyalty.Portal) error {
	if err := checkAddress("base", p.Base, p.On); err != nil {
		return err
	}
	if err := checkAddress("shop", p.Shop, false); err != nil {
		return err
	}
	if p.Logo != "" && (!strings.HasPrefix(p.Logo, "https://") || checkAddress("logo", p.Logo, true) != nil) {
		return loyalty.Invalid("logo", "invalid_web_address")
	}
	if len(p.Hosts) > maxHosts {
		return loyalty.Invalid("hosts", "too_many", "max", "20")
	}
	for i, h := range p.Hosts {
		u, err := url.Parse("https://" + h)
		if err != nil || u.Host != h || h == "" || u.User != nil || strings.ContainsAny(h, `/\@*`) {
			return loyalty.Invalid("hosts", "invalid_host")
		}
		p.Hosts[i] = strings.ToLower(h)
	}
	if len(p.Languages) == 0 {
		return loyalty.Invalid("languages", "required")
	}
	for i, l := range p.Languages {
		if !slices.Contains(locale.Tags, l) || slices.Contains(p.Languages[:i], l) {
			return loyalty.Invalid("languages", "unknown_language")
		}
	}
	if p.Hue < 0 || p.Hue > 359 {
		return loyalty.Invalid("hue", "out_of_range", "min", "0", "max", "359")
	}
	if a, err := mail.ParseAddress(p.ReplyTo); p.ReplyTo != "" && (err != nil || a.Address != p.ReplyTo) {
		return loyalty.Invalid("reply_to", "invalid_email")
	}
	if len(p.Country) != 0 && (len(p.Country) != 2 || strings.ToUpper(p.Country) != p.Country) {
		return loyalty.Invalid("country", "unknown_country")
	}
	if err := checkIdentity(&p.Legal); err != nil {
		return err
	}
	return checkChoices(p)
}

// maxNumberName is how long a shop's word for the number of a member may be, in bytes.
const maxNumberName = 40

func checkNames(p *loyalty.Portal) error {
	for tag, name := range p.NumberName {
		if !slices.Contains(locale.Tags, tag) {
			return loyalty.Invalid("number_name", "unknown_language")
		}
		if err := plain("number_name", name, maxNumberName); err != nil {
			return err
		}
	}
	return nil
}

func checkChoices(p *loyalty.Portal) error {
	for _, m := range p.Off {
		if !slices.Contains(loyalty.Modules, m) {
			return loyalty.Invalid("off", "unknown_value", "known", strings.Join(loyalty.Modules, " "))
		}
	}
	for _, x := range []struct {
		field, got string
		known      []string
	}{
		{"join", p.Join, []string{loyalty.JoinOpen, loyalty.JoinInvited, loyalty.JoinClosed}},
		{"landing", p.Landing, []string{loyalty.LandingCoupon, loyalty.LandingDiscover}},
		{"consent", p.Consent, []string{loyalty.ConsentStrict, loyalty.ConsentService}},
		{"invitations", p.Invitations, []string{"", "on", "off"}},
		{"card", p.Card, []string{"", loyalty.CardCode128, loyalty.CardEAN13, loyalty.CardQR, loyalty.CardOff}},
	} {
		if !slices.Contains(x.known, x.got) {
			return loyalty.Invalid(x.field, "unknown_value", "known", strings.TrimSpace(strings.Join(x.known, " ")))
		}
	}
	if p.Landing == loyalty.LandingCoupon && p.Coupon == "" {
		return loyalty.Invalid("coupon", "required")
	}
	if err := plain("coupon", p.Coupon, loyalty.MaxRefBytes); err != nil {
		return err
	}
	if err := checkNames(p); err != nil {
		return err
	}
	n := p.Numbers
	if n.EAN && (len(n.Prefix)+n.Length != 13 || strings.Trim(n.Prefix, "0123456789") != "") {
		return loyalty.Invalid("numbers.ean", "no_ean")
	}
	if n.Length < 4 || n.Length > maxDigits {
		return loyalty.Invalid("numbers.length", "out_of_range", "min", "4", "max", "18")
	}
	if len(n.Prefix) > maxPrefix || strings.ContainsFunc(n.Prefix, func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'A' || r > 'Z') && r != '-'
	}) {
		return loyalty.Invalid("numbers.prefix", "invalid_prefix")
	}
	return nil
}

// checkAddress wants an http or https address without a slash at its end.
func checkAddress(field, v string, needed bool) error {
	if v == "" {
		if needed {
			return loyalty.Invalid(field, "required")
		}
		return nil
	}
	u, err := url.Parse(v)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" ||
		strings.HasSuffix(u.Path, "/") || len(v) > loyalty.MaxText || strings.ContainsAny(v, "\\\"<> ") {
		return loyalty.Invalid(field, "invalid_web_address")
	}
	return nil
}
