package api

import (
	"cagnotte/internal/id"
	"cagnotte/internal/moment"
	"cagnotte/internal/programs"
)

// ProgramText is one or more programs as people write them.
type ProgramText struct {
	Text   string `json:"text"`
	DryRun bool   `json:"dry_run,omitempty" doc:"Check everything, store nothing"`
}

// Applied tells what became of one program of a text.
type Applied struct {
	ID       id.Program  `json:"id,omitzero"`
	Name     string      `json:"name"`
	Version  int         `json:"version"`
	Outcome  string      `json:"outcome" enum:"created,new_version,unchanged"`
	StartsAt moment.Time `json:"starts_at" format:"date-time"`
}

// AppliedPrograms answers a text, in its order.
type AppliedPrograms struct {
	Programs []Applied `json:"programs"`
	DryRun   bool      `json:"dry_run"`
}

func (a *API) applyPrograms(c *call, p *trial, b *ProgramText) (*AppliedPrograms, error) {
	dry := p.DryRun || b.DryRun
	list, err := a.programs.Apply(c.ctx, c.shop(), b.Text, dry)
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
	Running  bool             `json:"running"`
	Text     string           `json:"text" doc:"Of the newest version; it can be published again"`
	Versions []ProgramVersion `json:"versions"`
}

// ProgramVersion is one published version.
type ProgramVersion struct {
	Version     int         `json:"version"`
	StartsAt    moment.Time `json:"starts_at" format:"date-time"`
	EndsAt      moment.Time `json:"ends_at,omitzero" format:"date-time" doc:"Exclusive; missing: open"`
	PublishedAt moment.Time `json:"published_at" format:"date-time"`
	Text        string      `json:"text"`
}

func shownProgram(x programs.Program) Program {
	out := Program{ID: x.ID, Name: x.Name, Running: x.Running, Versions: make([]ProgramVersion, len(x.Versions))}
	for i, v := range x.Versions {
		out.Versions[i] = ProgramVersion{v.N, v.StartsAt, v.EndsAt, v.PublishedAt, v.Text}
		out.Text = v.Text
	}
	return out
}

func (a *API) listPrograms(c *call, _ *none, _ *none) (*Page[Program], error) {
	rows, err := a.programs.List(c.ctx, c.shop())
	if err != nil {
		return nil, err
	}
	return page(rows, len(rows), func(x programs.Program) id.Program { return x.ID }, shownProgram), nil
}

type programPath struct {
	ID id.Program `path:"id" unknown:"program_unknown"`
}

func (a *API) program(c *call, p *programPath, _ *none) (*Program, error) {
	x, err := a.programs.Program(c.ctx, c.shop(), p.ID)
	if err != nil {
		return nil, err
	}
	out := shownProgram(x)
	return &out, nil
}
