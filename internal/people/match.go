package people

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/nyaruka/phonenumbers"
	"golang.org/x/net/idna"
	"golang.org/x/text/language"

	"cagnotte/internal/loyalty"
)

// The matching forms: what two spellings of the same e-mail, phone or number have in
// common. They are keys and nothing else; messages go to what the person wrote.

const maxEmail = 254

// EmailForm is the matching form of an e-mail: lower case, the domain as DNS knows it,
// without a +tag, and without dots where the provider ignores them:
// "Jan.Kowalski+shop@Googlemail.com" is "jankowalski@gmail.com". False when it is no
// e-mail.
func EmailForm(s string) (string, bool) {
	s = strings.TrimSpace(s)
	at := strings.LastIndexByte(s, '@')
	if at < 1 || len(s) > maxEmail || !printable(s) || strings.ContainsAny(s, ` "<>(),;:\`) {
		return "", false
	}
	local := strings.ToLower(s[:at])
	domain, err := idna.Lookup.ToASCII(strings.TrimSuffix(strings.ToLower(s[at+1:]), "."))
	labels := strings.Split(domain, ".")
	if err != nil || len(labels) < 2 || slices.Contains(labels, "") || strings.Contains(local, "@") {
		return "", false
	}
	if i := strings.IndexByte(local, '+'); i > 0 {
		local = local[:i]
	}
	if domain == "googlemail.com" {
		domain = "gmail.com"
	}
	if domain == "gmail.com" {
		local = strings.ReplaceAll(local, ".", "")
	}
	return local + "@" + domain, local != ""
}

// PhoneForm is the matching form of a phone number, +48600100200. A number without its
// country is read only where the person's locale names a country ("pl-PL"): the shop's
// own country would turn a foreign guest into somebody else. False when it is no number.
func PhoneForm(s, locale string) (string, bool) {
	s = strings.TrimSpace(s)
	if rest, ok := strings.CutPrefix(s, "00"); ok {
		s = "+" + rest
	}
	region := ""
	if tag, err := language.Parse(locale); err == nil {
		if r, sure := tag.Region(); sure == language.Exact {
			region = r.String()
		}
	}
	if len(s) > 40 || !strings.HasPrefix(s, "+") && region == "" {
		return "", false
	}
	n, err := phonenumbers.Parse(s, region)
	if err != nil || !phonenumbers.IsValidNumber(n) {
		return "", false
	}
	return phonenumbers.Format(n, phonenumbers.E164), true
}

// NumberForm is the matching form of a member's number: trimmed, upper case.
func NumberForm(s string) string { return strings.ToUpper(strings.TrimSpace(s)) }

func printable(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, unicode.IsControl)
}

// words checks a text about a person; nothing is allowed.
func words(field, v string) error {
	switch {
	case len(v) > loyalty.MaxText:
		return loyalty.Invalid(field, "too_long", "max", fmt.Sprint(loyalty.MaxText))
	case !printable(v):
		return loyalty.Invalid(field, "control_character")
	}
	return nil
}
