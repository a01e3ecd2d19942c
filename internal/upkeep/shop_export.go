package upkeep

import (
	"bufio"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"cagnotte/internal/id"
	"cagnotte/internal/loyalty"
	"cagnotte/internal/rules"
	"cagnotte/internal/seal"
	"cagnotte/internal/store"
)

// ShopExport says how a shop is exported.
type ShopExport struct {
	Clear    bool   // write names and addresses readable beside the sealed ones
	MadeBy   string // the program's version
	Progress func(rows int64)
}

// Folders of an export.
const (
	liveFolder = "live"
	testFolder = "test"
)

// ExportShop writes a live shop and its test twin into a new folder, as they were at one
// instant: every row of every table that is theirs, a line each, and what people want to
// read. Persons stay sealed. The folder is there when it is whole, and not before; one that
// holds anything is refused.
func ExportShop(ctx context.Context, st *store.Store, box *seal.Box, shop *loyalty.Shop, dir string, o ShopExport) (_ *Manifest, err error) {
	if shop.Twin() {
		return nil, loyalty.Invalid("shop", "export_twin")
	}
	if err := emptyFolder(dir); err != nil {
		return nil, err
	}
	draft := unfinished(dir)
	if err := os.MkdirAll(draft, 0o700); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.RemoveAll(draft))
		}
	}()
	root, err := os.OpenRoot(draft)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	v, err := st.View(ctx, 1)
	if err != nil {
		return nil, fmt.Errorf("export: %w", err)
	}
	defer func() { err = errors.Join(err, v.Close()) }()
	x := &exporter{st: st, v: v, box: box, root: root, ShopExport: o, m: &Manifest{
		Format: exportFormat, Version: exportVersion, MadeBy: o.MadeBy, MadeAt: st.Clock(), Engine: st.Engine(), MasterKey: box.Fingerprint(),
	}}
	if err := x.all(ctx, shop); err != nil {
		return nil, fmt.Errorf("export: %w", err)
	}
	if err := os.Rename(draft, dir); err != nil { // onto an empty folder, or nothing
		return nil, err
	}
	return x.m, nil
}

// unfinished is a name beside a file or folder for what is not whole yet.
func unfinished(name string) string {
	return filepath.Join(filepath.Dir(name), "."+filepath.Base(name)+".unfinished-"+rand.Text()[:8])
}

func emptyFolder(dir string) error {
	switch list, err := os.ReadDir(dir); {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case len(list) > 0:
		return loyalty.Conflict("into", "folder_not_empty")
	}
	return nil
}

// exporter is an export under way.
type exporter struct {
	ShopExport
	st   *store.Store
	v    *store.View
	box  *seal.Box
	root *os.Root
	m    *Manifest
	rows int64
}

func (x *exporter) all(ctx context.Context, live *loyalty.Shop) (err error) {
	if x.m.Schema, err = x.st.Schema(ctx); err != nil {
		return err
	}
	tables, err := x.st.TravelTables(ctx)
	if err != nil {
		return err
	}
	shops, err := x.v.Shops(ctx)
	if err != nil {
		return err
	}
	for _, s := range shops {
		folder := liveFolder
		switch {
		case s.LiveShop == live.ID:
			folder = testFolder
		case s.ID != live.ID:
			continue
		}
		if err := x.shop(ctx, s, folder, tables); err != nil {
			return fmt.Errorf("shop %s: %w", s.Slug, err)
		}
	}
	if len(x.m.Shops) == 0 {
		return loyalty.NotFound("shop", "shop_unknown")
	}
	b, err := json.MarshalIndent(x.m, "", "  ")
	if err != nil {
		return err
	}
	return x.write(manifestName, func(w io.Writer) error {
		_, err := w.Write(append(b, '\n'))
		return err
	})
}

func (x *exporter) shop(ctx context.Context, s *loyalty.Shop, folder string, tables []*store.Table) error {
	if err := x.root.Mkdir(folder, 0o700); err != nil {
		return err
	}
	at, err := x.v.LastRecorded(ctx, s.ID)
	if err != nil {
		return err
	}
	digest, err := digestOf(ctx, x.v, s, at)
	if err != nil {
		return err
	}
	x.m.Shops = append(x.m.Shops, MovedShop{folder, s.Slug, at, digest})
	texts := &programTexts{names: map[string]string{}, shop: s}
	for _, t := range tables {
		if err := x.table(ctx, s, folder, t, texts); err != nil {
			return fmt.Errorf("%s: %w", t.Name, err)
		}
	}
	if err := x.file(folder+"/programs.txt", "", nil, texts.write); err != nil {
		return err
	}
	if !x.Clear {
		return nil
	}
	return x.file(folder+"/persons_readable.jsonl", "", nil, func(w *counted) error { return x.persons(ctx, s, w) })
}

func (x *exporter) table(ctx context.Context, s *loyalty.Shop, folder string, t *store.Table, texts *programTexts) error {
	rows := newRowWriter(t)
	return x.file(folder+"/"+t.Name+".jsonl", t.Name, columnsOf(t), func(w *counted) error {
		return x.v.Rows(ctx, t, s.ID, func(values []any) error {
			line, err := rows.row(values)
			if err != nil {
				return err
			}
			if err := texts.note(t, values); err != nil {
				return err
			}
			if x.rows++; x.Progress != nil {
				x.Progress(x.rows)
			}
			return w.line(line)
		})
	})
}

// persons writes what is known of people in clear, for the shop's owner.
func (x *exporter) persons(ctx context.Context, s *loyalty.Shop, w *counted) error {
	return x.v.SealedPersons(ctx, s.ID, func(m id.Member, sealed, wrapped []byte) error {
		text, err := x.box.Open(wrapped, sealed)
		if err != nil {
			return fmt.Errorf("person of %s: %w", m, err)
		}
		line, err := json.Marshal(struct {
			Member id.Member       `json:"member_id"`
			Person json.RawMessage `json:"person"`
		}{m, text})
		if err != nil {
			return err
		}
		return w.line(append(line, '\n'))
	})
}

// counted writes a file and notes what the manifest says of it.
type counted struct {
	w     *bufio.Writer
	sum   hash.Hash
	bytes int64
	rows  int64
}

func (c *counted) line(b []byte) error {
	c.rows++
	c.bytes += int64(len(b))
	_, _ = c.sum.Write(b) // never fails (hash.Hash)
	_, err := c.w.Write(b)
	return err
}

// file writes a file of the export and enters it in the manifest.
func (x *exporter) file(name, table string, columns []string, fill func(*counted) error) error {
	c := &counted{sum: sha256.New()}
	err := x.write(name, func(w io.Writer) error {
		c.w = bufio.NewWriterSize(w, 1<<16)
		return errors.Join(fill(c), c.w.Flush())
	})
	x.m.Files = append(x.m.Files, MovedTable{name, table, columns, c.rows, c.bytes, hex.EncodeToString(c.sum.Sum(nil))})
	return err
}

// write makes a file that only its owner can read, and waits until it is on the disk.
func (x *exporter) write(name string, fill func(io.Writer) error) error {
	f, err := x.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	err = fill(f)
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

// programTexts gathers the programs of a shop as people write them, from the rows that
// pass: first the names, then the versions.
type programTexts struct {
	shop  *loyalty.Shop
	names map[string]string
	text  strings.Builder
}

func (p *programTexts) note(t *store.Table, values []any) error {
	at := func(name string) any {
		for i, c := range t.Columns {
			if c.Name == name {
				return values[i]
			}
		}
		return nil
	}
	switch t.Name {
	case "programs":
		key, _ := at("id").([]byte)
		p.names[string(key)], _ = at("name").(string)
	case "program_versions":
		key, _ := at("program_id").([]byte)
		document, _ := at("document").(string)
		doc := &rules.Document{}
		if err := json.Unmarshal([]byte(document), doc); err != nil {
			return err
		}
		fmt.Fprintf(&p.text, "# %s, version %v\n%s\n", p.names[string(key)], at("version"), doc.Text(rules.SettingOf(p.shop)))
	}
	return nil
}

func (p *programTexts) write(w *counted) error {
	for l := range strings.Lines(p.text.String()) {
		if err := w.line([]byte(l)); err != nil {
			return err
		}
	}
	return nil
}
