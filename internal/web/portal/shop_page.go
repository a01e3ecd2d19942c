package portal

import (
	"maps"
	"net/http"

	"cagnotte/internal/fields"
	"cagnotte/internal/ledger"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/pages"
	"cagnotte/internal/rules"
)

// pages lists what the shop wrote for the foot of every page. Where it cannot be read, the
// page itself is shown all the same.
func (v *visit) pages() []pages.Entry {
	if !v.look.Has(loyalty.ModulePages) {
		return nil
	}
	list, err := v.Pages.Menu(v.ctx, v.shop.ID, v.languages()...)
	if err != nil {
		v.Log.Warn("the menu of pages was not read", "shop", v.shop.Slug, "error", err)
	}
	return list
}

// languages are those in which the reader may be told something, his own first.
func (v *visit) languages() []string { return []string{v.say.Tag(), v.look.Speaks("")} }

// shopPage shows a page that the shop wrote, as whoever reads it may read it.
func (v *visit) shopPage() error {
	slug := v.r.PathValue("slug")
	if token := v.r.FormValue("preview"); token != "" {
		return v.previewPage(slug, token)
	}
	x, err := v.Pages.Read(v.ctx, v.shop.ID, slug, v.languages()...)
	if err != nil {
		return err
	}
	text := x.Text(v.member == nil)
	r, err := v.reader(fields.Used(text))
	if err != nil {
		return err
	}
	return v.show(http.StatusOK, shopPageView(v, x, pages.HTML(text, r), false))
}

// previewPage shows a version that is not published to whoever has its link: with invented
// data, also where he is signed in, and as a visitor sees it where he asks for that.
func (v *visit) previewPage(slug, token string) error {
	v.w.Header().Set("X-Robots-Tag", "noindex")
	v.member = nil
	x, err := v.Pages.Preview(v.ctx, v.shop.ID, slug, token)
	if err != nil {
		return err
	}
	visitor := v.r.FormValue("as") == "visitor"
	r := v.stranger()
	if !visitor {
		open := r.Values
		r.Values = fields.Sample()
		maps.Copy(r.Values, open)
		r.Values["balance"] = v.say.Units(ledger.Unit(v.shop.Currency), 2450)
		r.Values["points"] = v.say.Units(rules.Points, 1250)
	}
	return v.show(http.StatusOK, shopPageView(v, x, pages.HTML(x.Text(visitor), r), true))
}

// stranger is a reader who is not signed in: what is his alone, he is told how to see.
func (v *visit) stranger() pages.Reader {
	values := v.say.IdentityFields(&v.look.Legal)
	values["shop_name"], values["shop_url"] = v.shop.Name, v.look.Shop
	return pages.Reader{
		Values: values,
		Prefix: v.prefix, AskAt: "/sign-in",
		Asks: func(f fields.Field) string {
			if f.Link {
				return v.t("pages.ask.link")
			}
			return v.t("pages.ask.other")
		},
	}
}

// reader is whoever reads, with his values of the fields that a text uses.
func (v *visit) reader(used []fields.Field) (pages.Reader, error) {
	r := v.stranger()
	if v.member == nil {
		return r, nil
	}
	r.Asks = nil // a member who has no value of a field is told nothing
	for _, f := range used {
		if _, known := r.Values[f.Name]; known {
			continue
		}
		var err error
		if r.Values[f.Name], err = v.fieldOfMember(f.Name); err != nil {
			return r, err
		}
	}
	return r, nil
}

func (v *visit) fieldOfMember(name string) (string, error) {
	switch name {
	case "first_name":
		return v.member.FirstName, nil
	case "member_number":
		if len(v.member.Numbers) > 0 {
			return v.member.Numbers[0], nil
		}
		return "", nil
	case "member_code":
		code, _, err := v.own()
		return code, err
	case "member_ref_link":
		_, link, err := v.own()
		return link, err
	case "balance":
		return v.available(ledger.Unit(v.shop.Currency))
	case "points":
		return v.available(rules.Points)
	}
	return "", nil
}

// available is what the member can use of a unit now, in words.
func (v *visit) available(u ledger.Unit) (string, error) {
	w, err := v.People.Wallet(v.ctx, v.shop.ID, v.member.ID, 0)
	if err != nil {
		return "", err
	}
	for _, b := range w.Units {
		if b.Unit == u {
			return v.say.Units(u, b.Available), nil
		}
	}
	return v.say.Units(u, 0), nil
}
