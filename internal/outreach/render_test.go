package outreach_test

import (
	"flag"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"cagnotte/internal/id"
	"cagnotte/internal/locale"
	"cagnotte/internal/message"
	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
)

var update = flag.Bool("update", false, "write the golden files")

func words(t testing.TB) *locale.Catalog {
	t.Helper()
	w, err := locale.New()
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// samples are a letter of each moment with every field.
func samples(tag string) []message.Letter {
	date := map[string]string{"en": "31 March 2026", "fr": "31 mars 2026", "pl": "31 marca 2026"}[tag]
	amount := map[string]string{"en": "€10.00", "fr": "10,00\u00a0€", "pl": "10,00\u00a0€"}[tag]
	gift := map[string]string{"en": "€5.00 off your first order", "fr": "5,00\u00a0€ sur votre première commande", "pl": "5,00\u00a0€ na pierwsze zamówienie"}[tag]
	note := map[string]string{"en": "Try their soaps!\nSee you soon", "fr": "Essaie leurs savons\u202f!\nBises", "pl": "Wypróbuj ich mydła!\nDo zobaczenia"}[tag]
	link := "https://lavande.example/p/"
	reason := func(part string) string {
		w, err := locale.New()
		if err != nil {
			panic(err)
		}
		return w.Printer(tag, nil).Letter("reason."+part, nil)
	}
	list := []message.Letter{
		{Moment: message.SignIn, Fields: map[string]string{"code": "482 913", "link": link + "in?t=9f3c", "minutes": "10"}},
		{Moment: message.Invitation, FromName: "Camille", ReplyTo: "camille@members.example", Fields: map[string]string{
			"referrer": "Camille", "reward": gift, "message": note, "link": link + "i/k7", "stop_link": link + "stop/k7", "ends": date,
		}},
		{Moment: message.Welcome, Fields: map[string]string{"first_name": "Zoé", "link": link, "number": "1007"}},
		{Moment: message.RewardPending, Fields: map[string]string{"amount": amount, "date": date, "reason": reason("referrer"), "link": link}},
		{Moment: message.RewardAvailable, Fields: map[string]string{"amount": amount, "date": date, "reason": reason("friend"), "link": link}},
	}
	role := map[string]string{"en": "Support", "fr": "Service client", "pl": "Obsługa klienta"}[tag]
	list = append(list, message.Letter{Moment: message.StaffInvitation, FromName: "Alicia", Fields: map[string]string{
		"first_name": "Zoé", "role": role, "by": "Alicia", "ends": date, "link": "https://lavande.example/admin/join/maison-lavande/K7",
	}})
	list = append(list, message.Letter{Moment: message.OrdersSilent, Fields: map[string]string{"first_name": "Zoé", "date": date, "link": "https://lavande.example/admin/tracker"}})
	list = append(list, message.Letter{Moment: message.AppealAnswered, Fields: map[string]string{"outcome": "changed", "message": note, "link": link + "appeal"}})
	for i := range list {
		list[i].Key, list[i].To, list[i].Locale = list[i].Moment+"/"+tag, "zoe@members.example", tag
	}
	return list
}

// The messages, read by people: text as it is, and what the HTML says.
func TestMessagesReadAsInTheGoldenFiles(t *testing.T) {
	st := storetest.Open(t, storetest.Config(t, "sqlite"))
	b := newBench(t, st)
	for _, tag := range locale.Tags {
		b.do(b.out.Post(t.Context(), b.shop.ID, samples(tag)...))
	}
	b.round()
	if len(b.mail.got) != len(message.Moments)*len(locale.Tags) {
		t.Fatalf("%d messages", len(b.mail.got))
	}
	moments := map[id.Message]string{}
	for _, k := range b.kept() {
		moments[k.ID] = k.Moment
	}
	for _, m := range b.mail.got {
		of := moments[m.ID] + "." + m.Locale
		var head strings.Builder
		for _, name := range slices.Sorted(maps.Keys(m.Headers)) {
			if name != "Date" && name != "Message-ID" {
				head.WriteString(name + ": " + m.Headers[name] + "\n")
			}
		}
		golden(t, of+".txt", "From: "+m.FromName+" <"+m.From+">\nReply-To: "+m.ReplyTo+"\n"+head.String()+"Subject: "+m.Subject+"\n\n"+m.Text+
			"\n== HTML ==\n"+said(t, m.HTML))
		if of == "invitation.fr" || of == "sign_in.fr" {
			golden(t, of+".html", m.HTML)
		}
	}
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s reads otherwise (go test -update writes it):\n%s", name, got)
	}
}

// said is what a page of HTML says, a line for each piece of text, with where links lead.
func said(t *testing.T, page string) string {
	t.Helper()
	n, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	for x := range n.Descendants() {
		switch {
		case x.Type == html.TextNode && strings.TrimSpace(x.Data) != "" && x.Parent.Data != "style":
			out.WriteString(strings.TrimSpace(x.Data) + "\n")
		case x.Type == html.ElementNode && x.Data == "a":
			for _, a := range x.Attr {
				if a.Key == "href" {
					out.WriteString("→ " + a.Val + "\n")
				}
			}
		}
	}
	return out.String()
}

// What members write is text, whatever it looks like (T5).
func TestWhatMembersWriteStaysText(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		b := newBench(t, st)
		l := invitation()
		l.Fields["referrer"], l.FromName = `<b>Eve</b> {{.Shop}} "x"`, `Eve" <eve@evil.example>`
		l.Fields["message"] = `<script>alert(1)</script> <a href="https://evil.example">here</a> https://evil.example {{.Code}}`
		b.do(b.out.Post(t.Context(), b.shop.ID, l))
		b.round()
		m := b.mail.got[0]
		if strings.Contains(m.HTML, "<script") || strings.Contains(m.HTML, "<b>") || strings.Contains(m.HTML, `href="https://evil`) {
			t.Errorf("it became markup:\n%s", m.HTML)
		}
		if !strings.Contains(m.HTML, "&lt;script&gt;") || !strings.Contains(m.Text, l.Fields["message"]) || !strings.Contains(m.Subject, l.Fields["referrer"]) {
			t.Errorf("it is not said as it was written:\n%s\n%s", m.Subject, m.Text)
		}
	})
}

func TestLettersThatCannotBeSentAreRefused(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		b := newBench(t, st)
		with := func(change func(*message.Letter)) message.Letter {
			l := invitation()
			l.Fields = maps.Clone(l.Fields)
			change(&l)
			return l
		}
		for want, l := range map[string]message.Letter{
			"key required":                      with(func(l *message.Letter) { l.Key = "" }),
			"moment unknown_value":              with(func(l *message.Letter) { l.Moment = "spam" }),
			"to required":                       with(func(l *message.Letter) { l.To = "" }),
			"to invalid_email":                  with(func(l *message.Letter) { l.To = "a@b.example\r\nBcc: c@d.example" }),
			"reply_to invalid_email":            with(func(l *message.Letter) { l.ReplyTo = "a@b.example, c@d.example" }),
			"from_name control_character":       with(func(l *message.Letter) { l.FromName = "Eve\r\nBcc: c@d.example" }),
			"fields.referrer required":          with(func(l *message.Letter) { delete(l.Fields, "referrer") }),
			"fields.stop_link required":         with(func(l *message.Letter) { delete(l.Fields, "stop_link") }),
			"fields.referrer control_character": with(func(l *message.Letter) { l.Fields["referrer"] = "Eve\nBcc: c@d.example" }),
			"fields.reward control_character":   with(func(l *message.Letter) { l.Fields["reward"] = "a\u202eb" }),
			"fields.message control_character":  with(func(l *message.Letter) { l.Fields["message"] = "a\x00b" }),
			"fields.message too_long":           with(func(l *message.Letter) { l.Fields["message"] = strings.Repeat("a", 2001) }),
			"fields.link invalid_link":          with(func(l *message.Letter) { l.Fields["link"] = "javascript:alert(1)" }),
			"fields.stop_link invalid_link":     with(func(l *message.Letter) { l.Fields["stop_link"] = "https://a.example> , <https://b.example" }),
			"fields.code unknown_field":         with(func(l *message.Letter) { l.Fields["code"] = "1" }),
		} {
			if err := b.out.Post(t.Context(), b.shop.ID, code("fine"), l); codeOf(err) != "letters[1]."+want {
				t.Errorf("want %s, got %v", want, codeOf(err))
			}
		}
		if len(b.kept()) != 0 {
			t.Errorf("something was queued:\n%s", state(b.kept()))
		}
	})
}
