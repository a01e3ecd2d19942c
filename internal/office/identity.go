package office

import (
	"net/mail"
	"regexp"
	"strconv"
	"strings"
	"unicode"

	"cagnotte/internal/loyalty"
)

// Numbers of companies, as their registers give them.
var (
	vatForm     = regexp.MustCompile(`^[A-Z]{2}[A-Z0-9]{2,13}$`)
	frenchVAT   = regexp.MustCompile(`^FR[0-9A-HJ-NP-Z]{2}[0-9]{9}$`)
	onlyNumbers = regexp.MustCompile(`^[0-9]+$`)
)

// checkIdentity looks at who stands behind a shop, and takes spaces out of numbers. Where nothing
// is said, nothing is wrong.
func checkIdentity(i *loyalty.Identity) error {
	for _, n := range []*string{&i.VAT, &i.SIREN, &i.NIP, &i.REGON, &i.KRS} {
		*n = strings.ToUpper(strings.NewReplacer(" ", "", "\u00a0", "", "\u202f", "", "-", "", ".", "").Replace(*n))
	}
	i.Address = strings.TrimSpace(strings.ReplaceAll(i.Address, "\r\n", "\n"))
	if *i == (loyalty.Identity{}) {
		return nil
	}
	for _, x := range []struct {
		field, value string
		needed       bool
	}{
		{"company", i.Company, true}, {"form", i.Form, false}, {"address", i.Address, true}, {"email", i.Email, true}, {"phone", i.Phone, false},
		{"publisher", i.Publisher, false}, {"host", i.Host, false}, {"register", i.Register, false},
	} {
		if x.needed && strings.TrimSpace(x.value) == "" {
			return loyalty.Invalid("legal."+x.field, "required")
		}
		if err := words("legal."+x.field, x.value); err != nil {
			return err
		}
	}
	if a, err := mail.ParseAddress(i.Email); err != nil || a.Address != i.Email {
		return loyalty.Invalid("legal.email", "invalid_email")
	}
	for _, x := range []struct {
		field, value, code string
		right              func(string) bool
	}{
		{"siren", i.SIREN, "invalid_siren", rightSIREN},
		{"vat", i.VAT, "invalid_vat", rightVAT},
		{"nip", i.NIP, "invalid_nip", rightNIP},
		{"regon", i.REGON, "invalid_regon", rightREGON},
		{"krs", i.KRS, "invalid_krs", func(s string) bool { return len(s) == 10 && onlyNumbers.MatchString(s) }},
	} {
		if x.value != "" && !x.right(x.value) {
			return loyalty.Invalid("legal."+x.field, x.code)
		}
	}
	if strings.HasPrefix(i.VAT, "FR") && i.SIREN != "" && !strings.HasSuffix(i.VAT, i.SIREN) {
		return loyalty.Invalid("legal.vat", "vat_of_another")
	}
	if strings.HasPrefix(i.VAT, "PL") && i.NIP != "" && i.VAT != "PL"+i.NIP {
		return loyalty.Invalid("legal.vat", "vat_of_another")
	}
	return nil
}

// words are what people read: a few lines without other signs of control.
func words(field, v string) error {
	switch {
	case len(v) > loyalty.MaxText:
		return loyalty.Invalid(field, "too_long", "max", strconv.Itoa(loyalty.MaxText))
	case strings.ContainsFunc(v, func(r rune) bool { return unicode.IsControl(r) && (r != '\n' || field != "legal.address") }):
		return loyalty.Invalid(field, "control_character")
	}
	return nil
}

// rightSIREN: nine digits, the last of them by Luhn (ISO/IEC 7812-1).
func rightSIREN(s string) bool {
	if len(s) != 9 || !onlyNumbers.MatchString(s) {
		return false
	}
	sum := 0
	for i, c := range s {
		n := int(c - '0')
		if i%2 == 1 { // every second one, from the right
			if n *= 2; n > 9 {
				n -= 9
			}
		}
		sum += n
	}
	return sum%10 == 0
}

// rightVAT knows the checks of France and Poland; of other countries it looks at the form. A
// French key with letters is of the newer kind, whose check is not published in full: there the
// SIREN behind it is checked.
func rightVAT(s string) bool {
	switch {
	case !vatForm.MatchString(s):
		return false
	case strings.HasPrefix(s, "PL"):
		return rightNIP(s[2:])
	case !strings.HasPrefix(s, "FR"):
		return true
	case !frenchVAT.MatchString(s) || !rightSIREN(s[4:]):
		return false
	}
	key, err := strconv.Atoi(s[2:4])
	if err != nil {
		return true
	}
	siren, _ := strconv.Atoi(s[4:]) // nine digits
	return key == (12+3*(siren%97))%97
}

// rightNIP: ten digits, the last of them the weighted sum of the others modulo 11.
func rightNIP(s string) bool {
	return len(s) == 10 && onlyNumbers.MatchString(s) && weighted(s, 6, 5, 7, 2, 3, 4, 5, 6, 7) == int(s[9]-'0')
}

// rightREGON: nine digits of a company, or fourteen of one of its places.
func rightREGON(s string) bool {
	if len(s) != 9 && len(s) != 14 || !onlyNumbers.MatchString(s) {
		return false
	}
	return weighted(s, 8, 9, 2, 3, 4, 5, 6, 7)%10 == int(s[8]-'0') &&
		(len(s) == 9 || weighted(s, 2, 4, 8, 5, 0, 9, 7, 3, 6, 1, 2, 4, 8)%10 == int(s[13]-'0'))
}

// weighted is the sum of digits by their weights, modulo 11.
func weighted(s string, weights ...int) (sum int) {
	for i, w := range weights {
		sum += w * int(s[i]-'0')
	}
	return sum % 11
}
