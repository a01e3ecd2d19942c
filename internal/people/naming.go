package people

import (
	"fmt"
	"strings"

	"golang.org/x/text/language"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
)

// Naming is how a caller names a person: by id, or by keys of which the first known one
// decides, in the order of these fields. An external id is taken as given; a shop that is
// fed by several systems writes it as "feed:id".
type Naming struct {
	ID         id.Member
	Number     string
	ExternalID string
	Email      string
	Phone      string
	FirstName  string
	LastName   string
	Locale     string
	Country    string // "FR": whose phone numbers may come without their country; empty: none's
	Visitor    string
	Code       string
	Fields     loyalty.FieldValues // of the shop's own fields, as CheckFields gave them
}

// Who turns a naming into the keys of a fact and the data to be sealed; the person is nil
// when nothing personal was said. Problems name a field below the given one.
func (p *People) Who(n Naming, field string) (loyalty.Who, *loyalty.Person, error) {
	w := loyalty.Who{ID: n.ID}
	plain := func(kind, name, v string) error {
		if v == "" {
			return nil
		}
		if len(v) > loyalty.MaxRefBytes {
			return loyalty.Invalid(field+"."+name, "too_long", "max", fmt.Sprint(loyalty.MaxRefBytes))
		}
		if !printable(v) {
			return loyalty.Invalid(field+"."+name, "control_character")
		}
		w.Keys = append(w.Keys, loyalty.Key{Kind: kind, Key: v})
		return nil
	}
	if err := plain(loyalty.ByNumber, "number", NumberForm(n.Number)); err != nil {
		return w, nil, err
	}
	if err := plain(loyalty.ByExternal, "external_id", strings.TrimSpace(n.ExternalID)); err != nil {
		return w, nil, err
	}
	if n.Code != "" {
		code, ok := loyalty.CanonicalCode(n.Code)
		if !ok {
			code = "?" // nobody's: what is typed wrong is answered like what is unknown
		}
		w.Keys = append(w.Keys, loyalty.Key{Kind: loyalty.ByCode, Key: code})
	}
	if n.Locale != "" {
		if _, err := language.Parse(n.Locale); err != nil || len(n.Locale) > 35 {
			return w, nil, loyalty.Invalid(field+".locale", "invalid_locale")
		}
	}
	if n.Email != "" {
		form, ok := EmailForm(n.Email)
		if !ok {
			return w, nil, loyalty.Invalid(field+".email", "invalid_email")
		}
		w.Keys = append(w.Keys, loyalty.Key{Kind: loyalty.ByEmail, Key: p.box.Match(loyalty.ByEmail, form)})
	}
	if n.Phone != "" {
		form, ok := PhoneForm(n.Phone, n.Locale)
		if !ok && n.Country != "" {
			if form, ok = PhoneForm(n.Phone, "und-"+n.Country); ok {
				n.Phone = form // its country is in nobody's data: it is kept with the number
			}
		}
		if !ok {
			return w, nil, loyalty.Invalid(field+".phone", "invalid_phone")
		}
		w.Keys = append(w.Keys, loyalty.Key{Kind: loyalty.ByPhone, Key: p.box.Match(loyalty.ByPhone, form)})
	}
	if err := plain(loyalty.ByVisitor, "visitor", strings.TrimSpace(n.Visitor)); err != nil {
		return w, nil, err
	}
	person := &loyalty.Person{
		FirstName: strings.TrimSpace(n.FirstName), LastName: strings.TrimSpace(n.LastName),
		Email: strings.TrimSpace(n.Email), Phone: strings.TrimSpace(n.Phone), Locale: n.Locale, Fields: n.Fields,
	}
	if err := words(field+".first_name", person.FirstName); err != nil {
		return w, nil, err
	}
	if err := words(field+".last_name", person.LastName); err != nil {
		return w, nil, err
	}
	if *person == (loyalty.Person{}) {
		person = nil
	}
	return w, person, nil
}

// EmailKey is the key by which the owner of an address is found; false when it is no address.
func (p *People) EmailKey(address string) (key string, ok bool) {
	form, ok := EmailForm(address)
	if !ok {
		return "", false
	}
	return p.box.Match(loyalty.ByEmail, form), true
}
