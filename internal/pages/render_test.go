package pages_test

import (
	"fmt"
	"strings"
	"testing"

	"cagnotte/internal/fields"
	"cagnotte/internal/pages"
)

func member() pages.Reader {
	return pages.Reader{Prefix: "/p/s", Values: map[string]string{
		"first_name": "Zoé", "member_code": "ZOE 7&", "member_ref_link": "https://club.example/i/ZOE_7", "shop_url": "https://shop.example",
	}}
}

func visitor() pages.Reader {
	return pages.Reader{
		Prefix: "/p/s", Values: map[string]string{"shop_url": "https://shop.example"},
		Asks: func(f fields.Field) string { return "sign in <" + f.Name + ">" }, AskAt: "/sign-in",
	}
}

func TestATextForItsReader(t *testing.T) {
	t.Parallel()
	const link = `<a href="https://club.example/i/ZOE_7" rel="noopener">`
	for _, tt := range []struct {
		name, body, member, visitor string
	}{
		{"an address is a link", "Share {{ member_ref_link }}!",
			"<p>Share " + link + "https://club.example/i/ZOE_7</a>!</p>",
			`<p>Share <a href="/p/s/sign-in">sign in &lt;member_ref_link&gt;</a>!</p>`},
		{"one brace", "*{first_name}*", "<p><em>Zoé</em></p>", `<p><em><a href="/p/s/sign-in">sign in &lt;first_name&gt;</a></em></p>`},
		{"the address of a link", "[share]({{ member_ref_link }})", "<p>" + link + "share</a></p>", `<p><a href="/p/s/sign-in">share</a></p>`},
		{"a link with its own words", "[{{ member_ref_link }}]({{ member_ref_link }})",
			"<p>" + link + "https://club.example/i/ZOE_7</a></p>", `<p><a href="/p/s/sign-in">sign in &lt;member_ref_link&gt;</a></p>`},
		{"a piece of an address", "[go](https://x.example/?c={{ member_code }}&d=1)",
			`<p><a href="https://x.example/?c=ZOE+7%26&amp;d=1" rel="noopener">go</a></p>`, `<p><a href="/p/s/sign-in">go</a></p>`},
		{"the beginning of an address", "[go]({{ shop_url }}/sale)",
			`<p><a href="https://shop.example/sale" rel="noopener">go</a></p>`, `<p><a href="https://shop.example/sale" rel="noopener">go</a></p>`},
		{"a path of the portal", "[gifts](/gifts)", `<p><a href="/p/s/gifts">gifts</a></p>`, `<p><a href="/p/s/gifts">gifts</a></p>`},
		{"mail and telephone", "[a](mailto:a@b.example) [b](tel:+33123)", `<p><a href="mailto:a@b.example">a</a> <a href="tel:+33123">b</a></p>`, ""},
		{"a picture", "![{{ first_name }}](https://x.example/a.png)", `<p><img src="https://x.example/a.png" alt="Zoé"></p>`, ""},
		{"a picture that would tell", "a![x](https://x.example/a.png?n={{ first_name }})", "<p>a</p>", "<p>a</p>"},
		{"a picture over http", "a![x](http://x.example/a.png)", "<p>a</p>", ""},
		{"headings", "# A\n\n### B\n\n# C\n\n## D\n\n#### E", "<h2>A</h2>\n<h3>B</h3>\n<h2>C</h2>\n<h3>D</h3>\n<h4>E</h4>", ""},
		{"headings that begin low", "### A\n\n## B\n\n### C", "<h2>A</h2>\n<h2>B</h2>\n<h3>C</h3>", ""},
		{"a list", "3. a\n4. b", "<ol start=\"3\">\n<li>a</li>\n<li>b</li>\n</ol>", ""},
		{"the word of our marks", "cagnottefieldA {{ first_name }}", "<p>cagnottefieldA Zoé</p>", ""},
		{"code", "`{{ member_code }} *`", "<p><code>ZOE 7&amp; *</code></p>", ""},
	} {
		if got := strings.TrimSpace(pages.HTML(tt.body, member())); got != tt.member {
			t.Errorf("%s, to a member:\n%s\nwant\n%s", tt.name, got, tt.member)
		}
		if got := strings.TrimSpace(pages.HTML(tt.body, visitor())); tt.visitor != "" && got != tt.visitor {
			t.Errorf("%s, to a visitor:\n%s\nwant\n%s", tt.name, got, tt.visitor)
		}
	}
}

// A page is rendered for each reader: the longest text that may be stored, of ordinary
// Markdown and of the oddest.
func BenchmarkHTML(b *testing.B) {
	for _, piece := range []string{"## Heading\n\nWords, *more* words and [a link](/share) for {{ first_name }}.\n\n", "[", "> ", "[a](", "[a]: b\n", "{{ first_name }}"} {
		text := strings.Repeat(piece, pages.MaxBody/len(piece))
		b.Run(fmt.Sprintf("%.12q", piece), func(b *testing.B) {
			for b.Loop() {
				pages.HTML(text, member())
			}
		})
	}
}
