package portal

import (
	"crypto/rand"

	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
)

// wording is the version of the words beside the button by which a member agrees in the portal.
const wording = "portal-1"

// agreement is what a member may agree to or take back.
type agreement struct {
	loyalty.Consent
	Given bool
	At    moment.Time
}

// agreements are what the member has ever said, and the newsletter where he has an address.
func (v *visit) agreements() ([]agreement, error) {
	said, err := v.People.Consents(v.ctx, v.shop.ID, v.member.ID)
	if err != nil {
		return nil, err
	}
	var out []agreement
	for _, purpose := range loyalty.Purposes {
		for _, way := range loyalty.Ways {
			x := agreement{Consent: loyalty.Consent{Purpose: purpose, Way: way}}
			known := purpose == loyalty.Newsletter && way == loyalty.WayMail && v.member.Email != ""
			for _, s := range said { // the latest first
				if s.Purpose == purpose && s.Way == way {
					x.Given, x.At, known = s.Given, s.At, true
					break
				}
			}
			if known {
				out = append(out, x)
			}
		}
	}
	return out, nil
}

// agree keeps what the member says himself: yes, or not any more. It holds from now on.
func (v *visit) agree() error {
	f, err := v.read("purpose", "way", "said")
	if err != nil {
		return err
	}
	kind := loyalty.ConsentWithdrawn
	said := &loyalty.Consent{Purpose: f.values["purpose"], Way: f.values["way"], Source: "portal"}
	if f.values["said"] == "given" {
		kind, said.Wording = loyalty.ConsentGiven, v.consentWording()
	}
	answers, err := v.People.Record(v.ctx, v.shop.ID, &loyalty.Fact{
		Kind: kind, Feed: "portal", ExternalID: "consent-" + rand.Text(), Via: "portal", Origin: loyalty.FromLive,
		Member: loyalty.Who{ID: v.member.ID}, Consent: said,
	})
	if err == nil {
		err = answers[0].Err
	}
	if err != nil {
		return err
	}
	return v.redirect("/profile")
}
