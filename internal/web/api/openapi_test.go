package api

import (
	"bytes"
	"encoding/json"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"

	"cagnotte/internal/loyalty"
)

// lister is a mux that only lists.
type lister []string

func (l *lister) HandleFunc(pattern string, _ func(http.ResponseWriter, *http.Request)) {
	*l = append(*l, pattern)
}

// undocumented routes are no operations.
var undocumented = []string{"GET /openapi.json"}

func TestEveryRouteIsDocumentedAndEveryOperationMounted(t *testing.T) {
	var routes lister
	Mount(Services{})(&routes)
	raw, err := OpenAPI("1")
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		OpenAPI string
		Paths   map[string]map[string]struct {
			OperationID string
			Security    []map[string][]string
			Parameters  []struct{ Name, In string }
			Responses   map[string]any
		}
	}
	if err := json.Unmarshal(raw, &doc); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(doc.OpenAPI, "3.1") {
		t.Errorf("OpenAPI %s", doc.OpenAPI)
	}
	asked := map[string]bool{"evaluate-cart": true, "backtest": true} // questions: nothing is stored
	var documented []string
	for path, methods := range doc.Paths {
		for method, op := range methods {
			pattern := strings.ToUpper(method) + " " + path
			documented = append(documented, pattern)
			if op.OperationID == "" || len(op.Security) == 0 || op.Responses["default"] == nil {
				t.Errorf("%s has no id, no scope or no problem", pattern)
			}
			for _, p := range op.Parameters {
				if p.In == "path" && !strings.Contains(path, "{"+p.Name+"}") {
					t.Errorf("%s has no {%s}", pattern, p.Name)
				}
			}
			if got := slices.ContainsFunc(op.Parameters, func(p struct{ Name, In string }) bool { return p.Name == "Idempotency-Key" }); got != (method == "post" && !asked[op.OperationID]) {
				t.Errorf("%s: Idempotency-Key documented: %v", pattern, got)
			}
		}
	}
	for _, r := range routes {
		if !slices.Contains(documented, r) && !slices.Contains(undocumented, r) {
			t.Errorf("%s is mounted, but not documented", r)
		}
	}
	for _, d := range documented {
		if !slices.Contains(routes, d) {
			t.Errorf("%s is documented, but not mounted", d)
		}
	}
	if bytes.Contains(raw, []byte("unpkg")) || bytes.Contains(raw, []byte("$schema")) {
		t.Error("the document links to somebody else's server")
	}
}

// What is read is what is documented: the strict reader and the schema come from the same
// types by two ways, and must agree on every field.
func TestSchemasSayWhatIsRead(t *testing.T) {
	arraysAreNeverNull()
	for _, body := range []any{Events{}, OrderReport{}, RefundReport{}, Enrolment{}, ProgramsReport{}, NewShop{}, Clock{}, OutboxKinds{}, NewKey{}, ShopSettings{}, SiteText{}, SourceText{}, EntryText{},
		MergeReport{}, BlockReport{}, GroupReport{}, TagReport{}, Adjustment{}, TransferReport{}, ExchangeReport{}, Click{}, Invitation{},
		Review{}, BondReport{}, ReferrerReport{}, ChoiceReport{}, Fulfilment{}, Redemption{},
		VersionReport{}, ProgramCopy{}, PauseReport{}, ActivationReport{}, NewProgramDraft{}, ProgramDraftText{}, ProgramDraftPublication{},
		PageText{}, PagePublication{}, PageWithdrawal{},
	} {
		reg := huma.NewMapRegistry("#/", schemaName)
		typ := reflect.TypeOf(body)
		agree(t, typ.Name(), reg, reg.Schema(typ, false, ""), planOf(typ), map[string]bool{})
	}
}

// agree compares a schema with a plan; seen are the types that were compared above it, since
// a choice of rewards holds rewards.
func agree(t *testing.T, where string, reg huma.Registry, s *huma.Schema, p *plan, seen map[string]bool) {
	t.Helper()
	program := strings.HasPrefix(s.Ref, "#/Program") // its lists and times are checked by its text
	if s.Ref != "" {
		if seen[s.Ref] {
			return
		}
		seen[s.Ref] = true
		defer delete(seen, s.Ref)
		s = reg.SchemaFromRef(s.Ref)
	}
	want := map[shape]string{
		shapeText: "string", shapeInstant: "string", shapeID: "string", shapeInteger: "integer", shapeBoolean: "boolean",
		shapeObject: "object", shapeList: "array", shapeMap: "object",
	}[p.shape]
	if s.Type != want {
		t.Errorf("%s is documented as %s, read as %s", where, s.Type, want)
		return
	}
	if p.shape == shapeList {
		agree(t, where+"[]", reg, s.Items, p.item, seen)
	}
	if p.shape != shapeObject {
		return
	}
	if s.AdditionalProperties != false {
		t.Errorf("%s: unknown fields are documented as welcome", where)
	}
	if len(s.Properties) != len(p.fields) {
		t.Errorf("%s: %d fields documented, %d read", where, len(s.Properties), len(p.fields))
	}
	for _, f := range p.fields {
		x := s.Properties[f.name]
		if x == nil {
			t.Errorf("%s.%s is read, but not documented", where, f.name)
			continue
		}
		if slices.Contains(s.Required, f.name) != f.required {
			t.Errorf("%s.%s: required %v when read", where, f.name, f.required)
		}
		if len(x.Enum) != len(f.enum) {
			t.Errorf("%s.%s: documented values %v, read %v", where, f.name, x.Enum, f.enum)
		}
		if f.plan.shape == shapeInstant && !program && x.Format != "date-time" {
			t.Errorf("%s.%s is a time and not documented as one", where, f.name)
		}
		if f.plan.shape == shapeList && !program && f.max == 0 {
			t.Errorf("%s.%s is a list without an end", where, f.name)
		}
		agree(t, where+"."+f.name, reg, x, f.plan, seen)
	}
}

func TestEveryKindOfFactCanBeReported(t *testing.T) {
	for _, f := range planOf(reflect.TypeFor[Event]()).fields {
		if f.name == "type" && !slices.Equal(f.enum, loyalty.Kinds) {
			t.Errorf("the API takes %v, the product knows %v", f.enum, loyalty.Kinds)
		}
	}
}
