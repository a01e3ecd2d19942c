package portal

import (
	"cmp"
	"net/http"

	"cagnotte/internal/loyalty"
	"cagnotte/internal/share"
)

// numberName is what the shop calls a member's number in the reader's language.
func (v *visit) numberName() string {
	return cmp.Or(v.look.NumberName[v.say.Tag()], v.t("portal.profile.number"))
}

// hasCard tells whether the member has a number that a till can scan.
func (v *visit) hasCard() bool { return v.look.Card != loyalty.CardOff && len(v.member.Numbers) > 0 }

// memberCard is what a member shows at a till: his number, and the same for a scanner.
func (v *visit) memberCard() error {
	if !v.hasCard() {
		return loyalty.NotFound("", "card_missing")
	}
	number := v.member.Numbers[0]
	drawn, err := share.BarcodeSVG(cmp.Or(v.look.Card, loyalty.CardCode128), number, v.t("portal.card.drawn", "Name", v.numberName(), "Number", number))
	if err != nil { // a number that other systems made, with signs that no scanner knows: it can be read
		drawn = ""
	}
	return v.show(http.StatusOK, memberCardPage(v, number, drawn))
}
