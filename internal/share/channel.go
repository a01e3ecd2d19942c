package share

import (
	"net/url"
	"strings"
)

// Channel is one way to send a post.
type Channel struct {
	Code    string // whatsapp, email, sms, facebook, messenger, telegram, x, linkedin
	URL     string // opens the channel with the message ready
	Touch   bool   // works on phones and tablets only
	Desktop bool   // works on desktops only
}

// What the channels bear.
const (
	mailLength = 1800 // characters of a mailto address, exclusive: some programs cut longer ones
	postWeight = 280  // of a post on X, as X counts
	linkWeight = 23   // of any link on X
)

// Channels gives the addresses for a post, the most used first. Messenger is there twice, for
// desktops and for touch devices, since neither form works on the other. A post without a web
// address has no channels; a channel that cannot carry the post is left out.
//
// Opening one of them is an intent: nobody learns whether the message was sent.
func Channels(in Post) []Channel {
	if !webAddress(in.URL) {
		return nil
	}
	text, link := plain(in.Text), escape(in.URL)
	message := escape(strings.TrimLeft(text+" "+in.URL, " "))

	channels := []Channel{{Code: "whatsapp", URL: "https://wa.me/?text=" + message}}
	if address, ok := mailto(line(in.Subject), text, in.URL); ok {
		channels = append(channels, Channel{Code: "email", URL: address})
	}
	// "?&" is read by Android, which wants ?, and by iOS, which wants &.
	channels = append(channels, Channel{Code: "sms", URL: "sms:?&body=" + message, Touch: true})
	// Facebook ignores any text: what it shows comes from the page behind the link.
	channels = append(channels, Channel{Code: "facebook", URL: "https://www.facebook.com/sharer/sharer.php?u=" + link})
	channels = append(channels, messenger(in)...)
	return append(channels,
		Channel{Code: "telegram", URL: "https://t.me/share/url?url=" + link + "&text=" + escape(text)},
		Channel{Code: "x", URL: "https://twitter.com/intent/tweet?text=" + escape(tweet(text)) + "&url=" + link},
		Channel{Code: "linkedin", URL: "https://www.linkedin.com/sharing/share-offsite/?url=" + link},
	)
}

// messenger gives the two forms of Messenger. The one for desktops needs a page to return to.
func messenger(in Post) []Channel {
	if in.MetaApp == "" || strings.Trim(in.MetaApp, "0123456789") != "" {
		return nil
	}
	link := escape(in.URL)
	touch := Channel{Code: "messenger", URL: "fb-messenger://share/?link=" + link + "&app_id=" + in.MetaApp, Touch: true}
	if !webAddress(in.Back) {
		return []Channel{touch}
	}
	return []Channel{touch, {
		Code:    "messenger",
		URL:     "https://www.facebook.com/dialog/send?app_id=" + in.MetaApp + "&link=" + link + "&redirect_uri=" + escape(in.Back),
		Desktop: true,
	}}
}

// mailto gives the address of an e-mail: subject, text, and the link on a line of its own. The
// text is shortened where the address would get too long, then the subject; the link never is.
// ok is false when the link alone is too long.
func mailto(subject, text, link string) (address string, ok bool) {
	const head, body, gap = "mailto:?subject=", "&body=", "%0D%0A%0D%0A"
	room := mailLength - 1 - len(head+body+gap) - len(escape(link))
	if room < 0 {
		return "", false
	}
	lines := strings.ReplaceAll(text, "\n", "\r\n")
	subject = cut(subject, min(room, 600), escapedLength)
	lines = cut(lines, room-escapedLength(subject), escapedLength)
	if lines == "" {
		return head + escape(subject) + body + escape(link), true
	}
	return head + escape(subject) + body + escape(lines) + gap + escape(link), true
}

// tweet is a text that fits on X beside the link and the space before it.
func tweet(text string) string { return cut(text, postWeight-linkWeight-1, weight) }

// weight counts a text as X does: Latin, Greek, Cyrillic and the usual marks are one,
// everything else two. A picture that is made of several signs counts more here than there.
func weight(text string) (n int) {
	for _, r := range text {
		switch {
		case r <= 0x10FF, r >= 0x2000 && r <= 0x200D, r >= 0x2010 && r <= 0x201F, r >= 0x2032 && r <= 0x2037:
			n++
		default:
			n += 2
		}
	}
	return n
}

// escape writes a value for the query of an address. A space is %20: programs for mail and
// messages show a plus as it stands.
func escape(value string) string { return strings.ReplaceAll(url.QueryEscape(value), "+", "%20") }

func escapedLength(value string) int { return len(escape(value)) }
