package admin

import (
	"net/http"
	"strings"

	"github.com/a-h/templ"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/people"
)

// shownLooks is how many of those who opened a card are shown on it.
const shownLooks = 20

// cardConsent is what is known of one way of reaching the member: since when, and by what it is
// proven.
type cardConsent struct {
	Channel string
	Class   string
	State   string
	Proof   string
	Before  []cardConsent // what was said before, the last first
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
	if err != nil {
		return nil, err
	}
	accepted, err := c.v.Pages.Acceptances(c.v.ctx, c.v.shop.ID, c.ID)
	if err != nil {
		return nil, err
	}
	looks, err := c.v.Staff.LooksAt(c.v.ctx, c.v.live.ID, c.v.shop.ID, c.ID, shownLooks)
	return dataTab(c, list, merged, accepted, looks), err
}

// consents tells of each purpose and way whether the member may be reached, with the proof and
// what was said before. What he never spoke of is no, and only the newsletter by mail is shown so.
func (c *card) consents() ([]cardConsent, error) {
	v := c.v
	said, err := v.People.Consents(v.ctx, v.shop.ID, c.ID)
	if err != nil {
		return nil, err
	}
	var list []cardConsent
	for _, purpose := range loyalty.Purposes {
		for _, way := range loyalty.Ways {
			x := cardConsent{Channel: c.agreement(purpose, way), State: v.t("admin.card.consent.none")}
			first := true
			for _, s := range said {
				if s.Purpose != purpose || s.Way != way {
					continue
				}
				row := c.consent(s)
				if first {
					x.Class, x.State, x.Proof, first = row.Class, row.State, row.Proof, false
					continue
				}
				x.Before = append(x.Before, row)
			}
			if !first || purpose == loyalty.Newsletter && way == loyalty.WayMail {
				list = append(list, x)
			}
		}
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
	return append(append([]cardConsent{letters}, list...), invited), nil
}

// agreement names what may be agreed to.
func (c *card) agreement(purpose, way string) string {
	return c.v.t("admin.card.agreement", "Purpose", c.v.t("admin.card.purpose."+purpose), "Way", c.v.t("admin.card.way."+way))
}

// consent is one time that the member agreed, or took it back.
func (c *card) consent(s *people.Consent) cardConsent {
	v := c.v
	x := cardConsent{Class: "good", State: v.t("admin.card.consent.given")}
	if !s.Given {
		x.Class, x.State = "warn", v.t("admin.card.consent.withdrawn")
	}
	proof := []string{v.t("admin.card.proof", "Date", v.say.Moment(s.At), "Feed", s.Feed, "Via", s.Via, "ID", strings.ToValidUTF8(s.Name, "?"))}
	if s.Staff != nil {
		proof = []string{v.t("admin.card.proof.staff", "Date", v.say.Moment(s.At), "Who", c.doer(s.Staff.Actor), "Note", s.Staff.Reason)}
	}
	for _, more := range []struct{ key, value string }{{"admin.card.proof.source", s.Source}, {"admin.card.proof.wording", s.Wording}} {
		if more.value != "" {
			proof = append(proof, v.t(more.key, "What", more.value))
		}
	}
	x.Proof = strings.Join(proof, " · ")
	return x
}

// purposes and ways are what the form of a consent offers.
func (c *card) purposes() (out []option) {
	for _, x := range loyalty.Purposes {
		out = append(out, option{x, c.v.t("admin.card.purpose." + x)})
	}
	return out
}

func (c *card) ways() (out []option) {
	for _, x := range loyalty.Ways {
		out = append(out, option{x, c.v.t("admin.card.way." + x)})
	}
	return out
}

// cardConsent writes down what the member told the staff: that he agrees to something, or does
// not any more, with a note that says how it is known.
func (v *visit) cardConsent() error {
	f, m, err := v.cardForm()
	if err != nil {
		return err
	}
	if err := v.notErased(m); err != nil {
		return err
	}
	kind, said := loyalty.ConsentGiven, "admin.card.said.consent"
	if f.get("said") == "withdrawn" {
		kind, said = loyalty.ConsentWithdrawn, "admin.card.said.consent_withdrawn"
	}
	fact := v.officeFact(kind, m.ID, f.once())
	fact.Staff = v.staffWord(f.get("reason"))
	fact.Consent = &loyalty.Consent{Purpose: f.get("purpose"), Way: f.get("way"), Source: officeFeed, Wording: f.get("wording")}
	_, _, err = v.recordOne(fact)
	if f.blame(err, "staff.reason=reason", "consent.purpose=purpose", "consent.way=way", "consent.wording=wording") {
		return v.showCard(http.StatusUnprocessableEntity, f, "data", "consent")
	}
	if err != nil {
		return err
	}
	v.note(m.ID.String(), "reason", f.get("reason"), "purpose", fact.Consent.Purpose, "way", fact.Consent.Way)
	v.tell(said, "")
	return v.redirect("/members/" + m.ID.String() + "?tab=data")
}
