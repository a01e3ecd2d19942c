package api

import (
	"cmp"

	"cagnotte/internal/id"
	"cagnotte/internal/moment"
	"cagnotte/internal/rules"
)

// Summary is a program on one page, good enough to be published.
type Summary struct {
	Title      string      `json:"title"`
	Lang       string      `json:"lang" doc:"The language of the texts"`
	Version    int         `json:"version"`
	StartsAt   moment.Time `json:"starts_at" format:"date-time"`
	EndsAt     moment.Time `json:"ends_at,omitzero" format:"date-time" doc:"Exclusive; missing: open"`
	Paragraphs []string    `json:"paragraphs" doc:"About the whole program, then about each of its rules"`
	Since      int         `json:"since,omitempty"`
	Changes    []string    `json:"changes,omitempty" doc:"What is different from the version since"`
}

type summaryQuery struct {
	ID      id.Program `path:"id" unknown:"program_unknown"`
	Lang    string     `query:"lang" enum:"en,fr,pl" doc:"Accept-Language decides when missing"`
	Version int        `query:"version" minimum:"1" maximum:"1000000" doc:"The newest one when missing"`
	Since   int        `query:"since" minimum:"1" maximum:"1000000" doc:"Say what is different from this version, too"`
}

func (a *API) summary(c *call, p *summaryQuery, _ *none) (*Summary, error) {
	x, err := a.programs.Program(c.ctx, c.shop(), p.ID)
	if err != nil {
		return nil, err
	}
	v, err := x.Version(cmp.Or(p.Version, x.Newest().N), "version")
	if err != nil {
		return nil, err
	}
	s, _, err := a.office.Shop(c.ctx, c.shop())
	if err != nil {
		return nil, err
	}
	printer, err := a.printer(c, p.Lang)
	if err != nil {
		return nil, err
	}
	set := rules.SettingOf(s)
	out := &Summary{
		Title: v.Document.Name, Lang: printer.Tag(), Version: v.N, StartsAt: v.StartsAt, EndsAt: v.EndsAt, Since: p.Since,
		Paragraphs: printer.Summary(rules.Summary(v.Document, set)),
	}
	if p.Since != 0 {
		was, err := x.Version(p.Since, "since")
		if err != nil {
			return nil, err
		}
		out.Changes = printer.Difference(rules.Difference(was.Document, v.Document, set))
	}
	return out, nil
}
