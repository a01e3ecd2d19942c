package admin

import (
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"cagnotte/internal/gifts"
	"cagnotte/internal/loyalty"
)

// giftPictureAt is the address of an entry's picture: the one that was sent here, or the first
// of the entry's own addresses; empty where there is none. v.pictured has been read.
func (v *visit) giftPictureAt(g *loyalty.Gift) string {
	if x, has := v.pictured[g.Code]; has {
		return v.path("/gifts/entry/" + url.PathEscape(g.Code) + "/picture/" + x.Digest)
	}
	if len(g.Pictures) > 0 && strings.HasPrefix(g.Pictures[0], "https://") {
		return g.Pictures[0]
	}
	return ""
}

// giftPictureFile sends a picture. Its address has its digest, so it never changes.
func (v *visit) giftPictureFile() error {
	b, kind, err := v.Gifts.PictureBytes(v.ctx, v.shop.ID, v.r.PathValue("code"), v.r.PathValue("digest"))
	if err != nil {
		return err
	}
	v.w.Header().Set("Content-Type", kind)
	v.w.Header().Set("Content-Length", strconv.Itoa(len(b)))
	v.w.Header().Set("Cache-Control", "private, max-age=31536000, immutable")
	v.w.Header().Set("X-Content-Type-Options", "nosniff")
	v.status = http.StatusOK
	_, _ = v.w.Write(b) // whoever went away has no use for an error
	return nil
}

// setGiftPicture takes a picture for an entry.
func (v *visit) setGiftPicture() error {
	g, err := v.Gifts.Gift(v.ctx, v.shop.ID, v.r.PathValue("code"))
	if err != nil {
		return err
	}
	f, file, err := v.upload("picture", gifts.MaxPicture)
	if err != nil {
		return err
	}
	if f.ok() {
		_, err = v.Gifts.SetPicture(v.ctx, v.shop.ID, g.Gift.Code, f.get("alt"), file)
		if err != nil && !f.blame(err) {
			return err
		}
	}
	if !f.ok() {
		return v.showGift(http.StatusUnprocessableEntity, g, v.giftForm(&g.Gift), v.blank(), f)
	}
	v.note("", "gift", g.Gift.Code, "name", g.Gift.Name)
	v.tell("admin.programs.said.picture", "")
	return v.redirect(giftPath(g.Gift.Code))
}

// dropGiftPicture takes the picture of an entry away.
func (v *visit) dropGiftPicture() error {
	g, err := v.Gifts.Gift(v.ctx, v.shop.ID, v.r.PathValue("code"))
	if err != nil {
		return err
	}
	if err := v.Gifts.DropPicture(v.ctx, v.shop.ID, g.Gift.Code); err != nil {
		return err
	}
	v.note("", "gift", g.Gift.Code, "name", g.Gift.Name)
	v.tell("admin.programs.said.picture_gone", "")
	return v.redirect(giftPath(g.Gift.Code))
}
