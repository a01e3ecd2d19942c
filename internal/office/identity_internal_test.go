package office

import (
	"errors"
	"testing"

	"cagnotte/internal/loyalty"
)

// The numbers are those of public registers: La Poste, Orange, Allegro, PKN Orlen, or differ from them by a
// digit or two.
func TestNumbersOfCompaniesAreChecked(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		of    string
		right func(string) bool
		good  []string
		bad   []string
	}{
		{"SIREN", rightSIREN, []string{"356000000", "380129866"}, []string{"", "356000001", "380129868", "38012986", "3801298660", "38012986A", "830129866"}},
		{
			"VAT", rightVAT, []string{"FR39356000000", "FR89380129866", "PL7740001454", "DE123456789", "FRXX380129866"},
			[]string{"", "FR40356000000", "FR39356000001", "FR3935600000", "PL7740001453", "PL774000145", "380129866", "FRIX380129866", "fr39356000000"},
		},
		{"NIP", rightNIP, []string{"7740001454", "5252674798"}, []string{"", "7740001455", "7470001454", "774000145", "774000145A"}},
		{"REGON", rightREGON, []string{"610188201", "123456785", "23511332857188", "12345678512347"}, []string{"", "610188202", "123456784", "12345678512348", "12345678", "61018820A"}},
	} {
		for _, s := range x.good {
			if !x.right(s) {
				t.Errorf("%s %q is right", x.of, s)
			}
		}
		for _, s := range x.bad {
			if x.right(s) {
				t.Errorf("%s %q is wrong", x.of, s)
			}
		}
	}
}

func TestAnIdentityIsWholeOrNothing(t *testing.T) {
	t.Parallel()
	if err := checkIdentity(&loyalty.Identity{}); err != nil {
		t.Errorf("nothing was said: %v", err)
	}
	good := loyalty.Identity{
		Company: "Maison Lavande SAS", Address: "1 rue des Lilas\r\n69001 Lyon", Email: "bonjour@lavande.example", SIREN: "356 000 000", VAT: "FR 39 356 000 000",
		NIP: "774-000-14-54",
	}
	x := good
	if err := checkIdentity(&x); err != nil || x.SIREN != "356000000" || x.VAT != "FR39356000000" || x.NIP != "7740001454" || x.Place() != "1 rue des Lilas, 69001 Lyon" {
		t.Errorf("%v, %+v", err, x)
	}
	for _, c := range []struct {
		change      func(*loyalty.Identity)
		field, code string
	}{
		{func(i *loyalty.Identity) { i.Company = " " }, "legal.company", "required"},
		{func(i *loyalty.Identity) { i.Address = "" }, "legal.address", "required"},
		{func(i *loyalty.Identity) { i.Email = "" }, "legal.email", "required"},
		{func(i *loyalty.Identity) { i.Email = "lavande" }, "legal.email", "invalid_email"},
		{func(i *loyalty.Identity) { i.Form = "SAS\x07" }, "legal.form", "control_character"},
		{func(i *loyalty.Identity) { i.SIREN = "356000001" }, "legal.siren", "invalid_siren"},
		{func(i *loyalty.Identity) { i.VAT = "FR40356000000" }, "legal.vat", "invalid_vat"},
		{func(i *loyalty.Identity) { i.VAT = "FR89380129866" }, "legal.vat", "vat_of_another"},
		{func(i *loyalty.Identity) { i.VAT = "PL5252674798" }, "legal.vat", "vat_of_another"},
		{func(i *loyalty.Identity) { i.NIP = "7740001455" }, "legal.nip", "invalid_nip"},
		{func(i *loyalty.Identity) { i.REGON = "1" }, "legal.regon", "invalid_regon"},
		{func(i *loyalty.Identity) { i.KRS = "000002868" }, "legal.krs", "invalid_krs"},
	} {
		x := good
		c.change(&x)
		p, ok := errors.AsType[*loyalty.Problem](checkIdentity(&x))
		if !ok || p.Field != c.field || p.Code != c.code {
			t.Errorf("%+v: %v, want %s of %s", x, p, c.code, c.field)
		}
	}
}
