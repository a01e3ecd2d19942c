package api

import (
	"cmp"
	"encoding"
	"encoding/json"
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
	shapeRaw // any JSON, read by whoever knows it
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
	raw   = reflect.TypeFor[json.RawMessage]()
	pairs = reflect.TypeFor[map[string]string]()
)

// planOf reads a type; what JSON bodies never hold is a mistake of ours.
func planOf(t reflect.Type) *plan {
	if t.Kind() == reflect.Pointer {
		p := planOf(t.Elem())
		p.ptr = true
		return p
	}
	switch {
	case t == raw:
		return &plan{shape: shapeRaw}
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
	case reflect.Int, reflect.Int64:
		return &plan{shape: shapeInteger}
	case reflect.Bool:
		return &plan{shape: shapeBoolean}
	case reflect.Slice:
		return &plan{shape: shapeList, item: planOf(t.Elem())}
	case reflect.Struct:
		return objectPlan(t)
	}
	panic(fmt.Sprintf("api: no JSON shape for %s", t))
}

func objectPlan(t reflect.Type) *plan {
	p := &plan{shape: shapeObject, index: map[string]int{}}
	for _, f := range reflect.VisibleFields(t) {
		tag, ok := f.Tag.Lookup("json")
		if f.Anonymous || !ok {
			continue
		}
		name, rest, _ := strings.Cut(tag, ",")
		x := field{
			name: name, at: f.Index, plan: planOf(f.Type), preset: f.Tag.Get("default"),
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
