package main

import (
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"
)

// The demo serves a storefront on an origin of its own, knows the same people in both, and
// fills the catalogue. Every start says where things are.
func TestTheDemoHasAStorefront(t *testing.T) {
	t.Parallel()
	args := []string{"demo", "--data", t.TempDir(), "--addr", "127.0.0.1:0"}
	for range 2 {
		s := start(t, args)
		key := regexp.MustCompile(`cag_live_\w+`).FindString(s.said)
		for _, name := range []string{"pages", "friend", "blocked", "invitation", "unknown"} {
			if line(s.said, name) == "" {
				t.Errorf("it does not say where %q is:\n%s", name, s.said)
			}
		}
		_, front, _ := strings.Cut(strings.TrimSpace(line(s.said, "storefront")), "http://")
		if strings.HasPrefix(s.address, "http://"+strings.TrimSuffix(front, "/")) {
			t.Errorf("the storefront is at %s, as the server is", front)
		}
		for path, want := range map[string]string{"": "Café Lavande", "outbox": "<h1>"} {
			if page := fetch(t, "http://"+front+path); !regexp.MustCompile(want).MatchString(page) {
				t.Errorf("/%s says\n%s", path, page)
			}
		}
		if _, body := s.get(t, "/v1/portal", key); !strings.Contains(body, `"shop":"http://`+strings.TrimSuffix(front, "/")+`"`) {
			t.Errorf("the portal says %s", body)
		}
		if _, body := s.get(t, "/v1/gifts", key); strings.Count(body, `"delivery"`) != len(demoCatalogue(0)) {
			t.Errorf("the catalogue is %s", body)
		}
		if _, body := s.get(t, "/v1/vouchers/"+demoCoupon, key); !strings.Contains(body, `"percent":1000`) {
			t.Errorf("the coupon is %s", body)
		}
		s.stop(t)
	}
}

func fetch(t *testing.T, address string) string {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	a, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer a.Body.Close()
	b, err := io.ReadAll(a.Body)
	if err != nil || a.StatusCode != http.StatusOK {
		t.Fatalf("%s answers %d %v", address, a.StatusCode, err)
	}
	return string(b)
}
