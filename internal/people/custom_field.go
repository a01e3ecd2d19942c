package people

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"cagnotte/internal/id"
	"cagnotte/internal/intake"
	"cagnotte/internal/locale"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/store"
)

// CustomFields are the shop's own fields of members, in its order.
func (p *People) CustomFields(ctx context.Context, shop loyalty.ShopID) ([]loyalty.CustomField, error) {
	return p.st.CustomFields(ctx, shop)
}

// CheckFields gives values of the shop's own fields in the form in which they are kept. An empty
// one stays: it is not known any more. Problems name the code below the given field, such as
// `fields.size`; a code that is not the shop's is the problem `custom_field_unknown`.
func (p *People) CheckFields(ctx context.Context, shop loyalty.ShopID, values map[string]string, field string) (map[string]string, error) {
	if len(values) == 0 {
		return nil, nil
	}
	list, err := p.st.CustomFields(ctx, shop)
	if err != nil {
		return nil, err
	}
	return Checked(list, values, field)
}

// Checked is CheckFields for fields that the caller knows.
func Checked(list []loyalty.CustomField, values map[string]string, field string) (map[string]string, error) {
	out := make(map[string]string, len(values))
	for _, code := range slices.Sorted(maps.Keys(values)) {
		i := slices.IndexFunc(list, func(c loyalty.CustomField) bool { return c.Code == code })
		if i < 0 {
			return nil, loyalty.Invalid(field+"."+code, "custom_field_unknown")
		}
		v, err := list[i].Canon(values[code])
		if problem, ok := errors.AsType[*loyalty.Problem](err); ok {
			at := *problem
			at.Field = field + "." + code
			return nil, &at
		}
		out[code] = v
	}
	return out, nil
}

// SetFields changes what is known of a member in the shop's own fields: those that are given, an
// empty one is forgotten. The fact needs a feed, an external id and a via; sent twice it is one.
// Problems are those of CheckFields; who was erased, `person_erased`.
func (p *People) SetFields(ctx context.Context, shop loyalty.ShopID, m id.Member, values map[string]string, fact loyalty.Fact, field string) (intake.Answer, error) {
	changes, err := p.CheckFields(ctx, shop, values, field)
	if err != nil {
		return intake.Answer{}, err
	}
	row, err := p.st.Member(ctx, shop, m)
	if err != nil {
		return intake.Answer{}, err
	}
	if err := p.notErased(ctx, shop, m); err != nil {
		return intake.Answer{}, err
	}
	was, err := p.st.EventByName(ctx, shop, fact.Feed, fact.ExternalID)
	switch {
	case err == nil && was.Kind == loyalty.MemberUpdated && was.MemberID == m:
		return intake.Answer{Event: was.ID, Status: intake.Duplicate, Member: m}, nil
	case err != nil && !errors.Is(err, loyalty.ErrNotFound):
		return intake.Answer{}, err
	}
	person, err := p.person(row)
	if err != nil {
		return intake.Answer{}, err
	}
	person.Fields = person.Fields.With(changes)
	s, _, err := p.in.Book(ctx, shop)
	if err != nil {
		return intake.Answer{}, err
	}
	f := fact
	f.Kind, f.Member, f.Person, f.OccurredAt = loyalty.MemberUpdated, loyalty.Who{ID: m}, &person, p.in.Now(s)
	answers, err := p.in.Record(ctx, shop, &f)
	if err != nil {
		return intake.Answer{}, err
	}
	return answers[0], answers[0].Err
}

// fieldCode is what codes look like: they are names in files, addresses and answers.
var fieldCode = regexp.MustCompile(`^[a-z][a-z0-9_]{0,15}$`)

// PutField adds a field to the shop's own, or changes the one with its code. What is kept of
// members stays, so the kind of a field that is there cannot be another one (`field_kind_fixed`).
func (p *People) PutField(ctx context.Context, shop loyalty.ShopID, c loyalty.CustomField) error {
	if err := checkField(&c); err != nil {
		return err
	}
	return p.editFields(ctx, shop, func(list []loyalty.CustomField) ([]loyalty.CustomField, error) {
		i := slices.IndexFunc(list, func(x loyalty.CustomField) bool { return x.Code == c.Code })
		switch {
		case i >= 0 && list[i].Kind != c.Kind:
			return nil, loyalty.Conflict("kind", "field_kind_fixed")
		case i >= 0:
			list[i] = c
			return list, nil
		case len(list) >= loyalty.MaxFields:
			return nil, loyalty.Conflict("code", "too_many", "max", strconv.Itoa(loyalty.MaxFields))
		}
		return append(list, c), nil
	})
}

// MoveField puts a field one place earlier among the shop's.
func (p *People) MoveField(ctx context.Context, shop loyalty.ShopID, code string) error {
	return p.editFields(ctx, shop, func(list []loyalty.CustomField) ([]loyalty.CustomField, error) {
		i := slices.IndexFunc(list, func(x loyalty.CustomField) bool { return x.Code == code })
		if i < 0 {
			return nil, loyalty.NotFound("code", "custom_field_unknown")
		}
		if i > 0 {
			list[i-1], list[i] = list[i], list[i-1]
		}
		return list, nil
	})
}

// DropField takes a field away. What was known of members in it is forgotten: a job does that.
func (p *People) DropField(ctx context.Context, shop loyalty.ShopID, code string) error {
	return p.editFields(ctx, shop, func(list []loyalty.CustomField) ([]loyalty.CustomField, error) {
		kept := slices.DeleteFunc(slices.Clone(list), func(x loyalty.CustomField) bool { return x.Code == code })
		if len(kept) == len(list) {
			return nil, loyalty.NotFound("code", "custom_field_unknown")
		}
		return kept, nil
	}, func(ctx context.Context, t *store.Tx) error {
		var subject [16]byte
		copy(subject[:], code)
		return t.PutJob(ctx, shop, FieldJob, subject, t.Now)
	})
}

// editFields changes the list under a turn of its own: two people who edit it at once lose nothing.
func (p *People) editFields(ctx context.Context, shop loyalty.ShopID, edit func([]loyalty.CustomField) ([]loyalty.CustomField, error), more ...func(context.Context, *store.Tx) error) error {
	return p.st.Write(ctx, func(t *store.Tx) error {
		list, err := t.HoldCustomFields(ctx, shop)
		if err != nil {
			return err
		}
		if list, err = edit(list); err != nil {
			return err
		}
		for _, fn := range more {
			if err := fn(ctx, t); err != nil {
				return err
			}
		}
		return t.PutCustomFields(ctx, shop, list)
	})
}

func checkField(c *loyalty.CustomField) error {
	switch {
	case c.Code == "":
		return loyalty.Invalid("code", "required")
	case !fieldCode.MatchString(c.Code):
		return loyalty.Invalid("code", "invalid_field_code")
	case !slices.Contains(loyalty.FieldKinds, c.Kind):
		return loyalty.Invalid("kind", "unknown_value", "known", strings.Join(loyalty.FieldKinds, " "))
	case !slices.Contains(loyalty.FieldReaders, c.Readers):
		return loyalty.Invalid("readers", "unknown_value", "known", strings.Join(loyalty.FieldReaders, " "))
	case c.Required && c.Readers != loyalty.FieldEdited:
		return loyalty.Invalid("required", "field_not_asked")
	}
	names := map[string]string{}
	for language, name := range c.Names {
		if name = strings.TrimSpace(name); name == "" {
			continue
		}
		if !slices.Contains(locale.Tags, language) {
			return loyalty.Invalid("name_"+language, "unknown_language")
		}
		if err := fieldText("name_"+language, name, maxFieldName); err != nil {
			return err
		}
		names[language] = name
	}
	if len(names) == 0 {
		return loyalty.Invalid("name_"+locale.Tags[0], "required")
	}
	c.Names = names
	return checkOptions(c)
}

const (
	maxFieldName   = 60
	maxFieldOption = 80
)

func checkOptions(c *loyalty.CustomField) error {
	if c.Kind != loyalty.FieldChoice {
		c.Options = nil
		return nil
	}
	var options []string
	for _, o := range c.Options {
		if o = strings.TrimSpace(o); o == "" || slices.ContainsFunc(options, func(x string) bool { return loyalty.Fold(x) == loyalty.Fold(o) }) {
			continue
		}
		if err := fieldText("options", o, maxFieldOption); err != nil {
			return err
		}
		options = append(options, o)
	}
	switch {
	case len(options) < 2:
		return loyalty.Invalid("options", "field_options_few")
	case len(options) > loyalty.MaxFieldOptions:
		return loyalty.Invalid("options", "too_many", "max", strconv.Itoa(loyalty.MaxFieldOptions))
	}
	c.Options = options
	return nil
}

func fieldText(field, s string, most int) error {
	if utf8.RuneCountInString(s) > most {
		return loyalty.Invalid(field, "too_long", "max", strconv.Itoa(most))
	}
	if !utf8.ValidString(s) || strings.ContainsFunc(s, unicode.IsControl) {
		return loyalty.Invalid(field, "control_character")
	}
	return nil
}

// FieldJob is the kind of the job that forgets what members had in a field that is gone.
const FieldJob = "field"

// fieldPortion is how many members lose a field at once; fieldTime, how long a job works at a time.
const (
	fieldPortion = 200
	fieldTime    = 20 * moment.Second
)

// FieldWork does a job of the kind FieldJob. A field that was added again meanwhile keeps what
// there still is.
func (p *People) FieldWork(ctx context.Context, j store.Job) (store.Outcome, error) {
	code := strings.TrimRight(string(j.Subject[:]), "\x00")
	for end := p.st.Clock() + fieldTime; p.st.Clock() < end; {
		list, err := p.st.CustomFields(ctx, j.Shop)
		if err != nil || slices.ContainsFunc(list, func(c loyalty.CustomField) bool { return c.Code == code }) {
			return store.Outcome{}, err
		}
		n, err := p.st.RewritePersons(ctx, j.Shop, loyalty.FieldTerm(code, ""), fieldPortion, func(wrapped, sealed []byte) ([]byte, []string, error) {
			person, err := p.person(&store.MemberRow{Sealed: sealed, Wrapped: wrapped})
			if err != nil {
				return nil, nil, err
			}
			person.Fields = person.Fields.With(map[string]string{code: ""})
			text, err := json.Marshal(person)
			if err != nil {
				return nil, nil, err
			}
			out, err := p.box.Seal(wrapped, text)
			return out, person.SearchTerms(), err
		})
		if err != nil || n == 0 {
			return store.Outcome{}, err
		}
	}
	return store.Outcome{Again: p.st.Clock()}, nil
}
