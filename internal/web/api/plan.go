package api

import (
	"cmp"
	"encoding"
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"cagnotte/internal/moment"
)

// shape is what a JSON value must be.
type shape int

const (
	shapeText shape = iota
	shapeInteger
	shapeBoolean
	shapeInstant // a text that is a time
	shapeID      // a text that is an id
	shapeObject
	shapeList
	shapeMap // names and texts
)

// plan says how a Go type is read from JSON. It is made from the same struct tags as the
// documented schema: json (omitempty or omitzero: may be missing), default, enum (and code,
// the problem of a value outside it), minItems, maxItems.
type plan struct {
	shape  shape
	ptr    bool
	fields []field
	index  map[string]int
	item   *plan
}

type field struct {
	name     string
	at       []int
	plan     *plan
	required bool
	preset   string
	enum     []string
	code     string // of a value outside enum
	min, max int    // of a list's items
}

var (
	texts = reflect.TypeFor[encoding.TextUnmarshaler]()
	times = reflect.TypeFor[moment.Time]()
	pairs = reflect.TypeFor[map[string]string]()
)

// planOf reads a type; what JSON bodies never hold is a mistake of ours.
func planOf(t reflect.Type) *plan { return planner{}.plan(t) }

// planner knows the types that it has begun to read: a choice of rewards holds rewards.
type planner map[reflect.Type]*plan

func (known planner) plan(t reflect.Type) *plan {
	if t.Kind() == reflect.Pointer {
		p := *known.plan(t.Elem()) // no type holds a pointer to itself
		p.ptr = true
		return &p
	}
	switch {
	case t == pairs:
		return &plan{shape: shapeMap}
	case t == times:
		return &plan{shape: shapeInstant}
	case reflect.PointerTo(t).Implements(texts):
		return &plan{shape: shapeID}
	}
	switch t.Kind() {
	case reflect.String:
		return &plan{shape: shapeText}
	case reflect.Int, reflect.Int64, reflect.Uint8:
		return &plan{shape: shapeInteger}
	case reflect.Bool:
		return &plan{shape: shapeBoolean}
	case reflect.Slice:
		return &plan{shape: shapeList, item: known.plan(t.Elem())}
	case reflect.Struct:
		return known.object(t)
	}
	panic(fmt.Sprintf("api: no JSON shape for %s", t))
}

func (known planner) object(t reflect.Type) *plan {
	if p := known[t]; p != nil {
		return p
	}
	p := &plan{shape: shapeObject, index: map[string]int{}}
	known[t] = p
	for _, f := range reflect.VisibleFields(t) {
		tag, ok := f.Tag.Lookup("json")
		if f.Anonymous || !ok {
			continue
		}
		name, rest, _ := strings.Cut(tag, ",")
		x := field{
			name: name, at: f.Index, plan: known.plan(f.Type), preset: f.Tag.Get("default"),
			required: !strings.Contains(rest, "omitempty") && !strings.Contains(rest, "omitzero"),
			min:      number(f.Tag.Get("minItems")), max: number(f.Tag.Get("maxItems")),
		}
		if e := f.Tag.Get("enum"); e != "" {
			x.enum, x.code = strings.Split(e, ","), cmp.Or(f.Tag.Get("code"), "unknown_value")
		}
		p.index[name] = len(p.fields)
		p.fields = append(p.fields, x)
	}
	if len(p.fields) > 64 {
		panic(fmt.Sprintf("api: %s has more than 64 fields", t))
	}
	return p
}

func number(s string) int {
	n, _ := strconv.Atoi(s) // a tag of ours, or none
	return n
}
