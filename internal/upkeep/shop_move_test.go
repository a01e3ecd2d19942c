package upkeep_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"cagnotte/internal/loyalty"
	"cagnotte/internal/seal"
	"cagnotte/internal/store"
	"cagnotte/internal/store/storetest"
	"cagnotte/internal/upkeep"
)

// ways are the directions in which a shop moves.
var ways = [][2]string{{"sqlite", "postgres"}, {"postgres", "sqlite"}}

func exported(t *testing.T, st *store.Store, shop *loyalty.Shop, o upkeep.ShopExport) (dir string, m *upkeep.Manifest) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "shop")
	m, err := upkeep.ExportShop(t.Context(), st, storetest.Box(t), shop, dir, o)
	if err != nil {
		t.Fatal(err)
	}
	return dir, m
}

func theShop(t *testing.T, st *store.Store, slug string) *loyalty.Shop {
	t.Helper()
	s, err := st.ShopBySlug(t.Context(), slug)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// The real shop goes from one engine into the other, behind a shop that is there already:
// the same rows under the same ids and the same balances, all invariants hold and its facts
// end in these balances again.
func TestAShopMovesBetweenEngines(t *testing.T) {
	for _, way := range ways {
		t.Run(way[0]+" to "+way[1], func(t *testing.T) {
			t.Parallel()
			from := storetest.Open(t, storetest.Config(t, way[0]))
			imported(t, from)
			dir, m := exported(t, from, theShop(t, from, "retail"), upkeep.ShopExport{})
			into := storetest.Open(t, storetest.Config(t, way[1]))
			storetest.Shop(t, into, small)
			if _, err := upkeep.ImportShop(t.Context(), into, storetest.Box(t), dir, nil); err != nil {
				t.Fatal(err)
			}
			moved := theShop(t, into, "retail")
			if moved.ID == theShop(t, from, "retail").ID {
				t.Errorf("the shop has the number %d of one that was there", moved.ID)
			}
			var was, is bytes.Buffer
			at := m.Shops[0].Recorded
			if err := errors.Join(upkeep.ExportBalances(t.Context(), from, theShop(t, from, "retail"), at, &was),
				upkeep.ExportBalances(t.Context(), into, moved, at, &is)); err != nil {
				t.Fatal(err)
			}
			if was.String() != is.String() || was.Len() < 10_000 {
				t.Errorf("balances of %d and %d bytes differ", was.Len(), is.Len())
			}
			list, err := upkeep.Verify(t.Context(), into, storetest.Box(t), nil)
			if err != nil {
				t.Fatal(err)
			}
			holds(t, list, "L10", "L11", "L15")

			// Exported again, every file of rows is the same to the byte.
			_, again := exported(t, into, moved, upkeep.ShopExport{})
			for i, f := range m.Files {
				if f.Rows != again.Files[i].Rows || f.SHA256 != again.Files[i].SHA256 {
					t.Errorf("%s: %d rows and %d, or other ones", f.Name, f.Rows, again.Files[i].Rows)
				}
			}
		})
	}
}

// Nothing of an export is believed that does not fit, and what is refused leaves no row.
func TestAnExportThatDoesNotFitIsRefused(t *testing.T) {
	from := storetest.Open(t, storetest.Config(t, "sqlite"))
	s := lived(t, from)
	dir, m := exported(t, from, s, upkeep.ShopExport{})
	// spoil changes what the manifest says; a file that is spoilt keeps a fitting checksum.
	spoil := func(t *testing.T, change func(m map[string]any)) {
		t.Helper()
		name := filepath.Join(dir, "manifest.json")
		was, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() {
			if err := os.WriteFile(name, was, 0o600); err != nil {
				t.Error(err)
			}
		})
		var said map[string]any
		if err := json.Unmarshal(was, &said); err != nil {
			t.Fatal(err)
		}
		change(said)
		b, err := json.Marshal(said)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	tests := []struct {
		name, code, says string
		spoil            func(t *testing.T)
	}{
		{"another form", "export_format", "cagnotte-shop 2", func(t *testing.T) { spoil(t, func(m map[string]any) { m["format_version"] = 2 }) }},
		{"a field nobody knows", "export_row", "manifest.json", func(t *testing.T) { spoil(t, func(m map[string]any) { m["more"] = 1 }) }},
		{"an older schema", "other_schema", "", func(t *testing.T) { spoil(t, func(m map[string]any) { m["schema"] = 4 }) }},
		{"another master key", "other_master_key", "abc", func(t *testing.T) { spoil(t, func(m map[string]any) { m["master_key"] = "abc" }) }},
		{"other balances", "balances_differ", "", func(t *testing.T) {
			spoil(t, func(m map[string]any) { m["shops"].([]any)[0].(map[string]any)["balances_sha256"] = "00" })
		}},
		{"other columns", "export_columns", "live/members.jsonl", func(t *testing.T) {
			spoil(t, func(m map[string]any) {
				for _, f := range m["files"].([]any) {
					if f := f.(map[string]any); f["name"] == "live/members.jsonl" {
						f["columns"] = []any{"id hex"}
					}
				}
			})
		}},
		{"a table that is not listed", "export_missing_file", "live/lots.jsonl", func(t *testing.T) {
			spoil(t, func(m map[string]any) {
				for _, f := range m["files"].([]any) {
					if f := f.(map[string]any); f["name"] == "live/lots.jsonl" {
						f["table"] = "pots"
					}
				}
			})
		}},
		{"a changed file", "export_changed", "live/postings.jsonl", func(t *testing.T) {
			rewrite(t, filepath.Join(dir, "live/postings.jsonl"), func(s string) string { return strings.Replace(s, `"amount":`, `"amount":1`, 1) })
		}},
		{"a file without its end", "export_changed", "live/accounts.jsonl", func(t *testing.T) {
			rewrite(t, filepath.Join(dir, "live/accounts.jsonl"), func(s string) string { return s[:len(s)/2] })
		}},
		{"a missing file", "export_missing_file", "live/events.jsonl", func(t *testing.T) {
			name := filepath.Join(dir, "live/events.jsonl")
			if err := os.Rename(name, name+".away"); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() {
				if err := os.Rename(name+".away", name); err != nil {
					t.Error(err)
				}
			})
		}},
	}
	for _, engine := range []string{"sqlite", "postgres"} {
		t.Run(engine, func(t *testing.T) {
			into := storetest.Open(t, storetest.Config(t, engine))
			refused := func(t *testing.T, code, says string, box *seal.Box) {
				t.Helper()
				_, err := upkeep.ImportShop(t.Context(), into, box, dir, nil)
				p, ok := errors.AsType[*loyalty.Problem](err)
				if !ok || p.Code != code || !strings.Contains(err.Error(), says) {
					t.Errorf("the answer is %v, want %s that names %q", err, code, says)
				}
				shops, err := into.Shops(t.Context())
				if err != nil || len(shops) != 0 {
					t.Errorf("there are %d shops, %v", len(shops), err)
				}
			}
			for _, tt := range tests {
				t.Run(tt.name, func(t *testing.T) {
					tt.spoil(t)
					refused(t, tt.code, tt.says, storetest.Box(t))
				})
			}
			other, err := seal.New("//79/Pv6+fj39vX08/Lx8O/u7ezr6uno5+bl5OPi4eA=")
			if err != nil {
				t.Fatal(err)
			}
			refused(t, "other_master_key", m.MasterKey, other)

			if _, err := upkeep.ImportShop(t.Context(), into, storetest.Box(t), dir, nil); err != nil {
				t.Fatal(err)
			}
			_, err = upkeep.ImportShop(t.Context(), into, storetest.Box(t), dir, nil)
			if p, ok := errors.AsType[*loyalty.Problem](err); !ok || p.Code != "shop_exists" {
				t.Errorf("a second time: %v", err)
			}
		})
	}
}

// A line that cannot be read is named, and one that fits no rule of the tables is refused.
func TestALineThatCannotBeReadIsNamed(t *testing.T) {
	from := storetest.Open(t, storetest.Config(t, "sqlite"))
	s := lived(t, from)
	into := storetest.Open(t, storetest.Config(t, "sqlite"))
	for name, change := range map[string]func(string) string{
		"no object":        func(string) string { return "1" },
		"a column less":    func(l string) string { return strings.Replace(l, `"debt":0,`, "", 1) },
		"a column twice":   func(l string) string { return strings.Replace(l, `"debt":`, `"held":`, 1) },
		"no number":        func(l string) string { return strings.Replace(l, `"debt":0`, `"debt":"0"`, 1) },
		"no id":            func(l string) string { return strings.Replace(l, `"mem_`, `"mem_!`, 1) },
		"an id of another": func(l string) string { return strings.Replace(l, `"mem_`, `"evt_`, 1) },
	} {
		dir, m := exported(t, from, s, upkeep.ShopExport{})
		const file = "live/accounts.jsonl"
		rewrite(t, filepath.Join(dir, file), func(text string) string {
			first, rest, _ := strings.Cut(text, "\n")
			return change(first) + "\n" + rest
		})
		fit(t, dir, m, file)
		_, err := upkeep.ImportShop(t.Context(), into, storetest.Box(t), dir, nil)
		p, ok := errors.AsType[*loyalty.Problem](err)
		if !ok || p.Code != "export_row" || p.Args["file"] != file || p.Args["line"] != "1" {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// fit lets the manifest say what a file is that was changed.
func fit(t *testing.T, dir string, m *upkeep.Manifest, file string) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, file))
	if err != nil {
		t.Fatal(err)
	}
	for i, f := range m.Files {
		if f.Name == file {
			sum := sha256.Sum256(text)
			m.Files[i].Bytes, m.Files[i].SHA256 = int64(len(text)), hex.EncodeToString(sum[:])
		}
	}
	b, err := json.Marshal(m)
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, "manifest.json"), b, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func rewrite(t *testing.T, name string, change func(string) string) {
	t.Helper()
	was, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	is := change(string(was))
	if is == string(was) {
		t.Fatalf("%s was not changed", name)
	}
	if err := os.WriteFile(name, []byte(is), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.WriteFile(name, was, 0o600); err != nil {
			t.Error(err)
		}
	})
}

// An export is not written over anything, and what was begun and failed is not left behind.
func TestAnExportIsWholeOrNotThere(t *testing.T) {
	st := storetest.Open(t, storetest.Config(t, "sqlite"))
	s := lived(t, st)
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "mine.txt"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := upkeep.ExportShop(t.Context(), st, storetest.Box(t), s, dir, upkeep.ShopExport{})
	if p, ok := errors.AsType[*loyalty.Problem](err); !ok || p.Code != "folder_not_empty" {
		t.Errorf("into a folder that holds something: %v", err)
	}
	parent := t.TempDir()
	ctx, stop := context.WithCancel(t.Context())
	_, err = upkeep.ExportShop(ctx, st, storetest.Box(t), s, filepath.Join(parent, "shop"), upkeep.ShopExport{Progress: func(n int64) {
		if n == 3 {
			stop()
		}
	}})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("stopped: %v", err)
	}
	if left, err := os.ReadDir(parent); err != nil || len(left) > 0 {
		t.Errorf("it left %v, %v", left, err)
	}
}

// An export has every row of its shop, counted by hand, and nothing of its neighbour (X3).
func TestAnExportIsOfOneShopAlone(t *testing.T) {
	storetest.Each(t, func(t *testing.T, st *store.Store) {
		imported(t, st)
		s := lived(t, st)
		dir, m := exported(t, st, s, upkeep.ShopExport{})
		theirs := storetest.Rows(t, st, s.ID)
		seen := 0
		for _, f := range m.Files {
			if want, ok := theirs[f.Table]; ok {
				seen++
				if f.Rows != int64(want) {
					t.Errorf("%s has %d rows, the shop %d", f.Name, f.Rows, want)
				}
			}
			b, err := os.ReadFile(filepath.Join(dir, f.Name))
			if err != nil {
				t.Fatal(err)
			}
			if bytes.Contains(b, []byte("online-retail")) || int64(bytes.Count(b, []byte("\n"))) != f.Rows {
				t.Errorf("%s speaks of the neighbour, or has another number of lines than %d", f.Name, f.Rows)
			}
		}
		if seen != len(theirs) || theirs["postings"] < 10 {
			t.Errorf("%d of %d tables were counted: %v", seen, len(theirs), theirs)
		}
	})
}
