package browser

import (
	"encoding/json"
	"maps"
	"net/http"
	"os"
	"path/filepath"
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

// The tables in pages.json and admin/ have every page of the portal and every screen of the
// back office: a new one is looked at in every language, or somebody says that it is a file or
// leads elsewhere.
func TestEveryPageIsLookedAt(t *testing.T) {
	t.Run("portal", func(t *testing.T) { lookedAt(t, portal.Mount(portal.Services{}), "pages.json") })
	parts, err := filepath.Glob("admin/*.json")
	if err != nil || len(parts) == 0 {
		t.Fatal(parts, err)
	}
	t.Run("back office", func(t *testing.T) { lookedAt(t, admin.Mount(admin.Services{}), parts...) })
}

func lookedAt(t *testing.T, mount web.Mount, files ...string) {
	rows := map[string]bool{}
	for _, file := range files {
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
			t.Fatalf("%s: %v", file, err)
		}
		here := map[string]bool{} // a screen has as many rows as it has readers
		for _, p := range table.Pages {
			here[p.Route], rows[p.Route] = true, true
		}
		for _, route := range slices.Concat(slices.Collect(maps.Keys(table.Files)), slices.Collect(maps.Keys(table.Otherwise))) {
			if here[route] {
				t.Errorf("%s has two rows that differ", route)
			}
			rows[route] = true
		}
	}
	var mounted routes
	mount(&mounted)
	for _, route := range mounted {
		if !rows[route] {
			t.Errorf("%s has no row in %v: who sees it?", route, files)
		}
	}
	for route := range rows {
		if !slices.Contains(mounted, route) {
			t.Errorf("%s has a row, but no route", route)
		}
	}
}
