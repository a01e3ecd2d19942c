package pages

import (
	"embed"
	"fmt"
	"slices"
	"strings"

	"cagnotte/internal/fields"
	"cagnotte/internal/loyalty"
)

//go:embed legal
var legalFiles embed.FS

// Kinds of texts that a shop tells its members by law, in the order in which they are shown.
const (
	Terms         = "terms"         // of the program; members accept them
	Privacy       = "privacy"       // the privacy notice; members say that they have read it
	Notice        = "notice"        // who publishes the pages
	ConsentTexts  = "consents"      // what each consent means
	Accessibility = "accessibility" // how accessible the pages are
)

// LegalKinds lists them.
var LegalKinds = []string{Terms, Privacy, Notice, ConsentTexts, Accessibility}

// Accepted tells whether members are asked about a text: a change of it is announced.
func Accepted(kind string) bool { return kind == Terms || kind == Privacy }

// legalPrefix begins the names of the pages that are drafts of legal texts.
const legalPrefix = "legal-"

// DraftSlug is the name of the page on which a legal text is written.
func DraftSlug(kind string) string { return legalPrefix + kind }

// LegalOf is the kind of legal text that a page is a draft of; empty when it is none.
func LegalOf(slug string) string {
	if kind, is := strings.CutPrefix(slug, legalPrefix); is && slices.Contains(LegalKinds, kind) {
		return kind
	}
	return ""
}

// lawyers begins every template. What still begins with it is published without it.
var lawyers = map[string]string{
	"en": "> **To be read by a lawyer before it is published.** This is a template and no legal advice. Complete what stands in square brackets.",
	"fr": "> **À faire relire par un juriste avant publication.** Ce texte est un modèle et non un conseil juridique. Complétez ce qui figure entre crochets.",
	"pl": "> **Do przeczytania przez prawnika przed publikacją.** To wzór, a nie porada prawna. Uzupełnij miejsca w nawiasach kwadratowych.",
}

// named are the languages in their own words.
var named = map[string]string{"en": "English", "fr": "français", "pl": "polski"}

// programsHere stands in a template where the terms of the programs belong.
const programsHere = "((programs))"

// Template gives the text to begin with of a kind in a language that we speak. said is what the
// programs that run say in that language, each by its name; only the terms speak of them.
func Template(kind, tag string, said []Said) (title, body string, err error) {
	name := fmt.Sprintf("legal/%s.%s.md", kind, tag)
	b, err := legalFiles.ReadFile(name)
	if err != nil {
		return "", "", fmt.Errorf("read %s: %w", name, err)
	}
	title, rest, _ := strings.Cut(strings.TrimPrefix(string(b), "# "), "\n")
	var programs strings.Builder
	for _, x := range said {
		programs.WriteString("### " + fields.Escape(x.Program, fields.Markdown) + "\n\n")
		for _, s := range x.Sentences {
			programs.WriteString("- " + fields.Escape(s, fields.Markdown) + "\n")
		}
		programs.WriteString("\n")
	}
	return title, lawyers[tag] + "\n\n" + strings.TrimSpace(strings.Replace(rest, programsHere, strings.TrimSpace(programs.String()), 1)), nil
}

// Said is what a program says in one language.
type Said struct {
	Program   string
	Sentences []string
}

// finished makes a text of a draft as it is published: without the note to the lawyer, its
// fields filled. A place in square brackets, or a field of one reader alone, is a problem.
func finished(tag, body string, values map[string]string) (string, error) {
	body = strings.TrimSpace(strings.TrimPrefix(strings.ReplaceAll(body, "\r\n", "\n"), lawyers[tag]))
	for _, f := range fields.Used(body) {
		if _, known := values[f.Name]; !known {
			return "", loyalty.Invalid("texts", "field_of_readers", "name", f.Name)
		}
		if values[f.Name] == "" {
			return "", loyalty.Invalid("texts", "field_without_value", "name", f.Name)
		}
	}
	if open := openPlace(body); open != "" {
		return "", loyalty.Invalid("texts", "text_unfinished", "place", open, "language", named[tag])
	}
	return fields.Fill(body, values, fields.Markdown), nil
}

// openPlace finds the first text in square brackets that is no link.
func openPlace(body string) string {
	for rest := body; ; {
		from := strings.IndexByte(rest, '[')
		if from < 0 {
			return ""
		}
		to := strings.IndexByte(rest[from:], ']')
		if to < 0 {
			return ""
		}
		to += from
		if escaped := from > 0 && rest[from-1] == '\\'; !escaped && !strings.HasPrefix(rest[to+1:], "(") {
			return rest[from : to+1]
		}
		rest = rest[to+1:]
	}
}
