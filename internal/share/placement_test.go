package share

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// words reads the catalogue of a language, where every sentence of a placement has one form.
func words(t *testing.T, tag string) map[string]any {
	t.Helper()
	data, err := os.ReadFile("../locale/messages/" + tag + ".json")
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]any{}
	if err := json.Unmarshal(data, &all); err != nil {
		t.Fatal(err)
	}
	return all
}

func TestPlacementsHaveWordsInEveryLanguage(t *testing.T) {
	t.Parallel()
	for _, tag := range []string{"en", "fr", "pl"} {
		all := words(t, tag)
		word := func(key string) string {
			text, _ := all[key].(string)
			if text == "" {
				t.Errorf("%s: no words for %s", tag, key)
			}
			return text
		}
		got := Placements(Site{Base: "https://c.example", Slug: "maison", Portal: "https://c.example/p/maison", Word: word})
		if len(got) != 5 {
			t.Fatalf("%d placements", len(got))
		}
		for _, p := range got {
			word(p.Title)
			word(p.Where)
			if strings.ContainsAny(p.HTML, "{}") {
				t.Errorf("%s %s is not filled in: %s", tag, p.Code, p.HTML)
			}
		}
	}
}

// What a snippet is made of comes out of a browser's parser as it went in.
func TestSnippetsAreEscaped(t *testing.T) {
	t.Parallel()
	in := Site{
		Base: `https://c.example/"x'<y>&{slug}/`, Slug: `m"><script>{popup}`, Portal: `https://c.example/p/?a=1&b="2"`,
		Word: func(key string) string { return `<b>"` + key + `" & {slug}</b>` },
	}
	base := strings.TrimRight(in.Base, "/")
	seen := map[string]int{}
	for _, p := range Placements(in) {
		nodes, err := html.Parse(strings.NewReader(p.HTML))
		if err != nil {
			t.Fatal(err)
		}
		for n := range nodes.Descendants() {
			attr := map[string]string{}
			for _, a := range n.Attr {
				attr[a.Key] = a.Val
			}
			want := true
			switch n.Data {
			case "a":
				want = attr["href"] == in.Portal
			case "script":
				tracker := attr["src"] == base+"/t.js?site="+in.Slug && attr["data-site"] == in.Slug
				want = tracker || attr["src"] == base+"/w.js" && attr["type"] == "module"
			case "cagnotte-widget":
				want = attr["site"] == in.Slug && attr["src"] == base
			case "b", "style":
				want = false
			}
			if !want {
				t.Errorf("%s: <%s %v>", p.Code, n.Data, attr)
			}
			if n.Type == html.ElementNode {
				seen[p.Code+" "+n.Data]++
			}
		}
		if text := "share.place." + p.Code + ".text"; p.Code != "account" && !strings.Contains(html.UnescapeString(p.HTML), in.Word(text)) {
			t.Errorf("%s: its words are missing: %s", p.Code, p.HTML)
		}
	}
	for _, must := range []string{"header a", "header script", "account cagnotte-widget", "account script", "confirmation cagnotte-widget", "mail a", "popup cagnotte-widget", "popup button"} {
		if seen[must] == 0 {
			t.Errorf("no %s", must)
		}
	}
	if seen["confirmation script"] != 2 || seen["mail script"] != 0 {
		t.Errorf("scripts: %v", seen)
	}
}

func TestNoSnippetsWithoutAddresses(t *testing.T) {
	t.Parallel()
	word := func(string) string { return "x" }
	for _, in := range []Site{
		{Base: "javascript:0", Slug: "a", Portal: "https://a.fr", Word: word},
		{Base: "https://a.fr", Slug: "a", Portal: "javascript:0", Word: word},
		{Base: "https://a.fr", Slug: "", Portal: "https://a.fr", Word: word},
	} {
		if got := Placements(in); got != nil {
			t.Errorf("%+v: %v", in, got)
		}
	}
}
