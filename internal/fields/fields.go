// Package fields is the one list of what texts of a shop may leave open: the reader's
// personal link, his first name, what he has. A text names a field in braces, {{ member_code }} or
// {member_code}, and each reader sees his own. Pages of the portal and messages share the
// list and the way of filling.
//
// There is nothing but names: no condition, loop, filter or call, so that a text can ask
// for nothing that is not in the list.
package fields

import (
	"html"
	"regexp"
	"slices"
	"strings"

	"cagnotte/internal/loyalty"
)

// Field is something that a text may leave open.
type Field struct {
	Name     string
	Meaning  string // the key of the sentence that says what it is
	Sample   string // what a preview shows in its place
	Visitors bool   // it is known of a reader who is not signed in, too
	Link     bool   // it is the whole address of a page
}

var all = []Field{
	{Name: "first_name", Meaning: "field.first_name", Sample: "Camille"},
	{Name: "member_number", Meaning: "field.member_number", Sample: "10042"},
	{Name: "member_code", Meaning: "field.member_code", Sample: "CAMILLE7K"},
	{Name: "member_ref_link", Meaning: "field.member_ref_link", Sample: "https://club.example/i/CAMILLE7K", Link: true},
	{Name: "balance", Meaning: "field.balance", Sample: "24.50"},
	{Name: "points", Meaning: "field.points", Sample: "1 250"},
	{Name: "shop_name", Meaning: "field.shop_name", Sample: "Maison Exemple", Visitors: true},
	{Name: "shop_url", Meaning: "field.shop_url", Sample: "https://shop.example", Visitors: true, Link: true},
	{Name: "company", Meaning: "field.company", Sample: "Maison Exemple SAS", Visitors: true},
	{Name: "company_address", Meaning: "field.company_address", Sample: "1 rue Exemple, 69001 Lyon", Visitors: true},
	{Name: "company_numbers", Meaning: "field.company_numbers", Sample: "SIREN 356 000 000", Visitors: true},
	{Name: "company_contact", Meaning: "field.company_contact", Sample: "hello@shop.example", Visitors: true},
	{Name: "company_publisher", Meaning: "field.company_publisher", Sample: "Camille Exemple", Visitors: true},
	{Name: "company_host", Meaning: "field.company_host", Sample: "Exemple Web, Lyon", Visitors: true},
}

// All lists the fields, those of the reader first.
func All() []Field { return slices.Clone(all) }

// Find gives a field by its name; false when there is none of that name.
func Find(name string) (Field, bool) {
	for _, f := range all {
		if f.Name == name {
			return f, true
		}
	}
	return Field{}, false
}

// Sample gives the sample of every field, by its name.
func Sample() map[string]string {
	out := make(map[string]string, len(all))
	for _, f := range all {
		out[f.Name] = f.Sample
	}
	return out
}

// Kind is what a text is, and so how a value is written in it.
type Kind int

// The kinds of texts.
const (
	Plain    Kind = iota // as it is: a subject, an SMS
	HTML                 // with & < > and quotes as entities: text and quoted attributes
	Markdown             // with a backslash before every sign that could mean something
)

// What stands in two braces is always meant as a field, so that what is none is refused and
// does not appear in front of readers. In one brace it is meant so where it is a field's
// name or several words joined: people write braces, too.
var mark = regexp.MustCompile(`\{\{(.*?)\}\}|\{%.*?%\}|\{([a-z][a-z0-9]*(?:_[a-z0-9]+)+|` + names() + `)\}`)

func names() string {
	var out []string
	for _, f := range all {
		out = append(out, f.Name)
	}
	return strings.Join(out, "|")
}

var name = regexp.MustCompile(`^[a-z][a-z0-9_]{0,39}$`)

// Check refuses a text that names a field that there is not; where is the text's own field
// in a problem.
func Check(where, text string) error {
	for _, m := range mark.FindAllStringSubmatch(text, -1) {
		asked := strings.TrimSpace(m[1] + m[2])
		if !name.MatchString(asked) {
			return loyalty.Invalid(where, "field_unreadable")
		}
		if _, ok := Find(asked); !ok {
			return loyalty.Invalid(where, "field_unknown", "name", asked)
		}
	}
	return nil
}

// Used lists the fields that texts name, each once, in the order of All.
func Used(texts ...string) []Field {
	named := map[string]bool{}
	for _, t := range texts {
		_ = Replace(t, func(f Field) string { named[f.Name] = true; return "" })
	}
	var out []Field
	for _, f := range all {
		if named[f.Name] {
			out = append(out, f)
		}
	}
	return out
}

// Replace puts something in the place of every field. What looks like a field and is none
// becomes nothing: Check keeps it out of what is stored.
func Replace(text string, by func(Field) string) string {
	return mark.ReplaceAllStringFunc(text, func(found string) string {
		m := mark.FindStringSubmatch(found)
		f, ok := Find(strings.TrimSpace(m[1] + m[2]))
		if !ok {
			return ""
		}
		return by(f)
	})
}

// Fill puts values in the places of the fields, by their names, so that none of them can
// become more than text there. A field without a value becomes nothing.
func Fill(text string, values map[string]string, k Kind) string {
	return Replace(text, func(f Field) string { return Escape(values[f.Name], k) })
}

// Escape writes a value so that it is nothing but text in a text of that kind.
func Escape(value string, k Kind) string {
	switch k {
	case HTML:
		return html.EscapeString(value)
	case Markdown:
		return markdown(value)
	default:
		return value
	}
}

// markdown puts a backslash before every sign of ASCII punctuation, which Markdown takes
// as the sign itself, and makes one line of it.
func markdown(value string) string {
	var b strings.Builder
	for _, r := range strings.Join(strings.Fields(value), " ") {
		if r < 0x80 && strings.ContainsRune("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~", r) {
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}
