package api

import (
	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/programs"
	"cagnotte/internal/rules"
)

// ProgramsReport is one or more programs, as people write them or as documents.
type ProgramsReport struct {
	Text     string           `json:"text,omitempty" doc:"Programs as text"`
	Programs []rules.Document `json:"programs,omitempty" maxItems:"100" doc:"Instead of the text: documents that say the same"`
	DryRun   bool             `json:"dry_run,omitempty" doc:"Check everything, store nothing"`
}

// Applied tells what became of one program.
type Applied struct {
	ID       id.Program  `json:"id,omitzero"`
	Name     string      `json:"name"`
	Version  int         `json:"version"`
	Outcome  string      `json:"outcome" enum:"created,new_version,unchanged"`
	StartsAt moment.Time `json:"starts_at" format:"date-time"`
}

// AppliedPrograms answers a report, in its order.
type AppliedPrograms struct {
	Programs []Applied `json:"programs"`
	DryRun   bool      `json:"dry_run"`
}

// said takes a text or documents, whichever was given.
func said(text, field string, docs []*rules.Document) (programs.Said, error) {
	switch {
	case text == "" && len(docs) == 0:
		return programs.Said{}, loyalty.Invalid("text", "required")
	case text != "" && len(docs) > 0:
		return programs.Said{}, loyalty.Invalid(field, "text_or_document")
	}
	return programs.Said{Text: text, Documents: docs, Field: field}, nil
}

func (a *API) applyPrograms(c *call, p *trial, b *ProgramsReport) (*AppliedPrograms, error) {
	docs := make([]*rules.Document, len(b.Programs))
	for i := range b.Programs {
		docs[i] = &b.Programs[i]
	}
	what, err := said(b.Text, "programs", docs)
	if err != nil {
		return nil, err
	}
	dry := p.DryRun || b.DryRun
	list, err := a.programs.Publish(c.ctx, c.shop(), what, dry)
	if err != nil {
		return nil, err
	}
	out := &AppliedPrograms{Programs: make([]Applied, len(list)), DryRun: dry}
	for i, x := range list {
		out.Programs[i] = Applied(x)
	}
	return out, nil
}

// Program is a program with its versions.
type Program struct {
	ID       id.Program       `json:"id"`
	Name     string           `json:"name"`
	State    string           `json:"state" enum:"scheduled,in_force,paused,ended,withdrawn"`
	Running  bool             `json:"running" doc:"It is not paused"`
	Text     string           `json:"text" doc:"Of the newest version that was not withdrawn; it can be published again"`
	Document *rules.Document  `json:"document" doc:"That says the same"`
	Pauses   []Pause          `json:"pauses"`
	Versions []ProgramVersion `json:"versions"`
}

// Pause is a time in which a program gives nothing.
type Pause struct {
	From        moment.Time `json:"from" format:"date-time"`
	Until       moment.Time `json:"until,omitzero" format:"date-time" doc:"Exclusive; missing: until further notice"`
	AnnouncedAt moment.Time `json:"announced_at" format:"date-time"`
}

// ProgramVersion is one published version.
type ProgramVersion struct {
	Version     int             `json:"version"`
	State       string          `json:"state" enum:"scheduled,in_force,ended,replaced,withdrawn" doc:"Replaced: another version took its place before it began"`
	StartsAt    moment.Time     `json:"starts_at" format:"date-time"`
	EndsAt      moment.Time     `json:"ends_at,omitzero" format:"date-time" doc:"Exclusive; missing: open"`
	PublishedAt moment.Time     `json:"published_at" format:"date-time"`
	WithdrawnAt moment.Time     `json:"withdrawn_at,omitzero" format:"date-time" doc:"Taken back before it began: it judges nothing"`
	Text        string          `json:"text"`
	Document    *rules.Document `json:"document"`
}

func shownProgram(x programs.Program) Program {
	newest := x.Newest()
	out := Program{
		ID: x.ID, Name: x.Name, State: x.State, Running: x.Running, Text: newest.Text, Document: newest.Document,
		Pauses: []Pause{}, Versions: make([]ProgramVersion, len(x.Versions)),
	}
	for _, p := range x.Pauses {
		out.Pauses = append(out.Pauses, Pause{p.From, p.Until, p.Announced})
	}
	for i, v := range x.Versions {
		out.Versions[i] = ProgramVersion{v.N, v.State, v.StartsAt, v.EndsAt, v.PublishedAt, v.WithdrawnAt, v.Text, v.Document}
	}
	return out
}

func (a *API) listPrograms(c *call, p *paging, _ *none) (*Page[Program], error) {
	from, err := after[id.ProgramKind](p.StartingAfter)
	if err != nil {
		return nil, err
	}
	rows, err := a.programs.List(c.ctx, c.shop())
	if err != nil {
		return nil, err
	}
	for len(rows) > 0 && string(rows[0].ID[:]) <= string(from[:]) {
		rows = rows[1:]
	}
	return page(rows, p.Limit, func(x programs.Program) id.Program { return x.ID }, shownProgram), nil
}

type programPath struct {
	ID id.Program `path:"id" unknown:"program_unknown"`
}

func (a *API) program(c *call, p *programPath, _ *none) (*Program, error) {
	return shownProgramOr(a.programs.Program(c.ctx, c.shop(), p.ID))
}

func shownProgramOr(x programs.Program, err error) (*Program, error) {
	if err != nil {
		return nil, err
	}
	out := shownProgram(x)
	return &out, nil
}

type programTrial struct {
	ID     id.Program `path:"id" unknown:"program_unknown"`
	DryRun bool       `query:"dry_run" doc:"Check everything, store nothing"`
}

func (t programTrial) dryRun() bool { return t.DryRun }

// VersionReport is a program's next version.
type VersionReport struct {
	Text     string          `json:"text,omitempty" doc:"One program, under the name that it has"`
	Document *rules.Document `json:"document,omitempty" doc:"Instead of the text"`
}

func (a *API) addVersion(c *call, p *programTrial, b *VersionReport) (*Applied, error) {
	what, err := said(b.Text, "document", documents(b.Document))
	if err != nil {
		return nil, err
	}
	return appliedOne(a.programs.Version(c.ctx, c.shop(), p.ID, what, p.DryRun))
}

func appliedOne(x programs.Applied, err error) (*Applied, error) {
	if err != nil {
		return nil, err
	}
	return new(Applied(x)), nil
}

// ProgramCopy names a new program that says what another one does.
type ProgramCopy struct {
	Name string `json:"name"`
}

func (a *API) copyProgram(c *call, p *programTrial, b *ProgramCopy) (*Applied, error) {
	return appliedOne(a.programs.Copy(c.ctx, c.shop(), p.ID, b.Name, p.DryRun))
}

// PauseReport says when a program gives nothing.
type PauseReport struct {
	From  moment.Time `json:"from,omitzero" format:"date-time" doc:"At least 10 seconds ahead; missing: in 10 seconds"`
	Until moment.Time `json:"until,omitzero" format:"date-time" doc:"Exclusive; missing: until further notice"`
}

func (a *API) pauseProgram(c *call, p *programTrial, b *PauseReport) (*Program, error) {
	return shownProgramOr(a.programs.Pause(c.ctx, c.shop(), p.ID, b.From, b.Until, p.DryRun))
}

// ActivationReport says when a paused program gives again.
type ActivationReport struct {
	At moment.Time `json:"at,omitzero" format:"date-time" doc:"At least 10 seconds ahead; missing: in 10 seconds"`
}

func (a *API) activateProgram(c *call, p *programTrial, b *ActivationReport) (*Program, error) {
	return shownProgramOr(a.programs.Activate(c.ctx, c.shop(), p.ID, b.At, p.DryRun))
}

type versionTrial struct {
	ID      id.Program `path:"id" unknown:"program_unknown"`
	Version int        `path:"version" minimum:"1" maximum:"1000000"`
	DryRun  bool       `query:"dry_run" doc:"Check everything, store nothing"`
}

func (t versionTrial) dryRun() bool { return t.DryRun }

func (a *API) withdrawVersion(c *call, p *versionTrial, _ *none) (*Program, error) {
	return shownProgramOr(a.programs.Withdraw(c.ctx, c.shop(), p.ID, p.Version, p.DryRun))
}
