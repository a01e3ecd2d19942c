package admin

import (
	"net/http"
	"slices"
	"strings"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/office"
)

// maxShownKeys is how many keys are shown: a shop has a hundred live ones at most.
const maxShownKeys = 200

// keyScopes are what a key can be made for here, as it is offered.
var keyScopes = []string{office.ScopeRead, office.ScopeFacts, office.ScopePrograms, office.ScopeSettings, office.ScopeKeys, office.ScopeTill}

// access is what a key that is made here may have at most: whoever may come here is an owner.
func (v *visit) access() office.Access {
	return office.Access{Shop: v.shop.ID, Scopes: office.ShopScopes}
}

func (v *visit) keys() error { return v.showKeys(http.StatusOK, v.blank(), "") }

// showKeys lists them, those in use first; token is one that was just made, shown once.
func (v *visit) showKeys(status int, f *form, token string) error {
	list, err := v.Office.Keys(v.ctx, v.shop.ID, id.Key{}, maxShownKeys)
	if err != nil {
		return err
	}
	slices.SortStableFunc(list, func(a, b office.Key) int { return keyRank(v, a) - keyRank(v, b) })
	return v.show(status, keysView(v, f, list, token))
}

// keyState is what a key opens now: live, ending or ended.
func keyState(v *visit, k office.Key) string {
	switch {
	case k.RevokedAt != 0 || k.EndsAt != 0 && k.EndsAt <= v.Office.Clock():
		return "ended"
	case k.EndsAt != 0:
		return "ending"
	}
	return "live"
}

func keyRank(v *visit, k office.Key) int {
	return slices.Index([]string{"live", "ending", "ended"}, keyState(v, k))
}

// scopesOf says what a key may do.
func scopesOf(v *visit, k office.Key) string {
	if len(k.Scopes) == len(office.ShopScopes) {
		return v.t("admin.settings.key.everything")
	}
	var out []string
	for _, s := range k.Scopes {
		out = append(out, v.t("admin.settings.key.scope."+s))
	}
	return strings.Join(out, " · ")
}

// makeKey makes one with the scopes that were ticked.
func (v *visit) makeKey() error {
	f, err := v.read()
	if err != nil {
		return err
	}
	k, token, err := v.Office.IssueKey(v.ctx, v.access(), f.get("name"), f.lists["scopes"])
	if f.blame(err) {
		return v.showKeys(http.StatusUnprocessableEntity, f, "")
	}
	if err != nil {
		return err
	}
	v.note(k.ID.String(), "scopes", strings.Join(k.Scopes, " "))
	return v.showKeys(http.StatusOK, v.blank(), token)
}

func (v *visit) whichKey() (id.Key, error) {
	k, err := id.Parse[id.KeyKind](v.r.PathValue("id"))
	if err != nil {
		return k, loyalty.NotFound("", "key_unknown")
	}
	v.note(k.String())
	return k, nil
}

// rotateKey makes one that takes another's place.
func (v *visit) rotateKey() error {
	f, err := v.read()
	if err != nil {
		return err
	}
	k, err := v.whichKey()
	if err != nil {
		return err
	}
	fresh, _, token, err := v.Office.RotateKey(v.ctx, v.access(), k)
	if f.blame(err) {
		return v.showKeys(http.StatusUnprocessableEntity, f, "")
	}
	if err != nil {
		return err
	}
	v.note(k.String(), "successor", fresh.ID.String())
	return v.showKeys(http.StatusOK, v.blank(), token)
}

// endKey ends one at once.
func (v *visit) endKey() error {
	k, err := v.whichKey()
	if err != nil {
		return err
	}
	if _, err := v.Office.RevokeKey(v.ctx, v.shop.ID, k); err != nil {
		return err
	}
	v.tell("admin.settings.said.key_ended", "")
	return v.redirect("/settings/keys")
}
