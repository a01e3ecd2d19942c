package admin

import (
	"net/http"

	"cagnotte/internal/staff"
)

// Currencies and zones that the first page offers; others are typed.
var (
	offeredCurrencies = []string{"EUR", "PLN", "CHF", "CZK", "GBP", "USD"}
	offeredZones      = []string{
		"Europe/Paris", "Europe/Warsaw", "Europe/London", "Europe/Berlin", "Europe/Brussels", "Europe/Zurich", "Europe/Prague", "Europe/Madrid",
		"Europe/Rome", "Europe/Lisbon", "Indian/Reunion", "America/Martinique", "America/Guadeloupe", "UTC",
	}
)

// askStart is the first page of an installation.
func (v *visit) askStart() error {
	if err := v.Staff.First(v.ctx, v.r.PathValue("token")); err != nil {
		return err
	}
	f := v.blank("currency", "EUR", "zone", "Europe/Paris")
	switch v.say.Tag() {
	case "pl":
		f.values["currency"], f.values["zone"] = "PLN", "Europe/Warsaw"
	case "en":
		f.values["zone"] = "Europe/London"
	}
	return v.show(http.StatusOK, startView(v, f))
}

// start makes the first shop and its owner.
func (v *visit) start() error {
	f, err := v.read()
	if err != nil {
		return err
	}
	token := v.r.PathValue("token")
	if err := v.Staff.First(v.ctx, token); err != nil {
		return err
	}
	n := staff.Newcomer{Name: f.get("person"), Email: f.get("email"), Locale: v.say.Tag(), Role: staff.Owner}
	owner, err := v.Staff.Found(v.ctx, token, f.get("shop"), n, f.get("password"))
	if f.blame(err, "name=person") {
		return v.show(http.StatusUnprocessableEntity, startView(v, f))
	}
	if err != nil {
		return err
	}
	made, err := v.Office.CreateShop(v.ctx, f.get("shop"), f.get("currency"), f.get("zone"), owner.In)
	if f.blame(err, "name=shop") {
		return v.show(http.StatusUnprocessableEntity, startView(v, f))
	}
	if err != nil {
		return err
	}
	secret, err := owner.Open(v.ctx, made.Live)
	if err != nil {
		return err
	}
	if err := v.opened(made.Live, secret); err != nil {
		return err
	}
	v.note("", "shop", made.Live.Slug)
	return v.redirectTo("/admin/factor")
}
