package admin

import (
	"crypto/rand"
	"net/http"
	"slices"

	"cagnotte/internal/decide"
	"cagnotte/internal/id"
	"cagnotte/internal/locale"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/people"
	"cagnotte/internal/referral"
)

// caseView is what the review shows of one referral.
type caseView struct {
	crowd
	*referral.Case
	accepts, refuses []string // what each word would lead to
	story            []people.Entry
	limits           []referral.Limit
}

// reviewTells is how many of a friend's facts the review tells.
const reviewTells = 12

// askReview shows one referral that waits, or says that none does.
func (v *visit) askReview() error {
	which, _ := id.Parse[id.ReferralKind](v.asked("at"))
	return v.showReview(http.StatusOK, v.blank(), which)
}

func (v *visit) showReview(status int, f *form, which id.Referral) error {
	c := &caseView{}
	var err error
	if c.Case, err = v.Referrals.Review(v.ctx, v.shop.ID, which); err != nil {
		return err
	}
	if c.Case == nil && !which.IsZero() { // somebody else decided meanwhile: the next one
		if c.Case, err = v.Referrals.Review(v.ctx, v.shop.ID, id.Referral{}); err != nil {
			return err
		}
	}
	now := v.now()
	if c.limits, err = v.Referrals.Limits(v.ctx, v.shop.ID, now.AddDays(-365, v.shop.Zone), now+moment.Day); err != nil {
		return err
	}
	if c.Case == nil {
		return v.show(status, reviewEmpty(v, c))
	}
	if c.crowd, err = v.crowd([]id.Member{c.Friend, c.Referrer}); err != nil {
		return err
	}
	for _, x := range []struct {
		refuse bool
		into   *[]string
	}{{false, &c.accepts}, {true, &c.refuses}} {
		a, err := v.deskTry(v.reviewFact(c.Referral, x.refuse, rand.Text(), v.t("admin.review.tried")))
		if err != nil {
			return err
		}
		*x.into = v.lead(a.Lines)
	}
	c.story, _, err = v.People.Journal(v.ctx, v.shop.ID, people.JournalFilter{Member: c.Friend, Span: people.Span{Limit: reviewTells}})
	if err != nil {
		return err
	}
	slices.Reverse(c.story)
	return v.show(status, reviewView(v, f, c))
}

// lead words what a decision leads to, without what only notes the decision itself.
func (v *visit) lead(lines []loyalty.ReceiptLine) (out []string) {
	for _, l := range lines {
		if l.Outcome == loyalty.Noted || l.Rule == "bond" && l.Program.IsZero() {
			continue
		}
		if text := v.say.Receipt(l, locale.View{Staff: true}); text != "" {
			out = append(out, text)
		}
	}
	return out
}

func (v *visit) reviewFact(r *loyalty.Referral, refuse bool, once, reason string) *loyalty.Fact {
	f := v.deskFact(loyalty.StaffReview, once)
	f.Member = loyalty.Who{ID: r.Friend}
	f.Staff = &loyalty.Staff{Actor: v.me.ID.String(), Reason: reason, No: refuse}
	return f
}

// review takes somebody's word on a referral that waits, and goes on to the next one.
func (v *visit) review() error {
	f, err := v.read()
	if err != nil {
		return err
	}
	which, err := id.Parse[id.ReferralKind](v.r.PathValue("id"))
	if err != nil {
		return loyalty.NotFound("id", "referral_unknown")
	}
	once, refuse := f.once(), f.get("outcome") == "refuse"
	r, err := v.Referrals.ForReview(v.ctx, v.shop.ID, which, officeFeed, once)
	if f.blame(err) { // somebody else was quicker
		return v.showReview(http.StatusConflict, f, which)
	}
	if err != nil {
		return err
	}
	reason := f.get("reason")
	if reason == "" && refuse {
		f.problem("reason", "required")
		return v.showReview(http.StatusUnprocessableEntity, f, which)
	}
	if reason == "" {
		reason = v.t("admin.review.seen")
	}
	if !refuse && f.get("also") == "household" {
		if err := v.houseTogether(once, v.t("admin.review.household.reason"), r.Referrer, r.Friend); err != nil {
			return err
		}
	}
	next := id.Referral{}
	if c, err := v.Referrals.Review(v.ctx, v.shop.ID, which); err == nil && c != nil {
		next = c.Next
	}
	_, err = v.deskRecord(v.reviewFact(r, refuse, once, reason))
	if f.blame(err, "staff.reason=reason") {
		return v.showReview(http.StatusUnprocessableEntity, f, which)
	}
	if err != nil {
		return err
	}
	said, outcome := "admin.review.said.accepted", "accept"
	if refuse {
		said, outcome = "admin.review.said.refused", "refuse"
	}
	v.note(which.String(), "outcome", outcome)
	v.tell(said, "")
	to := "/referrals/review"
	if !next.IsZero() {
		to += "?at=" + next.String()
	}
	return v.redirect(to)
}

// signTone is the colour of a sign.
func signTone(s decide.Sign) string {
	switch {
	case s.Weighs && s.Score >= 80:
		return "tag bad"
	case s.Weighs:
		return "tag warn"
	}
	return "tag"
}

// signSays tells what a sign comes to: the same, different, or not known of both.
func (v *visit) signSays(s decide.Sign) string {
	switch {
	case s.Trusted:
		return v.t("admin.review.sign.trusted")
	case s.Weighs && s.Alone:
		return v.t("admin.review.sign.there")
	case s.Weighs:
		return v.t("admin.review.sign.same")
	case s.Alone:
		return v.t("admin.review.sign.absent")
	case s.Friend && s.Referrer:
		return v.t("admin.review.sign.other")
	}
	return v.t("admin.review.sign.unknown")
}
