// Package programs publishes what a shop runs. A program in use is never edited: a text
// with the name of a known program becomes its next version, with a start of its own, and
// members under way keep their terms.
//
// It judges no order: rules does. What it refuses, it refuses before anything is stored.
package programs

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"cagnotte/internal/id"
	"cagnotte/internal/intake"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/rules"
	"cagnotte/internal/store"
)

// Ahead is how long before its start a later version is published: whatever was recorded
// until then was judged by the version before, on every machine.
const Ahead = 10 * moment.Second

// Programs is the running service; it is safe for many goroutines.
type Programs struct {
	st *store.Store
	in *intake.Intake
}

// New makes it.
func New(st *store.Store, in *intake.Intake) *Programs { return &Programs{st, in} }

// What became of a program of a text.
const (
	Created    = "created"
	NewVersion = "new_version"
	Unchanged  = "unchanged" // the newest version says the same already
)

// Applied tells what became of one program of a text.
type Applied struct {
	ID       id.Program // zero for a new one in a dry run
	Name     string
	Version  int
	Outcome  string
	StartsAt moment.Time
}

// Said is what somebody wants to publish: programs as a text, or as documents. Field names
// the documents in problems; the text is always `text`.
type Said struct {
	Text      string
	Documents []*rules.Document
	Field     string
}

// Apply publishes the programs of a text, all or none. With dry it checks everything and
// stores nothing.
func (p *Programs) Apply(ctx context.Context, shop loyalty.ShopID, text string, dry bool) ([]Applied, error) {
	return p.Publish(ctx, shop, Said{Text: text}, dry)
}

// Publish publishes programs, all or none. With dry it checks everything and stores
// nothing.
func (p *Programs) Publish(ctx context.Context, shop loyalty.ShopID, said Said, dry bool) ([]Applied, error) {
	s, err := p.st.Shop(ctx, shop)
	if err != nil {
		return nil, err
	}
	docs, err := said.read(rules.SettingOf(s))
	if err != nil {
		return nil, err
	}
	return p.apply(ctx, s, docs, dry)
}

// Version publishes the next version of a program, which is said in one program of its
// name.
func (p *Programs) Version(ctx context.Context, shop loyalty.ShopID, which id.Program, said Said, dry bool) (Applied, error) {
	known, err := p.Program(ctx, shop, which)
	if err != nil {
		return Applied{}, err
	}
	s, err := p.st.Shop(ctx, shop)
	if err != nil {
		return Applied{}, err
	}
	docs, err := said.read(rules.SettingOf(s))
	switch {
	case err != nil:
		return Applied{}, err
	case len(docs) != 1 || docs[0].Name != known.Name:
		return Applied{}, loyalty.Invalid(docs[0].field, "other_program", "program", known.Name)
	}
	list, err := p.apply(ctx, s, docs, dry)
	if err != nil {
		return Applied{}, err
	}
	return list[0], nil
}

// Copy makes a new program of the newest version of another one, with a name of its own and
// without the dates between which that one gives.
func (p *Programs) Copy(ctx context.Context, shop loyalty.ShopID, which id.Program, name string, dry bool) (Applied, error) {
	s, err := p.st.Shop(ctx, shop)
	if err != nil {
		return Applied{}, err
	}
	book, err := p.st.Book(ctx, s)
	if err != nil {
		return Applied{}, err
	}
	from := book.Program(which)
	switch {
	case from == nil:
		return Applied{}, loyalty.NotFound("id", "program_unknown")
	case from.Newest() == nil:
		return Applied{}, loyalty.Conflict("id", "version_withdrawn")
	case find(book, name) != nil:
		return Applied{}, loyalty.Conflict("name", "program_exists")
	case name == "":
		return Applied{}, loyalty.Invalid("name", "required")
	}
	d := *from.Newest().Doc
	d.Name, d.Starts, d.Ends = name, 0, 0
	if Checked(&d, rules.SettingOf(s), "") != nil {
		return Applied{}, loyalty.Invalid("name", "invalid_program_name", "max", fmt.Sprint(loyalty.MaxText))
	}
	list, err := p.apply(ctx, s, []named{{Document: &d, field: "name"}}, dry)
	if err != nil {
		return Applied{}, err
	}
	return list[0], nil
}

// named is a document with what problems call it, and from when it is to hold where the
// document does not say it itself (zero: as soon as can be).
type named struct {
	*rules.Document
	field string
	at    moment.Time
}

// read gives the documents of what was said.
func (said *Said) read(s rules.Setting) ([]named, error) {
	var out []named
	for i, d := range said.Documents {
		field := said.Field
		if len(said.Documents) > 1 || field == "programs" {
			field = fmt.Sprintf("%s[%d]", said.Field, i)
		}
		if err := Checked(d, s, field); err != nil {
			return nil, err
		}
		out = append(out, named{Document: d, field: field})
	}
	if len(said.Documents) == 0 {
		docs, err := rules.ParseFile(said.Text, s)
		if err != nil {
			return nil, unreadable(err)
		}
		for _, d := range docs {
			out = append(out, named{Document: d, field: "text"})
		}
	}
	for i, d := range out {
		if slices.ContainsFunc(out[:i], func(x named) bool { return x.Name == d.Name }) {
			return nil, loyalty.Invalid(d.field, "program_twice", "program", d.Name)
		}
	}
	return out, nil
}

func (p *Programs) apply(ctx context.Context, s *loyalty.Shop, docs []named, dry bool) ([]Applied, error) {
	var err error
	for range 3 { // somebody else may publish at the same time
		var plan *plan
		if plan, err = p.plan(ctx, s, docs); err != nil {
			return nil, err
		}
		if dry {
			return plan.tried(), nil
		}
		if err = p.publish(ctx, s.ID, plan, nil); !errors.Is(err, loyalty.ErrConflict) {
			return plan.applied, err
		}
	}
	return nil, err
}

// unreadable names the line of a text that cannot be read.
func unreadable(err error) error {
	if e, ok := errors.AsType[*rules.ParseError](err); ok {
		return loyalty.Invalid("text", "program_text", append(why(e), "line", fmt.Sprint(e.Line))...)
	}
	return err
}

// why is the reason of an error as the arguments of a problem: in English, and with what
// its words in other languages are made of.
func why(e *rules.ParseError) []string {
	out := []string{"why", e.Why, "reason", e.Key()}
	for i, f := range e.Figures() {
		out = append(out, string(rune('a'+i)), f)
	}
	return out
}

// plan is what Apply is about to store.
type plan struct {
	applied  []Applied
	programs []*rules.Program // new ones
	versions []*rules.Version
}

func (p *Programs) plan(ctx context.Context, s *loyalty.Shop, docs []named) (*plan, error) {
	book, err := p.st.Book(ctx, s)
	if err != nil {
		return nil, err
	}
	out, now := &plan{}, p.in.Now(s)
	for _, d := range docs {
		if err := out.add(find(book, d.Name), d, now); err != nil {
			return nil, err
		}
	}
	if round := cycle(current(book, docs)); len(round) > 0 {
		return nil, loyalty.Invalid(docs[len(docs)-1].field, "exchange_cycle", "units", join(round))
	}
	return out, nil
}

func find(b *rules.Book, name string) *rules.Program {
	for _, p := range b.Programs {
		if p.Name == name {
			return p
		}
	}
	return nil
}

// add plans one program: a new one (known is nil), its next version, or nothing.
func (out *plan) add(known *rules.Program, d named, now moment.Time) error {
	a := Applied{Name: d.Name, Version: 1, Outcome: Created, StartsAt: cmp.Or(d.Starts, d.at)}
	if known == nil {
		at := now + moment.Time(len(out.programs)) // their ids keep the order of the text
		known = &rules.Program{ID: id.Mint[id.ProgramKind](int64(at), random()), Name: d.Name}
		if a.StartsAt == 0 {
			a.StartsAt = now
		}
		out.programs = append(out.programs, known)
	} else {
		last := known.Newest()
		a.Version, a.Outcome = known.Versions[len(known.Versions)-1].N+1, NewVersion
		switch {
		case last != nil && same(last.Doc, d.Document):
			out.applied = append(out.applied, Applied{known.ID, d.Name, last.N, Unchanged, last.StartsAt})
			return nil
		case a.StartsAt == 0:
			a.StartsAt = now + Ahead
		case a.StartsAt < now+Ahead:
			return loyalty.Invalid(d.field, "starts_too_soon", "program", d.Name, "earliest", (now + Ahead).String())
		}
	}
	if d.Ends != 0 && d.Ends <= a.StartsAt {
		return loyalty.Invalid(d.field, "ends_before_it_begins", "program", d.Name)
	}
	a.ID = known.ID
	out.applied = append(out.applied, a)
	out.versions = append(out.versions, &rules.Version{
		Program: known, N: a.Version, StartsAt: a.StartsAt, EndsAt: d.Ends, PublishedAt: now, Doc: d.Document,
	})
	return nil
}

// tried is what a dry run tells: a program that was not stored has no id.
func (out *plan) tried() []Applied {
	for i := range out.applied {
		if out.applied[i].Outcome == Created {
			out.applied[i].ID = id.Program{}
		}
	}
	return out.applied
}

// same compares documents as they are stored.
func same(a, b *rules.Document) bool {
	x, errX := json.Marshal(a)
	y, errY := json.Marshal(b)
	return errX == nil && errY == nil && bytes.Equal(x, y)
}

// publish stores a plan; also (nil: nothing) is done in the same transaction, before it.
func (p *Programs) publish(ctx context.Context, shop loyalty.ShopID, plan *plan, also func(*store.Tx) error) error {
	if len(plan.versions) == 0 && also == nil {
		return nil
	}
	err := p.st.Write(ctx, func(tx *store.Tx) error {
		if also != nil {
			if err := also(tx); err != nil {
				return err
			}
		}
		for _, x := range plan.programs {
			if err := tx.InsertProgram(ctx, shop, x.ID, x.Name); err != nil {
				return err
			}
		}
		for _, v := range plan.versions {
			if err := tx.InsertVersion(ctx, shop, v); err != nil {
				return err
			}
		}
		return nil
	})
	p.in.Forget(shop)
	return err
}

func random() (r [8]byte) {
	_, _ = rand.Read(r[:]) // never fails (crypto/rand)
	return r
}
