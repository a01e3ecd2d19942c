package admin

import (
	"encoding/base64"
	"errors"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"

	"cagnotte/internal/id"
	"cagnotte/internal/ledger"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/office"
	"cagnotte/internal/people"
	"cagnotte/internal/staff"
	"cagnotte/internal/web"
)

// perPage is how many rows a list shows at once.
const perPage = 25

// countTo is how far a list counts: behind it there are "more than".
const countTo = 1_000

// review stands among the states of members for those whose referral waits for somebody.
const review = "review"

// states are what a list of members can be narrowed to, in the order of the chips.
var states = []string{"", loyalty.Enrolled, loyalty.Guest, loyalty.Prospect, review, loyalty.Blocked, loyalty.Merged}

// filterFields are the parameters of the address that say whom a list has.
var filterFields = []string{"q", "state", "group", "tag", "referred", "since", "until", "holds", "consent", "field", "value"}

// orderFields are those that say in which order.
var orderFields = []string{"sort", "down"}

// roster is the list of members as its screen shows it.
type roster struct {
	Of      people.Roster
	Query   url.Values // what of the address says whom the list has, and in which order
	Rows    []*people.Listed
	Total   int // up to one more than Most
	Most    int // how far they were counted
	Counts  map[string]int
	Next    string
	Prev    string
	Part    bool   // a page of words so common that not all who have them were looked at
	Wrong   string // what is wrong with what was looked for
	Groups  []office.Entry
	Views   []staff.View
	Running *people.Bulk
	Own     []loyalty.CustomField
}

// filtered tells whether somebody narrowed the list.
func (r *roster) filtered() bool {
	return slices.ContainsFunc(filterFields, func(f string) bool { return r.Query.Get(f) != "" })
}

// group gives the name of a group, or its code where the shop has no such entry.
func (r *roster) group(code string) string { return groupName(r.Groups, code) }

func groupName(list []office.Entry, code string) string {
	for _, e := range list {
		if e.Code == code {
			return e.Name
		}
	}
	return code
}

// kept are the parameters of a form, in the order in which they are always written.
func (r *roster) kept(beside ...string) (out []option) {
	for _, name := range append(slices.Clone(filterFields), orderFields...) {
		if x := r.Query.Get(name); x != "" && !slices.Contains(beside, name) {
			out = append(out, option{name, x})
		}
	}
	return out
}

// pill is a filter that is on, with the way to the list without it.
type pill struct {
	Text string
	Off  templ.SafeURL
}

func (v *visit) pills(r *roster) (out []pill) {
	for _, name := range filterFields {
		x := r.Query.Get(name)
		text := ""
		switch name {
		case "q", "state":
			continue // they have a place of their own
		case "group":
			text = v.t("admin.members.pill.group", "Name", r.group(x))
		case "tag":
			text = v.t("admin.members.pill.tag", "Name", x)
		case "referred":
			text = v.t("admin.members.referred." + x)
		case "since":
			text = v.t("admin.members.pill.since", "Day", v.say.Date(r.Of.Since))
		case "until":
			text = v.t("admin.members.pill.until", "Day", v.say.Date(r.Of.Until-1))
		case "holds":
			text = v.t("admin.members.pill.holds")
		case "value":
			continue // it stands beside its field
		case "field":
			if c := r.own(x); c != nil {
				text = v.t("admin.fields.pill", "Name", c.Name(v.say.Tag()), "Value", v.say.FieldValue(c, r.Query.Get("value")))
			}
		case "consent":
			text = v.consentName(r.Of.Purpose, r.Of.Way, r.Of.Agrees)
		}
		if x != "" {
			out = append(out, pill{text, v.list(r, name, "", "value", r.beside(name))})
		}
	}
	return out
}

// own is one of the shop's own fields; nil: there is none of that code.
func (r *roster) own(code string) *loyalty.CustomField {
	for i := range r.Own {
		if r.Own[i].Code == code {
			return &r.Own[i]
		}
	}
	return nil
}

// beside is the value that stays when a filter goes: that of another field's.
func (r *roster) beside(name string) string {
	if name == "field" {
		return ""
	}
	return r.Query.Get("value")
}

// ownOf reads which of the shop's own fields a list is narrowed by. A value that the field cannot
// have finds nobody; a field without a value asks for nothing.
func (v *visit) ownOf(r *roster) (err error) {
	if r.Own, err = v.People.CustomFields(v.ctx, v.shop.ID); err != nil {
		return err
	}
	c, value := r.own(r.Query.Get("field")), r.Query.Get("value")
	if c == nil || value == "" {
		r.Query.Del("field")
		r.Query.Del("value")
		return nil
	}
	if form, err := c.Canon(value); err == nil {
		value = form
		r.Query.Set("value", value)
	}
	r.Of.Field = loyalty.FieldTerm(c.Code, value)
	return nil
}

// list is the way to a list with some parameters changed, from its first page.
func (v *visit) list(r *roster, pairs ...string) templ.SafeURL {
	q := url.Values{}
	maps.Copy(q, r.Query)
	for i := 0; i+1 < len(pairs); i += 2 {
		if q.Del(pairs[i]); pairs[i+1] != "" {
			q.Set(pairs[i], pairs[i+1])
		}
	}
	return templ.SafeURL(v.path("/members") + suffix(q))
}

// order is what a heading says of the order, as aria-sort has it; empty where the list cannot
// be in that order.
func (r *roster) order(by string) string {
	switch {
	case r.Of.Q != "":
		return ""
	case r.Of.Order != by:
		return "none"
	case r.Of.Down:
		return "descending"
	}
	return "ascending"
}

// turn is the way to the list in the order of a heading: what is new comes first at first.
func (v *visit) turn(r *roster, by string) templ.SafeURL {
	down := by == people.ByJoined
	if r.Of.Order == by {
		down = !r.Of.Down
	}
	if down {
		return v.list(r, "sort", by, "down", "1")
	}
	return v.list(r, "sort", by, "down", "")
}

// rosterOf reads whom an address asks for. What cannot be read asks for nothing.
func (v *visit) rosterOf(from url.Values) (*roster, error) {
	r := &roster{Query: url.Values{}, Counts: map[string]int{}}
	for _, name := range append(slices.Clone(filterFields), orderFields...) {
		if x := strings.TrimSpace(from.Get(name)); x != "" {
			r.Query.Set(name, x)
		}
	}
	get := r.Query.Get
	if !slices.Contains(states, get("state")) {
		r.Query.Del("state")
	}
	if x := get("referred"); x != "yes" && x != "no" {
		r.Query.Del("referred")
	}
	if x := get("sort"); x != people.ByJoined && x != people.ByName && x != people.ByNumber {
		r.Query.Del("sort")
		r.Query.Del("down")
	}
	of := &r.Of
	of.Q, of.Group, of.Tag, of.Referred, of.Holds = get("q"), get("group"), get("tag"), get("referred"), get("holds") != ""
	of.Since, of.Until = v.dayOf(r.Query, "since", 0), v.dayOf(r.Query, "until", 1)
	if of.State = get("state"); of.State == review {
		of.State, of.Review = "", true
	}
	var known bool
	if of.Purpose, of.Way, of.Agrees, known = consentOf(get("consent")); !known {
		r.Query.Del("consent")
	}
	// The newest first, unless a heading says otherwise.
	of.Order, of.Down = get("sort"), get("sort") == "" || get("down") != ""
	if err := v.ownOf(r); err != nil {
		return nil, err
	}
	if of.Q != "" {
		look, err := v.Office.Portal(v.ctx, v.shop.ID)
		if err != nil {
			return nil, err
		}
		of.Country = look.Country
	}
	return r, nil
}

// consentText writes a filter by consent for an address: whether somebody agrees to be reached for a
// purpose in a way.
func consentText(purpose, way, agrees string) string { return purpose + "." + way + "." + agrees }

// consentOf reads one; what cannot be read asks for nothing.
func consentOf(s string) (purpose, way, agrees string, known bool) {
	purpose, rest, _ := strings.Cut(s, ".")
	way, agrees, _ = strings.Cut(rest, ".")
	if !slices.Contains(loyalty.Purposes, purpose) || !slices.Contains(loyalty.Ways, way) || agrees != "yes" && agrees != "no" {
		return "", "", "", false
	}
	return purpose, way, agrees, true
}

// consentName says such a filter in words: both in the list of them and where it is on.
func (v *visit) consentName(purpose, way, agrees string) string {
	if agrees == "" {
		return ""
	}
	return v.t("admin.members.pill.consent."+agrees, "What", v.t("admin.members.consent."+purpose+"."+way))
}

// dayOf reads a day of the shop, and gives its beginning, or that of so many days later. What
// is no day is taken out.
func (v *visit) dayOf(q url.Values, name string, later int) moment.Time {
	if q.Get(name) == "" {
		return 0
	}
	day, err := time.ParseInLocation(time.DateOnly, q.Get(name), v.shop.Zone)
	if err != nil || day.Year() < 1970 || day.Year() > 2200 {
		q.Del(name)
		return 0
	}
	return moment.Of(day.AddDate(0, 0, later))
}

// members lists them, or those who are looked for.
func (v *visit) members() error {
	asked := v.r.URL.Query()
	r, err := v.rosterOf(asked)
	if err != nil {
		return err
	}
	if err := v.page(r, asked.Get("after"), asked.Get("before")); err != nil {
		return err
	}
	if r.Groups, err = v.groups(); err != nil {
		return err
	}
	if r.Views, err = v.Staff.Views(v.ctx, v.me, "members"); err != nil {
		return err
	}
	if v.can(staff.Members) {
		list, err := v.People.Bulks(v.ctx, v.shop.ID, 1)
		if err != nil {
			return err
		}
		if len(list) == 1 && !list[0].Ended() {
			r.Running = list[0]
		}
	}
	return v.show(http.StatusOK, rosterView(v, r, v.blank()))
}

func (v *visit) groups() ([]office.Entry, error) {
	list, err := v.Office.Entries(v.ctx, v.shop.ID, office.Groups, "", 200)
	return distinct(slices.DeleteFunc(list, func(e office.Entry) bool { return e.Archived })), err
}

// distinct says the code beside a name that several entries of a list have.
func distinct(list []office.Entry) []office.Entry {
	seen := map[string]int{}
	for _, e := range list {
		seen[e.Name]++
	}
	for i, e := range list {
		if seen[e.Name] > 1 {
			list[i].Name = e.Name + " (" + e.Code + ")"
		}
	}
	return list
}

// page reads one page of a list: behind a place, or before one.
func (v *visit) page(r *roster, after, before string) error {
	at, back := placeOf(after), false
	if at.IsZero() {
		at, back = placeOf(before), before != ""
	}
	back = back && !at.IsZero()
	rows, stopped, err := v.People.RosterLook(v.ctx, v.shop.ID, r.Of, at, back, perPage+1)
	if p, ok := errors.AsType[*loyalty.Problem](err); ok && errors.Is(err, loyalty.ErrInvalid) {
		r.Wrong = v.say.Problem(p)
		return nil
	}
	if err != nil {
		return err
	}
	more := len(rows) > perPage
	if more && back {
		rows = rows[1:]
	}
	r.Rows = rows[:min(len(rows), perPage)]
	if n := len(r.Rows); n > 0 {
		if more || back {
			r.Next = placeText(r.Rows[n-1].Place)
		}
		if !at.IsZero() && (more || !back) {
			r.Prev = placeText(r.Rows[0].Place)
		}
	}
	if r.Part = !stopped.IsZero(); r.Part {
		r.goOn(stopped, at, back)
	}
	r.Total, r.Most = len(r.Rows), countTo
	if err := v.counts(r); err != nil {
		return err
	}
	switch {
	case r.Part:
	case r.Next == "" && r.Prev == "":
	case r.Of.Q != "":
		// To count whom several words find, everybody is read who has one of them: a page is
		// there at once, and how many there are is told before something is done to them.
		r.Total, r.Most = perPage+1, perPage
	case len(r.Counts) > 0 && r.Of.Order == people.ByMaking:
		r.Total = r.Counts[r.Query.Get("state")]
	default:
		if r.Total, err = v.People.RosterCount(v.ctx, v.shop.ID, r.Of, countTo+1); err != nil {
			return err
		}
	}
	return nil
}

// goOn leads on from where a search stopped, and back to where it came from when the page has no
// row to begin at: the place where it stopped is nobody's who was found.
func (r *roster) goOn(stopped, at people.RosterPlace, back bool) {
	here := placeText(stopped)
	if back {
		if r.Prev = here; r.Next == "" {
			r.Next = here
		}
		return
	}
	if r.Next = here; r.Prev == "" && !at.IsZero() {
		r.Prev = here
	}
}

// onward is the word of the way on: a page that stopped early has no next one, it goes on.
func (r *roster) onward() string {
	if r.Part && len(r.Rows) == 0 {
		return "admin.members.part.on"
	}
	return "admin.members.next"
}

// counts tells how many members of each state there are, where nothing else narrows the list.
func (v *visit) counts(r *roster) error {
	for _, name := range filterFields {
		if name != "state" && r.Query.Get(name) != "" {
			return nil
		}
	}
	counts, err := v.People.States(v.ctx, v.shop.ID, countTo+1)
	if err != nil {
		return err
	}
	r.Counts = counts
	r.Counts[review], err = v.People.RosterCount(v.ctx, v.shop.ID, people.Roster{Review: true}, countTo+1)
	return err
}

// upTo writes a number that was counted up to countTo.
func (v *visit) upTo(n int) string {
	if n > countTo {
		return v.say.Number(countTo) + "+"
	}
	return v.say.Number(int64(n))
}

// many says how many members there are, as far as they were counted.
func (v *visit) many(r *roster) string {
	if r.Part {
		return v.say.Count("admin.members.so_far", int64(r.Total))
	}
	if r.Total > r.Most {
		return v.t("admin.members.more_than", "N", v.say.Number(int64(r.Most)))
	}
	return v.say.Count("admin.members.count", int64(r.Total))
}

// placeText writes a place for an address.
func placeText(p people.RosterPlace) string {
	return p.Member.String() + "." + strconv.FormatInt(int64(p.At), 36) + "." + base64.RawURLEncoding.EncodeToString([]byte(p.Key)) + leadText(p.Lead)
}

// leadText is the part of a place that only searches have.
func leadText(lead int) string {
	if lead == 0 {
		return ""
	}
	return "." + strconv.Itoa(lead)
}

// placeOf reads a place; what cannot be read is the start.
func placeOf(s string) (p people.RosterPlace) {
	member, rest, _ := strings.Cut(s, ".")
	at, key, _ := strings.Cut(rest, ".")
	key, led, _ := strings.Cut(key, ".")
	lead, _ := strconv.Atoi(led)
	m, err := id.Parse[id.MemberKind](member)
	n, err2 := strconv.ParseInt(at, 36, 64)
	k, err3 := base64.RawURLEncoding.DecodeString(key)
	if errors.Join(err, err2, err3) != nil || strings.ContainsRune(string(k), 0) {
		return p
	}
	return people.RosterPlace{Key: strings.ToValidUTF8(string(k), ""), At: moment.Time(n), Member: m, Lead: lead}
}

// holds is what somebody has of a unit, as a list shows it.
func (v *visit) holds(m *people.Listed, unit ledger.Unit) string {
	b, ok := m.Units[unit]
	switch {
	case unit == ledger.Unit(v.shop.Currency):
		return v.say.Money(b.Available, v.shop.Currency)
	case !ok:
		return v.say.Number(0)
	}
	return v.say.Decimal(b.Available, v.shop.PointDecimals)
}

// pointsUnit is the unit of points.
const pointsUnit = ledger.Unit("points")

// memberTag is the colour of a state.
func memberTag(m *people.Listed) string {
	switch {
	case m.Review:
		return "tag warn"
	case m.State == loyalty.Enrolled:
		return "tag good"
	case m.State == loyalty.Blocked:
		return "tag bad"
	case m.State == loyalty.Prospect:
		return "tag info"
	}
	return "tag"
}

func (v *visit) stateName(m *people.Listed) string {
	if m.Review && m.State != loyalty.Blocked {
		return v.t("admin.members.is.review")
	}
	return v.t("admin.members.is." + m.State)
}

// calls is how a member is called on a screen.
func (v *visit) calls(m *people.Member) string {
	if name := m.Name(); name != "" {
		return name
	}
	return v.t("admin.members.nameless")
}

// saveView keeps the filters of a list under a name. What somebody looked for is not kept:
// it may be a name.
func (v *visit) saveView() error {
	f, err := v.read()
	if err != nil {
		return err
	}
	from, err := url.ParseQuery(f.get("of"))
	if err != nil {
		from = url.Values{}
	}
	from.Del("q")
	r, err := v.rosterOf(from)
	if err != nil {
		return err
	}
	view, err := v.Staff.SaveView(v.ctx, v.me, "members", staff.View{
		Name: f.get("name"), Query: r.Query.Encode(), Own: f.get("everybody") == "" || !v.can(staff.Members),
	})
	if f.blame(err, "name=view") {
		f.values["view"] = f.get("name")
		if err := v.page(r, "", ""); err != nil {
			return err
		}
		if r.Groups, err = v.groups(); err != nil {
			return err
		}
		if r.Views, err = v.Staff.Views(v.ctx, v.me, "members"); err != nil {
			return err
		}
		return v.show(http.StatusUnprocessableEntity, rosterView(v, r, f))
	}
	if err != nil {
		return err
	}
	v.note(view.ID.String())
	v.tell("admin.members.said.view", "")
	return v.redirect("/members" + suffix(r.Query))
}

// dropView forgets a view: one's own, or everybody's where one may change things.
func (v *visit) dropView() error {
	which, err := id.Parse[id.ViewKind](v.r.PathValue("id"))
	if err != nil {
		return loyalty.NotFound("", "view_unknown")
	}
	list, err := v.Staff.Views(v.ctx, v.me, "members")
	if err != nil {
		return err
	}
	i := slices.IndexFunc(list, func(x staff.View) bool { return x.ID == which })
	if i < 0 || !list[i].Own && !v.can(staff.Members) {
		return loyalty.NotFound("", "view_unknown")
	}
	if err := v.Staff.DropView(v.ctx, v.me, "members", which); err != nil {
		return err
	}
	v.note(which.String())
	v.tell("admin.members.said.view_gone", "")
	return v.redirect("/members")
}

// memberHome is where somebody goes who has just dealt with a member: his card.
func (v *visit) memberHome(m id.Member) string { return "/members/" + m.String() }

// unread is the problem of a form that cannot be read.
func unread() error { return &loyalty.Problem{Kind: web.ErrUnreadable, Code: "unreadable_form"} }

// truth is a value of an attribute that is true or false.
func truth(b bool) string { return strconv.FormatBool(b) }

// chipName is a state's name in the words of the chips.
func chipName(state string) string {
	if state == "" {
		return "all"
	}
	return state
}

// asked puts the ? before a query.
func asked(query string) string {
	if query == "" {
		return ""
	}
	return "?" + query
}
