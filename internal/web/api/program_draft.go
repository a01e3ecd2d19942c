package api

import (
	"strconv"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/programs"
	"cagnotte/internal/rules"
)

// ProgramDraft is a program that somebody is still writing. It judges nothing.
type ProgramDraft struct {
	ID        id.Draft        `json:"id"`
	Program   id.Program      `json:"program,omitzero" doc:"Whose next version it is to be; missing: a new program"`
	BasedOn   int             `json:"based_on,omitempty" doc:"The version that it was started from"`
	Revision  int64           `json:"revision" doc:"Rises with every change; name it when you change, publish or remove the draft"`
	Name      string          `json:"name,omitempty" doc:"As far as it can be read"`
	Text      string          `json:"text" doc:"As it was written, readable or not"`
	Document  *rules.Document `json:"document,omitempty" doc:"That says the same; missing while the text is not one program"`
	Lang      string          `json:"lang" doc:"The language of the problems"`
	Problems  []DraftProblem  `json:"problems" doc:"What stands between the draft and being published; none: it can be"`
	CreatedAt moment.Time     `json:"created_at" format:"date-time"`
	ChangedAt moment.Time     `json:"changed_at" format:"date-time"`
}

// DraftProblem is one thing for which a draft cannot be published yet.
type DraftProblem struct {
	Line   int    `json:"line,omitempty" doc:"Of the text"`
	Code   string `json:"code" doc:"Stable; made for programs"`
	Detail string `json:"detail" doc:"One sentence for people"`
}

// NewProgramDraft begins a draft. A program alone begins with its newest version.
type NewProgramDraft struct {
	Program  id.Program      `json:"program,omitzero" doc:"Whose next version it is to be; missing: a new program"`
	Text     string          `json:"text,omitempty" doc:"One program, as far as it is written"`
	Document *rules.Document `json:"document,omitempty" doc:"Instead of the text: a whole document"`
}

// ProgramDraftText is what a draft says now.
type ProgramDraftText struct {
	Revision int64           `json:"revision" doc:"The one that was read; another one by now is a conflict"`
	BasedOn  int             `json:"based_on,omitempty" doc:"Start from this version from now on: after somebody else published one"`
	Text     string          `json:"text,omitempty"`
	Document *rules.Document `json:"document,omitempty" doc:"Instead of the text"`
}

// ProgramDraftPublication publishes a draft.
type ProgramDraftPublication struct {
	Revision int64       `json:"revision" doc:"The one that was read; another one by now is a conflict"`
	StartsAt moment.Time `json:"starts_at,omitzero" format:"date-time" doc:"At least 10 seconds ahead for a next version; missing: as the text says, or as soon as can be"`
}

// ProgramDifference is what changes from one version to another, or to a draft.
type ProgramDifference struct {
	Lang    string   `json:"lang" doc:"The language of the sentences"`
	From    int      `json:"from,omitempty" doc:"A version; missing: there is none, all of it is new"`
	To      int      `json:"to,omitempty" doc:"A version; missing: the draft"`
	Same    bool     `json:"same" doc:"Nothing changes"`
	Changes []string `json:"changes" doc:"Sentence by sentence"`
}

type draftPath struct {
	ID   id.Draft `path:"id" unknown:"draft_unknown"`
	Lang string   `query:"lang" enum:"en,fr,pl" doc:"Accept-Language decides when missing"`
}

type draftTrial struct {
	ID     id.Draft `path:"id" unknown:"draft_unknown"`
	DryRun bool     `query:"dry_run" doc:"Check everything, store nothing"`
}

func (t draftTrial) dryRun() bool { return t.DryRun }

type draftRemoval struct {
	ID       id.Draft `path:"id" unknown:"draft_unknown"`
	Revision int      `query:"revision" minimum:"1" maximum:"1000000000" doc:"The one that was read"`
}

// documents is the one document of a body, if there is one.
func documents(d *rules.Document) []*rules.Document {
	if d == nil {
		return nil
	}
	return []*rules.Document{d}
}

func (a *API) shownDrafts(c *call, lang string, list ...programs.Draft) ([]ProgramDraft, error) {
	printer, err := a.printer(c, lang)
	if err != nil {
		return nil, err
	}
	out := make([]ProgramDraft, len(list))
	for i, x := range list {
		out[i] = ProgramDraft{
			ID: x.ID, Program: x.Program, BasedOn: x.BasedOn, Revision: x.Revision, Name: x.Name, Text: x.Text, Document: x.Document,
			Lang: printer.Tag(), Problems: []DraftProblem{}, CreatedAt: x.CreatedAt, ChangedAt: x.ChangedAt,
		}
		for _, problem := range x.Problems {
			line, _ := strconv.Atoi(problem.Args["line"]) // none: it is about no line
			out[i].Problems = append(out[i].Problems, DraftProblem{line, problem.Code, printer.Problem(problem)})
		}
	}
	return out, nil
}

func (a *API) shownDraft(c *call, lang string, x programs.Draft, err error) (*ProgramDraft, error) {
	if err != nil {
		return nil, err
	}
	list, err := a.shownDrafts(c, lang, x)
	if err != nil {
		return nil, err
	}
	return &list[0], nil
}

func (a *API) listDrafts(c *call, p *paging, _ *none) (*Page[ProgramDraft], error) {
	from, err := after[id.DraftKind](p.StartingAfter)
	if err != nil {
		return nil, err
	}
	rows, err := a.programs.Drafts(c.ctx, c.shop(), from, p.Limit+1)
	if err != nil {
		return nil, err
	}
	shown, err := a.shownDrafts(c, "", rows...)
	if err != nil {
		return nil, err
	}
	return page(shown, p.Limit, func(x ProgramDraft) id.Draft { return x.ID }, func(x ProgramDraft) ProgramDraft { return x }), nil
}

func (a *API) draft(c *call, p *draftPath, _ *none) (*ProgramDraft, error) {
	x, err := a.programs.Draft(c.ctx, c.shop(), p.ID)
	return a.shownDraft(c, p.Lang, x, err)
}

func (a *API) createDraft(c *call, _ *none, b *NewProgramDraft) (*ProgramDraft, error) {
	what := programs.Said{Field: "document"}
	if b.Program.IsZero() || b.Text != "" || b.Document != nil {
		var err error
		if what, err = said(b.Text, "document", documents(b.Document)); err != nil {
			return nil, err
		}
	}
	x, err := a.programs.CreateDraft(c.ctx, c.shop(), b.Program, what)
	return a.shownDraft(c, "", x, err)
}

func (a *API) changeDraft(c *call, p *draftPath, b *ProgramDraftText) (*ProgramDraft, error) {
	what, err := said(b.Text, "document", documents(b.Document))
	if err != nil {
		return nil, err
	}
	x, err := a.programs.ChangeDraft(c.ctx, c.shop(), p.ID, b.Revision, b.BasedOn, what)
	return a.shownDraft(c, p.Lang, x, err)
}

func (a *API) removeDraft(c *call, p *draftRemoval, _ *none) (*ProgramDraft, error) {
	if p.Revision == 0 {
		return nil, loyalty.Invalid("revision", "required")
	}
	x, err := a.programs.DropDraft(c.ctx, c.shop(), p.ID, int64(p.Revision))
	return a.shownDraft(c, "", x, err)
}

func (a *API) publishDraft(c *call, p *draftTrial, b *ProgramDraftPublication) (*Applied, error) {
	return appliedOne(a.programs.PublishDraft(c.ctx, c.shop(), p.ID, b.Revision, b.StartsAt, p.DryRun))
}

type draftDifferenceQuery struct {
	ID   id.Draft `path:"id" unknown:"draft_unknown"`
	From int      `query:"from" minimum:"1" maximum:"1000000" doc:"The version in force when missing, or else the newest one"`
	Lang string   `query:"lang" enum:"en,fr,pl" doc:"Accept-Language decides when missing"`
}

func (a *API) draftDifference(c *call, p *draftDifferenceQuery, _ *none) (*ProgramDifference, error) {
	x, err := a.programs.Draft(c.ctx, c.shop(), p.ID)
	switch {
	case err != nil:
		return nil, err
	case x.Document == nil:
		return nil, x.Problems[0]
	case x.Program.IsZero() && p.From != 0:
		return nil, loyalty.NotFound("from", "version_unknown")
	case x.Program.IsZero():
		return a.difference(c, p.Lang, programs.Version{}, programs.Version{Document: x.Document})
	}
	of, err := a.programs.Program(c.ctx, c.shop(), x.Program)
	if err != nil {
		return nil, err
	}
	was := of.Present()
	if p.From != 0 {
		if was, err = of.Version(p.From, "from"); err != nil {
			return nil, err
		}
	}
	return a.difference(c, p.Lang, was, programs.Version{Document: x.Document})
}

type differenceQuery struct {
	ID   id.Program `path:"id" unknown:"program_unknown"`
	From int        `query:"from" minimum:"1" maximum:"1000000" doc:"The version before the other one when missing"`
	To   int        `query:"to" minimum:"1" maximum:"1000000" doc:"The newest one when missing"`
	Lang string     `query:"lang" enum:"en,fr,pl" doc:"Accept-Language decides when missing"`
}

func (a *API) programDifference(c *call, p *differenceQuery, _ *none) (*ProgramDifference, error) {
	x, err := a.programs.Program(c.ctx, c.shop(), p.ID)
	if err != nil {
		return nil, err
	}
	is := x.Newest()
	if p.To != 0 {
		if is, err = x.Version(p.To, "to"); err != nil {
			return nil, err
		}
	}
	was := x.Before(is)
	if p.From != 0 {
		if was, err = x.Version(p.From, "from"); err != nil {
			return nil, err
		}
	}
	return a.difference(c, p.Lang, was, is)
}

// difference words what changes between two versions; the first may be none.
func (a *API) difference(c *call, lang string, was, is programs.Version) (*ProgramDifference, error) {
	s, _, err := a.office.Shop(c.ctx, c.shop())
	if err != nil {
		return nil, err
	}
	printer, err := a.printer(c, lang)
	if err != nil {
		return nil, err
	}
	list := rules.Difference(was.Document, is.Document, rules.SettingOf(s))
	return &ProgramDifference{printer.Tag(), was.N, is.N, len(list) == 0, printer.Difference(list)}, nil
}
