package admin

import (
	"net/http"
	"slices"
	"strings"

	"cagnotte/internal/gifts"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
)

// giftPreview is the catalogue as somebody sees it on a day.
type giftPreview struct {
	group, tag, day, lang string
	groups                []option
	langs                 []option
	rows                  []shelved
}

// shelved is an entry as it stands in the members' catalogue.
type shelved struct {
	*loyalty.GiftRow
	giftSeen
	Out bool // out of stock
}

// previewGifts shows the catalogue as members of a group see it, on a day, in a language.
func (v *visit) previewGifts() error {
	p := &giftPreview{group: v.asked("group"), tag: v.asked("tag"), day: v.asked("day"), lang: v.asked("lang")}
	at := v.now()
	if from := v.day("day"); from != 0 {
		at = from + 12*moment.Hour
	} else {
		p.day = ""
	}
	portal, err := v.Office.Portal(v.ctx, v.shop.ID)
	if err != nil {
		return err
	}
	if !slices.Contains(portal.Languages, p.lang) {
		if p.lang = v.say.Tag(); !slices.Contains(portal.Languages, p.lang) {
			p.lang = portal.Languages[0]
		}
	}
	for _, l := range languages {
		if slices.Contains(portal.Languages, l.tag) {
			p.langs = append(p.langs, option{l.tag, l.name})
		}
	}
	groups, err := v.groups()
	if err != nil {
		return err
	}
	p.groups = []option{{"", v.t("admin.gifts.preview.no_group")}}
	for _, g := range groups {
		p.groups = append(p.groups, option{g.Code, g.Name})
	}
	if v.pictured, err = v.Gifts.Pictures(v.ctx, v.shop.ID); err != nil {
		return err
	}
	list, err := v.catalogue()
	if err != nil {
		return err
	}
	say := v.Edge.Words().Printer(p.lang, nil).For(v.shop)
	for _, g := range list {
		if !gifts.Shown(&g.Gift, at, p.group, strings.Fields(strings.ReplaceAll(p.tag, ",", " "))) {
			continue
		}
		p.rows = append(p.rows, shelved{g, giftSeen{
			Tag: p.lang, Name: giftTitle(&g.Gift, p.lang), Text: g.Gift.Description[p.lang], Price: giftPrice(say, say.Say("admin.gifts.or"), &g.Gift),
		}, g.Gift.Limited && pieces(g) == 0})
	}
	return v.show(http.StatusOK, giftPreviewView(v, p))
}
