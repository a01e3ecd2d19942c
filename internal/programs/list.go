package programs

import (
	"context"
	"slices"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/rules"
)

// States of a version, and of a program as a whole.
const (
	Scheduled = "scheduled" // it begins later
	InForce   = "in_force"
	Paused    = "paused"    // of a program: a version is in force, and gives nothing for a while
	Ended     = "ended"     // a later version took over, or its own end has come
	Replaced  = "replaced"  // of a version: another one took its place before it began
	Withdrawn = "withdrawn" // taken back before it began; of a program: all of them were
)

// Program is a program as people read it.
type Program struct {
	ID       id.Program
	Name     string
	State    string
	Running  bool // gives now: it is not paused
	Pauses   []rules.Pause
	Versions []Version // oldest first
}

// Version is one published version, with its text and the document that says the same.
type Version struct {
	N           int
	State       string
	StartsAt    moment.Time
	EndsAt      moment.Time // exclusive; zero: open
	PublishedAt moment.Time
	WithdrawnAt moment.Time // zero: it was not
	Text        string
	Document    *rules.Document // shared by everybody: never to be changed
}

// List gives every program of a shop, in the order of their making.
func (p *Programs) List(ctx context.Context, shop loyalty.ShopID) ([]Program, error) {
	s, err := p.st.Shop(ctx, shop)
	if err != nil {
		return nil, err
	}
	book, err := p.st.Book(ctx, s)
	if err != nil {
		return nil, err
	}
	out, now := make([]Program, len(book.Programs)), p.in.Now(s)
	for i, x := range book.Programs {
		out[i] = Program{ID: x.ID, Name: x.Name, State: stateOf(x, now), Running: !x.PausedAt(now, now), Pauses: x.Pauses}
		for _, v := range x.Versions {
			text := v.Doc.Text(rules.SettingOf(s))
			out[i].Versions = append(out[i].Versions, Version{
				v.N, stateOfVersion(x, v, now), v.StartsAt, v.EndsAt, v.PublishedAt, v.WithdrawnAt, text, v.Doc,
			})
		}
	}
	return out, nil
}

// Program finds one program; the problem `program_unknown` when there is none.
func (p *Programs) Program(ctx context.Context, shop loyalty.ShopID, which id.Program) (Program, error) {
	list, err := p.List(ctx, shop)
	if err != nil {
		return Program{}, err
	}
	for _, x := range list {
		if x.ID == which {
			return x, nil
		}
	}
	return Program{}, loyalty.NotFound("id", "program_unknown")
}

// Present gives the version that judges now; where none does, the newest one.
func (x *Program) Present() Version {
	if v, ok := x.last(InForce); ok {
		return v
	}
	return x.Newest()
}

// Newest gives the version published last, of those that were not withdrawn; of a program
// of which all were, the last one.
func (x *Program) Newest() Version {
	v, ok := x.last(InForce, Scheduled, Ended, Replaced)
	if !ok {
		return x.Versions[len(x.Versions)-1]
	}
	return v
}

func (x *Program) last(states ...string) (Version, bool) {
	for _, v := range slices.Backward(x.Versions) {
		if slices.Contains(states, v.State) {
			return v, true
		}
	}
	return Version{}, false
}

// Before gives the version before another one, of those that were not withdrawn; the zero
// Version, without a document, when there is none.
func (x *Program) Before(v Version) Version {
	for _, w := range slices.Backward(x.Versions) {
		if w.N < v.N && w.WithdrawnAt == 0 {
			return w
		}
	}
	return Version{}
}

// Version finds a version by its number; the problem `version_unknown` of that field when
// there is none.
func (x *Program) Version(n int, field string) (Version, error) {
	for _, v := range x.Versions {
		if v.N == n {
			return v, nil
		}
	}
	return Version{}, loyalty.NotFound(field, "version_unknown")
}

func stateOfVersion(x *rules.Program, v *rules.Version, now moment.Time) string {
	switch {
	case v.WithdrawnAt != 0:
		return Withdrawn
	case x.InForce(now, now) == v:
		return InForce
	case x.Replaced(v):
		return Replaced
	case v.StartsAt > now:
		return Scheduled
	}
	return Ended
}

func stateOf(x *rules.Program, now moment.Time) string {
	states := map[string]bool{}
	for _, v := range x.Versions {
		states[stateOfVersion(x, v, now)] = true
	}
	switch {
	case states[InForce] && x.PausedAt(now, now):
		return Paused
	case states[InForce]:
		return InForce
	case states[Scheduled]:
		return Scheduled
	case states[Ended]:
		return Ended
	}
	return Withdrawn
}
