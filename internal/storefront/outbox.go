package storefront

import (
	"context"
	"net/http"
	"strings"
	"time"
)

// Letter is a message as its reader would get it.
type Letter struct {
	ID, To, Subject string
	Text, HTML      string
	Left            bool // a mail server took it
	At              time.Time
}

// Letters lists what was written, newest first. It is the one thing that the storefront is
// given and does not ask by API: whoever tries the demo reads the mail of everybody.
type Letters func(context.Context) ([]Letter, error)

type outboxPage struct {
	Letters []Letter
	Left    bool // some have left the machine
}

func (v *visit) outbox() error {
	all, err := v.Letters(v.r.Context())
	if err != nil {
		return err
	}
	p := &outboxPage{Letters: all}
	for _, l := range all {
		p.Left = p.Left || l.Left
	}
	return v.show(http.StatusOK, "outbox", v.T("outbox.title"), p)
}

// written finds the letter that the address names; nil when there is none.
func (v *visit) written() (*Letter, error) {
	all, err := v.Letters(v.r.Context())
	for _, l := range all {
		if l.ID == v.r.PathValue("id") {
			return &l, err
		}
	}
	return nil, err
}

// part is a line of a letter; one that is an address can be followed.
type part struct {
	Text string
	Link bool
}

// Parts are the lines of the text.
func (l *Letter) Parts() (out []part) {
	for line := range strings.SplitSeq(strings.TrimSpace(l.Text), "\n") {
		link := strings.HasPrefix(line, "http://") || strings.HasPrefix(line, "https://")
		out = append(out, part{line, link && !strings.ContainsAny(line, " \t")})
	}
	return out
}

func (v *visit) letter() error {
	l, err := v.written()
	if err != nil {
		return err
	}
	if l == nil {
		return v.missing()
	}
	return v.show(http.StatusOK, "letter", l.Subject, l)
}

// letterPage is the letter as a mail program shows it: styles of its own, and no script.
func (v *visit) letterPage() error {
	l, err := v.written()
	if err != nil {
		return err
	}
	if l == nil {
		return v.missing()
	}
	h := v.w.Header()
	h.Set("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'; img-src https: data:; sandbox allow-popups allow-top-navigation-by-user-activation")
	h.Set("Content-Type", "text/html; charset=utf-8")
	_, _ = v.w.Write([]byte(l.HTML)) // the reader has gone
	return nil
}
