package portal

import (
	"net/url"
	"strings"
	"testing"

	"cagnotte/internal/loyalty"
)

// hostile are addresses that must not lead anywhere but to the shop (P8). %s is a host of
// somebody else.
var hostile = strings.Split(`https://%s
http://%s
//%s
///%s
////%s
https:%s
https:/%s
https:///%s
https:////%s
http:%s
/\%s
\/%s
\\%s
\\\%s
https:\\%s
https:/\%s
https:\/%s
https://%s/shop.example
https://%s?shop.example
https://%s#shop.example
https://%s/https://shop.example
https://%s:443
https://%s:443/
https://shop.example@%s
https://shop.example:x@%s
https://shop.example%%40%s
https://shop.example%%2f@%s
https://shop.example\@%s
https://shop.example\.%s
https://shop.example/@%s
https://shop.example#@%s
https://shop.example?@%s
https://shop.example:@%s
https://shop.example:80@%s
https://@%s
https://:@%s
https://x:y@%s
https://shop.example.%s
https://pl.shop.example.%s
https://shop.example-%s
https://%s.
https://%s%%00.shop.example
https://%s%%0a.shop.example
https://%s%%2f.shop.example
https://%s%%5c.shop.example
https://%s%%23.shop.example
https://%s%%3f.shop.example
https://%s\.shop.example
https://%s;shop.example
https://%s,shop.example
https://%s .shop.example
https://%s`+"\t"+`.shop.example
`+"\t"+`https://%s
 https://%s
https:// %s
https://`+"\t"+`%s
ht`+"\t"+`tps://%s
HTTPS://%s
hTTps://%s
https://[%s]
https://[::ffff:%s]
ftp://%s
ws://%s
wss://%s
file://%s
data://%s
javascript://%s/%%0aalert(1)
javascript:location='//%s'
data:text/html,<script>location='//%s'</script>
vbscript:%s
mailto:a@%s
blob:https://%s
view-source:https://%s
intent://%s#Intent;scheme=https;end
https://shop.example/../../%s
https://shop%%2eexample.%s
https://shop。example.%s
https://%s。shop.example
https://%s／.shop.example
https://%s＃.shop.example
https://shop.example／@%s`, "\n")

func TestFriendsAreSentToTheShopAlone(t *testing.T) {
	look := &loyalty.Portal{Shop: "https://shop.example", Hosts: []string{"pl.shop.example"}}
	n := 0
	for _, form := range hostile {
		for _, evil := range []string{"evil.example", "127.0.0.1"} {
			n++
			to := strings.NewReplacer("%s", evil, "%%", "%").Replace(form)
			got := target(look, to, "ABC")
			u, err := url.Parse(got)
			if err != nil || u.Scheme != "https" || u.Host != "shop.example" && u.Host != "pl.shop.example" || u.User != nil || strings.ContainsAny(got, "\\\r\n\t ") || u.Query().Get("cgr") != "ABC" {
				t.Errorf("%q leads to %s", to, got)
			}
		}
	}
	if n < 150 {
		t.Errorf("only %d addresses were tried", n)
	}
	for to, want := range map[string]string{
		"":                                     "https://shop.example?cgr=ABC",
		"https://shop.example/tea?x=1":         "https://shop.example/tea?cgr=ABC&x=1",
		"https://PL.shop.example/":             "https://PL.shop.example/?cgr=ABC",
		"https://pl.shop.example/?cgr=other":   "https://pl.shop.example/?cgr=ABC",
		"http://shop.example/":                 "https://shop.example?cgr=ABC",
		"http://pl.shop.example/":              "https://shop.example?cgr=ABC",
		"https://fr.shop.example/":             "https://shop.example?cgr=ABC",
		"https://shop.example/x?to=//evil.com": "https://shop.example/x?cgr=ABC&to=%2F%2Fevil.com",
	} {
		if got := target(look, to, "ABC"); got != want {
			t.Errorf("%q leads to %s, want %s", to, got, want)
		}
	}
	if got := target(&loyalty.Portal{}, "https://evil.example", "ABC"); got != "" {
		t.Errorf("a shop without an address leads to %s", got)
	}
}
