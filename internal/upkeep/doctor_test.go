package upkeep_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"cagnotte/internal/moment"
	"cagnotte/internal/seal"
	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
	"cagnotte/internal/upkeep"
)

var (
	qNoTwin     = store.New("tamper.twin", `UPDATE shops SET live_shop = 77 WHERE shop_id = 1`)
	qHideShop   = store.New("tamper.hide", `UPDATE shops SET removed_at = 1 WHERE shop_id = 1`)
	qNoStats    = store.New("tamper.stats", `DROP TABLE sqlite_stat1`)
	qPool       = store.New("tamper.pool", `INSERT INTO code_pools (shop_id, name, wrapped, created_at) VALUES (1, 'museum', x'00', 1)`)
	qUnwaiting  = store.New("untamper.due", `UPDATE timers SET state = 'done'`)
	qSchemaBack = store.New("tamper.schema.back", `DELETE FROM goose_db_version WHERE version_id = (SELECT MAX(version_id) FROM goose_db_version)`)
)

// examined is what a doctor says of a patient: the findings that are not fine.
func examined(t *testing.T, p *upkeep.Patient) (ill []upkeep.Finding, all string) {
	t.Helper()
	list := upkeep.Doctor(t.Context(), p)
	var b bytes.Buffer
	if err := upkeep.TellFindings(&b, list); err != nil {
		t.Fatal(err)
	}
	for _, f := range list {
		if (f.State == upkeep.Fine) != (f.Do == "") {
			t.Errorf("%s is %s, and the advice is %q", f.What, f.State, f.Do)
		}
		if f.State != upkeep.Fine {
			ill = append(ill, f)
		}
	}
	return ill, b.String()
}

func TestTheDoctorFindsEachAilment(t *testing.T) {
	tests := []struct {
		name   string
		state  upkeep.State
		what   string
		says   string
		ail    *store.Q
		change func(t *testing.T, folder string, st *store.Store, p *upkeep.Patient)
	}{
		{name: "nothing"},
		{name: "no key", state: upkeep.Wrong, what: "master key", says: "lost", change: func(_ *testing.T, _ string, _ *store.Store, p *upkeep.Patient) {
			p.Box, p.NoKey = nil, errors.New("lost")
		}},
		{name: "another key", state: upkeep.Wrong, what: "master key", says: "made with", change: func(t *testing.T, _ string, _ *store.Store, p *upkeep.Patient) {
			box, err := seal.New("//79/Pv6+fj39vX08/Lx8O/u7ezr6uno5+bl5OPi4eA=")
			if err != nil {
				t.Fatal(err)
			}
			p.Box = box
		}},
		{name: "a key for all to read", state: upkeep.Wrong, what: "permissions", says: "master.key", change: func(t *testing.T, _ string, _ *store.Store, p *upkeep.Patient) {
			folder := t.TempDir()
			p.KeyAt = filepath.Join(folder, "master.key")
			if err := errors.Join(os.WriteFile(p.KeyAt, nil, 0o600), os.Chmod(p.KeyAt, 0o644), os.Chmod(folder, 0o755)); err != nil {
				t.Fatal(err)
			}
		}},
		{name: "data for all to read", state: upkeep.Wrong, what: "permissions", says: "cagnotte.db", change: func(t *testing.T, folder string, _ *store.Store, _ *upkeep.Patient) {
			if err := errors.Join(os.Chmod(filepath.Join(folder, "cagnotte.db"), 0o644), os.Chmod(folder, 0o755)); err != nil {
				t.Fatal(err)
			}
		}},
		{name: "a long log of changes", state: upkeep.Look, what: "log of changes", says: "2048 MB", change: func(t *testing.T, folder string, _ *store.Store, _ *upkeep.Patient) {
			if err := os.Truncate(filepath.Join(folder, "cagnotte.db-wal"), 2<<30); err != nil { // a hole: it takes no room
				t.Fatal(err)
			}
		}},
		{name: "a clock that went back", state: upkeep.Wrong, what: "clock", says: "recorded a fact at", change: func(_ *testing.T, _ string, st *store.Store, p *upkeep.Patient) {
			now := st.Clock() - moment.Hour
			p.Clock = func() moment.Time { return now }
		}},
		{name: "work that is not done", state: upkeep.Look, what: "shop s", says: "has not happened", change: func(_ *testing.T, _ string, st *store.Store, p *upkeep.Patient) {
			now := st.Clock() + 6*moment.Day
			p.Clock = func() moment.Time { return now }
		}},
		{name: "no backup for weeks", state: upkeep.Look, what: "backup", says: "the last one is 20 days old", ail: qUnwaiting, change: func(_ *testing.T, _ string, st *store.Store, p *upkeep.Patient) {
			now := st.Clock() + 20*moment.Day + moment.Hour
			p.Clock = func() moment.Time { return now }
		}},
		{name: "quarantine", state: upkeep.Look, what: "quarantine", says: "since 20", change: func(t *testing.T, _ string, st *store.Store, _ *upkeep.Patient) {
			if err := st.BeginQuarantine(t.Context()); err != nil {
				t.Fatal(err)
			}
		}},
		{name: "a twin alone", state: upkeep.Wrong, what: "shop s", says: "not there", ail: qNoTwin},
		{name: "a shop that is being removed", state: upkeep.Look, what: "removed shops", says: "1 still", ail: qHideShop},
		{name: "no statistics", state: upkeep.Look, what: "statistics", says: "how large", ail: qNoStats},
		{name: "a pool that is empty", state: upkeep.Look, what: "codes", says: `0 of 0 codes are left in "museum"`, ail: qPool},
		{name: "a newer schema", state: upkeep.Wrong, what: "schema", says: "99999", ail: qSchemaNine},
		{name: "an older schema", state: upkeep.Look, what: "schema", says: "this program has", ail: qSchemaBack},
		{name: "no database", state: upkeep.Wrong, what: "database", says: "no such file", change: func(t *testing.T, folder string, _ *store.Store, _ *upkeep.Patient) {
			if err := os.Rename(filepath.Join(folder, "cagnotte.db"), filepath.Join(folder, "gone.db")); err != nil {
				t.Fatal(err)
			}
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			folder, st, _ := peopled(t)
			if err := os.Chmod(folder, 0o700); err != nil {
				t.Fatal(err)
			}
			if _, err := upkeep.Backup(t.Context(), folder, filepath.Join(t.TempDir(), "b.db"), st.Clock()); err != nil {
				t.Fatal(err)
			}
			p := &upkeep.Patient{Place: store.Config{Folder: folder}, Box: storetest.Box(t), Clock: st.Clock}
			if tt.ail != nil {
				if err := st.Write(t.Context(), func(tx *store.Tx) error { return tx.Exec(t.Context(), tt.ail) }); err != nil {
					t.Fatal(err)
				}
			}
			if tt.change != nil {
				tt.change(t, folder, st, p)
			}
			// The shop of these tests has no twin, and a tester's disk may be nearly full.
			ill, all := examined(t, p)
			ill = slices.DeleteFunc(ill, func(f upkeep.Finding) bool { return f.Said == "it has no test twin" || f.What == "disk" })
			if tt.what == "" {
				if len(ill) > 0 || !strings.Contains(all, "SQLite") {
					t.Errorf("a healthy shop is\n%s", all)
				}
				return
			}
			i := slices.IndexFunc(ill, func(f upkeep.Finding) bool { return f.What == tt.what })
			if i < 0 || ill[i].State != tt.state || !strings.Contains(ill[i].Said, tt.says) {
				t.Errorf("want %s %s with %q, and the doctor says\n%s", tt.state, tt.what, tt.says, all)
			}
			if upkeep.Healthy(ill) != (tt.state != upkeep.Wrong) {
				t.Errorf("healthy is %v", upkeep.Healthy(ill))
			}
		})
	}
}

// A doctor looks at PostgreSQL, too, and changes nothing there.
func TestTheDoctorLooksAtPostgres(t *testing.T) {
	c := storetest.Config(t, "postgres")
	st := storetest.Open(t, c)
	lived(t, st)
	if err := errors.Join(st.BindMasterKey(t.Context(), storetest.Box(t).Fingerprint()), st.Analyze(t.Context())); err != nil {
		t.Fatal(err)
	}
	p := &upkeep.Patient{Place: c, Box: storetest.Box(t), Clock: st.Clock}
	ill, all := examined(t, p)
	for _, want := range []string{"fine   database        PostgreSQL", "fsync on, full_page_writes on", "fine   master key", "fine   statistics"} {
		if !strings.Contains(all, want) {
			t.Errorf("no %q in\n%s", want, all)
		}
	}
	if !upkeep.Healthy(ill) {
		t.Errorf("it is\n%s", all)
	}
	now := st.Clock() + moment.Hour
	p.Clock = func() moment.Time { return now }
	if _, all = examined(t, p); !strings.Contains(all, "look   clock           the database's machine is 1h0m0s off") {
		t.Errorf("an hour later it is\n%s", all)
	}
}
