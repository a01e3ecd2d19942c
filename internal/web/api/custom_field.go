package api

import (
	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
)

// CustomField is something that the shop keeps of its members beside what everybody is asked for.
type CustomField struct {
	Code     string            `json:"code" example:"shoe_size" doc:"As fields of members call it; it never changes"`
	Kind     string            `json:"kind" enum:"text,number,date,yes_no,choice"`
	Names    map[string]string `json:"names" doc:"By language: fr, pl, en"`
	Options  []string          `json:"options" doc:"Of a choice"`
	Readers  string            `json:"readers" enum:"staff,member,edit" doc:"Who beside the staff: nobody; the member reads it; he writes it, too"`
	Required bool              `json:"required" doc:"Whoever joins in the portal must say it"`
}

// CustomFields are all of a shop's, in its order.
type CustomFields struct {
	Data []CustomField `json:"data"`
}

func (a *API) customFields(c *call, _ *none, _ *none) (*CustomFields, error) {
	list, err := a.people.CustomFields(c.ctx, c.shop())
	if err != nil {
		return nil, err
	}
	out := &CustomFields{Data: []CustomField{}}
	for _, x := range list {
		out.Data = append(out.Data, CustomField{x.Code, x.Kind, x.Names, filled(x.Options), x.Readers, x.Required})
	}
	return out, nil
}

// FieldsReport says what a member has in the shop's own fields.
type FieldsReport struct {
	ID     string            `json:"id,omitempty" doc:"Of the fact; needed unless there is an Idempotency-Key"`
	Feed   string            `json:"feed,omitempty" default:"api"`
	Fields map[string]string `json:"fields" doc:"By code; what is not given stays, an empty one is forgotten. Numbers as 42.5, dates as 2020-12-31, yes or no"`
}

// FieldsResult is what a member has in them now.
type FieldsResult struct {
	Event  id.Event          `json:"event" doc:"The fact that says it"`
	Fields map[string]string `json:"fields"`
}

func (a *API) setFields(c *call, p *memberPath, b *FieldsReport) (*FieldsResult, error) {
	name, err := identity(c, b.ID, 0)
	if err != nil {
		return nil, err
	}
	if b.Feed == reserved {
		return nil, loyalty.Invalid("feed", "reserved")
	}
	answer, err := a.people.SetFields(c.ctx, c.shop(), p.ID, b.Fields, loyalty.Fact{Feed: b.Feed, ExternalID: name, Via: "api", Origin: loyalty.FromLive}, "fields")
	if err != nil {
		return nil, err
	}
	m, err := a.people.Member(c.ctx, c.shop(), p.ID)
	if err != nil {
		return nil, err
	}
	return &FieldsResult{answer.Event, m.Fields.All()}, nil
}

// ownFields turns what a report says in the shop's own fields into what is kept.
func (a *API) ownFields(c *call, values map[string]string) (loyalty.FieldValues, error) {
	checked, err := a.people.CheckFields(c.ctx, c.shop(), values, "member.fields")
	return loyalty.NewFieldValues(checked), err
}

// fieldTerm is what a list of the members with a value in a field asks for; empty: it does not.
func (a *API) fieldTerm(c *call, code, value string) (string, error) {
	if code == "" && value == "" {
		return "", nil
	}
	if code == "" {
		return "", loyalty.Invalid("field", "required")
	}
	if value == "" {
		return "", loyalty.Invalid("value", "required")
	}
	checked, err := a.people.CheckFields(c.ctx, c.shop(), map[string]string{code: value}, "")
	if err != nil {
		return "", door(err, "."+code+"=value")
	}
	return loyalty.FieldTerm(code, checked[code]), nil
}
