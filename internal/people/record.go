package people

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"cagnotte/internal/intake"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/store"
)

// Record gives facts to intake, each with its time and its person, and answers as
// intake.Record does. A fact without a time happened now; the same fact reported again
// without a time happened when the first report said. A report of an order whose browser
// the tracker saw names that browser, too.
func (p *People) Record(ctx context.Context, shop loyalty.ShopID, facts ...*loyalty.Fact) ([]intake.Answer, error) {
	taken, err := p.browsers(ctx, shop, facts)
	if err != nil {
		return nil, err
	}
	answers, err := p.pass(ctx, shop, p.in.Record, facts)
	if err == nil && len(taken) > 0 {
		err = p.took(ctx, shop, taken, answers)
	}
	return answers, err
}

// Try judges facts as Record would, and stores nothing.
func (p *People) Try(ctx context.Context, shop loyalty.ShopID, facts ...*loyalty.Fact) ([]intake.Answer, error) {
	if _, err := p.browsers(ctx, shop, facts); err != nil {
		return nil, err
	}
	return p.pass(ctx, shop, p.in.Try, facts)
}

// TryWith is Try by the programs that choose makes of the shop's.
func (p *People) TryWith(ctx context.Context, shop loyalty.ShopID, choose intake.Choice, facts ...*loyalty.Fact) ([]intake.Answer, error) {
	through := func(ctx context.Context, shop loyalty.ShopID, facts ...*loyalty.Fact) ([]intake.Answer, error) {
		return p.in.TryWith(ctx, shop, choose, facts...)
	}
	return p.pass(ctx, shop, through, facts)
}

type door func(context.Context, loyalty.ShopID, ...*loyalty.Fact) ([]intake.Answer, error)

func (p *People) pass(ctx context.Context, shop loyalty.ShopID, through door, facts []*loyalty.Fact) ([]intake.Answer, error) {
	s, _, err := p.in.Book(ctx, shop)
	if err != nil {
		return nil, err
	}
	now := p.in.Now(s)
	var undated map[int]loyalty.Fact
	for i, f := range facts {
		if f.Person != nil {
			if err := p.complete(ctx, shop, f); err != nil {
				return nil, err
			}
		}
		if f.OccurredAt == 0 {
			if undated == nil {
				undated = map[int]loyalty.Fact{}
			}
			undated[i] = *f // as it came: intake writes into what it is given
			f.OccurredAt = now
		}
	}
	answers, err := through(ctx, shop, facts...)
	if err != nil || len(undated) == 0 {
		return answers, err
	}
	return answers, p.again(ctx, shop, through, answers, undated)
}

// again asks once more for facts without a time that were recorded before: their time is
// the one that was recorded.
func (p *People) again(ctx context.Context, shop loyalty.ShopID, through door, answers []intake.Answer, undated map[int]loyalty.Fact) error {
	var (
		places []int
		facts  []*loyalty.Fact
	)
	for i, f := range undated {
		problem, ok := errors.AsType[*loyalty.Problem](answers[i].Err)
		if !ok || problem.Code != "event_conflict" {
			continue
		}
		was, err := p.st.EventByName(ctx, shop, f.Feed, f.ExternalID)
		if errors.Is(err, loyalty.ErrNotFound) {
			continue
		}
		if err != nil {
			return err
		}
		f.OccurredAt = was.OccurredAt
		places, facts = append(places, i), append(facts, &f)
	}
	if len(facts) == 0 {
		return nil
	}
	second, err := through(ctx, shop, facts...)
	if err != nil {
		return err
	}
	for n, i := range places {
		answers[i] = second[n]
	}
	return nil
}

// complete adds what is known of a person to what a fact says of him, so that an order
// that gives an e-mail alone does not take his name away. It leaves the fact without a
// person when there is nothing new.
func (p *People) complete(ctx context.Context, shop loyalty.ShopID, f *loyalty.Fact) error {
	m := f.Member.ID
	for _, k := range f.Member.Keys {
		if !m.IsZero() {
			break
		}
		var err error
		if m, err = p.st.MemberByKey(ctx, shop, k); err != nil {
			return err
		}
	}
	if m.IsZero() {
		return nil
	}
	row, err := p.st.Member(ctx, shop, m)
	if errors.Is(err, loyalty.ErrNotFound) {
		return nil // intake refuses him
	}
	if err != nil {
		return err
	}
	was, err := p.person(row)
	if err != nil {
		return err
	}
	with := was
	for _, x := range []struct{ to, from *string }{
		{&with.FirstName, &f.Person.FirstName}, {&with.LastName, &f.Person.LastName}, {&with.Email, &f.Person.Email},
		{&with.Phone, &f.Person.Phone}, {&with.Locale, &f.Person.Locale},
	} {
		if *x.from != "" {
			*x.to = *x.from
		}
	}
	with.Fields = was.Fields.With(f.Person.Fields.All())
	f.Person = &with
	if with == was {
		f.Person = nil
	}
	return nil
}

// person opens what is sealed of a member; empty when nothing is.
func (p *People) person(row *store.MemberRow) (loyalty.Person, error) {
	var out loyalty.Person
	if row.Sealed == nil || row.Wrapped == nil {
		return out, nil
	}
	text, err := p.box.Open(row.Wrapped, row.Sealed)
	if err != nil {
		return out, fmt.Errorf("person of %s: %w", row.ID, err)
	}
	if err := json.Unmarshal(text, &out); err != nil {
		return out, fmt.Errorf("person of %s: %w", row.ID, err)
	}
	return out, nil
}
