package api

import (
	"cagnotte/internal/office"
)

// EntryText is what is said of an entry of a list.
type EntryText struct {
	Name     string `json:"name"`
	Archived bool   `json:"archived,omitempty" doc:"Out of use, and kept for what carries its code"`
}

// SiteText is what is said of a site.
type SiteText struct {
	EntryText
	Address      string `json:"address,omitempty"`
	OpeningHours string `json:"opening_hours,omitempty"`
}

// SourceText is what is said of a source.
type SourceText struct {
	EntryText
	Channel string `json:"channel" doc:"The code of the channel that it belongs to"`
}

// Site is a store of the shop.
type Site struct {
	Code         string `json:"code"`
	Name         string `json:"name"`
	Archived     bool   `json:"archived"`
	Address      string `json:"address,omitempty"`
	OpeningHours string `json:"opening_hours,omitempty"`
}

// Channel is a way by which contacts come, with its sources.
type Channel struct {
	Code     string   `json:"code"`
	Name     string   `json:"name"`
	Archived bool     `json:"archived"`
	Sources  []Source `json:"sources"`
}

// Source is where within a channel contacts come from.
type Source struct {
	Code     string `json:"code"`
	Name     string `json:"name"`
	Archived bool   `json:"archived"`
	Channel  string `json:"channel"`
}

// Group is a group of members.
type Group struct {
	Code     string `json:"code"`
	Name     string `json:"name"`
	Archived bool   `json:"archived"`
}

// listRoutes mounts the four lists: the same operations, with the words of each.
func (a *API) listRoutes() {
	mountList(a, listOf[SiteText, Site]{
		list: office.Sites, one: "site", summary: "sites",
		read: func(b *SiteText) office.Entry {
			return office.Entry{Name: b.Name, Archived: b.Archived, Address: b.Address, Hours: b.OpeningHours}
		},
		show: each(func(e office.Entry) Site { return Site{e.Code, e.Name, e.Archived, e.Address, e.Hours} }),
	})
	mountList(a, listOf[EntryText, Channel]{
		list: office.Channels, one: "channel", summary: "channels with their sources", read: (*EntryText).entry, show: a.shownChannels,
	})
	mountList(a, listOf[SourceText, Source]{
		list: office.Sources, one: "source", summary: "sources of channels",
		read: func(b *SourceText) office.Entry {
			return office.Entry{Name: b.Name, Archived: b.Archived, Channel: b.Channel}
		},
		show: each(shownSource),
	})
	mountList(a, listOf[EntryText, Group]{
		list: office.Groups, one: "group", summary: "groups of members", read: (*EntryText).entry,
		show: each(func(e office.Entry) Group { return Group{e.Code, e.Name, e.Archived} }),
	})
}

func (b *EntryText) entry() office.Entry { return office.Entry{Name: b.Name, Archived: b.Archived} }

func shownSource(e office.Entry) Source { return Source{e.Code, e.Name, e.Archived, e.Channel} }

func (a *API) shownChannels(c *call, list []office.Entry) ([]Channel, error) {
	sources, err := a.office.SourcesByChannel(c.ctx, c.shop())
	if err != nil {
		return nil, err
	}
	out := make([]Channel, len(list))
	for i, e := range list {
		out[i] = Channel{e.Code, e.Name, e.Archived, []Source{}}
		for _, s := range sources[e.Code] {
			out[i].Sources = append(out[i].Sources, shownSource(s))
		}
	}
	return out, nil
}

// each shows entries that need nothing else.
func each[R any](show func(office.Entry) R) func(*call, []office.Entry) ([]R, error) {
	return func(_ *call, list []office.Entry) ([]R, error) {
		out := make([]R, len(list))
		for i, e := range list {
			out[i] = show(e)
		}
		return out, nil
	}
}

// listOf is one list in the API: B is what is said of an entry, R how it is shown.
type listOf[B, R any] struct {
	list    office.List
	one     string // an entry, in the ids of operations
	summary string
	read    func(*B) office.Entry
	show    func(*call, []office.Entry) ([]R, error)
}

type entryPath struct {
	Code string `path:"code" unknown:"not_found"`
}

func mountList[B, R any](a *API, l listOf[B, R]) {
	all, path := string(l.list), "/v1/"+string(l.list)
	single := func(c *call, e office.Entry) (*R, error) {
		out, err := l.show(c, []office.Entry{e})
		if err != nil {
			return nil, err
		}
		return &out[0], nil
	}
	mount(a, operation{method: "GET", path: path, id: all, summary: "All " + l.summary, scope: office.ScopeRead},
		func(c *call, p *paging, _ *none) (*Page[R], error) {
			after, err := afterText(p.StartingAfter)
			if err != nil {
				return nil, err
			}
			rows, err := a.office.Entries(c.ctx, c.shop(), l.list, after, p.Limit+1)
			if err != nil {
				return nil, err
			}
			codes := pageBy(rows, p.Limit, func(e office.Entry) string { return textCursor(e.Code) }, func(e office.Entry) office.Entry { return e })
			shown, err := l.show(c, codes.Data)
			return &Page[R]{Data: shown, HasMore: codes.HasMore, NextCursor: codes.NextCursor}, err
		})
	mount(a, operation{method: "GET", path: path + "/{code}", id: l.one, summary: "One of the " + l.summary, scope: office.ScopeRead},
		func(c *call, p *entryPath, _ *none) (*R, error) {
			e, err := a.office.Entry(c.ctx, c.shop(), l.list, p.Code)
			if err != nil {
				return nil, err
			}
			return single(c, e)
		})
	mount(a, operation{
		method: "PUT", path: path + "/{code}", id: "put-" + l.one, summary: "Enter or change one of the " + l.summary, scope: office.ScopeSettings,
	}, func(c *call, p *entryPath, b *B) (*R, error) {
		e := l.read(b)
		e.Code = p.Code
		if err := a.office.PutEntry(c.ctx, c.shop(), l.list, e); err != nil {
			return nil, err
		}
		e, err := a.office.Entry(c.ctx, c.shop(), l.list, p.Code)
		if err != nil {
			return nil, err
		}
		return single(c, e)
	})
	mount(a, operation{
		method: "DELETE", path: path + "/{code}", id: "remove-" + l.one, summary: "Remove one of the " + l.summary, scope: office.ScopeSettings,
	}, func(c *call, p *entryPath, _ *none) (*R, error) {
		e, err := a.office.DropEntry(c.ctx, c.shop(), l.list, p.Code)
		if err != nil {
			return nil, err
		}
		return single(c, e)
	})
}
