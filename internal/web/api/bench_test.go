package api

import (
	"bytes"
	"encoding/json"
	"reflect"
	"testing"

	"github.com/danielgtaylor/huma/v2"
)

// report is one event of 250 bytes, as shops send it.
const report = `{"events":[{"type":"order_paid","id":"evt-00000001","occurred_at":"2026-03-01T09:30:00+01:00","member":{"number":"M-000001"},"order":{"series":"web","ref":"100001","currency":"EUR","lines":[{"sku":"COFFEE-1KG","category":"coffee","quantity":2,"amount":4550}]}}]}`

// The strict reader must cost no more than the plain one: POST /v1/events is where the
// shops' traffic arrives.
func BenchmarkDecode(b *testing.B) {
	p := planOf(reflect.TypeFor[Events]())
	b.ReportAllocs()
	for b.Loop() {
		var e Events
		if err := decode([]byte(report), p, reflect.ValueOf(&e).Elem()); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkDecodePlain is encoding/json on the same text.
func BenchmarkDecodePlain(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		var e Events
		d := json.NewDecoder(bytes.NewReader([]byte(report)))
		d.DisallowUnknownFields()
		if err := d.Decode(&e); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkDecodeSchema is what reading by the schema would cost.
func BenchmarkDecodeSchema(b *testing.B) {
	reg := huma.NewMapRegistry("#/", huma.DefaultSchemaNamer)
	s := reg.Schema(reflect.TypeFor[Events](), false, "")
	b.ReportAllocs()
	for b.Loop() {
		var v any
		if err := json.Unmarshal([]byte(report), &v); err != nil {
			b.Fatal(err)
		}
		res := &huma.ValidateResult{}
		huma.Validate(reg, s, huma.NewPathBuffer(nil, 0), huma.ModeWriteToServer, v, res)
		var e Events
		if err := json.Unmarshal([]byte(report), &e); err != nil {
			b.Fatal(err)
		}
	}
}
