package api

import (
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"sync"

	"github.com/danielgtaylor/huma/v2"

	"cagnotte/internal/office"
	"cagnotte/internal/rules"
	"cagnotte/internal/web"
)

// arraysAreNeverNull sets huma's one global switch: we never send null for a list, and the
// schema should say so.
var arraysAreNeverNull = sync.OnceFunc(func() { huma.DefaultArrayNullable = false })

// schemaName sets the parts of a program's document apart from what the API calls by the
// same words: a voucher is a code, a ProgramVoucher what a rule says of one.
func schemaName(t reflect.Type, hint string) string {
	name := huma.DefaultSchemaNamer(t, hint)
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	if t.PkgPath() == reflect.TypeFor[rules.Document]().PkgPath() {
		return "Program" + name
	}
	return name
}

func newDocument(version string) *huma.OpenAPI {
	arraysAreNeverNull()
	return &huma.OpenAPI{
		OpenAPI: "3.1.0",
		Info: &huma.Info{
			Title: "Cagnotte", Version: version,
			Description: "Referral and loyalty. Amounts are integers of minor units (2000 is 20.00 EUR), times RFC 3339, " +
				"ids opaque text. Every problem is application/problem+json with a stable code; one problem at a time.",
		},
		Components: &huma.Components{
			Schemas: huma.NewMapRegistry("#/components/schemas/", schemaName),
			SecuritySchemes: map[string]*huma.SecurityScheme{
				"key": {Type: "http", Scheme: "bearer", Description: "A key of the shop: cag_live_… or cag_test_…"},
			},
		},
	}
}

// document enters an operation into the OpenAPI document. Schemas come from the same Go
// types that are read and written.
func (a *API) document(op operation, params []param, body, result reflect.Type) {
	reg := a.doc.Components.Schemas
	o := &huma.Operation{
		Method: op.method, Path: op.path, OperationID: op.id, Summary: op.summary,
		Security: []map[string][]string{{"key": {op.scope}}},
		Responses: map[string]*huma.Response{
			strconv.Itoa(op.status): {Description: http.StatusText(op.status), Content: content("application/json", reg, result)},
			"default":               {Description: "A problem", Content: content("application/problem+json", reg, reflect.TypeFor[web.Problem]())},
		},
	}
	if tillMay[op.id] {
		o.Security = append(o.Security, map[string][]string{"key": {office.ScopeTill}})
	}
	for _, p := range params {
		o.Parameters = append(o.Parameters, p.document())
	}
	if op.stores() {
		o.Parameters = append(o.Parameters, &huma.Param{
			Name: "Idempotency-Key", In: "header", Schema: &huma.Schema{Type: huma.TypeString, MaxLength: new(255)},
			Description: "The same key with the same request gives the stored answer, for a day.",
		})
	}
	if body != reflect.TypeFor[none]() {
		o.RequestBody = &huma.RequestBody{Required: true, Content: content("application/json", reg, body)}
	}
	a.doc.AddOperation(o)
}

func content(kind string, reg huma.Registry, t reflect.Type) map[string]*huma.MediaType {
	return map[string]*huma.MediaType{kind: {Schema: reg.Schema(t, true, t.Name())}}
}

func (p *param) document() *huma.Param {
	s := &huma.Schema{}
	switch p.plan.shape {
	case shapeInteger:
		s.Type = huma.TypeInteger
		s.Minimum, s.Maximum = new(float64(number(p.tag.Get("minimum")))), new(float64(number(p.tag.Get("maximum"))))
		if d := p.tag.Get("default"); d != "" {
			s.Default = number(d)
		}
	case shapeBoolean:
		s.Type = huma.TypeBoolean
	case shapeInstant:
		s.Type, s.Format = huma.TypeString, "date-time"
	default:
		s.Type = huma.TypeString
	}
	if e := p.tag.Get("enum"); e != "" {
		for v := range strings.SplitSeq(e, ",") {
			s.Enum = append(s.Enum, v)
		}
	}
	return &huma.Param{Name: p.name, In: p.in, Required: p.in == "path", Description: p.tag.Get("doc"), Schema: s}
}
