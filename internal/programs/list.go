package programs

import (
	"context"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/rules"
)

// Program is a program as people read it.
type Program struct {
	ID       id.Program
	Name     string
	Running  bool // gives now: it is not paused
	Pauses   []rules.Pause
	Versions []Version // oldest first
}

// Version is one published version, with its text and the document that says the same.
type Version struct {
	N           int
	StartsAt    moment.Time
	EndsAt      moment.Time // exclusive; zero: open
	PublishedAt moment.Time
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
		out[i] = Program{ID: x.ID, Name: x.Name, Running: !x.PausedAt(now, now), Pauses: x.Pauses}
		for _, v := range x.Versions {
			text := v.Doc.Text(rules.SettingOf(s))
			out[i].Versions = append(out[i].Versions, Version{v.N, v.StartsAt, v.EndsAt, v.PublishedAt, text, v.Doc})
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
