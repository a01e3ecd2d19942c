package api

import (
	"encoding"
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"cagnotte/internal/loyalty"
	"cagnotte/internal/moment"
	"cagnotte/internal/web"
)

// decode reads a JSON body into v by its plan. It is stricter than encoding/json, because
// money is in it: unknown and repeated fields, other spellings of a name, numbers that are
// not plain integers, and null where a number stands are refused, each with the path of
// the field and nothing of its value.
func decode(body []byte, p *plan, v reflect.Value) error {
	if !utf8.Valid(body) || !json.Valid(body) {
		return &loyalty.Problem{Kind: web.ErrUnreadable, Code: "unreadable_json"}
	}
	r := reader{b: body}
	r.path = r.room[:0]
	return r.value(p, nil, v)
}

// reader walks a text that is valid JSON.
type reader struct {
	b    []byte
	i    int
	path []step
	room [8]step // few bodies are deeper
}

// step is a place on the way to a value: a field's name, or a place in a list.
type step struct {
	name string
	n    int
}

const maxNameShown = 60 // of a name that is not ours

func (r *reader) where() string {
	var b strings.Builder
	for _, s := range r.path {
		if s.name == "" {
			fmt.Fprintf(&b, "[%d]", s.n)
			continue
		}
		if b.Len() > 0 {
			b.WriteByte('.')
		}
		b.WriteString(s.name)
	}
	return b.String()
}

func (r *reader) fail(code string, args ...string) error {
	return loyalty.Invalid(r.where(), code, args...)
}

func (r *reader) space() byte {
	for r.i < len(r.b) && (r.b[r.i] == ' ' || r.b[r.i] == '\n' || r.b[r.i] == '\t' || r.b[r.i] == '\r') {
		r.i++
	}
	return r.b[r.i] // valid JSON does not end where a value is expected
}

// value reads one value. The field is nil at the top and inside lists.
func (r *reader) value(p *plan, f *field, v reflect.Value) error {
	c := r.space()
	if c == 'n' && f != nil { // null is "not given"; a number is given or not
		r.i += len("null")
		switch {
		case p.shape == shapeInteger:
			return r.fail("want_integer")
		case p.shape == shapeBoolean:
			return r.fail("want_boolean")
		case f.required:
			return r.fail("required")
		}
		return nil
	}
	if p.ptr {
		v.Set(reflect.New(v.Type().Elem()))
		v = v.Elem()
	}
	switch p.shape {
	case shapeObject:
		if c != '{' {
			return r.fail("want_object")
		}
		return r.object(p, v)
	case shapeList:
		if c != '[' {
			return r.fail("want_list")
		}
		return r.list(p, f, v)
	case shapeMap:
		if c != '{' {
			return r.fail("want_object")
		}
		return r.pairs(v)
	case shapeInteger:
		return r.integer(c, v)
	case shapeBoolean:
		if c != 't' && c != 'f' {
			return r.fail("want_boolean")
		}
		v.SetBool(c == 't')
		r.i += map[byte]int{'t': len("true"), 'f': len("false")}[c]
		return nil
	}
	return r.text(c, p, f, v)
}

func (r *reader) text(c byte, p *plan, f *field, v reflect.Value) error {
	if c != '"' {
		return r.fail("want_text")
	}
	s := r.quoted()
	if f != nil && f.enum != nil && !slices.Contains(f.enum, s) {
		return r.fail(f.code, "known", strings.Join(f.enum, " "))
	}
	if code := setText(p, v, s); code != "" {
		return r.fail(code)
	}
	return nil
}

// setText puts a text into a string, a time or an id; the code of what is wrong with it.
func setText(p *plan, v reflect.Value, s string) (code string) {
	switch p.shape {
	case shapeInstant:
		var t moment.Time
		if s == "" || t.UnmarshalText([]byte(s)) != nil {
			return "want_time"
		}
		v.SetInt(int64(t))
	case shapeID:
		if s == "" || v.Addr().Interface().(encoding.TextUnmarshaler).UnmarshalText([]byte(s)) != nil {
			return "want_id"
		}
	default:
		v.SetString(s)
	}
	return ""
}

// quoted reads a string; one without escapes is taken as it stands.
func (r *reader) quoted() string {
	start, escaped := r.i, false
	for r.i++; r.b[r.i] != '"'; r.i++ {
		if r.b[r.i] == '\\' {
			escaped = true
			r.i++
		}
	}
	r.i++
	if !escaped {
		return string(r.b[start+1 : r.i-1])
	}
	var s string
	if err := json.Unmarshal(r.b[start:r.i], &s); err != nil {
		panic(err) // the text is valid JSON
	}
	return s
}

func (r *reader) integer(c byte, v reflect.Value) error {
	if c != '-' && (c < '0' || c > '9') {
		return r.fail("want_integer")
	}
	start := r.i
	for r.i < len(r.b) && strings.IndexByte("-+.eE0123456789", r.b[r.i]) >= 0 {
		r.i++
	}
	digits := string(r.b[start:r.i])
	if strings.ContainsAny(digits, ".eE") {
		return r.fail("want_integer")
	}
	n, err := strconv.ParseInt(digits, 10, 64)
	if err != nil {
		return r.fail("out_of_range", "max", strconv.FormatInt(math.MaxInt64, 10))
	}
	if v.CanUint() {
		if n < 0 || v.OverflowUint(uint64(n)) {
			return r.fail("out_of_range", "max", strconv.FormatUint(1<<v.Type().Bits()-1, 10))
		}
		v.SetUint(uint64(n))
		return nil
	}
	v.SetInt(n)
	return nil
}

func (r *reader) list(p *plan, f *field, v reflect.Value) error {
	if f == nil {
		f = &field{}
	}
	r.i++
	n := 0
	for ; r.space() != ']'; n++ {
		if r.b[r.i] == ',' {
			r.i++
		}
		if f.max > 0 && n == f.max {
			return r.fail("too_many", "max", strconv.Itoa(f.max))
		}
		if n == v.Cap() {
			v.Grow(1)
		}
		v.SetLen(n + 1)
		r.path = append(r.path, step{n: n})
		if err := r.value(p.item, nil, v.Index(n)); err != nil {
			return err
		}
		r.path = r.path[:len(r.path)-1]
	}
	r.i++
	if n < f.min {
		return r.fail("required")
	}
	return nil
}

func (r *reader) object(p *plan, v reflect.Value) error {
	var seen uint64
	for r.i++; r.space() != '}'; {
		if r.b[r.i] == ',' {
			r.i++
			r.space()
		}
		key := r.quoted()
		n, known := p.index[key]
		if !known {
			r.path = append(r.path, step{name: shown(key)})
			return r.fail("unknown_field")
		}
		f := &p.fields[n]
		r.path = append(r.path, step{name: f.name})
		if seen&(1<<n) != 0 {
			return r.fail("duplicate_field")
		}
		seen |= 1 << n
		r.space()
		r.i++ // the colon
		if err := r.value(f.plan, f, v.FieldByIndex(f.at)); err != nil {
			return err
		}
		r.path = r.path[:len(r.path)-1]
	}
	r.i++
	for n := range p.fields {
		f := &p.fields[n]
		if seen&(1<<n) != 0 {
			continue
		}
		if f.required {
			r.path = append(r.path, step{name: f.name})
			return r.fail("required")
		}
		if f.preset != "" {
			preset(f, v.FieldByIndex(f.at))
		}
	}
	return nil
}

// pairs reads names with texts. The names are the caller's own; none comes twice.
func (r *reader) pairs(v reflect.Value) error {
	m := map[string]string{}
	for r.i++; r.space() != '}'; {
		if r.b[r.i] == ',' {
			r.i++
			r.space()
		}
		key := r.quoted()
		r.path = append(r.path, step{name: shown(key)})
		if _, twice := m[key]; twice {
			return r.fail("duplicate_field")
		}
		r.space()
		r.i++ // the colon
		if r.space() != '"' {
			return r.fail("want_text")
		}
		m[key] = r.quoted()
		r.path = r.path[:len(r.path)-1]
	}
	r.i++
	v.Set(reflect.ValueOf(m))
	return nil
}

// preset puts in what a missing field means.
func preset(f *field, v reflect.Value) {
	switch f.plan.shape {
	case shapeInteger:
		n, _ := strconv.ParseInt(f.preset, 10, 64) // a tag of ours
		v.SetInt(n)
	case shapeBoolean:
		v.SetBool(f.preset == "true")
	default:
		v.SetString(f.preset)
	}
}

// shown makes a name that is not ours fit for an answer and a log.
func shown(key string) string {
	key = strings.Map(func(c rune) rune {
		if c < ' ' || c == 0x7f || c == utf8.RuneError {
			return '?'
		}
		return c
	}, key)
	if len(key) > maxNameShown {
		key = strings.ToValidUTF8(key[:maxNameShown], "") + "…"
	}
	if key == "" {
		return "?"
	}
	return key
}
