package browser

import (
	"encoding/json"
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"cagnotte/internal/web/portal"
)

// routes is a mux that only lists what can be read.
type routes []string

func (r *routes) HandleFunc(pattern string, _ func(http.ResponseWriter, *http.Request)) {
	if strings.HasPrefix(pattern, "GET ") && !strings.HasPrefix(pattern, "GET /p/{shop}") {
		*r = append(*r, pattern)
	}
}

// The table in pages.json has every page of the portal: a new one is looked at in every
// language, or somebody says that it is a file or leads elsewhere.
func TestEveryPageIsLookedAt(t *testing.T) {
	b, err := os.ReadFile("pages.json")
	if err != nil {
		t.Fatal(err)
	}
	var table struct {
		Pages     []struct{ Route string }
		Files     map[string]struct{}
		Otherwise map[string]string
	}
	if err := json.Unmarshal(b, &table); err != nil {
		t.Fatal(err)
	}
	rows := map[string]bool{}
	for _, p := range table.Pages {
		rows[p.Route] = true
	}
	for _, route := range slices.Concat(slices.Collect(maps.Keys(table.Files)), slices.Collect(maps.Keys(table.Otherwise))) {
		if rows[route] {
			t.Errorf("%s has two rows that differ", route)
		}
		rows[route] = true
	}
	var mounted routes
	portal.Mount(portal.Services{})(&mounted)
	for _, route := range mounted {
		if !rows[route] {
			t.Errorf("%s has no row in pages.json: who sees it?", route)
		}
	}
	for route := range rows {
		if !slices.Contains(mounted, route) {
			t.Errorf("%s has a row, but no route", route)
		}
	}
}
