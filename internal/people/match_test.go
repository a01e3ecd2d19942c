package people

import (
	"strings"
	"testing"
)

func TestEmailForm(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"anna@example.com":                 "anna@example.com",
		"  Anna@Example.COM ":              "anna@example.com",
		"anna+shop@example.com":            "anna@example.com",
		"an.na@example.com":                "an.na@example.com",
		"An.Na+x+y@gmail.com":              "anna@gmail.com",
		"a.n.n.a@googlemail.com":           "anna@gmail.com",
		"zofia@żółw.pl":                    "zofia@xn--w-uga1v8h.pl",
		"zofia@ŻÓŁW.pl":                    "zofia@xn--w-uga1v8h.pl",
		"jan@example.com.":                 "jan@example.com",
		"élodie@exemple.fr":                "élodie@exemple.fr",
		"+tag@example.com":                 "+tag@example.com", // there is nothing before the plus
		"":                                 "",
		"anna":                             "",
		"@example.com":                     "",
		"anna@":                            "",
		"anna@localhost":                   "",
		"a b@example.com":                  "",
		"a@b@example.com":                  "",
		"Anna <anna@example.com>":          "",
		"anna@exam\nple.com":               "",
		"anna@-example.com":                "",
		"anna@example..com":                "",
		strings.Repeat("a", 250) + "@b.pl": "",
		"...@gmail.com":                    "",
	} {
		got, ok := EmailForm(in)
		if ok != (want != "") || ok && got != want {
			t.Errorf("%q: %q %v, want %q", in, got, ok, want)
		}
	}
}

func TestPhoneForm(t *testing.T) {
	t.Parallel()
	tests := []struct{ in, locale, want string }{
		{"+48 600 100 200", "", "+48600100200"},
		{"0048600100200", "", "+48600100200"},
		{"600-100-200", "pl-PL", "+48600100200"},
		{"06 12 34 56 78", "fr-FR", "+33612345678"},
		{"06 12 34 56 78", "fr-BE", ""}, // no such number in Belgium
		{"+33 6 12 34 56 78", "pl-PL", "+33612345678"},
		{"600100200", "", ""},
		{"600100200", "pl", ""}, // a language is not a country
		{"12", "pl-PL", ""},
		{"+", "", ""},
		{"", "pl-PL", ""},
		{"+48" + strings.Repeat("6", 60), "", ""},
	}
	for _, tt := range tests {
		got, ok := PhoneForm(tt.in, tt.locale)
		if ok != (tt.want != "") || ok && got != tt.want {
			t.Errorf("%q in %q: %q %v, want %q", tt.in, tt.locale, got, ok, tt.want)
		}
	}
}

func FuzzForms(f *testing.F) {
	f.Add("Anna+x@Example.com", "pl-PL")
	f.Add("+48 600 100 200", "fr")
	f.Fuzz(func(t *testing.T, s, locale string) {
		if form, ok := EmailForm(s); ok {
			if again, ok := EmailForm(form); !ok || again != form {
				t.Errorf("%q becomes %q, which becomes %q %v", s, form, again, ok)
			}
		}
		if form, ok := PhoneForm(s, locale); ok {
			if again, ok := PhoneForm(form, ""); !ok || again != form {
				t.Errorf("%q becomes %q, which becomes %q %v", s, form, again, ok)
			}
		}
	})
}
