package people

import (
	"slices"
	"strings"

	"cagnotte/internal/loyalty"
)

// signs are the kinds of signals that a caller may give.
var signs = []string{loyalty.SignDevice, loyalty.SignIP, loyalty.SignAddress, loyalty.SignPayment}

// disposable are domains whose addresses live for minutes. The list is short and ours: it
// is a sign among others, never a verdict.
var disposable = []string{
	"10minutemail.com", "dispostable.com", "discard.email", "dropmail.me", "emailondeck.com", "fakeinbox.com", "getnada.com",
	"grr.la", "guerrillamail.com", "guerrillamail.net", "jetable.org", "mail-temporaire.fr", "mailcatch.com", "maildrop.cc",
	"mailinator.com", "mailnesia.com", "mintemail.com", "moakt.com", "mohmal.com", "mytemp.email", "sharklasers.com",
	"spam4.me", "spamgourmet.com", "temp-mail.org", "tempail.com", "tempmail.dev", "tempr.email", "throwawaymail.com",
	"trash-mail.com", "trashmail.com", "trashmail.de", "yopmail.com", "yopmail.fr", "yopmail.net",
}

// minSimilar is how many letters the name part of an address needs before it says anything.
const minSimilar = 5

// Signals turns what two people may have in common into keyed hashes, and adds what the
// address of somebody who joins says of itself. Problems name a field below signals.
func (p *People) Signals(given map[string]string, n Naming, kind string) (loyalty.Signals, error) {
	out := loyalty.Signals{}
	for k, v := range given {
		if !slices.Contains(signs, k) {
			return nil, loyalty.Invalid("signals", "unknown_signal", "known", strings.Join(signs, " "))
		}
		if v = strings.ToLower(strings.TrimSpace(v)); v == "" || len(v) > loyalty.MaxText || !printable(v) {
			return nil, loyalty.Invalid("signals."+k, "invalid_signal")
		}
		out[k] = p.box.Match(k, v)
	}
	if form, ok := EmailForm(n.Email); ok && kind == loyalty.MemberJoined {
		name, domain, _ := strings.Cut(form, "@")
		if slices.Contains(disposable, domain) {
			out[loyalty.SignDisposable] = "1"
		}
		letters := strings.Map(func(r rune) rune {
			if r >= '0' && r <= '9' || strings.ContainsRune("._-", r) {
				return -1
			}
			return r
		}, name)
		if len(letters) >= minSimilar {
			out[loyalty.SignSimilar] = p.box.Match(loyalty.SignSimilar, letters)
		}
	}
	if len(out) == 0 {
		return nil, nil
	}
	return out, nil
}
