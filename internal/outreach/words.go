package outreach

import (
	"strings"

	"cagnotte/internal/locale"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/message"
)

// page is a letter in words, in no layout yet.
type page struct {
	Lang      string
	Subject   string
	Preheader string
	Title     string
	Blocks    []block
	Why       string // why it was received
	Stop      string // the words of the link by which it ends; empty: none
	StopLink  string
	Below     string // what stands before the bare link of the button
	Shop      string
	Foot      []string // who stands behind the shop
}

// block is a part of a page: the one of its fields that is set.
type block struct {
	Text   string
	Code   string   // to be typed
	Quote  []string // what a member wrote, line by line
	Button string
	Link   string // of the button
}

// writer words one letter.
type writer struct {
	*page
	p    *locale.Printer
	of   string
	data map[string]string
}

func (w *writer) say(part string) string { return w.p.Letter(w.of+"."+part, w.data) }

// para adds a sentence where the value that it speaks of is given; "" is always given.
func (w *writer) para(part, needs string) {
	if needs == "" || w.data[needs] != "" {
		w.Blocks = append(w.Blocks, block{Text: w.say(part)})
	}
}

func (w *writer) button(link string) {
	if link != "" {
		w.Blocks = append(w.Blocks, block{Button: w.say("button"), Link: link})
	}
}

// write words a letter. The printer is one for the shop.
func write(p *locale.Printer, s *loyalty.Shop, of string, fields map[string]string) *page {
	shop := strings.Map(func(r rune) rune {
		if unprintable(r) {
			return ' '
		}
		return r
	}, s.Name)
	w := &writer{page: &page{Lang: p.Tag(), Shop: shop}, p: p, of: of, data: map[string]string{
		"Shop": shop, "Code": fields["code"], "Referrer": fields["referrer"], "Reward": fields["reward"], "Date": fields["date"] + fields["ends"],
		"Name": fields["first_name"], "Number": fields["number"], "Amount": fields["amount"], "Reason": fields["reason"],
		"Role": fields["role"], "By": fields["by"],
	}}
	w.Subject, w.Preheader, w.Title, w.Why = w.say("subject"), w.say("preheader"), w.say("title"), w.say("why")
	w.Below = p.Letter("below", nil)
	switch of {
	case message.SignIn:
		w.signIn(fields)
	case message.Invitation:
		w.invitation(fields)
	case message.Welcome:
		if w.data["Name"] != "" {
			w.Blocks = append(w.Blocks, block{Text: p.Letter("hello", w.data)})
		}
		w.para("text", "")
		w.para("number", "Number")
		w.button(fields["link"])
	case message.RewardPending, message.RewardAvailable:
		w.reward(fields)
	case message.AppealAnswered:
		w.para("text."+fields["outcome"], "")
		if said := strings.TrimSpace(fields["message"]); said != "" {
			w.Blocks = append(w.Blocks, block{Text: w.say("message")}, block{Quote: strings.Split(said, "\n")})
		}
		w.button(fields["link"])
	case message.OrdersSilent:
		w.Blocks = append(w.Blocks, block{Text: p.Letter("hello", w.data)})
		w.para("text", "")
		w.para("next", "")
		w.button(fields["link"])
	case message.StaffInvitation:
		w.Blocks = append(w.Blocks, block{Text: p.Letter("hello", w.data)})
		if w.data["By"] != "" {
			w.para("text.by", "")
		} else {
			w.para("text", "")
		}
		w.para("next", "")
		w.button(fields["link"])
		w.para("ends", "")
		w.para("ignore", "")
	}
	return w.page
}

func (w *writer) signIn(fields map[string]string) {
	code, link := fields["code"], fields["link"]
	if code == "" {
		w.Subject = w.say("subject.link")
	} else {
		w.Blocks = append(w.Blocks, block{Text: w.say("code")}, block{Code: code})
	}
	switch {
	case link != "" && code == "":
		w.para("link.alone", "")
	case link != "":
		w.para("link", "")
	}
	w.button(link)
	if n := fields["minutes"]; n != "" {
		w.Blocks = append(w.Blocks, block{Text: w.p.LetterCounted(w.of+".minutes", n)})
	}
	w.para("ignore", "")
}

func (w *writer) invitation(fields map[string]string) {
	if fields["reward"] != "" {
		w.Preheader = w.say("preheader.reward")
	}
	w.para("text", "")
	if said := strings.TrimSpace(strings.ReplaceAll(fields["message"], "\r\n", "\n")); said != "" {
		w.Blocks = append(w.Blocks, block{Text: w.say("message")}, block{Quote: strings.Split(said, "\n")})
	}
	w.para("reward", "Reward")
	w.button(fields["link"])
	w.para("ends", "Date")
	w.Stop, w.StopLink = w.say("stop"), fields["stop_link"]
}

func (w *writer) reward(fields map[string]string) {
	if w.data["Reason"] != "" {
		w.Blocks = append(w.Blocks, block{Text: w.data["Reason"]})
	}
	w.para("text", "")
	w.para("date", "Date")
	if w.of == message.RewardPending && w.data["Date"] == "" {
		w.para("checked", "")
	}
	w.button(fields["link"])
}

// plain is the text part.
func (g *page) plain() string {
	var b strings.Builder
	b.WriteString(g.Title + "\n\n")
	for _, x := range g.Blocks {
		switch {
		case x.Code != "":
			b.WriteString("    " + x.Code)
		case len(x.Quote) > 0:
			b.WriteString("> " + strings.Join(x.Quote, "\n> "))
		case x.Button != "":
			b.WriteString(x.Button + "\n" + x.Link)
		default:
			b.WriteString(x.Text)
		}
		b.WriteString("\n\n")
	}
	b.WriteString("-- \n" + g.Why + "\n")
	if g.StopLink != "" {
		b.WriteString(g.Stop + "\n" + g.StopLink + "\n")
	}
	if len(g.Foot) > 0 {
		b.WriteString("\n" + strings.Join(g.Foot, "\n") + "\n")
	}
	return b.String()
}
