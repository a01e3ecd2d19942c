package api

import (
	"encoding/json"
	"errors"
	"math"
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"cagnotte/internal/loyalty"
)

// sample has every shape and no presets, so that a plain decoder reads the same from it.
type sample struct {
	Amount int64    `json:"amount"`
	Text   string   `json:"text,omitempty"`
	Yes    bool     `json:"yes,omitempty"`
	Words  []string `json:"words,omitempty" maxItems:"5"`
	Lines  []struct {
		Amount int64 `json:"amount"`
	} `json:"lines,omitempty" maxItems:"5"`
}

func FuzzDecode(f *testing.F) {
	for _, s := range []string{
		`{"amount":1}`, `{"amount":-0}`, `{"amount":1e3}`, `{"amount":9223372036854775807,"text":"\u00e9\\\"","yes":true}`,
		`{"amount":1,"words":["a","b"],"lines":[{"amount":2},{"amount":3}]}`, ` { "amount" : 1 , "words" : [ ] } `,
		`{"amount":null}`, `{"amount":1,"amount":2}`, `[]`, `{"amount":1,"x":{"y":[]}}`, `{"amount":1,"text":"\ud800"}`,
	} {
		f.Add([]byte(s))
	}
	p := planOf(reflect.TypeFor[sample]())
	f.Fuzz(func(t *testing.T, body []byte) {
		var got, want sample
		err := decode(body, p, reflect.ValueOf(&got).Elem())
		if err != nil {
			if problem, ok := errors.AsType[*loyalty.Problem](err); !ok || problem.Code == "" {
				t.Fatalf("%q: %v", body, err)
			}
			return
		}
		if err := json.Unmarshal(body, &want); err != nil {
			t.Fatalf("%q is read, but not by encoding/json: %v", body, err)
		}
		if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("%q (-encoding/json +ours):\n%s", body, diff)
		}
	})
}

func TestIntegersAreExact(t *testing.T) {
	t.Parallel()
	p := planOf(reflect.TypeFor[sample]())
	for text, want := range map[string]int64{
		`0`: 0, `-0`: 0, `-1`: -1, `9007199254740993`: 9007199254740993, // beyond what a float can hold
		`9223372036854775807`: math.MaxInt64, `-9223372036854775808`: math.MinInt64,
	} {
		var s sample
		if err := decode([]byte(`{"amount":`+text+`}`), p, reflect.ValueOf(&s).Elem()); err != nil || s.Amount != want {
			t.Errorf("%s: %d %v", text, s.Amount, err)
		}
	}
}
