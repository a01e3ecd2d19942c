package imports_test

import (
	"errors"
	"strings"
	"testing"

	"cagnotte/internal/imports"
	"cagnotte/internal/loyalty"
)

func mappingText(t *testing.T, text string) imports.Mapping {
	t.Helper()
	m, err := imports.ParseMapping(text)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestBuiltInMappingsArePrinted(t *testing.T) {
	for _, reads := range imports.Kinds {
		for _, name := range imports.Mappings(reads) {
			text, err := imports.MappingText(reads, name)
			if err != nil {
				t.Fatal(err)
			}
			if m := mappingText(t, text); m.Name != name || m.Reads != reads {
				t.Errorf("%s of %s reads as %s of %s", name, reads, m.Name, m.Reads)
			}
		}
	}
	if _, err := imports.MappingText("", "cagnotte"); codeOf(err) != "mapping_of_which" {
		t.Error(err)
	}
	if _, err := imports.MappingText("orders", "nobody"); codeOf(err) != "mapping_unknown" {
		t.Error(err)
	}
}

func codeOf(err error) string {
	if p, ok := errors.AsType[*loyalty.Problem](err); ok {
		return p.Code
	}
	return ""
}

const plain = "name: till\nreads: orders\ncolumn order: no\ncolumn date: day\ncolumn article: sku\ncolumn amount: sum\n"

func TestMappingsAreRefusedWithTheirLine(t *testing.T) {
	tests := []struct{ text, code, line, key string }{
		{"", "mapping_without", "", "reads"},
		{"reads: orders\n", "mapping_without", "", "name"},
		{"name: x\nreads: parcels\n", "mapping_value", "2", "reads"},
		{plain + "colour: red\n", "mapping_setting_unknown", "7", "colour"},
		{plain + "column colour: red\n", "mapping_setting_unknown", "7", "column colour"},
		{plain + "column joined: day\n", "mapping_setting_unknown", "7", "column joined"},
		{plain + "unit: points\n", "mapping_setting_unknown", "7", "unit"},
		{plain + "separator\n", "mapping_line", "7", ""},
		{plain + "separator:\n", "mapping_line", "7", ""},
		{plain + "separator: ;\n", "mapping_value", "7", "separator"},
		{plain + "encoding: latin1\n", "mapping_value", "7", "encoding"},
		{plain + "name: other\n", "mapping_twice", "7", "name"},
		{plain + "optional column order: nr\n", "mapping_twice", "7", "column order"},
		{plain + "dates: D/M\n", "mapping_value", "7", "dates"},
		{plain + "dates: YYYY-MM-DD am\n", "mapping_value", "7", "dates"},
		{plain + "time zone: Paris\n", "mapping_value", "7", "time zone"},
		{plain + "currency: euros\n", "mapping_value", "7", "currency"},
		{plain + "feed: a shop\n", "mapping_value", "7", "feed"},
		{plain + "refund: order starts with C\n", "mapping_test", "7", ""},
		{plain + "refund: amount below 5\n", "mapping_test", "7", ""},
		{plain + "refund: column \"Type is R\n", "mapping_test", "7", ""},
		{plain + "refund: category is R\n", "mapping_without", "", "column category"},
		{plain + "column unit price: price\n", "mapping_both", "", "column unit price"},
		{plain + "article: bread\n", "mapping_both", "", "article"},
		{plain + "decimal: comma\nthousands: comma\n", "mapping_same_sign", "", "thousands"},
		{strings.Replace(plain, "column date: day\n", "", 1), "mapping_without", "", "column date"},
		{"name: x\nreads: members\ncolumn first name: a\n", "mapping_without", "", "column number | column external id | column email | column phone"},
		{"name: x\nreads: balances\ncolumn member number: a\ncolumn amount: b\n", "mapping_without", "", "column unit"},
	}
	for _, tt := range tests {
		_, err := imports.ParseMapping(tt.text)
		p, ok := errors.AsType[*loyalty.Problem](err)
		if !ok || p.Code != tt.code || p.Args["line"] != tt.line || p.Args["key"] != tt.key {
			t.Errorf("%q\nis refused by %v, want %s in line %s of %q", tt.text, err, tt.code, tt.line, tt.key)
			continue
		}
		worded(t, imports.Totals{Errors: []imports.RowError{{Code: p.Code, Args: p.Args}}})
	}
}

func problemOf(err error) *loyalty.Problem {
	p, _ := errors.AsType[*loyalty.Problem](err)
	return p
}
