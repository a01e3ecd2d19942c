package people

import (
	"context"
	"errors"
	"slices"
	"strings"

	"cagnotte/internal/id"
	"cagnotte/internal/intake"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/store"
)

// Change is what somebody who is known is called by now, whole: what is empty is not known any
// more. Only a number and a birthday stay as they were when they are empty, and the shop's own
// fields that are not given.
type Change struct {
	Fact     loyalty.Fact // feed, external id; the rest is filled in
	Person   Naming       // without an id
	Birthday string       // MM-DD

	Fields map[string]string // of the shop's own fields, those that are to change
}

// Change says anew who a member is. A key that is new finds him from now on; the address and
// phone that it takes the place of do not any more: they were wrong, or are somebody else's by
// now, and whoever has them must not come in as him. A key of somebody else's is the
// problem `key_of_another` in its field (`number`, `email`, `phone`); who was erased,
// `person_erased`. Problems name a field of the person, or `birthday`.
func (p *People) Change(ctx context.Context, shop loyalty.ShopID, m id.Member, c Change) (intake.Answer, error) {
	row, err := p.st.Member(ctx, shop, m)
	if err != nil {
		return intake.Answer{}, err
	}
	if err := p.notErased(ctx, shop, m); err != nil {
		return intake.Answer{}, err
	}
	c.Person.ID = id.Member{}
	who, person, err := p.Who(c.Person, "person")
	if err != nil {
		return intake.Answer{}, bare(err)
	}
	if person == nil {
		person = &loyalty.Person{}
	}
	known, err := p.person(row)
	if err != nil {
		return intake.Answer{}, err
	}
	changes, err := p.CheckFields(ctx, shop, c.Fields, "fields")
	if err != nil {
		return intake.Answer{}, err
	}
	person.Fields = known.Fields.With(changes)
	for _, k := range who.Keys {
		owner, err := p.st.MemberByKey(ctx, shop, k)
		if err != nil {
			return intake.Answer{}, err
		}
		if owner.IsZero() || owner == m {
			continue
		}
		other, err := p.st.Member(ctx, shop, owner)
		if err != nil {
			return intake.Answer{}, err
		}
		if other.State != loyalty.Prospect {
			return intake.Answer{}, loyalty.Conflict(k.Kind, "key_of_another")
		}
	}
	s, _, err := p.in.Book(ctx, shop)
	if err != nil {
		return intake.Answer{}, err
	}
	f := c.Fact
	f.Kind, f.Member, f.Person, f.OccurredAt = loyalty.MemberUpdated, loyalty.Who{ID: m, Keys: who.Keys}, person, p.in.Now(s)
	if f.Forgets, err = p.former(row, who.Keys); err != nil {
		return intake.Answer{}, err
	}
	was, err := p.st.EventByName(ctx, shop, f.Feed, f.ExternalID)
	if err == nil && was.Kind == f.Kind && was.MemberID == m { // sent twice
		return intake.Answer{Event: was.ID, Status: intake.Duplicate, Member: m}, nil
	}
	if c.Birthday != row.Birthday {
		f.Birthday = c.Birthday
	}
	answers, err := p.in.Record(ctx, shop, &f)
	if err != nil {
		return intake.Answer{}, err
	}
	return answers[0], bare(answers[0].Err)
}

// former are the keys of the address and phone that a member had, where they are not his any
// more.
func (p *People) former(row *store.MemberRow, now []loyalty.Key) (out []loyalty.Key, err error) {
	was, err := p.person(row)
	if err != nil {
		return nil, err
	}
	var keys []loyalty.Key
	if form, ok := EmailForm(was.Email); ok {
		keys = append(keys, loyalty.Key{Kind: loyalty.ByEmail, Key: p.box.Match(loyalty.ByEmail, form)})
	}
	if form, ok := PhoneForm(was.Phone, was.Locale); ok {
		keys = append(keys, loyalty.Key{Kind: loyalty.ByPhone, Key: p.box.Match(loyalty.ByPhone, form)})
	}
	for _, k := range keys {
		if !slices.Contains(now, k) {
			out = append(out, k)
		}
	}
	return out, nil
}

// bare takes the name of the person before a problem's field away.
func bare(err error) error {
	problem, ok := errors.AsType[*loyalty.Problem](err)
	if !ok {
		return err
	}
	out := *problem
	for _, above := range []string{"person.", "member."} {
		out.Field = strings.TrimPrefix(out.Field, above)
	}
	return &out
}
