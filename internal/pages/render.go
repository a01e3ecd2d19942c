package pages

import (
	"bytes"

	"github.com/microcosm-cc/bluemonday"
	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/extension"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// HTML is a text as its reader sees it: Markdown rendered, fields filled, and only then
// made safe, so that no value can become more than text or an address. What is written as
// HTML is left out. Headings begin at the second level: the page's title is the first.
func HTML(body string, r Reader) string {
	marks := newMarks(body)
	var out bytes.Buffer
	if err := markdown.Convert([]byte(marks.set(body)), &out); err != nil {
		panic(err) // a buffer takes everything, and a renderer of ours fails at nothing else
	}
	return policy.Sanitize(marks.fill(out.String(), r))
}

var markdown = goldmark.New(
	goldmark.WithExtensions(extension.Linkify, extension.Strikethrough),
	goldmark.WithParserOptions(parser.WithASTTransformers(util.Prioritized(levels{}, 100))),
)

// policy is what may stand in a page. The addresses were looked at before (address.go);
// here they are once more, by somebody else's code.
var policy = func() *bluemonday.Policy {
	p := bluemonday.NewPolicy()
	p.AllowElements("p", "br", "strong", "em", "del", "ul", "ol", "li", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre", "code", "hr")
	p.AllowAttrs("start").Matching(bluemonday.Integer).OnElements("ol")
	p.AllowAttrs("href").OnElements("a")
	p.AllowAttrs("rel").Matching(noopener).OnElements("a")
	p.AllowAttrs("src", "alt").OnElements("img")
	p.AllowURLSchemes(schemes...)
	p.AllowRelativeURLs(true)
	p.RequireParseableURLs(true)
	return p
}()

// levels puts the headings of a body below the title, each one step below what it belongs
// to, whatever steps its writer took: who listens to a page finds his way by them.
type levels struct{}

func (levels) Transform(doc *ast.Document, _ text.Reader, _ parser.Context) {
	var above []int // as they were written
	_ = ast.Walk(doc, func(n ast.Node, entering bool) (ast.WalkStatus, error) {
		h, ok := n.(*ast.Heading)
		if !ok || !entering {
			return ast.WalkContinue, nil
		}
		for len(above) > 0 && above[len(above)-1] >= h.Level {
			above = above[:len(above)-1]
		}
		above = append(above, h.Level)
		h.Level = min(1+len(above), 6)
		return ast.WalkContinue, nil
	}) // our function returns no error
}
