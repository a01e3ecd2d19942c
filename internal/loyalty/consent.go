package loyalty

import (
	"slices"
	"strings"
)

// Purposes for which a member may be written to or called beside what he asked for himself.
const (
	Newsletter = "newsletter" // news that come by themselves
	Marketing  = "marketing"  // offers and campaigns
)

// Purposes lists them, as they are shown.
var Purposes = []string{Newsletter, Marketing}

// Ways in which a member may be reached.
const (
	WayMail  = "mail"
	WaySMS   = "sms"
	WayPhone = "phone"
	WayPost  = "post"
)

// Ways lists them, as they are shown.
var Ways = []string{WayMail, WaySMS, WayPhone, WayPost}

// Consent is what a member agreed to, or takes back: for what, in which way, where he said it,
// and which wording stood before him.
type Consent struct {
	Purpose string `json:"purpose"`
	Way     string `json:"way"`
	Source  string `json:"source,omitempty"`  // where it was said: checkout, till, portal
	Wording string `json:"wording,omitempty"` // the version of the text that was agreed to
}

// Agreed tells which consent a fact gives or takes back; nil when it speaks of none. Who joins
// the newsletter agrees to it by mail.
func (f *Fact) Agreed() (c *Consent, given bool) {
	switch f.Kind {
	case ConsentGiven, ConsentWithdrawn:
		return f.Consent, f.Kind == ConsentGiven
	case NewsletterJoined:
		c = &Consent{Purpose: Newsletter, Way: WayMail}
		if h := f.Happening; h != nil {
			c.Source, c.Wording = h.Channel, h.Attributes["wording"]
		}
		return c, true
	}
	return nil, false
}

func (f *Fact) checkConsent() error {
	c := f.Consent
	if c == nil {
		return Invalid("consent", "required")
	}
	if err := f.needMember(); err != nil {
		return err
	}
	switch {
	case c.Purpose == "":
		return Invalid("consent.purpose", "required")
	case !slices.Contains(Purposes, c.Purpose):
		return Invalid("consent.purpose", "unknown_value", "known", strings.Join(Purposes, " "))
	case c.Way == "":
		return Invalid("consent.way", "required")
	case !slices.Contains(Ways, c.Way):
		return Invalid("consent.way", "unknown_value", "known", strings.Join(Ways, " "))
	}
	for field, v := range map[string]string{"consent.source": c.Source, "consent.wording": c.Wording} {
		if v != "" {
			if err := text(field, v); err != nil {
				return err
			}
		}
	}
	if s := f.Staff; s != nil { // staff wrote it down, and why
		if err := text("staff.actor", s.Actor); err != nil {
			return err
		}
		return text("staff.reason", s.Reason)
	}
	return nil
}
