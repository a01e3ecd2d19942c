package admin

import (
	"errors"
	"net/http"
	"slices"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/people"
	"cagnotte/internal/referral"
)

// appealView is one request for a second look, with the evidence: what of the member's
// recommendations did not count.
type appealView struct {
	*people.Appeal
	Evidence []*loyalty.Referral
}

type appealsPage struct {
	crowd
	list []appealView
}

// Requests are read by people: a page has the oldest ones. Of a member's referrals the latest are
// looked at.
const (
	appealsOnPage = 20
	evidenceOf    = 200
)

// doubted are the states of a referral about which somebody may ask.
var doubted = []string{loyalty.ReferralRefused, loyalty.ReferralFlagged, loyalty.ReferralExpired, loyalty.ReferralClawed, loyalty.ReferralCancelled}

// appealsWaiting is how many requests wait for this person's answer.
func (v *visit) appealsWaiting() int64 {
	if !v.can("review") || v.shop == nil {
		return 0
	}
	list, err := v.People.Appeals(v.ctx, v.shop.ID)
	if err != nil {
		v.Log.Warn("who asks for a second look is not known", "error", err)
	}
	return int64(len(list))
}

// toAnswer is how much of the referrals waits for this person: reviews and requests.
func (v *visit) toAnswer() int64 { return v.toReview() + v.appealsWaiting() }

func (v *visit) askAppeals() error { return v.showAppeals(http.StatusOK, v.blank()) }

func (v *visit) showAppeals(status int, f *form) error {
	list, err := v.People.Appeals(v.ctx, v.shop.ID)
	if err != nil {
		return err
	}
	p := &appealsPage{}
	var all []id.Member
	for _, a := range list[:min(len(list), appealsOnPage)] {
		x := appealView{Appeal: a}
		for _, filter := range []referral.Filter{{Friend: a.Member}, {Referrer: a.Member}} {
			rows, err := v.Referrals.List(v.ctx, v.shop.ID, filter, id.Referral{}, evidenceOf)
			if err != nil {
				return err
			}
			for _, r := range rows {
				if slices.Contains(doubted, r.State) {
					x.Evidence, all = append(x.Evidence, r), append(all, r.Friend, r.Referrer)
				}
			}
		}
		p.list, all = append(p.list, x), append(all, a.Member)
	}
	if p.crowd, err = v.crowd(all); err != nil {
		return err
	}
	return v.show(status, appealsView(v, f, p))
}

// answerAppeal tells a member what came of his request.
func (v *visit) answerAppeal() error {
	f, err := v.read()
	if err != nil {
		return err
	}
	which, err := id.Parse[id.AppealKind](v.r.PathValue("id"))
	if err != nil {
		return loyalty.NotFound("id", "appeal_unknown")
	}
	a, err := v.People.AnswerAppeal(v.ctx, v.shop.ID, which, v.me.ID, f.get("outcome"), f.get("reply"))
	if f.blame(err, "id=") {
		status := http.StatusUnprocessableEntity
		if errors.Is(err, loyalty.ErrConflict) {
			status = http.StatusConflict
		}
		return v.showAppeals(status, f)
	}
	if err != nil {
		return err
	}
	if err := v.Outreach.TellAppeal(v.ctx, v.shop, a.Member, a.ID, a.Outcome, a.Reply); err != nil {
		return err
	}
	v.note(a.Member.String(), "appeal", a.ID.String(), "outcome", a.Outcome)
	v.tell("admin.appeals.said", "")
	return v.redirect("/referrals/appeals")
}

// asFriend tells whether the member who asks was the friend.
func (x appealView) asFriend(r *loyalty.Referral) bool { return r.Friend == x.Member }
