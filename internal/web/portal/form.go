package portal

import (
	"errors"
	"net/http"
	"strings"

	"cagnotte/internal/loyalty"
	"cagnotte/internal/web"
)

// maxForm is how large a form may be.
const maxForm = 64 << 10

// form is what somebody filled in, and what is wrong with it. It is shown again as it came.
type form struct {
	v      *visit
	values map[string]string
	wrong  map[string]string // by field, in words
	first  string            // the field of the first mistake
}

// read takes the fields of a form that was sent.
func (v *visit) read(names ...string) (*form, error) {
	v.r.Body = http.MaxBytesReader(v.w, v.r.Body, maxForm)
	if err := v.r.ParseForm(); err != nil {
		return nil, &loyalty.Problem{Kind: web.ErrUnreadable, Code: "unreadable_form"}
	}
	f := v.blank()
	for _, n := range names {
		f.values[n] = strings.TrimSpace(v.r.PostFormValue(n))
	}
	return f, nil
}

// blank is a form that nobody has filled in.
func (v *visit) blank() *form {
	return &form{v: v, values: map[string]string{}, wrong: map[string]string{}}
}

// blame puts a problem of the input on its field; false when it is none. aliases say
// "there=here" where an operation names a field otherwise.
func (f *form) blame(err error, aliases ...string) bool {
	p, ok := errors.AsType[*loyalty.Problem](err)
	if !ok || !errors.Is(p.Kind, loyalty.ErrInvalid) && !errors.Is(p.Kind, loyalty.ErrConflict) {
		return false
	}
	name := p.Field
	for _, a := range aliases {
		there, here, _ := strings.Cut(a, "=")
		if name == there {
			name = here
		}
	}
	if i := strings.LastIndexByte(name, '.'); i >= 0 {
		name = name[i+1:]
	}
	if f.wrong[name] = f.v.say.Problem(p); f.first == "" {
		f.first = name
	}
	return true
}

// problem is blame for a mistake that is found here.
func (f *form) problem(name, code string, pairs ...string) {
	_ = f.blame(loyalty.Invalid(name, code, pairs...)) // it is one
}

func (f *form) ok() bool { return len(f.wrong) == 0 }

// tells gives the ids of what stands beside a field.
func (f *form) tells(name, help string) string {
	var ids []string
	if f.wrong[name] != "" {
		ids = append(ids, name+"-wrong")
	}
	if help != "" {
		ids = append(ids, name+"-help")
	}
	return strings.Join(ids, " ")
}

func (f *form) invalid(name string) string {
	if f.wrong[name] != "" {
		return "true"
	}
	return "false"
}
