package loyalty

import (
	"errors"
	"fmt"
)

// Kinds of problems: what the caller may do about it. Edges map a kind to a status.
var (
	ErrNotFound    = errors.New("not found")
	ErrInvalid     = errors.New("invalid")
	ErrConflict    = errors.New("conflict")
	ErrForbidden   = errors.New("forbidden")
	ErrUnavailable = errors.New("unavailable")
)

// Problem is an error that a caller may see: its Code is stable, is the API's code and the
// key of its wording. Field names the input ("order.currency"). Args are figures for the
// wording, never personal data.
type Problem struct {
	Kind  error
	Code  string
	Field string
	Args  map[string]string
}

// Invalid is a problem of the input in one field.
func Invalid(field, code string, args ...string) error {
	return &Problem{ErrInvalid, code, field, pairs(args)}
}

// Conflict is a problem with what is already there.
func Conflict(field, code string, args ...string) error {
	return &Problem{ErrConflict, code, field, pairs(args)}
}

// NotFound says that something named does not exist here.
func NotFound(field, code string) error { return &Problem{ErrNotFound, code, field, nil} }

func pairs(args []string) map[string]string {
	if len(args) == 0 {
		return nil
	}
	m := make(map[string]string, len(args)/2)
	for i := 0; i+1 < len(args); i += 2 {
		m[args[i]] = args[i+1]
	}
	return m
}

// Error names field, code and figures.
func (p *Problem) Error() string {
	s := p.Code
	if p.Field != "" {
		s = p.Field + ": " + s
	}
	if len(p.Args) > 0 {
		s += " " + fmt.Sprint(p.Args)
	}
	return s
}

// Unwrap gives the kind.
func (p *Problem) Unwrap() error { return p.Kind }
