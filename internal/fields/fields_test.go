package fields_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"cagnotte/internal/fields"
	"cagnotte/internal/loyalty"
)

func TestFill(t *testing.T) {
	t.Parallel()
	values := map[string]string{"first_name": "Zoé <b>*x*</b>", "points": "7", "member_ref_link": "https://c.example/i/A_B"}
	for _, tt := range []struct {
		text, want string
		kind       fields.Kind
	}{
		{"Hi {{ first_name }}!", "Hi Zoé <b>*x*</b>!", fields.Plain},
		{"Hi {{first_name}}, {points} {points}", "Hi Zoé &lt;b&gt;*x*&lt;/b&gt;, 7 7", fields.HTML},
		{"Hi {first_name}", `Hi Zoé \<b\>\*x\*\<\/b\>`, fields.Markdown},
		{"[me]({{ member_ref_link }})", `[me](https\:\/\/c\.example\/i\/A\_B)`, fields.Markdown},
		{"{ first_name }, {word} and } {{ stay", "{ first_name }, {word} and } {{ stay", fields.Plain},
		{"a{{ balance }}b", "ab", fields.Plain}, // no value
	} {
		if got := fields.Fill(tt.text, values, tt.kind); got != tt.want {
			t.Errorf("%q as %d: %q, want %q", tt.text, tt.kind, got, tt.want)
		}
	}
}

// A value that looks like a field is not filled again.
func TestAValueIsNotAText(t *testing.T) {
	t.Parallel()
	got := fields.Fill("{{ first_name }}", map[string]string{"first_name": "{{ member_code }}", "member_code": "SECRET"}, fields.Plain)
	if got != "{{ member_code }}" {
		t.Errorf("%q", got)
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"{{ member_code }} {member_ref_link} {balance} { a } {word} }}": "",
		"{{ member_kode }}":       "field_unknown member_kode",
		"{member_reff_link}":      "field_unknown member_reff_link",
		"{{ first_name | size }}": "field_unreadable",
		"{{.}}":                   "field_unreadable",
		"{{}}":                    "field_unreadable",
		"{% include 'x' %}":       "field_unreadable",
		"{{ '" + strings.Repeat("x", 99) + "' }}": "field_unreadable",
		"{{7*7}}":                "field_unreadable",
		"{{ first_name.class }}": "field_unreadable",
	} {
		err, got := fields.Check("body", text), ""
		if p, ok := errors.AsType[*loyalty.Problem](err); ok {
			got = strings.TrimSpace(p.Code + " " + p.Args["name"])
			if p.Field != "body" {
				t.Errorf("%q: field %q", text, p.Field)
			}
		}
		if got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

func TestUsed(t *testing.T) {
	t.Parallel()
	var got []string
	for _, f := range fields.Used("{shop_name} {{ points }}", "{{first_name}} {points}") {
		got = append(got, f.Name)
	}
	if diff := cmp.Diff([]string{"first_name", "points", "shop_name"}, got); diff != "" {
		t.Error(diff)
	}
}

// Whatever a value is, it brings no sign that means something.
func FuzzFill(f *testing.F) {
	f.Add("{{ first_name }}", "<script>")
	f.Add("{%{{first_name}}%}", `"><img src=x>`)
	f.Fuzz(func(t *testing.T, text, value string) {
		got := fields.Fill(text, map[string]string{"first_name": value}, fields.HTML)
		for _, sign := range []string{"<", ">", `"`, "'"} {
			if strings.Count(got, sign) > strings.Count(text, sign) {
				t.Errorf("%q with %q: %q", text, value, got)
			}
		}
	})
}
