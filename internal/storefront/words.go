package storefront

import (
	"bytes"
	"encoding/json"
	"fmt"
	"html/template"
	"net/http"
	"slices"
	"strings"
)

// languages of the shop; the first one is for whoever speaks none of them.
var languages = []string{"fr", "pl", "en"}

func readWords() (map[string]map[string]string, error) {
	all := map[string]map[string]string{}
	for _, l := range languages {
		b, err := files.ReadFile("words/" + l + ".json")
		if err != nil {
			return nil, err
		}
		words := map[string]string{}
		if err := json.Unmarshal(b, &words); err != nil {
			return nil, fmt.Errorf("words of %s: %w", l, err)
		}
		all[l] = words
	}
	return all, nil
}

// language is what the reader chose, else his browser's.
func (v *visit) language() string {
	if l := v.kept(langCookie); slices.Contains(languages, l) {
		return l
	}
	for part := range strings.SplitSeq(v.r.Header.Get("Accept-Language"), ",") {
		tag, _, _ := strings.Cut(strings.TrimSpace(part), ";")
		if base, _, _ := strings.Cut(strings.ToLower(tag), "-"); slices.Contains(languages, base) {
			return base
		}
	}
	return languages[0]
}

func (v *visit) speak() error {
	if l := v.r.FormValue("lang"); slices.Contains(languages, l) {
		v.keep(langCookie, l, choiceTime)
	}
	return v.back()
}

// T gives the words of a key; pairs of name and value stand for {name}.
func (v *visit) T(key string, pairs ...string) string {
	text, ok := v.words[v.lang][key]
	if !ok {
		return key
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		text = strings.ReplaceAll(text, "{"+pairs[i]+"}", pairs[i+1])
	}
	return text
}

// Money writes cents as the language does.
func (v *visit) Money(cents int64) string {
	sign := ""
	if cents < 0 {
		sign, cents = "−", -cents
	}
	if v.lang == "en" {
		return fmt.Sprintf("%s€%d.%02d", sign, cents/100, cents%100)
	}
	return fmt.Sprintf("%s%d,%02d\u00a0€", sign, cents/100, cents%100)
}

// Languages lists them in their own words.
func (v *visit) Languages() []struct{ Tag, Name string } {
	return []struct{ Tag, Name string }{{"fr", "Français"}, {"pl", "Polski"}, {"en", "English"}}
}

func (v *visit) render(page string, of *view) (template.HTML, error) {
	var b bytes.Buffer
	if err := v.pages.ExecuteTemplate(&b, page+".html", of); err != nil {
		return "", err
	}
	return template.HTML(b.String()), nil // a template of ours, which escapes what it is given
}

// wrong answers a form with what is wrong in it.
func (v *visit) wrong(page, title string, data any) error {
	return v.show(http.StatusUnprocessableEntity, page, title, data)
}
