package storefront

import (
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var sentence = regexp.MustCompile(`\.T "([a-z][a-z_.]*)"`)

// Every sentence is there in each language, with the same places for values, and every one
// that a page asks for exists.
func TestWordsAreCompleteInEveryLanguage(t *testing.T) {
	all, err := readWords()
	if err != nil {
		t.Fatal(err)
	}
	places := regexp.MustCompile(`\{\w+\}`)
	sorted := func(s string) []string {
		found := places.FindAllString(s, -1)
		slices.Sort(found)
		return found
	}
	for _, l := range languages {
		if len(all[l]) != len(all["en"]) {
			t.Errorf("%s has %d sentences, en %d", l, len(all[l]), len(all["en"]))
		}
		for key, text := range all["en"] {
			said, ok := all[l][key]
			if !ok || strings.TrimSpace(said) == "" || !slices.Equal(sorted(said), sorted(text)) {
				t.Errorf("%s: %s is %q, in English %q", l, key, said, text)
			}
		}
	}
	for key, text := range all["fr"] {
		if regexp.MustCompile(`[^\x{202f}\x{a0}][;!?]|[^\x{a0}]:|'`).MatchString(text) {
			t.Errorf("French spacing of %s: %q", key, text)
		}
	}
	pages, err := fs.Glob(files, "pages/*.html")
	if err != nil || len(pages) < 8 {
		t.Fatal(pages, err)
	}
	found := 0
	for _, name := range pages {
		b, err := files.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range sentence.FindAllStringSubmatch(string(b), -1) {
			found++
			if all["en"][m[1]] == "" {
				t.Errorf("%s asks for %s", name, m[1])
			}
		}
	}
	if found < 50 {
		t.Errorf("only %d sentences are asked for", found)
	}
	for _, a := range shelf {
		for _, key := range []string{"article." + a.SKU, "about." + a.SKU, "category." + a.Category} {
			if all["en"][key] == "" {
				t.Errorf("there is no %s", key)
			}
		}
	}
}
