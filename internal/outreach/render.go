package outreach

import (
	_ "embed" // the layout
	"fmt"
	"html/template"
	"net/mail"
	"strings"
	"time"

	"cagnotte/internal/loyalty"
	"cagnotte/internal/message"
	"cagnotte/internal/store"
)

//go:embed layout.html
var layoutText string

// layout escapes whatever it is given by where it stands. It is the only one until the
// merchant has templates of his own.
var layout = template.Must(template.New("layout").Parse(layoutText))

// render words a stored message. The same row renders the same message, whenever that is.
func (o *Outreach) render(s *loyalty.Shop, m *store.Message, c contents) (*message.Message, error) {
	p := o.words.Printer(m.Locale, s.Zone).For(s)
	g := write(p, s, m.Moment, c.Fields)
	g.Foot = c.Foot
	var html strings.Builder
	if err := layout.Execute(&html, g); err != nil {
		return nil, fmt.Errorf("message %s: %w", m.ID, err)
	}
	out := &message.Message{
		ID: m.ID, From: o.o.From, FromName: g.Shop, ReplyTo: c.ReplyTo, To: c.To, Subject: g.Subject, HTML: html.String(), Text: g.plain(), Locale: g.Lang,
		Headers: map[string]string{
			"Date":           m.CreatedAt.Std().Format(time.RFC1123Z),
			"Message-ID":     "<" + m.ID.String() + "@" + domain(o.o.From) + ">",
			"Auto-Submitted": "auto-generated",
		},
	}
	if c.FromName != "" {
		out.FromName = p.Letter("via", map[string]string{"Name": c.FromName, "Shop": g.Shop})
	}
	if g.StopLink != "" {
		out.Headers["List-Unsubscribe"] = "<" + g.StopLink + ">"
		out.Headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click" // RFC 8058: the page takes it
	}
	return out, nil
}

// domain is what stands behind the @ of the sender's address.
func domain(from string) string {
	if a, err := mail.ParseAddress(from); err == nil {
		if _, d, ok := strings.Cut(a.Address, "@"); ok {
			return d
		}
	}
	return "localhost"
}
