package pages_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"cagnotte/internal/pages"
)

// hostile are what people write who want something to run in a reader's browser: as HTML, as
// Markdown, as addresses, and as values of fields.
var hostile = []string{
	`<script>alert(1)</script>`, `<SCRIPT SRC=https://x.example/x.js></SCRIPT>`, `<scr<script>ipt>alert(1)</scr</script>ipt>`,
	`<img src=x onerror=alert(1)>`, `<img/src="x"/onerror=alert(1)>`, `<svg onload=alert(1)>`, `<svg><script>alert(1)</script></svg>`,
	`<svg><animate onbegin=alert(1) attributeName=x dur=1s>`, `<math><mi//xlink:href="data:x,<script>alert(1)</script>">`,
	`<iframe src="javascript:alert(1)"></iframe>`, `<iframe srcdoc="<script>alert(1)</script>">`, `<object data="javascript:alert(1)">`,
	`<embed src="javascript:alert(1)">`, `<body onload=alert(1)>`, `<a href="javascript:alert(1)">x</a>`, `<a href="x" onclick="alert(1)">x</a>`,
	`<form action="javascript:alert(1)"><button>x</button></form>`, `<button formaction="javascript:alert(1)">x</button>`,
	`<input autofocus onfocus=alert(1)>`, `<details open ontoggle=alert(1)>`, `<video><source onerror=alert(1)></video>`, `<audio src=x onerror=alert(1)>`,
	`<style>@import 'https://x.example/x.css';</style>`, `<link rel=stylesheet href=https://x.example/x.css>`, `<meta http-equiv=refresh content="0;url=javascript:alert(1)">`,
	`<base href="https://x.example/">`, `<div style="background:url(javascript:alert(1))">x</div>`, `<table background="javascript:alert(1)">`,
	`<marquee onstart=alert(1)>x</marquee>`, `<template><script>alert(1)</script></template>`, `<noscript><p title="</noscript><img src=x onerror=alert(1)>">`,
	`"><script>alert(1)</script>`, `'><img src=x onerror=alert(1)>`, `" onmouseover="alert(1)`, `' onfocus='alert(1)' autofocus='`, `</p><script>alert(1)</script>`,
	`<!--><script>alert(1)</script>-->`, `<![CDATA[<script>alert(1)</script>]]>`, `<?xml version="1.0"?><x onclick=alert(1)>`, `&lt;script&gt;alert(1)&lt;/script&gt;`,
	`[x](javascript:alert(1))`, `[x](JaVaScRiPt:alert(1))`, `[x](java&#x09;script:alert(1))`, `[x](java&Tab;script:alert(1))`, `[x](&#106;avascript:alert(1))`,
	`[x](<javascript:alert(1)>)`, `[x]( javascript:alert(1))`, `[x](javascript&colon;alert(1))`, `[x](data:text/html,<script>alert(1)</script>)`,
	`[x](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)`, `[x](vbscript:msgbox(1))`, `[x](file:///etc/passwd)`, `[x](blob:https://x.example/1)`,
	`[x](//x.example/)`, `[x](/\x.example/)`, `[x](\\x.example)`, `[x](https:javascript:alert(1))`, `[x](https://user:pw@x.example/)`, `[x](ftp://x.example/)`,
	`![x](javascript:alert(1))`, `![x](data:image/svg+xml,<svg onload=alert(1)>)`, `![x](x"onerror="alert(1))`, `![x" onerror="alert(1)](https://x.example/a.png)`,
	`[x](https://x.example/ "t\" onclick=\"alert(1)")`, `[x](https://x.example/"onclick="alert(1))`, `<javascript:alert(1)>`, `<https://x.example/"onclick=alert(1)>`,
	"[x]: javascript:alert(1)\n\n[x]", "```html\n<script>alert(1)</script>\n```", `[a](/../../x)`, `[a](/%2e%2e/x)`,
	`[<img src=x onerror=alert(1)>](https://x.example/)`, `**<script>alert(1)</script>**`, "# <svg onload=alert(1)>", "- <script>alert(1)</script>", "> <img src=x onerror=alert(1)>",
	`javascript:alert(1)`, ` javascript:alert(1)`, "java\tscript:alert(1)", `JAVASCRIPT:alert(1)//https://x.example`, `data:text/html,<script>alert(1)</script>`,
}

// harm looks at HTML as a browser does: whatever element, attribute or address is not in the
// list of what a page may have.
func harm(t *testing.T, text string) []string {
	t.Helper()
	doc, err := html.Parse(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for n := range doc.Descendants() {
		if n.Type == html.CommentNode {
			out = append(out, "a comment")
		}
		if n.Type != html.ElementNode {
			continue
		}
		if !slices.Contains(strings.Fields("html head body p br strong em del ul ol li h2 h3 h4 h5 h6 blockquote pre code hr a img"), n.Data) {
			out = append(out, "<"+n.Data+">")
		}
		for _, a := range n.Attr {
			switch n.Data + " " + a.Key {
			case "a href", "img src":
				if !harmless(a.Val, n.Data == "img") {
					out = append(out, a.Key+"="+a.Val)
				}
			case "a rel", "img alt", "ol start":
			default:
				out = append(out, n.Data+" "+a.Key)
			}
		}
	}
	return out
}

func harmless(s string, picture bool) bool {
	u, err := url.Parse(s)
	if err != nil || strings.ContainsAny(s, "\\\t\r\n ") {
		return false
	}
	switch u.Scheme {
	case "https":
		return u.Host != "" && u.User == nil
	case "http":
		return u.Host != "" && u.User == nil && !picture
	case "mailto", "tel":
		return !picture
	}
	return u.Scheme == "" && !picture && strings.HasPrefix(s, "/p/s/") && !strings.Contains(u.Path, "/..")
}

// T2, T3: nothing that is written in a page, and no value of a field, becomes more than
// text, a link to a place that is allowed, or a picture.
func TestNothingRuns(t *testing.T) {
	t.Parallel()
	if len(hostile) < 80 {
		t.Fatalf("%d texts", len(hostile))
	}
	// Where a value may stand.
	places := []string{
		"@", "Hi @!", "[x](@)", "[@](https://x.example/)", "[x](https://x.example/?a=@)", "[x](/a@)", "![@](https://x.example/a.png)", "![x](@)", "`@`",
		"# @", "- @", "> @", "**@**", "[@][1]\n\n[1]: @", "<@>", "<b title=\"@\">x</b>", "    @", "https://x.example/@",
	}
	for _, s := range hostile {
		for _, x := range []string{s, "a " + s + " b", "<b>" + s + "</b>\n\n" + s} {
			for _, r := range []pages.Reader{member(), visitor()} {
				if got := harm(t, pages.HTML(x, r)); len(got) > 0 {
					t.Errorf("%q as a body has %q:\n%s", x, got, pages.HTML(x, r))
				}
			}
		}
		r := member()
		for name := range r.Values {
			r.Values[name] = s
		}
		for _, place := range places {
			for _, field := range []string{"{{ first_name }}", "{member_ref_link}"} {
				x := strings.ReplaceAll(place, "@", field)
				if got := harm(t, pages.HTML(x, r)); len(got) > 0 {
					t.Errorf("%q in %q has %q:\n%s", s, x, got, pages.HTML(x, r))
				}
			}
		}
	}
}

// A look that finds nothing must be able to find something.
func TestHarmIsFound(t *testing.T) {
	t.Parallel()
	for _, s := range []string{hostile[0], hostile[3], `<a href="javascript:x">`, `<a href="//x.example">`, `<a href="/\x">`, `<img src="http://x.example/">`, `<p style="x">`, `<!-- x -->`} {
		if len(harm(t, s)) == 0 {
			t.Errorf("%q passes", s)
		}
	}
}

// A value is read as it is: every sign of it is there as text.
func TestAValueIsReadAsItIs(t *testing.T) {
	t.Parallel()
	for _, s := range hostile {
		r := member()
		r.Values["first_name"] = s
		doc, err := html.Parse(strings.NewReader(pages.HTML("x{{ first_name }}y", r)))
		if err != nil {
			t.Fatal(err)
		}
		var text strings.Builder
		for n := range doc.Descendants() {
			if n.Type == html.TextNode {
				text.WriteString(n.Data)
			}
		}
		if got := strings.TrimSpace(text.String()); got != "x"+s+"y" {
			t.Errorf("%q is read as %q", s, got)
		}
	}
}

func FuzzNothingRuns(f *testing.F) {
	for i, s := range hostile {
		f.Add(s, hostile[(i+7)%len(hostile)])
	}
	f.Fuzz(func(t *testing.T, body, value string) {
		r := member()
		for name := range r.Values {
			r.Values[name] = value
		}
		for _, x := range []string{body, body + "{{ first_name }}", "[x](" + body + "{{ member_ref_link }})", "{{ member_ref_link }}" + body} {
			if got := harm(t, pages.HTML(x, r)); len(got) > 0 {
				t.Errorf("%q with %q has %q", x, value, got)
			}
		}
	})
}
