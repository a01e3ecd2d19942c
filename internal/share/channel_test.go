package share

import (
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// values reads the query of an address back as a program would: a plus is a plus.
func values(t *testing.T, address string) map[string]string {
	t.Helper()
	_, query, _ := strings.Cut(address, "?")
	got := map[string]string{}
	for pair := range strings.SplitSeq(query, "&") {
		name, value, _ := strings.Cut(pair, "=")
		if name == "" {
			continue
		}
		plain, err := url.PathUnescape(value)
		if err != nil {
			t.Fatalf("%s: %v", address, err)
		}
		got[name] = plain
	}
	return got
}

// key tells the two forms of Messenger apart.
func key(c Channel) string {
	if c.Desktop {
		return c.Code + " desktop"
	}
	return c.Code
}

func TestEveryChannelCarriesThePost(t *testing.T) {
	t.Parallel()
	const link = "https://maison-lavande.fr/i/CAM4F7Q?a=1&b=é%20c"
	const back = "https://maison-lavande.fr/p/?ok=1&x=2"
	for _, text := range []string{
		"Voici 10\u202f% chez «\u00a0Maison Lavande\u00a0»\u202f! J’y tiens.",
		"Zażółć gęślą jaźń: 10 zł na pierwsze zakupy",
		`Tom & "Zoé" + 5 = 100% <b>#1?</b> \ %20 %`,
		"👨‍👩‍👧‍👦 🎁\nDeuxième ligne\n\nTroisième",
	} {
		want := map[string]map[string]string{
			"whatsapp":          {"text": text + " " + link},
			"email":             {"subject": "Sujet & co", "body": strings.ReplaceAll(text, "\n", "\r\n") + "\r\n\r\n" + link},
			"sms":               {"body": text + " " + link},
			"facebook":          {"u": link},
			"messenger":         {"link": link, "app_id": "12345"},
			"messenger desktop": {"app_id": "12345", "link": link, "redirect_uri": back},
			"telegram":          {"url": link, "text": text},
			"x":                 {"text": text, "url": link},
			"linkedin":          {"url": link},
		}
		got := map[string]map[string]string{}
		for _, c := range Channels(Post{URL: link, Text: text, Subject: "Sujet\r\n& co", MetaApp: "12345", Back: back}) {
			if strings.Contains(c.URL, "+") || strings.ContainsAny(c.URL, " \"<>\n") {
				t.Errorf("%s is not wholly encoded: %s", c.Code, c.URL)
			}
			if touch := c.Code == "sms" || key(c) == "messenger"; c.Touch != touch {
				t.Errorf("%s: touch is %v", key(c), c.Touch)
			}
			got[key(c)] = values(t, c.URL)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q (-want +got):\n%s", text, diff)
		}
	}
}

func TestAddressesStandAsTheNetworksWantThem(t *testing.T) {
	t.Parallel()
	want := []Channel{
		{Code: "whatsapp", URL: "https://wa.me/?text=A%20%2B%20b%20https%3A%2F%2Fa.fr%2Fi%2FZ"},
		{Code: "email", URL: "mailto:?subject=S&body=A%20%2B%20b%0D%0A%0D%0Ahttps%3A%2F%2Fa.fr%2Fi%2FZ"},
		{Code: "sms", URL: "sms:?&body=A%20%2B%20b%20https%3A%2F%2Fa.fr%2Fi%2FZ", Touch: true},
		{Code: "facebook", URL: "https://www.facebook.com/sharer/sharer.php?u=https%3A%2F%2Fa.fr%2Fi%2FZ"},
		{Code: "messenger", URL: "fb-messenger://share/?link=https%3A%2F%2Fa.fr%2Fi%2FZ&app_id=7", Touch: true},
		{Code: "messenger", URL: "https://www.facebook.com/dialog/send?app_id=7&link=https%3A%2F%2Fa.fr%2Fi%2FZ&redirect_uri=https%3A%2F%2Fa.fr", Desktop: true},
		{Code: "telegram", URL: "https://t.me/share/url?url=https%3A%2F%2Fa.fr%2Fi%2FZ&text=A%20%2B%20b"},
		{Code: "x", URL: "https://twitter.com/intent/tweet?text=A%20%2B%20b&url=https%3A%2F%2Fa.fr%2Fi%2FZ"},
		{Code: "linkedin", URL: "https://www.linkedin.com/sharing/share-offsite/?url=https%3A%2F%2Fa.fr%2Fi%2FZ"},
	}
	got := Channels(Post{URL: "https://a.fr/i/Z", Text: "A + b", Subject: "S", MetaApp: "7", Back: "https://a.fr"})
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestOnlyWebAddressesAreShared(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"", "javascript:alert(1)", "ftp://a.fr", "//a.fr", "/i/A", "https://", "https://a@b.fr", "https://a.fr/ b", "https://a.fr/\n", "data:text/html,x"} {
		if got := Channels(Post{URL: address, Text: "x"}); got != nil {
			t.Errorf("%q is shared: %v", address, got)
		}
	}
}

func TestMessengerWantsAnAppAndAPageToReturnTo(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		app, back string
		want      int
	}{{"", "https://a.fr", 0}, {"1&x=2", "https://a.fr", 0}, {"12", "", 1}, {"12", "javascript:0", 1}, {"12", "https://a.fr", 2}} {
		got := 0
		for _, channel := range Channels(Post{URL: "https://a.fr/i/A", MetaApp: c.app, Back: c.back}) {
			if channel.Code == "messenger" {
				got++
			}
		}
		if got != c.want {
			t.Errorf("app %q, back %q: %d forms, want %d", c.app, c.back, got, c.want)
		}
	}
}

func TestLongTextsAreCutAtAWord(t *testing.T) {
	t.Parallel()
	const link = "https://a.fr/i/A"
	for _, word := range []string{"promocja ", "żółć ", "👨‍👩‍👧‍👦 ", "słowo\n", strings.Repeat("ź", 3000), strings.Repeat("👨‍👩‍👧‍👦", 300)} {
		for _, c := range Channels(Post{URL: link, Text: strings.Repeat(word, 300), Subject: strings.Repeat("Sujet ", 200)}) {
			got := values(t, c.URL)
			switch c.Code {
			case "email":
				if len(c.URL) >= mailLength || len(c.URL) < mailLength/2 {
					t.Errorf("%q: a mailto of %d characters", word[:4], len(c.URL))
				}
				text, ok := strings.CutSuffix(got["body"], "…\r\n\r\n"+link)
				if !ok || !strings.HasSuffix(text, strings.TrimSpace(word)) && len(word) < 100 {
					t.Errorf("%q: the body ends %q", word[:4], got["body"][max(0, len(got["body"])-60):])
				}
			case "x":
				if w := weight(got["text"]); w > postWeight-linkWeight-1 || w < 200 {
					t.Errorf("%q: %d on X", word[:4], w)
				}
				if !strings.HasSuffix(got["text"], "…") {
					t.Errorf("%q: no ellipsis: %q", word[:4], got["text"])
				}
			}
			if strings.Contains(word, "👦") && strings.HasSuffix(got["text"], "\u200d…") {
				t.Errorf("%s: a family was cut apart", c.Code)
			}
		}
	}
	for _, c := range Channels(Post{URL: link + strings.Repeat("a", mailLength)}) {
		if c.Code == "email" {
			t.Errorf("a link that no mailto holds is in one: %d characters", len(c.URL))
		}
	}
}

func FuzzChannels(f *testing.F) {
	f.Add("https://a.fr/i/A", "Zażółć\r\n100% & +", "Sujet", "1")
	f.Add("http://é.fr/?a=%zz", "\xff\x00👨‍👩‍👧", strings.Repeat("ż ", 900), "")
	f.Fuzz(func(t *testing.T, link, text, subject, app string) {
		for _, c := range Channels(Post{URL: link, Text: text, Subject: subject, MetaApp: app, Back: link}) {
			for name, value := range values(t, c.URL) {
				if !utf8.ValidString(value) {
					t.Errorf("%s: %s is broken: %q", c.Code, name, value)
				}
			}
			if strings.ContainsFunc(c.URL, func(r rune) bool { return r <= ' ' || r >= 0x7f || r == '+' || r == '"' }) {
				t.Errorf("%s: %q", c.Code, c.URL)
			}
			got := values(t, c.URL)
			if c.Code == "email" && (len(c.URL) >= mailLength || !strings.HasSuffix(got["body"], link)) {
				t.Errorf("%d characters: %s", len(c.URL), c.URL)
			}
			if c.Code == "x" && (weight(got["text"]) > postWeight-linkWeight-1 || got["url"] != link) {
				t.Errorf("%s", c.URL)
			}
		}
	})
}
