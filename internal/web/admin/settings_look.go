package admin

import (
	"cmp"
	"net/http"
	"strconv"
	"strings"

	"cagnotte/internal/loyalty"
	"cagnotte/internal/office"
	"cagnotte/internal/picture"
	"cagnotte/internal/share"
)

// fillCard shows how a member's number is called and drawn.
func fillCard(_ *visit, f *form, p *loyalty.Portal) {
	f.values["card"] = cmp.Or(p.Card, loyalty.CardCode128)
	if p.Numbers.EAN {
		f.values["numbers.ean"] = "yes"
	}
	for _, l := range languages {
		f.values["number_name."+l.tag] = p.NumberName[l.tag]
	}
}

func takeCard(f *form, p *loyalty.Portal) {
	p.Card, p.Numbers.EAN = f.get("card"), f.get("numbers.ean") == "yes"
	p.NumberName = map[string]string{}
	for _, l := range languages {
		if name := f.get("number_name." + l.tag); name != "" {
			p.NumberName[l.tag] = name
		}
	}
}

func briefCard(v *visit, p *loyalty.Portal) string {
	return v.t("admin.look.card." + cmp.Or(p.Card, loyalty.CardCode128))
}

// sampleCard draws a number of the shop's form in the way that the form says.
func sampleCard(f *form) string {
	number := "10042"
	if f.get("card") == loyalty.CardEAN13 {
		number = "2900000000421"
	}
	drawn, err := share.BarcodeSVG(f.get("card"), number, number)
	if err != nil {
		return ""
	}
	return drawn
}

// pictures shows the logo, the picture of the tab, and the code that leads to the portal.
func (v *visit) pictures() error { return v.showPictures(http.StatusOK, v.blank()) }

func (v *visit) showPictures(status int, f *form) error {
	p, err := v.Office.Portal(v.ctx, v.shop.ID)
	if err != nil {
		return err
	}
	qr := ""
	if p.Base != "" {
		if qr, err = share.QRSVG(p.Base, v.t("admin.look.qr.leads", "Address", p.Base)); err != nil {
			return err
		}
	}
	return v.show(status, picturesView(v, f, p, qr))
}

// portalPicture sends a picture of the portal. Its address has its digest, so it never changes.
func (v *visit) portalPicture() error {
	b, kind, err := v.Office.Picture(v.ctx, v.shop.ID, v.r.PathValue("kind"), v.r.PathValue("digest"))
	if err != nil {
		return err
	}
	h := v.w.Header()
	h.Set("Content-Type", kind)
	h.Set("Cache-Control", "private, max-age=31536000, immutable")
	h.Set("X-Content-Type-Options", "nosniff")
	v.status = http.StatusOK
	_, _ = v.w.Write(b) // whoever went away has no use for an error
	return nil
}

func (v *visit) setPortalPicture() error {
	kind := v.r.PathValue("kind")
	if kind != office.Logo && kind != office.Icon {
		return loyalty.NotFound("kind", "picture_unknown")
	}
	f, file, err := v.upload(kind, picture.Max)
	if err != nil {
		return err
	}
	if f.ok() {
		if err := v.Office.SetPicture(v.ctx, v.shop.ID, kind, file); err != nil && !f.blame(err, "picture="+kind) {
			return err
		}
	}
	if !f.ok() {
		return v.showPictures(http.StatusUnprocessableEntity, f)
	}
	v.note("", "kind", kind)
	v.tell("admin.settings.said", "")
	return v.redirect("/settings/pictures")
}

func (v *visit) dropPortalPicture() error {
	kind := v.r.PathValue("kind")
	if err := v.Office.DropPicture(v.ctx, v.shop.ID, kind); err != nil {
		return err
	}
	v.note("", "kind", kind)
	v.tell("admin.look.said.gone", "")
	return v.redirect("/settings/pictures")
}

// portalQR sends the code of the portal's address, as a picture or as a sheet to print.
func (v *visit) portalQR() error {
	p, err := v.Office.Portal(v.ctx, v.shop.ID)
	if err != nil {
		return err
	}
	if p.Base == "" {
		return loyalty.NotFound("base", "portal_unknown")
	}
	kind, name := "image/png", "portal-qr.png"
	b, err := share.QRPNG(p.Base, 2048)
	if v.r.PathValue("file") == "sheet.pdf" {
		kind, name = "application/pdf", "portal-qr.pdf"
		say := v.Edge.Words().Printer(cmp.Or(v.r.FormValue("locale"), p.Speaks("")), nil).For(v.shop)
		b, err = share.Leaflet(share.LeafletText{
			Shop: v.shop.Name, Headline: say.Say("admin.look.sheet.headline", "Shop", v.shop.Name), Line: say.Say("admin.look.sheet.line"), URL: p.Base,
			Link: strings.TrimPrefix(strings.TrimPrefix(p.Base, "https://"), "http://"), Imprint: strings.Join(say.Identity(&p.Legal), " · "),
			Lang: say.Tag(), Hue: p.Hue,
		})
	} else if v.r.PathValue("file") != "code.png" {
		return loyalty.NotFound("file", "picture_unknown")
	}
	if err != nil {
		return err
	}
	h := v.w.Header()
	h.Set("Content-Type", kind)
	h.Set("Content-Length", strconv.Itoa(len(b)))
	h.Set("Content-Disposition", `attachment; filename="`+name+`"`)
	v.status = http.StatusOK
	_, _ = v.w.Write(b) // whoever went away has no use for an error
	return nil
}
