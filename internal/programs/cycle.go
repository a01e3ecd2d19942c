package programs

import (
	"maps"
	"slices"
	"strings"

	"cagnotte/internal/rules"
)

// current lists the documents that will hold: the newest version of each program, or the
// one that is about to replace it.
func current(b *rules.Book, docs []named) []*rules.Document {
	var out []*rules.Document
	for _, d := range docs {
		out = append(out, d.Document)
	}
	for _, p := range b.Programs {
		replaced := slices.ContainsFunc(docs, func(d named) bool { return d.Name == p.Name })
		if v := p.Newest(); v != nil && !replaced {
			out = append(out, v.Doc)
		}
	}
	return out
}

// cycle finds units that are exchanged for one another in a circle, which would never
// come to rest; empty when there is none. Stamps are each program's own.
func cycle(docs []*rules.Document) []string {
	next := map[string][]string{}
	for _, d := range docs {
		unit := func(name string) string {
			if name == rules.Stamps {
				return name + " of " + d.Name
			}
			return name
		}
		for _, r := range d.Rules {
			if r.Trigger != rules.OnThreshold {
				continue
			}
			for _, g := range r.Gives {
				next[unit(r.Unit)] = append(next[unit(r.Unit)], unit(g.Unit))
			}
		}
	}
	done := map[string]bool{}
	for _, u := range slices.Sorted(maps.Keys(next)) {
		if round := walk(next, done, nil, u); round != nil {
			return round
		}
	}
	return nil
}

func walk(next map[string][]string, done map[string]bool, path []string, u string) []string {
	if i := slices.Index(path, u); i >= 0 {
		return append(path[i:], u)
	}
	if done[u] {
		return nil
	}
	for _, to := range next[u] {
		if round := walk(next, done, append(path, u), to); round != nil {
			return round
		}
	}
	done[u] = true
	return nil
}

func join(units []string) string { return strings.Join(units, " → ") }
