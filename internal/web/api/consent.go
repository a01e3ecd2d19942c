package api

import (
	"cagnotte/internal/id"
	"cagnotte/internal/moment"
)

// MemberConsent is what a member last said about being reached in a way for a purpose, with its
// proof.
type MemberConsent struct {
	Consent
	Given bool        `json:"given" doc:"false: he took it back"`
	At    moment.Time `json:"at" format:"date-time"`
	Event id.Event    `json:"event" doc:"The fact that proves it"`
}

// MemberConsents holds for each purpose and way of which the member has said anything. Of others
// he has not: that is no.
type MemberConsents struct {
	Data []MemberConsent `json:"data"`
}

func (a *API) memberConsents(c *call, p *memberPath, _ *none) (*MemberConsents, error) {
	if _, err := a.people.Member(c.ctx, c.shop(), p.ID); err != nil {
		return nil, err
	}
	list, err := a.people.Consents(c.ctx, c.shop(), p.ID)
	if err != nil {
		return nil, err
	}
	out := &MemberConsents{Data: []MemberConsent{}}
	type said struct{ purpose, way string }
	seen := map[said]bool{}
	for _, x := range list { // the latest first
		if key := (said{x.Purpose, x.Way}); !seen[key] {
			seen[key] = true
			out.Data = append(out.Data, MemberConsent{Consent(x.Consent), x.Given, x.At, x.Event})
		}
	}
	return out, nil
}
