package pages

import (
	"embed"
	"fmt"
	"strings"

	"cagnotte/internal/locale"
)

//go:embed starters
var starterFiles embed.FS

// Starter is a text with which a shop may begin a page.
type Starter struct {
	Slug, Locale string
	Title, Body  string
	VisitorBody  string // empty: the body
	Position     int64  // in the menu
	Legal        bool   // to be checked by a lawyer before it is published
}

// starters are the pages that most shops begin with, in the order of the menu.
var starters = []struct {
	slug  string
	legal bool
}{{"how-it-works", false}, {"questions", false}, {"terms", true}}

// Starters lists the texts to begin with, in every language that we speak. They promise
// nothing that depends on a program; what is legal in them says that a lawyer has to look
// at it first.
func Starters() ([]Starter, error) {
	var out []Starter
	for i, s := range starters {
		for _, tag := range locale.Tags {
			name := fmt.Sprintf("starters/%s.%s.md", s.slug, tag)
			b, err := starterFiles.ReadFile(name)
			if err != nil {
				return nil, fmt.Errorf("read %s: %w", name, err)
			}
			title, rest, _ := strings.Cut(strings.TrimPrefix(string(b), "# "), "\n")
			body, visitors, _ := strings.Cut(rest, "\n--- visitors ---\n")
			out = append(out, Starter{
				s.slug, tag, title, strings.TrimSpace(body), strings.TrimSpace(visitors), int64(10 * (i + 1)), s.legal,
			})
		}
	}
	return out, nil
}
