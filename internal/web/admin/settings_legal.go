package admin

import "cagnotte/internal/loyalty"

// legalLines are the fields of who stands behind the shop, by their names in the form.
func legalLines(i *loyalty.Identity) map[string]*string {
	return map[string]*string{
		"legal.company": &i.Company, "legal.form": &i.Form, "legal.address": &i.Address, "legal.email": &i.Email, "legal.phone": &i.Phone,
		"legal.publisher": &i.Publisher, "legal.host": &i.Host, "legal.register": &i.Register, "legal.vat": &i.VAT, "legal.siren": &i.SIREN,
		"legal.nip": &i.NIP, "legal.regon": &i.REGON, "legal.krs": &i.KRS,
	}
}

// elsewhere stands for a country of which we know no numbers of companies.
const elsewhere = "other"

func fillLegal(_ *visit, f *form, p *loyalty.Portal) {
	for name, at := range legalLines(&p.Legal) {
		f.values[name] = *at
	}
	switch p.Country {
	case "FR", "PL", "":
		f.values["where"] = p.Country
	default:
		f.values["where"], f.values["country"] = elsewhere, p.Country
	}
}

// takeLegal keeps of the numbers those that the country has.
func takeLegal(f *form, p *loyalty.Portal) {
	for name, at := range legalLines(&p.Legal) {
		*at = f.get(name)
	}
	p.Country = f.get("where")
	if p.Country == elsewhere {
		if p.Country = f.get("country"); p.Country == "" {
			f.problem("country", "required")
		}
	}
	if p.Country != "FR" {
		p.Legal.SIREN = ""
	}
	if p.Country == "PL" {
		p.Legal.Register = ""
	} else {
		p.Legal.NIP, p.Legal.REGON, p.Legal.KRS = "", "", ""
	}
}

func briefLegal(v *visit, p *loyalty.Portal) string {
	if !p.Legal.Known() {
		return v.t("admin.settings.nothing")
	}
	return p.Legal.Company
}

// identityOf is who stands behind the shop by what stands in the form.
func identityOf(f *form) *loyalty.Identity {
	var i loyalty.Identity
	for name, at := range legalLines(&i) {
		*at = f.get(name)
	}
	return &i
}
