package loyalty

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// Kinds of what a custom field holds.
const (
	FieldText   = "text"
	FieldNumber = "number" // a decimal number
	FieldDate   = "date"   // YYYY-MM-DD
	FieldYesNo  = "yes_no" // yes, no
	FieldChoice = "choice" // one of Options
)

// FieldKinds lists them, in the order in which they are offered.
var FieldKinds = []string{FieldText, FieldNumber, FieldDate, FieldYesNo, FieldChoice}

// Who reads and writes a custom field beside the shop's people.
const (
	FieldForStaff = "staff"  // nobody
	FieldShown    = "member" // the member reads it
	FieldEdited   = "edit"   // the member writes it, too
)

// FieldReaders lists them.
var FieldReaders = []string{FieldForStaff, FieldShown, FieldEdited}

// Bounds of custom fields.
const (
	MaxFields       = 20
	MaxFieldValue   = 200 // characters
	MaxFieldOptions = 50
)

// CustomField is something that a shop wants to know of its members beside what everybody is
// asked for.
type CustomField struct {
	Code     string            `json:"code"` // as the API and files call it; it never changes
	Kind     string            `json:"kind"`
	Names    map[string]string `json:"names"`             // by language; the first of the shop's when one is missing
	Options  []string          `json:"options,omitempty"` // of a choice, as they are shown and kept
	Readers  string            `json:"readers"`
	Required bool              `json:"required,omitempty"` // asked for when somebody joins in the portal
}

// Name is what the field is called in a language; another one's name where it has none.
func (c *CustomField) Name(language string) string {
	if s := c.Names[language]; s != "" {
		return s
	}
	for _, l := range slices.Sorted(maps.Keys(c.Names)) {
		if c.Names[l] != "" {
			return c.Names[l]
		}
	}
	return c.Code
}

// ForMember tells whether the member reads it; Writable, whether he writes it.
func (c *CustomField) ForMember() bool { return c.Readers != FieldForStaff }

// Writable tells whether the member may say it himself.
func (c *CustomField) Writable() bool { return c.Readers == FieldEdited }

// Asked tells whether whoever joins in the portal must say it.
func (c *CustomField) Asked() bool { return c.Required && c.Writable() }

// words that mean yes and no, folded.
var yesNo = map[string]string{
	"yes": "yes", "no": "no", "oui": "yes", "non": "no", "tak": "yes", "nie": "no", "true": "yes", "false": "no", "1": "yes", "0": "no", "y": "yes", "n": "no", "x": "yes",
}

// Canon gives a value in the one form in which it is kept; the problem is without a field. Empty
// stays empty: nothing is known.
func (c *CustomField) Canon(text string) (string, error) {
	if text = strings.TrimSpace(text); text == "" {
		return "", nil
	}
	if !utf8.ValidString(text) || strings.ContainsFunc(text, unicode.IsControl) {
		return "", Invalid("", "control_character")
	}
	if utf8.RuneCountInString(text) > MaxFieldValue {
		return "", Invalid("", "too_long", "max", strconv.Itoa(MaxFieldValue))
	}
	switch c.Kind {
	case FieldNumber:
		return canonNumber(text)
	case FieldDate:
		for _, layout := range []string{"2006-01-02", "02/01/2006", "02.01.2006", "2006/01/02"} {
			if t, err := time.Parse(layout, text); err == nil {
				return t.Format("2006-01-02"), nil
			}
		}
		return "", Invalid("", "not_a_date")
	case FieldYesNo:
		if v, ok := yesNo[Fold(text)]; ok {
			return v, nil
		}
		return "", Invalid("", "not_yes_or_no")
	case FieldChoice:
		for _, o := range c.Options {
			if Fold(o) == Fold(text) {
				return o, nil
			}
		}
		return "", Invalid("", "unknown_value", "known", strings.Join(c.Options, ", "))
	}
	return text, nil
}

// maxFieldDigits is how many digits a number may have.
const maxFieldDigits = 15

// canonNumber writes a decimal number without what makes no difference: "+042,50" is "42.5".
func canonNumber(text string) (string, error) {
	s := strings.ReplaceAll(strings.NewReplacer(" ", "", "\u00a0", "", "\u202f", "", "\u2212", "-").Replace(text), ",", ".")
	sign := ""
	switch {
	case strings.HasPrefix(s, "-"):
		sign, s = "-", s[1:]
	case strings.HasPrefix(s, "+"):
		s = s[1:]
	}
	whole, part, _ := strings.Cut(s, ".")
	digits := whole + part
	if digits == "" || strings.Trim(digits, "0123456789") != "" {
		return "", Invalid("", "not_a_number")
	}
	if whole, part = strings.TrimLeft(whole, "0"), strings.TrimRight(part, "0"); len(whole)+len(part) > maxFieldDigits {
		return "", Invalid("", "too_long", "max", strconv.Itoa(maxFieldDigits))
	}
	if whole == "" {
		whole = "0"
	}
	if part != "" {
		part = "." + part
	}
	if whole+part == "0" {
		sign = ""
	}
	return sign + whole + part, nil
}

// FieldValues are what is known of a member in a shop's own fields, by code: one canonical JSON
// object, or empty, so that persons can be compared.
type FieldValues string

// NewFieldValues makes them; what is empty is left out.
func NewFieldValues(values map[string]string) FieldValues {
	kept := maps.Clone(values)
	maps.DeleteFunc(kept, func(_, v string) bool { return v == "" })
	if len(kept) == 0 {
		return ""
	}
	b, err := json.Marshal(kept) // sorted by key
	if err != nil {
		panic(err) // texts can be written
	}
	return FieldValues(b)
}

// All gives the values by their codes; an empty map when nothing is known.
func (f FieldValues) All() map[string]string {
	out := map[string]string{}
	if f != "" {
		_ = json.Unmarshal([]byte(f), &out) // what New wrote, or what was read as such
	}
	return out
}

// With gives the values with some of them changed; an empty one is not known any more.
func (f FieldValues) With(changes map[string]string) FieldValues {
	if len(changes) == 0 {
		return f
	}
	all := f.All()
	maps.Copy(all, changes)
	return NewFieldValues(all)
}

// MarshalJSON writes the object itself.
func (f FieldValues) MarshalJSON() ([]byte, error) {
	if f == "" {
		return []byte("{}"), nil
	}
	return []byte(f), nil
}

// UnmarshalJSON reads an object of texts.
func (f *FieldValues) UnmarshalJSON(b []byte) error {
	var all map[string]string
	if err := json.Unmarshal(b, &all); err != nil {
		return err
	}
	*f = NewFieldValues(all)
	return nil
}

// FieldMark begins the term of a value in a shop's own field: no word begins with it.
const FieldMark = "#"

// FieldTerm is the term under which members with a value in a field are found: capitals and
// accents make no difference.
func FieldTerm(code, value string) string { return FieldMark + code + "=" + Fold(value) }
