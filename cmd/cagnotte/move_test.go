package main

import (
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"cagnotte/internal/store/storetest"
)

// The demo shop, whose members have names and whose twin has lived, goes from one engine
// into the other and keeps everything: balances of both, names, keys.
func TestTheDemoShopMovesWithItsTwin(t *testing.T) {
	for _, way := range [][2]string{{"sqlite", "postgres"}, {"postgres", "sqlite"}} {
		t.Run(way[0]+" to "+way[1], func(t *testing.T) {
			t.Parallel()
			// Both places have the same master key, each in a folder of its own.
			place := func(engine string) []string {
				flags := []string{"--data", keyed(t)}
				if engine == "postgres" {
					flags = append(flags, "--database", storetest.Config(t, engine).URL)
				}
				return flags
			}
			with := func(flags []string, args ...string) string {
				t.Helper()
				var out, errs strings.Builder
				if code := run(t.Context(), append(args, flags...), &out, &errs); code != 0 {
					t.Fatalf("%v ended with %d:\n%s%s", args, code, out.String(), errs.String())
				}
				return out.String()
			}
			from := place(way[0])
			s := start(t, append([]string{"demo", "--addr", "127.0.0.1:0"}, from...))
			key, test := regexp.MustCompile(`cag_live_\w+`).FindString(s.said), regexp.MustCompile(`cag_test_\w+`).FindString(s.said)
			s.post(t, "/v1/shop/clock", test, `{"at":"2026-03-01T12:00:00Z"}`)
			s.post(t, "/v1/programs", test, `{"text":"program \"Trial\"\n  earn 3 points per 1.00 EUR, after 2 days\n"}`)
			s.post(t, "/v1/shop/clock", test, `{"at":"2026-03-02T12:00:00Z"}`)
			s.post(t, "/v1/orders", test, `{"ref":"T1","currency":"EUR","member":{"number":"7","first_name":"Zoé"},"lines":[{"sku":"TEA","amount":700}]}`)
			s.stop(t)

			moved := filepath.Join(t.TempDir(), "moved")
			with(from, "export", "shop", "--shop", "demo", "--into", moved, "--clear")
			for name, want := range map[string]string{
				"live/persons_readable.jsonl": "Małgorzata", "test/persons_readable.jsonl": "Zoé", "test/programs.txt": "earn 3 points per 1.00 EUR",
			} {
				if b, err := os.ReadFile(filepath.Join(moved, name)); err != nil || !strings.Contains(string(b), want) {
					t.Errorf("no %s in %s, %v", want, name, err)
				}
			}
			into := place(way[1])
			with(into, "import", "shop", moved)
			for _, shop := range []string{"demo", "demo-test"} {
				was, is := with(from, "export", "balances", "--shop", shop), with(into, "export", "balances", "--shop", shop)
				if was != is || !strings.Contains(was, "mem_") {
					t.Errorf("balances of %s:\n%s\nare\n%s", shop, was, is)
				}
			}
			if said := with(into, "verify"); strings.Contains(said, "BROKEN") {
				t.Errorf("verify says\n%s", said)
			}

			// What connected programs know opens the new place, and finds members by name.
			again := start(t, append([]string{"serve", "--addr", "127.0.0.1:0"}, into...))
			for name, k := range map[string]string{"Malgorzata": key, "zoe": test} {
				if status, body := again.get(t, "/v1/members?q="+url.QueryEscape(name), k); status != http.StatusOK || !strings.Contains(body, `"first_name"`) {
					t.Errorf("%s is found with %d %s", name, status, body)
				}
			}
			again.stop(t)
		})
	}
}

// keyed is a folder that has a master key.
func keyed(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "master.key"), []byte(storetest.Key+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return folder
}

func (s *server) post(t *testing.T, path, key, body string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.address+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+key)
	r.Header.Set("Content-Type", "application/json")
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode >= 300 {
		text := new(strings.Builder)
		_ = answer.Write(text)
		t.Fatalf("%s answers %s", path, text)
	}
}

// PostgreSQL's own tools make a backup as docs/operations.md says, persons' keys apart, and
// what they restore goes into quarantine.
func TestABackupOfPostgres(t *testing.T) {
	c := storetest.Config(t, "postgres")
	for _, tool := range []string{"pg_dump", "pg_restore", "psql"} {
		if _, err := exec.LookPath(tool); err != nil {
			if os.Getenv("CI") != "" {
				t.Fatal(err)
			}
			t.Skip(err)
		}
	}
	u, err := url.Parse(c.URL)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	schema := q.Get("search_path")
	q.Del("search_path")
	u.RawQuery = q.Encode()
	dsn := u.String()
	tool := func(name string, args ...string) {
		t.Helper()
		if out, err := exec.CommandContext(t.Context(), name, args...).CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", name, err, out)
		}
	}
	folder, dir := keyed(t), t.TempDir()
	flags := []string{"--data", folder, "--database", c.URL}
	with := func(args ...string) (out string, code int) {
		var said, errs strings.Builder
		code = run(t.Context(), append(args, flags...), &said, &errs)
		return said.String() + errs.String(), code
	}
	does := func(args ...string) string {
		t.Helper()
		said, code := with(args...)
		if code != 0 {
			t.Fatalf("%v ended with %d:\n%s", args, code, said)
		}
		return said
	}
	start(t, append([]string{"demo", "--addr", "127.0.0.1:0"}, flags...)).stop(t)
	before := does("export", "balances", "--shop", "demo")

	dump, keys := filepath.Join(dir, "backup.dump"), filepath.Join(dir, "backup.keys")
	tool("pg_dump", "--format=custom", "--exclude-table-data=*.person_keys", "--exclude-table-data=*.member_terms", "--schema="+schema, "--file="+dump, dsn)
	tool("pg_dump", "--format=custom", "--data-only", "--table="+schema+".person_keys", "--file="+keys, dsn)
	tool("psql", "--quiet", "--command=DROP SCHEMA "+schema+" CASCADE", dsn)
	if said, code := with("restore"); code == 0 || !strings.Contains(said, "pg_restore") {
		t.Errorf("nothing is restored, and restore says %d\n%s", code, said)
	}
	tool("pg_restore", "--dbname="+dsn, "--no-owner", dump)
	tool("pg_restore", "--dbname="+dsn, keys)
	if said := does("restore"); !strings.Contains(said, "In quarantine") {
		t.Errorf("restore says\n%s", said)
	}
	if after := does("export", "balances", "--shop", "demo"); after != before || !strings.Contains(after, "mem_") {
		t.Errorf("balances were\n%s\nand are\n%s", before, after)
	}
	if said := does("verify"); strings.Contains(said, "BROKEN") {
		t.Errorf("verify says\n%s", said)
	}
	s := start(t, append([]string{"serve", "--addr", "127.0.0.1:0"}, flags...))
	if status, body := s.get(t, "/readyz", ""); status != http.StatusOK || !strings.Contains(body, "in quarantine since") {
		t.Errorf("it says %d %s", status, body)
	}
	s.cancel()
	if code, errs := <-s.ended, s.errs.String(); code != 0 || !strings.Contains(errs, "in quarantine since") {
		t.Errorf("it ended with %d, and its log is\n%s", code, errs)
	}
	does("restore", "--release")
	if said := does("doctor"); strings.Contains(said, "quarantine") || strings.Contains(said, "WRONG") {
		t.Errorf("released, the doctor says\n%s", said)
	}
}
