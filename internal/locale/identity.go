package locale

import (
	"strings"

	"cagnotte/internal/loyalty"
)

// Identity says in lines who stands behind a shop: name and form, the seat, its numbers, and how
// to reach it. Nothing where nobody has told.
func (p *Printer) Identity(i *loyalty.Identity) []string {
	if !i.Known() {
		return nil
	}
	lines := []string{joined(", ", i.Company, i.Form), i.Place(), p.companyNumbers(i), joined(" · ", i.Email, i.Phone)}
	out := lines[:0]
	for _, l := range lines {
		if l != "" {
			out = append(out, l)
		}
	}
	return out
}

// IdentityFields gives the values that texts of a shop have of its identity, by their names.
func (p *Printer) IdentityFields(i *loyalty.Identity) map[string]string {
	return map[string]string{
		"company": joined(", ", i.Company, i.Form), "company_address": i.Place(), "company_numbers": p.companyNumbers(i),
		"company_contact": joined(" · ", i.Email, i.Phone), "company_publisher": i.Publisher, "company_host": i.Host,
	}
}

func (p *Printer) companyNumbers(i *loyalty.Identity) string {
	var numbers []string
	for _, x := range []struct{ key, value string }{
		{"legal.register", i.Register}, {"legal.siren", grouped(i.SIREN, "\u00a0", 3, 3, 3)}, {"legal.nip", grouped(i.NIP, "-", 3, 3, 2, 2)},
		{"legal.regon", i.REGON}, {"legal.krs", i.KRS}, {"legal.vat", i.VAT},
	} {
		if x.value != "" {
			numbers = append(numbers, p.say(x.key, map[string]string{"Number": x.value}))
		}
	}
	return joined(" · ", numbers...)
}

func joined(by string, parts ...string) string {
	var out []string
	for _, x := range parts {
		if x != "" {
			out = append(out, x)
		}
	}
	return strings.Join(out, by)
}

// grouped writes a number as its register does; one of another length as it is.
func grouped(number, by string, sizes ...int) string {
	var out []string
	rest := number
	for _, n := range sizes {
		if len(rest) < n {
			return number
		}
		out, rest = append(out, rest[:n]), rest[n:]
	}
	if rest != "" {
		return number
	}
	return strings.Join(out, by)
}
