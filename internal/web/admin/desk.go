package admin

import (
	"net/url"
	"strings"

	"cagnotte/internal/id"
	"cagnotte/internal/intake"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/people"
)

// What referrals and journal have in common: whom a line is about, a stretch of days, a fact
// that staff records.

// officeFeed is the system of record of what is done here.
const officeFeed = "office"

// deskFact is a fact that this person reports, once for each form.
func (v *visit) deskFact(kind, once string) *loyalty.Fact {
	return &loyalty.Fact{Kind: kind, Feed: officeFeed, ExternalID: once, Via: officeFeed, Origin: loyalty.FromStaff}
}

// deskRecord records one fact. What was recorded before leaves no second record.
func (v *visit) deskRecord(f *loyalty.Fact) (intake.Answer, error) {
	answers, err := v.People.Record(v.ctx, v.shop.ID, f)
	if err != nil {
		return intake.Answer{}, err
	}
	v.same = answers[0].Status == intake.Duplicate
	return answers[0], answers[0].Err
}

// deskTry says what a fact would lead to, in words for the staff.
func (v *visit) deskTry(f *loyalty.Fact) (intake.Answer, error) {
	answers, err := v.People.Try(v.ctx, v.shop.ID, f)
	if err != nil {
		return intake.Answer{}, err
	}
	return answers[0], answers[0].Err
}

// crowd are the members whom a page names.
type crowd struct {
	v  *visit
	by map[id.Member]*people.Member
}

func (v *visit) crowd(ids []id.Member) (crowd, error) {
	by, err := v.People.Several(v.ctx, v.shop.ID, ids)
	return crowd{v, by}, err
}

// name is how a member is called; somebody whom nobody named is a visitor.
func (c crowd) name(m id.Member) string {
	x := c.by[m]
	switch {
	case x == nil:
		return c.v.t("admin.desk.nobody")
	case strings.TrimSpace(x.FirstName+x.LastName) == "" && len(x.Numbers) == 0 && x.Email == "":
		return c.v.t("admin.desk.visitor")
	case strings.TrimSpace(x.FirstName+x.LastName) == "" && len(x.Numbers) == 0:
		return x.Email
	}
	return nameOf(x)
}

// under is what tells homonyms apart.
func (c crowd) under(m id.Member) string {
	if x := c.by[m]; x != nil {
		return homonym(x)
	}
	return ""
}

// homonym is number, address and phone of a member, as far as they are known.
func homonym(m *people.Member) string {
	var out []string
	for _, s := range []string{strings.Join(m.Numbers, ", "), m.Email, m.Phone} {
		if s != "" {
			out = append(out, s)
		}
	}
	return strings.Join(out, " – ")
}

// day reads a day of the query as the instant at which it begins in the shop; zero when it
// is none.
func (v *visit) day(name string) moment.Time {
	t, day, err := moment.ParseLocal(v.r.URL.Query().Get(name), v.shop.Zone)
	if err != nil || !day {
		return 0
	}
	return t
}

// clear is the address of a screen without its filters.
func (v *visit) clear() string { return v.r.URL.Path }

// asked is a parameter of the query.
func (v *visit) asked(name string) string { return v.r.URL.Query().Get(name) }

// with is a path of the back office with a query.
func (v *visit) with(path string, pairs ...string) string {
	q := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			q.Set(pairs[i], pairs[i+1])
		}
	}
	return v.path(path) + suffix(q)
}

// outcomeTone is the colour of a result, which its words say too.
func outcomeTone(outcome string) string {
	switch outcome {
	case loyalty.Given, loyalty.Opened, loyalty.Exchanged, loyalty.Discounted, loyalty.Paid:
		return "tag good"
	case loyalty.Waiting:
		return "tag info"
	case loyalty.Refused:
		return "tag bad"
	case loyalty.Held, loyalty.TakenBack, loyalty.Undone, loyalty.Expired, loyalty.PaidBack:
		return "tag warn"
	}
	return "tag"
}

// meets finds whom somebody means by what he typed: a number, an address, a phone or a code
// exactly, else names and beginnings of numbers. v.part tells that not all were looked at.
func (v *visit) meets(text string) ([]*people.Member, error) {
	if m, err := id.Parse[id.MemberKind](text); err == nil {
		x, err := v.People.Member(v.ctx, v.shop.ID, m)
		if err != nil {
			return nil, err
		}
		return []*people.Member{x}, nil
	}
	for _, n := range []people.Naming{{Number: text}, {Email: text}, {Phone: text, Locale: v.say.Tag()}, {Code: text}} {
		w, _, err := v.People.Who(n, "member")
		if err != nil || len(w.Keys) == 0 {
			continue
		}
		m, err := v.People.Find(v.ctx, v.shop.ID, w)
		if err == nil {
			return []*people.Member{m}, nil
		}
	}
	found, stopped, err := v.People.Search(v.ctx, v.shop.ID, text, people.Place{}, perPick)
	v.part = stopped != people.Place{}
	var out []*people.Member
	for _, m := range found {
		out = append(out, m.Who)
	}
	return out, err
}

// perPick is among how many somebody picks.
const perPick = 8

// yes marks the choice that is shown.
func yes(is bool) string {
	if is {
		return "true"
	}
	return "false"
}

// after says how much later something happened than something else.
func (v *visit) after(from, to moment.Time) string {
	switch d := to - from; {
	case d < moment.Hour:
		return v.say.Count("admin.desk.later.minutes", max(0, int64(d/moment.Minute)))
	case d < moment.Day:
		return v.say.Count("admin.desk.later.hours", int64(d/moment.Hour))
	default:
		return v.say.Count("admin.desk.later.days", int64(d/moment.Day))
	}
}
