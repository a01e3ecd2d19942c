package browser

import (
	"encoding/json"
	"maps"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"

	"cagnotte/internal/web"
	"cagnotte/internal/web/admin"
	"cagnotte/internal/web/portal"
)

// routes is a mux that only lists what can be read.
type routes []string

func (r *routes) HandleFunc(pattern string, _ func(http.ResponseWriter, *http.Request)) {
	if strings.HasPrefix(pattern, "GET ") && !strings.HasPrefix(pattern, "GET /p/{shop}") && !strings.HasPrefix(pattern, "GET /admin/test") {
		*r = append(*r, pattern)
	}
}

// The tables in pages.json and admin.json have every page of the portal and every screen of the
// back office: a new one is looked at in every language, or somebody says that it is a file or
// leads elsewhere.
func TestEveryPageIsLookedAt(t *testing.T) {
	t.Run("portal", func(t *testing.T) { lookedAt(t, "pages.json", portal.Mount(portal.Services{})) })
	t.Run("back office", func(t *testing.T) { lookedAt(t, "admin.json", admin.Mount(admin.Services{})) })
}

func lookedAt(t *testing.T, file string, mount web.Mount) {
	b, err := os.ReadFile(file)
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
	mount(&mounted)
	for _, route := range mounted {
		if !rows[route] {
			t.Errorf("%s has no row in %s: who sees it?", route, file)
		}
	}
	for route := range rows {
		if !slices.Contains(mounted, route) {
			t.Errorf("%s has a row, but no route", route)
		}
	}
}
