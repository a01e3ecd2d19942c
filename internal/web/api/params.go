package api

import (
	"fmt"
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"cagnotte/internal/loyalty"
)

// param is one parameter of an operation, from a field's tags: path or query, default,
// minimum, maximum, enum, doc; `unknown` is the code of a path that names nothing.
type param struct {
	in, name string
	at       int
	plan     *plan
	tag      reflect.StructTag
}

func paramsOf(t reflect.Type) []param {
	var out []param
	for i := range t.NumField() {
		f := t.Field(i)
		for _, in := range []string{"path", "query"} {
			if name, ok := f.Tag.Lookup(in); ok {
				out = append(out, param{in, name, i, planOf(f.Type), f.Tag})
			}
		}
	}
	return out
}

// bind reads the parameters of a request. A parameter that nobody knows is refused: a
// `?dryrun=true` that is silently ignored would store what was only to be tried.
func bind(r *http.Request, params []param, v reflect.Value) error {
	var query url.Values
	if r.URL.RawQuery != "" {
		var err error
		if query, err = url.ParseQuery(r.URL.RawQuery); err != nil {
			return loyalty.Invalid("query", "unreadable_query")
		}
	}
	for name, values := range query {
		if !slices.ContainsFunc(params, func(p param) bool { return p.in == "query" && p.name == name }) {
			return loyalty.Invalid(shown(name), "unknown_parameter")
		}
		if len(values) > 1 {
			return loyalty.Invalid(name, "duplicate_field")
		}
	}
	for _, p := range params {
		s := query.Get(p.name)
		if p.in == "path" {
			s = r.PathValue(p.name)
		}
		if s == "" {
			s = p.tag.Get("default")
		}
		if s == "" && p.in == "query" {
			continue
		}
		if err := p.set(v.Field(p.at), s); err != nil {
			return err
		}
	}
	return nil
}

func (p *param) set(v reflect.Value, s string) error {
	switch p.plan.shape {
	case shapeInteger:
		n, err := strconv.ParseInt(s, 10, 64)
		if err != nil {
			return loyalty.Invalid(p.name, "want_integer")
		}
		least, most := number(p.tag.Get("minimum")), number(p.tag.Get("maximum"))
		if n < int64(least) || n > int64(most) {
			return loyalty.Invalid(p.name, "out_of_range", "min", fmt.Sprint(least), "max", fmt.Sprint(most))
		}
		v.SetInt(n)
		return nil
	case shapeBoolean:
		if s != "true" && s != "false" {
			return loyalty.Invalid(p.name, "want_boolean")
		}
		v.SetBool(s == "true")
		return nil
	case shapeInstant:
		s = strings.ReplaceAll(s, " ", "+") // an offset's plus that was not escaped
	}
	if e := p.tag.Get("enum"); e != "" && !slices.Contains(strings.Split(e, ","), s) {
		return loyalty.Invalid(p.name, "unknown_value", "known", strings.ReplaceAll(e, ",", " "))
	}
	code := setText(p.plan, v, s)
	switch {
	case code == "":
		return nil
	case p.in == "path":
		return loyalty.NotFound(p.name, p.tag.Get("unknown"))
	}
	return loyalty.Invalid(p.name, code)
}
