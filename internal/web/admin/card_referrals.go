package admin

import (
	"net/http"
	"slices"
	"time"

	"github.com/a-h/templ"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/people"
	"cagnotte/internal/referral"
)

// friendsPerPage is how many friends a page has, belowEach how many friends of a friend it
// names.
const (
	friendsPerPage = 25
	belowEach      = 5
)

// treeBranch is a friend in the tree below a referrer.
type treeBranch struct {
	*loyalty.Referral
	Who   *people.Member // nil: nobody any more
	Below []treeBranch
	More  int // friends of his who are not named
}

// closedStates are those of a referral about which nothing will happen any more.
var closedStates = []string{loyalty.ReferralRewarded, loyalty.ReferralRefused, loyalty.ReferralExpired, loyalty.ReferralCancelled, loyalty.ReferralClawed}

// friendsSide is what the card says of the member as a friend.
type friendsSide struct {
	Closed bool
	Note   string // what staff wrote when it set the referrer
	By     string
	Others []otherTouch // attempts and touches that do not count
}

// otherTouch is somebody who touched the member, too.
type otherTouch struct {
	*loyalty.Referral
	Who *people.Member
}

// referrersSide is what it says of him as a referrer.
type referrersSide struct {
	*referral.Friends
	Tree  []treeBranch
	Next  string
	First bool
	Gifts []people.Claim // the last first
	Due   bool           // he has brought friends and has had no gift yet
}

func (c *card) referralsTab() (templ.Component, error) {
	friend, err := c.friendsSide()
	if err != nil {
		return nil, err
	}
	referrer, err := c.referrersSide()
	if err != nil {
		return nil, err
	}
	return referralsTab(c, friend, referrer), nil
}

func (c *card) friendsSide() (*friendsSide, error) {
	out := &friendsSide{}
	if c.Bond != nil {
		out.Closed = slices.Contains(closedStates, c.Bond.State)
	}
	if e := c.last(loyalty.StaffBond); e != nil && e.Fact.Staff != nil {
		out.Note, out.By = e.Fact.Staff.Reason, c.doer(e.Fact.Staff.Actor)
	}
	var ids []id.Member
	for _, t := range c.Touches {
		ids = append(ids, t.Referrer)
	}
	named, err := c.v.People.Named(c.v.ctx, c.v.shop.ID, ids...)
	for _, t := range c.Touches {
		if !t.Bond {
			out.Others = append(out.Others, otherTouch{t, named[t.Referrer]})
		}
	}
	return out, err
}

func (c *card) referrersSide() (*referrersSide, error) {
	v, shop := c.v, c.v.shop.ID
	after, err := id.Parse[id.ReferralKind](v.r.URL.Query().Get("after"))
	if err != nil {
		after = id.Referral{}
	}
	out := &referrersSide{First: after.IsZero()}
	if out.Friends, err = v.Referrals.FriendsOf(v.ctx, shop, c.ID, after, friendsPerPage+1); err != nil {
		return nil, err
	}
	if len(out.Page) > friendsPerPage {
		out.Page = out.Page[:friendsPerPage]
		out.Next = out.Page[friendsPerPage-1].ID.String()
	}
	if out.Tree, err = c.tree(out.Page); err != nil {
		return nil, err
	}
	out.Gifts, err = c.gifts()
	out.Due = out.Linked > 0 && !slices.ContainsFunc(out.Gifts, func(k people.Claim) bool {
		return k.State != loyalty.ClaimWithdrawn && k.State != loyalty.ClaimCancelled && k.State != loyalty.ClaimChoose
	})
	return out, err
}

// tree names friends and theirs, each with how far he is.
func (c *card) tree(page []*loyalty.Referral) ([]treeBranch, error) {
	v := c.v
	var ids []id.Member
	for _, f := range page {
		if f.Bond {
			ids = append(ids, f.Friend)
		}
	}
	second, err := v.Referrals.Below(v.ctx, v.shop.ID, ids...)
	if err != nil {
		return nil, err
	}
	below := map[id.Member][]treeBranch{}
	more := map[id.Member]int{}
	for _, f := range page {
		ids = append(ids, f.Friend)
	}
	for _, f := range second {
		if len(below[f.Referrer]) == belowEach {
			more[f.Referrer]++
			continue
		}
		below[f.Referrer] = append(below[f.Referrer], treeBranch{Referral: f})
		ids = append(ids, f.Friend)
	}
	named, err := v.People.Named(v.ctx, v.shop.ID, ids...)
	var out []treeBranch
	for _, f := range page {
		b := treeBranch{Referral: f, Who: named[f.Friend]}
		if f.Bond {
			b.Below, b.More = below[f.Friend], more[f.Friend]
		}
		for i := range b.Below {
			b.Below[i].Who = named[b.Below[i].Friend]
		}
		out = append(out, b)
	}
	return out, err
}

// referralTag is the class of the words for how far a referral is.
func referralTag(state string) string {
	return map[string]string{
		loyalty.ReferralQualified: "info", loyalty.ReferralRewarded: "good", loyalty.ReferralFlagged: "warn",
		loyalty.ReferralRefused: "bad", loyalty.ReferralClawed: "bad",
	}[state]
}

// referrerForm looks for who recommended the member.
func (c *card) referrerForm() (templ.Component, error) {
	list, err := c.v.pick(c.Form.get("pick"), c.ID)
	if err != nil {
		return nil, err
	}
	if c.Form.get("date") == "" && c.Form.get("once") == "" {
		c.Form.values["date"] = c.v.todayText()
	}
	return referrerForm(c, list), nil
}

// cardReferrer says who recommended the member: somebody else, or nobody. Where he had nobody,
// it was on a day, and what has happened since is judged as if it had been known then.
func (v *visit) cardReferrer() error {
	f, m, err := v.cardForm()
	if err != nil {
		return err
	}
	again := func() error { return v.showCard(http.StatusUnprocessableEntity, f, "referrals", "referrer") }
	fact := v.officeFact(loyalty.StaffBond, m.ID, f.once())
	fact.Staff = v.staffWord(f.get("reason"))
	fact.Staff.No = f.get("none") != ""
	var referrer id.Member
	if !fact.Staff.No {
		var ok bool
		if referrer, ok = f.chosenMember("referrer"); ok {
			fact.Referrer = loyalty.Who{ID: referrer}
		}
	}
	if f.get("reason") == "" {
		f.problem("reason", "required")
	}
	if m.ReferredBy.IsZero() {
		fact.OccurredAt = v.typedDay(f, "date")
	}
	if !f.ok() {
		return again()
	}
	lines, _, err := v.recordOne(fact)
	if f.blame(err, "staff.reason=reason", "occurred_at=date", "member=none") {
		return again()
	}
	if err != nil {
		return err
	}
	v.change("admin.audit.field.referrer", idOf(m.ReferredBy), idOf(referrer))
	v.note(m.ID.String(), "reason", f.get("reason"), "from", idOf(m.ReferredBy), "to", idOf(referrer))
	key, pairs := "admin.card.said.referrer", []string(nil)
	if fact.Staff.No {
		key = "admin.card.said.no_referrer"
	}
	for _, l := range lines { // tied, and still not to be rewarded: the reason is said at once
		if l.Member == m.ID && l.Part == loyalty.AsFriend && l.Code != "" && l.Code != loyalty.BlockedByStaff {
			key, pairs = "admin.card.said.referrer_refused", []string{"Why", v.say.Reason(l.Code)}
		}
	}
	v.tell(key, "", pairs...)
	return v.redirect("/members/" + m.ID.String() + "?tab=referrals")
}

func idOf(m id.Member) string {
	if m.IsZero() {
		return ""
	}
	return m.String()
}

// typedDay reads a day that is over, as its noon; today is now (zero).
func (v *visit) typedDay(f *form, name string) moment.Time {
	if f.get(name) == "" {
		f.problem(name, "required")
		return 0
	}
	day, err := time.ParseInLocation(time.DateOnly, f.get(name), v.shop.Zone)
	switch {
	case err != nil:
		f.problem(name, "not_a_day")
		return 0
	case f.get(name) == v.todayText():
		return 0
	case moment.Of(day) > v.now():
		f.problem(name, "in_the_future", "now", v.say.Date(v.now()))
		return 0
	}
	return moment.Of(day.Add(12 * time.Hour))
}
