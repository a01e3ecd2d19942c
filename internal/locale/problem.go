package locale

import (
	"errors"
	"maps"
	"slices"
	"strings"

	"cagnotte/internal/loyalty"
)

// unsaid is what a template leaves for a figure that it was not given. An edge may hold
// figures back that repeat what the caller sent; a sentence that needs them is not said.
const unsaid = "<no value>"

// Problem words why an input was not accepted, for whoever typed it. It names no field:
// pages show it beside the field, the API names the field apart.
func (p *Printer) Problem(problem *loyalty.Problem) string {
	code := loyalty.Reason(problem.Code)
	if s := p.figures(code, problem.Args); s != "" {
		return s
	}
	data := maps.Clone(problem.Args)
	for name := range data {
		data[name] = p.figure(problem.Args, name)
	}
	if problem.Args["why"] != "" {
		data["why"] = p.why(problem.Args)
	}
	keys := []string{"problem." + problem.Code, "reason." + problem.Code}
	if problem.Args["min"] != "" { // a range of which both ends are known
		keys = slices.Insert(keys, 0, keys[0]+".min")
	}
	for _, key := range keys {
		if p.has(key) {
			if s := p.say(key, data); !strings.Contains(s, unsaid) {
				return s
			}
		}
	}
	return p.say("problem.kind."+kind(problem.Kind), map[string]string{"Code": problem.Code})
}

// kind names the kind of a problem for which there are no words of its own.
func kind(err error) string {
	switch {
	case errors.Is(err, loyalty.ErrNotFound):
		return "not_found"
	case errors.Is(err, loyalty.ErrConflict):
		return "conflict"
	case errors.Is(err, loyalty.ErrForbidden):
		return "forbidden"
	case errors.Is(err, loyalty.ErrUnavailable):
		return "unavailable"
	}
	return "invalid"
}
