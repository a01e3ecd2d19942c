package admin

import (
	"strings"

	"github.com/a-h/templ"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/people"
)

// cardConsent is what is known of one way of reaching the member: since when, and by what it is
// proven.
type cardConsent struct {
	Channel string
	Class   string
	State   string
	Proof   string
}

// mergedFrom is somebody who became this member.
type mergedFrom struct {
	*people.Event
	Who *people.Member
}

func (c *card) dataTab() (templ.Component, error) {
	list, err := c.consents()
	if err != nil {
		return nil, err
	}
	var merged []mergedFrom
	var ids []id.Member
	for _, e := range c.Facts {
		if e.Kind == loyalty.StaffMerge && !e.Other.ID.IsZero() && e.Other.ID != c.ID {
			merged, ids = append(merged, mergedFrom{Event: e}), append(ids, e.Other.ID)
		}
	}
	named, err := c.v.People.Named(c.v.ctx, c.v.shop.ID, ids...)
	for i := range merged {
		merged[i].Who = named[merged[i].Other.ID]
	}
	return dataTab(c, list, merged), err
}

// consents tells of each channel whether the member may be written to, with the proof.
func (c *card) consents() ([]cardConsent, error) {
	v := c.v
	news := cardConsent{Channel: v.t("admin.card.channel.newsletter"), State: v.t("admin.card.consent.none")}
	if e := c.last(loyalty.NewsletterJoined); e != nil {
		news.Class, news.State, news.Proof = "good", v.t("admin.card.consent.given"), c.proof(e)
	}
	invited := cardConsent{Channel: v.t("admin.card.channel.invitations"), Class: "good", State: v.t("admin.card.consent.open")}
	stopped, err := v.People.Stopped(v.ctx, v.shop.ID, c.Email)
	if err != nil {
		return nil, err
	}
	if stopped || c.Erased != 0 {
		invited.Class, invited.State = "warn", v.t("admin.card.consent.stopped")
	}
	letters := cardConsent{Channel: v.t("admin.card.channel.letters"), Class: "good", State: v.t("admin.card.consent.service")}
	if c.Email == "" {
		letters.Class, letters.State = "", v.t("admin.card.consent.no_address")
	}
	return []cardConsent{letters, news, invited}, nil
}

// proof says when and by whom a fact was reported, and under which name it is kept.
func (c *card) proof(e *people.Event) string {
	return c.v.t("admin.card.proof", "Date", c.v.say.Moment(e.OccurredAt), "Feed", e.Feed, "Via", e.Via, "ID", strings.ToValidUTF8(e.ExternalID, "?"))
}
