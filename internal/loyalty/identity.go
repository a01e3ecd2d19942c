package loyalty

import "strings"

// Identity is who stands behind a shop by law: what its members' pages, messages and prints say
// below themselves. Which numbers there are follows from the country (Portal.Country). Numbers
// are kept without spaces. It decides nothing about value.
type Identity struct {
	Company   string `json:"company"` // the registered name; empty: nobody has told yet
	Form      string `json:"form"`    // legal form and capital, "SAS, 10 000 €"
	Address   string `json:"address"` // of the seat, in lines
	Email     string `json:"email"`   // where people write to
	Phone     string `json:"phone"`
	Publisher string `json:"publisher"` // who answers for what the pages say
	Host      string `json:"host"`      // who keeps them: name, address and phone
	Register  string `json:"register"`  // where the company is entered, "RCS Lyon"
	VAT       string `json:"vat"`       // number of value added tax, with its country
	SIREN     string `json:"siren"`     // of FR: nine digits
	NIP       string `json:"nip"`       // of PL: ten digits
	REGON     string `json:"regon"`     // of PL: nine or fourteen digits
	KRS       string `json:"krs"`       // of PL: ten digits
}

// Known tells whether somebody has said who stands behind the shop.
func (i *Identity) Known() bool { return i.Company != "" }

// Place is the address in one line.
func (i *Identity) Place() string {
	var out []string
	for line := range strings.Lines(i.Address) {
		if line = strings.Trim(line, " ,\r\n\t"); line != "" {
			out = append(out, line)
		}
	}
	return strings.Join(out, ", ")
}
