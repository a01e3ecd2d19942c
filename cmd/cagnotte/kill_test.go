package main

import (
	"bytes"
	"database/sql"
	"errors"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"cagnotte/internal/imports"
	"cagnotte/internal/intake"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
)

const root = "../.."

// largeShop is the real shop several times over, so that what is done with all of it takes
// long enough to be killed in the middle.
func largeShop(t *testing.T, c store.Config) *loyalty.Shop {
	t.Helper()
	st, err := store.Open(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := st.Close(); err != nil {
			t.Error(err)
		}
	}()
	s := storetest.Retailer(t, st, root)
	m, err := imports.MappingOf(imports.ReadsOrders, "online-retail")
	if err != nil {
		t.Fatal(err)
	}
	file, _ := storetest.Retail(t, root)
	in := intake.New(st, storetest.Box(t), slog.New(slog.DiscardHandler), intake.Options{})
	defer in.Close()
	if _, err := (&imports.Desk{Intake: in}).Orders(t.Context(), s, bytes.NewReader(file), m, imports.Options{Reward: true}); err != nil {
		t.Fatal(err)
	}
	if err := st.BindMasterKey(t.Context(), storetest.Box(t).Fingerprint()); err != nil {
		t.Fatal(err)
	}
	storetest.Multiply(t, st, s.ID, 3)
	return s
}

// killed runs the program and kills it as soon as it has come so far; false when it ended
// before.
func killed(t *testing.T, bin string, args []string, far func() bool) bool {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), filepath.Join(bin, "cagnotte"), args...)
	cmd.Env = append(os.Environ(), "CAGNOTTE_KEY="+storetest.Key)
	var said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &said, &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	for !far() {
		select {
		case err := <-ended:
			if err != nil {
				t.Fatalf("%v: %v\n%s", args, err, said.String())
			}
			return false
		default:
			runtime.Gosched()
		}
	}
	if err := cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		t.Fatal(err)
	}
	return <-ended != nil
}

// does runs the program to its end and gives what it said.
func does(t *testing.T, bin string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), filepath.Join(bin, "cagnotte"), args...)
	cmd.Env = append(os.Environ(), "CAGNOTTE_KEY="+storetest.Key)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %v\n%s", args, err, out)
	}
	return string(out)
}

// bytesIn is how large the files and folders are whose names begin so.
func bytesIn(pattern string) (n int64) {
	list, err := filepath.Glob(pattern)
	if err != nil {
		return 0
	}
	for _, name := range list {
		if info, err := os.Stat(name); err == nil {
			n += info.Size()
			if info.IsDir() {
				n += bytesIn(filepath.Join(name, "*"))
			}
		}
	}
	return n
}

// Whatever is killed half-way leaves nothing that has the name of something whole, and does
// not stand in the way of the next try.
func TestKilledHalfWayLeavesNothing(t *testing.T) {
	bin, folder := program(t), t.TempDir()
	largeShop(t, store.Config{Folder: folder})
	size := bytesIn(filepath.Join(folder, "cagnotte.db"))
	there := func(name string) bool {
		_, err := os.Stat(name)
		return !errors.Is(err, os.ErrNotExist)
	}
	// at kills a command when so many parts of a hundred are written, until it is done all the
	// same: what bears the name then is used below, where it must be whole. done tells. A busy
	// machine may look too late: then what was made (if that is one thing) goes, and it is tried
	// again.
	at := func(t *testing.T, draft string, args []string, made string, done func() bool) {
		t.Helper()
		nothing := 0
		for try := range 24 {
			share := []int64{0, 10, 40, 70}[try%4]
			old := bytesIn(draft)
			hit := killed(t, bin, args, func() bool { return bytesIn(draft)-old > size*share/100 })
			if done() && (made == "" || nothing >= 2) {
				break
			}
			if done() {
				if err := os.RemoveAll(made); err != nil {
					t.Fatal(err)
				}
				continue
			}
			if try >= 4 && nothing >= 2 {
				break
			}
			if !hit {
				t.Errorf("%v ended and has not done it", args)
			}
			nothing++
		}
		if nothing < 2 {
			t.Errorf("it left nothing %d times, want 2 or more", nothing)
		}
		if !done() {
			does(t, bin, args...)
		}
	}

	safe := t.TempDir()
	backup, moved := filepath.Join(safe, "backup.db"), filepath.Join(safe, "moved")
	t.Run("backup", func(t *testing.T) {
		at(t, filepath.Join(safe, ".backup.db.unfinished-*"), []string{"backup", "--data", folder, "--to", backup}, backup, func() bool { return there(backup) })
	})
	t.Run("restore", func(t *testing.T) {
		again := t.TempDir()
		at(t, filepath.Join(again, ".cagnotte.db.unfinished-*"), []string{"restore", backup, "--data", again}, filepath.Join(again, "cagnotte.db"), func() bool {
			return there(filepath.Join(again, "cagnotte.db"))
		})
		if said := does(t, bin, "doctor", "--data", again); !strings.Contains(said, "quarantine") {
			t.Errorf("it is not in quarantine:\n%s", said)
		}
		same(t, bin, folder, "--data", again)
	})
	t.Run("export", func(t *testing.T) {
		args := []string{"export", "shop", "--shop", "retail", "--data", folder, "--into", moved}
		at(t, filepath.Join(safe, ".moved.unfinished-*"), args, moved, func() bool { return there(moved) })
	})
	t.Run("import", func(t *testing.T) {
		into := t.TempDir()
		at(t, filepath.Join(into, "cagnotte.db*"), []string{"import", "shop", moved, "--data", into}, "", func() bool {
			return does(t, bin, "shop", "list", "--data", into) != ""
		})
		same(t, bin, folder, "--data", into)
	})
}

// same wants a place to have the balances of the shop in a folder.
func same(t *testing.T, bin, folder string, place ...string) {
	t.Helper()
	export := []string{"export", "balances", "--shop", "retail"}
	was, is := does(t, bin, append(export, "--data", folder)...), does(t, bin, append(export, place...)...)
	if is != was || len(was) < 10_000 {
		t.Errorf("balances of %d and %d bytes differ", len(was), len(is))
	}
}

// On PostgreSQL the server rolls back what a killed import had written.
func TestAKilledImportLeavesNothingOnPostgres(t *testing.T) {
	c := storetest.Config(t, "postgres")
	into := storetest.Open(t, c)
	db, err := sql.Open("pgx", c.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	bin, folder := program(t), t.TempDir()
	largeShop(t, store.Config{Folder: folder})
	moved := filepath.Join(t.TempDir(), "moved")
	does(t, bin, "export", "shop", "--shop", "retail", "--data", folder, "--into", moved)
	args := []string{"import", "shop", moved, "--database", c.URL, "--data", t.TempDir()}
	written := func() bool {
		var n int64
		if err := db.QueryRowContext(t.Context(), "SELECT pg_relation_size('postings')").Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n > 0
	}
	if !killed(t, bin, args, written) {
		t.Error("it was not killed")
	}
	if shops, err := into.Shops(t.Context()); err != nil || len(shops) > 0 {
		t.Errorf("there are %d shops, %v", len(shops), err)
	}
	does(t, bin, args...)
	same(t, bin, folder, "--data", folder, "--database", c.URL)
}
