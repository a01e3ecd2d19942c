package admin

import (
	"crypto/rand"
	"errors"
	"net/http"
	"slices"
	"strings"

	"cagnotte/internal/loyalty"
	"cagnotte/internal/web"
)

// maxForm is how large a form may be.
const maxForm = 256 << 10

// form is what somebody filled in, and what is wrong with it. It is shown again as it came.
type form struct {
	v      *visit
	values map[string]string
	lists  map[string][]string // fields that come several times
	wrong  map[string]string   // by field, in words
	order  []string            // the fields with mistakes, as they were found
}

// blank is a form that nobody has filled in; pairs are what stands in it.
func (v *visit) blank(pairs ...string) *form {
	f := &form{v: v, values: map[string]string{}, lists: map[string][]string{}, wrong: map[string]string{}}
	for i := 0; i+1 < len(pairs); i += 2 {
		f.values[pairs[i]] = pairs[i+1]
	}
	return f
}

// read takes a form that was sent.
func (v *visit) read() (*form, error) {
	v.r.Body = http.MaxBytesReader(v.w, v.r.Body, maxForm)
	if err := v.r.ParseForm(); err != nil {
		return nil, &loyalty.Problem{Kind: web.ErrUnreadable, Code: "unreadable_form"}
	}
	f := v.blank()
	for name, list := range v.r.PostForm {
		f.values[name], f.lists[name] = strings.TrimSpace(list[0]), list
	}
	if _, ok := v.r.PostForm["password"]; ok { // a password is whatever was typed
		f.values["password"] = v.r.PostForm.Get("password")
	}
	v.kept = f.values["kept"]
	return f, nil
}

// get is a field's value.
func (f *form) get(name string) string { return f.values[name] }

// has tells whether a list of ticks has a value.
func (f *form) has(name, value string) bool { return slices.Contains(f.lists[name], value) }

// once is a text of its own for this form, under which what it reports is known: a form that
// is sent twice is one deed.
func (f *form) once() string {
	if f.values["once"] == "" {
		f.values["once"] = rand.Text()
	}
	return f.values["once"]
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
		if there, here, _ := strings.Cut(a, "="); name == there {
			name = here
		}
	}
	f.v.because(p.Code)
	if f.wrong[name] == "" {
		f.order = append(f.order, name)
	}
	f.wrong[name] = f.v.say.Problem(p)
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
