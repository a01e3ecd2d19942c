package pages

import (
	"fmt"
	"strings"

	"golang.org/x/net/html"

	"cagnotte/internal/fields"
)

// Reader is for whom a text is filled.
type Reader struct {
	Values map[string]string // of fields, by name
	Prefix string            // before every path of his portal
	Asks   func(fields.Field) string
	AskAt  string // the path behind what Asks says
}

// value is what the reader has of a field, and whether he has it. Where he does not, Asks
// says what he can do about it.
func (r Reader) value(f fields.Field) (string, bool) {
	v, ok := r.Values[f.Name]
	if !ok && r.Asks != nil {
		return r.Asks(f), false
	}
	return v, true
}

// marks are words of letters alone that stand for fields while Markdown is read: a field in
// an address or between two stars is then a word like any other, and its value never passes
// for Markdown.
type marks struct{ word string }

// newMarks finds a word that the text does not have.
func newMarks(body string) marks {
	word := "cagnottefield"
	for strings.Contains(body, word) {
		word += "x"
	}
	return marks{word}
}

// set puts the marks in the places of the fields.
func (m marks) set(body string) string {
	return fields.Replace(body, func(f fields.Field) string {
		for i, x := range fields.All() {
			if x.Name == f.Name {
				return fmt.Sprintf("%s%c", m.word, 'A'+i)
			}
		}
		return ""
	})
}

// part is a stretch of text, or a field behind it.
type part struct {
	text  string
	field *fields.Field
}

func (m marks) parts(s string) []part {
	var out []part
	for {
		text, rest, found := strings.Cut(s, m.word)
		out = append(out, part{text: text})
		if !found || rest == "" {
			return out
		}
		if i := int(rest[0]) - 'A'; i >= 0 && i < len(fields.All()) {
			out = append(out, part{field: &fields.All()[i]})
			rest = rest[1:]
		}
		s = rest
	}
}

// fill puts a reader's values into rendered Markdown, and looks at every address.
func (m marks) fill(src string, r Reader) string {
	var (
		out    strings.Builder
		linked bool
		z      = html.NewTokenizer(strings.NewReader(src))
	)
	for {
		switch z.Next() {
		case html.ErrorToken:
			return out.String()
		case html.TextToken:
			m.text(&out, z.Token().Data, r, linked)
		case html.StartTagToken, html.SelfClosingTagToken:
			t := z.Token()
			if t.Data == "a" {
				linked = m.link(&t, r)
			}
			if t.Data != "img" || m.picture(&t, r) {
				out.WriteString(t.String())
			}
		case html.EndTagToken:
			t := z.Token()
			if t.Data == "a" {
				linked = false
			}
			out.WriteString(t.String())
		}
	}
}

// text writes words. A field that is an address becomes a link, where it is not in one.
func (m marks) text(out *strings.Builder, s string, r Reader, linked bool) {
	for _, p := range m.parts(s) {
		if p.field == nil {
			out.WriteString(html.EscapeString(p.text))
			continue
		}
		v, has := r.value(*p.field)
		to, rel := "", ""
		if !has {
			to, rel = address(r.AskAt, r.Prefix)
		} else if p.field.Link {
			to, rel = address(v, r.Prefix)
		}
		if linked || to == "" {
			out.WriteString(html.EscapeString(v))
			continue
		}
		t := html.Token{Type: html.StartTagToken, Data: "a", Attr: attributes(to, rel)}
		out.WriteString(t.String() + html.EscapeString(v) + "</a>")
	}
}

// link looks at where a link leads; one that leads nowhere good is text. It tells whether
// there is still a link.
func (m marks) link(t *html.Token, r Reader) bool {
	to, rel := address(m.address(attribute(t, "href"), r), r.Prefix)
	t.Attr = nil
	if to == "" {
		return false
	}
	t.Attr = attributes(to, rel)
	return true
}

// picture keeps a picture of an https address. None has a field in it: a reader's name or
// code would go to whoever keeps the picture, before he has touched anything.
func (m marks) picture(t *html.Token, r Reader) bool {
	from := attribute(t, "src")
	var alt strings.Builder
	for _, p := range m.parts(attribute(t, "alt")) {
		if alt.WriteString(p.text); p.field != nil {
			v, _ := r.value(*p.field)
			alt.WriteString(v)
		}
	}
	if strings.Contains(from, m.word) || !secure(from) {
		return false
	}
	t.Attr = []html.Attribute{{Key: "src", Val: from}, {Key: "alt", Val: alt.String()}}
	return true
}

func attribute(t *html.Token, key string) string {
	for _, a := range t.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

func attributes(to, rel string) []html.Attribute {
	out := []html.Attribute{{Key: "href", Val: to}}
	if rel != "" {
		out = append(out, html.Attribute{Key: "rel", Val: rel})
	}
	return out
}
