package portal

import (
	"net/http"
	"strconv"

	"cagnotte/internal/loyalty"
	"cagnotte/internal/pages"
)

// editions are the shop's legal texts, read once for a page. Where they cannot be read, the page
// itself is shown all the same.
func (v *visit) editions() pages.Editions {
	if v.shop == nil {
		return nil
	}
	if v.texts == nil {
		list, err := v.Pages.Editions(v.ctx, v.shop.ID)
		if err != nil {
			v.Log.Warn("the legal texts were not read", "shop", v.shop.Slug, "error", err)
		}
		v.texts = &list
	}
	return *v.texts
}

// legalKinds are the texts that hold now, for the foot of every page.
func (v *visit) legalKinds() (out []string) {
	if list := v.editions(); len(list) > 0 {
		for _, kind := range pages.LegalKinds {
			if list.InForce(kind, v.Pages.Now()) != nil {
				out = append(out, kind)
			}
		}
	}
	return out
}

// toRead are the texts that the member is to be told about: those that come, and those that hold
// and that he has not accepted.
func (v *visit) toRead() []pages.Edition {
	list := v.editions()
	if v.member == nil || len(list) == 0 {
		return nil
	}
	accepted, err := v.Pages.Acceptances(v.ctx, v.shop.ID, v.member.ID)
	if err != nil {
		v.Log.Warn("what the member accepted was not read", "shop", v.shop.Slug, "error", err)
		return nil
	}
	return list.Asked(accepted, v.Pages.Now())
}

// announcement says what the member is asked about an edition.
func (v *visit) announcement(e pages.Edition) string {
	if e.AppliesAt > v.Pages.Now() {
		return v.t("portal.legal.coming."+e.Kind, "Date", v.say.Date(e.AppliesAt))
	}
	return v.t("portal.legal.please." + e.Kind)
}

// legalPath is the page of an edition.
func legalPath(e pages.Edition) string {
	return "/legal/" + e.Kind + "?edition=" + strconv.FormatInt(e.Edition, 10)
}

// legalPage shows a text as it holds, or one of its editions.
func (v *visit) legalPage() error {
	edition := int64(0)
	if s := v.r.FormValue("edition"); s != "" {
		n, err := strconv.ParseInt(s, 10, 64)
		if err != nil || n < 1 {
			return loyalty.NotFound("slug", "page_unknown")
		}
		edition = n
	}
	e, text, err := v.Pages.ReadEdition(v.ctx, v.shop.ID, v.r.PathValue("kind"), edition, v.languages()...)
	if err != nil {
		return err
	}
	mine := false
	for _, x := range v.toRead() {
		mine = mine || x.Kind == e.Kind && x.Edition == e.Edition
	}
	return v.show(http.StatusOK, legalView(v, e, text, pages.HTML(text.Body, pages.Reader{Prefix: v.prefix}), mine))
}

// legalState says since when or until when an edition holds.
func (v *visit) legalState(e pages.Edition) string {
	date := v.say.Date(e.AppliesAt)
	n := strconv.FormatInt(e.Edition, 10)
	switch now := v.editions().InForce(e.Kind, v.Pages.Now()); {
	case e.WithdrawnAt != 0:
		return v.t("portal.legal.is.withdrawn", "N", n)
	case e.AppliesAt > v.Pages.Now():
		return v.t("portal.legal.is.coming", "N", n, "Date", date)
	case now != nil && now.Edition > e.Edition:
		return v.t("portal.legal.is.past", "N", n, "Date", date)
	}
	return v.t("portal.legal.is.held", "N", n, "Date", date)
}

// acceptLegal keeps that the member accepted an edition.
func (v *visit) acceptLegal() error {
	f, err := v.read("kind", "edition", "locale")
	if err != nil {
		return err
	}
	n, err := strconv.ParseInt(f.values["edition"], 10, 64)
	if err != nil {
		return loyalty.NotFound("slug", "page_unknown")
	}
	err = v.Pages.Accept(v.ctx, v.shop.ID, v.member.ID, pages.Acceptance{
		Kind: f.values["kind"], Edition: n, Locale: v.look.Speaks(f.values["locale"]), Way: pages.InPortal,
	})
	if err != nil {
		return err
	}
	return v.redirect("/")
}

// joinsUnder are the texts that hold now and that somebody accepts by joining.
func (v *visit) joinsUnder() (out []pages.Acceptance) {
	for _, kind := range pages.LegalKinds {
		if e := v.editions().InForce(kind, v.Pages.Now()); e != nil && pages.Accepted(kind) {
			out = append(out, pages.Acceptance{Kind: kind, Edition: e.Edition, Locale: v.say.Tag(), At: v.Pages.Now(), Way: pages.WhileJoining})
		}
	}
	return out
}

// consentWording names the words by which a member agrees: ours beside the button, and the shop's
// edition of what consents mean.
func (v *visit) consentWording() string {
	if e := v.editions().InForce(pages.ConsentTexts, v.Pages.Now()); e != nil {
		return wording + "/consents-" + strconv.FormatInt(e.Edition, 10)
	}
	return wording
}
