package admin

import (
	"net/http"
	"slices"
	"strings"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/people"
	"cagnotte/internal/referral"
)

// picked is what became of a text that names somebody: one member, or several to pick from.
type picked struct {
	who  *people.Member
	from []*people.Member
}

// pickOf finds whom a field means: the one who was picked, else whom its text names. What is
// wrong stands on the field.
func (v *visit) pickOf(f *form, name string) (p picked, err error) {
	if m, err := id.Parse[id.MemberKind](f.get(name + "_id")); err == nil && f.get(name) == f.get(name+"_text") {
		if p.who, err = v.People.Member(v.ctx, v.shop.ID, m); err == nil {
			return p, nil
		}
	}
	if f.get(name) == "" {
		f.problem(name, "required")
		return p, nil
	}
	list, err := v.meets(f.get(name))
	if f.blame(err, "q="+name) {
		return p, nil
	}
	switch {
	case err != nil:
		return p, err
	case v.part: // the one who was found need not be the one who is meant
		p.from = list
		f.problem(name, "search_too_wide")
	case len(list) == 0:
		f.problem(name, "nobody_meets")
	case len(list) == 1:
		p.who = list[0]
	default:
		p.from = list
		f.problem(name, "several_meet")
	}
	return p, nil
}

func (v *visit) askReferral() error {
	f := v.blank("date", v.now().Date(v.shop.Zone), "friend", v.asked("friend"), "referrer", v.asked("referrer"))
	return v.show(http.StatusOK, newReferralView(v, f, picked{}, picked{}, ""))
}

// newReferral ties a friend to whoever recommended him, by hand: a member, or somebody who is
// not a customer yet.
func (v *visit) newReferral() error {
	f, err := v.read()
	if err != nil {
		return err
	}
	fact := v.deskFact(loyalty.StaffBond, f.once())
	friend, err := v.friendOf(f, fact)
	if err != nil {
		return err
	}
	referrer, err := v.pickOf(f, "referrer")
	if err != nil {
		return err
	}
	if f.get("note") == "" {
		f.problem("note", "required")
	}
	v.dateOf(f, fact)
	if friend.who != nil && referrer.who != nil && friend.who.ID == referrer.who.ID {
		f.wrong["referrer"] = v.say.Reason(loyalty.SelfReferral)
		f.order = append(f.order, "referrer")
	}
	again := func(warns string) error {
		return v.show(http.StatusUnprocessableEntity, newReferralView(v, f, friend, referrer, warns))
	}
	if !f.ok() {
		return again("")
	}
	fact.Referrer = loyalty.Who{ID: referrer.who.ID}
	fact.Staff = &loyalty.Staff{Actor: v.me.ID.String(), Reason: f.get("note")}
	if f.get("anyway") == "" {
		trial := *fact
		a, err := v.deskTry(&trial)
		if f.blame(err, "staff.reason=note", "member.email=email", "member.phone=phone", "member.first_name=first_name", "member.last_name=last_name", "occurred_at=date") {
			return again("")
		}
		if err != nil {
			return err
		}
		if why := barring(a.Lines); why != "" {
			return again(v.say.Reason(why))
		}
	}
	was := id.Member{}
	if friend.who != nil {
		was = friend.who.ReferredBy
	}
	a, err := v.deskRecord(fact)
	if f.blame(err, "staff.reason=note") {
		return again("")
	}
	if err != nil {
		return err
	}
	return v.tied(a.Member, was)
}

// tied notes a bond that was set, and says how to take it back.
func (v *visit) tied(friend, was id.Member) error {
	list, err := v.Referrals.List(v.ctx, v.shop.ID, referral.Filter{Friend: friend}, id.Referral{}, perPage)
	if err != nil {
		return err
	}
	undo := ""
	if i := slices.IndexFunc(list, func(r *loyalty.Referral) bool { return r.Bond }); i >= 0 && list[i].Referrer != was {
		undo = "/referrals/" + list[i].ID.String() + "/end?was=" + was.String()
	}
	v.note(friend.String())
	v.tell("admin.referral.said.tied", undo)
	return v.redirect("/referrals?days=0")
}

// friendOf reads who the friend is: somebody whom we know, or a new lead.
func (v *visit) friendOf(f *form, fact *loyalty.Fact) (picked, error) {
	if f.get("is") != "lead" {
		p, err := v.pickOf(f, "friend")
		if p.who != nil {
			fact.Member = loyalty.Who{ID: p.who.ID}
		}
		return p, err
	}
	n := people.Naming{
		FirstName: f.get("first_name"), LastName: f.get("last_name"), Email: f.get("email"), Phone: f.get("phone"), Locale: v.say.Tag(),
	}
	if n.FirstName+n.LastName+n.Email+n.Phone == "" {
		f.problem("first_name", "required")
		return picked{}, nil
	}
	if n.Email == "" && n.Phone == "" { // known by name alone
		n.ExternalID = "lead:" + f.once()
	}
	var err error
	fact.Member, fact.Person, err = v.People.Who(n, "member")
	if f.blame(err, "member.email=email", "member.phone=phone", "member.first_name=first_name", "member.last_name=last_name") {
		return picked{}, nil
	}
	if err != nil {
		return picked{}, err
	}
	m, err := v.People.Find(v.ctx, v.shop.ID, fact.Member)
	if err != nil {
		return picked{}, nil //nolint:nilerr // nobody has that address: a lead
	}
	return picked{who: m}, nil
}

// dateOf reads when the friend was recommended: today when it says so.
func (v *visit) dateOf(f *form, fact *loyalty.Fact) {
	if f.get("date") == "" || f.get("date") == v.now().Date(v.shop.Zone) {
		return
	}
	t, day, err := moment.ParseLocal(f.get("date"), v.shop.Zone)
	switch {
	case err != nil || !day:
		f.problem("date", "day_typed")
	case t > v.now():
		f.problem("date", "in_the_future", "now", v.say.Date(v.now()))
	}
	fact.OccurredAt = t
}

// barring is why a bond will give nothing; empty when it may.
func barring(lines []loyalty.ReceiptLine) loyalty.Reason {
	for _, l := range lines {
		if slices.Contains([]loyalty.Reason{loyalty.SelfReferral, loyalty.MutualReferral, loyalty.AlreadyMember, loyalty.AlreadyBuyer}, l.Code) {
			return l.Code
		}
	}
	return ""
}

// endReferral takes a bond back: the friend has nobody then, or whom he had before.
func (v *visit) endReferral() error {
	which, err := id.Parse[id.ReferralKind](v.r.PathValue("id"))
	if err != nil {
		return loyalty.NotFound("id", "referral_unknown")
	}
	r, err := v.Referrals.One(v.ctx, v.shop.ID, which)
	if err != nil {
		return err
	}
	f := v.deskFact(loyalty.StaffBond, strings.Join([]string{"end", which.String(), r.LastAt.String()}, ":"))
	f.Member = loyalty.Who{ID: r.Friend}
	f.Staff = &loyalty.Staff{Actor: v.me.ID.String(), Reason: v.t("admin.undo"), No: true}
	if was, err := id.Parse[id.MemberKind](v.asked("was")); err == nil {
		f.Staff.No, f.Referrer = false, loyalty.Who{ID: was}
	}
	if _, err := v.deskRecord(f); err != nil {
		return err
	}
	v.note(r.Friend.String())
	v.tell("admin.referral.said.ended", "")
	return v.redirect("/referrals?days=0")
}
