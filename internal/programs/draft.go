package programs

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/rules"
	"cagnotte/internal/store"
)

// MaxDraft is how long the text of a draft is at most, in bytes.
const MaxDraft = 500_000

// Draft is a program that somebody is still writing: a new one, or the next version of one
// that runs. It is kept as it was typed, judges nothing, and names what stands between it
// and being published.
type Draft struct {
	store.Draft
	Name     string             // as far as it can be read
	Document *rules.Document    // nil while the text is not one program
	Problems []*loyalty.Problem // in the order of the lines; none: it can be published
}

// Drafts is a page of a shop's drafts in the order of their making, behind one (zero: from
// the first).
func (p *Programs) Drafts(ctx context.Context, shop loyalty.ShopID, behind id.Draft, limit int) ([]Draft, error) {
	rows, err := p.st.Drafts(ctx, shop, behind, limit)
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	d, err := p.desk(ctx, shop)
	if err != nil {
		return nil, err
	}
	out := make([]Draft, len(rows))
	for i, row := range rows {
		if out[i], err = d.read(row); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// Draft finds one; the problem `draft_unknown` when there is none.
func (p *Programs) Draft(ctx context.Context, shop loyalty.ShopID, which id.Draft) (Draft, error) {
	row, found, err := p.st.Draft(ctx, shop, which)
	switch {
	case err != nil:
		return Draft{}, err
	case !found:
		return Draft{}, loyalty.NotFound("id", "draft_unknown")
	}
	d, err := p.desk(ctx, shop)
	if err != nil {
		return Draft{}, err
	}
	return d.read(row)
}

// CreateDraft begins a draft: of the next version of a program (zero: of a new one), with
// what was said. Where nothing was, it begins with the newest version, without the date
// from which that one holds.
func (p *Programs) CreateDraft(ctx context.Context, shop loyalty.ShopID, of id.Program, said Said) (Draft, error) {
	d, err := p.desk(ctx, shop)
	if err != nil {
		return Draft{}, err
	}
	row := store.Draft{Program: of, Revision: 1, CreatedAt: d.now, ChangedAt: d.now}
	if !of.IsZero() {
		known := d.book.Program(of)
		if known == nil {
			return Draft{}, loyalty.NotFound("program", "program_unknown")
		}
		row.BasedOn = basis(known)
		if v := known.Newest(); v != nil && said.empty() {
			doc := *v.Doc
			doc.Starts = 0
			said.Text = doc.Text(d.set)
		}
	}
	if row.Text, err = d.text(said); err != nil {
		return Draft{}, err
	}
	row.ID = id.Mint[id.DraftKind](int64(d.now), random())
	if err := p.st.Write(ctx, func(tx *store.Tx) error { return tx.InsertDraft(ctx, shop, row) }); err != nil {
		return Draft{}, err
	}
	return d.read(row)
}

// Named finds the program that a text is about, however much of it can be read; zero where
// there is none of its name, so that it speaks of a new one.
func (p *Programs) Named(ctx context.Context, shop loyalty.ShopID, text string) (id.Program, error) {
	d, err := p.desk(ctx, shop)
	if err != nil {
		return id.Program{}, err
	}
	docs, _ := rules.Problems(text, d.set)
	if len(docs) == 0 {
		return id.Program{}, nil
	}
	if x := find(d.book, docs[0].Name); x != nil {
		return x.ID, nil
	}
	return id.Program{}, nil
}

// ChangeDraft stores what a draft says now. Revision is the one that the writer had read:
// the problem `draft_changed` where somebody else has changed it since. BasedOn is the
// version that it now starts from; zero leaves that as it is.
func (p *Programs) ChangeDraft(ctx context.Context, shop loyalty.ShopID, which id.Draft, revision int64, basedOn int, said Said) (Draft, error) {
	was, err := p.Draft(ctx, shop, which)
	if err != nil {
		return Draft{}, err
	}
	d, err := p.desk(ctx, shop)
	if err != nil {
		return Draft{}, err
	}
	row := was.Draft
	row.Revision, row.ChangedAt = revision, d.now
	if row.Text, err = d.text(said); err != nil {
		return Draft{}, err
	}
	if known := d.book.Program(row.Program); basedOn != 0 {
		if known == nil || known.Version(basedOn) == nil {
			return Draft{}, loyalty.NotFound("based_on", "version_unknown")
		}
		row.BasedOn = basedOn
	}
	err = p.st.Write(ctx, func(tx *store.Tx) error {
		done, err := tx.ChangeDraft(ctx, shop, row)
		return lost(done, err, was)
	})
	if err != nil {
		return Draft{}, err
	}
	row.Revision++
	return d.read(row)
}

// DropDraft throws a draft away, in the revision that its reader had read, and gives what
// it was.
func (p *Programs) DropDraft(ctx context.Context, shop loyalty.ShopID, which id.Draft, revision int64) (Draft, error) {
	was, err := p.Draft(ctx, shop, which)
	if err != nil {
		return Draft{}, err
	}
	return was, p.st.Write(ctx, func(tx *store.Tx) error {
		done, err := tx.DropDraft(ctx, shop, which, revision)
		return lost(done, err, was)
	})
}

// PublishDraft makes a draft a version that holds from a time on (zero: from when its text
// says, or as soon as can be), and the draft is gone. Revision is the one that its reader
// had read; a draft of a next version is refused with `draft_outdated` where another
// version was published since it was begun.
func (p *Programs) PublishDraft(ctx context.Context, shop loyalty.ShopID, which id.Draft, revision int64, at moment.Time, dry bool) (Applied, error) {
	var last error
	for range 3 { // somebody else may publish at the same time
		x, err := p.Draft(ctx, shop, which)
		if err != nil {
			return Applied{}, err
		}
		d, err := p.desk(ctx, shop)
		if err != nil {
			return Applied{}, err
		}
		if x.Revision != revision {
			return Applied{}, lost(false, nil, x)
		}
		plan, problems := d.plan(&x, at)
		switch {
		case len(problems) > 0:
			now, err := p.Draft(ctx, shop, which)
			if err == nil {
				err = lost(now.Revision == revision, nil, now)
			}
			return Applied{}, cmp.Or(err, problems[0]) // it may just have been published by somebody else
		case dry:
			return plan.tried()[0], nil
		}
		err = p.publish(ctx, shop, plan, func(tx *store.Tx) error {
			done, err := tx.DropDraft(ctx, shop, which, revision)
			return lost(done, err, x)
		})
		if _, said := errors.AsType[*loyalty.Problem](err); err == nil || said || !errors.Is(err, loyalty.ErrConflict) {
			return plan.applied[0], err
		}
		last = err
	}
	return Applied{}, last
}

// desk is what drafts are read beside: the shop, its programs, and now.
type desk struct {
	book *rules.Book
	set  rules.Setting
	now  moment.Time
}

func (p *Programs) desk(ctx context.Context, shop loyalty.ShopID) (*desk, error) {
	s, err := p.st.Shop(ctx, shop)
	if err != nil {
		return nil, err
	}
	book, err := p.st.Book(ctx, s)
	if err != nil {
		return nil, err
	}
	return &desk{book, rules.SettingOf(s), p.in.Now(s)}, nil
}

func (said *Said) empty() bool { return said.Text == "" && len(said.Documents) == 0 }

// text is what is kept of what was said: a text as it is, readable or not; a document only
// where its text says all of it.
func (d *desk) text(said Said) (string, error) {
	switch {
	case said.empty():
		return "", loyalty.Invalid("text", "required")
	case len(said.Documents) > 0:
		if err := Checked(said.Documents[0], d.set, said.Field); err != nil {
			return "", err
		}
		said.Text = said.Documents[0].Text(d.set)
	}
	switch {
	case len(said.Text) > MaxDraft:
		return "", loyalty.Invalid("text", "too_long", "max", fmt.Sprint(MaxDraft))
	case strings.ContainsRune(said.Text, 0):
		return "", loyalty.Invalid("text", "control_character") // no database keeps it
	}
	return said.Text, nil
}

// lost words a change that found another revision than it wanted.
func lost(done bool, err error, was Draft) error {
	if err != nil || done {
		return err
	}
	return loyalty.Conflict("revision", "draft_changed", "revision", fmt.Sprint(was.Revision))
}

// basis is the number of the version that a draft starts from: the newest one.
func basis(p *rules.Program) int {
	if v := p.Newest(); v != nil {
		return v.N
	}
	return 0
}

// read shows a draft with its problems.
func (d *desk) read(row store.Draft) (Draft, error) {
	out := Draft{Draft: row}
	_, problems := d.plan(&out, 0)
	for _, err := range problems {
		problem, ok := errors.AsType[*loyalty.Problem](err)
		if !ok {
			return Draft{}, err
		}
		out.Problems = append(out.Problems, problem)
	}
	return out, nil
}

// plan is what publishing a draft would store, or everything that stands against it. It
// fills in what can be read of the draft.
func (d *desk) plan(x *Draft, at moment.Time) (*plan, []error) {
	known := d.book.Program(x.Program)
	docs, wrong := rules.Problems(x.Text, d.set)
	if len(docs) > 0 {
		x.Name = docs[0].Name
	}
	if known != nil {
		x.Name = known.Name
	}
	if len(wrong) > 0 {
		out := make([]error, len(wrong))
		for i, e := range wrong {
			out[i] = unreadable(e)
		}
		return nil, out
	}
	if len(docs) != 1 {
		return nil, []error{loyalty.Invalid("text", "draft_one_program")}
	}
	doc := docs[0]
	x.Document = doc
	var out []error
	switch {
	case known != nil && doc.Name != known.Name:
		out = append(out, loyalty.Invalid("text", "other_program", "program", known.Name))
	case known != nil && basis(known) != x.BasedOn:
		out = append(out, loyalty.Conflict("based_on", "draft_outdated", "version", fmt.Sprint(basis(known)), "based_on", fmt.Sprint(x.BasedOn)))
	case known == nil && find(d.book, doc.Name) != nil:
		out = append(out, loyalty.Conflict("text", "program_exists"))
	}
	if at != 0 && doc.Starts != 0 && at != doc.Starts {
		out = append(out, loyalty.Invalid("starts_at", "starts_in_text", "starts", doc.Starts.String()))
	}
	plan, publish := &plan{}, named{Document: doc, field: "text", at: at}
	if at != 0 && doc.Starts == 0 {
		publish.field = "starts_at"
	}
	if err := plan.add(known, publish, d.now); err != nil {
		out = append(out, err)
	}
	if round := cycle(current(d.book, []named{publish})); len(round) > 0 {
		out = append(out, loyalty.Invalid("text", "exchange_cycle", "units", join(round)))
	}
	return plan, out
}
