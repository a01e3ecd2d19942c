package upkeep_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"cagnotte/internal/id"
	"cagnotte/internal/intake"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/seal"
	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
	"cagnotte/internal/upkeep"
)

var (
	qLoseKeys   = store.New("tamper.keys", `DELETE FROM person_keys`)
	qSchemaNine = store.New("tamper.schema", `INSERT INTO goose_db_version (version_id, is_applied) VALUES (99999, TRUE)`)
)

// peopled is a folder with a shop in it, and one member who has a name.
func peopled(t *testing.T) (folder string, st *store.Store, s *loyalty.Shop) {
	t.Helper()
	c := storetest.Config(t, "sqlite")
	st = storetest.Open(t, c)
	s = lived(t, st)
	if err := st.BindMasterKey(t.Context(), storetest.Box(t).Fingerprint()); err != nil {
		t.Fatal(err)
	}
	got, err := door(t, st).Record(t.Context(), s.ID, &loyalty.Fact{
		Kind: loyalty.MemberJoined, Feed: "web", ExternalID: "named", Via: "api", Origin: loyalty.FromLive, OccurredAt: st.Clock(),
		Member: loyalty.Who{Keys: []loyalty.Key{{Kind: loyalty.ByNumber, Key: "4711"}}},
		Person: &loyalty.Person{FirstName: "Wiesława", LastName: "Przybyszewska"},
	})
	if err != nil || got[0].Err != nil {
		t.Fatal(err, got)
	}
	return c.Folder, st, s
}

// nameOf reads the name of the one who has one; empty when nobody can.
func nameOf(t *testing.T, st *store.Store, shop loyalty.ShopID) (name string) {
	t.Helper()
	v, err := st.View(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	err = v.SealedPersons(t.Context(), shop, func(_ id.Member, sealed, wrapped []byte) error {
		text, err := storetest.Box(t).Open(wrapped, sealed)
		name = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return name
}

// wrappedKey is the key of the one who has a name, as it is stored.
func wrappedKey(t *testing.T, st *store.Store, shop loyalty.ShopID) (key []byte) {
	t.Helper()
	v, err := st.View(t.Context(), 1)
	if err != nil {
		t.Fatal(err)
	}
	defer v.Close()
	err = v.SealedPersons(t.Context(), shop, func(_ id.Member, _, wrapped []byte) error {
		key = bytes.Clone(wrapped)
		return nil
	})
	if err != nil || len(key) < 32 {
		t.Fatal(err, len(key))
	}
	return key
}

// A backup that is made while orders come in is a whole database of one instant; restored,
// it holds every invariant and all that was acknowledged before it began.
func TestABackupBesideAServer(t *testing.T) {
	folder, st, s := peopled(t)
	stop := selling(t, st, s)
	defer stop()
	for n := range 3 {
		before, err := st.CountFacts(t.Context(), s.ID)
		if err != nil {
			t.Fatal(err)
		}
		to := filepath.Join(t.TempDir(), "backup.db")
		info, err := upkeep.Backup(t.Context(), folder, to, st.Clock())
		if err != nil {
			t.Fatal(err)
		}
		if info.Facts < int64(before) || info.Persons != 1 || info.Unkeyed != 0 || info.MasterKey != storetest.Box(t).Fingerprint() {
			t.Errorf("%d: %d facts were there, the backup is %+v", n, before, info)
		}
		again := t.TempDir()
		if _, err := upkeep.Restore(t.Context(), to, upkeep.KeysOf(to), again, storetest.Box(t), st.Clock()); err != nil {
			t.Fatal(err)
		}
		list, err := upkeep.Verify(t.Context(), storetest.Open(t, store.Config{Folder: again}), storetest.Box(t), nil)
		if err != nil {
			t.Fatal(err)
		}
		holds(t, list)
	}
}

// So is an export: what its manifest says of the balances is what its rows are.
func TestAnExportBesideAServer(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		s := lived(t, st)
		stop := selling(t, st, s)
		defer stop()
		for range 3 {
			dir, _ := exported(t, st, s, upkeep.ShopExport{})
			into := storetest.Open(t, storetest.Config(t, "sqlite"))
			if _, err := upkeep.ImportShop(t.Context(), into, storetest.Box(t), dir, nil); err != nil {
				t.Fatal(err)
			}
			list, err := upkeep.Invariants(t.Context(), into)
			if err != nil {
				t.Fatal(err)
			}
			holds(t, list)
		}
	})
}

// selling lets four sellers report orders until it is stopped.
func selling(t *testing.T, st *store.Store, s *loyalty.Shop) (stop func()) {
	t.Helper()
	in := intake.New(st, storetest.Box(t), slog.New(slog.DiscardHandler), intake.Options{})
	ctx, cancel := context.WithCancel(t.Context())
	var sellers sync.WaitGroup
	for seller := range 4 {
		sellers.Go(func() {
			for n := 0; ctx.Err() == nil; n++ {
				f := &loyalty.Fact{
					Kind: loyalty.OrderPaid, Feed: "web", ExternalID: fmt.Sprint(seller, "-", n), Via: "api", Origin: loyalty.FromLive,
					OccurredAt: st.Clock(), Member: loyalty.Who{Keys: []loyalty.Key{{Kind: loyalty.ByNumber, Key: fmt.Sprint(n % 9)}}},
					Order: &loyalty.Order{Series: "web", Ref: fmt.Sprint(seller, "-", n), Currency: "EUR", Lines: []loyalty.Line{{SKU: "COFFEE", Quantity: 1, Amount: 400}}},
				}
				if got, err := in.Record(t.Context(), s.ID, f); err != nil || got[0].Err != nil {
					t.Error(err, got)
					return
				}
			}
		})
	}
	return func() {
		cancel()
		sellers.Wait()
		in.Close()
	}
}

// A backup is of no use to who wants to know names: they are sealed, their keys are in the
// other file, and the master key is nowhere.
func TestNamesAreNotInABackup(t *testing.T) {
	folder, st, s := peopled(t)
	to := filepath.Join(t.TempDir(), "backup.db")
	if _, err := upkeep.Backup(t.Context(), folder, to, st.Clock()); err != nil {
		t.Fatal(err)
	}
	if at, err := st.LastBackup(t.Context()); err != nil || at == 0 {
		t.Errorf("the last backup is noted as %s, %v", at, err)
	}
	wrapped := wrappedKey(t, st, s.ID)
	for name, want := range map[string]bool{to: false, upkeep.KeysOf(to): true} {
		info, err := os.Stat(name)
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s is %v, %v", name, info.Mode(), err)
		}
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(b, wrapped) != want {
			t.Errorf("the person's key is in %s: %v", name, !want)
		}
		for _, marker := range []string{"Wiesława", "Przybyszewska", "wieslawa", "przybyszewska", storetest.Key} {
			if bytes.Contains(b, []byte(marker)) {
				t.Errorf("%q is in %s", marker, name)
			}
		}
	}

	// With its keys the name can be read again, and without them nobody can.
	with, without := t.TempDir(), t.TempDir()
	for folder, keys := range map[string]string{with: upkeep.KeysOf(to), without: ""} {
		if _, err := upkeep.Restore(t.Context(), to, keys, folder, storetest.Box(t), st.Clock()); err != nil {
			t.Fatal(err)
		}
	}
	if name := nameOf(t, storetest.Open(t, store.Config{Folder: with}), s.ID); !strings.Contains(name, "Przybyszewska") {
		t.Errorf("the name is %q", name)
	}
	if name := nameOf(t, storetest.Open(t, store.Config{Folder: without}), s.ID); name != "" {
		t.Errorf("without keys the name is %q", name)
	}

	// Who lost his key since the backup stays unreadable: the newest file of keys counts.
	if err := st.Write(t.Context(), func(tx *store.Tx) error { return tx.Exec(t.Context(), qLoseKeys) }); err != nil {
		t.Fatal(err)
	}
	later := filepath.Join(t.TempDir(), "later.db")
	if _, err := upkeep.Backup(t.Context(), folder, later, st.Clock()); err != nil {
		t.Fatal(err)
	}
	erased := t.TempDir()
	info, err := upkeep.Restore(t.Context(), to, upkeep.KeysOf(later), erased, storetest.Box(t), st.Clock())
	if err != nil || info.Unkeyed != 1 {
		t.Errorf("%+v, %v", info, err)
	}
	if name := nameOf(t, storetest.Open(t, store.Config{Folder: erased}), s.ID); name != "" {
		t.Errorf("the name is %q after its key was destroyed", name)
	}
}

// A restored database is in quarantine from its first moment, whatever it was.
func TestARestoredDatabaseIsInQuarantine(t *testing.T) {
	folder, st, s := peopled(t)
	to := filepath.Join(t.TempDir(), "backup.db")
	friend := &store.Message{ID: id.Mint[id.MessageKind](1, [8]byte{}), Key: "k", Sealed: storetest.Box(t).SealAlone([]byte("friend@friends.example"))}
	err := st.Write(t.Context(), func(tx *store.Tx) error {
		_, err := tx.PutMessage(t.Context(), s.ID, friend)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := upkeep.Backup(t.Context(), folder, to, st.Clock()); err != nil {
		t.Fatal(err)
	}
	if since, err := st.Quarantine(t.Context()); err != nil || since != 0 {
		t.Errorf("the original is in quarantine since %s, %v", since, err)
	}
	again := t.TempDir()
	now := st.Clock()
	if _, err := upkeep.Restore(t.Context(), to, upkeep.KeysOf(to), again, storetest.Box(t), now); err != nil {
		t.Fatal(err)
	}
	if left, err := os.ReadDir(again); err != nil || len(left) != 1 {
		t.Errorf("there is %v, %v", left, err)
	}
	restored := storetest.Open(t, store.Config{Folder: again})
	if since, err := restored.Quarantine(t.Context()); err != nil || since != now {
		t.Errorf("it is in quarantine since %s, %v", since, err)
	}
	if err := restored.EndQuarantine(t.Context()); err != nil {
		t.Fatal(err)
	}
	if since, err := restored.Quarantine(t.Context()); err != nil || since != 0 {
		t.Errorf("released, it is in quarantine since %s, %v", since, err)
	}
	if at, err := restored.Restored(t.Context()); err != nil || at != now {
		t.Errorf("it was restored at %s, %v", at, err)
	}
	// no key of a person closes what is written to a stranger, so no backup has it
	if m, err := restored.Message(t.Context(), s.ID, friend.ID); err != nil || m.Sealed != nil {
		t.Errorf("the backup holds a friend's address: %v", err)
	}
}

func TestWhatIsNoBackupIsNotRestored(t *testing.T) {
	folder, st, _ := peopled(t)
	dir := t.TempDir()
	good := filepath.Join(dir, "good.db")
	if _, err := upkeep.Backup(t.Context(), folder, good, st.Clock()); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(good)
	if err != nil {
		t.Fatal(err)
	}
	write := func(name string, b []byte) string {
		t.Helper()
		name = filepath.Join(dir, name)
		if err := os.WriteFile(name, b, 0o600); err != nil {
			t.Fatal(err)
		}
		return name
	}
	spoilt := bytes.Clone(whole)
	for i := len(spoilt) / 2; i < len(spoilt)/2+3*4096; i++ {
		spoilt[i] ^= 0x55
	}
	if err := st.Write(t.Context(), func(tx *store.Tx) error { return tx.Exec(t.Context(), qSchemaNine) }); err != nil {
		t.Fatal(err)
	}
	newer := filepath.Join(dir, "newer.db")
	if _, err := upkeep.Backup(t.Context(), folder, newer, st.Clock()); err != nil {
		t.Fatal(err)
	}
	other, err := seal.New("//79/Pv6+fj39vX08/Lx8O/u7ezr6uno5+bl5OPi4eA=")
	if err != nil {
		t.Fatal(err)
	}
	used := t.TempDir()
	if err := os.WriteFile(filepath.Join(used, "cagnotte.db-wal"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name, file, keys, into string
		box                    *seal.Box
		says                   string
	}{
		{"half of one", write("half.db", whole[:len(whole)/2]), "", "", nil, "sound backup"},
		{"one that was changed", write("spoilt.db", spoilt), "", "", nil, "sound backup"},
		{"no database", write("text.db", []byte(strings.Repeat("text ", 2000))), "", "", nil, "sound backup"},
		{"an empty file", write("empty.db", nil), "", "", nil, "sound backup"},
		{"the database itself", filepath.Join(folder, "cagnotte.db"), "", "", nil, "not made by backup"},
		{"a file of keys", upkeep.KeysOf(good), "", "", nil, "sound backup"},
		{"a backup for its keys", good, good, "", nil, "holds no keys"},
		{"a newer schema", newer, "", "", nil, "newer_schema"},
		{"another master key", good, "", "", other, "other_master_key"},
		{"a folder in use", good, "", used, nil, "file_exists"},
		{"nothing", filepath.Join(dir, "nowhere.db"), "", "", nil, "no such file"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			into, box := tt.into, tt.box
			if into == "" {
				into = filepath.Join(t.TempDir(), "new")
			}
			if box == nil {
				box = storetest.Box(t)
			}
			_, err := upkeep.Restore(t.Context(), tt.file, tt.keys, into, box, st.Clock())
			if err == nil || !strings.Contains(err.Error(), tt.says) {
				t.Errorf("it says %v, want %q", err, tt.says)
			}
			if _, err := os.Stat(filepath.Join(into, "cagnotte.db")); !errors.Is(err, os.ErrNotExist) {
				t.Errorf("there is a database: %v", err)
			}
		})
	}
	for _, name := range []string{good, filepath.Join(dir, "half.db")} {
		_, err := upkeep.Backup(t.Context(), folder, name, st.Clock())
		if p, ok := errors.AsType[*loyalty.Problem](err); !ok || p.Code != "file_exists" {
			t.Errorf("a backup over %s: %v", name, err)
		}
	}
	if b, err := os.ReadFile(good); err != nil || !bytes.Equal(b, whole) {
		t.Errorf("the backup was changed, %v", err)
	}
	left, err := filepath.Glob(filepath.Join(dir, ".*"))
	if err != nil || len(left) > 0 {
		t.Errorf("there is %v, %v", left, err)
	}
}
