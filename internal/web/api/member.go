package api

import (
	"errors"
	"strconv"
	"strings"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/office"
	"cagnotte/internal/people"
)

// Enrolment is somebody who joins.
type Enrolment struct {
	Report
	Number     string            `json:"number,omitempty"`
	ExternalID string            `json:"external_id,omitempty"`
	Email      string            `json:"email,omitempty"`
	Phone      string            `json:"phone,omitempty"`
	FirstName  string            `json:"first_name,omitempty"`
	LastName   string            `json:"last_name,omitempty"`
	Locale     string            `json:"locale,omitempty"`
	Birthday   string            `json:"birthday,omitempty" example:"05-17" doc:"Month and day"`
	Visitor    string            `json:"visitor,omitempty" doc:"The browser in which he joins, as your own cookie names it: its clicks are his"`
	Signals    map[string]string `json:"signals,omitempty" doc:"What two people may have in common: device, ip, address, payment. Kept as keyed hashes"`
	Referrer   *Who              `json:"referrer,omitempty" doc:"Who recommended the member"`
	Touch      string            `json:"touch,omitempty" enum:"link,code,staff"`
	Fields     map[string]string `json:"fields,omitempty" doc:"What he has in the shop's own fields, by their codes"`
}

// enrol makes somebody a member. The answer names him by id: nothing that he said about
// himself is repeated.
func (a *API) enrol(c *call, p *trial, b *Enrolment) (*Result, error) {
	e := b.event(loyalty.MemberJoined)
	e.Member = &Who{
		Number: b.Number, ExternalID: b.ExternalID, Email: b.Email, Phone: b.Phone, FirstName: b.FirstName,
		LastName: b.LastName, Locale: b.Locale, Visitor: b.Visitor, Fields: b.Fields,
	}
	e.Referrer, e.Touch, e.Birthday, e.Signals = b.Referrer, b.Touch, b.Birthday, b.Signals
	return a.act(c, e, p.DryRun, "member")
}

// Member is a person the shop knows.
type Member struct {
	ID           id.Member   `json:"id"`
	State        string      `json:"state" enum:"prospect,guest,member,blocked,merged"`
	Numbers      []string    `json:"numbers"`
	ExternalIDs  []string    `json:"external_ids"`
	FirstName    string      `json:"first_name,omitempty"`
	LastName     string      `json:"last_name,omitempty"`
	Email        string      `json:"email,omitempty"`
	Phone        string      `json:"phone,omitempty"`
	Locale       string      `json:"locale,omitempty"`
	Birthday     string      `json:"birthday,omitempty" example:"05-17"`
	Group        string      `json:"group,omitempty"`
	Tags         []string    `json:"tags"`
	ReferredBy   id.Member   `json:"referred_by,omitzero" doc:"Whose friend he is"`
	MergedInto   id.Member   `json:"merged_into,omitzero" doc:"Who he is by now"`
	RegisteredAt moment.Time `json:"registered_at,omitzero" format:"date-time"`
	FirstOrderAt moment.Time `json:"first_order_at,omitzero" format:"date-time"`

	Fields map[string]string `json:"fields" doc:"What is known of him in the shop's own fields, by their codes"`
}

func shownMember(m *people.Member) *Member {
	return &Member{
		ID: m.ID, State: m.State, Numbers: filled(m.Numbers), ExternalIDs: filled(m.ExternalIDs), FirstName: m.FirstName,
		LastName: m.LastName, Email: m.Email, Phone: m.Phone, Locale: m.Locale, Birthday: m.Birthday, Group: m.Group,
		Tags: filled(m.Tags), ReferredBy: m.ReferredBy, MergedInto: m.MergedInto, RegisteredAt: m.RegisteredAt,
		FirstOrderAt: m.FirstOrderAt, Fields: m.Fields.All(),
	}
}

type memberPath struct {
	ID id.Member `path:"id" unknown:"member_unknown"`
}

func (a *API) member(c *call, p *memberPath, _ *none) (*Member, error) {
	m, err := a.people.Member(c.ctx, c.shop(), p.ID)
	if err != nil {
		return nil, err
	}
	return shownMember(m), nil
}

// PersonalCode leads friends to the member who shares it.
type PersonalCode struct {
	Member id.Member `json:"member"`
	Code   string    `json:"code"`
	Also   []string  `json:"also" doc:"Codes of whoever was merged into him: they lead to him, too"`
}

// TillCode is what a member who stands before the till types into his own page, where it is his
// second proof.
type TillCode struct {
	Member id.Member   `json:"member"`
	Code   string      `json:"code" example:"042718" doc:"Six digits, for one use; an earlier one is worthless now"`
	EndsAt moment.Time `json:"ends_at" format:"date-time" doc:"Five minutes from now"`
}

func (a *API) tillCode(c *call, p *memberPath, _ *none) (*TillCode, error) {
	m, err := a.people.Member(c.ctx, c.shop(), p.ID)
	if err == nil && !m.MergedInto.IsZero() {
		m, err = a.people.Member(c.ctx, c.shop(), m.MergedInto)
	}
	if err != nil {
		return nil, err
	}
	if m.RegisteredAt == 0 {
		return nil, loyalty.NotFound("id", "member_unknown")
	}
	code, ends, err := a.signin.TillCode(c.ctx, c.shop(), m.ID, c.access.Key)
	if err != nil {
		return nil, err
	}
	return &TillCode{m.ID, code, ends}, nil
}

func (a *API) memberCode(c *call, p *memberPath, _ *none) (*PersonalCode, error) {
	codes, err := a.people.Codes(c.ctx, c.shop(), p.ID)
	if err != nil {
		return nil, err
	}
	return &PersonalCode{p.ID, codes[0], codes[1:]}, nil
}

type memberQuery struct {
	Q             string `query:"q" doc:"How names or a number begin: words in any order, accents and capitals as you like. Where the words are very common and hardly come together, a page may have fewer than limit members, even none, although has_more is true and there is a next_cursor: it stopped looking, and goes on from there"`
	Number        string `query:"number"`
	Email         string `query:"email"`
	Phone         string `query:"phone" doc:"With its country; the plus is written %2B"`
	ExternalID    string `query:"external_id"`
	Group         string `query:"group" doc:"The members of a group, by its code"`
	Tag           string `query:"tag" doc:"The members with a tag"`
	Field         string `query:"field" doc:"The members with a value in one of the shop's own fields: its code"`
	Value         string `query:"value" doc:"The value; capitals and accents make no difference"`
	Limit         int    `query:"limit" default:"20" minimum:"1" maximum:"100"`
	StartingAfter string `query:"starting_after" doc:"The next_cursor of the page before"`
}

// members finds one member by one key, or some by words, or lists a group, a segment or all.
func (a *API) members(c *call, p *memberQuery, _ *none) (*Page[Member], error) {
	given := ""
	for _, k := range []struct{ name, value string }{
		{"q", p.Q}, {"number", p.Number}, {"email", p.Email}, {"phone", p.Phone}, {"external_id", p.ExternalID},
	} {
		if k.value != "" && given != "" {
			return nil, loyalty.Invalid(k.name, "one_key_only")
		}
		if k.value != "" {
			given = k.name
		}
	}
	if given != "" && (p.Group != "" || p.Tag != "" || p.Field != "" || p.Value != "") {
		return nil, loyalty.Invalid(given, "one_key_only")
	}
	if c.access.Till() && (given == "" || p.StartingAfter != "") { // it finds one customer, and never all of them
		return nil, &loyalty.Problem{Kind: loyalty.ErrForbidden, Code: "scope_missing", Args: map[string]string{"need": office.ScopeRead}}
	}
	switch given {
	case "":
	case "q":
		return a.search(c, p)
	default:
		return a.find(c, p)
	}
	from, err := after[id.MemberKind](p.StartingAfter)
	if err != nil {
		return nil, err
	}
	term, err := a.fieldTerm(c, p.Field, p.Value)
	if err != nil {
		return nil, err
	}
	rows, err := a.people.Members(c.ctx, c.shop(), people.Crowd{Group: p.Group, Tag: p.Tag, Field: term}, from, p.Limit+1)
	if err != nil {
		return nil, err
	}
	return page(rows, p.Limit, func(m *people.Member) id.Member { return m.ID },
		func(m *people.Member) Member { return *shownMember(m) }), nil
}

// search finds members by the beginnings of words; its cursor is the place of the last one,
// or the place where a search of very common words stopped.
func (a *API) search(c *call, p *memberQuery) (*Page[Member], error) {
	var from people.Place
	if p.StartingAfter != "" {
		s, err := afterText(p.StartingAfter)
		if err != nil {
			return nil, err
		}
		member, term, _ := strings.Cut(s, " ")
		member, lead, _ := strings.Cut(member, "/")
		from.Lead, _ = strconv.Atoi(lead) // cursors of before have none
		if from.Member, err = id.Parse[id.MemberKind](member); err != nil {
			return nil, loyalty.Invalid("starting_after", "invalid_cursor")
		}
		from.Term = term
	}
	rows, stopped, err := a.people.Search(c.ctx, c.shop(), p.Q, from, p.Limit+1)
	if err != nil {
		return nil, err
	}
	at := func(x people.Place) string {
		return textCursor(x.Member.String() + "/" + strconv.Itoa(x.Lead) + " " + x.Term)
	}
	out := pageBy(rows, p.Limit, func(m people.Match) string { return at(m.Place) }, func(m people.Match) Member { return *shownMember(m.Who) })
	if !out.HasMore && stopped != (people.Place{}) {
		out.HasMore, out.NextCursor = true, at(stopped)
	}
	return out, nil
}

func (a *API) find(c *call, p *memberQuery) (*Page[Member], error) {
	phone := p.Phone
	if rest, ok := strings.CutPrefix(phone, " "); ok { // a plus that was not escaped
		phone = "+" + rest
	}
	w, _, err := a.people.Who(people.Naming{Number: p.Number, Email: p.Email, Phone: phone, ExternalID: p.ExternalID}, "member")
	if err != nil {
		return nil, door(err, "member")
	}
	m, err := a.people.Find(c.ctx, c.shop(), w)
	return single(m, err, shownMember)
}

// single is a list of the one thing that was looked for, or of nothing.
func single[R, T any](row *R, err error, show func(*R) *T) (*Page[T], error) {
	switch {
	case errors.Is(err, loyalty.ErrNotFound):
		return &Page[T]{Data: []T{}}, nil
	case err != nil:
		return nil, err
	}
	return &Page[T]{Data: []T{*show(row)}}, nil
}
