package people

import (
	"context"

	"cagnotte/internal/intake"
	"cagnotte/internal/loyalty"
)

// Enrolment is a person who joins.
type Enrolment struct {
	Fact     loyalty.Fact // feed, external id, time; the rest is filled in
	Person   Naming
	Referrer Naming
}

// Joined makes the fact of somebody who joins.
func (p *People) Joined(e Enrolment) (*loyalty.Fact, error) {
	f := e.Fact
	f.Kind = loyalty.MemberJoined
	var err error
	if f.Member, f.Person, err = p.Who(e.Person, "member"); err != nil {
		return nil, err
	}
	if f.Referrer, _, err = p.Who(e.Referrer, "referrer"); err != nil {
		return nil, err
	}
	return &f, nil
}

// Enrol makes somebody a member, and tells what followed.
func (p *People) Enrol(ctx context.Context, shop loyalty.ShopID, e Enrolment) (intake.Answer, error) {
	f, err := p.Joined(e)
	if err != nil {
		return intake.Answer{}, err
	}
	answers, err := p.Record(ctx, shop, f)
	if err != nil {
		return intake.Answer{}, err
	}
	return answers[0], answers[0].Err
}
