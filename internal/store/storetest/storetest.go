// Package storetest gives tests a fresh database: an SQLite file, and a schema of its own
// on the PostgreSQL that CAGNOTTE_TEST_POSTGRES names. The same tests run on both; in CI a
// missing PostgreSQL is a failure, not a skip.
package storetest

import (
	"crypto/rand"
	"database/sql"
	"net/url"
	"os"
	"strings"
	"testing"

	"cagnotte/internal/seal"
	"cagnotte/internal/store"
)

// Key is a master key for tests.
const Key = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="

// Box is a box with the tests' key.
func Box(t testing.TB) *seal.Box {
	t.Helper()
	b, err := seal.New(Key)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// Each runs a test on a fresh database of every engine.
func Each(t *testing.T, test func(t *testing.T, st *store.Store)) {
	t.Helper()
	for _, engine := range []string{"sqlite", "postgres"} {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			test(t, Open(t, Config(t, engine)))
		})
	}
}

// Open opens a database for the length of a test.
func Open(t testing.TB, c store.Config) *store.Store {
	t.Helper()
	st, err := store.Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := st.Close(); err != nil {
			t.Error(err)
		}
	})
	return st
}

// Config makes a place for a fresh database: "sqlite" or "postgres".
func Config(t testing.TB, engine string) store.Config {
	t.Helper()
	if engine == "sqlite" {
		return store.Config{Folder: t.TempDir()}
	}
	dsn := os.Getenv("CAGNOTTE_TEST_POSTGRES")
	if dsn == "" {
		if os.Getenv("CI") != "" {
			t.Fatal("CAGNOTTE_TEST_POSTGRES names no server: in CI PostgreSQL must be there")
		}
		t.Skip("CAGNOTTE_TEST_POSTGRES names no server")
	}
	db, err := sql.Open("pgx", dsn)
	if err != nil {
		t.Fatal(err)
	}
	schema := "t_" + strings.ToLower(rand.Text())
	if _, err := db.ExecContext(t.Context(), "CREATE SCHEMA "+schema); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := db.Exec("DROP SCHEMA " + schema + " CASCADE"); err != nil {
			t.Error(err)
		}
		db.Close()
	})
	u, err := url.Parse(dsn)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	q.Set("search_path", schema)
	u.RawQuery = q.Encode()
	return store.Config{URL: u.String()}
}
