package people

import (
	"fmt"
	"strings"
	"testing"
)

// One address in its disguises, provider by provider: what delivers to the same box is the
// same key, what does not is another one (F1). Providers that keep dots are believed.
func TestDisguisedAddressesAreOnePerson(t *testing.T) {
	t.Parallel()
	providers := []struct {
		domains    []string // one box under several names
		ignoreDots bool
	}{
		{[]string{"gmail.com", "googlemail.com"}, true},
		{[]string{"outlook.com"}, false}, {[]string{"hotmail.fr"}, false}, {[]string{"yahoo.fr"}, false},
		{[]string{"orange.fr"}, false}, {[]string{"free.fr"}, false}, {[]string{"laposte.net"}, false},
		{[]string{"wp.pl"}, false}, {[]string{"o2.pl"}, false}, {[]string{"proton.me"}, false},
		{[]string{"icloud.com"}, false}, {[]string{"żółw.pl", "xn--w-uga1v8h.pl"}, false},
	}
	names := []string{"jan.kowalski", "anna.maria.nowak", "j.dupont", "chloe.b", "piotr.1980"}
	pairs := 0
	for _, p := range providers {
		for _, name := range names {
			base := name + "@" + p.domains[0]
			want, ok := EmailForm(base)
			if !ok {
				t.Fatalf("%s is no address", base)
			}
			same := []string{strings.ToUpper(base), name + "+shop@" + p.domains[0], name + "+a+b@" + strings.ToUpper(p.domains[0]), "  " + base + " ", base + "."}
			for _, d := range p.domains[1:] {
				same = append(same, name+"@"+d, name+"+x@"+strings.ToUpper(d))
			}
			undotted := strings.ReplaceAll(name, ".", "") + "@" + p.domains[0]
			other := []string{"x" + base, strings.Replace(base, "@", "1@", 1), fmt.Sprintf("%s@mail.%s", name, p.domains[0])}
			if p.ignoreDots {
				same = append(same, undotted, strings.Join(strings.Split(strings.ReplaceAll(name, ".", ""), ""), ".")+"@"+p.domains[0])
			} else {
				other = append(other, undotted)
			}
			for _, s := range same {
				pairs++
				if got, ok := EmailForm(s); !ok || got != want {
					t.Errorf("%q is %q, want the same as %q: %q", s, got, base, want)
				}
			}
			for _, s := range other {
				pairs++
				if got, _ := EmailForm(s); got == want {
					t.Errorf("%q is taken for %q", s, base)
				}
			}
		}
	}
	if pairs < 200 {
		t.Errorf("%d pairs were compared, want 200 or more", pairs)
	}
}
