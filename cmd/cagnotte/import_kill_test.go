package main

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"cagnotte/internal/id"
	"cagnotte/internal/imports"
	"cagnotte/internal/intake"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/people"
	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
)

// importDesk is what works at imports in a folder, with its shop and what closes it.
type importDesk struct {
	*imports.Files
	shop *loyalty.Shop
	stop func()
}

func openDesk(t *testing.T, folder string, shop *loyalty.Shop) *importDesk {
	t.Helper()
	st, err := store.Open(t.Context(), store.Config{Folder: folder})
	if err != nil {
		t.Fatal(err)
	}
	if shop == nil {
		shop = storetest.Shop(t, st, "program \"Points\"\n  earn 1 point per 1.00 EUR\n")
		if err := st.BindMasterKey(t.Context(), storetest.Box(t).Fingerprint()); err != nil {
			t.Fatal(err)
		}
	}
	in := intake.New(st, storetest.Box(t), slog.New(slog.DiscardHandler), intake.Options{})
	desk := &imports.Desk{Store: st, Intake: in, Box: storetest.Box(t), People: crowd{people.New(st, in, storetest.Box(t))}}
	return &importDesk{&imports.Files{Desk: desk}, shop, func() {
		in.Close()
		if err := st.Close(); err != nil {
			t.Error(err)
		}
	}}
}

// works lets the jobs of an import be done until it has ended or waits for somebody.
func (d *importDesk) works(t *testing.T, which id.Import) *imports.Import {
	t.Helper()
	say := func(_ *loyalty.Shop, _ string, e imports.RowError) string { return e.Code }
	if _, err := d.Work(say)(t.Context(), store.Job{Shop: d.shop.ID, Kind: imports.ImportJob, Subject: which}); err != nil {
		t.Fatal(err)
	}
	return d.state(t, which)
}

func (d *importDesk) state(t *testing.T, which id.Import) *imports.Import {
	t.Helper()
	i, err := d.Import(t.Context(), d.shop.ID, which)
	if err != nil {
		t.Fatal(err)
	}
	return i
}

// bring brings a file as far as that it only has to be run.
func (d *importDesk) bring(t *testing.T, reads, file string) id.Import {
	t.Helper()
	which, err := d.Bring(t.Context(), d.shop.ID, imports.Brought{Once: reads, Actor: "Ola", Name: "file.csv", Reads: reads, File: []byte(file)})
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Check(t.Context(), d.shop.ID, which, imports.Settings{As: "cagnotte", Separator: "comma", Encoding: "utf-8"}); err != nil {
		t.Fatal(err)
	}
	d.works(t, which)
	if err := d.Run(t.Context(), d.shop.ID, which); err != nil {
		t.Fatal(err)
	}
	return which
}

// The real server is killed in the middle of an import of balances, at places that nobody chose,
// until it has done it all the same. Everybody then has exactly what one run without a break gives,
// and the report says so.
func TestKilledImportsAreTakenUp(t *testing.T) {
	const n = 6_000
	var members, balances strings.Builder
	members.WriteString("number,first_name,email\n")
	balances.WriteString("number,unit,amount\n")
	for i := 1; i <= n; i++ {
		fmt.Fprintf(&members, "%d,F%d,m%d@example.com\n", i, i, i)
		fmt.Fprintf(&balances, "%d,points,%d\n", i, i)
	}
	bin, folder, whole := program(t), t.TempDir(), t.TempDir()
	d := openDesk(t, folder, nil)
	shop := d.shop
	d.works(t, d.bring(t, imports.ReadsMembers, members.String()))
	which := d.bring(t, imports.ReadsBalances, balances.String())
	d.stop()
	if err := os.CopyFS(whole, os.DirFS(folder)); err != nil {
		t.Fatal(err)
	}
	d = openDesk(t, whole, shop)
	want := d.works(t, which)
	d.stop()
	if want.State != store.ImportDone || want.Summary.Recorded != n {
		t.Fatalf("one run: %s %+v", want.State, want.Summary)
	}

	draw, kills := rand.New(rand.NewPCG(7, 11)), 0
	for {
		d := openDesk(t, folder, shop)
		is := d.state(t, which)
		d.stop()
		if is.State == store.ImportDone {
			if fmt.Sprintf("%+v", is.Summary) != fmt.Sprintf("%+v", want.Summary) {
				t.Errorf("the report is\n%+v, that of one run\n%+v", is.Summary, want.Summary)
			}
			break
		}
		if kills > 40 {
			t.Fatal("it does not come to an end:", is.State)
		}
		endLeases(t, folder)
		db := aside(t, folder)
		old, far, late := number(t, db, "SELECT COUNT(*) FROM events"), draw.IntN(1_200), time.Duration(draw.IntN(40))*time.Millisecond
		var since time.Time
		hit := killed(t, bin, []string{"serve", "--data", folder, "--addr", "127.0.0.1:0"}, func() bool {
			if since.IsZero() && (number(t, db, "SELECT COUNT(*) FROM events") > old+far || number(t, db, "SELECT COUNT(*) FROM jobs WHERE kind = '"+imports.ImportJob+"'") == 0) {
				since = time.Now()
			}
			return !since.IsZero() && time.Since(since) > late
		})
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
		if hit {
			kills++
		}
	}
	if kills < 3 {
		t.Errorf("it was killed %d times only", kills)
	}
	export := []string{"export", "balances", "--shop", shop.Slug, "--data"}
	was, is := does(t, bin, append(export, whole)...), does(t, bin, append(export, folder)...)
	if is != was || strings.Count(is, "\n") < n {
		t.Errorf("after %d kills the balances of %d bytes are not those of one run, of %d", kills, len(is), len(was))
	}
	does(t, bin, "verify", "--data", folder)
	t.Logf("killed %d times", kills)
}

// aside looks into the database beside the server.
func aside(t *testing.T, folder string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(folder, "cagnotte.db")+"?_pragma=busy_timeout(5000)")
	if err != nil {
		t.Fatal(err)
	}
	return db
}

// endLeases lets time pass until whoever died has lost his jobs.
func endLeases(t *testing.T, folder string) {
	t.Helper()
	db := aside(t, folder)
	defer db.Close()
	if _, err := db.ExecContext(context.WithoutCancel(t.Context()), "UPDATE jobs SET due_at = 0"); err != nil {
		t.Fatal(err)
	}
}

func number(t *testing.T, db *sql.DB, query string) (n int) {
	t.Helper()
	if err := db.QueryRowContext(t.Context(), query).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}
