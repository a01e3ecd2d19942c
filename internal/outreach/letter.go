package outreach

import (
	"errors"
	"maps"
	"net/mail"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"cagnotte/internal/locale"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/message"
)

// Limits of what a letter may hold, in bytes.
const (
	maxKey     = 200
	maxAddress = 254
	maxField   = 300
	maxLink    = 2000
	maxMessage = 2000 // what a member writes himself
)

// shape is what the text of a moment speaks of.
type shape struct{ wants, may []string }

var shapes = map[string]shape{
	message.SignIn:          {may: []string{"code", "link", "minutes"}},
	message.Invitation:      {wants: []string{"referrer", "link", "stop_link"}, may: []string{"reward", "message", "ends"}},
	message.Welcome:         {may: []string{"first_name", "link", "number"}},
	message.RewardPending:   {wants: []string{"amount"}, may: []string{"date", "reason", "link"}},
	message.RewardAvailable: {wants: []string{"amount"}, may: []string{"date", "reason", "link"}},
	message.AppealAnswered:  {wants: []string{"outcome"}, may: []string{"message", "link"}},
	message.OrdersSilent:    {wants: []string{"first_name", "date"}, may: []string{"link"}},
	message.StaffInvitation: {wants: []string{"first_name", "role", "link", "ends"}, may: []string{"by"}},
}

// check refuses a letter that cannot be sent as it is, before anything is stored. What
// stands in a header or a name may hold no control character.
func check(l message.Letter) error {
	if l.Key == "" {
		return loyalty.Invalid("key", "required")
	}
	if err := line("key", l.Key, maxKey); err != nil {
		return err
	}
	of, known := shapes[l.Moment]
	if !known {
		return loyalty.Invalid("moment", "unknown_value", "known", strings.Join(message.Moments, " "))
	}
	if l.To == "" {
		return loyalty.Invalid("to", "required")
	}
	if !isAddress(l.To) {
		return loyalty.Invalid("to", "invalid_email")
	}
	if l.ReplyTo != "" && !isAddress(l.ReplyTo) {
		return loyalty.Invalid("reply_to", "invalid_email")
	}
	if err := line("from_name", l.FromName, maxField); err != nil {
		return err
	}
	for _, name := range of.wants {
		if l.Fields[name] == "" {
			return loyalty.Invalid("fields."+name, "required")
		}
	}
	if l.Moment == message.SignIn && l.Fields["code"] == "" && l.Fields["link"] == "" {
		return loyalty.Invalid("fields.code", "required")
	}
	for _, name := range slices.Sorted(maps.Keys(l.Fields)) {
		if !slices.Contains(of.wants, name) && !slices.Contains(of.may, name) {
			return loyalty.Invalid("fields."+name, "unknown_field")
		}
		if err := field(name, l.Fields[name]); err != nil {
			return err
		}
	}
	return nil
}

// field looks at one value of the text.
func field(name, value string) error {
	at := "fields." + name
	switch name {
	case "link", "stop_link":
		if err := line(at, value, maxLink); err != nil {
			return err
		}
		if value != "" && !isLink(value) {
			return loyalty.Invalid(at, "invalid_link")
		}
		return nil
	case "message": // may have lines
		return line(at, strings.NewReplacer("\r\n", "", "\n", "").Replace(value), maxMessage)
	case "minutes":
		if value != "" && strings.Trim(value, "0123456789") != "" || len(value) > 6 {
			return loyalty.Invalid(at, "not_a_number")
		}
	}
	return line(at, value, maxField)
}

// line refuses what is no single line of text.
func line(at, value string, most int) error {
	switch {
	case len(value) > most:
		return loyalty.Invalid(at, "too_long", "max", strconv.Itoa(most))
	case strings.ContainsFunc(value, unprintable):
		return loyalty.Invalid(at, "control_character")
	}
	return nil
}

// unprintable are control characters, line and paragraph separators, and what turns the
// direction of a line around, by which a name could look like something else.
func unprintable(r rune) bool {
	return unicode.IsControl(r) || r == unicode.ReplacementChar || r == '\u2028' || r == '\u2029' ||
		r >= '\u202a' && r <= '\u202e' || r >= '\u2066' && r <= '\u2069'
}

func isAddress(s string) bool {
	a, err := mail.ParseAddress(s)
	return err == nil && a.Address == s && len(s) <= maxAddress && !strings.ContainsFunc(s, unprintable) && !strings.ContainsAny(s, " \"<>,;")
}

func isLink(s string) bool {
	u, err := url.Parse(s)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Hostname() != "" && u.User == nil && !strings.ContainsAny(s, " <>\"")
}

func isFallback(tag string) bool {
	base, _, _ := strings.Cut(strings.ReplaceAll(strings.ToLower(tag), "_", "-"), "-")
	return base == locale.Fallback
}

// below puts a place in front of a problem's field.
func below(place string, err error) error {
	p, ok := errors.AsType[*loyalty.Problem](err)
	if !ok {
		return err
	}
	moved := *p
	moved.Field = place + p.Field
	return &moved
}
