// Package share makes what a member or a shop spreads: addresses that open a network with a
// message ready, QR codes, a printable leaflet, the picture that networks show beside a link,
// and snippets of HTML for the shop's own pages.
//
// It is pure: no database, no network, no clock. Texts come in as arguments, worded by the
// caller; nothing here invents one. What cannot be drawn (a letter that the fonts lack) is
// replaced or left out, so that nobody ever sees an empty box. Pages, messages and the tracker
// call it; whoever calls keeps what costs time (Card, Leaflet) by the name that CardName gives.
package share

import (
	"net/url"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Post is a message that a member sends to friends.
type Post struct {
	URL     string // the personal link: http or https, else there is no channel at all
	Text    string // what stands before the link; lines may be broken
	Subject string // of an e-mail
	MetaApp string // the shop's app at Meta, digits; Messenger is offered only with one
	Back    string // where Messenger returns to on a desktop: http or https
}

// webAddress tells whether an address is one that a browser opens as a page. Names and
// passwords in it are refused: they make one host look like another.
func webAddress(address string) bool {
	if strings.ContainsFunc(address, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) }) {
		return false
	}
	u, err := url.Parse(address)
	return err == nil && utf8.ValidString(address) && (u.Scheme == "http" || u.Scheme == "https") && u.Hostname() != "" && u.User == nil
}

// plain is a text without what no message should hold: broken bytes and control characters
// other than the end of a line, which is \n.
func plain(text string) string {
	text = strings.ToValidUTF8(text, "")
	text = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u2028", "\n", "\u2029", "\n", "\t", " ").Replace(text)
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' {
			return -1
		}
		return r
	}, text))
}

// line is a plain text in one line.
func line(text string) string { return strings.ReplaceAll(plain(text), "\n", " ") }
