package api

import (
	"errors"
	"strings"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/office"
	"cagnotte/internal/people"
)

// Enrolment is somebody who joins.
type Enrolment struct {
	ID         string      `json:"id,omitempty" doc:"Of the fact; needed unless there is an Idempotency-Key"`
	Feed       string      `json:"feed,omitempty" default:"api"`
	OccurredAt moment.Time `json:"occurred_at,omitzero" format:"date-time" doc:"Now when missing"`
	Number     string      `json:"number,omitempty"`
	ExternalID string      `json:"external_id,omitempty"`
	Email      string      `json:"email,omitempty"`
	Phone      string      `json:"phone,omitempty"`
	FirstName  string      `json:"first_name,omitempty"`
	LastName   string      `json:"last_name,omitempty"`
	Locale     string      `json:"locale,omitempty"`
	Referrer   *Who        `json:"referrer,omitempty" doc:"Who recommended the member"`
	Touch      string      `json:"touch,omitempty" enum:"link,code,staff"`
}

// enrol makes somebody a member. The answer names him by id: nothing that he said about
// himself is repeated.
func (a *API) enrol(c *call, p *trial, b *Enrolment) (*Result, error) {
	who := &Who{
		Number: b.Number, ExternalID: b.ExternalID, Email: b.Email, Phone: b.Phone, FirstName: b.FirstName,
		LastName: b.LastName, Locale: b.Locale,
	}
	f, err := a.fact(c, &Event{
		Type: loyalty.MemberJoined, ID: b.ID, Feed: b.Feed, OccurredAt: b.OccurredAt, Member: who, Referrer: b.Referrer, Touch: b.Touch,
	}, 0)
	if err != nil {
		return nil, door(err, "member")
	}
	return a.one(c, f, p.DryRun, "member")
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
	RegisteredAt moment.Time `json:"registered_at,omitzero" format:"date-time"`
	FirstOrderAt moment.Time `json:"first_order_at,omitzero" format:"date-time"`
}

func shownMember(m *people.Member) *Member {
	return &Member{
		ID: m.ID, State: m.State, Numbers: filled(m.Numbers), ExternalIDs: filled(m.ExternalIDs), FirstName: m.FirstName,
		LastName: m.LastName, Email: m.Email, Phone: m.Phone, Locale: m.Locale, RegisteredAt: m.RegisteredAt,
		FirstOrderAt: m.FirstOrderAt,
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

type memberQuery struct {
	Q             string `query:"q" doc:"How names or a number begin: words in any order, accents and capitals as you like"`
	Number        string `query:"number"`
	Email         string `query:"email"`
	Phone         string `query:"phone" doc:"With its country; the plus is written %2B"`
	ExternalID    string `query:"external_id"`
	Limit         int    `query:"limit" default:"20" minimum:"1" maximum:"100"`
	StartingAfter string `query:"starting_after" doc:"The next_cursor of the page before"`
}

// members finds one member by one key, or some by words, or lists all.
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
	rows, err := a.people.Members(c.ctx, c.shop(), from, p.Limit+1)
	if err != nil {
		return nil, err
	}
	return page(rows, p.Limit, func(m *people.Member) id.Member { return m.ID },
		func(m *people.Member) Member { return *shownMember(m) }), nil
}

// search finds members by the beginnings of words; its cursor is the place of the last one.
func (a *API) search(c *call, p *memberQuery) (*Page[Member], error) {
	var from people.Place
	if p.StartingAfter != "" {
		s, err := afterText(p.StartingAfter)
		if err != nil {
			return nil, err
		}
		member, term, _ := strings.Cut(s, " ")
		if from.Member, err = id.Parse[id.MemberKind](member); err != nil {
			return nil, loyalty.Invalid("starting_after", "invalid_cursor")
		}
		from.Term = term
	}
	rows, err := a.people.Search(c.ctx, c.shop(), p.Q, from, p.Limit+1)
	if err != nil {
		return nil, err
	}
	return pageBy(rows, p.Limit, func(m people.Match) string { return textCursor(m.Place.Member.String() + " " + m.Term) },
		func(m people.Match) Member { return *shownMember(m.Who) }), nil
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
