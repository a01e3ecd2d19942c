package admin

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/office"
	"cagnotte/internal/people"
)

// Adding somebody: a member, or a lead, who is a friend that is no customer yet. Both may have
// been recommended; who did it is looked for while the form is filled in.

// newcomer is the form of somebody new, with what was found about what stands in it.
type newcomer struct {
	Lead    bool
	Numbers loyalty.NumberForm // a number of this form is drawn where none is given; without a length, none is
	Groups  []office.Entry
	Found   []*people.Listed          // who may have recommended him
	Looked  bool                      // somebody was looked for
	Known   map[string]*people.Member // who has his number, e-mail or phone already
	Country string
	Own     []loyalty.CustomField
}

// path is where the form leads to.
func (n *newcomer) path() string {
	if n.Lead {
		return "/members/lead"
	}
	return "/members/new"
}

// words are those of the screen: of a member, or of a lead.
func (n *newcomer) words(key string) string {
	if n.Lead {
		return "admin.lead." + key
	}
	return "admin.new." + key
}

func (v *visit) newcomer(lead bool) (*newcomer, error) {
	look, err := v.Office.Portal(v.ctx, v.shop.ID)
	if err != nil {
		return nil, err
	}
	n := &newcomer{Lead: lead, Numbers: look.Numbers, Country: look.Country}
	if n.Own, err = v.People.CustomFields(v.ctx, v.shop.ID); err != nil {
		return nil, err
	}
	n.Groups, err = v.groups()
	return n, err
}

func (v *visit) askNewcomer() error { return v.askSomebody(false) }

func (v *visit) askLead() error { return v.askSomebody(true) }

func (v *visit) askSomebody(lead bool) error {
	n, err := v.newcomer(lead)
	if err != nil {
		return err
	}
	f := v.blank("language", v.say.Tag(), "date", v.now().Std().In(v.shop.Zone).Format(time.DateOnly))
	if by, err := id.Parse[id.MemberKind](v.r.URL.Query().Get("by")); err == nil { // from a member's card
		list, err := v.People.These(v.ctx, v.shop.ID, []id.Member{by})
		if err != nil {
			return err
		}
		if n.Found = list; len(list) == 1 {
			n.Looked, f.values["by"] = true, by.String()
		}
	}
	return v.show(http.StatusOK, newcomerView(v, n, f))
}

// lookNewcomer shows the form again with who was found: who recommended, and who is known by
// the same address, phone or number.
func (v *visit) lookNewcomer() error {
	f, err := v.read()
	if err != nil {
		return err
	}
	n, err := v.newcomer(f.get("kind") == "lead")
	if err != nil {
		return err
	}
	if _, err := v.referrer(n, f); err != nil {
		return err
	}
	f.wrong, f.order = map[string]string{}, nil // nothing is wrong as long as nothing is sent
	if n.Known, err = v.People.Known(v.ctx, v.shop.ID, v.naming(n, f)); err != nil && !errors.Is(err, loyalty.ErrInvalid) {
		return err
	}
	return v.show(http.StatusOK, newcomerView(v, n, f))
}

// naming is what the form says of the person. A phone may come without its country.
func (v *visit) naming(n *newcomer, f *form) people.Naming {
	x := people.Naming{
		Number: f.get("number"), FirstName: f.get("first_name"), LastName: f.get("last_name"), Email: f.get("email"), Phone: f.get("phone"), Locale: f.get("language"),
		Country: n.Country,
	}
	if !v.speaks(x.Locale) {
		x.Locale = ""
	}
	return x
}

// pickAtMost is how many members the picker offers.
const pickAtMost = 6

// referrer finds who recommended somebody: whoever was picked, else the only one whom what was
// typed finds. With several the form offers them.
func (v *visit) referrer(n *newcomer, f *form) (loyalty.Who, error) {
	typed := f.get("referrer")
	if by, err := id.Parse[id.MemberKind](f.get("by")); err == nil && (typed == "" || typed == f.get("looked")) {
		list, err := v.People.These(v.ctx, v.shop.ID, []id.Member{by})
		if err != nil || len(list) == 1 {
			n.Found, n.Looked = list, true
			if typed == "" {
				return loyalty.Who{ID: by}, err
			}
			// The others stay on offer.
			if more, err := v.look(n, typed); err == nil && len(more) > 1 {
				n.Found = more
			}
			return loyalty.Who{ID: by}, err
		}
	}
	f.values["by"] = ""
	f.values["looked"] = typed
	if typed == "" {
		if n.Lead {
			f.problem("referrer", "required")
		}
		return loyalty.Who{}, nil
	}
	found, err := v.look(n, typed)
	if err != nil {
		if f.blame(err, "q=referrer") {
			return loyalty.Who{}, nil
		}
		return loyalty.Who{}, err
	}
	n.Found, n.Looked = found, true
	switch {
	case v.part: // the one who was found need not be the one who is meant
		f.problem("referrer", "search_too_wide")
	case len(found) == 0:
		f.problem("referrer", "referrer_not_found")
	case len(found) == 1:
		f.values["by"] = found[0].ID.String()
		return loyalty.Who{ID: found[0].ID}, nil
	default:
		f.problem("referrer", "pick_one")
	}
	return loyalty.Who{}, nil
}

// look finds members by number, name, e-mail, phone or code; somebody's whole number means him
// alone.
func (v *visit) look(n *newcomer, typed string) ([]*people.Listed, error) {
	found, stopped, err := v.People.RosterLook(v.ctx, v.shop.ID, people.Roster{Q: typed, Country: n.Country}, people.RosterPlace{}, false, pickAtMost)
	v.part = !stopped.IsZero()
	if err != nil {
		return nil, err
	}
	for _, m := range found {
		for _, number := range m.Numbers {
			if number == people.NumberForm(typed) {
				return []*people.Listed{m}, nil
			}
		}
	}
	return found, nil
}

func (v *visit) addNewcomer() error { return v.addSomebody(false) }

func (v *visit) addLead() error { return v.addSomebody(true) }

func (v *visit) addSomebody(lead bool) error {
	f, err := v.read()
	if err != nil {
		return err
	}
	n, err := v.newcomer(lead)
	if err != nil {
		return err
	}
	who := v.naming(n, f)
	if own, err := people.Checked(n.Own, f.ownValues(n.Own), "fields"); err == nil {
		who.Fields = loyalty.NewFieldValues(own)
	} else if !f.blame(err, ownAliases(n.Own)...) {
		return err
	}
	base := loyalty.Fact{Feed: "office", ExternalID: "add-" + v.me.ID.String() + "-" + f.once(), Via: "office", Origin: loyalty.FromStaff}
	if was, err := v.People.RecordedOf(v.ctx, v.shop.ID, base.Feed, base.ExternalID); err != nil || !was.IsZero() {
		if err != nil {
			return err
		}
		return v.redirect(v.memberHome(was)) // the same form a second time
	}
	by, err := v.referrer(n, f)
	if err != nil {
		return err
	}
	if f.get("first_name")+f.get("last_name")+f.get("number")+f.get("email")+f.get("phone") == "" {
		f.problem("last_name", "required")
	}
	if !lead && who.Number == "" && n.Numbers.Length > 0 {
		if who.Number, err = v.People.DrawNumber(v.ctx, v.shop.ID, n.Numbers); err != nil && !f.blame(err) {
			return err
		}
	}
	if n.Known, err = v.People.Known(v.ctx, v.shop.ID, who); err != nil && !f.blameMember(err) {
		return err
	}
	for field, m := range n.Known {
		if lead || m.State != loyalty.Prospect && m.State != loyalty.Guest {
			f.problem(field, "person_known", "name", v.calls(m))
		}
	}
	fact := base
	if lead {
		err = v.leadFact(&fact, who, by, f)
	} else {
		err = v.joinFact(&fact, who, by, f)
	}
	if err != nil && !f.blameMember(err) {
		return err
	}
	if !f.ok() {
		return v.show(http.StatusUnprocessableEntity, newcomerView(v, n, f))
	}
	answers, err := v.People.Record(v.ctx, v.shop.ID, &fact)
	if err == nil {
		err = answers[0].Err
	}
	if err != nil {
		if f.blameMember(err) {
			return v.show(http.StatusUnprocessableEntity, newcomerView(v, n, f))
		}
		return err
	}
	m := answers[0].Member
	if !lead {
		if err := v.besides(m, f, base); err != nil {
			return err
		}
	}
	v.note(m.String(), "referrer", by.ID.String())
	v.tell(n.words("said"), "")
	return v.redirect(v.memberHome(m))
}

// blameMember is blame for what facts and namings call by other names than the form.
func (f *form) blameMember(err error) bool {
	return f.blame(err, "member.number=number", "member.email=email", "member.phone=phone", "member.first_name=first_name", "member.last_name=last_name",
		"member.locale=language", "member=email", "staff.reason=note", "birthday=day", "occurred_at=date")
}

// joinFact says that somebody joins.
func (v *visit) joinFact(fact *loyalty.Fact, who people.Naming, by loyalty.Who, f *form) error {
	joined, err := v.People.Joined(people.Enrolment{Fact: *fact, Person: who, Referrer: people.Naming{ID: by.ID}})
	if err != nil {
		return err
	}
	*fact = *joined
	if !by.ID.IsZero() {
		fact.Touch = loyalty.OriginStaff
	}
	if f.get("day") != "" || f.get("month") != "" {
		fact.Birthday = fmt.Sprintf("%02s-%02s", f.get("month"), f.get("day"))
	}
	if len(fact.Member.Keys) == 0 { // somebody without any key could never be found
		return loyalty.Invalid("number", "required")
	}
	return nil
}

// leadFact says that a friend who is no customer yet was sent by somebody.
func (v *visit) leadFact(fact *loyalty.Fact, who people.Naming, by loyalty.Who, f *form) (err error) {
	fact.Kind, fact.Referrer, fact.Touch = loyalty.StaffBond, by, loyalty.OriginStaff
	if fact.Member, fact.Person, err = v.People.Who(who, "member"); err != nil {
		return err
	}
	if len(fact.Member.Keys) == 0 {
		return loyalty.Invalid("member.email", "lead_needs_contact")
	}
	fact.Staff = &loyalty.Staff{Actor: v.me.Name, Reason: f.get("note")}
	if fact.Staff.Reason == "" {
		fact.Staff.Reason = v.t("admin.lead.reason")
	}
	day, err := time.ParseInLocation(time.DateOnly, f.get("date"), v.shop.Zone)
	now := v.now()
	switch {
	case f.get("date") == "":
	case err != nil:
		return loyalty.Invalid("date", "not_a_day")
	case moment.Of(day) > now:
		return loyalty.Invalid("date", "day_ahead")
	case day.Format(time.DateOnly) != now.Std().In(v.shop.Zone).Format(time.DateOnly): // today is now
		fact.OccurredAt = moment.Of(day.Add(12 * time.Hour))
	}
	return nil
}

// besides says the rest of a new member: his group, and what he agreed to. Each is a fact of its own, known by the form.
func (v *visit) besides(m id.Member, f *form, base loyalty.Fact) error {
	var facts []*loyalty.Fact
	with := func(kind string) *loyalty.Fact {
		x := base
		x.Kind, x.ExternalID, x.Member = kind, base.ExternalID+"-"+kind, loyalty.Who{ID: m}
		facts = append(facts, &x)
		return &x
	}
	if g := f.get("group"); g != "" {
		with(loyalty.StaffGroup).Staff = &loyalty.Staff{Actor: v.me.Name, Group: g}
	}
	if c := f.get("consent"); c == "spoken" || c == "written" {
		with(loyalty.NewsletterJoined).Happening = &loyalty.Happening{Channel: c}
	}
	if len(facts) > 0 {
		answers, err := v.People.Record(v.ctx, v.shop.ID, facts...)
		if err != nil {
			return err
		}
		for _, a := range answers {
			if a.Err != nil {
				return a.Err
			}
		}
	}
	return nil
}

// apart is what tells a member from another one of his name: number, e-mail, phone, group.
func (v *visit) apart(n *newcomer, m *people.Listed) string {
	var out []string
	for _, x := range []string{strings.Join(m.Numbers, ", "), m.Email, m.Phone, groupName(n.Groups, m.Group)} {
		if x != "" {
			out = append(out, x)
		}
	}
	return strings.Join(out, " – ")
}

func languageOptions() []option {
	var out []option
	for _, l := range languages {
		out = append(out, option{l.tag, l.name})
	}
	return out
}

func consentName(c string) string {
	if c == "" {
		return "none"
	}
	return c
}
