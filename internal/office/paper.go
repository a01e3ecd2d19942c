package office

import (
	"context"
	"embed"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"cagnotte/internal/locale"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/store"
)

// Papers are what a shop has to have on paper about the data that it processes. They are texts to
// begin with: a lawyer has to look at them first.

//go:embed papers/*.md
var paperFiles embed.FS

// Papers lists them by code: the record of processing, the list of processors, the skeleton of an
// agreement with one.
var Papers = []string{"record", "processors", "agreement"}

// PaperDetails are what a shop fills in once for all papers, by name; [[name]] stands for it. Company,
// seat and host are those of its legal identity.
var PaperDetails = []string{"contact", "mailer", "others", "transfers", "age", "dpia", "checked"}

// maxDetail is how many characters one of them has.
const maxDetail = 600

// blankDetail stands where nothing was filled in: room for a pen.
const blankDetail = "………………………"

// PaperFill is what a shop filled in.
func (o *Office) PaperFill(ctx context.Context, shop loyalty.ShopID) (map[string]string, error) {
	return o.st.PaperFill(ctx, shop)
}

// SetPaperFill keeps it. Problems name the detail.
func (o *Office) SetPaperFill(ctx context.Context, shop loyalty.ShopID, fill map[string]string) error {
	kept := map[string]string{}
	for _, name := range PaperDetails {
		x := strings.TrimSpace(strings.ReplaceAll(fill[name], "\r\n", "\n"))
		if utf8.RuneCountInString(x) > maxDetail {
			return loyalty.Invalid(name, "too_long", "max", fmt.Sprint(maxDetail))
		}
		if !utf8.ValidString(x) || strings.ContainsFunc(x, func(r rune) bool { return unicode.IsControl(r) && r != '\n' }) {
			return loyalty.Invalid(name, "control_character")
		}
		if x != "" {
			kept[name] = x
		}
	}
	return o.st.Write(ctx, func(tx *store.Tx) error { return tx.PutPaperFill(ctx, shop, kept) })
}

// Paper is a text as Markdown, with its title, filled with what is given by name: what is missing is
// left blank for a pen. The problem `paper_unknown` when there is none of that code or language.
func Paper(code, language string, fill map[string]string) (title, body string, err error) {
	if !slices.Contains(Papers, code) || !slices.Contains(locale.Tags, language) {
		return "", "", loyalty.NotFound("code", "paper_unknown")
	}
	b, err := paperFiles.ReadFile("papers/" + code + "." + language + ".md")
	if err != nil {
		return "", "", fmt.Errorf("read a paper: %w", err)
	}
	title, body, _ = strings.Cut(strings.TrimPrefix(string(b), "# "), "\n")
	var out strings.Builder
	for {
		before, rest, found := strings.Cut(body, "[[")
		out.WriteString(before)
		if !found {
			return title, out.String(), nil
		}
		name, after, _ := strings.Cut(rest, "]]")
		if x := fill[name]; x != "" {
			out.WriteString(plainMarkdown(x))
		} else {
			out.WriteString(blankDetail)
		}
		body = after
	}
}

// plainMarkdown keeps what somebody typed from being anything but text; its lines stay lines.
func plainMarkdown(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case r == '\n':
			b.WriteString("  \n")
		case strings.ContainsRune("\\`*_{}[]<>()#+-.!|~&\"", r):
			b.WriteRune('\\')
			b.WriteRune(r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}
